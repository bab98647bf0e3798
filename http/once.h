/* once.h: files whose link works once. */
#ifndef FERRY_HTTP_ONCE_H
#define FERRY_HTTP_ONCE_H

#include "http/request.h"
#include "storage/transfer.h"

/* Whether this GET or HEAD gets the page instead of the bytes: a browser's navigation, or its looking ahead.
 */
bool once_wants_page(const struct request *rq);
/* The bytes of a stored one-time file: GET and POST fetch it, HEAD only looks. */
int once_send(struct request *rq, const struct transfer *t);

#endif
