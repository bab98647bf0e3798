/* sock.h: one socket object of the loop, with TLS inside (OpenSSL), over libevent's loop.
 *
 * Everything here belongs to the loop thread. A sock tells its owner what happened by one callback; it never
 * calls back from inside a call of its owner: events come from the loop. Output is collected and sent once
 * per turn of the loop for all dirty socks (loop.h); buffers exist only while they hold bytes, and input has
 * none of its own. sock_free may be called inside the callback; the callback is never run again then.
 */
#ifndef FERRY_SOCK_H
#define FERRY_SOCK_H

#include <openssl/ssl.h>

#include "base/loop.h"
#include "base/net.h"

struct sock;

enum sock_event {
    SOCK_CONNECTED, /* an outgoing connection stands */
    SOCK_TLS,       /* the handshake is done */
    SOCK_DATA,      /* data: bytes that came; valid during the callback */
    SOCK_DRAINED,   /* more than half of the cap was waiting, and now half or less is */
    SOCK_EOF,       /* the peer closed its half (a TLS peer that just closes too); writing may go on */
    SOCK_ERROR,     /* errno-like text in sock_why; nothing comes after */
    SOCK_TIMEOUT,   /* the deadline set by sock_deadline passed */
    SOCK_OVERFULL,  /* more than half of the cap waits and the peer took nothing for `stall`; nothing was
                       dropped. Comes again  after another `stall` */
};

struct sock_data {
    const char *data;
    size_t len;
};

typedef void sock_fn(void *owner, struct sock *s, enum sock_event ev, const struct sock_data *data);

struct sock *sock_accepted(struct loop *loop, int fd, const struct net_addr *peer, sock_fn *fn,
                           void *owner); /* takes fd */
struct sock *sock_dial(struct loop *loop, const struct net_addr *to, sock_fn *fn,
                       void *owner);                       /* NULL: errno (refused at once) */
void sock_owner(struct sock *s, sock_fn *fn, void *owner); /* hands it to another owner */
void sock_free(struct sock *s);                            /* closes now; what waits is gone. NULL is fine */
/* Sends what waits, says close_notify and FIN, waits for the peer's end (else its kernel may throw away what
 * it has not read), then closes; gives up after ms. The owner is not called again. */
void sock_close_soon(struct sock *s, int64_t ms);
/* Plain socks with no output waiting: the fd, the sock is freed (relays by splice). */
int sock_take_fd(struct sock *s);

void sock_write(struct sock *s, const void *data, size_t n);
size_t sock_waiting(const struct sock *s); /* bytes not yet taken by the kernel */
void sock_pause(struct sock *s);           /* stop reading */
void sock_resume(struct sock *s);
void sock_deadline(struct sock *s, int64_t ms); /* from now, once; 0: none */
/* How much output may wait before its writers should pause (sock_waiting tells), and how long a peer may take
 * nothing of it: see SOCK_DRAINED and SOCK_OVERFULL. Nothing is refused or dropped here. */
void sock_cap(struct sock *s, size_t cap, int64_t stall_ms);
/* Plain, nothing waits: says FIN. SOCK_EOF tells that the peer has read that, or wants no more. */
void sock_shut(struct sock *s);
bool sock_is_over(const struct sock *s); /* more waits than its cap: SOCK_DRAINED will be told */

/* TLS as server. Plain output that waits leaves first; nothing is read meanwhile. Bytes that came behind
 * <starttls/> in the same SOCK_DATA, or that sock_pending_input sees before, are the owner's sign to close
 * (row 11); but blanks in front of the peer's first record, which some clients send there, are dropped.
 * Failure: SOCK_ERROR. */
void sock_start_tls(struct sock *s, SSL_CTX *ctx);
/* Is there input that no SOCK_DATA has brought yet? Plain: blanks are none, and are dropped. */
bool sock_pending_input(struct sock *s);
/* Plain and paused, so that no event tells: has the peer ended or reset the connection, with nothing left to
 * read before that? */
bool sock_is_gone(const struct sock *s);
bool sock_is_tls(const struct sock *s);
SSL *sock_ssl(struct sock *s); /* NULL: plain; for channel bindings and names */

const struct net_addr *sock_peer(const struct sock *s);
const char *sock_why(const struct sock *s);

#endif
