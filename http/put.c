/* put.c: PUT /u/TOKEN/NAME: one file into one slot (XEP-0363; C28 to C30, C35, C39; rows 73 to 77, 85).
 *
 * Everything that can be refused is refused before the body and before 100-continue: the token, the length,
 * the claim (quota, another upload). 201 leaves only when the file is durable. The claim and the commit are
 * asked while the connection is suspended; the bytes are hashed and written on the HTTP thread as they come.
 */
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/route.h"
#include "storage/transfer.h"

enum step { STEP_NEW, STEP_CLAIMING, STEP_RECEIVING, STEP_COMMITTING };

struct put {
    struct grant grant;
    const char *place;   /* where the file will be fetched, a path; NULL: /f/ID/NAME */
    struct incoming *in; /* ours between claim and commit */
};

static void put_drop(struct request *rq)
{
    struct put *p = rq->state;

    if (p->in)
        incoming_discard(&p->in,
                         atomic_load(&rq->conn->timed_out) ? REFUSE_REQUEST_TIMEOUT : REFUSE_BROKEN_OFF);
}

static void claimed(void *arg, enum refuse r, struct incoming *in)
{
    struct request *rq = arg;
    struct put *p = rq->state;

    rq->result = r;
    p->in = in;
    request_wake(rq);
}

/* The declared type counts only where both sides named one (C29). */
static bool type_fits(const char *granted, const char *given)
{
    size_t n = strcspn(granted, "; \t");

    return granted[0] == 0 || !given || given[0] == 0 ||
           (strcspn(given, "; \t") == n && strncasecmp(granted, given, n) == 0);
}

/* The slot that the URL names. */
static enum refuse open_slot(struct request *rq, struct grant *g)
{
    enum refuse r;
    const char *name;

    if (rq->uri.n < 2 || rq->uri.n > 3)
        return REFUSE_NOT_FOUND;
    r = uri_segment(&rq->uri, 2, rq->arena, &name);
    if (r != REFUSE_OK)
        return r;
    return grant_open(rq->st, rq->uri.seg[1].p, rq->uri.seg[1].n, rq->arena, g);
}

/* Whether the head fits the slot. */
static enum refuse check(struct request *rq, const struct grant *g, const char **detail)
{
    if (!rq->f.content_length)
        return REFUSE_LENGTH_REQUIRED;
    if (rq->body_size != g->size) {
        *detail = arena_printf(rq->arena, "The slot is for exactly %lld bytes.", (long long)g->size);
        return rq->body_size > g->size ? REFUSE_FILE_TOO_LARGE : REFUSE_SIZE_MISMATCH;
    }
    if (rq->f.content_range) {
        *detail = "A part cannot be put.";
        return REFUSE_BAD_REQUEST;
    }
    if (!type_fits(g->type, rq->f.content_type)) {
        *detail = arena_printf(rq->arena, "The slot is for the type %s.", g->type);
        return REFUSE_BAD_REQUEST;
    }
    return REFUSE_OK;
}

int put_begin_grant(struct request *rq, const struct grant *g, const char *place)
{
    struct put *p = arena_zalloc(rq->arena, sizeof *p);
    const char *detail = NULL;
    enum refuse r = check(rq, g, &detail);

    if (r != REFUSE_OK)
        return problem_send(rq, r, detail);
    p->grant = *g;
    p->place = place;
    rq->state = p;
    rq->drop = put_drop;
    rq->step = STEP_CLAIMING;
    request_suspend(rq);
    incoming_claim(rq->st, &p->grant, 0, NULL, claimed, rq);
    return MHD_YES;
}

int put_begin(struct request *rq)
{
    struct grant g;
    enum refuse r;

    if (rq->step == STEP_CLAIMING) {
        rq->step = STEP_RECEIVING;
        return rq->result == REFUSE_OK ? MHD_YES : problem_send(rq, rq->result, NULL);
    }
    r = open_slot(rq, &g);
    return r == REFUSE_OK ? put_begin_grant(rq, &g, NULL) : problem_send(rq, r, NULL);
}

int put_body(struct request *rq, const char *data, size_t n)
{
    struct put *p = rq->state;
    enum refuse r = incoming_write(p->in, data, n);

    if (r == REFUSE_OK)
        return MHD_YES;
    /* libmicrohttpd takes no answer in the middle of a body: it is said past it, and the connection ends. */
    rq->status = (unsigned)refuse_get(r)->http;
    incoming_discard(&p->in, r);
    if (conn_enter(rq->conn, CONN_WORK, 0))
        conn_say(rq->conn, r, NULL);
    return MHD_NO;
}

static void committed(void *arg, enum refuse r, const struct transfer *t)
{
    struct request *rq = arg;

    rq->result = r;
    request_wake(rq);
}

static int send_created(struct request *rq, const struct put *p)
{
    struct buf link = {0}, path = {0};
    char token[44];
    struct MHD_Response *r;

    buf_adds(&path, link_path());
    if (p->place) {
        buf_adds(&path, p->place);
        buf_addf(&link, "%s%s", link_base(), p->place);
    } else {
        buf_addf(&path, "/f/%s/", p->grant.id.text);
        percent_encode(&path, p->grant.name);
        link_get(&link, &p->grant.id, p->grant.name);
    }
    buf_addc(&link, '\n');
    transfer_delete_token(rq->st, &p->grant.id, token);
    r = reply_buf(&link, "text/plain; charset=utf-8");
    reply_header(r, "Location", path.data);
    reply_header(r, "Ferry-Delete", token);
    reply_header(r, "Cache-Control", "no-store");
    reply_cors(r);
    buf_free(&path);
    return reply_send(rq, MHD_HTTP_CREATED, REPLY_DATA, r);
}

int put_end(struct request *rq)
{
    struct put *p = rq->state;
    struct incoming_end end = {0};

    if (rq->step == STEP_COMMITTING)
        return rq->result == REFUSE_OK ? send_created(rq, p) : problem_send(rq, rq->result, NULL);
    rq->step = STEP_COMMITTING;
    request_suspend(rq);
    incoming_commit(&p->in, &end, NULL, committed, rq);
    return MHD_YES;
}
