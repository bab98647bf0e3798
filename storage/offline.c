/* offline.c: messages for users who are away (XEP-0160): kept until they are dropped by number, so a link
 * that was written to a dead socket comes again. */
#include <string.h>

#include "base/clock.h"
#include "storage/index_people.h"
#include "storage/internal.h"

#define PAGE_BYTES (256 << 10)

struct offline_op {
    struct index_op op;
    struct arena *arena;
    const char *owner, *from, *xml;
    int64_t seq;
    struct offline_message *messages;
    size_t n;
    bool more;
    offline_stored *stored;
    offline_loaded *loaded;
    offline_dropped *dropped;
    void *arg;
};

static struct offline_op *offline_op(const char *owner, struct mailbox *home, void *arg)
{
    struct arena *arena = arena_get(NULL);
    struct offline_op *o = arena_zalloc(arena, sizeof *o);
    o->arena = arena;
    o->op.home = home;
    o->owner = arena_strdup(arena, owner);
    o->arg = arg;
    return o;
}

static enum refuse store_run(struct index_db *db, struct index_op *op)
{
    struct offline_op *o = INDEX_OP_OF(op, struct offline_op, op);
    int64_t messages, bytes;
    if (!index_account_exists(db, o->owner))
        return REFUSE_UNKNOWN_USER;
    if (index_blocks(db, o->owner, o->from))
        return REFUSE_BLOCKED;
    index_offline_figures(db, o->owner, &messages, &bytes);
    if (messages >= OFFLINE_MAX_MESSAGES || bytes + (int64_t)strlen(o->xml) > OFFLINE_MAX_BYTES)
        return REFUSE_TOO_MANY;
    index_offline_add(db, o->owner, clock_wall(), o->xml);
    return REFUSE_OK;
}

static void store_done(struct index_op *op)
{
    struct offline_op *o = INDEX_OP_OF(op, struct offline_op, op);
    o->stored(o->arg, op->result);
    arena_put(o->arena);
}

void offline_store(struct storage *st, const char *owner, const char *from, const char *xml,
                   struct mailbox *home, offline_stored *done, void *arg)
{
    struct offline_op *o = offline_op(owner, home, arg);
    o->op.run = store_run;
    o->op.done = store_done;
    o->from = arena_strdup(o->arena, from);
    o->xml = arena_strdup(o->arena, xml);
    o->stored = done;
    index_write(st->index, &o->op);
}

static enum refuse load_run(struct index_db *db, struct index_op *op)
{
    struct offline_op *o = INDEX_OP_OF(op, struct offline_op, op);
    o->n = index_offline_page(db, o->owner, o->seq, PAGE_BYTES, o->arena, &o->messages, &o->more);
    return REFUSE_OK;
}

static void load_done(struct index_op *op)
{
    struct offline_op *o = INDEX_OP_OF(op, struct offline_op, op);
    if (op->result == REFUSE_OK)
        o->loaded(o->arg, o->messages, o->n, o->more);
    else
        o->loaded(o->arg, NULL, 0, true);
    arena_put(o->arena);
}

void offline_load(struct storage *st, const char *owner, int64_t after, struct mailbox *home,
                  offline_loaded *done, void *arg)
{
    struct offline_op *o = offline_op(owner, home, arg);
    o->op.run = load_run;
    o->op.done = load_done;
    o->op.flags = INDEX_LAZY;
    o->seq = after;
    o->loaded = done;
    /* In the writer's queue: behind the removal of what his last session has confirmed, or it came twice. */
    if (index_broken(st->index))
        index_read(st->index, &o->op);
    else
        index_write(st->index, &o->op);
}

static enum refuse drop_run(struct index_db *db, struct index_op *op)
{
    struct offline_op *o = INDEX_OP_OF(op, struct offline_op, op);
    index_offline_drop(db, o->owner, o->seq);
    return REFUSE_OK;
}

static void drop_done(struct index_op *op)
{
    struct offline_op *o = INDEX_OP_OF(op, struct offline_op, op);
    if (o->dropped)
        o->dropped(o->arg, op->result);
    arena_put(o->arena);
}

void offline_drop(struct storage *st, const char *owner, int64_t upto, struct mailbox *home,
                  offline_dropped *done, void *arg)
{
    struct offline_op *o = offline_op(owner, home, arg);
    o->dropped = done;
    o->op.run = drop_run;
    o->op.done = drop_done;
    o->op.flags = INDEX_LAZY; /* undone by a power cut, it comes twice */
    o->seq = upto;
    index_write(st->index, &o->op);
}
