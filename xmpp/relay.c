/* relay.c: splice between two sockets.
 *
 * A direction reads only when its pipe is empty and writes only when it is not, so EAGAIN always names the
 * socket that is not ready, and exactly one event per direction is armed. A turn moves at most 1 MiB per
 * direction: a fast pair does not starve the loop.
 */
#include "xmpp/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/conf.h"

#define CHUNK ((size_t)64 << 10)
#define ROUNDS 16

struct way {
    struct relay *r;
    int from, to, pipe[2];
    size_t in_pipe;
    bool eof, done;
    struct event *readable, *writable;
};

struct relay {
    struct way way[2];
    int fd[2];
    int64_t bytes, counted; /* in all; at the last look of the clock */
    struct loop_timer clock;
    relay_done *done;
    void *owner;
};

static void way_free(struct way *w)
{
    if (w->readable)
        event_free(w->readable);
    if (w->writable)
        event_free(w->writable);
    for (int i = 0; i < 2; i++)
        if (w->pipe[i] >= 0)
            (void)close(w->pipe[i]);
}

static void relay_free(struct relay *r)
{
    loop_timer_clear(&r->clock);
    way_free(&r->way[0]);
    way_free(&r->way[1]);
    (void)close(r->fd[0]);
    (void)close(r->fd[1]);
    free(r);
}

static void finish(struct relay *r, const char *why)
{
    relay_done *done = r->done;
    void *owner = r->owner;
    int64_t bytes = r->bytes;
    relay_free(r);
    done(owner, bytes, why);
}

enum pumped { PUMP_WAIT_READ, PUMP_WAIT_WRITE, PUMP_MORE, PUMP_DONE, PUMP_FAILED };

static bool again(void)
{
    return errno == EAGAIN || errno == EINTR;
}

static enum pumped fill(struct way *w)
{
    ssize_t n = splice(w->from, NULL, w->pipe[1], NULL, CHUNK, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n > 0)
        w->in_pipe = (size_t)n;
    else if (n == 0)
        w->eof = true;
    else
        return again() ? PUMP_WAIT_READ : PUMP_FAILED;
    return PUMP_MORE;
}

static enum pumped drain(struct way *w)
{
    ssize_t n = splice(w->pipe[0], NULL, w->to, NULL, w->in_pipe, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n <= 0)
        return n < 0 && again() ? PUMP_WAIT_WRITE : PUMP_FAILED;
    w->in_pipe -= (size_t)n;
    w->r->bytes += n;
    return PUMP_MORE;
}

static enum pumped pump(struct way *w)
{
    for (int i = 0; i < 2 * ROUNDS; i++) {
        enum pumped p;
        if (w->in_pipe > 0)
            p = drain(w);
        else if (w->eof) {
            (void)shutdown(w->to, SHUT_WR);
            return PUMP_DONE;
        } else
            p = fill(w);
        if (p != PUMP_MORE)
            return p;
    }
    return PUMP_MORE;
}

static void run(struct way *w)
{
    struct relay *r = w->r;
    enum pumped p = pump(w);
    if (p == PUMP_FAILED) {
        finish(r, "failed");
        return;
    }
    if (p == PUMP_DONE)
        w->done = true;
    if (r->way[0].done && r->way[1].done) {
        finish(r, "ended");
        return;
    }
    bool read = !w->done && w->in_pipe == 0, write = !w->done && w->in_pipe > 0;
    (void)(read ? event_add(w->readable, NULL) : event_del(w->readable));
    (void)(write ? event_add(w->writable, NULL) : event_del(w->writable));
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    run(arg);
}

static void on_clock(void *arg)
{
    struct relay *r = arg;
    const struct conf *c = conf_get();
    if (c->limits_min_rate > 0 && (r->bytes - r->counted) < c->limits_min_rate * c->limits_stall / 1000) {
        finish(r, "stalled");
        return;
    }
    r->counted = r->bytes;
    loop_timer_set(&r->clock, c->limits_stall);
}

static bool way_open(struct way *w, struct relay *r, struct loop *loop, const struct relay_end *from,
                     const struct relay_end *to)
{
    w->r = r;
    w->from = from->fd;
    w->to = to->fd;
    if (pipe2(w->pipe, O_NONBLOCK | O_CLOEXEC) < 0)
        return false;
    if (from->n > 0 && write(w->pipe[1], from->early, from->n) != (ssize_t)from->n)
        return false;
    w->in_pipe = from->n;
    w->readable = event_new(loop_base(loop), w->from, EV_READ | EV_PERSIST, on_event, w);
    w->writable = event_new(loop_base(loop), w->to, EV_WRITE | EV_PERSIST, on_event, w);
    return w->readable && w->writable && event_add(w->in_pipe > 0 ? w->writable : w->readable, NULL) == 0;
}

struct relay *relay_start(struct loop *loop, const struct relay_end *a, const struct relay_end *b,
                          relay_done *done, void *owner)
{
    struct relay *r = xcalloc(1, sizeof *r);
    r->fd[0] = a->fd;
    r->fd[1] = b->fd;
    r->done = done;
    r->owner = owner;
    loop_timer_init(&r->clock, loop, on_clock, r);
    for (int i = 0; i < 2; i++)
        r->way[i].pipe[0] = r->way[i].pipe[1] = -1;
    if (!way_open(&r->way[0], r, loop, a, b) || !way_open(&r->way[1], r, loop, b, a)) {
        relay_free(r);
        return NULL;
    }
    loop_timer_set(&r->clock, conf_get()->limits_stall);
    return r;
}

void relay_stop(struct relay **r)
{
    if (*r)
        relay_free(TAKE(*r));
}
