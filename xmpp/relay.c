/* relay.c: splice between two sockets. (Where somebody listens in: relay_tap.c.)
 *
 * A direction borrows a pipe when there is something to read and gives it back as soon as it is empty, so
 * that a relay at rest has no descriptors but its sockets'. It reads only when its pipe is empty and writes
 * only when it is not, so EAGAIN always names the socket that is not ready, and exactly one event per
 * direction is armed. A direction moves at most SHARE_MAX in one go, less where many relays run, and all
 * together about TURN in a turn of the loop: who is too late for that goes first in the next one, before
 * those who had theirs (a round). So a fast pair does not starve the loop, nor do many of them, and none
 * starves the others. But it stays with a fast pair for some chunks: where the host's congestion control
 * paces (BBR), a stream's rate is what it once moved in one go, and one that only ever got a chunk before the
 * others had theirs waits for a timer with each 64 KiB.
 */
#include "xmpp/relay_body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/conf.h"

#define CHUNK_MAX ((size_t)1 << 20) /* a wake-up of the receiver costs as much as 100 KiB */
#define SHARE_MAX (4 * CHUNK_MAX)
#define SHARE_MIN ((size_t)64 << 10)
#define TURN ((size_t)16 << 20) /* what all relays together move in a turn of the loop, roughly */
#define ROUND (4 * TURN)        /* and until each of them had its share, where they are not hundreds */
#define SPARE_MAX 4             /* empty pipes that are kept */
#define LARGE_MAX 16 /* pipes of CHUNK_MAX; the kernel gives a user few of them, and all later ones tiny */

static struct { /* the loop's */
    size_t relays, large;
    struct duct spare[SPARE_MAX];
    size_t spares;
    struct loop *loop;
    struct loop_later turn_over;
    size_t moved;   /* in this turn */
    unsigned round; /* it lasts as many turns as somebody is put off in */
    bool put_off;
} all;

/* --- pipes ------------------------------------------------------------------------------------- */

static bool duct_take(struct duct *d)
{
    int fd[2];
    if (all.spares > 0) {
        *d = all.spare[--all.spares];
        return true;
    }
    if (pipe2(fd, O_NONBLOCK | O_CLOEXEC) < 0)
        return false;
    *d = (struct duct){.out = fd[0], .in = fd[1]};
    if (all.large < LARGE_MAX && fcntl(d->in, F_SETPIPE_SZ, (int)CHUNK_MAX) > 0) {
        d->large = true;
        all.large++;
    }
    return true;
}

static void duct_close(const struct duct *d)
{
    all.large -= d->large;
    (void)close(d->out);
    (void)close(d->in);
}

static void duct_give(const struct duct *d) /* empty */
{
    if (all.spares < SPARE_MAX)
        all.spare[all.spares++] = *d;
    else
        duct_close(d);
}

/* --- a relay's life ---------------------------------------------------------------------------- */

static void way_free(struct way *w)
{
    if (w->readable)
        event_free(w->readable);
    if (w->writable)
        event_free(w->writable);
    if (w->in_pipe > 0)
        duct_close(&w->duct);
    buf_free(&w->early);
}

static void relay_free(struct relay *r)
{
    loop_timer_clear(&r->clock);
    way_free(&r->way[0]);
    way_free(&r->way[1]);
    buf_free(&r->rest);
    for (int i = 0; i < 2; i++)
        if (r->fd[i] >= 0)
            (void)close(r->fd[i]);
    free(r);
    if (--all.relays == 0)
        while (all.spares > 0)
            duct_close(&all.spare[--all.spares]);
}

static int detach(struct relay *r, int fd)
{
    r->fd[r->fd[1] == fd] = -1;
    return fd;
}

static bool is_by_speaker(const struct relay *r)
{
    const struct way *says = &r->way[r->way[1].bytes > r->way[0].bytes];
    return r->ended ? r->ended == says : r->lost == says->from;
}

void relay_finish(struct relay *r, const char *why)
{
    relay_done *done = r->done;
    void *owner = r->owner, *tapper = r->tapper;
    const struct relay_tap *tap = TAKE(r->tap);
    bool left = tap && relay_listener_left(r);
    int fd = left ? detach(r, r->speaker->from) : -1;
    const struct relay_over over = {r->bytes, why, is_by_speaker(r)};
    relay_free(r);
    if (left)
        tap->left(tapper, fd);
    else if (tap)
        tap->off(tapper);
    done(owner, &over);
}

/* --- bytes ------------------------------------------------------------------------------------- */

static bool again(void)
{
    return errno == EAGAIN || errno == EINTR;
}

enum pumped relay_failed(struct way *w, int fd)
{
    w->r->lost = fd;
    return PUMP_FAILED;
}

static size_t share(void)
{
    size_t n = ROUND / all.relays;
    return n > SHARE_MAX ? SHARE_MAX : n < SHARE_MIN ? SHARE_MIN : n;
}

static void on_turn_over(void *arg)
{
    all.round += !all.put_off;
    all.put_off = false;
    all.moved = 0;
}

/* false: what makes it ready stays, and so it comes back in the next turn. */
static bool has_turn(const struct way *w)
{
    bool had = w->had == all.round + 1;
    loop_later(all.loop, &all.turn_over);
    all.put_off |= !had && all.moved >= TURN;
    return !had && all.moved < TURN;
}

static ssize_t fill_early(struct way *w)
{
    ssize_t n = write(w->duct.in, w->early.data, w->early.len);
    if (n > 0)
        buf_drop(&w->early, (size_t)n);
    if (w->early.len == 0)
        buf_free(&w->early);
    return n;
}

static enum pumped fill(struct way *w, size_t most)
{
    if (!duct_take(&w->duct))
        return PUMP_FAILED;
    size_t chunk = most > CHUNK_MAX ? CHUNK_MAX : most;
    ssize_t n = w->early.len > 0
                    ? fill_early(w)
                    : splice(w->from, NULL, w->duct.in, NULL, chunk, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n > 0) {
        w->in_pipe = (size_t)n;
        relay_tap_off(w->r); /* the listener speaks */
        return PUMP_MORE;
    }
    enum pumped p = n == 0 ? PUMP_DONE : again() ? PUMP_WAIT_READ : relay_failed(w, w->from);
    duct_give(&w->duct);
    return p;
}

static enum pumped drain(struct way *w)
{
    ssize_t n = splice(w->duct.out, NULL, w->to, NULL, w->in_pipe, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n <= 0)
        return n < 0 && again() ? PUMP_WAIT_WRITE : relay_failed(w, w->to);
    w->in_pipe -= (size_t)n;
    w->bytes += n;
    w->r->bytes += n;
    if (w->in_pipe == 0)
        duct_give(&w->duct);
    return PUMP_MORE;
}

/* Whole chunks up to its share, each with all that the other side takes of it. What is left, or came after
 * a chunk that was not whole, is the next turn's. */
static enum pumped pump(struct way *w)
{
    size_t most = share(), moved = 0, chunk;
    enum pumped p;
    if (!has_turn(w))
        return PUMP_WAIT_READ;
    do {
        p = w->in_pipe == 0 ? fill(w, most) : PUMP_MORE;
        chunk = w->in_pipe;
        moved += chunk;
        while (p == PUMP_MORE && w->in_pipe > 0)
            p = drain(w);
    } while (p == PUMP_MORE && chunk == CHUNK_MAX && moved + CHUNK_MAX <= most);
    all.moved += moved;
    w->had = all.round + 1;
    return p;
}

void relay_arm(struct way *w)
{
    bool unsent = w->in_pipe > 0 || (relay_is_heard(w) && w->r->rest.len > 0);
    bool write = !w->done && (unsent || (w->early.len > 0 && !relay_stands(w)));
    bool read = !w->done && !write && !relay_stands(w);
    (void)(read ? event_add(w->readable, NULL) : event_del(w->readable));
    (void)(write ? event_add(w->writable, NULL) : event_del(w->writable));
}

static bool goes_on(struct relay *r)
{
    if (!relay_settle(r))
        return false;
    if (!r->way[0].done || !r->way[1].done || r->withheld)
        return true;
    relay_finish(r, "ended");
    return false;
}

static void run(struct way *w)
{
    struct relay *r = w->r;
    enum pumped p = relay_is_heard(w) ? relay_hear(w) : pump(w);
    if (p == PUMP_FAILED) {
        relay_finish(r, "failed");
        return;
    }
    if (p == PUMP_DONE) {
        w->done = true;
        if (!r->ended)
            r->ended = w;
        relay_end_of(w);
    }
    if (goes_on(r))
        relay_arm(w);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    run(arg);
}

static void on_clock(void *arg)
{
    struct relay *r = arg;
    const struct conf *c = conf_get();
    if (relay_settles(r)) {
        r->settles++;
        (void)goes_on(r);
        return;
    }
    if (!r->held && c->limits_min_rate > 0 &&
        (r->bytes - r->counted) < c->limits_min_rate * c->limits_stall / 1000) {
        relay_finish(r, "stalled");
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
    buf_add(&w->early, from->early, from->n);
    w->readable = event_new(loop_base(loop), w->from, EV_READ | EV_PERSIST, on_event, w);
    w->writable = event_new(loop_base(loop), w->to, EV_WRITE | EV_PERSIST, on_event, w);
    return w->readable && w->writable && event_add(from->n > 0 ? w->writable : w->readable, NULL) == 0;
}

/* One spare at least: what the last descriptors are gone for does not end a relay that is under way. */
static bool have_spare(void)
{
    struct duct d;
    if (!duct_take(&d))
        return false;
    duct_give(&d);
    return true;
}

struct relay *relay_start(struct loop *loop, const struct relay_end *a, const struct relay_end *b,
                          relay_done *done, void *owner)
{
    struct relay *r = xcalloc(1, sizeof *r);
    r->fd[0] = a->fd;
    r->fd[1] = b->fd;
    r->done = done;
    r->owner = owner;
    r->lost = -1;
    all.relays++;
    all.loop = loop;
    all.turn_over.fn = on_turn_over;
    loop_timer_init(&r->clock, loop, on_clock, r);
    if (!have_spare() || !way_open(&r->way[0], r, loop, a, b) || !way_open(&r->way[1], r, loop, b, a)) {
        relay_free(r);
        return NULL;
    }
    loop_timer_set(&r->clock, conf_get()->limits_stall);
    return r;
}

void relay_stop(struct relay **at)
{
    struct relay *r = TAKE(*at);
    if (!r)
        return;
    const struct relay_tap *tap = TAKE(r->tap);
    void *tapper = r->tapper;
    relay_free(r);
    if (tap)
        tap->off(tapper);
}
