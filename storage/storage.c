/* storage.c: the spool as a whole: its lock, its parts in the order they can stand on each other, its end.
 *
 * Opening: folder -> lock -> keys -> byte store -> index -> recovery (check.h) -> advice in memory. Nothing
 * of this needs the threads, so ferryctl, which never calls storage_start, runs every verb on its own thread.
 * Closing waits for what was begun (storage_enter, storage_leave), then takes down in reverse order.
 */
#include "storage/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/workers.h"
#include "storage/account_memory.h"
#include "storage/begun.h"
#include "storage/check.h"
#include "storage/expiry.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"
#include "storage/keys.h"
#include "storage/live.h"
#include "storage/once.h"
#include "storage/parked.h"
#include "storage/settings.h"
#include "storage/sniff.h"
#include "storage/spool.h"
#include "storage/usage.h"

enum {
    WORK_THREADS = 3,  /* two cores' worth of hashing, and one that may be stuck */
    SYNC_THREADS = 12, /* files that may wait for the disk at a time: what waits together, one flush serves */
};

static struct storage *the_storage;

struct storage *storage_get(void)
{
    return the_storage;
}

struct workers *storage_workers(struct storage *st)
{
    return st->work;
}

int storage_poke_fd(struct storage *st)
{
    return st->poke_fd;
}

bool storage_read_only(struct storage *st)
{
    return atomic_load(&st->read_only);
}

char *storage_path(struct storage *st, const char *name)
{
    return xasprintf("%s/%s", st->dir, name);
}

void storage_fail(struct storage *st, const char *what)
{
    if (!atomic_exchange(&st->read_only, true))
        log_error("storage alarm read-only what=\"%s\": no file is taken until a restart", what);
}

/* --- what is under way -----------------------------------------------------------------------------------
 */

void storage_enter(struct storage *st)
{
    pthread_mutex_lock(&st->lock);
    st->busy++;
    pthread_mutex_unlock(&st->lock);
}

void storage_leave(struct storage *st)
{
    pthread_mutex_lock(&st->lock);
    FERRY_ASSERT(st->busy > 0);
    if (--st->busy == 0)
        pthread_cond_broadcast(&st->idle);
    pthread_mutex_unlock(&st->lock);
}

static void post(struct storage *st, struct workers *w, struct task *task)
{
    if (atomic_load(&st->started))
        workers_post(w, task);
    else
        task->run(task);
}

void storage_work(struct storage *st, struct task *task)
{
    post(st, st->work, task);
}

void storage_sync(struct storage *st, struct task *task)
{
    post(st, st->sync, task);
}

/* --- what the index asks of us ---------------------------------------------------------------------------
 */

static void host_poke(void *arg)
{
    struct storage *st = arg;
    uint64_t one = 1;
    if (write(st->poke_fd, &one, sizeof one) < 0 && errno != EAGAIN)
        log_warn("storage poke errno=%d", errno); /* a hint: the rows are on the disk */
}

static void host_failed(void *arg, const char *what)
{
    storage_fail(arg, what);
}

static void host_committing(void *arg, struct index_db *db)
{
    usage_committing(arg, db);
}

static void host_committed(void *arg)
{
    usage_committed(arg);
}

static int64_t host_chore(void *arg)
{
    return expiry_chore(arg);
}

/* --- opening ---------------------------------------------------------------------------------------------
 */

/* The folder is ours alone: made 0700, and refused when it belongs to somebody else. */
static int open_dir(struct storage *st, struct buf *why)
{
    const char *dir = conf_get()->storage_dir;
    struct stat sb;
    if (TEMP_FAILURE_RETRY(mkdir(dir, 0700)) != 0 && errno != EEXIST) {
        buf_addf(why, "%s: %s", dir, strerror(errno));
        return -1;
    }
    st->dir = xstrdup(dir);
    st->dir_fd = TEMP_FAILURE_RETRY(open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (st->dir_fd < 0 || fstat(st->dir_fd, &sb) != 0) {
        buf_addf(why, "%s: %s", dir, strerror(errno));
        return -1;
    }
    if (sb.st_uid != geteuid() && geteuid() != 0) {
        buf_addf(why, "%s belongs to another user", dir);
        return -1;
    }
    return 0;
}

static int take_lock(struct storage *st, struct buf *why, int *exit_code)
{
    st->lock_fd =
        TEMP_FAILURE_RETRY(openat(st->dir_fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (st->lock_fd < 0) {
        buf_addf(why, "%s/lock: %s", st->dir, strerror(errno));
        return -1;
    }
    if (TEMP_FAILURE_RETRY(flock(st->lock_fd, LOCK_EX | LOCK_NB)) == 0)
        return 0;
    buf_addf(why, "%s is in use by another process", st->dir);
    *exit_code = errno == EWOULDBLOCK ? 3 : 1;
    return -1;
}

static int open_keys(struct storage *st, struct buf *why)
{
    const char *given = conf_get()->storage_key_file;
    char *path = *given ? xstrdup(given) : storage_path(st, "key");
    bool fresh = faccessat(st->dir_fd, "index.db", F_OK, 0) != 0;
    st->keys = keys_open(path, fresh, why);
    free(path);
    return st->keys ? 0 : -1;
}

static int open_index(struct storage *st, struct buf *why)
{
    struct index_host host = {.arg = st,
                              .poke = host_poke,
                              .committing = host_committing,
                              .committed = host_committed,
                              .failed = host_failed,
                              .chore = host_chore,
                              .readers = st->work};
    char *path = storage_path(st, "index.db");
    st->index = index_open(path, &host, why);
    free(path);
    if (!st->index)
        return -1;
    if (TEMP_FAILURE_RETRY(fsync(st->dir_fd)) != 0) { /* the names of lock, key and index */
        buf_addf(why, "%s: %s", st->dir, strerror(errno));
        return -1;
    }
    return 0;
}

static int open_parts(struct storage *st, struct buf *why, int *exit_code)
{
    if (open_dir(st, why) != 0 || take_lock(st, why, exit_code) != 0 || open_keys(st, why) != 0)
        return -1;
    st->poke_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (st->poke_fd < 0) {
        buf_addf(why, "eventfd: %s", strerror(errno));
        return -1;
    }
    st->spool = spool_open(st->dir_fd, why);
    if (!st->spool || open_index(st, why) != 0)
        return -1;
    return check_recover(st, why);
}

struct load_op {
    struct index_op op;
    struct storage *st;
};

static enum refuse load_memory(struct index_db *db, struct index_op *op)
{
    struct storage *st = INDEX_OP_OF(op, struct load_op, op)->st;
    usage_load(st, db);
    begun_load(st->begun, db);
    settings_load(st, db);
    return REFUSE_OK;
}

struct storage *storage_open(struct buf *why, int *exit_code)
{
    struct storage *st = xcalloc(1, sizeof *st);
    *exit_code = 1;
    st->dir_fd = st->lock_fd = st->poke_fd = -1;
    pthread_mutex_init(&st->lock, NULL);
    pthread_cond_init(&st->idle, NULL);
    st->work = workers_new("work", WORK_THREADS);
    st->sync = workers_new("sync", SYNC_THREADS);
    st->usage = usage_new();
    st->begun = begun_new();
    st->live = live_new();
    st->parked = parked_new(st);
    st->expiry = expiry_new();
    st->sniff = sniff_new();
    st->once = once_new();
    st->accounts = accounts_new();
    st->settings = settings_new();
    if (open_parts(st, why, exit_code) != 0) {
        storage_close(&st);
        return NULL;
    }
    struct load_op load = {.op = {.run = load_memory, .flags = INDEX_LAZY}, .st = st};
    index_write_wait(st->index, &load.op);
    the_storage = st;
    return st;
}

void storage_start(struct storage *st)
{
    index_start(st->index);
    atomic_store(&st->started, true);
    check_continue(st);
}

void storage_close(struct storage **stp)
{
    struct storage *st = TAKE(*stp);
    if (!st)
        return;
    expiry_stop(st);
    parked_stop(st->parked);
    pthread_mutex_lock(&st->lock);
    while (st->busy > 0)
        pthread_cond_wait(&st->idle, &st->lock);
    pthread_mutex_unlock(&st->lock);
    workers_stop(&st->sync);
    workers_stop(&st->work);
    index_close(&st->index);
    spool_close(&st->spool);
    keys_free(&st->keys);
    accounts_free(&st->accounts);
    settings_free(st->settings);
    usage_free(st->usage);
    begun_free(st->begun);
    live_free(st->live);
    parked_free(st->parked);
    expiry_free(st->expiry);
    once_free(st->once);
    sniff_free(st->sniff);
    if (st->poke_fd >= 0)
        close(st->poke_fd);
    if (st->lock_fd >= 0)
        close(st->lock_fd); /* unlocks */
    if (st->dir_fd >= 0)
        close(st->dir_fd);
    pthread_cond_destroy(&st->idle);
    pthread_mutex_destroy(&st->lock);
    if (the_storage == st)
        the_storage = NULL;
    free(st->dir);
    free(st);
}

void storage_totals(struct storage *st, struct storage_totals *out)
{
    *out = (struct storage_totals){0};
    struct index_db *db = index_reader(st->index);
    index_totals(db, clock_wall(), out);
    index_error(db);
    spool_space(st->spool, &out->disk_free, &out->disk_size);
}
