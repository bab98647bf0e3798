/* get.c: GET and HEAD of /f/ID/NAME and /d/ID/NAME: the bytes of a stored file, or its page (page.c) where a
 * browser navigates; of one that is still coming in (coming.c) and of one whose link works once (once.c).
 * Conditional requests (validate.c) and ranges (range.c) by RFC 9110; C38, C40; rows 90 to 93.
 *
 * What is served is an open descriptor: a file that is deleted meanwhile is sent to its end (row 91). Of a
 * small file that is asked for again and again the whole answer is kept ready (ready.c). A GET changes
 * nothing, but for the last byte of a one-time link.
 */
#include <string.h>
#include <unistd.h>

#include "http/coming.h"
#include "http/file.h"
#include "http/negotiate.h"
#include "http/once.h"
#include "http/page.h"
#include "http/problem.h"
#include "http/range.h"
#include "http/ready.h"
#include "http/reply.h"
#include "http/route.h"
#include "http/validate.h"

/* What 200, 206 and 304 have in common. */
static void common_headers(struct request *rq, struct MHD_Response *r, const struct transfer *t,
                           const struct validators *v)
{
    reply_header(r, "ETag", v->etag);
    file_cache(r, t);
    if (!uri_is(&rq->uri, 0, "d"))
        reply_header(r, "Vary", "Sec-Fetch-Dest, Sec-Fetch-Mode, Accept");
    reply_cors(r);
}

static ssize_t never(void *cls, uint64_t at, char *out, size_t room)
{
    FERRY_UNREACHABLE(); /* libmicrohttpd sends no body with 304 */
}

/* A Content-Length in it must be that of the 200 (RFC 9110 section 8.6), and libmicrohttpd writes one. */
static int send_not_modified(struct request *rq, const struct transfer *t, const struct validators *v)
{
    struct MHD_Response *r = MHD_create_response_from_callback((uint64_t)t->size, 1, never, NULL, NULL);

    FERRY_ASSERT(r != NULL);
    common_headers(rq, r, t, v);
    return reply_send(rq, MHD_HTTP_NOT_MODIFIED, REPLY_FILE, r);
}

static int send_unsatisfiable(struct request *rq, const struct transfer *t)
{
    struct MHD_Response *r = problem_response(rq, REFUSE_RANGE, NULL);

    reply_headerf(r, "Content-Range", "bytes */%lld", (long long)t->size);
    reply_header(r, "Accept-Ranges", "bytes");
    return reply_send(rq, MHD_HTTP_RANGE_NOT_SATISFIABLE, REPLY_DATA, r);
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

/* Whether all who ask like this get the same answer, and which. */
static bool is_common(const struct request *rq, const struct transfer *t, struct ready_form *form)
{
    const struct request_fields *f = &rq->f;

    if (t->size > FILE_SMALL || f->range || f->if_match || f->if_none_match || f->if_modified_since ||
        f->if_unmodified_since)
        return false;
    form->life = file_life(t);
    form->attachment = uri_is(&rq->uri, 0, "d");
    return form->life > 0 && reply_is_common(rq);
}

/* The open file, the part of it that is asked for. Takes the descriptor. */
static int send_part(struct request *rq, const struct transfer *t, const struct validators *v, int fd,
                     enum range_answer ra, const struct range *part)
{
    const char *type = file_type(t, fd);
    struct MHD_Response *r = file_body(fd, part);
    struct ready_form form;
    bool common = is_common(rq, t, &form); /* its time to live before the header's: never said too long */
    int answer;

    if (!r)
        return problem_send(rq, REFUSE_DAMAGED, NULL);
    common_headers(rq, r, t, v);
    reply_header(r, "Last-Modified", v->modified);
    file_describe(r, t, type, !uri_is(&rq->uri, 0, "d"));
    reply_header(r, "Accept-Ranges", "bytes");
    if (ra == RANGE_PART)
        reply_headerf(r, "Content-Range", "bytes %lld-%lld/%lld", (long long)part->first,
                      (long long)part->last, (long long)t->size);
    watch_end(rq, t, part);
    file_deadline(rq, t);
    if (common) {
        reply_common(r, REPLY_FILE, false);
        answer = reply_shared(rq, MHD_HTTP_OK, r);
        ready_keep(t, &form, r);
        return answer;
    }
    return reply_send(rq, ra == RANGE_PART ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, REPLY_FILE, r);
}

static int send_stored(struct request *rq, const struct transfer *t)
{
    struct validators v;
    struct range part = {0, t->size - 1};
    enum range_answer ra = RANGE_WHOLE;
    struct ready_form form;
    enum refuse why;
    int fd, stop, answer;

    if (is_common(rq, t, &form) && ready_send(rq, t, &form, &answer)) {
        watch_end(rq, t, &part);
        return answer;
    }
    validate_transfer(t, &v);
    stop = validate_request(&rq->f, &v);
    if (stop == MHD_HTTP_PRECONDITION_FAILED)
        return problem_send(rq, REFUSE_PRECONDITION, NULL);
    if (stop)
        return send_not_modified(rq, t, &v);
    if (rq->method == METHOD_GET && validate_range(rq->f.if_range, &v))
        ra = range_parse(rq->f.range, t->size, &part);
    if (ra == RANGE_UNSATISFIABLE)
        return send_unsatisfiable(rq, t);
    why = transfer_open(rq->st, t, &fd);
    return why == REFUSE_OK ? send_part(rq, t, &v, fd, ra, &part) : problem_send(rq, why, NULL);
}

/* The page promises a download: it looks whether the bytes are there. */
static int send_page(struct request *rq, enum refuse why, const struct transfer *t)
{
    int fd;

    if (why == REFUSE_OK && (why = transfer_open(rq->st, t, &fd)) == REFUSE_OK)
        close(fd);
    return page_transfer(rq, why, t);
}

int get_refused(struct request *rq, enum refuse why, const struct transfer *t)
{
    if (negotiate_page(&rq->f))
        return send_page(rq, why, t);
    if (why == REFUSE_REMOVED && t->reason && strcmp(t->reason, "once") == 0)
        return problem_send(rq, why, "The link worked once, and the file was fetched.");
    return problem_send(rq, why, NULL);
}

int get_id(struct request *rq, const struct ferry_id *id)
{
    struct transfer t;
    enum refuse why = REFUSE_NOT_FOUND;
    bool page = negotiate_page(&rq->f);
    int answer;

    memset(&t, 0, sizeof t);
    t.size = -1;
    if (id)
        why = transfer_lookup(rq->st, id, rq->arena, &t);
    if (why == REFUSE_NOT_YET && !page && t.state == TRANSFER_RECEIVING && coming_send(rq, id, &answer))
        return answer;
    if (why == REFUSE_NOT_YET && !page) /* it may have been stored in this very moment */
        why = transfer_lookup(rq->st, id, rq->arena, &t);
    if (why != REFUSE_OK)
        return get_refused(rq, why, &t);
    if (t.once && rq->conn->kind != LISTEN_SOCKET)
        return once_wants_page(rq) ? send_page(rq, why, &t) : once_send(rq, &t);
    return page && !uri_is(&rq->uri, 0, "d") ? send_page(rq, why, &t) : send_stored(rq, &t);
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
