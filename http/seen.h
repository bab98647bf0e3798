/* seen.h: a head as libmicrohttpd shows it. The door has judged the first head of a plain connection, and
 * every one under TLS, by its bytes; of the later ones this is all that there is to see.
 */
#ifndef FERRY_HTTP_SEEN_H
#define FERRY_HTTP_SEEN_H

#include "http/request.h"

/* Fills the request's method, fields, address and body_size. What is refused here ends the connection, since
 * nobody knows where the next request begins; detail: a static sentence, or NULL. On libmicrohttpd's thread,
 * in the handler's first call. */
enum refuse seen_check(struct request *rq, const char *method, const char **detail);

#endif
