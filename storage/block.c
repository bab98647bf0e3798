/* block.c: block lists (XEP-0191): every verb is one operation on the index. */
#include "storage/index_people.h"
#include "storage/internal.h"

struct block_op {
    struct index_op op;
    struct arena *arena;
    const char *owner;
    const char **jids;
    size_t n;
    block_loaded *loaded;
    block_changed *done;
    void *arg;
};

static struct block_op *block_op(const char *owner, struct mailbox *home, void *arg)
{
    struct arena *arena = arena_get(NULL);
    struct block_op *b = arena_zalloc(arena, sizeof *b);
    b->arena = arena;
    b->op.home = home;
    b->owner = arena_strdup(arena, owner);
    b->arg = arg;
    return b;
}

static enum refuse load_run(struct index_db *db, struct index_op *op)
{
    struct block_op *b = INDEX_OP_OF(op, struct block_op, op);
    b->n = index_block_all(db, b->owner, b->arena, &b->jids);
    return REFUSE_OK;
}

static void load_done(struct index_op *op)
{
    struct block_op *b = INDEX_OP_OF(op, struct block_op, op);
    b->loaded(b->arg, b->jids, op->result == REFUSE_OK ? b->n : LOAD_FAILED);
    arena_put(b->arena);
}

void block_load(struct storage *st, const char *owner, struct mailbox *home, block_loaded *done, void *arg)
{
    struct block_op *b = block_op(owner, home, arg);
    b->op.run = load_run;
    b->op.done = load_done;
    b->loaded = done;
    index_read(st->index, &b->op);
}

static void change_done(struct index_op *op)
{
    struct block_op *b = INDEX_OP_OF(op, struct block_op, op);
    b->done(b->arg, op->result);
    arena_put(b->arena);
}

static void change(struct storage *st, enum refuse (*run)(struct index_db *, struct index_op *),
                   const char *owner, const char *const *jids, size_t n, struct mailbox *home,
                   block_changed *done, void *arg)
{
    struct block_op *b = block_op(owner, home, arg);
    b->op.run = run;
    b->op.done = change_done;
    b->done = done;
    b->n = n;
    b->jids = arena_alloc(b->arena, (n + 1) * sizeof *b->jids);
    for (size_t i = 0; i < n; i++)
        b->jids[i] = arena_strdup(b->arena, jids[i]);
    index_write(st->index, &b->op);
}

static enum refuse add_run(struct index_db *db, struct index_op *op)
{
    struct block_op *b = INDEX_OP_OF(op, struct block_op, op);
    if (!index_account_exists(db, b->owner))
        return REFUSE_UNKNOWN_USER;
    for (size_t i = 0; i < b->n; i++)
        index_block_add(db, b->owner, b->jids[i]);
    return index_block_count(db, b->owner) > BLOCK_MAX ? REFUSE_TOO_MANY : REFUSE_OK;
}

void block_add(struct storage *st, const char *owner, const char *const *jids, size_t n, struct mailbox *home,
               block_changed *done, void *arg)
{
    change(st, add_run, owner, jids, n, home, done, arg);
}

static enum refuse remove_run(struct index_db *db, struct index_op *op)
{
    struct block_op *b = INDEX_OP_OF(op, struct block_op, op);
    if (b->n == 0)
        index_block_drop(db, b->owner, NULL);
    for (size_t i = 0; i < b->n; i++)
        index_block_drop(db, b->owner, b->jids[i]);
    return REFUSE_OK;
}

void block_remove(struct storage *st, const char *owner, const char *const *jids, size_t n,
                  struct mailbox *home, block_changed *done, void *arg)
{
    change(st, remove_run, owner, jids, n, home, done, arg);
}
