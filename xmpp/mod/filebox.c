/* filebox.c: Pidgin, Gajim and their like refuse to send a file to a contact they see no resource of, or none
 * that can take it. For them a user has a filebox: while none of his available resources can take the kind of
 * transfer that a contact's client speaks, this client sees `user@domain/ferry`, and what it sends there
 * Ferry takes for him.
 *
 * A client sees it when it knows SI or Jingle file transfer and no links (it would upload, where that is by
 * HTTPS); one that shows no capabilities at all is taken for one that knows SI. Only a contact who is
 * subscribed sees it, only while neither blocks the other, and only when storage says that a file of his
 * would be taken: the same question as for an offer. Whether a box is seen is kept per session, and judged
 * anew after every change of what it depends on.
 */
#include "xmpp/filebox.h"

#include <stdlib.h>
#include <string.h>

#include "storage/grant.h"
#include "storage/settings.h"
#include "xmpp/caps.h"
#include "xmpp/capsform.h"
#include "xmpp/mod/blocking.h"
#include "xmpp/mod/contacts.h"
#include "xmpp/router.h"

struct box {
    bool shown; /* not yet: storage is being asked */
    char owner[];
};

struct boxes { /* in the session's slot, sorted by owner */
    size_t n, room;
    struct box **items;
};

static unsigned slot;
static bool used;                     /* it was on since the start */
static const struct session *leaving; /* about to be unavailable: counts as if it were */
static char node[sizeof(NS_FERRY) + 1 + CAPSFORM_VER];

/* --- what the box can --- */

static void describe(struct stanza *query)
{
    struct stanza *id = stanza_child(query, NULL, "identity");
    stanza_set(id, "category", "client");
    stanza_set(id, "type", "bot");
    stanza_set(id, "name", "Ferry");
    stanza_set(stanza_child(query, NULL, "feature"), "var", NS_DISCO_INFO);
    stanza_set(stanza_child(query, NULL, "feature"), "var", NS_CAPS);
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        for (const char *const *f = m->box_features; f && *f; f++)
            stanza_set(stanza_child(query, NULL, "feature"), "var", *f);
}

static const char *ver(void)
{
    if (!*node) {
        struct arena *arena = router_arena();
        struct stanza *query = stanza_new(arena, NS_DISCO_INFO, "query");
        describe(query);
        memcpy(node, NS_FERRY "#", sizeof(NS_FERRY));
        bool good = capsform_ver(query, node + sizeof(NS_FERRY));
        FERRY_ASSERT(good); /* two modules with one feature */
        arena_put(arena);
    }
    return node + sizeof(NS_FERRY);
}

static void say(struct session *s, const char *owner, bool shown)
{
    struct arena *arena = router_arena();
    struct stanza *st = stanza_new(arena, NS_CLIENT, "presence");
    stanza_set(st, "from", arena_printf(arena, "%s/%s", owner, SESSION_RESERVED));
    stanza_set(st, "to", s->jid.text);
    if (shown) {
        stanza_child_text(st, NULL, "show", "xa");
        stanza_child_text(st, NULL, "priority", "-1");
        struct stanza *c = stanza_child(st, NS_CAPS, "c");
        stanza_set(c, "hash", "sha-1");
        stanza_set(c, "node", NS_FERRY);
        stanza_set(c, "ver", ver());
    } else {
        stanza_set(st, "type", "unavailable");
    }
    session_send(s, st);
    arena_put(arena);
}

/* --- who sees it --- */

/* What the client sends files by, when it has nothing better. */
static unsigned sends(const struct session *s)
{
    if (caps_none(s))
        return CAPS_SI;
    if (caps_has(s, CAPS_LINKS) != CAPS_NO && strncmp(link_base(), "https:", 6) == 0)
        return 0; /* it uploads; by plain HTTP such clients do not */
    return (caps_has(s, CAPS_SI) == CAPS_YES ? CAPS_SI : 0) |
           (caps_has(s, CAPS_JINGLE) == CAPS_YES ? CAPS_JINGLE : 0);
}

/* What some resource of his takes, as far as is known. */
static unsigned takes(const struct user *u)
{
    unsigned out = 0;
    for (const struct session *s = u ? u->first : NULL; s; s = s->user_next) {
        if (!s->available || s == leaving)
            continue;
        if (!s->lacks_si && caps_has(s, CAPS_SI) != CAPS_NO)
            out |= CAPS_SI;
        if (!caps_none(s) && caps_has(s, CAPS_JINGLE) != CAPS_NO)
            out |= CAPS_JINGLE;
    }
    return out;
}

static bool may_see(const struct session *s, const char *owner)
{
    const struct user *u = registry_user_entry(owner);
    const char *at = strchr(owner, '@');
    if (!at || !mod_served_domain(at + 1) || !contacts_we_see(s->user, owner))
        return false;
    struct jid jid = {.text = owner, .node_len = (uint16_t)(at - owner)};
    jid.bare_len = jid.len = (uint16_t)strlen(owner);
    if (blocking_blocks(s->user, &jid))
        return false;
    /* Of one who is away storage knows the list and the roster. */
    return !u || !u->first || (contacts_sees_us(u, s->user->jid) && !blocking_between(s->user, &s->jid, u));
}

static bool due(const struct session *s, const char *owner)
{
    if (!conf_get()->offers_filebox || !s->available || s == leaving || !strcmp(owner, s->user->jid))
        return false;
    unsigned by = sends(s);
    return by && !(by & takes(registry_user_entry(owner))) && may_see(s, owner) &&
           settings_get(mod_storage(), owner, SETTING_TAKEOVER, NULL) == SETTING_ON;
}

/* --- the boxes a session sees --- */

/* Where it is, or would be. */
static size_t place(const struct boxes *l, const char *owner, bool *found)
{
    size_t low = 0, high = l ? l->n : 0;
    *found = false;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int d = strcmp(l->items[mid]->owner, owner);
        if (d == 0) {
            *found = true;
            return mid;
        }
        if (d < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct box *find(const struct session *s, const char *owner)
{
    const struct boxes *l = s->slots[slot];
    bool found;
    size_t at = place(l, owner, &found);
    return found ? l->items[at] : NULL;
}

static void add(struct session *s, const char *owner)
{
    struct boxes *l = s->slots[slot];
    bool found;
    size_t at = place(l, owner, &found), n = strlen(owner) + 1;
    if (!l)
        l = s->slots[slot] = xcalloc(1, sizeof(*l));
    if (l->n == l->room) {
        l->room = l->room ? l->room * 2 : 8;
        l->items = xrealloc(l->items, l->room * sizeof(struct box *));
    }
    struct box *b = xcalloc(1, sizeof(*b) + n);
    memcpy(b->owner, owner, n);
    memmove(l->items + at + 1, l->items + at, (l->n - at) * sizeof(struct box *));
    l->items[at] = b;
    l->n++;
}

static void take_away(struct session *s, const char *owner)
{
    struct boxes *l = s->slots[slot];
    bool found;
    size_t at = place(l, owner, &found);
    if (!found)
        return;
    if (l->items[at]->shown)
        say(s, owner, false);
    free(l->items[at]);
    memmove(l->items + at, l->items + at + 1, (l->n - at - 1) * sizeof(struct box *));
    l->n--;
}

static void forget(struct session *s)
{
    struct boxes *l = TAKE(s->slots[slot]);
    for (size_t i = 0; l && i < l->n; i++)
        free(l->items[i]);
    if (l)
        free(l->items);
    free(l);
}

/* --- judging --- */

struct question {
    uint64_t serial;
    char owner[];
};

static void on_asked(void *arg, enum refuse r)
{
    struct question *q = arg;
    struct session *s = session_by_serial(q->serial);
    struct box *b = s ? find(s, q->owner) : NULL;
    bool may = b && r == REFUSE_OK && due(s, q->owner);
    if (may && !b->shown)
        say(s, q->owner, true);
    if (may)
        b->shown = true;
    else if (b)
        take_away(s, q->owner);
    free(q);
}

/* anew: storage is asked about a box that is shown, too. */
static void look(struct session *s, const char *owner, bool anew)
{
    if (!due(s, owner)) {
        take_away(s, owner);
        return;
    }
    bool has = find(s, owner) != NULL;
    if (has && !anew)
        return;
    if (!has)
        add(s, owner);
    struct question *q = xcalloc(1, sizeof(*q) + strlen(owner) + 1);
    q->serial = s->serial;
    memcpy(q->owner, owner, strlen(owner) + 1);
    grant_ask(mod_storage(), s->user->jid, owner, 0, mod_home(), on_asked, q);
}

void filebox_look(const char *owner, const char *seer)
{
    used = used || conf_get()->offers_filebox;
    if (!used)
        return;
    for (struct session *s = registry_user(seer), *next; s; s = next) {
        next = s->user_next;
        look(s, owner, false);
    }
}

void filebox_changed(const char *bare)
{
    const struct contacts *c = contacts_of(registry_user_entry(bare));
    used = used || conf_get()->offers_filebox;
    for (size_t i = 0; used && i < c->n; i++) {
        if (c->items[i]->sub & SUB_FROM)
            filebox_look(bare, c->items[i]->jid);
        if (c->items[i]->sub & SUB_TO)
            filebox_look(c->items[i]->jid, bare);
    }
}

void filebox_lacks_si(struct session *s)
{
    if (s->lacks_si)
        return;
    s->lacks_si = true;
    filebox_changed(s->user->jid);
}

void filebox_probed(struct session *s, const char *owner)
{
    const struct box *b = find(s, owner);
    if (b && b->shown)
        say(s, owner, true);
}

/* --- disco#info of a resource that is not there --- */

struct description {
    struct pending *q;
    struct stanza *query; /* in its arena */
};

static void on_may_know(void *arg, enum refuse r)
{
    struct description *d = arg;
    if (r == REFUSE_OK)
        pending_result(&d->q, d->query);
    else
        pending_refuse(&d->q, REFUSE_UNAVAILABLE, NULL);
    free(d);
}

/* Whoever may not know is answered as if there were no filebox: by the router. */
static int on_info(struct packet *p)
{
    const char *owner = jid_bare(p->arena, &p->to), *asked = stanza_get(p->payload, "node");
    if (!conf_get()->offers_filebox || jid_is_bare(&p->to) || registry_full(p->to.text))
        return MOD_PASS;
    ver();
    if ((asked && strcmp(asked, node) != 0) || !may_see(p->from_session, owner) ||
        settings_get(mod_storage(), owner, SETTING_TAKEOVER, NULL) != SETTING_ON)
        return MOD_PASS;
    struct description *d = xcalloc(1, sizeof(*d));
    d->q = router_hold(p);
    d->query = stanza_new(pending_arena(d->q), NS_DISCO_INFO, "query");
    stanza_set(d->query, "node", asked ? node : NULL);
    describe(d->query);
    grant_ask(mod_storage(), p->from_session->user->jid, owner, 0, mod_home(), on_may_know, d);
    return MOD_HANDLED;
}

/* --- what happens to sessions --- */

static void changed(struct session *s)
{
    filebox_changed(s->user->jid);
}

static void session_unavailable(struct session *s)
{
    forget(s);
    leaving = s;
    filebox_changed(s->user->jid);
    leaving = NULL;
}

static bool look_at(struct session *s, void *arg)
{
    const char *owner = *(const char **)arg;
    if (s->available && (find(s, owner) || contacts_we_see(s->user, owner)))
        look(s, owner, true);
    return true;
}

/* Of one who may be away: his contacts are found by their own rosters. */
static void on_settings(void *arg, const char *owner)
{
    used = used || conf_get()->offers_filebox;
    if (used)
        registry_each(look_at, &owner);
}

static bool judge_one(struct session *s, void *arg)
{
    if (s->available)
        changed(s);
    return true;
}

static int reload(struct buf *why)
{
    registry_each(judge_one, NULL);
    return 0;
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    slot = mod_session_slot();
    settings_watch(st, mod_home(), on_settings, NULL);
    return 0;
}

static void stop(void)
{
    settings_watch(mod_storage(), NULL, NULL, NULL);
}

static const struct mod_route routes[] = {
    {"iq", "get", TARGET_USER, NS_DISCO_INFO, "query", on_info},
    {.fn = NULL},
};

static const struct mod mod_filebox = {.name = "filebox",
                                       .routes = routes,
                                       .start = start,
                                       .stop = stop,
                                       .reload = reload,
                                       .session_caps = changed,
                                       .session_available = changed,
                                       .session_unavailable = session_unavailable,
                                       .session_gone = forget};
MOD_REGISTER(mod_filebox);
