/* problem.h: refusals as people and programs read them: RFC 9457 problem details, or a page with the same
 * facts; both from base/refuse.def. */
#ifndef FERRY_HTTP_PROBLEM_H
#define FERRY_HTTP_PROBLEM_H

#include "base/buf.h"
#include "base/refuse.h"

struct request;
struct MHD_Response;

/* Answers with the refusal; detail may be NULL (the refusal's own sentence). Returns what a libmicrohttpd
 * handler returns. */
int problem_send(struct request *rq, enum refuse why, const char *detail);
/* The same with another status than the table's (a page for people that is no error), or more headers: the
 * response comes without having been queued. */
struct MHD_Response *problem_response(struct request *rq, enum refuse why, const char *detail);

void problem_json(struct buf *out, enum refuse why, int status, const char *detail, const char *instance);
/* A whole HTTP/1.1 answer with Connection: close, for the door. */
void problem_raw(struct buf *out, enum refuse why, const char *detail, bool with_body);
const char *problem_reason(int status); /* "Not Found" */

#endif
