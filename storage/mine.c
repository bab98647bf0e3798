/* mine.c: a user's view of his own files: each verb is one read of the index, by a worker. */
#include "storage/mine.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"

struct look {
    struct index_op op;
    struct arena *arena;
    const char *jid, *beginning;
    size_t skip, limit;
    struct mine_page page;
    struct transfer *found;
    struct mine_usage usage;
    mine_listed *listed;
    mine_found *got;
    mine_measured *measured;
    void *arg;
};

static struct look *look_new(const char *jid, struct mailbox *home, void *arg)
{
    struct arena *arena = arena_get(NULL);
    struct look *l = arena_zalloc(arena, sizeof *l);
    l->arena = arena;
    l->jid = arena_strdup(arena, jid);
    l->op.home = home;
    l->arg = arg;
    return l;
}

/* --- a page ----------------------------------------------------------------------------------------------
 */

static enum refuse run_list(struct index_db *db, struct index_op *op)
{
    struct look *l = INDEX_OP_OF(op, struct look, op);
    struct transfer *rows = arena_zalloc(l->arena, (l->limit + 1) * sizeof *rows);
    size_t n = index_of_user_page(db, l->jid, clock_wall(), l->skip, l->limit + 1, l->arena, rows);
    l->page = (struct mine_page){.rows = rows, .n = n > l->limit ? l->limit : n, .more = n > l->limit};
    return REFUSE_OK;
}

static void list_done(struct index_op *op)
{
    struct look *l = INDEX_OP_OF(op, struct look, op);
    if (op->result != REFUSE_OK)
        l->page = (struct mine_page){0};
    l->listed(l->arg, op->result, &l->page);
    arena_put(l->arena);
}

void mine_list(struct storage *st, const char *jid, size_t skip, size_t limit, struct mailbox *home,
               mine_listed *done, void *arg)
{
    struct look *l = look_new(jid, home, arg);
    l->op.run = run_list;
    l->op.done = list_done;
    l->skip = skip;
    l->limit = limit;
    l->listed = done;
    index_read(st->index, &l->op);
}

/* --- one file --------------------------------------------------------------------------------------------
 */

static bool may_begin_an_id(const char *text)
{
    size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    return n >= MINE_PREFIX && n <= ID_LEN && text[n] == '\0';
}

static enum refuse run_find(struct index_db *db, struct index_op *op)
{
    struct look *l = INDEX_OP_OF(op, struct look, op);
    struct transfer *rows = arena_zalloc(l->arena, 2 * sizeof *rows);
    if (!may_begin_an_id(l->beginning))
        return REFUSE_BAD_REQUEST;
    size_t n = index_of_user_find(db, l->jid, l->beginning, l->arena, rows, 2);
    if (n != 1)
        return n == 0 ? REFUSE_NOT_FOUND : REFUSE_CONFLICT;
    if (rows->state == TRANSFER_RECEIVING)
        return REFUSE_NOT_YET;
    if (rows->state == TRANSFER_HELD)
        return REFUSE_DAMAGED;
    if (rows->expires <= clock_wall()) /* the round that will expire it may be late */
        return REFUSE_NOT_FOUND;
    l->found = rows;
    return REFUSE_OK;
}

static void find_done(struct index_op *op)
{
    struct look *l = INDEX_OP_OF(op, struct look, op);
    l->got(l->arg, op->result, op->result == REFUSE_OK ? l->found : NULL);
    arena_put(l->arena);
}

void mine_find(struct storage *st, const char *jid, const char *beginning, struct mailbox *home,
               mine_found *done, void *arg)
{
    struct look *l = look_new(jid, home, arg);
    l->op.run = run_find;
    l->op.done = find_done;
    l->beginning = arena_strdup(l->arena, beginning);
    l->got = done;
    index_read(st->index, &l->op);
}

/* --- figures ---------------------------------------------------------------------------------------------
 */

static enum refuse run_measure(struct index_db *db, struct index_op *op)
{
    struct look *l = INDEX_OP_OF(op, struct look, op);
    const struct conf *c = conf_get();
    struct usage_figures f;
    index_usage_get(db, l->jid, &f);
    l->usage = (struct mine_usage){
        .used = f.used,
        .quota = f.user_quota < 0 ? c->storage_user_quota : f.user_quota,
        .inbox_used = f.inbox_used,
        .inbox_quota = f.inbox_quota < 0 ? c->storage_inbox_quota : f.inbox_quota,
        .files = f.files,
        .inbox_files = f.inbox_files,
    };
    return REFUSE_OK;
}

static void measure_done(struct index_op *op)
{
    struct look *l = INDEX_OP_OF(op, struct look, op);
    l->measured(l->arg, op->result, &l->usage);
    arena_put(l->arena);
}

void mine_measure(struct storage *st, const char *jid, struct mailbox *home, mine_measured *done, void *arg)
{
    struct look *l = look_new(jid, home, arg);
    l->op.run = run_measure;
    l->op.done = measure_done;
    l->measured = done;
    index_read(st->index, &l->op);
}
