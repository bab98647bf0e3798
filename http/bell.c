/* bell.c: see bell.h. What rings is a byte of a request line that never ends; before libmicrohttpd has no
 * room for more of it, the connection is replaced. */
#include "http/bell.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"

#define BELLS_MAX 16
#define RINGS_MAX 2000 /* bytes in the smaller of the memories (server.c), with much room left */

static struct {
    bell_adder *add;
    int workers, n;
    int fd[BELLS_MAX]; /* -1: none now */
    int rung;
} bell;

/* Moves a descriptor to a number that leads to the worker. -1: there is none. */
static int renumber(int fd, int worker)
{
    while (fd >= 0 && fd % bell.workers != worker) {
        int next = fcntl(fd, F_DUPFD_CLOEXEC, fd + 1);
        close(fd);
        fd = next;
    }
    return fd;
}

static void hang(int i)
{
    int fds[2];

    bell.fd[i] = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
        return; /* no descriptors: the next ring tries again */
    fds[1] = renumber(fds[1], i % bell.workers);
    if (fds[1] < 0) {
        close(fds[0]);
        return;
    }
    bell.fd[i] = fds[0];
    bell.add(fds[1], i / bell.workers);
}

static void take_down(void)
{
    for (int i = 0; i < bell.n; i++)
        if (bell.fd[i] >= 0) {
            close(bell.fd[i]);
            bell.fd[i] = -1;
        }
}

void bell_start(bell_adder *add, int daemons, int workers)
{
    FERRY_ASSERT(daemons * workers <= BELLS_MAX);
    bell.add = add;
    bell.workers = workers;
    bell.n = daemons * workers;
    bell.rung = 0;
    for (int i = 0; i < bell.n; i++)
        bell.fd[i] = -1;
}

void bell_ring(void)
{
    if (bell.rung++ == RINGS_MAX) {
        take_down();
        bell.rung = 0;
    }
    for (int i = 0; i < bell.n; i++) {
        if (bell.fd[i] < 0)
            hang(i); /* a new connection wakes it too */
        else if (send(bell.fd[i], "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
            close(bell.fd[i]);
            hang(i);
        }
    }
}

void bell_stop(void)
{
    take_down();
}
