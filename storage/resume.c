/* resume.c: an upload that breaks off and goes on.
 *
 * Keeping: what has come is synced (a sync thread), its number is written into the row (the index's thread),
 * and the partial is parked. Resuming: the index's thread finds the attempt's partial, with an upload that is
 * still under way, parked, or only in the row, and passes it to the newcomer at once; then a worker looks
 * where it stands, and hashes what had to be opened again.
 *
 * Partials are entered, passed and parked on the index's thread alone, so between two uploads of one attempt
 * there is no moment at which the bytes are nobody's and a third would open them a second time.
 */
#include "base/clock.h"
#include "base/log.h"
#include "storage/incoming_body.h"
#include "storage/parked.h"

/* --- keeping ---------------------------------------------------------------------------------------------
 */

static void answer_kept(struct task *task)
{
    struct incoming *in = INDEX_OP_OF(task, struct incoming, task);
    if (in->kept)
        in->kept(in->arg, in->result, in->result == REFUSE_OK ? in->received : 0);
    incoming_free(in);
}

static enum refuse run_keep(struct index_db *db, struct index_op *op)
{
    struct incoming *in = INDEX_OP_OF(op, struct incoming, op);
    if (!partial_owned(in->live.part, in))
        return REFUSE_SLOT_BUSY;
    if (in->recorded)
        return REFUSE_OK;
    return index_keep(db, &in->g.id, in->live.attempt, in->durable,
                      clock_wall() + incoming_seconds(conf_get()->slots_resume_for));
}

static void give_up(struct task *task)
{
    incoming_give_up(INDEX_OP_OF(task, struct incoming, task));
}

static void keep_done(struct index_op *op)
{
    struct incoming *in = INDEX_OP_OF(op, struct incoming, op);
    bool awaited = in->kept || in->answer == incoming_answer_claim; /* somebody is there who is told */
    bool ours = partial_owned(in->live.part, in);
    if (op->result != REFUSE_OK && ours && !index_broken(in->st->index)) {
        in->result = op->result;
        in->task.run = give_up;
        storage_work(in->st, &in->task);
        return;
    }
    if (in->result == REFUSE_OK)
        in->result = op->result;
    if (ours && op->result == REFUSE_OK) {
        int64_t received = partial_received(in->live.part);
        live_remove(in->st->live, &in->live, false);
        partial_promise(in->live.part);
        partial_pass(in->live.part, NULL);
        partial_owe_nothing(in->live.part);
        parked_put(in->st->parked, TAKE(in->live.part), awaited);
        if (!in->recorded)
            log_info(ID_SHOWN " transfer kept attempt=%d received=%lld of=%lld", in->g.id.text,
                     in->live.attempt, (long long)received, (long long)in->g.size);
    }
    incoming_deliver(in, false);
}

static void write_kept(struct incoming *in)
{
    in->op = (struct index_op){.run = run_keep, .done = keep_done};
    if (in->recorded)
        in->op.flags = INDEX_LAZY;
    index_write(in->st->index, &in->op);
}

/* On a sync thread. */
void incoming_hold(struct incoming *in)
{
    enum refuse r = in->failed;
    if (r == REFUSE_OK)
        r = (enum refuse)atomic_load(&in->live.fenced);
    if (r == REFUSE_OK && storage_read_only(in->st))
        r = REFUSE_READ_ONLY;
    if (r == REFUSE_OK && in->received > 0) {
        r = partial_sync(in->live.part, in, &in->durable);
        if (r == REFUSE_READ_ONLY)
            incoming_fail(in, r);
    }
    in->result = r;
    if (r != REFUSE_OK || in->received == 0)
        incoming_give_up(in);
    else
        write_kept(in);
}

void incoming_keep(struct incoming **inp, struct mailbox *home, incoming_kept *done, void *arg)
{
    struct incoming *in = TAKE(*inp);
    in->home = home;
    mailbox_promise(home);
    in->kept = done;
    in->arg = arg;
    in->answer = answer_kept;
    in->last.kind = JOB_KEEP;
    storage_enter(in->st);
    incoming_push(in, &in->last);
}

/* --- resuming --------------------------------------------------------------------------------------------
 */

/* What has come of the row's attempt, passed to us. *part stays NULL when that is nothing. */
static enum refuse find(struct incoming *in, const struct open_row *row, int64_t room)
{
    struct storage *st = in->st;
    struct partial *p = live_partial(st->live, &in->g.id, row->attempt);
    bool under_way = p != NULL;
    if (!p)
        p = parked_take(st->parked, &in->g.id, row->attempt);
    if (!p && row->kept > 0)
        p = partial_of_row(st, &in->g.id, row->attempt, row->size, row->kept, NULL);
    enum refuse r = REFUSE_OK;
    if (p && !under_way && partial_missing(p) > room)
        r = REFUSE_DISK_FULL;
    else if (p && !partial_pass(p, in))
        r = REFUSE_SLOT_BUSY; /* about to be stored, or given up */
    if (r != REFUSE_OK) {
        partial_unref(&p);
        return r;
    }
    if (p && !under_way)
        partial_owe(p);
    in->live.part = p;
    in->live.attempt = row->attempt;
    in->row_kept = row->kept;
    in->passed = p != NULL;
    if (p) { /* now, so that another resume of this batch finds it */
        atomic_store(&in->live.opening, true);
        live_add(st->live, &in->live);
    }
    return REFUSE_OK;
}

static enum refuse run_resume(struct index_db *db, struct index_op *op)
{
    struct incoming *in = INDEX_OP_OF(op, struct incoming, op);
    struct claim_terms terms;
    struct open_row row;
    if (storage_read_only(in->st))
        return REFUSE_READ_ONLY;
    incoming_terms(in, &terms);
    enum refuse r = index_renew(db, &in->g, &terms, &row);
    if (r == REFUSE_OK) { /* what was wished when it began */
        in->g.expires = row.expires;
        in->g.flags = row.flags;
    }
    if (r == REFUSE_OK && row.charged)
        r = find(in, &row, terms.room);
    if ((r != REFUSE_OK && r != REFUSE_NOT_FOUND) || in->passed)
        return r;
    if (in->offset == 0)
        return incoming_run_claim(db, in);
    return r == REFUSE_NOT_FOUND && terms.now > in->g.deadline ? REFUSE_BAD_TOKEN : REFUSE_OFFSET_MISMATCH;
}

/* It does not go on here; what we took over stays for who asks better. */
static void refuse(struct incoming *in, enum refuse r)
{
    log_info(ID_SHOWN " transfer resume refused offset=%lld received=%lld why=%s", in->g.id.text,
             (long long)in->offset, (long long)partial_received(in->live.part), refuse_get(r)->name);
    if (r == REFUSE_READ_ONLY)
        storage_fail(in->st, "reading a part");
    enum refuse synced = partial_sync(in->live.part, in, &in->durable);
    if (synced == REFUSE_READ_ONLY)
        incoming_fail(in, synced);
    in->received = partial_received(in->live.part);
    in->recorded = in->received == in->row_kept;
    in->result = r == REFUSE_DAMAGED ? REFUSE_OFFSET_MISMATCH : r;
    in->end.silent = true;
    if (in->received == 0 || (synced != REFUSE_OK && synced != REFUSE_SLOT_BUSY))
        incoming_give_up(in);
    else
        write_kept(in);
}

/* On a worker, a slice at a time. */
static void get_ready(struct task *task)
{
    struct incoming *in = INDEX_OP_OF(task, struct incoming, task);
    struct storage *st = in->st;
    bool more = false;
    enum refuse r = in->result;
    if (r == REFUSE_OK)
        r = partial_ready(in->live.part, in, in->offset, incoming_md5(in), &more);
    if (r != REFUSE_OK) {
        refuse(in, r);
    } else if (more) {
        storage_work(st, &in->task);
    } else {
        log_info(ID_SHOWN " transfer resumed attempt=%d offset=%lld of=%lld", in->g.id.text, in->live.attempt,
                 (long long)in->offset, (long long)in->g.size);
        in->received = in->offset;
        atomic_store(&in->live.opening, false);
        incoming_answer(in);
        storage_leave(st);
    }
}

static void resume_done(struct index_op *op)
{
    struct incoming *in = INDEX_OP_OF(op, struct incoming, op);
    if (!in->passed) {
        incoming_claim_done(in);
        return;
    }
    in->result = op->result;
    in->task.run = get_ready;
    storage_work(in->st, &in->task);
}

void incoming_resume(struct storage *st, const struct grant *g, int64_t offset, unsigned flags,
                     struct mailbox *home, incoming_claimed *done, void *arg)
{
    struct incoming *in = incoming_new(st, g, flags);
    in->home = home;
    mailbox_promise(home);
    in->claimed = done;
    in->arg = arg;
    in->answer = incoming_answer_claim;
    in->offset = offset;
    in->op = (struct index_op){.run = run_resume, .done = resume_done, .flags = INDEX_LAZY};
    storage_enter(st);
    index_write(st->index, &in->op);
}
