/* presence.c: who is here, and who may know it (RFC 6121 section 4), among local users.
 *
 * A session's last available presence is kept serialised without `to`, which is put in for each receiver.
 * Both ends of a subscription are in memory while their users are here, so a login probes nobody: it looks.
 * Directed presence is remembered per session, capped, and taken back at the end. Blocking hides in both
 * directions. Subscription stanzas are subscribe.c's.
 */
#include "xmpp/mod/presence.h"

#include <stdlib.h>
#include <string.h>

#include "xmpp/filebox.h"
#include "xmpp/mod/blocking.h"
#include "xmpp/mod/contacts.h"
#include "xmpp/router.h"

#define DIRECTED_MAX 256

struct directed { /* in the session's slot */
    size_t n;
    char *jids[DIRECTED_MAX]; /* prepared, as they were addressed */
};

static unsigned slot;
static const char open_tag[] = "<presence";

/* xml begins with open_tag and has no `to`. */
static void send_to(struct session *s, const char *xml, size_t n, const char *to)
{
    struct buf b = {0};
    buf_adds(&b, open_tag);
    buf_adds(&b, " to='");
    buf_add_xml(&b, to, strlen(to));
    buf_addc(&b, '\'');
    buf_add(&b, xml + sizeof(open_tag) - 1, n - (sizeof(open_tag) - 1));
    session_send_raw(s, b.data, b.len);
    buf_free(&b);
}

static void send_to_user(struct user *u, const char *xml, size_t n)
{
    for (struct session *s = u ? u->first : NULL, *next; s; s = next) {
        next = s->user_next;
        if (s->available)
            send_to(s, xml, n, u->jid);
    }
}

static void unavailable_xml(const struct session *s, struct buf *out)
{
    buf_addf(out, "%s type='unavailable' from='", open_tag);
    buf_add_xml(out, s->jid.text, s->jid.len);
    buf_adds(out, "'/>");
}

void presence_show(const char *of, const char *to, bool show)
{
    struct user *seer = registry_user_entry(to);
    filebox_look(of, to);
    for (struct session *s = registry_user(of), *next; s && seer; s = next) {
        next = s->user_next;
        if (!s->available)
            continue;
        struct buf b = {0};
        if (!show)
            unavailable_xml(s, &b);
        else
            buf_add(&b, s->presence.data, s->presence.len);
        send_to_user(seer, b.data, b.len);
        buf_free(&b);
    }
}

/* --- broadcasts --- */
static bool hidden(const struct session *s, const struct user *seer)
{
    return blocking_between(s->user, &s->jid, seer);
}

/* To everybody who is subscribed, and to his own resources, himself too. */
static void broadcast(struct session *s, const char *xml, size_t n)
{
    const struct contacts *c = contacts_of(s->user);
    for (size_t i = 0; i < c->n; i++) {
        struct user *seer = c->items[i]->sub & SUB_FROM ? registry_user_entry(c->items[i]->jid) : NULL;
        if (seer && seer != s->user && !hidden(s, seer))
            send_to_user(seer, xml, n);
    }
    send_to_user(s->user, xml, n);
}

/* What a session that has just come must see: those it is subscribed to, its user's other resources, and who
 * waits for an answer. */
static void look_around(struct session *s)
{
    const struct contacts *c = contacts_of(s->user);
    for (size_t i = 0; i < c->n; i++) {
        struct user *u = c->items[i]->sub & SUB_TO ? registry_user_entry(c->items[i]->jid) : NULL;
        if (!u || u == s->user || !contacts_sees_us(u, s->user->jid))
            continue;
        for (struct session *o = u->first; o; o = o->user_next)
            if (o->available && !hidden(o, s->user))
                send_to(s, o->presence.data, o->presence.len, s->user->jid);
    }
    for (struct session *o = s->user->first; o; o = o->user_next)
        if (o->available && o != s)
            send_to(s, o->presence.data, o->presence.len, s->user->jid);
    for (size_t i = 0; i < c->n; i++) {
        if (!c->items[i]->pending_in)
            continue;
        struct buf b = {0};
        buf_addf(&b, "%s type='subscribe' from='", open_tag);
        buf_add_xml(&b, c->items[i]->jid, strlen(c->items[i]->jid));
        buf_adds(&b, "'/>");
        send_to(s, b.data, b.len, s->user->jid);
        buf_free(&b);
    }
}

/* --- directed presence --- */
static bool remember(struct session *s, const char *jid)
{
    struct directed *d = s->slots[slot];
    if (!d)
        d = s->slots[slot] = xcalloc(1, sizeof(*d));
    for (size_t i = 0; i < d->n; i++)
        if (!strcmp(d->jids[i], jid))
            return true;
    if (d->n == DIRECTED_MAX)
        return false;
    d->jids[d->n++] = xstrdup(jid);
    return true;
}

static void forget(struct session *s, const char *jid)
{
    struct directed *d = s->slots[slot];
    for (size_t i = 0; d && i < d->n; i++) {
        if (strcmp(d->jids[i], jid))
            continue;
        free(d->jids[i]);
        d->jids[i] = d->jids[--d->n];
        return;
    }
}

/* To those who were told in person and are not told by the broadcast; then nobody is remembered. */
static void take_back_directed(struct session *s, const char *xml, size_t n)
{
    struct directed *d = TAKE(s->slots[slot]);
    for (size_t i = 0; d && i < d->n; i++) {
        struct session *full = registry_full(d->jids[i]);
        struct user *u = full ? full->user : registry_user_entry(d->jids[i]);
        if (u && u != s->user && !hidden(s, u) && !(s->available && contacts_sees_us(s->user, u->jid))) {
            if (full)
                send_to(full, xml, n, full->jid.text);
            else
                send_to_user(u, xml, n);
        }
        free(d->jids[i]);
    }
    free(d);
}

/* --- a session's own --- */
static const struct buf *last_words; /* of the session that goes unavailable by its own words */

static void unavailable(struct session *s)
{
    struct buf made = {0};
    if (!last_words)
        unavailable_xml(s, &made);
    const struct buf *words = last_words ? last_words : &made;
    take_back_directed(s, words->data, words->len);
    broadcast(s, words->data, words->len);
    buf_free(&made);
    buf_free(&s->presence);
}

static bool read_priority(const struct stanza *st, int8_t *out)
{
    const char *text = stanza_text(stanza_find(st, NULL, "priority"));
    char *end;
    long v = strtol(text, &end, 10);
    while (*end == ' ' || *end == '\n' || *end == '\t' || *end == '\r')
        end++;
    *out = (int8_t)v;
    return !*end && v >= -128 && v <= 127;
}

static int available_now(struct packet *p)
{
    struct session *s = p->from_session;
    int8_t priority, before = s->priority;
    bool first = !s->available;
    if (!read_priority(p->st, &priority))
        return REFUSE_BAD_REQUEST;
    struct buf xml = {0};
    stanza_write(p->st, NS_CLIENT, &xml);
    buf_free(&s->presence);
    s->presence = xml;
    s->priority = priority;
    s->available = true;
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        if (m->session_presence)
            m->session_presence(s, p->st);
    broadcast(s, xml.data, xml.len);
    if (first)
        look_around(s);
    if (!first && (before < 0) == (priority < 0))
        return MOD_HANDLED;
    for (const struct mod *m = mod_next(NULL); m && s->available; m = mod_next(m))
        if (m->session_available)
            m->session_available(s);
    return MOD_HANDLED;
}

static int unavailable_now(struct packet *p)
{
    struct session *s = p->from_session;
    struct buf xml = {0};
    stanza_write(p->st, NS_CLIENT, &xml);
    last_words = &xml;
    if (!s->available) /* he may have shown himself to some in person */
        take_back_directed(s, xml.data, xml.len);
    for (const struct mod *m = mod_next(NULL); m && s->available; m = mod_next(m))
        if (m->session_unavailable)
            m->session_unavailable(s);
    s->available = false;
    last_words = NULL;
    buf_free(&xml);
    return MOD_HANDLED;
}

static int own(struct packet *p)
{
    bool gone = !strcmp(p->type, "unavailable");
    if (*p->type && !gone) {
        if (!strcmp(p->type, "probe") || !strcmp(p->type, "error"))
            return MOD_HANDLED;
        return REFUSE_BAD_REQUEST;
    }
    if (p->to_raw) { /* to his own bare address */
        router_forward(p);
        return MOD_HANDLED;
    }
    return gone ? unavailable_now(p) : available_now(p);
}

/* To somebody in person. */
static int in_person(struct packet *p)
{
    if (!*p->type) {
        if (!remember(p->from_session, p->to.text))
            return REFUSE_TOO_MANY;
    } else if (!strcmp(p->type, "unavailable")) {
        forget(p->from_session, p->to.text);
    } else if (!strcmp(p->type, "probe")) {
        const char *bare = jid_bare(p->arena, &p->to);
        struct user *u = registry_user_entry(bare);
        for (struct session *o = u ? u->first : NULL; o; o = o->user_next)
            if (o->available && contacts_sees_us(u, p->from_session->user->jid))
                send_to(p->from_session, o->presence.data, o->presence.len, p->from.text);
        filebox_probed(p->from_session, bare);
        return MOD_HANDLED;
    } else if (strcmp(p->type, "error") && strcmp(p->type, "subscribe") && strcmp(p->type, "unsubscribe") &&
               strcmp(p->type, "subscribed") && strcmp(p->type, "unsubscribed")) {
        return REFUSE_BAD_REQUEST;
    }
    return MOD_PASS;
}

/* Gone without having been available: those he showed himself to in person are told all the same. */
static void session_gone(struct session *s)
{
    struct buf b = {0};
    if (!s->slots[slot])
        return;
    unavailable_xml(s, &b);
    take_back_directed(s, b.data, b.len);
    buf_free(&b);
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    slot = mod_session_slot();
    return 0;
}

static const struct mod_route routes[] = {
    {"presence", NULL, TARGET_ACCOUNT, NULL, NULL, own},
    {"presence", NULL, TARGET_USER, NULL, NULL, in_person},
    {.fn = NULL},
};

static const struct mod presence = {
    .name = "presence",
    .routes = routes,
    .start = start,
    .session_unavailable = unavailable,
    .session_gone = session_gone,
};
MOD_REGISTER(presence);
