/* problem.c: refusals as answers; see problem.h. RFC 9457. */
#include "http/problem.h"

#include <string.h>

#include "http/lang.h"
#include "http/negotiate.h"
#include "http/page.h"
#include "http/reply.h"
#include "http/route.h"
#include "storage/id.h"

const char *problem_reason(int status)
{
    const char *s = MHD_get_reason_phrase_for((unsigned)status);
    return s ? s : "Unknown";
}

/* JSON string contents; the texts are ours or cleaned, so only the structure needs care. */
static void add_json(struct buf *out, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_addf(out, "\\u%04x", c);
        else
            buf_addc(out, (char)c);
    }
}

void problem_json(struct buf *out, enum refuse why, int status, const char *detail, const char *instance)
{
    const struct refusal *r = refuse_get(why);

    buf_addf(out, "{\"type\":\"urn:ferry:problem:%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"", r->name,
             r->title, status);
    add_json(out, detail ? detail : r->en);
    buf_addc(out, '"');
    if (instance && instance[0]) {
        buf_adds(out, ",\"instance\":\"");
        add_json(out, instance);
        buf_addc(out, '"');
    }
    buf_adds(out, "}\n");
}

void problem_raw(struct buf *out, enum refuse why, const char *detail, bool with_body)
{
    struct buf body = {0};
    int status = refuse_get(why)->http;

    problem_json(&body, why, status, detail, NULL);
    buf_addf(out,
             "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\n"
             "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: " CSP_NONE "\r\n"
             "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
             status, problem_reason(status), body.len);
    if (with_body)
        buf_add(out, body.data, body.len);
    buf_free(&body);
}

/* What the problem is about, for whoever is asked for help: the transfer, never a token. */
static const char *instance_of(struct request *rq)
{
    if (rq->uri.n < 2 || rq->uri.seg[1].n != ID_LEN ||
        !(uri_is(&rq->uri, 0, "f") || uri_is(&rq->uri, 0, "d")))
        return NULL;
    return arena_printf(rq->arena, "/f/%.*s", ID_LEN, rq->uri.seg[1].p);
}

struct MHD_Response *problem_response(struct request *rq, enum refuse why, const char *detail)
{
    struct buf b = {0};
    struct MHD_Response *r;
    const struct refusal *ref = refuse_get(why);

    if (negotiate_page(&rq->f)) {
        page_problem(rq, &b, why, detail);
        r = reply_buf(&b, "text/html; charset=utf-8");
        reply_header(r, "Content-Language", request_lang(rq));
    } else {
        problem_json(&b, why, ref->http, detail, instance_of(rq));
        r = reply_buf(&b, "application/problem+json");
    }
    reply_header(r, "Cache-Control", "no-store");
    reply_header(r, "Vary", NEGOTIATE_VARY);
    if (strcmp(ref->type, "wait") == 0 && (ref->http == 503 || ref->http == 507 || ref->http == 404))
        reply_header(r, "Retry-After", ref->http == 404 ? "10" : "60");
    if (rq->route && rq->route->cors)
        reply_cors(r);
    return r;
}

int problem_send(struct request *rq, enum refuse why, const char *detail)
{
    struct MHD_Response *r = problem_response(rq, why, detail);

    if (why == REFUSE_METHOD) {
        struct buf allow = {0};
        bool cors;
        route_allow(rq, &allow, &cors);
        reply_header(r, "Allow", allow.data);
        buf_free(&allow);
    }
    if (why == REFUSE_NOT_AUTHORIZED)
        reply_header(r, "WWW-Authenticate", "Bearer");
    return reply_send(rq, (unsigned)refuse_get(why)->http, negotiate_page(&rq->f) ? REPLY_PAGE : REPLY_DATA,
                      r);
}
