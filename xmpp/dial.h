/* dial.h: connects to one of a sender's stream hosts as the target of a bytestream: what streamhost.h allows,
 * in their order, each with its share of one time for all, names looked up once and connected by address. The
 * answer never says which host failed or why. Loop only.
 */
#ifndef FERRY_DIAL_H
#define FERRY_DIAL_H

#include "base/sock.h"
#include "xmpp/socks.h"
#include "xmpp/streamhost.h"

struct dial_host {           /* texts are copied */
    const char *host, *port; /* as they were written; port NULL: absent */
    char key[SOCKS_KEY + 1]; /* DST.ADDR for this one */
};

struct dial;
/* which: the index of the host that answered, -1: none did. s: connected, reading paused, the callee's;
 * early: bytes that came right behind the handshake. The dial is gone after the call. */
typedef void dial_done(void *owner, int which, struct sock *s, const char *early, size_t n);

/* Looks at the first STREAMHOST_MAX hosts. done comes later, never inside the call. */
struct dial *dial_start(struct loop *loop, const struct streamhost_rule *rule, const struct dial_host *hosts,
                        size_t n, int64_t total_ms, dial_done *done, void *owner);
void dial_cancel(struct dial **d); /* done is not called. NULL is fine */
void dial_stop(void);              /* frees the resolver */

#endif
