/* spool.c: the files of transfers, and nothing else: no SQL, no quotas, no policy.
 *
 * Layout, below the spool's folder:
 *   tmp/ID.ATTEMPT          being written by exactly one open writer; without one: a part that may be gone on
 * with data/X/ID.ATTEMPT       whole, never modified again; X is the first character of the id
 *   quarantine/ID.ATTEMPT   a whole file no row asked for: kept for the operator, never served
 *
 * Promises: (1) after spool_publish and spool_sync_name returned success, bytes and name survive a power
 * cut; (2) nothing below data/ is ever half written; (3) a writer never grows past the size it was made for;
 * (4) nothing is ever overwritten.
 *
 * The order of publishing, and why no step can be swapped: write; fsync the file (a rename may reach the disk
 * before the bytes it names); look at close (file systems over a network report the last errors there);
 * rename without replacing (it shows the file under its final name at once and whole); fsync the directory
 * (else the name may be lost although the bytes are safe).
 *
 * A failed fsync is final: the kernel marks the pages clean and a second fsync would lie, so the file is
 * dropped and the caller told READ_ONLY. Calls are relative to directories held open, never through a
 * symbolic link. A writer belongs to one thread at a time; everything else may be called by any thread that
 * may wait.
 */
#include "storage/spool_body.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"

static const char shard_chars[] = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

enum refuse spool_refuse(int err, const char *what, const struct ferry_id *id)
{
    log_warn(ID_SHOWN " spool %s failed errno=%d: %s", id->text, what, err, strerror(err));
    switch (err) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return REFUSE_DISK_FULL;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return REFUSE_TOO_MANY;
    case EIO:
    case EROFS:
    case EUCLEAN:
        return REFUSE_READ_ONLY;
    default:
        return REFUSE_INTERNAL;
    }
}

/* --- names -----------------------------------------------------------------------------------------------
 */

static bool name_char(char c)
{
    return c != '\0' && strchr(shard_chars, c) != NULL;
}

void spool_name(char name[SPOOL_NAME], const struct ferry_id *id, int attempt)
{
    FERRY_ASSERT(attempt > 0 && strlen(id->text) == ID_LEN && name_char(id->text[0]));
    snprintf(name, SPOOL_NAME, "%s.%d", id->text, attempt);
}

static bool parse_name(const char *name, struct spool_entry *e)
{
    size_t i = 0;
    while (i < ID_LEN && name_char(name[i]))
        i++;
    snprintf(e->id.text, sizeof e->id.text, "%s", name);
    e->attempt = 0;
    if (i < ID_LEN || name[i] != '.' || name[i + 1] < '1' || name[i + 1] > '9')
        return false;
    char *end;
    errno = 0;
    long attempt = strtol(name + i + 1, &end, 10);
    if (*end != '\0' || errno != 0 || attempt > INT32_MAX)
        return false;
    e->attempt = (int)attempt;
    return true;
}

int spool_shard(const struct ferry_id *id)
{
    const char *at = id->text[0] ? strchr(shard_chars, id->text[0]) : NULL;
    FERRY_ASSERT(at != NULL);
    return (int)(at - shard_chars);
}

char spool_shard_char(int shard)
{
    FERRY_ASSERT(shard >= 0 && shard < SPOOL_SHARDS);
    return shard_chars[shard];
}

/* --- opening ---------------------------------------------------------------------------------------------
 */

/* Opens a folder, making it where it does not exist; *made says so. */
static int open_folder(int parent, const char *name, bool *made)
{
    int fd = RETRY(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (fd < 0 && errno == ENOENT) {
        if (RETRY(mkdirat(parent, name, 0700)) != 0 && errno != EEXIST)
            return -1;
        *made = true;
        fd = RETRY(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    }
    return fd;
}

/* What is made below this folder from now on is unrelated: ext4 then gives each folder a group of inodes of
 * its own (chattr +T) and not all of them the parent's. A new file is looked for a free inode from the
 * beginning of its folder's group on, and without a journal ext4 passes over each that was freed in the last
 * minutes; in one group for all that would be every file that expired. Elsewhere nothing comes of it. */
static void spread(int folder)
{
    int flags;
    if (ioctl(folder, FS_IOC_GETFLAGS, &flags) != 0)
        return;
    flags |= FS_TOPDIR_FL;
    (void)ioctl(folder, FS_IOC_SETFLAGS, &flags);
}

static int open_folders(struct spool *sp, int dir_fd)
{
    bool made = false;
    if (faccessat(dir_fd, "data", F_OK, 0) != 0)
        spread(dir_fd);
    if ((sp->tmp = open_folder(dir_fd, "tmp", &made)) < 0 ||
        (sp->data = open_folder(dir_fd, "data", &made)) < 0 ||
        (sp->quarantine = open_folder(dir_fd, "quarantine", &made)) < 0)
        return -1;
    if (made && RETRY(fsync(dir_fd)) != 0)
        return -1;
    if (made)
        spread(sp->data);
    made = false;
    for (int i = 0; i < SPOOL_SHARDS; i++) {
        char name[2] = {shard_chars[i], '\0'};
        if ((sp->shard[i] = open_folder(sp->data, name, &made)) < 0)
            return -1;
    }
    return made ? RETRY(fsync(sp->data)) : 0;
}

struct spool *spool_open(int dir_fd, struct buf *why)
{
    _Static_assert(sizeof shard_chars == SPOOL_SHARDS + 1, "one shard a character");
    struct spool *sp = xcalloc(1, sizeof *sp);
    sp->tmp = sp->data = sp->quarantine = -1;
    atomic_init(&sp->sync_us, SPOOL_QUICK_US * 2); /* unknown */
    for (int i = 0; i < SPOOL_SHARDS; i++)
        sp->shard[i] = -1;
    sp->hot = hot_new();
    if (open_folders(sp, dir_fd) == 0)
        return sp;
    buf_addf(why, "the spool's folders cannot be opened: %s", strerror(errno));
    spool_close(&sp);
    return NULL;
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

void spool_close(struct spool **spp)
{
    struct spool *sp = TAKE(*spp);
    if (!sp)
        return;
    close_if_open(sp->tmp);
    close_if_open(sp->data);
    close_if_open(sp->quarantine);
    for (int i = 0; i < SPOOL_SHARDS; i++)
        close_if_open(sp->shard[i]);
    hot_free(sp->hot);
    free(sp);
}

bool spool_syncs_quickly(struct spool *sp)
{
    return atomic_load(&sp->sync_us) < SPOOL_QUICK_US;
}

enum refuse spool_sync_name(struct spool *sp, const struct ferry_id *id)
{
    int shard = spool_shard(id);
    thread_assert_may_block();
    if (RETRY(fsync(sp->shard[shard])) == 0)
        return REFUSE_OK;
    log_error(ID_SHOWN " spool folder-sync failed shard=%c errno=%d: %s", id->text, shard_chars[shard], errno,
              strerror(errno));
    return REFUSE_READ_ONLY;
}

/* --- reading and removing --------------------------------------------------------------------------------
 */

enum refuse spool_read(struct spool *sp, const struct ferry_id *id, int attempt, int64_t size, int *out)
{
    char name[SPOOL_NAME];
    struct stat sb;
    spool_name(name, id, attempt);
    thread_assert_may_block();
    int fd = RETRY(openat(sp->shard[spool_shard(id)], name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (fd < 0 && (errno == ENOENT || errno == ELOOP))
        return errno == ENOENT ? REFUSE_NOT_FOUND : REFUSE_DAMAGED;
    if (fd < 0)
        return spool_refuse(errno, "open", id);
    if (fstat(fd, &sb) != 0 || !S_ISREG(sb.st_mode) || sb.st_size != size) {
        close(fd);
        return REFUSE_DAMAGED;
    }
    *out = fd;
    return REFUSE_OK;
}

enum refuse spool_read_often(struct spool *sp, const struct ferry_id *id, int attempt, int64_t size, int *out)
{
    struct stat sb;
    unsigned ticket;
    int fd = hot_take(sp->hot, id, attempt, &ticket);
    if (fd >= 0 && fstat(fd, &sb) == 0 && sb.st_nlink > 0 && sb.st_size == size) {
        *out = fd;
        return REFUSE_OK;
    }
    if (fd >= 0) { /* somebody else's hand was at it */
        close(fd);
        hot_drop(sp->hot, id, attempt);
    }
    enum refuse r = spool_read(sp, id, attempt, size, out);
    if (r == REFUSE_OK)
        hot_keep(sp->hot, id, attempt, *out, ticket);
    return r;
}

enum refuse spool_read_coming(struct spool *sp, const struct ferry_id *id, int attempt, int *out)
{
    char name[SPOOL_NAME];
    spool_name(name, id, attempt);
    thread_assert_may_block();
    *out = RETRY(openat(sp->tmp, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (*out >= 0)
        return REFUSE_OK;
    return errno == ENOENT ? REFUSE_NOT_FOUND : spool_refuse(errno, "open", id);
}

int spool_remove(struct spool *sp, const struct ferry_id *id, int attempt)
{
    char name[SPOOL_NAME];
    spool_name(name, id, attempt);
    int failed = RETRY(unlinkat(sp->shard[spool_shard(id)], name, 0));
    int why = errno;
    hot_drop(sp->hot, id, attempt); /* behind it: nobody opens it any more */
    if (failed == 0 || why == ENOENT)
        return 0;
    errno = why;
    log_error(ID_SHOWN " spool remove failed errno=%d: %s", id->text, errno, strerror(errno));
    return -1;
}

int spool_quarantine(struct spool *sp, const struct ferry_id *id, int attempt)
{
    char name[SPOOL_NAME], to[SPOOL_NAME + 16];
    spool_name(name, id, attempt);
    snprintf(to, sizeof to, "%s", name);
    for (int n = 1; n < 1000; n++) {
        if (RETRY(renameat2(sp->shard[spool_shard(id)], name, sp->quarantine, to, RENAME_NOREPLACE)) == 0) {
            hot_drop(sp->hot, id, attempt);
            return 0;
        }
        if (errno != EEXIST)
            break;
        snprintf(to, sizeof to, "%s.%d", name, n);
    }
    if (errno == ENOENT) /* an upload that was refused has taken it away meanwhile */
        return -1;
    log_error(ID_SHOWN " spool quarantine failed errno=%d: %s", id->text, errno, strerror(errno));
    return -1;
}

/* --- looking ---------------------------------------------------------------------------------------------
 */

/* Calls fn for each name in the folder; -1 when it cannot be read. */
static int each_name(int folder, void (*fn)(void *arg, const char *name), void *arg)
{
    int fd = RETRY(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        close_if_open(fd);
        return -1;
    }
    errno = 0;
    for (struct dirent *d; (d = readdir(dir));)
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            fn(arg, d->d_name);
    int err = errno;
    closedir(dir);
    errno = err;
    return err ? -1 : 0;
}

struct listing {
    struct spool_entry *rows;
    size_t n, cap;
};

static void list_one(void *arg, const char *name)
{
    struct listing *l = arg;
    if (l->n == l->cap) {
        l->cap = l->cap ? 2 * l->cap : 64;
        l->rows = xrealloc(l->rows, l->cap * sizeof *l->rows);
    }
    parse_name(name, &l->rows[l->n++]);
}

static int by_name(const void *a, const void *b)
{
    const struct spool_entry *x = a, *y = b;
    int c = strcmp(x->id.text, y->id.text);
    return c ? c : (x->attempt > y->attempt) - (x->attempt < y->attempt);
}

ptrdiff_t spool_list(struct spool *sp, int shard, struct spool_entry **out)
{
    struct listing l = {0};
    *out = NULL;
    if (each_name(sp->shard[shard], list_one, &l) != 0) {
        log_error("spool list failed shard=%c errno=%d", shard_chars[shard], errno);
        free(l.rows);
        return -1;
    }
    if (l.n > 0)
        qsort(l.rows, l.n, sizeof *l.rows, by_name);
    *out = l.rows;
    return (ptrdiff_t)l.n;
}

struct clearing {
    int folder, removed, failed;
    int64_t before; /* 0: all */
    spool_wanted *wanted;
    void *arg;
};

static void clear_one(void *arg, const char *name)
{
    struct clearing *c = arg;
    struct stat sb; /* ctime: when it was moved here */
    if (c->before && (fstatat(c->folder, name, &sb, AT_SYMLINK_NOFOLLOW) != 0 || sb.st_ctime >= c->before))
        return;
    if (RETRY(unlinkat(c->folder, name, 0)) == 0)
        c->removed++;
    else
        c->failed++;
}

static void clear_part(void *arg, const char *name)
{
    struct clearing *c = arg;
    struct spool_entry e = {0};
    if (!parse_name(name, &e) || !c->wanted(c->arg, &e))
        clear_one(arg, name);
}

int spool_clear_tmp(struct spool *sp, spool_wanted *wanted, void *arg)
{
    struct clearing c = {.folder = sp->tmp, .wanted = wanted, .arg = arg};
    if (each_name(sp->tmp, clear_part, &c) != 0)
        return -1;
    if (c.failed)
        log_warn("spool tmp-left files=%d", c.failed);
    return c.removed;
}

int64_t spool_find_part(struct spool *sp, const struct ferry_id *id, int attempt)
{
    char name[SPOOL_NAME];
    struct stat sb;
    spool_name(name, id, attempt);
    if (fstatat(sp->tmp, name, &sb, AT_SYMLINK_NOFOLLOW) != 0 &&
        (RETRY(renameat2(sp->shard[spool_shard(id)], name, sp->tmp, name, RENAME_NOREPLACE)) != 0 ||
         RETRY(fsync(sp->tmp)) != 0 || fstatat(sp->tmp, name, &sb, AT_SYMLINK_NOFOLLOW) != 0))
        return -1;
    return S_ISREG(sb.st_mode) ? sb.st_size : -1;
}

int spool_sweep_quarantine(struct spool *sp, int64_t before)
{
    struct clearing c = {.folder = sp->quarantine, .before = before};
    each_name(sp->quarantine, clear_one, &c);
    return c.removed;
}

int spool_space(struct spool *sp, int64_t *free_bytes, int64_t *size)
{
    struct statvfs vfs;
    if (RETRY(fstatvfs(sp->data, &vfs)) != 0)
        return -1;
    *free_bytes = (int64_t)(vfs.f_bavail * vfs.f_frsize);
    *size = (int64_t)(vfs.f_blocks * vfs.f_frsize);
    return 0;
}
