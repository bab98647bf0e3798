/* external.h: slots that another server grants: uploads and files below [external] path. The routes are in
 * route.h; what is signed, external_token.h. */
#ifndef FERRY_HTTP_EXTERNAL_H
#define FERRY_HTTP_EXTERNAL_H

#include "http/request.h"

/* Reads [external] secret_file anew; blocks on it. -1: why; what was in force stays so. Start and reload. */
int external_load(struct buf *why);
/* Whether the request's address is below [external] path, and somebody grants slots here. */
bool external_serves(const struct request *rq);

#endif
