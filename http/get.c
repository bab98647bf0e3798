/* get.c: GET and HEAD of /f/ID/NAME and /d/ID/NAME: the bytes of a stored file, or its page (page.c) where a
 * browser navigates. Conditional requests and ranges by RFC 9110; C38, C40; rows 90 to 93.
 *
 * What is served is an open descriptor: a file that is deleted meanwhile is sent to its end (row 91). A GET
 * never changes anything.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "http/disposition.h"
#include "http/negotiate.h"
#include "http/page.h"
#include "http/problem.h"
#include "http/range.h"
#include "http/reply.h"
#include "http/route.h"
#include "storage/transfer.h"

#define CACHE_MOST (24 * 3600)
#define SMALL_BODY 32768

struct validators {
    char etag[64];
    char modified[30];
    int64_t modified_at;
};

static void validators_of(const struct transfer *t, struct validators *v)
{
    char b64[48];

    v->modified_at = t->stored;
    clock_format_http(t->stored, v->modified);
    if (t->has_sha256) {
        base64url_encode(b64, t->sha256, SHA256_BYTES);
        snprintf(v->etag, sizeof v->etag, "\"%s\"", b64);
    } else {
        snprintf(v->etag, sizeof v->etag, "\"%s-%d\"", t->id.text, t->attempt);
    }
}

/* Whether a list of entity tags names etag; weak comparison when `weak`. */
static bool names_etag(const char *list, const char *etag, bool weak)
{
    size_t n = strlen(etag);

    for (const char *p = list; *p;) {
        p += strspn(p, ", \t");
        if (*p == '*')
            return true;
        bool w = p[0] == 'W' && p[1] == '/';
        if (w)
            p += 2;
        if (*p != '"')
            return false;
        const char *end = strchr(p + 1, '"');
        if (!end)
            return false;
        if ((size_t)(end + 1 - p) == n && memcmp(p, etag, n) == 0 && (weak || !w))
            return true;
        p = end + 1;
    }
    return false;
}

/* RFC 9110 section 13.2.2. 0: go on; else the status to answer with. */
static int precondition(const struct request_fields *f, const struct validators *v)
{
    int64_t at;

    if (f->if_match) {
        if (!names_etag(f->if_match, v->etag, false))
            return 412;
    } else if (f->if_unmodified_since && clock_parse_http(f->if_unmodified_since, &at) == 0 &&
               v->modified_at > at) {
        return 412;
    }
    if (f->if_none_match)
        return names_etag(f->if_none_match, v->etag, true) ? 304 : 0;
    if (f->if_modified_since && clock_parse_http(f->if_modified_since, &at) == 0 && v->modified_at <= at)
        return 304;
    return 0;
}

static bool if_range_holds(const char *value, const struct validators *v)
{
    int64_t at;

    if (!value)
        return true;
    if (value[0] == '"')
        return strcmp(value, v->etag) == 0;
    return clock_parse_http(value, &at) == 0 && at == v->modified_at;
}

/* Plain text is shown in the browser, which guesses an old encoding unless it is told: the beginning decides.
 */
static bool begins_as_utf8(int fd)
{
    char text[4096];
    ssize_t n = pread(fd, text, sizeof text, 0);

    if (n == (ssize_t)sizeof text) /* the last character may be cut */
        while (n > (ssize_t)sizeof text - 4 && ((unsigned char)text[n - 1] & 0xc0) == 0x80)
            n--;
    if (n > 0 && (unsigned char)text[n - 1] >= 0xc0)
        n--;
    return n > 0 && utf8_valid(text, (size_t)n);
}

/* fd: the open file, or -1 where no body follows. */
static void file_headers(struct request *rq, struct MHD_Response *r, const struct transfer *t,
                         const struct validators *v, int fd)
{
    int64_t life = t->expires ? t->expires - clock_wall() : CACHE_MOST;
    struct buf disposition = {0};
    const char *type = transfer_type(t);

    reply_header(r, "ETag", v->etag);
    reply_header(r, "Last-Modified", v->modified);
    /* private: a removed file must not live on in a cache that many share. */
    reply_headerf(r, "Cache-Control", "private, max-age=%lld, immutable",
                  (long long)(life < 0            ? 0
                              : life > CACHE_MOST ? CACHE_MOST
                                                  : life));
    if (!uri_is(&rq->uri, 0, "d"))
        reply_header(r, "Vary", "Sec-Fetch-Dest, Sec-Fetch-Mode, Accept");
    reply_cors(r);
    disposition_header(&disposition, uri_is(&rq->uri, 0, "d") || !disposition_inline(type), t->name);
    reply_header(r, "Content-Disposition", disposition.data);
    if (strcmp(type, "text/plain") == 0 && fd >= 0 && begins_as_utf8(fd))
        type = "text/plain; charset=utf-8";
    reply_header(r, "Content-Type", type);
    reply_header(r, "Accept-Ranges", "bytes");
    buf_free(&disposition);
}

static int send_empty(struct request *rq, unsigned status, const struct transfer *t,
                      const struct validators *v)
{
    struct buf none = {0};
    struct MHD_Response *r = reply_buf(&none, NULL);

    file_headers(rq, r, t, v, -1);
    return reply_send(rq, status, REPLY_FILE, r);
}

static int send_unsatisfiable(struct request *rq, const struct transfer *t)
{
    struct MHD_Response *r = problem_response(rq, REFUSE_RANGE, NULL);

    reply_headerf(r, "Content-Range", "bytes */%lld", (long long)t->size);
    reply_header(r, "Accept-Ranges", "bytes");
    return reply_send(rq, MHD_HTTP_RANGE_NOT_SATISFIABLE, REPLY_DATA, r);
}

/* A small part is read and leaves together with the head in one segment; a large one leaves by sendfile. The
 * descriptor stays the caller's for a small part and is the response's for a large one. NULL: the file is
 * shorter than it was, or cannot be read. */
static struct MHD_Response *body_response(int fd, const struct range *part)
{
    size_t n = (size_t)(part->last - part->first + 1);
    struct MHD_Response *r;
    char *data;
    ssize_t got;

    if (n > SMALL_BODY) {
        r = MHD_create_response_from_fd_at_offset64(n, fd, (uint64_t)part->first);
        FERRY_ASSERT(r != NULL);
        return r;
    }
    data = xmalloc(n ? n : 1);
    do
        got = pread(fd, data, n, part->first);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)n) {
        free(data);
        return NULL;
    }
    r = MHD_create_response_from_buffer(n, data, MHD_RESPMEM_MUST_FREE);
    FERRY_ASSERT(r != NULL);
    return r;
}

/* The whole file has left for its receiver: its sender may be told. Pieces that a preview reads, HEAD and
 * pages never count (C41); the last part of a resumed download does. */
static void fetched(struct request *rq)
{
    const struct transfer *t = rq->state;

    if (rq->complete)
        transfer_fetched(rq->st, &t->id);
}

static void watch_end(struct request *rq, const struct transfer *t, const struct range *part)
{
    bool whole = part->first == 0 || rq->f.if_range;
    struct transfer *copy;

    if (rq->method != METHOD_GET || t->fetched || !t->to[0] || !whole || part->last != t->size - 1)
        return;
    copy = arena_alloc(rq->arena, sizeof *copy);
    *copy = *t;
    rq->state = copy;
    rq->drop = fetched;
}

static int send_bytes(struct request *rq, const struct transfer *t)
{
    struct validators v;
    struct range part = {0, t->size - 1};
    enum range_answer ra = RANGE_WHOLE;
    struct MHD_Response *r;
    enum refuse why;
    int fd = -1, stop;

    validators_of(t, &v);
    stop = precondition(&rq->f, &v);
    if (stop == 412)
        return problem_send(rq, REFUSE_PRECONDITION, NULL);
    if (stop)
        return send_empty(rq, (unsigned)stop, t, &v);
    if (rq->method == METHOD_GET && if_range_holds(rq->f.if_range, &v))
        ra = range_parse(rq->f.range, t->size, &part);
    if (ra == RANGE_UNSATISFIABLE)
        return send_unsatisfiable(rq, t);
    why = transfer_open(rq->st, t, &fd);
    if (why != REFUSE_OK)
        return problem_send(rq, why, NULL);
    r = body_response(fd, &part);
    if (r) {
        watch_end(rq, t, &part);
        file_headers(rq, r, t, &v, fd);
    }
    if (part.last - part.first < SMALL_BODY)
        close(fd);
    if (!r)
        return problem_send(rq, REFUSE_DAMAGED, NULL);
    if (ra == RANGE_PART)
        reply_headerf(r, "Content-Range", "bytes %lld-%lld/%lld", (long long)part.first, (long long)part.last,
                      (long long)t->size);
    return reply_send(rq, ra == RANGE_PART ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, REPLY_FILE, r);
}

int get_id(struct request *rq, const struct ferry_id *id)
{
    struct transfer t;
    enum refuse why = REFUSE_NOT_FOUND;
    int fd;

    memset(&t, 0, sizeof t);
    t.size = -1;
    if (id)
        why = transfer_lookup(rq->st, id, rq->arena, &t);
    if (why == REFUSE_OK && (uri_is(&rq->uri, 0, "d") || !negotiate_page(&rq->f)))
        return send_bytes(rq, &t);
    if (!negotiate_page(&rq->f))
        return problem_send(rq, why, NULL);
    /* The page promises a download: it looks whether the bytes are there. */
    if (why == REFUSE_OK && (why = transfer_open(rq->st, &t, &fd)) == REFUSE_OK)
        close(fd);
    return page_transfer(rq, why, &t);
}

int get_end(struct request *rq)
{
    struct ferry_id id;
    enum refuse why = REFUSE_NOT_FOUND;
    const char *name;
    enum id_age age;

    if (rq->uri.n >= 2 && rq->uri.n <= 3)
        why = uri_segment(&rq->uri, 2, rq->arena, &name);
    if (why != REFUSE_OK)
        return problem_send(rq, why, NULL);
    age = id_check(rq->st, rq->uri.seg[1].p, rq->uri.seg[1].n, &id);
    return get_id(rq, age == ID_FORGED ? NULL : &id);
}
