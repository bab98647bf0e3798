/* once.c: one-time links (C41, rows 95 and 96): the file goes with its first whole fetch.
 *
 * Programs GET it; people get the page and its button, which POSTs, so that neither a preview nor a browser
 * that looks ahead spends the link. It counts when the peer has acknowledged the last byte (left.c); broken
 * off before that, the link still works. One fetch at a time: another one meanwhile gets 409. There are no
 * ranges: a part is refused, since it would neither count nor stay without consequence; `bytes=0-` is the
 * whole, and If-Range fits no validator here, so that it asks for the whole, too. HEAD never counts.
 */
#include "http/once.h"

#include <stdlib.h>
#include <string.h>

#include "http/file.h"
#include "http/lang.h"
#include "http/left.h"
#include "http/negotiate.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/route.h"

struct fetch { /* may outlive its request */
    struct storage *st;
    struct ferry_id id;
    struct left *left;
};

bool once_wants_page(const struct request *rq)
{
    return negotiate_page(&rq->f) || (rq->f.sec_purpose && strstr(rq->f.sec_purpose, "prefetch"));
}

static void arrived(void *arg, bool reached)
{
    struct fetch *f = arg;

    if (reached)
        transfer_once_spent(f->st, &f->id);
    else
        transfer_once_failed(f->st, &f->id);
    free(f);
}

static void once_drop(struct request *rq)
{
    struct fetch *f = TAKE(rq->state);

    left_end(&f->left, rq->complete, arrived, f);
}

static enum refuse begin(struct request *rq, const struct transfer *t)
{
    enum refuse r = transfer_once_begin(rq->st, &t->id);
    struct fetch *f;

    if (r != REFUSE_OK)
        return r;
    struct left *left = left_begin(rq->conn, t->size);
    if (!left) {
        transfer_once_failed(rq->st, &t->id);
        return REFUSE_TOO_MANY;
    }
    f = xcalloc(1, sizeof *f);
    *f = (struct fetch){rq->st, t->id, left};
    rq->state = f;
    rq->drop = once_drop;
    return REFUSE_OK;
}

static bool asks_for_a_part(const struct request *rq, const struct transfer *t)
{
    struct range part;

    switch (rq->method == METHOD_GET && !rq->f.if_range ? range_parse(rq->f.range, t->size, &part)
                                                        : RANGE_WHOLE) {
    case RANGE_WHOLE:
        break;
    case RANGE_PART:
        return part.first > 0 || part.last < t->size - 1;
    case RANGE_UNSATISFIABLE:
        return true;
    }
    return false;
}

static int refuse_part(struct request *rq, const struct transfer *t)
{
    struct MHD_Response *r =
        problem_response(rq, REFUSE_RANGE, "This link works once, and for the whole file.");

    reply_headerf(r, "Content-Range", "bytes */%lld", (long long)t->size);
    reply_header(r, "Accept-Ranges", "none");
    return reply_send(rq, MHD_HTTP_RANGE_NOT_SATISFIABLE, REPLY_DATA, r);
}

/* Fetched by another while this one was asking, or gone for another reason. */
static int refuse(struct request *rq, enum refuse why, const struct transfer *t)
{
    struct transfer now = *t;

    if (why == REFUSE_TOO_MANY)
        return problem_send(rq, why, NULL);
    if (why != REFUSE_ONCE_BUSY && why != REFUSE_DAMAGED)
        why = transfer_lookup(rq->st, &t->id, rq->arena, &now);
    if (why != REFUSE_ONCE_BUSY && why != REFUSE_OK)
        return get_refused(rq, why, &now);
    const struct problem busy = {
        .why = REFUSE_ONCE_BUSY, .detail = SAY(rq, ONCE_BUSY_NEXT), .spoken = true, .retry_after = 5};
    return problem_queue(rq, &busy, problem_make(rq, &busy));
}

int once_send(struct request *rq, const struct transfer *t)
{
    const struct range whole = {0, t->size - 1};
    struct MHD_Response *r = NULL;
    const char *type = NULL;
    enum refuse why = REFUSE_OK;
    int fd;

    if (rq->f.if_match && strcmp(rq->f.if_match, "*") != 0) /* no state of it has a tag */
        return problem_send(rq, REFUSE_PRECONDITION, NULL);
    if (asks_for_a_part(rq, t))
        return refuse_part(rq, t);
    if (rq->method != METHOD_HEAD)
        why = begin(rq, t);
    if (why == REFUSE_OK)
        why = transfer_open(rq->st, t, &fd);
    if (why == REFUSE_OK) {
        type = file_type(t, fd);
        r = file_body(fd, &whole);
        why = r ? REFUSE_OK : REFUSE_DAMAGED;
    }
    if (why != REFUSE_OK) {
        if (rq->drop)
            once_drop(rq);
        rq->drop = NULL;
        return refuse(rq, why, t);
    }
    file_cache(r, t);
    file_describe(r, t, type, false);
    reply_header(r, "Accept-Ranges", "none");
    reply_header(r, "Vary", "Sec-Fetch-Dest, Sec-Fetch-Mode, Sec-Purpose, Accept");
    reply_cors(r);
    file_deadline(rq, t);
    return reply_send(rq, MHD_HTTP_OK, REPLY_FILE, r);
}
