/* roster.c: a user's own list of contacts (RFC 6121 section 2): asked for, changed, pushed.
 *
 * Only an account's own sessions reach it (TARGET_ACCOUNT). What subscriptions do to it is subscribe.c's. */
#include <stdlib.h>
#include <string.h>

#include "xmpp/mod/contacts.h"
#include "xmpp/mod/subscribe.h"
#include "xmpp/router.h"

static void add_item(struct stanza *query, const struct roster_item *item)
{
    struct stanza *el = stanza_child(query, NULL, "item");
    stanza_set(el, "jid", item->jid);
    stanza_set(el, "subscription", subscription_name(item->sub));
    if (item->sub == SUB_REMOVE)
        return;
    if (*item->name)
        stanza_set(el, "name", item->name);
    if (item->ask)
        stanza_set(el, "ask", "subscribe");
    for (size_t i = 0; i < item->n_groups; i++)
        stanza_child_text(el, NULL, "group", item->groups[i]);
}

void roster_push(const char *owner, const struct roster_item *item)
{
    if (!item->in_roster && item->sub != SUB_REMOVE)
        return;
    for (struct session *s = registry_user(owner), *next; s; s = next) {
        next = s->user_next;
        if (!s->wants_roster)
            continue;
        struct arena *a = router_arena();
        struct stanza *iq = session_iq(a, s, "set");
        add_item(stanza_child(iq, NS_ROSTER, "query"), item);
        session_send(s, iq);
        arena_put(a);
    }
}

static int get(struct packet *p)
{
    struct stanza *query = stanza_new(p->arena, NS_ROSTER, "query");
    const struct contacts *c = contacts_of(p->from_session->user);
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i]->in_roster)
            add_item(query, c->items[i]);
    p->from_session->wants_roster = true;
    router_result(p, query);
    return MOD_HANDLED;
}

struct change {
    struct pending *q;
    char *owner;
    bool ask; /* a subscribe of ours was open when the item was removed */
};

static void changed(void *arg, enum refuse r, const struct roster_item *item, bool moved,
                    enum subscription before)
{
    struct change *c = arg;
    if (r != REFUSE_OK) {
        pending_refuse(&c->q, r, NULL);
    } else {
        contacts_changed(c->owner, item);
        roster_push(c->owner, item);
        pending_result(&c->q, NULL);
        if (item->sub == SUB_REMOVE)
            subscribe_contact_removed(c->owner, item->jid, before, c->ask);
    }
    free(c->owner);
    free(c);
}

#define ITEM_TEXT_MAX 2048 /* name and groups: a whole roster is in memory while its owner is here */

/* Groups without doubles and without empty names (RFC 6121 section 2.3.3). */
static enum refuse read_groups(struct arena *arena, const struct stanza *el, struct roster_item *item)
{
    const char **groups = arena_alloc(arena, (ROSTER_MAX_GROUPS + 1) * sizeof(*groups));
    size_t bytes = strlen(item->name);
    item->groups = groups;
    for (const struct stanza *g = stanza_find(el, NULL, "group"); g; g = stanza_next(g, NULL, "group")) {
        const char *name = stanza_text(g);
        if (!*name)
            return REFUSE_NOT_ACCEPTABLE;
        for (size_t i = 0; i < item->n_groups; i++)
            if (!strcmp(groups[i], name))
                return REFUSE_BAD_REQUEST;
        bytes += strlen(name);
        if (item->n_groups == ROSTER_MAX_GROUPS || bytes > ITEM_TEXT_MAX)
            return REFUSE_NOT_ACCEPTABLE;
        groups[item->n_groups++] = name;
    }
    return REFUSE_OK;
}

static int set(struct packet *p)
{
    const struct stanza *el = stanza_first_element(p->payload);
    const char *raw = stanza_get(el, "jid"), *sub = stanza_get(el, "subscription");
    struct jid jid;
    struct roster_item item = {.name = ""};
    if (!stanza_is(el, NS_ROSTER, "item") || stanza_next_element(el) || !raw)
        return REFUSE_BAD_REQUEST;
    if (jid_parse(p->arena, raw, strlen(raw), &jid))
        return REFUSE_JID_MALFORMED;
    item.jid = jid_bare(p->arena, &jid);
    if (stanza_get(el, "name"))
        item.name = stanza_get(el, "name");
    enum refuse r = read_groups(p->arena, el, &item);
    if (r != REFUSE_OK)
        return (int)r;
    const struct roster_item *known = contacts_find(p->from_session->user, item.jid);
    struct change *c = xmalloc(sizeof(*c));
    *c = (struct change){
        .q = router_hold(p), .owner = xstrdup(p->from_session->user->jid), .ask = known && known->ask};
    if (sub && !strcmp(sub, "remove"))
        roster_remove(mod_storage(), c->owner, item.jid, mod_home(), changed, c);
    else
        roster_set(mod_storage(), c->owner, &item, mod_home(), changed, c);
    return MOD_HANDLED;
}

static const struct mod_route routes[] = {
    {"iq", "get", TARGET_ACCOUNT, NS_ROSTER, "query", get},
    {"iq", "set", TARGET_ACCOUNT, NS_ROSTER, "query", set},
    {.fn = NULL},
};

static const struct mod roster = {.name = "roster", .routes = routes};
MOD_REGISTER(roster);
