/* request.h: one HTTP request, from its request line to its last byte.
 *
 * libmicrohttpd calls the handler 1 + n + 1 times; request.c turns that into a route's three steps: `begin`
 * (before the body and before 100-continue: every refusal that needs no body happens here), `body` (each
 * piece) and `end`. A request is made in the URI callback and freed in exactly one place, the completion
 * hook. It belongs to the libmicrohttpd thread of its connection, except while it is suspended: then it
 * belongs to the verb that was asked, until that calls request_wake().
 */
#ifndef FERRY_HTTP_REQUEST_H
#define FERRY_HTTP_REQUEST_H

#include <microhttpd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "http/conn.h"
#include "storage/storage.h"

enum http_method {
    METHOD_GET = 1,
    METHOD_HEAD = 2,
    METHOD_PUT = 4,
    METHOD_POST = 8,
    METHOD_DELETE = 16,
    METHOD_OPTIONS = 32,
    METHOD_PATCH = 64,
    METHOD_KNOWN = 128, /* a method of RFC 9110 that nothing here takes: 405 */
    METHOD_UNKNOWN = 0  /* 501 */
};

/* The request header fields that somebody asks for; NULL: absent. Names that come twice: the first;
 * of X-Forwarded-For all, as one list; of Upload-...: "". */
#define REQUEST_FIELDS(X)                           \
    X(host, "Host")                                 \
    X(content_length, "Content-Length")             \
    X(transfer_encoding, "Transfer-Encoding")       \
    X(content_type, "Content-Type")                 \
    X(content_range, "Content-Range")               \
    X(expect, "Expect")                             \
    X(accept, "Accept")                             \
    X(accept_language, "Accept-Language")           \
    X(authorization, "Authorization")               \
    X(cookie, "Cookie")                             \
    X(origin, "Origin")                             \
    X(range, "Range")                               \
    X(if_range, "If-Range")                         \
    X(if_match, "If-Match")                         \
    X(if_none_match, "If-None-Match")               \
    X(if_modified_since, "If-Modified-Since")       \
    X(if_unmodified_since, "If-Unmodified-Since")   \
    X(sec_fetch_dest, "Sec-Fetch-Dest")             \
    X(sec_fetch_mode, "Sec-Fetch-Mode")             \
    X(sec_fetch_site, "Sec-Fetch-Site")             \
    X(sec_purpose, "Sec-Purpose")                   \
    X(upload_complete, "Upload-Complete")           \
    X(upload_offset, "Upload-Offset")               \
    X(upload_length, "Upload-Length")               \
    X(upload_draft, "Upload-Draft-Interop-Version") \
    X(method_override, "X-HTTP-Method-Override")    \
    X(tus_resumable, "Tus-Resumable")               \
    X(repr_digest, "Repr-Digest")                   \
    X(forwarded_for, "X-Forwarded-For")             \
    X(ferry_expires, "Ferry-Expires")               \
    X(ferry_once, "Ferry-Once")                     \
    X(csrf, "Ferry-CSRF")

struct request_fields {
#define X(id, name) const char *id;
    REQUEST_FIELDS(X)
#undef X
};

/* How the body comes: by libmicrohttpd's calls, or past it (bypass.h): then it is to be taken, it came, or
 * did not. */
enum body_by { BODY_CALLS, BODY_OFFERED, BODY_CAME, BODY_LOST };

enum phase { PHASE_NEW, PHASE_BEGIN, PHASE_BODY, PHASE_END, PHASE_ANSWERED };

#define URI_SEGMENTS 8
struct uri {
    size_t n; /* path segments, still percent-encoded, not NUL-terminated */
    struct {
        const char *p;
        size_t n;
    } seg[URI_SEGMENTS];
    bool too_deep;     /* more segments than any route has */
    bool asterisk;     /* OPTIONS * */
    const char *query; /* behind '?', raw; NULL: none */
    const char *host;  /* of the absolute form; NULL: origin form */
    size_t host_len;
};

struct route;
struct login;

struct request {
    unsigned magic;
    enum phase phase;
    struct MHD_Connection *mhd;
    struct conn *conn;
    struct storage *st;
    struct arena *arena;
    enum http_method method;
    struct net_addr client; /* who asks: the peer, or whom a trusted proxy names */
    bool counted;           /* in the door's count of the client's address */
    bool http10;
    const char *method_name;
    const char *target; /* raw */
    struct uri uri;
    const struct route *route;
    struct request_fields f;
    int64_t body_size; /* Content-Length; 0: none; -1: chunked */
    enum body_by body_by;
    struct buf body;           /* small bodies (forms, JSON) */
    const char *lang;          /* "en" or "zh-Hans" */
    const struct login *login; /* admin listener: who it is; NULL: nobody */
    int step;                  /* the route's own phase between suspensions */
    enum refuse result;
    void *state;                      /* the route's own */
    void (*drop)(struct request *rq); /* called once at the end if set: undo what is open */
    bool begun; /* libmicrohttpd is past the first call: an answer keeps the connection */
    bool suspended;
    bool complete; /* in `drop`: the whole answer has left */
    unsigned status;
    const struct ferry_id *subject; /* the transfer, for the log; NULL: none */
};

#define REQUEST_MAGIC 0xfe445e9u
#define REQUEST_BODY_MAX (4 << 20) /* of small bodies; `user import` is the largest */

/* Suspends; then the verb is called, whose `done` ends with request_wake. After the wake the route's current
 * step is called again. */
void request_suspend(struct request *rq);
void request_wake(struct request *rq);
/* For a body that is made piece by piece: it was suspended there, and the next piece is asked for. */
void request_resumed(struct request *rq);
/* A piece of the body, for its route. While it has it, no clock runs against the client. */
int request_body(struct request *rq, const char *data, size_t n);

/* For server.c: what libmicrohttpd calls; `storage` is what it was given with the callback. */
void *request_new(void *storage, const char *target, struct MHD_Connection *mhd);
void request_done(void *cls, struct MHD_Connection *mhd, void **state, enum MHD_RequestTerminationCode why);
enum MHD_Result request_handle(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                               const char *version, const char *data, size_t *size, void **state);
long request_open(void);  /* how many are not finished */
void request_stop(void);  /* from now on every call of the handler ends its connection */
bool request_quiet(void); /* none is suspended, or in somebody's hands: the daemons may end */

/* --- uri.c: pure */
/* BAD_REQUEST: a bad escape, %00 or no URI; else REFUSE_OK. Borrows text. */
enum refuse uri_parse(const char *target, struct uri *out);
/* Takes a path's segments ("/ferry") off the front, where the address has them: a proxy may leave them there
 * or cut them off. */
void uri_strip(struct uri *u, const char *path);
/* Decodes a segment: NOT_FOUND for what names no file ("." "..", slashes, backslashes, no UTF-8). */
enum refuse uri_segment(const struct uri *u, size_t i, struct arena *arena, const char **out);
bool uri_is(const struct uri *u, size_t i, const char *word);
/* A value of the query or of a form body, decoded ('+' is a blank); NULL: absent or faulty. */
const char *uri_param(const char *query, const char *name, struct arena *arena);

#endif
