/* upload_answer.c: what an upload is answered, in the dialect of its request; see upload.h. The problem types
 * of the draft stand beside our own refusals.
 */
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "http/lang.h"
#include "http/reply.h"
#include "http/route.h"
#include "http/upload.h"
#include "http/upload_field.h"

#define TUS_VERSION "1.0.0"
#define DRAFT_VERSION 8
#define PROBLEM_TYPE "https://iana.org/assignments/http-problem-types#"

/* The URL of the upload: the slot's own. */
static const char *own_address(struct request *rq)
{
    return arena_printf(rq->arena, "%s/u/%.*s/%.*s", link_path(), (int)rq->uri.seg[1].n, rq->uri.seg[1].p,
                        rq->uri.n > 2 ? (int)rq->uri.seg[2].n : 0, rq->uri.n > 2 ? rq->uri.seg[2].p : "");
}

/* What every answer of the dialect carries. complete: it is the answer to the whole file. */
static void speak(struct MHD_Response *r, const struct upload *u, bool complete)
{
    if (u->dialect == UPLOAD_TUS)
        reply_header(r, "Tus-Resumable", TUS_VERSION);
    if (u->dialect == UPLOAD_DRAFT)
        reply_header(r, "Upload-Complete", complete ? "?1" : "?0");
}

static void offset(struct MHD_Response *r, int64_t at)
{
    reply_headerf(r, "Upload-Offset", "%lld", (long long)at);
}

/* The limits of the draft: bytes, and the seconds in which it has to go on. */
static const char *limits(struct request *rq, int64_t size, int64_t seconds)
{
    if (seconds < 0)
        seconds = 0;
    return arena_printf(rq->arena, "max-size=%lld, max-age=%lld", (long long)size, (long long)seconds);
}

/* Whoever brings bytes, or none, has so long to come again. */
static int64_t resume_for(void)
{
    return conf_get()->slots_resume_for / 1000;
}

/* --- refusals */

static struct MHD_Response *refusal(struct request *rq, const struct upload *u, const struct problem *p)
{
    struct MHD_Response *r = problem_make(rq, p);

    speak(r, u, u->judged);
    if (p->why == REFUSE_FILE_TOO_LARGE && u->dialect == UPLOAD_DRAFT)
        reply_headerf(r, "Upload-Limit", "max-size=%lld", (long long)u->grant.size);
    if (p->why == REFUSE_PRECONDITION && u->dialect == UPLOAD_TUS)
        reply_header(r, "Tus-Version", TUS_VERSION);
    if (p->why == REFUSE_MEDIA_TYPE)
        reply_header(r, "Accept-Patch",
                     u->dialect == UPLOAD_TUS ? "application/offset+octet-stream"
                                              : "application/partial-upload");
    return r;
}

int upload_refuse(struct request *rq, const struct upload *u, enum refuse why, const char *detail)
{
    const struct problem p = {.why = why, .detail = detail, .retry_after = why == REFUSE_UNAVAILABLE ? 1 : 0};

    return problem_queue(rq, &p, refusal(rq, u, &p));
}

int upload_refuse_limit(struct request *rq, const struct upload *u, enum refuse why)
{
    const struct grant_limit *l = &u->limit;
    struct buf members = {0}, words = {0};
    struct problem p = {.why = why};
    char date[21];
    int ok;

    if (l->why != REFUSE_OK) {
        p.why = l->why;
        grant_limit_words(l, request_lang(rq), &words);
        p.spoken = words.len > 0;
        p.detail = p.spoken ? words.data : NULL;
    }
    if (l->why != REFUSE_OK && !l->inbox) { /* the addressee's figures are not the sender's to know */
        if (l->limit > 0)
            buf_addf(&members, "\"limit\":%lld,\"used\":%lld", (long long)l->limit, (long long)l->used);
        if (l->frees > 0) {
            clock_format_utc(l->frees, date);
            buf_addf(&members, "%s\"frees\":\"%s\"", members.len ? "," : "", date);
            p.retry_after = l->frees > clock_wall() ? l->frees - clock_wall() : 1;
        }
        p.members = members.data;
    }
    ok = problem_queue(rq, &p, refusal(rq, u, &p));
    buf_free(&members);
    buf_free(&words);
    return ok;
}

int upload_mismatch(struct request *rq, const struct upload *u, int64_t expected)
{
    struct problem p = {.why = REFUSE_OFFSET_MISMATCH,
                        .members =
                            arena_printf(rq->arena, "\"expected-offset\":%lld,\"provided-offset\":%lld",
                                         (long long)expected, (long long)u->at)};
    struct MHD_Response *r;

    if (u->dialect == UPLOAD_DRAFT) {
        p.type = PROBLEM_TYPE "mismatching-upload-offset";
        p.title = "Mismatching Upload Offset";
    }
    r = refusal(rq, u, &p);
    offset(r, expected);
    return problem_queue(rq, &p, r);
}

int upload_inconsistent(struct request *rq, const struct upload *u)
{
    const struct problem p = {
        .why = REFUSE_SIZE_MISMATCH,
        .detail = arena_printf(rq->arena, "The slot is for exactly %lld bytes.", (long long)u->grant.size),
        .type = PROBLEM_TYPE "inconsistent-upload-length",
        .title = "Inconsistent Upload Length Values"};

    return problem_queue(rq, &p, refusal(rq, u, &p));
}

/* --- answers to bytes */

int upload_stored(struct request *rq, const struct upload *u)
{
    struct buf link = {0}, path = {0};
    bool tus = u->dialect == UPLOAD_TUS;
    char token[44], date[30];
    struct MHD_Response *r;

    if (rq->method == METHOD_HEAD)
        return upload_state(rq, u, 0);
    buf_adds(&path, link_path());
    if (u->place) {
        buf_adds(&path, u->place);
        buf_addf(&link, "%s%s", link_base(), u->place);
    } else {
        buf_addf(&path, "/f/%s/", u->grant.id.text);
        percent_encode(&path, u->grant.name);
        link_get(&link, &u->grant.id, u->grant.name);
    }
    buf_addc(&link, '\n');
    if (tus) /* 204 has no body */
        buf_free(&link);
    r = reply_buf(&link, tus ? NULL : "text/plain; charset=utf-8");
    speak(r, u, true);
    if (u->dialect != UPLOAD_PLAIN)
        offset(r, u->grant.size);
    transfer_delete_token(rq->st, &u->grant.id, token);
    clock_format_http(u->expires, date);
    reply_header(r, "Location", path.data);
    reply_header(r, "Ferry-Delete", token);
    reply_header(r, "Ferry-Expires", date);
    reply_header(r, "Cache-Control", "no-store");
    reply_cors(r);
    buf_free(&path);
    return reply_send(rq, tus ? MHD_HTTP_NO_CONTENT : MHD_HTTP_CREATED, REPLY_DATA, r);
}

int upload_kept(struct request *rq, const struct upload *u)
{
    struct buf none = {0};
    struct MHD_Response *r = reply_buf(&none, NULL);

    speak(r, u, false);
    offset(r, u->at);
    if (u->dialect == UPLOAD_DRAFT)
        reply_header(r, "Upload-Limit", limits(rq, u->grant.size, resume_for()));
    if (!u->appends)
        reply_header(r, "Location", own_address(rq));
    reply_header(r, "Cache-Control", "no-store");
    reply_cors(r);
    return reply_send(rq, u->appends ? MHD_HTTP_NO_CONTENT : MHD_HTTP_CREATED, REPLY_DATA, r);
}

int upload_state(struct request *rq, const struct upload *u, int64_t until)
{
    struct buf none = {0};
    struct MHD_Response *r = reply_buf(&none, NULL);

    speak(r, u, until == 0);
    offset(r, u->at);
    if (!(u->grant.flags & GRANT_UP_TO)) /* else nobody has said it so far */
        reply_headerf(r, "Upload-Length", "%lld", (long long)u->grant.size);
    else if (u->dialect == UPLOAD_TUS)
        reply_header(r, "Upload-Defer-Length", "1");
    if (u->dialect == UPLOAD_DRAFT)
        reply_header(r, "Upload-Limit",
                     limits(rq, u->grant.size, until ? until - clock_wall() : resume_for()));
    reply_header(r, "Cache-Control", "no-store");
    reply_cors(r);
    return reply_send(rq, u->dialect == UPLOAD_TUS ? MHD_HTTP_OK : MHD_HTTP_NO_CONTENT, REPLY_DATA, r);
}

int upload_cancelled(struct request *rq, const struct upload *u)
{
    struct buf none = {0};
    struct MHD_Response *r = reply_buf(&none, NULL);

    speak(r, u, false);
    reply_cors(r);
    return reply_send(rq, MHD_HTTP_NO_CONTENT, REPLY_DATA, r);
}

/* --- what is said before anything is known */

bool upload_announce(struct request *rq, const struct upload *u)
{
    struct buf b = {0};
    int64_t version;
    bool ok;

    if (u->dialect != UPLOAD_DRAFT || u->appends || rq->http10 ||
        upload_field_integer(rq->f.upload_draft, &version) != FIELD_OK || version != DRAFT_VERSION)
        return true;
    if (rq->conn->proxy || rq->f.forwarded_for) /* nginx takes any 1xx of its upstream for the answer */
        return true;
    buf_addf(&b,
             "HTTP/1.1 104 Upload Resumption Supported\r\nLocation: %s\r\nUpload-Limit: %s\r\n"
             "Upload-Draft-Interop-Version: %d\r\n\r\n",
             own_address(rq), limits(rq, u->grant.size, resume_for()), DRAFT_VERSION);
    ok = conn_interim(rq->conn, b.data, b.len);
    buf_free(&b);
    return ok;
}

void upload_options(struct request *rq, struct MHD_Response *r)
{
    struct grant g;
    int64_t most = conf_get()->storage_max_file_size + GRANT_SLACK;

    if (upload_open(rq, &g) == REFUSE_OK)
        most = g.size;
    reply_header(r, "Upload-Limit", limits(rq, most, resume_for()));
    reply_header(r, "Accept-Patch", "application/partial-upload, application/offset+octet-stream");
    reply_header(r, "Tus-Resumable", TUS_VERSION);
    reply_header(r, "Tus-Version", TUS_VERSION);
    reply_header(r, "Tus-Extension", "termination");
    reply_headerf(r, "Tus-Max-Size", "%lld", (long long)most);
}
