/* index.c: the index's thread and its connections. index.h says what they promise.
 *
 * One turn, of the thread or of who writes while it rests, in this order, and no step can be swapped:
 *   take the queue (at most BATCH_MAX operations) -> BEGIN IMMEDIATE -> run() each, in a savepoint if there
 *   are several -> what the host wants to know -> COMMIT (the log is synced here unless all were lazy) -> the
 *   answers.
 * A file's bytes and name are on the disk before the operation comes whose row promises it.
 *
 * Failures. An operation's own refusal undoes its savepoint. An error that made SQLite give up the whole
 * transaction, or a COMMIT that failed, fails the batch. SQLITE_FULL is certain: the frame that would have
 * committed was not written, so the answer is DISK_FULL and life goes on. Any other error at COMMIT is not:
 * the frame may be on the disk although the sync failed, so nothing is retried and nothing that the rows
 * name is touched; the index refuses writes (READ_ONLY) until the next start reads what is really there.
 *
 * Before index_start the caller's thread is the index's thread: recovery and ferryctl work so.
 */
#include "storage/index.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/workers.h"
#include "storage/index_conn.h"
#include "storage/recent.h"

enum {
    BATCH_MAX = 256,
    CHORE_IDLE_MS = 60000,
    LOG_SPACE = 5 << 20, /* more than the log grows to between two checkpoints (1000 pages) */
};

struct index {
    struct index_host host;
    char *path;
    struct index_db *db; /* the writer */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct task *head, **tail;
    int64_t chore_at; /* monotonic ms */
    bool running, stopping;
    bool busy;   /* it is somebody's turn: the thread's, or a caller's of index_write_now */
    bool barred; /* the thread waits for its turn */
    atomic_bool broken;
    _Atomic uint64_t commits;
    bool synchronous; /* what the writer's PRAGMA says now */
    pthread_t thread;
    pthread_key_t reader_key;
    struct index_db *readers; /* all of them, under lock */
};

static struct index_op *op_of(struct task *task)
{
    return INDEX_OP_OF(task, struct index_op, task);
}

static void answer_home(struct task *task)
{
    struct index_op *op = op_of(task);
    op->done(op);
}

static void answer(struct index_op *op)
{
    if (op->home) {
        op->task.run = answer_home;
        mailbox_keep(op->home, &op->task);
    } else {
        op->done(op);
    }
}

static void break_down(struct index *ix, const char *what)
{
    if (!atomic_exchange(&ix->broken, true))
        ix->host.failed(ix->host.arg, what);
}

bool index_broken(const struct index *ix)
{
    return atomic_load(&((struct index *)ix)->broken);
}

/* --- one batch -------------------------------------------------------------------------------------------
 */

static void run_one(struct index *ix, struct index_op *op, bool alone)
{
    if (!alone && !conn_exec(ix->db, "SAVEPOINT op")) {
        op->result = index_error(ix->db);
        return;
    }
    enum refuse r = op->run(ix->db, op);
    enum refuse err = index_error(ix->db);
    op->result = err ? err : r;
    if (alone || conn_lost_transaction(ix->db))
        return; /* the batch is judged by its caller */
    if (op->result != REFUSE_OK)
        conn_exec(ix->db, "ROLLBACK TO op");
    conn_exec(ix->db, "RELEASE op");
    err = index_error(ix->db);
    if (err && op->result == REFUSE_OK)
        op->result = err;
}

/* Sets the result of all: none of them was stored. */
static void fail_batch(struct index_op **ops, size_t n, enum refuse why)
{
    for (size_t i = 0; i < n; i++) {
        if (ops[i]->result == REFUSE_OK)
            ops[i]->result = why;
        ops[i]->flags &= ~(unsigned)INDEX_POKE;
    }
}

static enum refuse begin(struct index *ix, struct index_op **ops, size_t n)
{
    bool lazy = true;
    for (size_t i = 0; i < n; i++)
        lazy = lazy && (ops[i]->flags & INDEX_LAZY);
    if (lazy == ix->synchronous) {
        if (!conn_set_synchronous(ix->db, !lazy))
            return index_error(ix->db);
        ix->synchronous = !lazy;
    }
    return conn_exec(ix->db, "BEGIN IMMEDIATE") ? REFUSE_OK : index_error(ix->db);
}

/* Behind begin(). REFUSE_OK: committed, or there was nothing to be. */
static enum refuse run_batch(struct index *ix, struct index_op **ops, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        run_one(ix, ops[i], n == 1);
        if (conn_lost_transaction(ix->db)) {
            index_error(ix->db);
            return ops[i]->result != REFUSE_OK ? ops[i]->result : REFUSE_INTERNAL;
        }
    }
    if (n == 1 && ops[0]->result != REFUSE_OK) /* nothing is left of it, and nothing else was done */
        return conn_exec(ix->db, "ROLLBACK") ? REFUSE_OK : index_error(ix->db);
    ix->host.committing(ix->host.arg, ix->db);
    index_error(ix->db); /* the host's own reading: if the disk is at fault, COMMIT says so */
    if (conn_exec(ix->db, "COMMIT"))
        return REFUSE_OK;
    enum refuse err = index_error(ix->db);
    if (!conn_lost_transaction(ix->db)) {
        conn_exec(ix->db, "ROLLBACK");
        index_error(ix->db);
    }
    if (err != REFUSE_DISK_FULL) {
        break_down(ix, "index commit");
        err = REFUSE_READ_ONLY;
    }
    return err;
}

static void do_batch(struct index *ix, struct index_op **ops, size_t n, bool begun)
{
    for (size_t i = 0; i < n; i++)
        ops[i]->result = REFUSE_OK;
    enum refuse r = begun ? REFUSE_OK : index_broken(ix) ? REFUSE_READ_ONLY : begin(ix, ops, n);
    if (r == REFUSE_OK)
        r = run_batch(ix, ops, n);
    if (r != REFUSE_OK)
        fail_batch(ops, n, r);
    atomic_fetch_add(&ix->commits, 1); /* whatever became of it, and before anybody hears of it */
    if (r == REFUSE_OK)
        ix->host.committed(ix->host.arg);
    bool poke = false;
    for (size_t i = 0; i < n; i++)
        poke = poke || (ops[i]->result == REFUSE_OK && (ops[i]->flags & INDEX_POKE));
    if (poke)
        ix->host.poke(ix->host.arg);
    for (size_t i = 0; i < n; i++)
        answer(ops[i]);
}

/* --- the thread ------------------------------------------------------------------------------------------
 */

/* With the lock held. */
static size_t take(struct index *ix, struct index_op **ops, size_t max)
{
    size_t n = 0;
    while (n < max && ix->head) {
        ops[n++] = op_of(ix->head);
        ix->head = ix->head->next;
    }
    if (!ix->head)
        ix->tail = &ix->head;
    return n;
}

static void wait_until(struct index *ix, int64_t mono_ms)
{
    struct timespec ts = {.tv_sec = mono_ms / 1000, .tv_nsec = mono_ms % 1000 * 1000000};
    pthread_cond_timedwait(&ix->wake, &ix->lock, &ts);
}

/* With the lock held: until there is something to do, and nobody else at it. */
static void await_turn(struct index *ix)
{
    for (;;) {
        if (ix->busy) {
            ix->barred = true;
            pthread_cond_wait(&ix->wake, &ix->lock);
            ix->barred = false;
        } else if (!ix->head && !ix->stopping && clock_mono_ms() < ix->chore_at) {
            wait_until(ix, ix->chore_at);
        } else {
            return;
        }
    }
}

static void *index_main(void *arg)
{
    struct index *ix = arg;
    struct index_op *ops[BATCH_MAX];
    thread_name("index");
    pthread_mutex_lock(&ix->lock);
    for (;;) {
        await_turn(ix);
        size_t n = take(ix, ops, BATCH_MAX);
        if (n == 0 && ix->stopping)
            break;
        bool chore = clock_mono_ms() >= ix->chore_at && !ix->stopping;
        if (chore)
            ix->chore_at = clock_mono_ms() + CHORE_IDLE_MS;
        ix->busy = true;
        pthread_mutex_unlock(&ix->lock);
        if (n > 0)
            do_batch(ix, ops, n, false);
        if (chore)
            index_chore_in(ix, ix->host.chore(ix->host.arg));
        pthread_mutex_lock(&ix->lock);
        ix->busy = false;
    }
    pthread_mutex_unlock(&ix->lock);
    return NULL;
}

void index_write(struct index *ix, struct index_op *op)
{
    FERRY_ASSERT(op->run && op->done);
    mailbox_promise(op->home);
    pthread_mutex_lock(&ix->lock);
    if (!ix->running) {
        pthread_mutex_unlock(&ix->lock);
        do_batch(ix, &op, 1, false);
        return;
    }
    FERRY_ASSERT(!ix->stopping);
    op->task.next = NULL;
    bool wake = !ix->head && !ix->busy; /* whose turn it is looks when it ends */
    *ix->tail = &op->task;
    ix->tail = &op->task.next;
    pthread_mutex_unlock(&ix->lock);
    if (wake) /* without the lock, or it would wake to wait for that; who posts has ended before `ix`
                      does */
        pthread_cond_signal(&ix->wake);
}

/* Another program's transaction may last for seconds: that is for the index's thread to wait for. */
static bool begin_now(struct index *ix, struct index_op **op)
{
    if (index_broken(ix))
        return false;
    conn_set_patient(ix->db, false);
    enum refuse r = begin(ix, op, 1);
    conn_set_patient(ix->db, true);
    return r == REFUSE_OK;
}

bool index_write_now(struct index *ix, struct index_op *op)
{
    FERRY_ASSERT(op->run && op->done && !op->home);
    thread_assert_may_block();
    pthread_mutex_lock(&ix->lock);
    bool rests = !ix->busy && !ix->barred && !ix->head && !ix->stopping;
    if (rests)
        ix->busy = true;
    pthread_mutex_unlock(&ix->lock);
    if (!rests)
        return false;
    bool begun = begin_now(ix, &op);
    if (begun)
        do_batch(ix, &op, 1, true);
    pthread_mutex_lock(&ix->lock);
    ix->busy = false;
    bool wake = ix->head || ix->barred;
    pthread_mutex_unlock(&ix->lock);
    if (wake)
        pthread_cond_signal(&ix->wake);
    return begun;
}

void *index_host_arg(struct index_db *db)
{
    return db->index->host.arg;
}

void index_chore_in(struct index *ix, int64_t ms)
{
    int64_t at = clock_mono_ms() + (ms < 0 ? 0 : ms);
    pthread_mutex_lock(&ix->lock);
    if (at < ix->chore_at) {
        ix->chore_at = at;
        pthread_cond_signal(&ix->wake);
    }
    pthread_mutex_unlock(&ix->lock);
}

/* --- readers ---------------------------------------------------------------------------------------------
 */

static void forget_reader(void *arg)
{
    struct index_db *db = arg;
    struct index *ix = db->index;
    pthread_mutex_lock(&ix->lock);
    struct index_db **at = &ix->readers;
    while (*at && *at != db)
        at = &(*at)->next;
    if (*at)
        *at = db->next;
    pthread_mutex_unlock(&ix->lock);
    conn_close(db);
}

struct index_db *index_reader(struct index *ix)
{
    thread_assert_may_block();
    struct index_db *db = pthread_getspecific(ix->reader_key);
    if (db && !conn_open_failed(db))
        return db;
    if (db) { /* descriptors may be back by now */
        pthread_setspecific(ix->reader_key, NULL);
        forget_reader(db);
    }
    db = conn_open_reader(ix->path);
    db->index = ix;
    db->recent = recent_new();
    pthread_mutex_lock(&ix->lock);
    db->next = ix->readers;
    ix->readers = db;
    pthread_mutex_unlock(&ix->lock);
    pthread_setspecific(ix->reader_key, db);
    return db;
}

struct recent *index_recent(struct index_db *reader)
{
    return reader->recent;
}

uint64_t index_commits(const struct index *ix)
{
    return atomic_load(&((struct index *)ix)->commits);
}

static void read_on_worker(struct task *task)
{
    struct index_op *op = op_of(task);
    struct index *ix = op->reading;
    struct index_db *db = index_reader(ix);
    index_error(db);
    op->result = op->run(db, op);
    enum refuse err = index_error(db);
    if (err)
        op->result = err;
    answer(op);
}

void index_read(struct index *ix, struct index_op *op)
{
    mailbox_promise(op->home);
    op->reading = ix;
    op->task.run = read_on_worker;
    pthread_mutex_lock(&ix->lock);
    bool running = ix->running;
    pthread_mutex_unlock(&ix->lock);
    if (running)
        workers_post(ix->host.readers, &op->task);
    else
        read_on_worker(&op->task);
}

/* --- opening and closing ---------------------------------------------------------------------------------
 */

/* Blocks of the log are taken in advance, so that a full disk does not forbid the removals that would free
 * it. Where the file system cannot do that, nothing is lost but this. */
static void hold_log_space(const char *path)
{
    char *wal = xasprintf("%s-wal", path);
    int fd = TEMP_FAILURE_RETRY(open(wal, O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (fd >= 0) {
        if (TEMP_FAILURE_RETRY(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, LOG_SPACE)) != 0 && errno == ENOSPC)
            log_warn("index log-space errno=%d: a full disk may forbid removals", errno);
        close(fd);
    }
    free(wal);
}

struct index *index_open(const char *path, const struct index_host *host, struct buf *why)
{
    struct index_db *db = conn_open_writer(path, why);
    if (!db)
        return NULL;
    struct index *ix = xcalloc(1, sizeof *ix);
    ix->host = *host;
    ix->path = xstrdup(path);
    ix->db = db;
    db->index = ix;
    ix->synchronous = true;
    ix->tail = &ix->head;
    pthread_mutex_init(&ix->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&ix->wake, &attr);
    pthread_condattr_destroy(&attr);
    pthread_key_create(&ix->reader_key, forget_reader);
    hold_log_space(path);
    return ix;
}

void index_start(struct index *ix)
{
    sigset_t all, old;
    sigfillset(&all);
    ix->running = true;
    ix->chore_at = clock_mono_ms();
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int err = pthread_create(&ix->thread, NULL, index_main, ix);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    FERRY_ASSERT(err == 0);
}

void index_close(struct index **ixp)
{
    struct index *ix = *ixp;
    if (!ix)
        return;
    *ixp = NULL;
    if (ix->running) {
        pthread_mutex_lock(&ix->lock);
        ix->stopping = true;
        pthread_cond_signal(&ix->wake);
        pthread_mutex_unlock(&ix->lock);
        pthread_join(ix->thread, NULL);
    }
    pthread_key_delete(ix->reader_key); /* threads that end later close nothing twice */
    while (ix->readers) {
        struct index_db *db = ix->readers;
        ix->readers = db->next;
        conn_close(db);
    }
    conn_close(ix->db); /* the last one: SQLite folds the log into the file */
    pthread_cond_destroy(&ix->wake);
    pthread_mutex_destroy(&ix->lock);
    free(ix->path);
    free(ix);
}

enum refuse index_backup(struct index *ix, const char *path)
{
    thread_assert_may_block();
    return conn_backup(index_reader(ix), path);
}
