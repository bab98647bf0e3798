/* coming.c: see coming.h. 200 with the length of the whole, and nothing that would let anybody keep or
 * compare it: neither its type nor its hash is known before its commit. The last byte leaves after the
 * commit; when the upload is lost the connection is reset, so that a part is never taken for the file.
 *
 * A reader that has all there is sleeps: its connection is suspended and in CONN_WORK, where no deadline
 * holds; the sender has one. As soon as there are bytes for it, it is in CONN_REPLY and must take them.
 */
#include "http/coming.h"

#include <pthread.h>
#include <string.h>

#include "base/log.h"
#include "http/disposition.h"
#include "http/file.h"
#include "http/problem.h"
#include "http/reply.h"

#define PIECE 65536

struct coming {
    struct request *rq;
    struct tail *tail;
    struct transfer t;
    struct coming *next, **link; /* asleep: in the list */
};

static struct {
    pthread_mutex_t lock;
    struct coming *first;
    bool over;
} asleep = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* false: there is no time to sleep any more. */
static bool fall_asleep(struct coming *c)
{
    pthread_mutex_lock(&asleep.lock);
    bool ok = !asleep.over;
    if (ok) {
        c->next = asleep.first;
        c->link = &asleep.first;
        if (c->next)
            c->next->link = &c->next;
        asleep.first = c;
    }
    pthread_mutex_unlock(&asleep.lock);
    return ok;
}

/* Under the lock: a sleeper is woken once, whoever comes first. */
static bool rouse(struct coming *c)
{
    if (!c->link)
        return false;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    c->link = NULL;
    return true;
}

static void wake_up(void *arg)
{
    struct coming *c = arg;

    pthread_mutex_lock(&asleep.lock);
    bool slept = rouse(c);
    pthread_mutex_unlock(&asleep.lock);
    if (slept)
        request_wake(c->rq);
}

void coming_stop(void)
{
    pthread_mutex_lock(&asleep.lock);
    asleep.over = true;
    while (asleep.first) {
        struct coming *c = asleep.first;
        rouse(c);
        request_wake(c->rq);
    }
    pthread_mutex_unlock(&asleep.lock);
}

static bool stopping(void)
{
    pthread_mutex_lock(&asleep.lock);
    bool over = asleep.over;
    pthread_mutex_unlock(&asleep.lock);
    return over;
}

/* Nothing is there now. Asleep first, then the question: the wake may come before it has been answered. */
static void sleep_for_more(struct coming *c, int64_t at)
{
    char probe;

    request_suspend(c->rq);
    if (!fall_asleep(c))
        request_wake(c->rq);
    else if (tail_read(c->tail, at, &probe, 1, wake_up, c) != 0)
        wake_up(c);
}

static ssize_t more(void *cls, uint64_t at, char *out, size_t room)
{
    struct coming *c = cls;
    struct request *rq = c->rq;
    ptrdiff_t n = -1;

    if (rq->suspended) {
        request_resumed(rq);
        if (!conn_enter(rq->conn, CONN_REPLY, 0))
            return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (!stopping())
        n = tail_read(c->tail, (int64_t)at, out, room, NULL, NULL);
    if (n > 0)
        return n;
    if (n == 0) {
        sleep_for_more(c, (int64_t)at);
        return 0;
    }
    log_info(ID_SHOWN " transfer lost while it was read: the reader's connection is reset", c->t.id.text);
    conn_reset(rq->conn);
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

static void coming_drop(struct request *rq)
{
    struct coming *c = rq->state;

    if (rq->complete && c->t.to[0])
        transfer_fetched(rq->st, &c->t.id);
    tail_close(&c->tail);
}

bool coming_send(struct request *rq, const struct ferry_id *id, int *answer)
{
    struct coming *c = arena_zalloc(rq->arena, sizeof *c);
    struct buf disposition = {0};
    struct MHD_Response *r;

    if (rq->method != METHOD_GET || tail_open(rq->st, id, rq->arena, &c->tail, &c->t) != REFUSE_OK)
        return false;
    if (c->t.once) {
        tail_close(&c->tail);
        return false;
    }
    if (rq->f.if_match && strcmp(rq->f.if_match, "*") != 0) { /* it has no tag yet */
        tail_close(&c->tail);
        *answer = problem_send(rq, REFUSE_PRECONDITION, NULL);
        return true;
    }
    c->rq = rq;
    rq->state = c;
    rq->drop = coming_drop;
    r = MHD_create_response_from_callback((uint64_t)c->t.size, PIECE, more, c, NULL);
    FERRY_ASSERT(r != NULL);
    disposition_header(&disposition, true, c->t.name);
    reply_header(r, "Content-Disposition", disposition.data);
    reply_header(r, "Content-Type", "application/octet-stream");
    reply_header(r, "Cache-Control", "no-store");
    reply_header(r, "Accept-Ranges", "none");
    reply_cors(r);
    buf_free(&disposition);
    file_deadline(rq, &c->t);
    *answer = reply_send(rq, MHD_HTTP_OK, REPLY_FILE, r);
    return true;
}
