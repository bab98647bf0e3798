/* blocking.c: the blocking command (XEP-0191).
 *
 * A user's list is loaded before his first session is bound. The filter speaks before any handler, so a
 * blocked sender reaches no mailbox either. What passes between a user and himself is never blocked. A list
 * may name a full JID, a bare one, a domain, or a domain with a resource; it blocks what it matches.
 */
#include "xmpp/mod/blocking.h"

#include <stdlib.h>
#include <string.h>

#include "storage/roster.h"
#include "xmpp/announce.h"
#include "xmpp/filebox.h"
#include "xmpp/mod/contacts.h"
#include "xmpp/mod/presence.h"
#include "xmpp/router.h"

#define ITEMS_MAX 1000 /* in one request */

struct blocks {
    char **jids;
    size_t n;
};

static unsigned slot; /* non-NULL: the session asked for the list, so it gets pushes */

/* --- the list --- */
static bool listed(const struct blocks *b, const char *jid, size_t n)
{
    for (size_t i = 0; i < b->n; i++)
        if (!strncmp(b->jids[i], jid, n) && !b->jids[i][n])
            return true;
    return false;
}

bool blocking_blocks(const struct user *owner, const struct jid *who)
{
    const struct blocks *b = owner ? owner->data[USER_BLOCKS] : NULL;
    if (!b || !b->n)
        return false;
    size_t domain = who->node_len ? who->node_len + 1u : 0;
    return listed(b, who->text, who->len) || listed(b, who->text, who->bare_len) ||
           listed(b, who->text + domain, who->len - domain) ||
           listed(b, who->text + domain, who->bare_len - domain);
}

static struct jid bare_of(const struct user *u)
{
    const char *at = strchr(u->jid, '@');
    size_t n = strlen(u->jid);
    return (struct jid){.text = u->jid,
                        .node_len = (uint16_t)(at ? at - u->jid : 0),
                        .bare_len = (uint16_t)n,
                        .len = (uint16_t)n};
}

bool blocking_between(const struct user *user, const struct jid *who, const struct user *other)
{
    struct jid bare = bare_of(other);
    return blocking_blocks(other, who) || blocking_blocks(user, &bare);
}

static void put_in(struct blocks *b, const char *jid)
{
    if (listed(b, jid, strlen(jid)))
        return;
    b->jids = xrealloc(b->jids, (b->n + 1) * sizeof(*b->jids));
    b->jids[b->n++] = xstrdup(jid);
}

static void take_out(struct blocks *b, const char *jid)
{
    for (size_t i = 0; i < b->n; i++) {
        if (strcmp(b->jids[i], jid))
            continue;
        free(b->jids[i]);
        b->jids[i] = b->jids[--b->n];
        return;
    }
}

static void loaded(void *arg, const char *const *jids, size_t n)
{
    char *owner = arg;
    struct user *u = registry_user_entry(owner);
    FERRY_ASSERT(u && u->data[USER_BLOCKS]);
    u->unknown = u->unknown || n == LOAD_FAILED;
    for (size_t i = 0; n != LOAD_FAILED && i < n; i++)
        put_in(u->data[USER_BLOCKS], jids[i]);
    registry_user_loaded(owner);
    free(owner);
}

static void user_load(struct user *u)
{
    u->data[USER_BLOCKS] = xcalloc(1, sizeof(struct blocks));
    block_load(mod_storage(), u->jid, mod_home(), loaded, xstrdup(u->jid));
}

static void user_gone(struct user *u)
{
    struct blocks *b = u->data[USER_BLOCKS];
    for (size_t i = 0; b && i < b->n; i++)
        free(b->jids[i]);
    if (b)
        free(b->jids);
    free(b);
    u->data[USER_BLOCKS] = NULL;
}

/* --- the filter --- */
static enum refuse filter(struct packet *p)
{
    const struct user *from = p->from_session ? p->from_session->user : NULL;
    if (!from || jid_bare_equal(&p->from, &p->to))
        return REFUSE_OK;
    if (blocking_blocks(from, &p->to))
        return REFUSE_BLOCKED_BY_YOU;
    const char *bare = jid_is_bare(&p->to) ? p->to.text : jid_bare(p->arena, &p->to);
    return blocking_blocks(registry_user_entry(bare), &p->from) ? REFUSE_BLOCKED : REFUSE_OK;
}

/* --- presence that follows a change: contacts who share presence, matched by the JIDs that changed --- */
static bool touched(const struct blocks *changed, const char *contact)
{
    struct arena *a = router_arena();
    struct jid j;
    struct user *u = registry_user_entry(contact);
    bool hit = false;
    if (u && !jid_parse(a, contact, strlen(contact), &j)) {
        size_t domain = j.node_len ? j.node_len + 1u : 0;
        hit = listed(changed, j.text, j.len) || listed(changed, j.text + domain, j.len - domain);
        for (struct session *s = u->first; s && !hit; s = s->user_next)
            hit = listed(changed, s->jid.text, s->jid.len);
    }
    arena_put(a);
    return hit;
}

static void presence_follows(const char *owner, const struct blocks *changed, bool blocked)
{
    struct user *u = registry_user_entry(owner);
    const struct contacts *c = contacts_of(u);
    struct jid me = u ? bare_of(u) : (struct jid){.text = owner};
    for (size_t i = 0; i < c->n; i++) {
        const struct roster_item *item = c->items[i];
        struct user *other = registry_user_entry(item->jid);
        if (!other || !touched(changed, item->jid) || (!blocked && blocking_between(u, &me, other)))
            continue;
        if (item->sub & SUB_FROM)
            presence_show(owner, item->jid, !blocked);
        if ((item->sub & SUB_TO) && !blocked)
            presence_show(item->jid, owner, true);
    }
}

/* --- the commands --- */
struct change {
    struct pending *q;
    char *owner;
    bool block;
    struct blocks jids; /* none in an unblock: all */
};

static void change_free(struct change *c)
{
    for (size_t i = 0; i < c->jids.n; i++)
        free(c->jids.jids[i]);
    free(c->jids.jids);
    free(c->owner);
    free(c);
}

static void push(const struct change *c, bool everything)
{
    for (struct session *s = registry_user(c->owner), *next; s; s = next) {
        next = s->user_next;
        if (!s->slots[slot])
            continue;
        struct arena *a = router_arena();
        struct stanza *iq = session_iq(a, s, "set");
        struct stanza *list = stanza_child(iq, NS_BLOCKING, c->block ? "block" : "unblock");
        for (size_t i = 0; i < c->jids.n && !everything; i++)
            stanza_set(stanza_child(list, NULL, "item"), "jid", c->jids.jids[i]);
        session_send(s, iq);
        arena_put(a);
    }
}

static void changed(void *arg, enum refuse r)
{
    struct change *c = arg;
    struct user *u = registry_user_entry(c->owner);
    struct blocks *b = u ? u->data[USER_BLOCKS] : NULL;
    if (r != REFUSE_OK) {
        pending_refuse(&c->q, r, NULL);
        change_free(c);
        return;
    }
    bool everything = !c->jids.n;
    for (size_t i = 0; b && everything && i < b->n; i++)
        put_in(&c->jids, b->jids[i]);
    if (c->block) /* while they may still be reached */
        presence_follows(c->owner, &c->jids, true);
    for (size_t i = 0; b && i < c->jids.n; i++) {
        if (c->block)
            put_in(b, c->jids.jids[i]);
        else
            take_out(b, c->jids.jids[i]);
    }
    pending_result(&c->q, NULL);
    push(c, everything);
    if (!c->block)
        presence_follows(c->owner, &c->jids, false);
    filebox_changed(c->owner);
    announce_blocks_changed(c->owner);
    change_free(c);
}

static enum refuse read_items(struct packet *p, struct blocks *out)
{
    struct jid j;
    for (const struct stanza *el = stanza_first_element(p->payload); el; el = stanza_next_element(el)) {
        const char *raw = stanza_get(el, "jid");
        if (!stanza_is(el, NS_BLOCKING, "item") || !raw || out->n == ITEMS_MAX)
            return REFUSE_BAD_REQUEST;
        if (jid_parse(p->arena, raw, strlen(raw), &j))
            return REFUSE_JID_MALFORMED;
        put_in(out, j.text);
    }
    return REFUSE_OK;
}

static int change(struct packet *p)
{
    struct change *c = xcalloc(1, sizeof(*c));
    c->block = !strcmp(p->payload->name, "block");
    enum refuse r = read_items(p, &c->jids);
    if (r == REFUSE_OK && c->block && !c->jids.n)
        r = REFUSE_BAD_REQUEST;
    if (r != REFUSE_OK) {
        change_free(c);
        return (int)r;
    }
    c->owner = xstrdup(p->from_session->user->jid);
    c->q = router_hold(p);
    if (c->block)
        block_add(mod_storage(), c->owner, (const char *const *)c->jids.jids, c->jids.n, mod_home(), changed,
                  c);
    else
        block_remove(mod_storage(), c->owner, (const char *const *)c->jids.jids, c->jids.n, mod_home(),
                     changed, c);
    return MOD_HANDLED;
}

static int list(struct packet *p)
{
    static char asked;
    struct stanza *out = stanza_new(p->arena, NS_BLOCKING, "blocklist");
    const struct blocks *b = p->from_session->user->data[USER_BLOCKS];
    for (size_t i = 0; i < b->n; i++)
        stanza_set(stanza_child(out, NULL, "item"), "jid", b->jids[i]);
    p->from_session->slots[slot] = &asked;
    router_result(p, out);
    return MOD_HANDLED;
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    slot = mod_session_slot();
    return 0;
}

static const struct mod_route routes[] = {
    {"iq", "get", TARGET_ACCOUNT, NS_BLOCKING, "blocklist", list},
    {"iq", "set", TARGET_ACCOUNT, NS_BLOCKING, "block", change},
    {"iq", "set", TARGET_ACCOUNT, NS_BLOCKING, "unblock", change},
    {.fn = NULL},
};
static const char *const features[] = {NS_BLOCKING, NULL};

static const struct mod blocking = {
    .name = "blocking",
    .features = features,
    .account_features = features,
    .routes = routes,
    .start = start,
    .user_load = user_load,
    .user_gone = user_gone,
    .filter = filter,
};
MOD_REGISTER(blocking);
