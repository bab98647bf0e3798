/* door.h: accepts every HTTP connection, judges its first head, and hands it on. One thread.
 *
 * TLS has its place between accept and the first head: a connection of a TLS listener is decrypted by a
 * thread of the door's, and what is peeked at and handed on is then one end of a socket pair. http.listen_tls
 * is not built yet. */
#ifndef FERRY_HTTP_DOOR_H
#define FERRY_HTTP_DOOR_H

#include "http/conn.h"

/* Takes over a connection whose first head is fine: c->fd and c are the taker's. */
typedef void door_taker(struct conn *c);

/* The door owns the descriptors of its listeners from door_listen on. All before door_start. */
void door_listen(int fd, enum listener_kind kind);
int door_start(door_taker *take, long most_connections); /* -1: errno */
void door_close_listeners(void);                         /* stops accepting; any thread */
void door_stop(void);                                    /* joins; ends what never got a head */

/* A request that a trusted proxy passes on counts for its client, among that address's own connections, while
 * it lasts; the proxy's connections do not count. false: there are limits.per_address already. Any thread. */
bool door_client_enter(const struct net_addr *client);
void door_client_leave(const struct net_addr *client);

/* What the server calls when a connection that was handed over has gone (inside CLOSED, before close()):
 * counts it out and frees c; when c->linger is set the socket is kept a little (a duplicate), so that the
 * peer gets to read the answer before a reset can destroy it. */
void door_gone(struct conn *c);

#endif
