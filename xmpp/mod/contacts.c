/* contacts.c: rosters in memory, so that presence and subscriptions need no storage on the loop.
 *
 * A load reads on another connection than the one that writes. A change that is answered while a load is
 * under way may or may not be in what was read, so the load is done again; one answered later is simply put
 * in. */
#include "xmpp/mod/contacts.h"

#include <stdlib.h>
#include <string.h>

static void load(struct contacts *c, const char *owner);

const struct contacts *contacts_of(const struct user *u)
{
    static const struct contacts none;
    return u && u->data[USER_ROSTER] ? u->data[USER_ROSTER] : &none;
}

/* Where it is, or would be. */
static size_t place(const struct contacts *c, const char *jid, bool *found)
{
    size_t low = 0, high = c->n;
    *found = false;
    while (low < high && !*found) {
        size_t mid = low + (high - low) / 2;
        int d = strcmp(c->items[mid]->jid, jid);
        *found = d == 0;
        if (d < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return high < low ? low : high;
}

const struct roster_item *contacts_find(const struct user *u, const char *bare_jid)
{
    const struct contacts *c = contacts_of(u);
    bool found;
    size_t at = place(c, bare_jid, &found);
    return found ? c->items[at] : NULL;
}

bool contacts_sees_us(const struct user *u, const char *who)
{
    const struct roster_item *item = contacts_find(u, who);
    return item && (item->sub & SUB_FROM);
}

bool contacts_we_see(const struct user *u, const char *who)
{
    const struct roster_item *item = contacts_find(u, who);
    return item && (item->sub & SUB_TO);
}

static char *put(char **at, const char *text)
{
    size_t n = strlen(text) + 1;
    char *out = memcpy(*at, text, n);
    *at += n;
    return out;
}

/* A copy in one block. */
static struct roster_item *item_copy(const struct roster_item *item)
{
    size_t n = sizeof(*item) + item->n_groups * sizeof(char *) + strlen(item->jid) + strlen(item->name) + 2;
    for (size_t i = 0; i < item->n_groups; i++)
        n += strlen(item->groups[i]) + 1;
    struct roster_item *out = xmalloc(n);
    const char **groups = (const char **)(out + 1);
    char *at = (char *)(groups + item->n_groups);
    *out = *item;
    for (size_t i = 0; i < item->n_groups; i++)
        groups[i] = put(&at, item->groups[i]);
    out->groups = groups;
    out->jid = put(&at, item->jid);
    out->name = put(&at, item->name);
    return out;
}

static void insert(struct contacts *c, const struct roster_item *item)
{
    bool found;
    size_t at = place(c, item->jid, &found);
    if (found)
        free(c->items[at]);
    bool gone = item->sub == SUB_REMOVE || (!item->in_roster && !item->pending_in);
    if (gone && found) {
        memmove(c->items + at, c->items + at + 1, (c->n - at - 1) * sizeof(struct roster_item *));
        c->n--;
    }
    if (gone)
        return;
    if (!found) {
        c->items = xrealloc(c->items, (c->n + 1) * sizeof(struct roster_item *));
        memmove(c->items + at + 1, c->items + at, (c->n - at) * sizeof(struct roster_item *));
        c->n++;
    }
    c->items[at] = item_copy(item);
}

void contacts_changed(const char *owner, const struct roster_item *item)
{
    struct user *u = registry_user_entry(owner);
    struct contacts *c = u ? u->data[USER_ROSTER] : NULL;
    if (!c)
        return;
    if (c->loading)
        c->stale = true;
    else
        insert(c, item);
}

static void empty(struct contacts *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->items[i]);
    free(c->items);
    c->items = NULL;
    c->n = 0;
}

static void loaded(void *arg, const struct roster_item *items, size_t n)
{
    char *owner = arg;
    struct user *u = registry_user_entry(owner); /* it waits for us: registry.c keeps it */
    FERRY_ASSERT(u && u->data[USER_ROSTER]);
    struct contacts *c = u->data[USER_ROSTER];
    if (c->stale) {
        load(c, owner);
    } else {
        c->loading = false;
        u->unknown = u->unknown || n == LOAD_FAILED;
        for (size_t i = 0; n != LOAD_FAILED && i < n; i++)
            insert(c, &items[i]);
        registry_user_loaded(owner);
    }
    free(owner);
}

static void load(struct contacts *c, const char *owner)
{
    c->loading = true;
    c->stale = false;
    empty(c);
    roster_load(mod_storage(), owner, mod_home(), loaded, xstrdup(owner));
}

static void user_load(struct user *u)
{
    struct contacts *c = xcalloc(1, sizeof(*c));
    u->data[USER_ROSTER] = c;
    load(c, u->jid);
}

static void user_gone(struct user *u)
{
    struct contacts *c = u->data[USER_ROSTER];
    if (!c)
        return;
    empty(c);
    free(c);
    u->data[USER_ROSTER] = NULL;
}

static const struct mod contacts = {
    .name = "contacts",
    .user_load = user_load,
    .user_gone = user_gone,
};
MOD_REGISTER(contacts);
