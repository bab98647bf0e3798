/* server.h: the two libmicrohttpd daemons behind the door, and their connections. What they call for a
 * request is in request.h. */
#ifndef FERRY_HTTP_SERVER_H
#define FERRY_HTTP_SERVER_H

#include "http/conn.h"
#include "storage/storage.h"

int server_start(struct storage *st, long most_connections); /* -1 */
void server_take(struct conn *c);                            /* a door_taker */
/* From now on every answer is the last of its connection. */
void server_drain(void);
bool server_draining(void);
/* How long c may wait for the head of its next request, ms. */
int64_t server_idle_ms(const struct conn *c);
/* Ends everything: connections, then suspended requests once their verbs have answered, then the daemons. */
void server_stop(void);

#endif
