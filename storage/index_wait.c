/* index_wait.c: an operation of the index whose caller blocks until it is committed: commands, and threads
 * that have nothing else to do. The operation stays the caller's, and so may stand on his stack. */
#include <pthread.h>

#include "base/log.h"
#include "storage/index.h"

struct waiter {
    struct index_op op;
    struct index_op *inner;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool done;
};

static enum refuse waiter_run(struct index_db *db, struct index_op *op)
{
    struct waiter *w = INDEX_OP_OF(op, struct waiter, op);
    w->inner->flags = op->flags;
    enum refuse r = w->inner->run(db, w->inner);
    op->flags = w->inner->flags;
    return r;
}

static void waiter_done(struct index_op *op)
{
    struct waiter *w = INDEX_OP_OF(op, struct waiter, op);
    pthread_mutex_lock(&w->lock);
    w->done = true;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->lock);
}

enum refuse index_write_wait(struct index *ix, struct index_op *op)
{
    thread_assert_may_block();
    struct waiter w = {.inner = op, .lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    w.op.run = waiter_run;
    w.op.done = waiter_done;
    w.op.flags = op->flags;
    index_write(ix, &w.op);
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.cond, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_cond_destroy(&w.cond);
    pthread_mutex_destroy(&w.lock);
    return op->result = w.op.result;
}
