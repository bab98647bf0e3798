/* sock_tls.c: TLS inside a sock, by OpenSSL. The policy, the certificates, the guard: tls.c.
 *
 * Promises: the error queue is empty before every call; a turn reads at most what the caller has room for;
 * after the handshake a TLS 1.2 peer that tries to negotiate again is closed, and so is a TLS 1.3 peer that
 * sends key updates without data between them (row 14): SSL_MODE_AUTO_RETRY is off, so that each such record
 * comes back to the loop and is counted. A peer that closes the connection without close_notify is an end
 * like any other: stanzas carry their own ends. */
#include <errno.h>
#include <openssl/err.h>
#include <string.h>

#include "base/sock_int.h"

#define CONTROLS_A_TURN 4

int sock_tls_begin(struct sock *s)
{
    ERR_clear_error();
    s->ssl = SSL_new(s->ctx);
    SSL_CTX_free(s->ctx);
    s->ctx = NULL;
    if (s->ssl == NULL || SSL_set_fd(s->ssl, s->fd) != 1) {
        ERR_clear_error();
        s->why = "TLS cannot be started";
        return -1;
    }
    tls_guard_attach(&s->guard, s->ssl);
    SSL_set_accept_state(s->ssl);
    return 0;
}

/* OpenSSL's verdict on a call that returned ret <= 0. */
static enum sock_io verdict(struct sock *s, int ret)
{
    int saved = errno;
    unsigned long e;
    const char *text;

    switch (SSL_get_error(s->ssl, ret)) {
    case SSL_ERROR_WANT_READ:
        return IO_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return IO_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return IO_EOF;
    case SSL_ERROR_SYSCALL:
        s->why = saved != 0 ? strerrordesc_np(saved) : "connection lost";
        ERR_clear_error();
        return IO_FAILED;
    default:
        e = ERR_peek_error();
        ERR_clear_error();
        if (ERR_GET_REASON(e) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            return s->guard.done ? IO_EOF : (s->why = "connection closed in the TLS handshake", IO_FAILED);
        text = ERR_reason_error_string(e); /* a table of static texts */
        s->why = text != NULL ? text : "TLS failed";
        return IO_FAILED;
    }
}

enum sock_io sock_tls_handshake(struct sock *s)
{
    int ret;
    enum sock_io io;

    if (!s->hello && sock_skip_blanks(s) == IO_WANT_READ)
        return IO_WANT_READ;
    s->hello = true;
    ERR_clear_error();
    errno = 0;
    ret = SSL_do_handshake(s->ssl);
    if (ret == 1)
        return IO_DONE;
    io = verdict(s, ret);
    if (io == IO_EOF) {
        s->why = "connection closed in the TLS handshake";
        return IO_FAILED;
    }
    return io;
}

enum sock_io sock_tls_read(struct sock *s, char *buf, size_t room, size_t *got)
{
    int controls = 0;

    *got = 0;
    while (*got < room) {
        uint32_t before = s->guard.control;
        size_t n = 0;
        enum sock_io io;
        int ret;

        ERR_clear_error();
        errno = 0;
        ret = SSL_read_ex(s->ssl, buf + *got, room - *got, &n);
        if (ret == 1) {
            *got += n;
            s->guard.in += n;
            continue;
        }
        if (tls_guard_flood(&s->guard, s->ssl)) {
            s->why = "TLS renegotiation or key update flood";
            return IO_FAILED;
        }
        io = verdict(s, ret);
        if (io == IO_WANT_READ && s->guard.control != before && ++controls < CONTROLS_A_TURN)
            continue; /* a key update was taken; data may stand behind it */
        return io;
    }
    return SSL_has_pending(s->ssl) ? IO_DONE : IO_WANT_READ;
}

enum sock_io sock_tls_write(struct sock *s, const char *data, size_t n, size_t *sent)
{
    *sent = 0;
    while (*sent < n) {
        size_t took = 0;
        enum sock_io io;
        int ret;

        ERR_clear_error();
        errno = 0;
        ret = SSL_write_ex(s->ssl, data + *sent, n - *sent, &took);
        if (ret == 1) {
            *sent += took;
            continue;
        }
        io = verdict(s, ret);
        if (io == IO_EOF) {
            s->why = "the peer has closed";
            return IO_FAILED;
        }
        return io == IO_FAILED ? io : IO_WANT_WRITE;
    }
    return IO_DONE;
}

void sock_tls_bye(struct sock *s)
{
    if (s->ssl == NULL || !s->guard.done)
        return;
    ERR_clear_error();
    (void)SSL_shutdown(s->ssl);
    ERR_clear_error();
}

void sock_tls_free(struct sock *s)
{
    SSL_free(s->ssl);
    SSL_CTX_free(s->ctx);
    s->ssl = NULL;
    s->ctx = NULL;
}
