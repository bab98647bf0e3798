/* secret_file.c: see secret_file.h. */
#include "base/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* As much of the file as a secret may be, and one byte more. -1: errno. */
static ptrdiff_t read_some(int fd, char text[SECRET_FILE_MAX + 1])
{
    size_t n = 0;

    while (n < SECRET_FILE_MAX + 1) {
        ssize_t r = read(fd, text + n, SECRET_FILE_MAX + 1 - n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -1;
        if (r == 0)
            break;
        n += (size_t)r;
    }
    return (ptrdiff_t)n;
}

static void warn_if_open(int fd, const char *path)
{
    struct stat sb;

    if (fstat(fd, &sb) == 0 && (sb.st_mode & 007))
        log_warn("the secret's file is open to others file=\"%s\" mode=%03o; it should be 640 or less", path,
                 (unsigned)sb.st_mode & 0777);
}

int secret_file_read(const char *path, struct buf *out, struct buf *why)
{
    char text[SECRET_FILE_MAX + 1];
    int fd = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC));
    ptrdiff_t n = fd >= 0 ? read_some(fd, text) : -1;
    const char *end;
    size_t len;

    if (n < 0) {
        buf_addf(why, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    warn_if_open(fd, path);
    close(fd);
    end = memchr(text, '\n', (size_t)n);
    len = end ? (size_t)(end - text) : (size_t)n;
    if (len > 0 && text[len - 1] == '\r')
        len--;
    if (len == 0)
        buf_addf(why, "%s: the first line is empty", path);
    else if (len > SECRET_FILE_MAX)
        buf_addf(why, "%s: the first line is longer than %d bytes", path, SECRET_FILE_MAX);
    else if (memchr(text, 0, len))
        buf_addf(why, "%s: the first line holds a NUL", path);
    else
        buf_add(out, text, len);
    explicit_bzero(text, sizeof text);
    return out->len > 0 ? 0 : -1;
}
