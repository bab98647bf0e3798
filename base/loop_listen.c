/* loop_listen.c: accepting, also when descriptors run out (row 117).
 *
 * Promises: an accepted descriptor is non-blocking, close-on-exec and has TCP_NODELAY (inherited from the
 * listening socket, so it costs no call). When there is no descriptor left, one connection is shed with the
 * reserve descriptor, so that its peer learns of it, and accepting rests for 100 ms, then longer: the loop
 * does not spin on a readable socket. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"

#define ACCEPTS_A_TURN 32 /* the other descriptors want their turn too */
#define REST_MIN_MS 100
#define REST_MAX_MS 1600
#define COMPLAIN_EVERY_MS 10000

struct loop_listener {
    struct event *ev;
    struct loop_timer rest;
    int fd, reserve;
    int64_t rest_ms, complained_at;
    void (*fn)(void *arg, int fd, const struct net_addr *peer);
    void *arg;
    bool busy, gone; /* freed inside fn: the memory goes when fn has returned */
};

static bool out_of_descriptors(int e)
{
    return e == EMFILE || e == ENFILE || e == ENOBUFS || e == ENOMEM;
}

static int open_reserve(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void rest(struct loop_listener *l, int why)
{
    int64_t now = clock_mono_ms();

    if (l->reserve >= 0) {
        int fd;

        (void)close(l->reserve);
        fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            (void)close(fd);
        l->reserve = open_reserve();
    }
    if (l->complained_at == 0 || now - l->complained_at >= COMPLAIN_EVERY_MS) {
        log_warn("accepting rests: %s", strerrordesc_np(why));
        l->complained_at = now;
    }
    l->rest_ms = l->rest_ms == 0 ? REST_MIN_MS : l->rest_ms < REST_MAX_MS ? l->rest_ms * 2 : REST_MAX_MS;
    (void)event_del(l->ev);
    loop_timer_set(&l->rest, l->rest_ms);
}

static void rested(void *arg)
{
    struct loop_listener *l = arg;

    if (l->reserve < 0)
        l->reserve = open_reserve();
    (void)event_add(l->ev, NULL);
}

static void readable(evutil_socket_t listening, short what, void *arg)
{
    struct loop_listener *l = arg;

    l->busy = true;
    for (int i = 0; i < ACCEPTS_A_TURN && !l->gone; i++) {
        struct net_addr peer = {.len = sizeof peer.in6};
        int fd = accept4(l->fd, &peer.sa, &peer.len, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            l->rest_ms = 0;
            net_fold(&peer);
            l->fn(l->arg, fd, &peer);
        } else if (out_of_descriptors(errno)) {
            rest(l, errno);
            break;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } /* else this one connection failed (ECONNABORTED and its like): the next */
    }
    l->busy = false;
    if (l->gone)
        free(l);
}

struct loop_listener *loop_listen(struct loop *loop, int fd,
                                  void (*fn)(void *arg, int fd, const struct net_addr *peer), void *arg)
{
    static const int on = 1;
    struct loop_listener *l = xcalloc(1, sizeof *l);

    l->fd = fd;
    l->fn = fn;
    l->arg = arg;
    l->reserve = open_reserve();
    loop_timer_init(&l->rest, loop, rested, l);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
                     sizeof on); /* a Unix socket refuses, and needs none */
    l->ev = event_new(loop_base(loop), fd, EV_READ | EV_PERSIST, readable, l);
    FERRY_ASSERT(l->ev != NULL && event_add(l->ev, NULL) == 0);
    return l;
}

void loop_listener_free(struct loop_listener *l)
{
    if (l == NULL)
        return;
    loop_timer_clear(&l->rest);
    event_free(l->ev);
    (void)close(l->fd);
    if (l->reserve >= 0)
        (void)close(l->reserve);
    l->gone = true;
    if (!l->busy)
        free(l);
}
