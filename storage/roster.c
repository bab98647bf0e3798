/* roster.c: rosters and subscriptions: every verb is one operation on the index. roster_step.c has the
 * states.
 *
 * An operation lives in an arena of its own, as does what the callback is shown. */
#include "storage/roster.h"

#include <string.h>

#include "storage/index_people.h"
#include "storage/internal.h"
#include "storage/roster_step.h"

#define NAME_BYTES_MAX 1023

const char *subscription_name(enum subscription s)
{
    static const char *const names[] = {"none", "to", "from", "both", "remove"};
    FERRY_ASSERT(s < ARRAY_LEN(names));
    return names[s];
}

struct roster_op {
    struct index_op op;
    struct arena *arena;
    const char *owner, *contact;
    struct roster_item item; /* what is wanted, then what the roster holds */
    struct roster_item *items;
    size_t n;
    enum roster_event event;
    bool changed;
    enum subscription before;
    roster_loaded *loaded;
    roster_changed *done;
    void *arg;
};

static struct roster_op *roster_op(const char *owner, struct mailbox *home, void *arg)
{
    struct arena *arena = arena_get(NULL);
    struct roster_op *r = arena_zalloc(arena, sizeof *r);
    r->arena = arena;
    r->op.home = home;
    r->owner = arena_strdup(arena, owner);
    r->arg = arg;
    return r;
}

static void changed_done(struct index_op *op)
{
    struct roster_op *r = INDEX_OP_OF(op, struct roster_op, op);
    bool good = op->result == REFUSE_OK;
    r->done(r->arg, op->result, &r->item, good && r->changed, r->before);
    arena_put(r->arena);
}

/* --- loading -------------------------------------------------------------------------------------------- */

static enum refuse load_run(struct index_db *db, struct index_op *op)
{
    struct roster_op *r = INDEX_OP_OF(op, struct roster_op, op);
    r->n = index_roster_all(db, r->owner, r->arena, &r->items);
    return REFUSE_OK;
}

static void load_done(struct index_op *op)
{
    struct roster_op *r = INDEX_OP_OF(op, struct roster_op, op);
    r->loaded(r->arg, r->items, op->result == REFUSE_OK ? r->n : LOAD_FAILED);
    arena_put(r->arena);
}

void roster_load(struct storage *st, const char *owner, struct mailbox *home, roster_loaded *done, void *arg)
{
    struct roster_op *r = roster_op(owner, home, arg);
    r->op.run = load_run;
    r->op.done = load_done;
    r->loaded = done;
    index_read(st->index, &r->op);
}

/* --- the user's own changes ----------------------------------------------------------------------------- */

static bool item_fits(const struct roster_item *item)
{
    if (item->n_groups > ROSTER_MAX_GROUPS || strlen(item->name) > NAME_BYTES_MAX)
        return false;
    for (size_t i = 0; i < item->n_groups; i++)
        if (strlen(item->groups[i]) > NAME_BYTES_MAX)
            return false;
    return true;
}

static enum refuse set_run(struct index_db *db, struct index_op *op)
{
    struct roster_op *r = INDEX_OP_OF(op, struct roster_op, op);
    struct roster_item now;
    if (!item_fits(&r->item))
        return REFUSE_TOO_MANY;
    bool known = index_roster_get(db, r->owner, r->item.jid, r->arena, &now);
    if (!known && !index_account_exists(db, r->owner))
        return REFUSE_UNKNOWN_USER;
    if (!known && index_roster_count(db, r->owner) >= ROSTER_MAX_ITEMS)
        return REFUSE_TOO_MANY;
    r->before = now.sub;
    now.name = r->item.name;
    now.groups = r->item.groups;
    now.n_groups = r->item.n_groups;
    now.in_roster = true;
    index_roster_put(db, r->owner, &now);
    r->item = now;
    r->changed = true;
    return REFUSE_OK;
}

void roster_set(struct storage *st, const char *owner, const struct roster_item *item, struct mailbox *home,
                roster_changed *done, void *arg)
{
    struct roster_op *r = roster_op(owner, home, arg);
    const char **groups = arena_alloc(r->arena, (item->n_groups + 1) * sizeof *groups);
    for (size_t i = 0; i < item->n_groups; i++)
        groups[i] = arena_strdup(r->arena, item->groups[i]);
    r->op.run = set_run;
    r->op.done = changed_done;
    r->item = (struct roster_item){.jid = arena_strdup(r->arena, item->jid),
                                   .name = arena_strdup(r->arena, item->name ? item->name : ""),
                                   .groups = groups,
                                   .n_groups = item->n_groups};
    r->done = done;
    index_write(st->index, &r->op);
}

static enum refuse remove_run(struct index_db *db, struct index_op *op)
{
    struct roster_op *r = INDEX_OP_OF(op, struct roster_op, op);
    if (!index_roster_get(db, r->owner, r->contact, r->arena, &r->item) || !r->item.in_roster)
        return REFUSE_NOT_FOUND;
    index_roster_drop(db, r->owner, r->contact);
    r->before = r->item.sub;
    r->item.sub = SUB_REMOVE;
    r->changed = true;
    return REFUSE_OK;
}

void roster_remove(struct storage *st, const char *owner, const char *contact, struct mailbox *home,
                   roster_changed *done, void *arg)
{
    struct roster_op *r = roster_op(owner, home, arg);
    r->op.run = remove_run;
    r->op.done = changed_done;
    r->contact = arena_strdup(r->arena, contact);
    r->item = (struct roster_item){.jid = r->contact, .name = ""};
    r->done = done;
    index_write(st->index, &r->op);
}

/* --- subscriptions -------------------------------------------------------------------------------------- */

static enum refuse event_run(struct index_db *db, struct index_op *op)
{
    struct roster_op *r = INDEX_OP_OF(op, struct roster_op, op);
    if (!index_account_exists(db, r->owner))
        return REFUSE_UNKNOWN_USER;
    if (r->event >= IN_SUBSCRIBE && index_blocks(db, r->owner, r->contact))
        return REFUSE_BLOCKED;
    bool known = index_roster_get(db, r->owner, r->contact, r->arena, &r->item);
    enum roster_state was = roster_state_of(&r->item), is = roster_step(was, r->event);
    r->before = r->item.sub;
    r->changed = was != is;
    if (!r->changed)
        return REFUSE_OK;
    if (!known && index_roster_count(db, r->owner) >= ROSTER_MAX_ITEMS)
        return REFUSE_TOO_MANY;
    roster_state_set(&r->item, is);
    /* What the user himself begins or grants puts the contact into his roster (RFC 6121 3.1.2, 3.1.5). */
    if (r->event == OUT_SUBSCRIBE || r->event == OUT_SUBSCRIBED)
        r->item.in_roster = true;
    if (r->item.in_roster || r->item.pending_in)
        index_roster_put(db, r->owner, &r->item);
    else
        index_roster_drop(db, r->owner, r->contact);
    return REFUSE_OK;
}

void roster_event(struct storage *st, const char *owner, const char *contact, enum roster_event ev,
                  struct mailbox *home, roster_changed *done, void *arg)
{
    struct roster_op *r = roster_op(owner, home, arg);
    r->op.run = event_run;
    r->op.done = changed_done;
    r->contact = arena_strdup(r->arena, contact);
    r->item = (struct roster_item){.jid = r->contact, .name = ""};
    r->event = ev;
    r->done = done;
    index_write(st->index, &r->op);
}
