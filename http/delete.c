/* delete.c: DELETE /f/ID/NAME with the owner's delete token (the Ferry-Delete header of the 201). Repeating
 * it does no harm (row 133).
 */
#include "http/owner.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/route.h"
#include "storage/transfer.h"

static void removed(void *arg, enum refuse r)
{
    struct request *rq = arg;

    rq->result = r;
    request_wake(rq);
}

int delete_id(struct request *rq, const struct ferry_id *id)
{
    const char *detail;
    enum refuse why;

    if (rq->step == 1)
        return rq->result == REFUSE_OK ? reply_empty(rq, MHD_HTTP_NO_CONTENT)
                                       : problem_send(rq, rq->result, NULL);
    why = owner_check(rq, id, &detail);
    if (why != REFUSE_OK)
        return problem_send(rq, why, detail);
    rq->step = 1;
    request_suspend(rq);
    transfer_remove(rq->st, id, "owner", NULL, removed, rq);
    return MHD_YES;
}

int delete_end(struct request *rq)
{
    struct ferry_id id;

    if (rq->uri.n < 2 || rq->uri.n > 3 ||
        id_check(rq->st, rq->uri.seg[1].p, rq->uri.seg[1].n, &id) == ID_FORGED)
        return problem_send(rq, REFUSE_NOT_FOUND, NULL);
    return delete_id(rq, &id);
}
