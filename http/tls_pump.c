/* tls_pump.c: one TLS connection: its handshake, and bytes from the client to libmicrohttpd and back; see
 * tls.h.
 *
 * Way in: SSL_read into the thread's buffer, framing.h over it, what it clears goes into the pair; the
 * beginning of a head is kept until the head is whole. Way out: what the pair gives is encrypted into the
 * thread's other buffer by a BIO that always takes, and leaves in one send.
 *
 * When no request can come any more (the client has ended, or a head is refused) libmicrohttpd is not told by
 * an end of input, which it forgets at times: conn_last says after how many requests the pair is to end. Only
 * an end inside of a body is an end of input, which aborts the request unless
 * that has been answered already.
 */
#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "http/door.h"
#include "http/problem.h"
#include "http/stats.h"
#include "http/tls_int.h"

#define CONTROLS_A_TURN 4

/* --- the BIO: reads from the client's socket, writes into the thread's buffer */

static int bio_write(BIO *b, const char *p, int n)
{
    struct tls_conn *t = BIO_get_data(b);

    buf_add(&t->thread->cipher, p, (size_t)n);
    return n;
}

static int bio_read(BIO *b, char *p, int n)
{
    struct tls_conn *t = BIO_get_data(b);
    ssize_t got = -1;

    BIO_clear_retry_flags(b);
    errno = EAGAIN;
    while (t->tcp.readable && (got = recv(t->tcp.fd, p, (size_t)n, MSG_DONTWAIT)) < 0 && errno == EINTR)
        ;
    if (got < 0 && errno == EAGAIN) {
        t->tcp.readable = false;
        BIO_set_retry_read(b);
    } else if (got < 0) {
        t->broken = true;
    } else if (got == 0) {
        t->eof = true;
    } else if (got < n && !t->tcp.hup) {
        t->tcp.readable = false; /* all of it; what comes is a new event */
    }
    return (int)got;
}

static long bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
    const struct tls_conn *t = BIO_get_data(b);

    return cmd == BIO_CTRL_FLUSH || (cmd == BIO_CTRL_EOF && t->eof);
}

static int bio_create(BIO *b)
{
    BIO_set_init(b, 1);
    return 1;
}

static BIO_METHOD *method;
static pthread_once_t method_once = PTHREAD_ONCE_INIT;

static void method_init(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ferry");
    FERRY_ASSERT(method != NULL && BIO_meth_set_write(method, bio_write) &&
                 BIO_meth_set_read(method, bio_read) && BIO_meth_set_ctrl(method, bio_ctrl) &&
                 BIO_meth_set_create(method, bio_create));
}

int pump_begin(struct tls_conn *t, SSL_CTX *ctx)
{
    BIO *b;

    pthread_once(&method_once, method_init);
    t->ssl = SSL_new(ctx);
    b = BIO_new(method);
    if (t->ssl == NULL || b == NULL) {
        BIO_free(b);
        return -1;
    }
    BIO_set_data(b, t);
    SSL_set_bio(t->ssl, b, b);
    SSL_set_accept_state(t->ssl);
    tls_guard_attach(&t->guard, t->ssl);
    return 0;
}

/* --- to the client */

/* Into an empty buffer, which will not grow: no byte more than it needs. */
static void keep(struct buf *b, const char *p, size_t n)
{
    b->cap = n + 1;
    b->data = xmalloc(b->cap);
    memcpy(b->data, p, n);
    b->data[n] = '\0';
    b->len = n;
}

/* Sends what it can; the rest of the bytes waits in t->out. */
static void send_some(struct tls_conn *t, const char *p, size_t n)
{
    size_t at = 0;

    while (at < n && !t->broken) {
        ssize_t sent = send(t->tcp.fd, p + at, n - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) {
            at += (size_t)sent;
        } else if (errno == EAGAIN) {
            t->tcp.writable = false;
            break;
        } else if (errno != EINTR) {
            t->broken = true;
        }
    }
    t->sent += (int64_t)at;
    if (t->out.len > 0) {
        t->out_at += at;
        if (t->out_at == t->out.len) {
            buf_free(&t->out);
            t->out_at = 0;
        }
    } else if (at < n && !t->broken) {
        keep(&t->out, p + at, n - at);
    }
}

static void flush(struct tls_conn *t)
{
    struct buf *cipher = &t->thread->cipher;

    if (t->out.len > 0) {
        if (cipher->len > 0)
            buf_add(&t->out, cipher->data, cipher->len);
        if (t->tcp.writable)
            send_some(t, t->out.data + t->out_at, t->out.len - t->out_at);
    } else if (cipher->len > 0) {
        send_some(t, cipher->data, cipher->len);
    }
    cipher->len = 0;
}

static void encrypt(struct tls_conn *t, const char *p, size_t n)
{
    size_t took;

    ERR_clear_error();
    if (SSL_write_ex(t->ssl, p, n, &took) != 1 || took != n)
        t->broken = true;
}

/* From here on only what is on its way leaves. */
static void leave(struct tls_conn *t)
{
    if (t->state == TLS_LEAVING)
        return;
    t->input_over = true;
    tls_enter(t, TLS_LEAVING);
    t->window_start = clock_mono_ms();
    t->window_sent = t->sent;
}

/* The last bytes that are ours to say. */
static void farewell(struct tls_conn *t, const struct buf *answer)
{
    leave(t);
    if (answer != NULL && answer->len > 0)
        encrypt(t, answer->data, answer->len);
    ERR_clear_error();
    (void)SSL_shutdown(t->ssl);
    flush(t);
    t->said = true;
}

static void farewell_refusing(struct tls_conn *t, const struct head *h)
{
    struct buf answer = {0};

    door_refusal(t->conn, h, &answer);
    farewell(t, &answer);
    buf_free(&answer);
}

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
        farewell(t, NULL);
        return;
    }
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
            at = n;
            held = 0;
        }
    }
    buf_free(&t->in);
    if (n - at + held > 0)
        keep(&t->in, p + at, n - at + held);
    t->cleared = n - at;
}

/* Looks at n decrypted bytes, of which the first were held already. */
static void follow(struct tls_conn *t, const char *p, size_t n, int64_t now)
{
    enum framing_verdict v = FRAMING_PASS;
    bool held = t->in.len > 0;
    size_t at = 0;

    while (at < n && (v == FRAMING_PASS || v == FRAMING_BEGUN)) {
        at += framing_step(&t->framing, p + at, n - at, &v);
        if (v == FRAMING_BEGUN && t->state == TLS_FIRST && !open_pair(t)) {
            t->broken = true;
            return;
        }
    }
    pass_on(t, p, at, v == FRAMING_MORE ? n - at : 0);
    if (v == FRAMING_REFUSE && t->state == TLS_FIRST) {
        farewell_refusing(t, &t->framing.head);
    } else if (v == FRAMING_REFUSE || v == FRAMING_ENDED) {
        t->refused = v == FRAMING_REFUSE;
        input_ends(t);
    } else if (v == FRAMING_MORE && !held && t->state == TLS_OPEN) {
        conn_head_begun(t->conn, now + conf_get()->limits_head);
    }
}

/* Decrypts into p. Sets eof and broken; bytes before either are given first. */
static size_t decrypt(struct tls_conn *t, char *p, size_t room)
{
    size_t got = 0, n;
    int controls = 0, ret;

    t->pending = true;
    while (got < room) {
        uint32_t before = t->guard.control;

        ERR_clear_error();
        ret = SSL_read_ex(t->ssl, p + got, room - got, &n);
        if (ret == 1) {
            got += n;
            t->guard.in += n;
            continue;
        }
        ret = SSL_get_error(t->ssl, ret);
        t->pending = false;
        if (tls_guard_flood(&t->guard, t->ssl))
            t->broken = true;
        else if (ret == SSL_ERROR_ZERO_RETURN || t->eof)
            t->eof = true;
        else if (ret != SSL_ERROR_WANT_READ)
            t->broken = true;
        else if (t->guard.control != before && ++controls < CONTROLS_A_TURN)
            continue; /* a key update was taken; data may stand behind it */
        else if (t->guard.control != before)
            t->tcp.readable = true;
        ERR_clear_error();
        break;
    }
    return got;
}

static bool may_read(const struct tls_conn *t)
{
    return !t->input_over && !t->broken && t->cleared == 0 && (t->tcp.readable || t->pending);
}

static void move_in(struct tls_conn *t, int64_t now)
{
    char *plain = t->thread->plain;
    size_t moved = 0, n;

    if (t->cleared > 0 && t->pair.writable) {
        struct buf rest = t->in;

        t->in = (struct buf){0};
        pass_on(t, rest.data, t->cleared, rest.len - t->cleared);
        buf_free(&rest);
    }
    while (may_read(t) && moved < TURN_BYTES) {
        size_t held = t->in.len;

        n = decrypt(t, plain + held, PLAIN_BYTES - held);
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

    close(t->pair.fd);
    t->pair.fd = -1;
    if (t->refused && !atomic_load(&c->final) && atomic_load(&c->answered) >= t->framing.whole)
        farewell_refusing(t, &t->framing.head);
    else
        farewell(t, NULL);
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
            encrypt(t, plain, (size_t)n);
            flush(t);
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
    send_some(t, answer.data, answer.len);
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
    flush(t); /* an alert too */
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
    flush(t);
    if (t->state == TLS_HANDSHAKE && !t->broken) {
        enum tls_next next = handshake(t, now);
        if (next != TLS_AGAIN)
            return t->broken ? TLS_GONE : next;
    }
    if (t->state == TLS_OPEN && t->pair.hup)
        leave(t);
    move_out(t);
    if (t->state == TLS_FIRST || t->state == TLS_OPEN)
        move_in(t, now);
    flush(t);
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
        farewell_refusing(t, &late);
    else
        farewell(t, NULL);
    return t->out.len == 0 ? TLS_GONE : TLS_WAIT;
}
