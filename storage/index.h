/* index.h: the index's thread, its queue and its read connections (internal to storage/).
 *
 * One thread owns the only connection that writes. It takes what its queue holds: one BEGIN IMMEDIATE, a
 * SAVEPOINT around each of several, one COMMIT, then the answers: group commit. While it has nothing to do it
 * lends its part to who may block and does not want to wait for it (index_write_now); what is said of the
 * index's thread is true of him then. An operation whose run() does not return REFUSE_OK is rolled back
 * alone; when the COMMIT fails all of its batch fail (DISK_FULL: certainly not stored; READ_ONLY: an I/O
 * error, only the next start can tell).
 *
 * Readers: every thread that may block has a read-only connection of its own, opened at first use; a reader
 * never waits for the writer. What an answer has reported, every reader sees.
 *
 * SQL text stands in index_*.c alone (index_sql.h has their tools); other files call the functions that
 * those export, each taking a struct index_db. Before index_start (and in ferryctl, which never calls it)
 * everything runs on the caller's thread at once.
 */
#ifndef FERRY_INDEX_H
#define FERRY_INDEX_H

#include "base/buf.h"
#include "base/mailbox.h"
#include "base/refuse.h"

struct index;
struct index_db; /* one connection and its prepared statements; belongs to one thread */
struct workers;

/* One operation. Embed it in what it needs (arguments copied in, results to come out); it is touched by one
 * thread at a time. Zero it, set run, done, home. */
struct index_op {
    struct task task; /* the index's own */
    /* On the index's thread (index_write) or a worker (index_read). Changes nothing but the index and the
     * operation itself: it may yet be rolled back. Not called when the index has failed. */
    enum refuse (*run)(struct index_db *db, struct index_op *op);
    /* Exactly once, after COMMIT or failure: on the home's thread, or with home NULL on the index's (or the
     * worker's) own, where it must not wait. op->result is the answer. Frees the operation. */
    void (*done)(struct index_op *op);
    struct mailbox *home;
    enum refuse result;
    unsigned flags;        /* INDEX_* */
    struct index *reading; /* index_read's own */
};
#define INDEX_LAZY 1 /* a power cut may undo it (never a kill): no sync for its sake */
#define INDEX_POKE 2 /* set by run(): the outbox has a new row; storage_poke_fd is poked after the COMMIT */

/* What embeds an operation, from it. */
#define INDEX_OP_OF(op, type, member) ((type *)((char *)(op)-offsetof(type, member)))

struct index_host { /* what the index asks of the storage around it */
    void *arg;
    void (*poke)(void *arg);
    void (*committing)(void *arg, struct index_db *db); /* before each COMMIT: reads what it brings */
    void (*committed)(void *arg);                       /* after it, before the answers */
    void (*failed)(void *arg, const char *what);        /* an I/O error: writing is over until a restart */
    int64_t (*chore)(void *arg); /* on the index's thread when it is time; ms until the next */
    struct workers *readers;     /* index_read runs there */
};

/* Opens or makes path. NULL: `why`. Blocks. */
struct index *index_open(const char *path, const struct index_host *host, struct buf *why);
void index_start(struct index *ix);
/* Runs what was posted, then closes every connection. No other thread calls anything afterwards. */
void index_close(struct index **ix);

void index_write(struct index *ix, struct index_op *op);
/* The same at once and on the caller's thread, `done` too (no home), where the index's thread rests: two
 * changes of thread less. false: it does not, or another program holds the index, and nothing has happened.
 * Blocks for the disk. */
bool index_write_now(struct index *ix, struct index_op *op);
void index_read(struct index *ix, struct index_op *op);
/* Blocks until it is committed; `done` and `home` are not used and the operation stays the caller's. */
enum refuse index_write_wait(struct index *ix, struct index_op *op);
/* This thread's read connection. Never NULL: when it could not be opened every statement fails. Blocks. */
struct index_db *index_reader(struct index *ix);
/* The rows that such a connection has read lately (recent.h), and the number of the last COMMIT that was
 * answered: what is read after it was asked for is true as long as it stays. */
struct recent *index_recent(struct index_db *reader);
uint64_t index_commits(const struct index *ix);
/* The chore is wanted in ms at the latest. Any thread. */
void index_chore_in(struct index *ix, int64_t ms);
bool index_broken(const struct index *ix); /* after `failed` */
/* The first error since the last call, REFUSE_OK when there was none: DISK_FULL, READ_ONLY, INTERNAL.
 * index_write and index_read look by themselves; who uses a reader directly asks. */
enum refuse index_error(struct index_db *db);
/* The whole content in order (PRAGMA quick_check or integrity_check); complaints are added to `out`. */
bool index_check(struct index_db *db, bool thorough, struct buf *out);
/* A consistent copy while the daemon runs. Blocks. */
enum refuse index_backup(struct index *ix, const char *path);

#endif
