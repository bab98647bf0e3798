/* problem.c: refusals as answers; see problem.h. RFC 9457. */
#include "http/problem.h"

#include <string.h>

#include "base/clock.h"
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

static void add_problem(struct buf *out, const struct problem *p, const char *instance)
{
    const struct refusal *r = refuse_get(p->why);

    if (p->type)
        buf_addf(out, "{\"type\":\"%s\"", p->type);
    else
        buf_addf(out, "{\"type\":\"urn:ferry:problem:%s\"", r->name);
    buf_addf(out, ",\"title\":\"%s\",\"status\":%d,\"detail\":\"", p->title ? p->title : r->title, r->http);
    add_json(out, p->detail ? p->detail : r->en);
    buf_addc(out, '"');
    if (p->members)
        buf_addf(out, ",%s", p->members);
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
    char date[30];

    clock_format_http(clock_wall(), date);
    add_problem(&body, &(struct problem){.why = why, .detail = detail}, NULL);
    buf_addf(out,
             "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\n"
             "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: " CSP_NONE "\r\n"
             "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
             status, problem_reason(status), date, body.len);
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

static void add_retry_after(struct MHD_Response *r, const struct problem *p)
{
    const struct refusal *ref = refuse_get(p->why);

    if (p->retry_after > 0)
        reply_headerf(r, "Retry-After", "%lld", (long long)p->retry_after);
    else if (strcmp(ref->type, "wait") == 0 && (ref->http == 503 || ref->http == 507 || ref->http == 404))
        reply_header(r, "Retry-After", ref->http == 404 ? "10" : "60");
}

struct MHD_Response *problem_make(struct request *rq, const struct problem *p)
{
    struct buf b = {0};
    struct MHD_Response *r;
    bool page = negotiate_page(&rq->f);

    if (page) {
        page_problem(rq, &b, p->why, p->detail);
        r = reply_buf(&b, "text/html; charset=utf-8");
    } else {
        add_problem(&b, p, instance_of(rq));
        r = reply_buf(&b, "application/problem+json");
    }
    if (page || p->spoken)
        reply_header(r, "Content-Language", request_lang(rq));
    reply_header(r, "Cache-Control", "no-store");
    reply_header(r, "Vary", NEGOTIATE_VARY);
    add_retry_after(r, p);
    if (rq->route && rq->route->cors)
        reply_cors(r);
    return r;
}

struct MHD_Response *problem_response(struct request *rq, enum refuse why, const char *detail)
{
    return problem_make(rq, &(struct problem){.why = why, .detail = detail});
}

int problem_queue(struct request *rq, const struct problem *p, struct MHD_Response *r)
{
    if (p->why == REFUSE_METHOD) {
        struct buf allow = {0};
        bool cors;
        route_allow(rq, &allow, &cors);
        reply_header(r, "Allow", allow.data);
        buf_free(&allow);
    }
    if (p->why == REFUSE_NOT_AUTHORIZED)
        reply_header(r, "WWW-Authenticate", "Bearer");
    return reply_send(rq, (unsigned)refuse_get(p->why)->http,
                      negotiate_page(&rq->f) ? REPLY_PAGE : REPLY_DATA, r);
}

int problem_send(struct request *rq, enum refuse why, const char *detail)
{
    const struct problem p = {.why = why, .detail = detail};

    return problem_queue(rq, &p, problem_make(rq, &p));
}
