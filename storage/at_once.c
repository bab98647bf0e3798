/* at_once.c: a small file that is all there before anybody has claimed it. Writing it first saves the claim's
 * transaction and two changes of thread, which cost more than such a file does.
 *
 * The order: a look (no row, nothing in the way) -> the bytes, in the caller's memory -> length, hash, type,
 * file and folder synced (a sync thread, or the caller's where that takes no time) -> claim and commit in one
 * transaction (the caller's thread too if the index rests, else the index's) -> the answer. The transaction
 * decides what a claim decides, so the look may be wrong: then the file goes again.
 *
 * Its attempt is the first, and nobody else's as long as it is in the table of those under way (live.h): a
 * claim meanwhile takes a number above it, and fences it. So the file can have its last name from the
 * beginning: without the row nobody serves it, and a start that finds it puts it aside. What is written
 * before its claim is bounded by INCOMING_AT_ONCE for each request under way.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/log.h"
#include "storage/begun.h"
#include "storage/incoming_body.h"

/* What a claim would look at first. */
static bool may_begin(struct storage *st, const struct grant *g)
{
    int64_t now = clock_wall();
    struct charge c = {
        .owner = g->owner, .to = g->to, .size = g->size, .purpose = g->purpose, .day = now / 86400};
    return now <= g->deadline && (!g->expires || g->expires > now) && usage_advice(st, &c) == REFUSE_OK;
}

static bool has_row(struct storage *st, const struct grant *g)
{
    struct open_row row;
    if (begun_never(st->begun, &g->id))
        return false;
    struct index_db *db = index_reader(st->index);
    index_error(db);
    return index_open_row(db, &g->id, &row) || index_error(db) != REFUSE_OK;
}

struct incoming *incoming_early(struct storage *st, const struct grant *g)
{
    thread_assert_may_block();
    if (g->size > INCOMING_AT_ONCE || (g->flags & (GRANT_UP_TO | GRANT_NOTIFY_OWNER)) || !may_begin(st, g))
        return NULL;
    struct incoming *in = incoming_new(st, g, 0);
    if (live_early(st->live, &in->live) && !has_row(st, g)) { /* in this order: see above */
        log_debug(ID_SHOWN " transfer expected size=%lld", g->id.text, (long long)g->size);
        return in;
    }
    incoming_leave(&in);
    return NULL;
}

void incoming_leave(struct incoming **inp)
{
    struct incoming *in = TAKE(*inp);
    if (!in)
        return;
    live_remove(in->st->live, &in->live, false);
    incoming_free(in);
}

/* --- the end ---------------------------------------------------------------------------------------------
 */

static void over(struct incoming *in, enum refuse why)
{
    in->result = why;
    log_info(ID_SHOWN " transfer not stored size=%lld why=%s", in->g.id.text, (long long)in->g.size,
             refuse_get(why)->name);
    incoming_deliver(in, false);
}

static void take_away(struct task *task)
{
    struct incoming *in = INDEX_OP_OF(task, struct incoming, task);
    spool_remove(in->st->spool, &in->g.id, in->live.attempt);
    over(in, in->result);
}

static enum refuse run_store(struct index_db *db, struct index_op *op)
{
    struct incoming *in = INDEX_OP_OF(op, struct incoming, op);
    struct claim_terms terms;
    bool told = false;
    if (storage_read_only(in->st))
        return REFUSE_READ_ONLY;
    begun_note(in->st->begun, &in->g.id);
    incoming_terms(in, &terms);
    terms.gone = in->gone = burial_new(in->st, 0);
    enum refuse r = index_store(db, &in->g, in->live.attempt, &terms, &in->facts, &told);
    if (told)
        op->flags |= INDEX_POKE;
    return r;
}

static void store_done(struct index_op *op)
{
    struct incoming *in = INDEX_OP_OF(op, struct incoming, op);
    struct burial *gone = TAKE(in->gone);
    if (gone && op->result == REFUSE_OK)
        burial_run(gone);
    else
        burial_drop(gone);
    if (op->result == REFUSE_OK) {
        incoming_stored(in);
    } else if (!in->written ||
               index_broken(in->st->index)) { /* it may be on the disk after all: the next start knows */
        over(in, op->result);
    } else {
        in->result = op->result;
        in->task.run = take_away;
        if (in->here)
            take_away(&in->task);
        else
            storage_work(in->st, &in->task);
    }
}

static enum refuse check_bytes(struct incoming *in)
{
    enum refuse fenced = (enum refuse)atomic_load(&in->live.fenced);
    if (fenced != REFUSE_OK)
        return fenced;
    if (storage_read_only(in->st))
        return REFUSE_READ_ONLY;
    if (in->received != in->g.size)
        return REFUSE_SIZE_MISMATCH;
    if (EVP_Digest(in->whole, (size_t)in->received, in->sum, NULL, EVP_sha256(), NULL) != 1)
        return REFUSE_INTERNAL;
    return incoming_judge(in, NULL);
}

/* Left by a kill, and the comparison has not come to it yet; unless there is a row after all. */
static enum refuse put_aside(struct incoming *in)
{
    struct open_row row;
    struct index_db *db = index_reader(in->st->index);
    index_error(db);
    bool found = index_open_row(db, &in->g.id, &row);
    if (found)
        return index_refuse_of_state(row.state);
    if (index_error(db) != REFUSE_OK || spool_quarantine(in->st->spool, &in->g.id, in->live.attempt) != 0)
        return REFUSE_INTERNAL;
    return REFUSE_OK;
}

static enum refuse put(struct incoming *in)
{
    size_t n = (size_t)in->received;
    enum refuse r = spool_put(in->st->spool, &in->g.id, in->live.attempt, in->whole, n);
    if (r != REFUSE_CONFLICT)
        return r;
    r = put_aside(in);
    return r == REFUSE_OK ? spool_put(in->st->spool, &in->g.id, in->live.attempt, in->whole, n) : r;
}

static enum refuse write_file(struct incoming *in)
{
    enum refuse r = check_bytes(in);
    if (r != REFUSE_OK)
        return r;
    incoming_find_type(in, in->whole, (size_t)in->received);
    r = put(in);
    in->written = r == REFUSE_OK;
    if (r == REFUSE_READ_ONLY)
        storage_fail(in->st, "writing a file");
    incoming_set_facts(in);
    return r;
}

static void write_here(struct task *task)
{
    struct incoming *in = INDEX_OP_OF(task, struct incoming, task);
    enum refuse r = write_file(in);
    if (r == REFUSE_OK)
        index_write(in->st->index, &in->op);
    else
        over(in, r);
}

static void begin(struct incoming *in, const void *data, size_t n)
{
    in->whole = data;
    in->received = (int64_t)n;
    in->op = (struct index_op){.run = run_store, .done = store_done};
    storage_enter(in->st);
}

/* Where syncing takes no time, and libmagic's process is not asked. */
bool incoming_store_here(struct incoming **inp, const void *data, size_t n, const struct incoming_end *end,
                         incoming_committed *done, void *arg)
{
    struct incoming *in = *inp;
    struct storage *st = in->st;
    if (!incoming_believes(in) || !spool_syncs_quickly(st->spool))
        return false;
    *inp = NULL;
    begin(in, data, n);
    incoming_ends(in, end, NULL, done, arg);
    enum refuse r = write_file(in);
    if (r != REFUSE_OK) {
        over(in, r);
        return true;
    }
    in->here = true;
    if (index_write_now(st->index, &in->op))
        return true;
    in->here = false;
    *inp = in;
    storage_leave(st);
    return false;
}

/* A sync thread waits for the disk: many files at a time, which the file system joins. */
void incoming_store(struct incoming **inp, const void *data, size_t n, const struct incoming_end *end,
                    struct mailbox *home, incoming_committed *done, void *arg)
{
    struct incoming *in = TAKE(*inp);
    begin(in, data, n);
    incoming_ends(in, end, home, done, arg);
    if (in->written) {
        index_write(in->st->index, &in->op);
    } else {
        in->task.run = write_here;
        storage_sync(in->st, &in->task);
    }
}
