/* relay_tap.c: a relay in which somebody listens in: bytes are read and written instead of spliced.
 *
 * A tap hears a piece before the listener does, so nothing that the speaker is rid of can be lost with the
 * listener. Whether he has left shows when something is sent to him, or at the end: a listener who closes
 * without having read everything resets the connection, or his kernel has not acknowledged all of it.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/conf.h"
#include "xmpp/relay_body.h"

#define PIECE ((size_t)64 << 10)
#define PIECES 4 /* of a turn */
#define SETTLE_MS 200

static bool is_tapped(const struct way *w)
{
    return w->r->tap && (!w->r->speaker || w->r->speaker == w);
}

bool relay_stands(const struct way *w)
{
    return w->r->held && is_tapped(w);
}

bool relay_is_heard(const struct way *w)
{
    return is_tapped(w) || (w->r->speaker == w && w->r->rest.len > 0);
}

/* It stands still no more, also for its clock. What is to be done is done in a turn to come. */
static void wake(struct relay *r)
{
    r->held = false;
    for (int i = 0; i < 2; i++) {
        struct way *w = &r->way[i];
        relay_arm(w);
        if (!w->done)
            event_active(w->readable, EV_READ, 0);
    }
}

void relay_tap_off(struct relay *r)
{
    const struct relay_tap *tap = TAKE(r->tap);
    if (!tap)
        return;
    wake(r);
    tap->off(r->tapper);
}

/* --- bytes ------------------------------------------------------------------------------------- */

/* To the listener, as much as he takes. -1: he is gone. */
static ssize_t say(struct way *w, const char *data, size_t n)
{
    ssize_t sent = send(w->to, data, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (sent > 0) {
        w->bytes += sent;
        w->r->bytes += sent;
    }
    return sent;
}

static ssize_t take_early(struct way *w, char *room, size_t n)
{
    if (n > w->early.len)
        n = w->early.len;
    memcpy(room, w->early.data, n);
    buf_drop(&w->early, n);
    if (w->early.len == 0)
        buf_free(&w->early);
    return (ssize_t)n;
}

/* As much room as there are bytes: thousands of slow speakers would else have 64 KiB each. */
static size_t room_for(const struct way *w)
{
    int there = (int)(w->early.len < PIECE ? w->early.len : PIECE);
    if (there == 0 && ioctl(w->from, FIONREAD, &there) < 0)
        there = 0;
    return there < 1 ? 1 : (size_t)there < PIECE ? (size_t)there : PIECE;
}

static enum pumped hear_piece(struct way *w)
{
    struct relay *r = w->r;
    size_t most = room_for(w);
    char *room = r->tap->room(r->tapper, most);
    ssize_t n = w->early.len > 0 ? take_early(w, room, most) : read(w->from, room, most);
    if (n == 0)
        return PUMP_DONE;
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? PUMP_WAIT_READ : relay_failed(w, w->from);
    r->speaker = w;
    ssize_t sent = say(w, room, (size_t)n);
    if (sent >= 0)
        buf_add(&r->rest, room + sent, (size_t)(n - sent));
    if (!r->tap->took(r->tapper, (size_t)n))
        r->held = true;
    return sent < 0 ? relay_failed(w, w->to) : PUMP_MORE;
}

static enum pumped say_rest(struct way *w)
{
    struct relay *r = w->r;
    ssize_t n = say(w, r->rest.data, r->rest.len);
    if (n < 0)
        return relay_failed(w, w->to);
    if ((size_t)n < r->rest.len) {
        buf_drop(&r->rest, (size_t)n);
        return PUMP_WAIT_WRITE;
    }
    buf_free(&r->rest);
    return PUMP_MORE;
}

enum pumped relay_hear(struct way *w)
{
    enum pumped p = w->r->rest.len > 0 && w->r->speaker == w ? say_rest(w) : PUMP_MORE;
    for (int i = 0; i < PIECES && p == PUMP_MORE && is_tapped(w) && !w->r->held; i++) {
        p = hear_piece(w);
        if (p == PUMP_MORE && w->r->rest.len > 0)
            return PUMP_WAIT_WRITE;
    }
    return p;
}

/* --- the end ----------------------------------------------------------------------------------- */

static bool is_all_heard(const struct relay *r)
{
    return r->speaker && r->rest.len == 0 && r->tap->whole(r->tapper, r->speaker->done);
}

void relay_end_of(struct way *w)
{
    struct relay *r = w->r;
    if (r->tap && r->speaker && r->speaker != w) {
        r->withheld = true;
        return;
    }
    (void)shutdown(w->to, SHUT_WR);
    if (r->tap && !is_all_heard(r))
        relay_tap_off(r);
}

/* Has the listener's kernel not yet taken everything? */
static bool is_unacknowledged(const struct relay *r)
{
    int n = 0;
    return r->rest.len > 0 || ioctl(r->speaker->to, SIOCOUTQ, &n) < 0 || n > 0;
}

static bool has_failed(int fd)
{
    int e = 0;
    socklen_t len = sizeof e;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len) < 0 || e != 0;
}

bool relay_settles(const struct relay *r)
{
    return r->withheld && (!r->tap || is_all_heard(r));
}

bool relay_settle(struct relay *r)
{
    if (!r->withheld || (r->tap && !is_all_heard(r)))
        return true;
    if (r->tap && has_failed(r->speaker->to)) {
        r->lost = r->speaker->to;
        relay_finish(r, "failed");
        return false;
    }
    if (r->tap && is_unacknowledged(r)) {
        if (r->settles * SETTLE_MS > conf_get()->limits_stall) {
            relay_finish(r, "stalled");
            return false;
        }
        loop_timer_set(&r->clock, SETTLE_MS);
        return true;
    }
    r->withheld = false;
    (void)shutdown(r->speaker->from, SHUT_WR);
    loop_timer_set(&r->clock, conf_get()->limits_stall);
    relay_tap_off(r);
    return true;
}

/* One has failed before a byte was heard: the other one speaks, if something of his waits. */
static void find_speaker(struct relay *r)
{
    for (int i = 0; i < 2 && !r->speaker && r->lost >= 0; i++) {
        struct way *w = &r->way[i];
        int n = 0;
        if (w->from != r->lost && (w->early.len > 0 || (ioctl(w->from, FIONREAD, &n) == 0 && n > 0)))
            r->speaker = w;
    }
}

bool relay_listener_left(struct relay *r)
{
    find_speaker(r);
    return r->speaker && r->lost != r->speaker->from && (r->lost >= 0 || is_unacknowledged(r));
}

/* --- the owner's words ------------------------------------------------------------------------- */

void relay_tap(struct relay *r, const struct relay_tap *tap, void *owner)
{
    FERRY_ASSERT(!r->tap && r->bytes == 0);
    r->tap = tap;
    r->tapper = owner;
    r->held = true;
    relay_arm(&r->way[0]);
    relay_arm(&r->way[1]);
}

void relay_go(struct relay *r)
{
    if (!r->held)
        return;
    wake(r);
}

void relay_untap(struct relay *r)
{
    if (r && TAKE(r->tap))
        wake(r);
}
