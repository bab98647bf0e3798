/* tls_wire.c: the client's side of a TLS connection: its socket, and OpenSSL over it; see tls_int.h.
 *
 * A BIO of ours hands out what one large recv brought, since each recv makes the kernel acknowledge, and the
 * sender's next bytes then cost this thread's time; it writes into a buffer of the thread's, which always
 * takes: what a turn has encrypted leaves in one send, and what the client does not take is kept in an
 * allocation of just that size.
 */
#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "http/door.h"
#include "http/tls_int.h"

#define CONTROLS_A_TURN 4

/* --- the BIO: reads from the client's socket, writes into the thread's buffer */

static int bio_write(BIO *b, const char *p, int n)
{
    struct tls_conn *t = BIO_get_data(b);

    buf_add(&t->thread->cipher, p, (size_t)n);
    return n;
}

/* Into the thread's buffer, which is empty. As recv. */
static ssize_t receive(struct tls_conn *t)
{
    struct tls_thread *th = t->thread;
    ssize_t got = -1;

    errno = EAGAIN;
    while (t->tcp.readable && (got = recv(t->tcp.fd, th->raw, RAW_BYTES, MSG_DONTWAIT)) < 0 && errno == EINTR)
        ;
    th->raw_at = 0;
    th->raw_len = got > 0 ? (size_t)got : 0;
    if (got < 0 ? errno == EAGAIN : got > 0 && got < RAW_BYTES && !t->tcp.hup)
        t->tcp.readable = false; /* that was all; what comes is a new event */
    else if (got < 0)
        t->broken = true;
    else if (got == 0)
        t->eof = true;
    return got;
}

static size_t hand_out(const char *from, size_t *at, size_t len, char *p, size_t n)
{
    n = n < len - *at ? n : len - *at;
    memcpy(p, from + *at, n);
    *at += n;
    return n;
}

static int bio_read(BIO *b, char *p, int n)
{
    struct tls_conn *t = BIO_get_data(b);
    struct tls_thread *th = t->thread;

    BIO_clear_retry_flags(b);
    if (t->raw.len > 0) {
        size_t got = hand_out(t->raw.data, &t->raw_at, t->raw.len, p, (size_t)n);
        if (t->raw_at == t->raw.len)
            buf_free(&t->raw);
        return (int)got;
    }
    if (th->raw_at == th->raw_len) {
        ssize_t got = receive(t);
        if (got < 0 && !t->broken)
            BIO_set_retry_read(b);
        if (got <= 0)
            return (int)got;
    }
    return (int)hand_out(th->raw, &th->raw_at, th->raw_len, p, (size_t)n);
}

void wire_settle(struct tls_conn *t)
{
    struct tls_thread *th = t->thread;

    if (th->raw_at < th->raw_len) {
        FERRY_ASSERT(t->raw.len == 0);
        buf_keep(&t->raw, th->raw + th->raw_at, th->raw_len - th->raw_at);
        t->raw_at = 0;
    }
    th->raw_at = th->raw_len = 0;
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

int wire_begin(struct tls_conn *t, SSL_CTX *ctx)
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

void wire_send(struct tls_conn *t, const char *p, size_t n)
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
        buf_keep(&t->out, p + at, n - at);
    }
}

void wire_flush(struct tls_conn *t)
{
    struct buf *cipher = &t->thread->cipher;

    if (t->out.len > 0) {
        if (cipher->len > 0)
            buf_add(&t->out, cipher->data, cipher->len);
        if (t->tcp.writable)
            wire_send(t, t->out.data + t->out_at, t->out.len - t->out_at);
    } else if (cipher->len > 0) {
        wire_send(t, cipher->data, cipher->len);
    }
    cipher->len = 0;
}

void wire_encrypt(struct tls_conn *t, const char *p, size_t n)
{
    size_t took;

    ERR_clear_error();
    if (SSL_write_ex(t->ssl, p, n, &took) != 1 || took != n)
        t->broken = true;
}

void wire_leave(struct tls_conn *t)
{
    if (t->state == TLS_LEAVING)
        return;
    t->input_over = true;
    tls_enter(t, TLS_LEAVING);
    t->window_start = clock_mono_ms();
    t->window_sent = t->sent;
}

void wire_farewell(struct tls_conn *t, const struct buf *answer)
{
    wire_leave(t);
    if (answer != NULL && answer->len > 0)
        wire_encrypt(t, answer->data, answer->len);
    ERR_clear_error();
    (void)SSL_shutdown(t->ssl);
    wire_flush(t);
    t->said = true;
}

void wire_refuse(struct tls_conn *t, const struct head *h)
{
    struct buf answer = {0};

    door_refusal(t->conn, h, &answer);
    wire_farewell(t, &answer);
    buf_free(&answer);
}

size_t wire_decrypt(struct tls_conn *t, char *p, size_t room)
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
        t->pending = t->raw.len > 0 || t->thread->raw_at < t->thread->raw_len;
        bool end = t->eof || ret == SSL_ERROR_ZERO_RETURN;
        if (tls_guard_flood(&t->guard, t->ssl) || (!end && ret != SSL_ERROR_WANT_READ))
            t->broken = true;
        else if (end)
            t->eof = true;
        else if (t->guard.control != before && ++controls < CONTROLS_A_TURN)
            continue; /* a key update was taken; data may stand behind it */
        else if (t->guard.control != before)
            t->tcp.readable = true;
        ERR_clear_error();
        break;
    }
    return got;
}
