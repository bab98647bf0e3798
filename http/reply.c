/* reply.c: answers and the headers they carry; see reply.h. C37, C38, ux c0 (security headers). */
#include "http/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/log.h"
#include "http/route.h"
#include "http/server.h"
#include "http/stats.h"

struct MHD_Response *reply_buf(struct buf *body, const char *type)
{
    size_t n = body->len;
    char *data = buf_take(body);
    struct MHD_Response *r = MHD_create_response_from_buffer(n, data, MHD_RESPMEM_MUST_FREE);

    FERRY_ASSERT(r != NULL);
    if (type)
        reply_header(r, "Content-Type", type);
    return r;
}

void reply_header(struct MHD_Response *r, const char *name, const char *value)
{
    FERRY_ASSERT(MHD_add_response_header(r, name, value) == MHD_YES);
}

void reply_headerf(struct MHD_Response *r, const char *name, const char *fmt, ...)
{
    char text[512], *big = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    FERRY_ASSERT(n >= 0);
    if ((size_t)n >= sizeof text) {
        big = xmalloc((size_t)n + 1);
        va_start(ap, fmt);
        vsnprintf(big, (size_t)n + 1, fmt, ap);
        va_end(ap);
    }
    reply_header(r, name, big ? big : text);
    free(big);
}

void reply_cors(struct MHD_Response *r)
{
    reply_header(r, "Access-Control-Allow-Origin", "*");
    reply_header(
        r, "Access-Control-Expose-Headers",
        "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Location, Upload-Offset, "
        "Upload-Length, Upload-Complete, Upload-Limit, Tus-Resumable, Tus-Version, Tus-Max-Size, "
        "Tus-Extension, Ferry-Delete, Ferry-Expires, Retry-After");
}

void reply_common(struct MHD_Response *r, enum reply_kind kind, bool admin)
{
    reply_header(r, "X-Content-Type-Options", "nosniff");
    /* The admin's forms need an Origin, which browsers withhold ("null") under no-referrer. */
    reply_header(r, "Referrer-Policy", admin ? "same-origin" : "no-referrer");
    switch (kind) {
    case REPLY_FILE:
        reply_header(r, "Content-Security-Policy", CSP_FILE);
        reply_header(r, "Cross-Origin-Resource-Policy", "cross-origin");
        reply_header(r, "X-Robots-Tag", "noindex, nofollow");
        break;
    case REPLY_PAGE:
        reply_header(r, "Content-Security-Policy", CSP_PAGE);
        reply_header(r, "X-Frame-Options", "DENY");
        reply_header(r, "Cross-Origin-Opener-Policy", "same-origin");
        reply_header(r, "Cross-Origin-Resource-Policy", "same-origin");
        reply_header(r, "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
        reply_header(r, "X-Robots-Tag", "noindex, nofollow");
        break;
    case REPLY_DATA:
        reply_header(r, "Content-Security-Policy", CSP_NONE);
        break;
    }
}

/* Whether the connection has had as many requests as one may have, or the daemon is about to stop. */
static bool is_last(const struct conn *c)
{
    int64_t most = conf_get()->limits_requests;

    return server_draining() || (most > 0 && atomic_load(&c->answered) + 1 >= most);
}

bool reply_is_common(const struct request *rq)
{
    return rq->conn->kind != LISTEN_ADMIN && rq->begun && !is_last(rq->conn);
}

static int queue(struct request *rq, unsigned status, struct MHD_Response *r)
{
    rq->status = status;
    rq->phase = PHASE_ANSWERED;
    stats_answered(rq->method, status);
    return (int)MHD_queue_response(rq->mhd, status, r);
}

int reply_shared(struct request *rq, unsigned status, struct MHD_Response *r)
{
    return conn_enter(rq->conn, CONN_REPLY, 0) ? queue(rq, status, r) : MHD_NO;
}

int reply_send(struct request *rq, unsigned status, enum reply_kind kind, struct MHD_Response *r)
{
    int ok;

    reply_common(r, kind, rq->conn->kind == LISTEN_ADMIN);
    if (!conn_enter(rq->conn, CONN_REPLY, 0)) {
        MHD_destroy_response(r);
        return MHD_NO;
    }
    bool last = is_last(rq->conn);
    if (last) {
        reply_header(r, "Connection", "close");
        atomic_store(&rq->conn->final, true);
    }
    if (!rq->begun) { /* libmicrohttpd closes after it, perhaps in the middle of the body */
        last = true;
        atomic_store(&rq->conn->final, true);
    }
    if (last)
        atomic_store(&rq->conn->linger, true);
    ok = queue(rq, status, r);
    MHD_destroy_response(r);
    return ok;
}

int reply_text(struct request *rq, unsigned status, enum reply_kind kind, const char *type, struct buf *body)
{
    struct MHD_Response *r = reply_buf(body, type);

    reply_header(r, "Cache-Control", "no-store");
    return reply_send(rq, status, kind, r);
}

int reply_empty(struct request *rq, unsigned status)
{
    struct buf none = {0};
    struct MHD_Response *r = reply_buf(&none, NULL);

    if (rq->route && rq->route->cors)
        reply_cors(r);
    return reply_send(rq, status, REPLY_DATA, r);
}

int reply_redirect(struct request *rq, const char *path)
{
    struct buf none = {0};
    struct MHD_Response *r = reply_buf(&none, NULL);

    reply_header(r, "Location", path);
    reply_header(r, "Cache-Control", "no-store");
    return reply_send(rq, MHD_HTTP_SEE_OTHER, REPLY_DATA, r);
}

int reply_options(struct request *rq)
{
    struct buf none = {0}, allow = {0};
    bool cors;
    struct MHD_Response *r = reply_buf(&none, NULL);

    route_allow(rq, &allow, &cors);
    reply_header(r, "Allow", allow.data);
    if (cors) {
        reply_cors(r);
        reply_header(r, "Access-Control-Allow-Methods", allow.data);
        reply_header(r, "Access-Control-Allow-Headers",
                     "Authorization, Content-Type, Content-Range, Range, If-Range, If-Match, If-None-Match, "
                     "If-Modified-Since, If-Unmodified-Since, Upload-Complete, "
                     "Upload-Offset, Upload-Length, Upload-Metadata, Upload-Draft-Interop-Version, "
                     "Tus-Resumable, X-HTTP-Method-Override, X-Request-ID, Repr-Digest, Ferry-Expires, "
                     "Ferry-Once");
        reply_header(r, "Access-Control-Max-Age", "7200");
    }
    route_options(rq, r);
    buf_free(&allow);
    return reply_send(rq, MHD_HTTP_NO_CONTENT, REPLY_DATA, r);
}
