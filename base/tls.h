/* tls.h: the server's TLS: one policy, certificates chosen by the name that was asked for, session tickets,
 * and the self-signed pair of a first start.
 *
 * Contexts are OpenSSL's, counted by it: a connection keeps the one it began with. Whoever makes one calls
 * from any thread that may read files, never from the loop.
 */
#ifndef FERRY_TLS_H
#define FERRY_TLS_H

#include <openssl/ssl.h>

#include "base/buf.h"

enum tls_use {
    TLS_XMPP, /* ALPN xmpp-client where it is offered; no tickets */
    TLS_HTTP  /* ALPN http/1.1, and nothing else; sessions are resumed by tickets, so nothing is kept here */
};

/* TLS 1.2 and later, no renegotiation, no compression, released buffers. certs and keys are comma-separated
 * lists of PEM files, the first key for the first certificate and so on. A client that names a host gets the
 * first certificate that bears the name, as such or by a wildcard; everybody else the first of all. Every
 * pair is checked. NULL: why says what is wrong. */
SSL_CTX *tls_context(const char *certs, const char *keys, enum tls_use use, struct buf *why);

/* The same from the configuration in force: the pairs of [tls], or else the self-signed pair at own_cert and
 * own_key, which is made when it is not there. */
SSL_CTX *tls_configured(const char *own_cert, const char *own_key, enum tls_use use, struct buf *why);

/* Makes a self-signed P-256 pair for the names (comma list) when the files do not exist. 0, or -1 with why.
 */
int tls_make_pair(const char *cert_file, const char *key_file, const char *names, struct buf *why);

/* Watches a server's connection for handshake records after the handshake (row 14): a TLS 1.2 peer that tries
 * to negotiate again, a TLS 1.3 peer that sends key updates without data between them. SSL_MODE_AUTO_RETRY is
 * off, so that each such record comes back from SSL_read as a wish to read. */
struct tls_guard {
    bool done;        /* the owner's: the handshake is over */
    uint32_t control; /* handshake records since */
    uint64_t in;      /* the owner's: bytes of data since */
};

void tls_guard_attach(struct tls_guard *g, SSL *ssl);
bool tls_guard_flood(const struct tls_guard *g, const SSL *ssl);

/* "TLS: why it failed", the reason OpenSSL's queue begins with; empties the queue. Static text. */
const char *tls_reason(void);

#endif
