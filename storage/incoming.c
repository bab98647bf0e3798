/* incoming.c: one attempt at receiving a file: claim, write, commit or discard.
 *
 * An attempt is driven by one caller: an HTTP thread that writes by itself, or the loop, whose pieces go
 * through workers. For the loop each attempt is a strand: its jobs (pieces, then the end) run one after the
 * other in the order they were given, writing on the `work` threads, syncing on the `sync` threads, so a slow
 * disk under one file never holds back another's bytes.
 *
 * The end of a good one, in order (spool.h and index.h say why no step can move): length and hashes; type by
 * libmagic; fsync, close, rename (a sync thread); folder sync, row and outbox in one transaction (the index's
 * thread); the answer. Until that COMMIT nothing of it can be seen; the COMMIT is the accepted instant.
 *
 * Failure. The attempt's file goes before its reservation does, so that space given back is there. When the
 * COMMIT itself failed and nobody can tell whether it reached the disk, the file stays where it is: the next
 * start keeps it if the row is there and puts it aside if not.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "storage/incoming_body.h"

/* --- making and freeing ----------------------------------------------------------------------------------
 */

static const char *keep(char **at, const char *text)
{
    char *copy = *at;
    size_t n = strlen(text) + 1;
    memcpy(copy, text, n);
    *at += n;
    return copy;
}

static struct incoming *incoming_new(struct storage *st, const struct grant *g, unsigned flags)
{
    size_t texts = strlen(g->name) + strlen(g->type) + strlen(g->owner) + strlen(g->to) + strlen(g->to_raw) +
                   strlen(g->desc) + 6;
    struct incoming *in = xcalloc(1, sizeof *in + texts);
    char *at = (char *)(in + 1);
    in->st = st;
    in->g = *g;
    in->g.name = keep(&at, g->name);
    in->g.type = keep(&at, g->type);
    in->g.owner = keep(&at, g->owner);
    in->g.to = keep(&at, g->to);
    in->g.to_raw = keep(&at, g->to_raw);
    in->g.desc = keep(&at, g->desc);
    in->live.id = g->id;
    in->flags = flags;
    in->jobs_tail = &in->jobs;
    pthread_mutex_init(&in->lock, NULL);
    return in;
}

void incoming_free(struct incoming *in)
{
    FERRY_ASSERT(!in->jobs && !in->file);
    EVP_MD_CTX_free(in->sha256);
    EVP_MD_CTX_free(in->md5);
    pthread_mutex_destroy(&in->lock);
    free(in);
}

static EVP_MD_CTX *hash_begin(const EVP_MD *md)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx || EVP_DigestInit_ex(ctx, md, NULL) != 1) {
        EVP_MD_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

int64_t incoming_received(const struct incoming *in)
{
    return in->received;
}

const struct grant *incoming_grant(const struct incoming *in)
{
    return &in->g;
}

/* --- claim -----------------------------------------------------------------------------------------------
 */

int64_t incoming_seconds(int64_t ms)
{
    return (ms + 999) / 1000;
}

static void answer_claim(struct task *task)
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

void incoming_answer(struct incoming *in, void (*run)(struct task *task))
{
    in->task.run = run;
    if (in->home)
        mailbox_keep(in->home, &in->task);
    else
        run(&in->task);
}

static enum refuse run_claim(struct index_db *db, struct index_op *op)
{
    struct incoming *in = INDEX_OP_OF(op, struct incoming, op);
    struct claim_terms terms = {.now = clock_wall()};
    if (storage_read_only(in->st))
        return REFUSE_READ_ONLY;
    terms.lease = terms.now + incoming_seconds(conf_get()->slots_resume_for);
    terms.room = usage_disk_room(in->st);
    enum refuse r = index_claim(db, &in->g, &terms, &in->attempt);
    if (r == REFUSE_OK) { /* now, so that the next claim of this batch sees it */
        in->owed = in->g.size;
        usage_owe(in->st, in->owed);
    }
    return r;
}

/* On the index's thread, so attempts are entered in the order of their claims. */
static void claim_done(struct index_op *op)
{
    struct incoming *in = INDEX_OP_OF(op, struct incoming, op);
    struct storage *st = in->st;
    in->result = op->result;
    if (op->result == REFUSE_OK) {
        in->live.attempt = in->attempt;
        live_add(st->live, &in->live);
        log_debug("%s transfer claimed attempt=%d size=%lld", in->g.id.text, in->attempt,
                  (long long)in->g.size);
    } else {
        usage_owe(st, -in->owed);
        log_info("%s transfer claim refused why=%s", in->g.id.text, refuse_get(op->result)->name);
    }
    incoming_answer(in, answer_claim);
    storage_leave(st);
}

void incoming_claim(struct storage *st, const struct grant *g, unsigned flags, struct mailbox *home,
                    incoming_claimed *done, void *arg)
{
    struct incoming *in = incoming_new(st, g, flags);
    in->home = home;
    mailbox_promise(home);
    in->claimed = done;
    in->arg = arg;
    in->op = (struct index_op){.run = run_claim, .done = claim_done, .flags = INDEX_LAZY};
    storage_enter(st);
    index_write(st->index, &in->op);
}

/* --- writing ---------------------------------------------------------------------------------------------
 */

enum refuse incoming_fail(struct incoming *in, enum refuse why)
{
    if (why == REFUSE_READ_ONLY)
        storage_fail(in->st, "writing a file");
    if (in->failed == REFUSE_OK)
        in->failed = why;
    spool_discard(&in->file); /* its space is wanted at once */
    return in->failed;
}

static void wrote(struct incoming *in, int64_t n)
{
    if (n > in->owed)
        n = in->owed;
    in->owed -= n;
    usage_owe(in->st, -n);
}

static enum refuse begin_file(struct incoming *in)
{
    in->sha256 = hash_begin(EVP_sha256());
    in->md5 = in->flags & INCOMING_MD5 ? hash_begin(EVP_md5()) : NULL;
    if (!in->sha256 || ((in->flags & INCOMING_MD5) && !in->md5))
        return incoming_fail(in, REFUSE_INTERNAL);
    enum refuse r = spool_create(in->st->spool, &in->g.id, in->attempt, in->g.size, &in->file);
    if (r != REFUSE_OK)
        return incoming_fail(in, r);
    if (spool_allocated(in->file)) /* the disk counts it already */
        wrote(in, in->owed);
    return REFUSE_OK;
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
    if (!in->file) {
        enum refuse r = begin_file(in);
        if (r != REFUSE_OK)
            return r;
    }
    if (n == 0)
        return REFUSE_OK;
    enum refuse r = spool_append(in->file, data, n);
    if (r != REFUSE_OK)
        return incoming_fail(in, r);
    wrote(in, (int64_t)n);
    live_grew(in->st->live, &in->live);
    if (EVP_DigestUpdate(in->sha256, data, n) != 1 || (in->md5 && EVP_DigestUpdate(in->md5, data, n) != 1))
        return incoming_fail(in, REFUSE_INTERNAL);
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

static void post_strand(struct incoming *in, enum job_kind next)
{
    in->task.run = run_strand;
    if (next == JOB_COMMIT)
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
            on_sync = job->kind == JOB_COMMIT;
        if (!job)
            in->running = false;
        bool elsewhere = job && (job->kind == JOB_COMMIT) != on_sync;
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
