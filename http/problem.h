/* problem.h: refusals as people and programs read them: RFC 9457 problem details, or a page with the same
 * facts; both from base/refuse.def. */
#ifndef FERRY_HTTP_PROBLEM_H
#define FERRY_HTTP_PROBLEM_H

#include "base/buf.h"
#include "base/refuse.h"

struct request;
struct MHD_Response;

struct problem {
    enum refuse why;
    const char *detail;       /* NULL: the refusal's own sentence */
    bool spoken;              /* the detail is in the reader's language (request_lang) */
    const char *type, *title; /* of a problem that other programs know; NULL: ours */
    const char *members;      /* more members, JSON: "\"limit\":5"; NULL: none */
    int64_t retry_after;      /* seconds; 0: by the kind of refusal */
};
/* Answers with the refusal; detail may be NULL. Returns what a libmicrohttpd handler returns. */
int problem_send(struct request *rq, enum refuse why, const char *detail);
/* The same in two steps, for more headers between them. */
struct MHD_Response *problem_response(struct request *rq, enum refuse why, const char *detail);
struct MHD_Response *problem_make(struct request *rq, const struct problem *p);
int problem_queue(struct request *rq, const struct problem *p, struct MHD_Response *r);

/* A whole HTTP/1.1 answer with Connection: close, for the door. */
void problem_raw(struct buf *out, enum refuse why, const char *detail, bool with_body);
const char *problem_reason(int status); /* "Not Found" */

#endif
