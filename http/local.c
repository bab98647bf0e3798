/* local.c: see local.h. */
#include "http/local.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

static struct made {
    struct made *next;
    char path[];
} * made;

/* A socket file nobody answers on is a leftover of a daemon that died. One that many already wait for is not.
 */
static bool somebody_answers(const struct sockaddr_un *sa)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool yes = fd >= 0 && (connect(fd, (const struct sockaddr *)sa, sizeof *sa) == 0 || errno == EAGAIN);

    if (fd >= 0)
        close(fd);
    return yes;
}

static void remember(const char *path)
{
    size_t n = strlen(path) + 1;
    struct made *m = xmalloc(sizeof *m + n);

    memcpy(m->path, path, n);
    m->next = made;
    made = m;
}

int local_listen(const char *path, mode_t mode, const char *key, struct buf *why)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    struct stat sb;
    int fd;

    if (strlen(path) >= sizeof sa.sun_path) {
        buf_addf(why, "%s: the path is longer than %zu bytes: %s", key, sizeof sa.sun_path - 1, path);
        return -1;
    }
    memcpy(sa.sun_path, path, strlen(path) + 1);
    if (lstat(path, &sb) == 0) {
        if (!S_ISSOCK(sb.st_mode) || somebody_answers(&sa)) {
            buf_addf(why, "%s: %s %s", key, path, S_ISSOCK(sb.st_mode) ? "is in use" : "is not a socket");
            return -1;
        }
        unlink(path);
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* Before there is a name nobody else may; behind the umask the name then gets what is wanted. */
    if (fd < 0 || fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0 ||
        chmod(path, mode) < 0 || listen(fd, BACKLOG) < 0) {
        buf_addf(why, "%s: cannot listen on %s: %s", key, path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    remember(path);
    return fd;
}

void local_unlink_all(void)
{
    while (made) {
        struct made *m = made;

        made = m->next;
        unlink(m->path);
        free(m);
    }
}
