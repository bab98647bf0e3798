/* owner.h: who has a file's delete token may remove it and say how long it is kept. */
#ifndef FERRY_HTTP_OWNER_H
#define FERRY_HTTP_OWNER_H

#include "http/request.h"
#include "storage/transfer.h"

/* Authorization: Bearer TOKEN, compared in constant time: OK, NOT_AUTHORIZED (none) or FORBIDDEN.
 * Then PRECONDITION where the request's conditions (If-Match and the like) are not true of the file. */
enum refuse owner_check(struct request *rq, const struct ferry_id *id, const char **detail);

#endif
