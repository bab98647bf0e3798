/* bypass.c: the request's side of a body that comes past libmicrohttpd; see bypass.h. While it comes the
 * request belongs to the thread that brings it. */
#include "http/bypass.h"

#include "http/route.h"
#include "http/tls.h"

int64_t bypass_size(const struct conn *c)
{
    /* In this order: a body may be offered for a later request at this moment. */
    int64_t size = atomic_load(&c->bypass.size);

    return atomic_load(&c->bypass.request) == atomic_load(&c->answered) ? size : 0;
}

static bool piece(void *arg, const char *p, size_t n)
{
    struct request *rq = arg;

    if (request_body(rq, p, n) != MHD_YES)
        return false;
    atomic_fetch_add(&rq->conn->bytes, (int64_t)n);
    atomic_fetch_sub(&rq->conn->left, (int64_t)n);
    return true;
}

static void over(void *arg, bool whole)
{
    struct request *rq = arg;

    rq->body_by = whole ? BODY_CAME : BODY_LOST;
    request_wake(rq);
}

/* false: the client has gone. */
static bool take(struct conn *c, struct request *rq)
{
    struct bypass *b = &c->bypass;
    int offered = BYPASS_OFFERED;

    b->piece = piece;
    b->over = over;
    b->arg = rq;
    if (!atomic_compare_exchange_strong(&b->step, &offered, BYPASS_TAKEN))
        return false;
    tls_ring(atomic_load(&b->thread));
    return true;
}

int bypass_begin(struct request *rq)
{
    request_suspend(rq);
    if (!conn_enter(rq->conn, CONN_BODY, 0) || !take(rq->conn, rq))
        over(rq, false);
    return MHD_YES;
}
