/* shim.c: the file-call shim of the crash suite, for LD_PRELOAD into the plain build.
 *
 * It numbers every call of the process, SQLite's too, that changes files below one folder, and does at a
 * chosen number what a machine may do there: kill the process, or fail the call with an errno. It can also
 * make every write short, interrupt calls, and delay fsync, and write where it was told to number that. What
 * it does is told it while it runs, through a small file that the test and the process share (SHIM_CTL,
 * struct control); the folder is SHIM_DIR.
 *
 * With `power` a kill is a power cut: what was not synced is undone first (shim_power.c). The calls that
 * open: shim_open.c.
 *
 * Numbered: open with O_CREAT or O_TMPFILE, write and its family, fsync, fdatasync, close of a written file,
 * rename, unlink, ftruncate, fallocate, mkdir, link. A kill at k happens before call k; "before call K + 1"
 * is after the last. Calls that only read are not numbered: a kill between them leaves the same disk.
 */
#include "shim.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>

enum mode { COUNT, KILL, FAIL };
static const char *const kind_names[] = {"open",   "write",    "fsync",     "close", "rename",
                                         "unlink", "truncate", "fallocate", "mkdir", "link"};

struct control { /* 32-bit fields, in the order tests/crash/run writes them */
    atomic_int armed, mode, at, error, count, fired, short_writes, interrupt, delay_ms, sticky, kinds, log,
        power;
};

static struct control *ctl;
static char dir[PATH_MAX];
static size_t dir_len;
static int log_fd = -1;
enum { FDS = 4096 };
static _Atomic signed char ours[FDS];    /* 1: below the folder, -1: not, 0: not known yet */
static _Atomic signed char written[FDS]; /* opened for writing, below the folder */

__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv("SHIM_CTL"), *under = getenv("SHIM_DIR"), *log = getenv("SHIM_LOG");
    if (!file || !under || !realpath(under, dir))
        return;
    dir_len = strlen(dir);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *p = mmap(NULL, sizeof *ctl, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (p != MAP_FAILED)
        ctl = p;
    if (log)
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* --- what is below the folder ----------------------------------------------------------------------------
 */

static bool below(const char *path)
{
    return strncmp(path, dir, dir_len) == 0 && (path[dir_len] == '/' || path[dir_len] == '\0');
}

static void path_of(int fd, char out[PATH_MAX])
{
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, out, PATH_MAX - 1);
    out[n > 0 ? n : 0] = '\0';
}

bool path_is_ours(int at, const char *path)
{
    char base[PATH_MAX];
    if (!ctl)
        return false;
    if (path[0] == '/')
        return below(path);
    if (at == AT_FDCWD) {
        if (!getcwd(base, sizeof base))
            return false;
    } else {
        path_of(at, base);
    }
    size_t n = strlen(base);
    if (n + 1 + strlen(path) >= sizeof base)
        return false;
    base[n] = '/';
    memcpy(base + n + 1, path, strlen(path) + 1);
    return below(base);
}

bool fd_is_ours(int fd)
{
    if (!ctl || fd < 3 || fd >= FDS)
        return false;
    if (ours[fd] == 0) {
        char path[PATH_MAX];
        struct stat sb;
        path_of(fd, path);
        bool file = fstat(fd, &sb) == 0 && (S_ISREG(sb.st_mode) || S_ISDIR(sb.st_mode));
        ours[fd] = file && below(path) ? 1 : -1;
    }
    return ours[fd] == 1;
}

void opened(int fd, bool for_writing)
{
    if (fd >= 0 && fd < FDS) {
        ours[fd] = 0;
        written[fd] = for_writing;
    }
}

bool was_written(int fd)
{
    return ctl && fd >= 0 && fd < FDS && written[fd];
}

void forget(int fd)
{
    if (fd >= 0 && fd < FDS) {
        ours[fd] = 0;
        written[fd] = 0;
    }
}

/* --- one numbered call -----------------------------------------------------------------------------------
 */

static void note(int k, enum kind kind, const char *path, int fd, const char *what)
{
    char line[PATH_MAX + 80], name[PATH_MAX] = "";
    if (log_fd < 0 || !ctl->log)
        return;
    if (path)
        snprintf(name, sizeof name, "%s", path);
    else
        path_of(fd, name);
    int n = snprintf(line, sizeof line, "%d %s %s%s\n", k, kind_names[kind], name, what);
    syscall(SYS_write, log_fd, line, (size_t)n);
}

bool power(void)
{
    return ctl && ctl->power;
}

void absolute(int at, const char *path, char out[PATH_MAX])
{
    char base[PATH_MAX] = "";
    if (path[0] != '/')
        path_of(at, base);
    snprintf(out, PATH_MAX, "%.2000s%s%.2000s", base, path[0] != '/' ? "/" : "", path);
}

int numbered(enum kind kind, const char *path, int fd)
{
    if (!ctl || !ctl->armed)
        return 0;
    if (ctl->kinds && !(ctl->kinds & 1 << kind))
        return 0;
    int k = atomic_fetch_add(&ctl->count, 1) + 1;
    bool hit = k == ctl->at || (ctl->sticky && k > ctl->at);
    note(k, kind, path, fd, hit && ctl->mode != COUNT ? " HIT" : "");
    if (!hit || ctl->mode == COUNT)
        return 0;
    ctl->fired = 1;
    if (ctl->mode == KILL) {
        if (power()) {
            pthread_mutex_lock(&power_disk);
            power_cut(dir, ctl->at % 3);
        }
        syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
        for (;;)
            pause();
    }
    return ctl->error;
}

bool interrupted(void)
{
    static atomic_uint turn;
    return ctl && ctl->interrupt && atomic_fetch_add(&turn, 1) % 3 != 2;
}

/* SQLite looks again after EINTR, but not in fsync; ours does everywhere. */
static bool files_of_transfers(int fd)
{
    char path[PATH_MAX];
    path_of(fd, path);
    const char *inside = path + (below(path) ? dir_len : strlen(path));
    return strncmp(inside, "/tmp", 4) == 0 || strncmp(inside, "/data", 5) == 0;
}

static void delay(void)
{
    struct timespec ts = {.tv_sec = ctl->delay_ms / 1000, .tv_nsec = ctl->delay_ms % 1000 * 1000000L};
    if (ctl->delay_ms > 0)
        nanosleep(&ts, NULL);
}

/* --- write -----------------------------------------------------------------------------------------------
 */

static size_t cut(size_t n)
{
    return ctl->short_writes && n > 1 ? (n + 1) / 2 : n;
}

ssize_t write(int fd, const void *data, size_t n)
{
    if (fd_is_ours(fd)) {
        FAIL_IF(true, numbered(K_WRITE, NULL, fd));
        FAIL_IF(interrupted(), EINTR);
        if (ctl->kinds & 1 << K_WRITE)
            delay();
        n = cut(n);
    } else {
        return syscall(SYS_write, fd, data, n);
    }
    return ON_DISK(power_will_write(fd), syscall(SYS_write, fd, data, n), (void)0);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
    if (fd_is_ours(fd)) {
        FAIL_IF(true, numbered(K_WRITE, NULL, fd));
        FAIL_IF(interrupted(), EINTR);
        n = cut(n);
    } else {
        return syscall(SYS_pwrite64, fd, data, n, at);
    }
    return ON_DISK(power_will_write(fd), syscall(SYS_pwrite64, fd, data, n, at), (void)0);
}
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at)
{
    return pwrite(fd, data, n, at);
}

ssize_t writev(int fd, const struct iovec *iov, int n)
{
    if (fd_is_ours(fd))
        FAIL_IF(true, numbered(K_WRITE, NULL, fd));
    return syscall(SYS_writev, fd, iov, n);
}

/* --- what makes things durable ---------------------------------------------------------------------------
 */

static int do_sync(int number, int fd)
{
    if (fd_is_ours(fd)) {
        FAIL_IF(true, numbered(K_SYNC, NULL, fd));
        FAIL_IF(ctl->interrupt && files_of_transfers(fd) && interrupted(), EINTR);
        delay();
    }
    if (!fd_is_ours(fd))
        return (int)syscall(number, fd);
    return (int)ON_DISK((void)0, syscall(number, fd), power_synced(fd));
}

int fsync(int fd)
{
    return do_sync(SYS_fsync, fd);
}
int fdatasync(int fd)
{
    return do_sync(SYS_fdatasync, fd);
}

static int do_rename(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
    if (path_is_ours(to_at, to)) {
        FAIL_IF(true, numbered(K_RENAME, to, -1));
        FAIL_IF(interrupted(), EINTR);
    }
    if (!path_is_ours(to_at, to))
        return (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags);
    char src[PATH_MAX], dst[PATH_MAX];
    absolute(from_at, from, src);
    absolute(to_at, to, dst);
    char old[PATH_MAX] = "";
    int r = (int)ON_DISK(flags ? (void)0 : power_keep_old(dst, old),
                         syscall(SYS_renameat2, from_at, from, to_at, to, flags), power_named(dst, src, old));
    if (r < 0)
        power_forget_old(old);
    return r;
}

int rename(const char *from, const char *to)
{
    return do_rename(AT_FDCWD, from, AT_FDCWD, to, 0);
}
int renameat(int from_at, const char *from, int to_at, const char *to)
{
    return do_rename(from_at, from, to_at, to, 0);
}
int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
    return do_rename(from_at, from, to_at, to, flags);
}

static int do_unlink(int at, const char *path, int flags)
{
    if (path_is_ours(at, path)) {
        FAIL_IF(true, numbered(K_UNLINK, path, -1));
        FAIL_IF(at != AT_FDCWD && interrupted(), EINTR);
    }
    return (int)syscall(SYS_unlinkat, at, path, flags);
}

int unlink(const char *path)
{
    return do_unlink(AT_FDCWD, path, 0);
}
int unlinkat(int at, const char *path, int flags)
{
    return do_unlink(at, path, flags);
}

int linkat(int from_at, const char *from, int to_at, const char *to, int flags)
{
    bool mine = path_is_ours(to_at, to);
    FAIL_IF(mine, numbered(K_LINK, to, -1));
    FAIL_IF(mine && interrupted(), EINTR);
    char name[PATH_MAX];
    if (mine && power())
        absolute(to_at, to, name);
    return (int)ON_DISK((void)0, syscall(SYS_linkat, from_at, from, to_at, to, flags), if (mine) {
        power_named(name, "", "");
        power_made(name);
    });
}
int link(const char *from, const char *to)
{
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int mkdirat(int at, const char *path, mode_t mode)
{
    FAIL_IF(path_is_ours(at, path), numbered(K_MKDIR, path, -1));
    return (int)syscall(SYS_mkdirat, at, path, mode);
}
int mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

/* --- size ------------------------------------------------------------------------------------------------
 */

int ftruncate(int fd, off_t size)
{
    if (fd_is_ours(fd)) {
        FAIL_IF(true, numbered(K_TRUNCATE, NULL, fd));
        FAIL_IF(interrupted(), EINTR);
        return (int)ON_DISK(power_will_write(fd), syscall(SYS_ftruncate, fd, size),
                            power_truncated(fd, size));
    }
    return (int)syscall(SYS_ftruncate, fd, size);
}
int ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
    if (fd_is_ours(fd)) {
        FAIL_IF(true, numbered(K_ALLOCATE, NULL, fd));
        FAIL_IF(interrupted(), EINTR);
    }
    return (int)syscall(SYS_fallocate, fd, mode, at, n);
}
int fallocate64(int fd, int mode, off64_t at, off64_t n)
{
    return fallocate(fd, mode, at, n);
}
int posix_fallocate64(int fd, off64_t at, off64_t n)
{
    if (fallocate(fd, 0, at, n) == 0)
        return 0;
    return errno;
}
int posix_fallocate(int fd, off_t at, off_t n)
{
    return posix_fallocate64(fd, at, n);
}
