/* incoming.c: one attempt at receiving a file: claim, write, then commit, keep or discard.
 *
 * An attempt is driven by one caller: an HTTP thread that writes by itself, or the loop, whose pieces go
 * through workers. For the loop each attempt is a strand: its jobs (pieces, then the end) run one after the
 * other in the order they were given, writing on the `work` threads, syncing on the `sync` threads, so a slow
 * disk under one file never holds back another's bytes.
 *
 * The end of a good one, in order (spool.h and index.h say why no step can move): length and hashes; type by
 * libmagic; fsync, close, rename, folder sync (a sync thread: many at a time, so that the file system joins
 * them and nobody else waits); row and outbox in one transaction (the index's thread); the answer. Until that
 * COMMIT nothing of it can be seen; the COMMIT is the accepted instant.
 *
 * What has come, file, hashes and count, is a partial (partial.h), which may go on without us: resume.c.
 *
 * Failure. The attempt's file goes before its reservation does, so that space given back is there. But when
 * the disk is to blame and a client was promised that he can go on, file and reservation stay. When the
 * COMMIT itself failed and nobody can tell whether it reached the disk, the file stays where it is: the next
 * start keeps it if the row is there and puts it aside if not.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "storage/begun.h"
#include "storage/expiry.h"
#include "storage/incoming_body.h"

/* --- making and freeing ----------------------------------------------------------------------------------
 */

static const char *hold_text(char **at, const char *text)
{
    char *copy = *at;
    size_t n = strlen(text) + 1;
    memcpy(copy, text, n);
    *at += n;
    return copy;
}

struct incoming *incoming_new(struct storage *st, const struct grant *g, unsigned flags)
{
    size_t texts = strlen(g->name) + strlen(g->type) + strlen(g->owner) + strlen(g->to) + strlen(g->to_raw) +
                   strlen(g->desc) + 6;
    struct incoming *in = xcalloc(1, sizeof *in + texts);
    char *at = (char *)(in + 1);
    in->st = st;
    in->g = *g;
    in->g.name = hold_text(&at, g->name);
    in->g.type = hold_text(&at, g->type);
    in->g.owner = hold_text(&at, g->owner);
    in->g.to = hold_text(&at, g->to);
    in->g.to_raw = hold_text(&at, g->to_raw);
    in->g.desc = hold_text(&at, g->desc);
    in->live.id = g->id;
    in->flags = flags;
    in->limit = REFUSE_SIZE_MISMATCH;
    in->jobs_tail = &in->jobs;
    pthread_mutex_init(&in->lock, NULL);
    return in;
}

void incoming_free(struct incoming *in)
{
    FERRY_ASSERT(!in->jobs && !in->live.part);
    burial_drop(in->gone);
    free(in->end.sums);
    pthread_mutex_destroy(&in->lock);
    free(in);
}

int64_t incoming_received(const struct incoming *in)
{
    return in->received;
}

int64_t incoming_most(const struct incoming *in, enum refuse *limit)
{
    *limit = in->limit;
    return in->g.size;
}

/* --- claim -----------------------------------------------------------------------------------------------
 */

int64_t incoming_seconds(int64_t ms)
{
    return (ms + 999) / 1000;
}

void incoming_answer(struct incoming *in)
{
    in->task.run = in->answer;
    if (in->home)
        mailbox_keep(in->home, &in->task);
    else
        in->answer(&in->task);
}

void incoming_deliver(struct incoming *in, bool whole)
{
    struct storage *st = in->st;
    live_remove(st->live, &in->live, whole);
    partial_unref(&in->live.part);
    incoming_answer(in);
    storage_leave(st);
}

void incoming_answer_claim(struct task *task)
{
    struct incoming *in = INDEX_OP_OF(task, struct incoming, task);
    enum refuse r = in->result;
    incoming_claimed *done = in->claimed;
    void *arg = in->arg;
    if (r != REFUSE_OK) {
        incoming_free(in);
        in = NULL;
    }
    done(arg, r, in);
}

void incoming_terms(const struct incoming *in, struct claim_terms *terms)
{
    int64_t now = clock_wall();
    *terms = (struct claim_terms){.now = now,
                                  .lease = now + incoming_seconds(conf_get()->slots_resume_for),
                                  .room = usage_disk_room_for(in->st, in->g.size)};
}

enum refuse incoming_run_claim(struct index_db *db, struct incoming *in)
{
    struct claim_terms terms;
    struct claim_won won;
    if (storage_read_only(in->st))
        return REFUSE_READ_ONLY;
    incoming_terms(in, &terms);
    terms.gone = in->gone = burial_new(in->st, 0);
    begun_note(in->st->begun, &in->g.id);
    terms.first = live_claims(in->st->live, &in->live) ? 2 : 1;
    enum refuse r = index_claim(db, &in->g, &terms, &won);
    if (r == REFUSE_OK) {
        if (won.told)
            in->op.flags |= INDEX_POKE;
        in->live.attempt = won.attempt;
        in->left = won.left;
        in->g.size = won.size;
        in->limit = won.limit;
        in->live.part = partial_new(in->st, &in->g.id, won.attempt, in->g.size, in);
        if (in->g.flags & GRANT_UP_TO)
            partial_unsized(in->live.part);
        partial_owe(in->live.part); /* now, so that the next claim of this batch sees it */
    }
    return r;
}

/* The bytes that an earlier attempt kept. */
static void bury_part(struct incoming *in)
{
    struct burial *b = burial_new(in->st, 1);
    burial_add(b, &in->g.id, &(struct remains){.attempt = in->left, .part = true});
    burial_run(b);
}

/* On the index's thread, so attempts are entered in the order of their claims. */
void incoming_claim_done(struct incoming *in)
{
    struct burial *gone = TAKE(in->gone);
    in->result = in->op.result;
    if (gone && in->result == REFUSE_OK)
        burial_run(gone);
    else
        burial_drop(gone);
    if (in->result != REFUSE_OK) {
        log_info(ID_SHOWN " transfer claim refused why=%s", in->g.id.text, refuse_get(in->result)->name);
        incoming_deliver(in, false);
        return;
    }
    struct storage *st = in->st;
    live_add(st->live, &in->live);
    if (in->left)
        bury_part(in);
    log_debug(ID_SHOWN " transfer claimed attempt=%d size=%lld", in->g.id.text, in->live.attempt,
              (long long)in->g.size);
    incoming_answer(in);
    storage_leave(st);
}

static enum refuse run_claim(struct index_db *db, struct index_op *op)
{
    return incoming_run_claim(db, INDEX_OP_OF(op, struct incoming, op));
}

static void claim_done(struct index_op *op)
{
    incoming_claim_done(INDEX_OP_OF(op, struct incoming, op));
}

void incoming_claim(struct storage *st, const struct grant *g, unsigned flags, struct mailbox *home,
                    incoming_claimed *done, void *arg)
{
    struct incoming *in = incoming_new(st, g, flags);
    in->home = home;
    mailbox_promise(home);
    in->claimed = done;
    in->arg = arg;
    in->answer = incoming_answer_claim;
    in->op = (struct index_op){.run = run_claim, .done = claim_done, .flags = INDEX_LAZY};
    storage_enter(st);
    index_write(st->index, &in->op);
}

/* --- writing ---------------------------------------------------------------------------------------------
 */

/* Who fences us removes our file afterwards: what the file system says of that is not the reason. */
enum refuse incoming_fail(struct incoming *in, enum refuse why)
{
    enum refuse fenced = (enum refuse)atomic_load(&in->live.fenced);
    if (why == REFUSE_READ_ONLY)
        storage_fail(in->st, "writing a file");
    if (in->failed == REFUSE_OK)
        in->failed = fenced != REFUSE_OK ? fenced : why;
    if (partial_seal(in->live.part, in))
        partial_drop(in->live.part, in, in->failed);
    return in->failed;
}

enum refuse incoming_bytes(struct incoming *in, const void *data, size_t n)
{
    enum refuse fenced = (enum refuse)atomic_load(&in->live.fenced);
    if (in->failed != REFUSE_OK)
        return in->failed;
    if (fenced != REFUSE_OK)
        return incoming_fail(in, fenced);
    if (storage_read_only(in->st))
        return incoming_fail(in, REFUSE_READ_ONLY);
    enum refuse r = partial_append(in->live.part, in, incoming_md5(in), data, n);
    if (r != REFUSE_OK)
        return incoming_fail(in, r == REFUSE_SIZE_MISMATCH ? in->limit : r);
    if (n > 0) {
        live_grew(in->st->live, &in->live);
        if (in->flags & INCOMING_RESUMABLE)
            incoming_checkpoint(in);
    }
    return REFUSE_OK;
}

enum refuse incoming_write(struct incoming *in, const void *data, size_t n)
{
    thread_assert_may_block();
    enum refuse r = incoming_bytes(in, data, n);
    if (r == REFUSE_OK)
        in->received += (int64_t)n;
    return r;
}

/* --- the strand ------------------------------------------------------------------------------------------
 */

static void run_strand(struct task *task);

static bool waits_for_disk(enum job_kind kind)
{
    return kind == JOB_COMMIT || kind == JOB_KEEP;
}

static void post_strand(struct incoming *in, enum job_kind next)
{
    in->task.run = run_strand;
    if (waits_for_disk(next))
        storage_sync(in->st, &in->task);
    else
        storage_work(in->st, &in->task);
}

void incoming_push(struct incoming *in, struct job *job)
{
    pthread_mutex_lock(&in->lock);
    *in->jobs_tail = job;
    in->jobs_tail = &job->next;
    bool start = !in->running;
    in->running = true;
    enum job_kind kind = in->jobs->kind;
    pthread_mutex_unlock(&in->lock);
    if (start)
        post_strand(in, kind);
}

static void answer_feed(struct task *task)
{
    struct job *job = INDEX_OP_OF(task, struct job, task);
    job->done(job->arg, job->result, job->n);
    free(job);
}

static void run_feed(struct incoming *in, struct job *job)
{
    job->result = incoming_bytes(in, job->data, job->n);
    free(job->data);
    job->task.run = answer_feed;
    if (job->home)
        mailbox_keep(job->home, &job->task);
    else
        answer_feed(&job->task);
}

static void run_strand(struct task *task)
{
    struct incoming *in = INDEX_OP_OF(task, struct incoming, task);
    bool on_sync = false, first = true;
    for (;;) {
        pthread_mutex_lock(&in->lock);
        struct job *job = in->jobs;
        if (first && job)
            on_sync = waits_for_disk(job->kind);
        if (!job)
            in->running = false;
        bool elsewhere = job && waits_for_disk(job->kind) != on_sync;
        if (job && !elsewhere) {
            in->jobs = job->next;
            if (!in->jobs)
                in->jobs_tail = &in->jobs;
        }
        pthread_mutex_unlock(&in->lock);
        first = false;
        if (!job)
            return;
        if (elsewhere) {
            post_strand(in, job->kind);
            return;
        }
        switch (job->kind) {
        case JOB_FEED:
            run_feed(in, job);
            break;
        case JOB_COMMIT:
            incoming_finish(in);
            return; /* the attempt may be gone */
        case JOB_KEEP:
            incoming_hold(in);
            return;
        case JOB_DISCARD:
            incoming_give_up(in);
            return;
        }
    }
}

void incoming_feed(struct incoming *in, char *take, size_t n, struct mailbox *home, incoming_fed *done,
                   void *arg)
{
    struct job *job = xcalloc(1, sizeof *job);
    *job = (struct job){.kind = JOB_FEED, .data = take, .n = n, .home = home, .done = done, .arg = arg};
    in->received += (int64_t)n;
    mailbox_promise(home);
    incoming_push(in, job);
}
