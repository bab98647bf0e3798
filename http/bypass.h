/* bypass.h: the body of a large upload by TLS goes from OpenSSL straight to its request. By the socket pair
 * and libmicrohttpd each byte would be copied three times more.
 *
 * The thread of tls.c that has such a head in its hands takes the length out of it, offers the body, and
 * passes the head on. For libmicrohttpd that is a request without a body, which is suspended for a while: its
 * handler has refused it, and the connection ends with that answer, or takes the body, piece by piece, on the
 * thread of tls.c. tls_large.c is that side, bypass.c the request's.
 *
 * One word says whose turn it is: NONE -> OFFERED (tls) -> TAKEN (the request) -> NONE (tls, after the last
 * byte), and from any of them -> GONE (tls: no byte of it will come).
 */
#ifndef FERRY_HTTP_BYPASS_H
#define FERRY_HTTP_BYPASS_H

#include <stdatomic.h>

#include "base/base.h"

enum bypass_step { BYPASS_NONE, BYPASS_OFFERED, BYPASS_TAKEN, BYPASS_GONE };

/* Both on the thread of tls.c. */
typedef bool bypass_piece(void *arg, const char *p, size_t n); /* false: no more of it is wanted */
typedef void bypass_over(void *arg, bool whole);               /* once, and the last call */

struct bypass { /* in struct conn; all zero at first */
    _Atomic int step;
    _Atomic int64_t size; /* of the body that was offered last; 0: there was none */
    _Atomic long request; /* whose it is: so many came before it on the connection */
    _Atomic int thread;   /* of tls.c, which is to be told */
    bypass_piece *piece;  /* TAKEN: the request's */
    bypass_over *over;
    void *arg;
};

struct conn;
struct request;

/* The size of the body of the request that c is at, if it comes this way; 0: it does not. The thread of the
 * request. */
int64_t bypass_size(const struct conn *c);
/* Takes the body: rq is suspended, each piece goes to its route's step, and after the last one, or when no
 * more comes, it is woken. What a handler returns. */
int bypass_begin(struct request *rq);

#endif
