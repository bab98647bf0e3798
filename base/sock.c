/* sock.c: descriptors on the loop, plain or with TLS (sock_tls.c); output: sock_out.c.
 *
 * Input is read into one buffer that all socks share: at most 64 KiB a turn and peer, handed to the owner,
 * gone after his callback. Output collects in s->out and leaves at the end of the turn in one send; what the
 * kernel does not take waits for a write event, which exists only as long. The buffer is freed as soon as it
 * is empty. An idle sock is its struct and one registered read event.
 *
 * Life: sock_free closes at once; the memory goes at the end of the turn, so that whatever called the owner
 * may still look at it. No timer runs unless a deadline is set or output is stalled. */
#include "base/sock.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sock_int.h"

#define UNACKED_MS 60000 /* TCP_USER_TIMEOUT: sent bytes nobody acknowledged (a pulled cable, row 17) */

static char input[SOCK_INPUT]; /* the loop thread's */

static void readable(evutil_socket_t fd, short what, void *arg);
static void flush(void *arg);
static void deadline_passed(void *arg);

/* --- making and freeing -------------------------------------------------------------------------- */

static struct sock *sock_new(struct loop *loop, int fd, const struct net_addr *peer, sock_fn *fn, void *owner)
{
    static const unsigned unacked = UNACKED_MS;
    struct sock *s = xcalloc(1, sizeof *s);

    s->magic = SOCK_MAGIC;
    s->fd = fd;
    s->phase = PHASE_OPEN;
    s->loop = loop;
    s->fn = fn;
    s->owner = owner;
    s->why = "";
    s->cap = SIZE_MAX;
    s->peer = *peer;
    s->flush.fn = flush;
    s->flush.arg = s;
    loop_timer_init(&s->deadline, loop, deadline_passed, s);
    loop_timer_init(&s->stall, loop, sock_stalled, s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacked, sizeof unacked); /* a Unix socket refuses */
    FERRY_ASSERT(event_assign(&s->read_ev, loop_base(loop), fd, EV_READ | EV_PERSIST, readable, s) == 0);
    return s;
}

static void want_read(struct sock *s)
{
    if (event_add(&s->read_ev, NULL) < 0)
        sock_fail(s, "the descriptor cannot be watched");
}

struct sock *sock_accepted(struct loop *loop, int fd, const struct net_addr *peer, sock_fn *fn, void *owner)
{
    struct sock *s = sock_new(loop, fd, peer, fn, owner);

    want_read(s);
    return s;
}

struct sock *sock_dial(struct loop *loop, const struct net_addr *to, sock_fn *fn, void *owner)
{
    static const int on = 1;
    int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sock *s;

    if (fd < 0)
        return NULL;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, &to->sa, to->len) < 0 && errno != EINPROGRESS) {
        int saved = errno;

        (void)close(fd);
        errno = saved;
        return NULL;
    }
    s = sock_new(loop, fd, to, fn, owner);
    s->phase = PHASE_CONNECTING;
    sock_want_write(s); /* a connection that stands already is writable at once */
    return s;
}

void sock_owner(struct sock *s, sock_fn *fn, void *owner)
{
    s->fn = fn;
    s->owner = owner;
}

static void bury(void *arg)
{
    struct sock *s = arg;

    s->magic = 0;
    free(s);
}

/* Everything but the memory; the descriptor is closed unless it was taken (fd < 0). */
static void take_down(struct sock *s)
{
    (void)event_del(&s->read_ev);
    sock_no_write(s);
    loop_timer_clear(&s->deadline);
    loop_timer_clear(&s->stall);
    if (s->orphan != NULL)
        loop_later_cancel(s->loop, s->orphan);
    free(TAKE(s->orphan));
    sock_tls_free(s);
    if (s->fd >= 0)
        (void)close(s->fd);
    s->fd = -1;
    buf_free(&s->out);
    s->fn = NULL;
    s->dead = true;
    s->flush.fn = bury;
    loop_later(s->loop, &s->flush);
}

void sock_free(struct sock *s)
{
    if (s == NULL || s->dead)
        return;
    FERRY_ASSERT(s->magic == SOCK_MAGIC);
    take_down(s);
}

int sock_take_fd(struct sock *s)
{
    int fd = s->fd;

    FERRY_ASSERT(s->magic == SOCK_MAGIC && s->ssl == NULL && sock_waiting(s) == 0);
    s->fd = -1;
    (void)event_del(&s->read_ev); /* before the number means something else */
    take_down(s);
    return fd;
}

/* The error is told at the end of the turn: never inside a call of the owner. */
void sock_fail(struct sock *s, const char *why)
{
    if (s->phase == PHASE_FAILED)
        return;
    s->phase = PHASE_FAILED;
    s->why = why;
    (void)event_del(&s->read_ev);
    sock_no_write(s);
    loop_timer_clear(&s->stall);
    buf_free(&s->out);
    s->out_at = 0;
    loop_later(s->loop, &s->flush);
}

/* --- closing ------------------------------------------------------------------------------------- */

/* PHASE_CLOSING with nothing left to send: our end is said once; then only the peer's end is awaited. */
static void say_end(struct sock *s)
{
    if (s->shut || sock_waiting(s) > 0)
        return;
    s->shut = true;
    sock_tls_bye(s);
    (void)shutdown(s->fd, SHUT_WR);
    if (s->eof)
        sock_free(s);
}

static void end_orphan(void *arg)
{
    sock_free(arg);
}

void sock_shut(struct sock *s)
{
    FERRY_ASSERT(s->magic == SOCK_MAGIC && s->ssl == NULL && sock_waiting(s) == 0);
    if (s->phase == PHASE_OPEN)
        (void)shutdown(s->fd, SHUT_WR);
}

void sock_close_soon(struct sock *s, int64_t ms)
{
    if (s == NULL || s->dead)
        return;
    FERRY_ASSERT(s->magic == SOCK_MAGIC && s->phase != PHASE_CLOSING);
    s->fn = NULL;
    s->owner = NULL;
    if (s->phase == PHASE_FAILED || s->phase == PHASE_CONNECTING || s->phase == PHASE_HANDSHAKE) {
        sock_free(s);
        return;
    }
    s->phase = PHASE_CLOSING;
    s->orphan = xcalloc(1, sizeof *s->orphan);
    s->orphan->fn = end_orphan;
    s->orphan->arg = s;
    loop_at_end(s->loop, s->orphan);
    loop_timer_clear(&s->stall);
    loop_timer_set(&s->deadline, ms > 0 ? ms : 1);
    if (!s->eof)
        want_read(s); /* to throw it away */
    if (s->write_ev == NULL)
        loop_later(s->loop, &s->flush);
}

static void deadline_passed(void *arg)
{
    struct sock *s = sock_enter(arg);

    if (s->phase == PHASE_CLOSING)
        sock_free(s);
    else
        (void)sock_tell(s, SOCK_TIMEOUT, NULL);
}

/* --- TLS begins ---------------------------------------------------------------------------------- */

static void handshake(struct sock *s)
{
    switch (sock_tls_handshake(s)) {
    case IO_DONE:
        sock_no_write(s);
        s->phase = PHASE_OPEN;
        s->guard.done = true;
        if (s->paused)
            (void)event_del(&s->read_ev);
        if (sock_tell(s, SOCK_TLS, NULL) && s->phase == PHASE_OPEN && sock_waiting(s) > 0)
            loop_later(s->loop, &s->flush);
        break;
    case IO_WANT_WRITE:
        sock_want_write(s);
        break;
    case IO_WANT_READ:
        sock_no_write(s);
        break;
    default:
        sock_fail(s, s->why);
    }
}

/* PHASE_TLS_WAIT with nothing left to send in the clear. */
static void begin_tls(struct sock *s)
{
    if (sock_tls_begin(s) < 0) {
        sock_fail(s, s->why);
        return;
    }
    s->phase = PHASE_HANDSHAKE;
    want_read(s);
}

void sock_start_tls(struct sock *s, SSL_CTX *ctx)
{
    FERRY_ASSERT(s->magic == SOCK_MAGIC && s->ssl == NULL);
    if (s->phase != PHASE_OPEN)
        return; /* it failed: the owner is about to hear of it */
    (void)SSL_CTX_up_ref(ctx);
    s->ctx = ctx;
    s->phase = PHASE_TLS_WAIT;
    (void)event_del(&s->read_ev); /* the handshake's first bytes are not the owner's */
    if (s->write_ev == NULL)
        loop_later(s->loop, &s->flush);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Who sends nothing else must not keep the loop here. */
enum sock_io sock_skip_blanks(struct sock *s)
{
    enum { BLANKS_MOST = 1024 };
    char text[64];
    ssize_t n;

    while ((n = recv(s->fd, text, sizeof text, MSG_PEEK | MSG_DONTWAIT)) > 0) {
        size_t blanks = 0;
        while (blanks < (size_t)n && is_blank(text[blanks]))
            blanks++;
        if (s->blanks + blanks > BLANKS_MOST)
            return IO_DONE;
        if (blanks > 0 && recv(s->fd, text, blanks, MSG_DONTWAIT) != (ssize_t)blanks)
            return IO_DONE;
        s->blanks += (uint16_t)blanks;
        if (blanks < (size_t)n)
            return IO_DONE;
    }
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? IO_WANT_READ : IO_DONE;
}

bool sock_pending_input(struct sock *s)
{
    char c;

    if (s->ssl != NULL && SSL_has_pending(s->ssl))
        return true;
    return sock_skip_blanks(s) == IO_DONE && recv(s->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

bool sock_is_gone(const struct sock *s)
{
    char c;
    ssize_t n = recv(s->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);

    return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/* --- input --------------------------------------------------------------------------------------- */

static enum sock_io plain_recv(struct sock *s, size_t *got)
{
    ssize_t n = recv(s->fd, input, sizeof input, 0);

    *got = n > 0 ? (size_t)n : 0;
    if (n > 0)
        return IO_WANT_READ;
    if (n == 0)
        return IO_EOF;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return IO_WANT_READ;
    s->why = strerrordesc_np(errno);
    return IO_FAILED;
}

/* One turn's reading. IO_DONE from TLS: the buffer is full and more may wait where no event tells of it. */
static void read_in(struct sock *s)
{
    size_t got = 0;
    enum sock_io io = s->ssl != NULL ? sock_tls_read(s, input, sizeof input, &got) : plain_recv(s, &got);
    struct sock_data data = {input, got};

    if (io == IO_DONE) {
        s->read_again = true;
        loop_later(s->loop, &s->flush);
    }
    if (got > 0 && s->phase != PHASE_CLOSING && !sock_tell(s, SOCK_DATA, &data))
        return;
    if (io == IO_EOF) {
        s->eof = true;
        (void)event_del(&s->read_ev);
        if (s->phase != PHASE_CLOSING)
            (void)sock_tell(s, SOCK_EOF, NULL);
        else if (s->shut)
            sock_free(s);
    } else if (io == IO_FAILED) {
        sock_fail(s, s->why);
    }
}

static void readable(evutil_socket_t fd, short what, void *arg)
{
    struct sock *s = sock_enter(arg);

    if (s->phase == PHASE_HANDSHAKE)
        handshake(s);
    else if (s->phase == PHASE_OPEN || s->phase == PHASE_CLOSING)
        read_in(s);
}

void sock_pause(struct sock *s)
{
    s->paused = true;
    if (s->phase == PHASE_OPEN)
        (void)event_del(&s->read_ev);
}

void sock_resume(struct sock *s)
{
    if (!s->paused)
        return;
    s->paused = false;
    if (s->phase != PHASE_OPEN || s->eof)
        return;
    want_read(s);
    if (s->ssl != NULL && SSL_pending(s->ssl) > 0) {
        s->read_again = true;
        loop_later(s->loop, &s->flush);
    }
}

/* --- what the loop calls ------------------------------------------------------------------------- */

static void connected(struct sock *s)
{
    int e = 0;
    socklen_t len = sizeof e;

    sock_no_write(s);
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &e, &len) < 0)
        e = errno;
    if (e != 0) {
        sock_fail(s, strerrordesc_np(e));
        return;
    }
    s->phase = PHASE_OPEN;
    if (!s->paused)
        want_read(s);
    if (sock_waiting(s) > 0)
        loop_later(s->loop, &s->flush);
    (void)sock_tell(s, SOCK_CONNECTED, NULL);
}

void sock_writable(evutil_socket_t fd, short what, void *arg)
{
    struct sock *s = sock_enter(arg);

    switch (s->phase) {
    case PHASE_CONNECTING:
        connected(s);
        break;
    case PHASE_HANDSHAKE:
        handshake(s);
        break;
    case PHASE_FAILED:
        break;
    default:
        flush(s);
    }
}

static void flush(void *arg)
{
    struct sock *s = sock_enter(arg);

    if (s->phase == PHASE_OPEN || s->phase == PHASE_TLS_WAIT || s->phase == PHASE_CLOSING) {
        sock_send_out(s);
        if (s->phase == PHASE_OPEN && sock_judge_queue(s) && s->read_again && s->phase == PHASE_OPEN) {
            s->read_again = false;
            if (!s->paused)
                read_in(s);
        }
        if (!s->dead && s->phase == PHASE_TLS_WAIT && sock_waiting(s) == 0)
            begin_tls(s);
        if (!s->dead && s->phase == PHASE_CLOSING)
            say_end(s);
    }
    if (!s->dead && s->phase == PHASE_FAILED) {
        loop_later_cancel(s->loop, &s->flush); /* told now, once */
        if (s->fn == NULL)
            sock_free(s);
        else if (!s->told) {
            s->told = true;
            (void)sock_tell(s, SOCK_ERROR, NULL);
        }
    }
}

void sock_deadline(struct sock *s, int64_t ms)
{
    if (ms > 0)
        loop_timer_set(&s->deadline, ms);
    else
        loop_timer_clear(&s->deadline);
}

bool sock_is_over(const struct sock *s)
{
    return sock_waiting(s) > s->cap;
}

bool sock_is_tls(const struct sock *s)
{
    return s->ssl != NULL && s->guard.done;
}

SSL *sock_ssl(struct sock *s)
{
    return s->ssl;
}

const struct net_addr *sock_peer(const struct sock *s)
{
    return &s->peer;
}

const char *sock_why(const struct sock *s)
{
    return s->why;
}
