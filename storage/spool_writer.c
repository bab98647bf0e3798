/* spool_writer.c: a file on its way: made or opened again under tmp/, written, made durable, published or
 * dropped. spool.c says in which order and why.
 *
 * A part is such a file whose writer is gone and that somebody may come back for: it stays under tmp/, and
 * what lies beyond the bytes that were promised is cut off when it is opened again.
 */
#include "storage/spool_body.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

enum { ALLOCATE_FROM = 1024 * 1024 /* smaller files are written before a reservation would have paid */ };

struct spool_writer {
    struct spool *spool;
    struct ferry_id id;
    int attempt, fd;
    int64_t size, written;
    bool allocated, named; /* named: its name under tmp/ is durable */
};

/* --- making ----------------------------------------------------------------------------------------------
 */

/* Blocks are asked for before a large file's bytes come, so that a full disk is told at the start. File
 * systems that cannot are not worse off: their write() tells. */
static int allocate(struct spool_writer *w)
{
    if (w->size < ALLOCATE_FROM)
        return 0;
    w->allocated = RETRY(fallocate(w->fd, FALLOC_FL_KEEP_SIZE, 0, w->size)) == 0;
    if (w->allocated)
        return 0;
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO ? -1 : 0;
}

/* A file is made nameless in the folder that it will end in and then named under tmp/, so that its inode is
 * of that folder's group (spool.c: spread). Not every file system can; then it is made in tmp/. */
static int make(struct spool *sp, const struct ferry_id *id, const char *name)
{
    char self[32];
    int fd = RETRY(openat(sp->shard[spool_shard(id)], ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
    if (fd >= 0) {
        snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
        if (RETRY(linkat(AT_FDCWD, self, sp->tmp, name, AT_SYMLINK_FOLLOW)) == 0)
            return fd;
        int err = errno;
        close(fd);
        if (err != ENOENT) /* no /proc */
            return errno = err, -1;
    } else if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
        return -1;
    }
    return RETRY(openat(sp->tmp, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
}

enum refuse spool_create(struct spool *sp, const struct ferry_id *id, int attempt, int64_t size, bool whole,
                         struct spool_writer **out)
{
    char name[SPOOL_NAME];
    spool_name(name, id, attempt);
    *out = NULL;
    thread_assert_may_block();
    int fd = make(sp, id, name);
    if (fd < 0)
        return spool_refuse(errno, "create", id);
    struct spool_writer *w = xcalloc(1, sizeof *w);
    *w = (struct spool_writer){.spool = sp, .id = *id, .attempt = attempt, .fd = fd, .size = size};
    if (whole && allocate(w) != 0) {
        enum refuse r = spool_refuse(errno, "allocate", id);
        spool_discard(&w);
        return r;
    }
    *out = w;
    return REFUSE_OK;
}

/* What lies beyond `at` was written after the last sync: nobody knows which of it is there. */
static enum refuse cut(struct spool_writer *w, int64_t at)
{
    struct stat sb;
    if (fstat(w->fd, &sb) != 0)
        return spool_refuse(errno, "stat", &w->id);
    if (!S_ISREG(sb.st_mode) || sb.st_size < at)
        return REFUSE_DAMAGED;
    if (sb.st_size > at && RETRY(ftruncate(w->fd, at)) != 0)
        return spool_refuse(errno, "truncate", &w->id);
    if (lseek(w->fd, at, SEEK_SET) != at || allocate(w) != 0)
        return spool_refuse(errno, "allocate", &w->id);
    w->written = at;
    return REFUSE_OK;
}

enum refuse spool_reopen(struct spool *sp, const struct ferry_id *id, int attempt, int64_t size, int64_t at,
                         struct spool_writer **out)
{
    char name[SPOOL_NAME];
    spool_name(name, id, attempt);
    *out = NULL;
    thread_assert_may_block();
    int fd = RETRY(openat(sp->tmp, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (fd < 0)
        return errno == ENOENT || errno == ELOOP ? REFUSE_DAMAGED : spool_refuse(errno, "open", id);
    struct spool_writer *w = xcalloc(1, sizeof *w);
    *w = (struct spool_writer){
        .spool = sp, .id = *id, .attempt = attempt, .fd = fd, .size = size, .named = true};
    enum refuse r = at <= size ? cut(w, at) : REFUSE_DAMAGED;
    if (r != REFUSE_OK) {
        spool_leave(&w);
        return r;
    }
    *out = w;
    return REFUSE_OK;
}

/* --- writing ---------------------------------------------------------------------------------------------
 */

static int write_all(int fd, const void *data, size_t n)
{
    for (const char *at = data; n > 0;) {
        ssize_t wrote = RETRY(write(fd, at, n));
        if (wrote <= 0)
            return wrote < 0 ? errno : EIO;
        at += wrote;
        n -= (size_t)wrote;
    }
    return 0;
}

enum refuse spool_append(struct spool_writer *w, const void *data, size_t n)
{
    if (n > (uint64_t)(w->size - w->written))
        return REFUSE_SIZE_MISMATCH;
    int err = write_all(w->fd, data, n);
    if (err != 0)
        return spool_refuse(err, "write", &w->id);
    w->written += (int64_t)n;
    return REFUSE_OK;
}

bool spool_allocated(const struct spool_writer *w)
{
    return w->allocated;
}

ptrdiff_t spool_peek(struct spool_writer *w, int64_t at, void *out, size_t n)
{
    return RETRY(pread(w->fd, out, n, at));
}

enum refuse spool_sync(struct spool_writer *w)
{
    thread_assert_may_block();
    if (RETRY(fdatasync(w->fd)) != 0)
        return spool_refuse(errno, "fdatasync", &w->id);
    if (!w->named && RETRY(fsync(w->spool->tmp)) != 0)
        return spool_refuse(errno, "folder-sync", &w->id);
    w->named = true;
    return REFUSE_OK;
}

/* Close's errno, or 0. Linux has closed it whatever it says. */
static int close_written(int fd)
{
    return close(fd) == 0 || errno == EINTR ? 0 : errno;
}

/* --- the end ---------------------------------------------------------------------------------------------
 */

/* What has the name already was left by a kill (at_once.c), and the comparison has not come to it yet: a
 * number is given to one attempt only. */
static int into_place(struct spool_writer *w, const char *name)
{
    int to = w->spool->shard[spool_shard(&w->id)];
    int rc = RETRY(renameat2(w->spool->tmp, name, to, name, RENAME_NOREPLACE));
    if (rc != 0 && errno == EEXIST && spool_quarantine(w->spool, &w->id, w->attempt) == 0)
        rc = RETRY(renameat2(w->spool->tmp, name, to, name, RENAME_NOREPLACE));
    return rc;
}

enum refuse spool_publish(struct spool_writer **wp)
{
    struct spool_writer *w = *wp;
    char name[SPOOL_NAME];
    spool_name(name, &w->id, w->attempt);
    thread_assert_may_block();
    const char *step = "fsync";
    int rc = RETRY(fsync(w->fd));
    if (rc == 0) {
        step = "close";
        rc = errno = close_written(w->fd);
        w->fd = -1;
    }
    if (rc == 0) {
        step = "rename";
        rc = into_place(w, name);
    }
    if (rc != 0)
        return spool_refuse(errno, step, &w->id);
    *wp = NULL;
    free(w);
    return REFUSE_OK;
}

static int64_t now_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* What was slow is remembered for a while; once among many quick ones may be the scheduler. */
static void remember(struct spool *sp, int64_t us)
{
    int old = atomic_load(&sp->sync_us), most = 6 * SPOOL_QUICK_US;
    atomic_store(&sp->sync_us, (7 * old + (us < most ? (int)us : most)) / 8);
}

enum refuse spool_put(struct spool *sp, const struct ferry_id *id, int attempt, const void *data, size_t n)
{
    thread_assert_may_block();
    char name[SPOOL_NAME];
    spool_name(name, id, attempt);
    int fd = RETRY(
        openat(sp->shard[spool_shard(id)], name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (fd < 0)
        return errno == EEXIST ? REFUSE_CONFLICT : spool_refuse(errno, "create", id);
    const char *step = "write";
    int err = write_all(fd, data, n);
    int64_t began = now_us();
    if (err == 0) {
        step = "fsync";
        err = RETRY(fsync(fd)) == 0 ? 0 : errno;
    }
    int closed = close_written(fd);
    if (err == 0 && closed != 0) {
        step = "close";
        err = closed;
    }
    enum refuse r = err == 0 ? spool_sync_name(sp, id) : spool_refuse(err, step, id);
    remember(sp, now_us() - began);
    if (r != REFUSE_OK)
        spool_remove(sp, id, attempt);
    return r;
}

void spool_discard(struct spool_writer **wp)
{
    struct spool_writer *w = *wp;
    if (!w)
        return;
    spool_remove_part(w->spool, &w->id, w->attempt);
    spool_leave(wp);
}

void spool_leave(struct spool_writer **wp)
{
    struct spool_writer *w = TAKE(*wp);
    if (!w)
        return;
    if (w->fd >= 0)
        close(w->fd);
    free(w);
}

void spool_remove_part(struct spool *sp, const struct ferry_id *id, int attempt)
{
    char name[SPOOL_NAME];
    spool_name(name, id, attempt);
    if (RETRY(unlinkat(sp->tmp, name, 0)) != 0 && errno != ENOENT)
        log_warn(ID_SHOWN " spool tmp-left errno=%d: removed at the next start", id->text, errno);
}
