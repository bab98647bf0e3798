/* echo.c: the floor of message latency: an epoll server that sends back what it reads, and nothing else.
 * Prints its port. echo            until killed */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(1);
}

int main(void)
{
    static const int on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int ep = epoll_create1(EPOLL_CLOEXEC), fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int lone = -1, other[4096] = {0}; /* by descriptor */
    struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};

    if (ep < 0 || fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 512) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0)
        die("echo");
    printf("%d\n", ntohs(a.sin_port));
    (void)fflush(stdout);
    for (;;) {
        struct epoll_event got[64];
        int n = epoll_wait(ep, got, 64, -1);

        for (int i = 0; i < n; i++) {
            char data[65536];
            int s = got[i].data.fd;
            ssize_t k;

            if (s == fd) {
                s = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
                if (s < 0 || s >= 4096)
                    die("accept");
                other[s] = lone;
                if (lone >= 0)
                    other[lone] = s;
                lone = lone >= 0 ? -1 : s;
                (void)setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                ev = (struct epoll_event){.events = EPOLLIN, .data.fd = s};
                if (epoll_ctl(ep, EPOLL_CTL_ADD, s, &ev) < 0)
                    die("epoll_ctl");
                continue;
            }
            k = recv(s, data, sizeof data, 0);
            if (k <= 0 || send(other[s], data, (size_t)k, MSG_NOSIGNAL) != k)
                (void)close(s);
        }
    }
}
