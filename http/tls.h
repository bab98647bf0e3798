/* tls.h: HTTPS. Threads of the door's decrypt what came in by a TLS listener and pass it to libmicrohttpd
 * over a socket pair, judging every head on its way (framing.h), and encrypt the answers: two for everybody,
 * and two that large uploads move to, whose bodies go straight to their requests (bypass.h).
 *
 * To libmicrohttpd and to conn.c such a connection is one like any other: its descriptor is the other end of
 * the pair. What ends it (a deadline, an answer that is the last) ends the pair, and what is still on its way
 * then goes out, as a kernel would send it, while the client takes at least the minimum rate.
 */
#ifndef FERRY_HTTP_TLS_H
#define FERRY_HTTP_TLS_H

#include <openssl/ssl.h>

#include "http/conn.h"

/* New connections get this context; those that are there keep theirs. Takes it. Any thread. */
void tls_set_context(SSL_CTX *ctx);
int tls_start(void);           /* -1: errno. Without a context: nothing to do */
void tls_take(struct conn *c); /* a client's new socket in c->fd; takes both. The door's thread */
void tls_ring(int thread);     /* a body that it has offered was taken. Any thread, until tls_stop */
bool tls_idle(void);           /* no answer is on its way to a client. Any thread */
void tls_stop(void);           /* when libmicrohttpd has ended: what is on its way has a second, then joins */

#endif
