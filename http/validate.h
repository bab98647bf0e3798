/* validate.h: a stored file's validators, and what a conditional request makes of them (RFC 9110 section 13).
 * Pure. */
#ifndef FERRY_HTTP_VALIDATE_H
#define FERRY_HTTP_VALIDATE_H

#include "http/request.h"
#include "storage/transfer.h"

struct validators {
    char etag[64]; /* strong */
    char modified[30];
    int64_t modified_at;
};

void validate_transfer(const struct transfer *t, struct validators *v);
/* If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, in their order (section 13.2.2). 0: go on;
 * else 304 or 412. */
int validate_request(const struct request_fields *f, const struct validators *v);
/* The same for a request that would change or remove the file: 0 or 412. */
int validate_change(const struct request_fields *f, const struct validators *v);
/* Whether a Range counts: an If-Range that names another state of the file makes it a request for all of it.
 */
bool validate_range(const char *if_range, const struct validators *v);

#endif
