/* shim_open.c: the many names of open(), and close(). */
#include "shim.h"

#include <stdarg.h>

static int do_open(int at, const char *path, int flags, mode_t mode)
{
    bool mine = path_is_ours(at, path), nameless = (flags & O_TMPFILE) == O_TMPFILE;
    FAIL_IF(mine && (flags & O_CREAT || nameless), numbered(K_OPEN, path, -1));
    FAIL_IF(mine && interrupted(), EINTR);
    char name[PATH_MAX];
    bool made = false;
    if (mine && power() && (flags & O_CREAT)) {
        struct stat sb;
        absolute(at, path, name);
        made = stat(name, &sb) != 0;
    }
    int fd = (int)ON_DISK((void)0, syscall(SYS_openat, at, path, flags, mode), if (made) {
        power_named(name, "", "");
        power_made(name);
    });
    opened(fd, mine && (flags & O_ACCMODE) != O_RDONLY);
    return fd;
}

#define WITH_MODE                        \
    mode_t mode = 0;                     \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list ap;                      \
        va_start(ap, flags);             \
        mode = (mode_t)va_arg(ap, int);  \
        va_end(ap);                      \
    }

int open(const char *path, int flags, ...)
{
    WITH_MODE
    return do_open(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...)
{
    WITH_MODE
    return do_open(AT_FDCWD, path, flags, mode);
}
int openat(int at, const char *path, int flags, ...)
{
    WITH_MODE
    return do_open(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...)
{
    WITH_MODE
    return do_open(at, path, flags, mode);
}
/* What open() becomes in a fortified program without O_CREAT. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int at, const char *path, int flags);
int __openat64_2(int at, const char *path, int flags);
int __open_2(const char *path, int flags)
{
    return do_open(AT_FDCWD, path, flags, 0);
}
int __open64_2(const char *path, int flags)
{
    return do_open(AT_FDCWD, path, flags, 0);
}
int __openat_2(int at, const char *path, int flags)
{
    return do_open(at, path, flags, 0);
}
int __openat64_2(int at, const char *path, int flags)
{
    return do_open(at, path, flags, 0);
}

int close(int fd)
{
    int error = was_written(fd) ? numbered(K_CLOSE, NULL, fd) : 0;
    forget(fd);
    int rc = (int)syscall(SYS_close, fd); /* a failed close has closed it */
    if (!error)
        return rc;
    errno = error;
    return -1;
}
