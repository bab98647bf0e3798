/* progress.c: where an upload stands, and what came of it: the questions of a client that lost an answer, or
 * begins again. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"
#include "storage/live.h"
#include "storage/partial.h"

static enum refuse judge_open(const struct grant *g, const struct open_row *row, int64_t coming,
                              struct transfer_progress *out)
{
    switch (row->state) {
    case TRANSFER_STORED:
    case TRANSFER_HELD:
        *out = (struct transfer_progress){.offset = row->size, .complete = true};
        return REFUSE_OK;
    case TRANSFER_RECEIVING:
        break;
    case TRANSFER_EXPIRED:
    case TRANSFER_REMOVED:
        return index_refuse_of_state(row->state);
    }
    if (row->size != g->size)
        return REFUSE_BAD_TOKEN;
    out->under_way = coming >= 0;
    out->until = row->lease;
    out->offset = coming >= 0 ? coming : row->kept;
    return out->under_way || clock_wall() <= row->lease ? REFUSE_OK : REFUSE_BAD_TOKEN;
}

/* First who is at it, then the row: an upload that ends in between has written its row before it left. */
enum refuse transfer_progress(struct storage *st, const struct grant *g, struct transfer_progress *out)
{
    struct open_row row;
    struct index_db *db = index_reader(st->index);
    *out = (struct transfer_progress){0};
    storage_enter(st);
    struct partial *p = live_partial(st->live, &g->id, 0);
    int64_t coming = p ? partial_received(p) : -1;
    partial_unref(&p);
    storage_leave(st);
    index_error(db);
    if (index_open_row(db, &g->id, &row))
        return judge_open(g, &row, coming, out);
    if (index_error(db) != REFUSE_OK)
        return REFUSE_READ_ONLY;
    out->until = g->deadline;
    return clock_wall() > g->deadline ? REFUSE_BAD_TOKEN : REFUSE_OK;
}

enum refuse transfer_committed(struct storage *st, const struct ferry_id *id, struct arena *arena,
                               struct transfer *out, int64_t *within)
{
    enum refuse r = transfer_lookup(st, id, arena, out);
    *within = r == REFUSE_OK ? clock_wall() - out->stored : 0;
    return r;
}

/* --- the same file again --------------------------------------------------------------------------------
 */

struct search {
    struct index_op op;
    struct storage *st;
    struct grant g; /* owner and name are ours; nothing else of its texts is looked at */
    char *owner, *name;
    int64_t most;
    bool found;
    struct found_part part;
    incoming_found *done;
    void *arg;
};

static bool is_live(struct storage *st, const struct found_part *at)
{
    storage_enter(st);
    struct partial *p = live_partial(st->live, &at->id, at->attempt);
    bool live = p != NULL;
    partial_unref(&p);
    storage_leave(st);
    return live;
}

static enum refuse search_run(struct index_db *db, struct index_op *op)
{
    struct search *f = INDEX_OP_OF(op, struct search, op);
    while (!f->found && index_find_part(db, &f->g, clock_wall(), f->most, &f->part))
        f->found = !is_live(f->st, &f->part);
    return REFUSE_OK;
}

static void search_done(struct index_op *op)
{
    struct search *f = INDEX_OP_OF(op, struct search, op);
    bool found = f->found && op->result == REFUSE_OK;
    f->done(f->arg, found ? &f->part.id : NULL, found ? f->part.kept : 0);
    free(f->owner);
    free(f->name);
    free(f);
}

void incoming_find(struct storage *st, const struct grant *g, int64_t most, struct mailbox *home,
                   incoming_found *done, void *arg)
{
    struct search *f = xcalloc(1, sizeof *f);
    FERRY_ASSERT(g->marked);
    *f = (struct search){.op = {.run = search_run, .done = search_done, .home = home},
                         .st = st,
                         .g = *g,
                         .owner = xstrdup(g->owner),
                         .name = xstrdup(g->name),
                         .most = most,
                         .done = done,
                         .arg = arg};
    f->g.owner = f->owner;
    f->g.name = f->name;
    index_read(st->index, &f->op);
}
