/* splice.c: the floor of a SOCKS5 relay: two connections that ask for the same address are joined by a thread
 * a direction, which does nothing but splice, a megabyte at a time. Prints its port. splice   until killed */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MEGABYTE (1 << 20)

static void die(const char *what)
{
    perror(what);
    exit(1);
}

struct way {
    int from, to;
};

static void *carry(void *arg)
{
    struct way w = *(struct way *)arg;
    int p[2];
    ssize_t k, n;

    free(arg);
    if (pipe2(p, O_CLOEXEC) < 0)
        die("pipe");
    (void)fcntl(p[1], F_SETPIPE_SZ, MEGABYTE);
    while ((k = splice(w.from, NULL, p[1], NULL, MEGABYTE, SPLICE_F_MOVE)) > 0)
        for (; k > 0; k -= n)
            if ((n = splice(p[0], NULL, w.to, NULL, (size_t)k, SPLICE_F_MOVE | SPLICE_F_MORE)) <= 0)
                goto over;
over:
    (void)shutdown(w.to, SHUT_WR);
    (void)close(p[0]);
    (void)close(p[1]);
    return NULL;
}

static void start(int from, int to)
{
    struct way *w = malloc(sizeof *w);
    pthread_t t;

    *w = (struct way){from, to};
    if (pthread_create(&t, NULL, carry, w) != 0)
        die("thread");
    (void)pthread_detach(t);
}

/* false: it spoke something else. */
static int greet(int fd, char request[47])
{
    static const char method[2] = {5, 0};

    if (recv(fd, request, 3, MSG_WAITALL) != 3 || send(fd, method, 2, MSG_NOSIGNAL) != 2 ||
        recv(fd, request, 47, MSG_WAITALL) != 47)
        return 0;
    request[1] = 0;
    return send(fd, request, 47, MSG_NOSIGNAL) == 47;
}

int main(void)
{
    static const int on = 1;
    static char request[4096][47]; /* by descriptor, of those that wait for their other */
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)signal(SIGPIPE, SIG_IGN);
    if (listener < 0 || bind(listener, (struct sockaddr *)&a, sizeof a) < 0 || listen(listener, 512) < 0 ||
        getsockname(listener, (struct sockaddr *)&a, &len) < 0)
        die("splice");
    printf("%d\n", ntohs(a.sin_port));
    (void)fflush(stdout);
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), other = 0;

        if (fd < 0 || fd >= 4096)
            die("accept");
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (!greet(fd, request[fd])) {
            (void)close(fd);
            continue;
        }
        while (other < 4096 && (other == fd || memcmp(request[other], request[fd], 47) != 0))
            other++;
        if (other == 4096)
            continue;
        start(fd, other);
        start(other, fd);
        memset(request[fd], 0, 47);
        memset(request[other], 0, 47);
    }
}
