/* door.h: accepts every HTTP connection, judges its first head, and hands it on. One thread, and those of
 * tls.h, which decrypt what came in by a TLS listener and hand on one end of a socket pair in its place. */
#ifndef FERRY_HTTP_DOOR_H
#define FERRY_HTTP_DOOR_H

#include "base/buf.h"
#include "http/conn.h"
#include "http/head.h"

/* Takes over a connection whose first head is fine: c->fd and c are the taker's. */
typedef void door_taker(struct conn *c);

/* The door owns the descriptors of its listeners from door_listen on. All before door_start. */
void door_listen(int fd, enum listener_kind kind, bool secure);
int door_start(door_taker *take, long most_connections); /* -1: errno */
void door_close_listeners(void);                         /* stops accepting; any thread */
void door_stop(void);                                    /* joins; ends what never got a head */

/* A request that a trusted proxy passes on counts for its client, among that address's own connections, while
 * it lasts; the proxy's connections do not count. false: there are limits.per_address already. Any thread. */
bool door_client_enter(const struct net_addr *client);
void door_client_leave(const struct net_addr *client);
/* c has a head that is fine, its descriptor in c->fd: chooses its pool and gives it to the taker. */
void door_hand_on(struct conn *c, const struct head *h);
/* A whole final answer to a head that is none; counts and logs it. Nothing for what is no HTTP. */
void door_refusal(const struct conn *c, const struct head *h, struct buf *answer);
/* Reads on from a socket that is closed while its peer may still be sending (linger.h). Any thread. */
void door_linger(int fd);
/* One of c's holders is done with it: the last one counts it out and frees it. */
void door_leave(struct conn *c);

/* What the server calls when a connection that was handed over has gone (inside CLOSED, before close()):
 * leaves c; when c->linger is set, or bytes wait that nobody has read, the socket is kept a little (a
 * duplicate), so that the peer gets to read the answer before a reset can destroy it. */
void door_gone(struct conn *c);

#endif
