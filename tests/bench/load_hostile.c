/* load_hostile.c: many connections at once that do as little as a server will bear: a third sends a byte of a
 * head now and then, a third a byte of a body, a third reads a byte of a large answer. Whoever is closed
 * comes again. What a neighbour notices of it is measured beside this. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define TURN_US 200000

struct bad {
    int fd;
    enum { BAD_HEAD, BAD_BODY, BAD_READER, BAD_KINDS } kind;
    int path;
};

static void start(struct bad *b)
{
    static const char head[] = "GET / HTTP/1.1\r\nX-Slow: ";
    char text[4096];
    int n = 0;

    b->fd = dial();
    if (b->kind == BAD_READER) {
        int small = 2048;
        (void)setsockopt(b->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", opt.paths[0], opt.host);
    } else if (b->kind == BAD_BODY) {
        n = snprintf(text, sizeof text, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %zu\r\n\r\n",
                     opt.paths[b->path], opt.host, opt.size);
    }
    if (n > 0)
        send_all(b->fd, text, (size_t)n);
    else
        send_all(b->fd, head, sizeof head - 1);
}

/* One byte on; false: the server has ended it. */
static bool crawl(struct bad *b)
{
    char byte = 'x';
    ssize_t k = b->kind == BAD_READER ? recv(b->fd, &byte, 1, MSG_DONTWAIT)
                                      : send(b->fd, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    bool over = k == 0 || (k < 0 && errno != EAGAIN);

    if (!over && b->kind != BAD_READER)
        over = recv(b->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) >= 0;
    return !over;
}

void mode_hostile(void)
{
    struct bad *all = calloc((size_t)opt.n, sizeof *all);
    uint64_t until;
    long again = 0;
    int at = 0;

    if (opt.path_count < 2)
        die("hostile: no paths");
    for (int i = 0; i < opt.n; i++) {
        all[i].kind = i % BAD_KINDS;
        all[i].path = 1 + i / BAD_KINDS % (opt.path_count - 1);
        start(&all[i]);
    }
    printf("ready\n");
    (void)fflush(stdout);
    until = now_ns() + (uint64_t)(opt.seconds * 1e9);
    while (now_ns() < until) { /* all of them in 25 turns: each every five seconds */
        for (int i = 0; i < opt.n / 25 + 1; i++, at = (at + 1) % opt.n)
            if (!crawl(&all[at])) {
                (void)close(all[at].fd);
                start(&all[at]);
                again++;
            }
        (void)usleep(TURN_US);
    }
    printf("mode=hostile n=%d again=%ld\n", opt.n, again);
}
