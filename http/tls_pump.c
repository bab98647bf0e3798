/* tls_pump.c: one TLS connection: its handshake, and bytes from the client to libmicrohttpd and back; see
 * tls.h.
 *
 * Way in: SSL_read into the thread's buffer, framing.h over it, what it clears goes into the pair; the
 * beginning of a head is kept until the head is whole. Way out: what the pair gives is encrypted into the
 * thread's other buffer by a BIO that always takes, and leaves in one send. A large body goes to its request
 * itself: it is offered when its head is passed on, and read when it was taken.
 *
 * When no request can come any more (the client has ended, or a head is refused) libmicrohttpd is not told by
 * an end of input, which it forgets at times: conn_last says after how many requests the pair is to end. Only
 * an end inside of a body is an end of input, which aborts the request unless that has been answered already.
 */
#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "http/door.h"
#include "http/problem.h"
#include "http/stats.h"
#include "http/tls_int.h"

/* --- from the client */

static void pair_end(struct tls_conn *t, int how)
{
    shutdown(t->pair.fd, how);
    t->pair.readable = t->pair.hup = true;
}

/* Nothing more is passed on. */
static void input_ends(struct tls_conn *t)
{
    t->input_over = true;
    if (t->state == TLS_FIRST) {
        wire_farewell(t, NULL);
        return;
    }
    large_lost(t);
    t->in.len = t->cleared; /* half a head is none */
    if (framing_in_body(&t->framing))
        t->end_body = true;
    else if (conn_last(t->conn, t->framing.whole))
        pair_end(t, SHUT_RDWR);
}

/* The first head is fine. */
static bool open_pair(struct tls_conn *t)
{
    static _Atomic int pairs;
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0) {
        stats_refused_connection();
        return false;
    }
    /* libmicrohttpd gives it to a worker by its number, and the second of a pair is mostly an odd one. */
    int theirs = (fds[1] ^ atomic_fetch_add(&pairs, 1)) & 1;
    t->pair.fd = fds[!theirs];
    t->pair.writable = true;
    t->conn->fd = fds[theirs];
    if (tls_watch(t, &t->pair, false) < 0) {
        close(t->conn->fd);
        return false;
    }
    atomic_fetch_add(&t->conn->holders, 1);
    tls_enter(t, TLS_OPEN);
    door_hand_on(t->conn, &t->framing.head);
    return true;
}

/* What is cleared goes into the pair. p: n bytes that were, with `held` behind them that are not; all that
 * stays here is kept in t->in. */
static void pass_on(struct tls_conn *t, const char *p, size_t n, size_t held)
{
    size_t at = 0;

    while (at < n && t->pair.writable) {
        ssize_t sent = send(t->pair.fd, p + at, n - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) {
            at += (size_t)sent;
        } else if (errno == EAGAIN) {
            t->pair.writable = false;
            if (tls_watch(t, &t->pair, true) < 0)
                t->broken = true;
        } else if (errno != EINTR) { /* libmicrohttpd has closed: its answer is to be read */
            t->input_over = true;
            large_lost(t);
            at = n;
            held = 0;
        }
    }
    buf_free(&t->in);
    if (n - at + held > 0)
        buf_keep(&t->in, p + at, n - at + held);
    t->cleared = n - at;
}

/* What may be passed on of n bytes at p, up to a head whose body is to go past libmicrohttpd. */
static size_t clear(struct tls_conn *t, char *p, size_t n, enum framing_verdict *v)
{
    size_t at = 0;

    *v = FRAMING_PASS;
    while (at < n && (*v == FRAMING_PASS || *v == FRAMING_BEGUN)) {
        at += framing_step(&t->framing, p + at, n - at, v);
        if (*v != FRAMING_BEGUN)
            continue;
        if (t->state == TLS_FIRST && !open_pair(t)) {
            t->broken = true;
            break;
        }
        if (large_offer(t, p + at - t->framing.head.len))
            break;
    }
    return at;
}

/* Looks at n decrypted bytes, of which the first were held already. */
static void follow(struct tls_conn *t, char *p, size_t n, int64_t now)
{
    enum framing_verdict v;
    bool held = t->in.len > 0;
    size_t at;

    if (t->large == LARGE_TAKEN) {
        at = large_give(t, p, n);
        p += at;
        n -= at;
        if (n == 0 || t->input_over)
            return;
    }
    at = clear(t, p, n, &v);
    if (t->broken)
        return;
    pass_on(t, p, at, v == FRAMING_MORE || t->large != LARGE_NONE ? n - at : 0);
    if (v == FRAMING_REFUSE && t->state == TLS_FIRST) {
        wire_refuse(t, &t->framing.head);
    } else if (v == FRAMING_REFUSE || v == FRAMING_ENDED) {
        t->refused = v == FRAMING_REFUSE;
        input_ends(t);
    } else if (v == FRAMING_MORE && !held && t->state == TLS_OPEN) {
        conn_head_begun(t->conn, now + conf_get()->limits_head);
    }
}

static bool may_read(const struct tls_conn *t)
{
    return !t->input_over && !t->broken && t->cleared == 0 && t->large != LARGE_OFFERED &&
           (t->tcp.readable || t->pending);
}

/* What was held back, as far as it may go on now. */
static void move_held(struct tls_conn *t, int64_t now)
{
    struct buf held = t->in;

    if (t->cleared > 0 && t->pair.writable) {
        t->in = (struct buf){0};
        pass_on(t, held.data, t->cleared, held.len - t->cleared);
        buf_free(&held);
    }
    held = t->in;
    if (large_taken(t) && t->cleared == 0 && held.len > 0) {
        t->in = (struct buf){0};
        follow(t, held.data, held.len, now);
        buf_free(&held);
    }
}

static void move_in(struct tls_conn *t, int64_t now)
{
    char *plain = t->thread->plain;
    size_t moved = 0, n;

    move_held(t, now);
    while (may_read(t) && moved < TURN_BYTES) {
        size_t held = t->in.len;

        n = wire_decrypt(t, plain + held, PLAIN_BYTES - held);
        moved += n;
        if (n > 0) {
            if (held > 0)
                memcpy(plain, t->in.data, held);
            follow(t, plain, held + n, now);
        }
        if (t->eof && !t->input_over)
            input_ends(t);
        if (n == 0)
            break;
    }
    if (t->end_body && t->cleared == 0) {
        t->end_body = false;
        shutdown(t->pair.fd, SHUT_WR);
    }
}

/* --- from libmicrohttpd */

/* libmicrohttpd has ended the connection, or a deadline has. */
static void pair_over(struct tls_conn *t)
{
    const struct conn *c = t->conn;

    large_lost(t);
    tls_close(t, &t->pair);
    if (t->refused && !atomic_load(&c->final) && atomic_load(&c->answered) >= t->framing.whole)
        wire_refuse(t, &t->framing.head);
    else
        wire_farewell(t, NULL);
}

static bool may_write(const struct tls_conn *t)
{
    return t->pair.fd >= 0 && t->pair.readable && t->out.len == 0 && !t->broken;
}

static void move_out(struct tls_conn *t)
{
    char *plain = t->thread->plain;
    size_t moved = 0;

    while (may_write(t) && moved < TURN_BYTES) {
        ssize_t n = recv(t->pair.fd, plain, PLAIN_BYTES, MSG_DONTWAIT);

        if (n > 0) {
            if (n < PLAIN_BYTES && !t->pair.hup)
                t->pair.readable = false; /* all of it; what comes is a new event */
            moved += (size_t)n;
            wire_encrypt(t, plain, (size_t)n);
            wire_flush(t);
        } else if (n < 0 && errno == EAGAIN) {
            t->pair.readable = false;
        } else if (n == 0 || errno != EINTR) {
            pair_over(t);
        }
    }
}

/* --- turns */

/* Somebody speaks HTTP to the port of HTTPS: browsers show what is said in the same language. */
static enum tls_next plain_http(struct tls_conn *t, bool is_head)
{
    const struct head h = {.why = REFUSE_BAD_REQUEST,
                           .is_head = is_head,
                           .detail = "This port speaks HTTPS: the address begins with https://."};
    struct buf answer = {0};

    door_refusal(t->conn, &h, &answer);
    wire_send(t, answer.data, answer.len);
    buf_free(&answer);
    return TLS_GONE;
}

static enum tls_next handshake(struct tls_conn *t, int64_t now)
{
    char first[5];
    int ret;

    if (!t->looked) {
        ssize_t n = recv(t->tcp.fd, first, sizeof first, MSG_PEEK | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return TLS_WAIT;
        t->eof = n <= 0;
        if (t->eof)
            return TLS_GONE;
        if (first[0] >= 'A' && first[0] <= 'Z')
            return plain_http(t, n == 5 && memcmp(first, "HEAD ", 5) == 0);
        t->looked = true;
    }
    ERR_clear_error();
    ret = SSL_do_handshake(t->ssl);
    wire_flush(t); /* an alert too */
    if (ret != 1 && SSL_get_error(t->ssl, ret) == SSL_ERROR_WANT_READ)
        return TLS_WAIT;
    stats_handshake(ret == 1);
    if (ret != 1) {
        char peer[NET_TEXT];
        log_debug("http tls-failed why=\"%s\" peer=%s", tls_reason(), net_log(&t->conn->peer, peer));
        return TLS_GONE;
    }
    t->guard.done = true;
    t->pending = true;
    t->deadline = now + conf_get()->limits_head;
    tls_enter(t, TLS_FIRST);
    return TLS_AGAIN;
}

enum tls_next pump_turn(struct tls_conn *t, int64_t now)
{
    if (atomic_load(&t->conn->cut))
        return TLS_GONE;
    wire_flush(t);
    if (t->state == TLS_HANDSHAKE && !t->broken) {
        enum tls_next next = handshake(t, now);
        if (next != TLS_AGAIN)
            return t->broken ? TLS_GONE : next;
    }
    if (t->state == TLS_OPEN && t->pair.hup) {
        large_lost(t);
        wire_leave(t);
    }
    move_out(t);
    if (t->state == TLS_FIRST || t->state == TLS_OPEN)
        move_in(t, now);
    wire_flush(t);
    if (t->broken || (t->said && t->out.len == 0))
        return TLS_GONE;
    return may_read(t) || may_write(t) ? TLS_AGAIN : TLS_WAIT;
}

/* Whether the client takes less than the minimum rate of what is left for it. */
static bool too_slow(struct tls_conn *t, int64_t now)
{
    const struct conf *conf = conf_get();
    int64_t took = t->sent - t->window_sent, ms = now - t->window_start;

    if (ms < 2 * conf->limits_stall)
        return false;
    t->window_start = now;
    t->window_sent = t->sent;
    return took == 0 || took * 1000 < conf->limits_min_rate * ms;
}

enum tls_next pump_overdue(struct tls_conn *t, int64_t now)
{
    static const struct head late = {.why = REFUSE_REQUEST_TIMEOUT};

    if (t->state == TLS_LEAVING) {
        t->broken = too_slow(t, now);
        return t->broken ? TLS_GONE : TLS_WAIT;
    }
    if (now < t->deadline)
        return TLS_WAIT;
    if (t->state == TLS_HANDSHAKE)
        return TLS_GONE;
    if (t->in.len > 0)
        wire_refuse(t, &late);
    else
        wire_farewell(t, NULL);
    return t->out.len == 0 ? TLS_GONE : TLS_WAIT;
}
