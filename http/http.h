/* http.h: what main.c knows of the HTTP side: start, drain, stop. http/ runs on its own threads (the door's,
 * libmicrohttpd's pool) and on the admin socket. http_start is called from the main thread after storage has
 * started.
 */
#ifndef FERRY_HTTP_H
#define FERRY_HTTP_H

#include "storage/storage.h"

int http_start(struct storage *st, struct buf *why); /* -1: why. Sets link_set_base() */
void http_ready(struct buf *line); /* " http=127.0.0.1:40125 admin=127.0.0.1:40126 socket=PATH" */
int http_reload(struct buf *why);
/* Stops accepting; http_idle says whether no request is open. http_stop ends what is left. */
void http_drain(void);
bool http_idle(void);
void http_stop(void);

#endif
