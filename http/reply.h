/* reply.h: answers: bodies from buffers, the headers everything carries, and handing them to libmicrohttpd.
 */
#ifndef FERRY_HTTP_REPLY_H
#define FERRY_HTTP_REPLY_H

#include "http/request.h"

#define CSP_PAGE                                                                                    \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " \
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
#define CSP_FILE "sandbox; default-src 'none'; frame-ancestors 'none'"
#define CSP_NONE "default-src 'none'; frame-ancestors 'none'"

enum reply_kind {
    REPLY_FILE, /* a user's bytes: sandboxed, readable from any origin */
    REPLY_PAGE, /* one of our pages */
    REPLY_DATA  /* JSON, text, nothing: never a document with powers */
};

/* Takes the buffer's bytes. */
struct MHD_Response *reply_buf(struct buf *body, const char *type);
/* Adds one header; a value libmicrohttpd refuses (a line break) is a fault of ours. */
void reply_header(struct MHD_Response *r, const char *name, const char *value);
void reply_headerf(struct MHD_Response *r, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Adds what every answer of the kind carries, queues and releases it. */
int reply_send(struct request *rq, unsigned status, enum reply_kind kind, struct MHD_Response *r);
/* An answer that many are given: reply_is_common says that this one may be, then reply_common puts in the
 * headers that reply_send would, and reply_shared queues it and leaves it the caller's. The admin's are
 * others, and so is the last of a connection. */
bool reply_is_common(const struct request *rq);
void reply_common(struct MHD_Response *r, enum reply_kind kind, bool admin);
int reply_shared(struct request *rq, unsigned status, struct MHD_Response *r);
/* The finished answer of a body: type and buffer. */
int reply_text(struct request *rq, unsigned status, enum reply_kind kind, const char *type, struct buf *body);
int reply_empty(struct request *rq, unsigned status);
int reply_redirect(struct request *rq, const char *path); /* 303; path is ours, never a request's */
/* CORS for /f, /d and /u: every origin, never with credentials (C37). */
void reply_cors(struct MHD_Response *r);
/* OPTIONS of any known path: Allow, and the preflight answer where the route is open to other origins. */
int reply_options(struct request *rq);

#endif
