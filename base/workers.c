/* workers.c: a pool of threads.
 *
 * A task goes straight to an idle thread, the one that became idle last: its stack and its processor's caches
 * are still warm, and the others sleep on. Only when all are busy it queues. Threads are made when a task
 * finds none idle, up to the number asked for, and stay: a daemon that has nothing to store has none. All
 * signals are blocked in them, so that they reach the loop's thread. A task may post further tasks, during
 * workers_stop too: they run before it returns.
 */
#include "base/workers.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"

struct worker {
    struct workers *pool;
    struct worker *below; /* in the stack of the idle */
    struct task *task;    /* handed over, with the pool's lock held */
    pthread_cond_t wake;
    pthread_t thread;
};

struct workers {
    pthread_mutex_t lock;
    struct task *head, **tail; /* what waits: every thread is busy */
    struct worker *idle;
    int made, max;
    bool stopping;
    atomic_int waking; /* posters who have let the lock go and have not yet woken their worker */
    char name[16];
    struct worker workers[];
};

/* With the lock held: the next task, or NULL at the end. */
static struct task *next_task(struct workers *w, struct worker *me)
{
    struct task *task = w->head;
    if (task) {
        w->head = task->next;
        if (!w->head)
            w->tail = &w->head;
        return task;
    }
    if (w->stopping)
        return NULL;
    me->below = w->idle;
    w->idle = me;
    while (!me->task && !w->stopping)
        pthread_cond_wait(&me->wake, &w->lock);
    task = me->task;
    me->task = NULL;
    return task;
}

static void *worker_main(void *arg)
{
    struct worker *me = arg;
    struct workers *w = me->pool;
    struct task *task;
    thread_name(w->name);
    pthread_mutex_lock(&w->lock);
    while ((task = next_task(w, me))) {
        pthread_mutex_unlock(&w->lock);
        task->next = NULL;
        task->run(task); /* the task may be gone now */
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct workers *workers_new(const char *name, int threads)
{
    FERRY_ASSERT(threads > 0);
    struct workers *w = xcalloc(1, sizeof *w + (size_t)threads * sizeof w->workers[0]);
    pthread_mutex_init(&w->lock, NULL);
    w->tail = &w->head;
    w->max = threads;
    for (size_t i = 0; name[i] && i + 1 < sizeof w->name; i++)
        w->name[i] = name[i];
    return w;
}

/* Called with the lock held. No thread at all can be made only when the process has none left to give: the
 * first must succeed, any further one is speed alone. */
static void spawn(struct workers *w)
{
    sigset_t all, old;
    struct worker *one = &w->workers[w->made];
    one->pool = w;
    pthread_cond_init(&one->wake, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int err = pthread_create(&one->thread, NULL, worker_main, one);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (err == 0) {
        w->made++;
        return;
    }
    pthread_cond_destroy(&one->wake);
    log_error("workers thread-failed pool=%s errno=%d", w->name, err);
    if (w->made == 0)
        abort();
}

void workers_post(struct workers *w, struct task *task)
{
    task->next = NULL;
    pthread_mutex_lock(&w->lock);
    struct worker *one = w->idle;
    if (one) {
        w->idle = one->below;
        one->task = task;
        atomic_fetch_add(&w->waking, 1);
    } else {
        *w->tail = task;
        w->tail = &task->next;
        if (w->made < w->max && !w->stopping)
            spawn(w);
    }
    pthread_mutex_unlock(&w->lock);
    if (one) { /* without the lock: it would only wake to wait for that */
        pthread_cond_signal(&one->wake);
        atomic_fetch_sub(&w->waking, 1);
    }
}

void workers_stop(struct workers **wp)
{
    struct workers *w = *wp;
    if (!w)
        return;
    *wp = NULL;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    w->idle = NULL; /* they end: nothing is handed to them any more */
    for (int i = 0; i < w->made; i++)
        pthread_cond_signal(&w->workers[i].wake);
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < w->made; i++)
        pthread_join(w->workers[i].thread, NULL);
    while (atomic_load(&w->waking) > 0) /* another thread between its last two steps */
        sched_yield();
    FERRY_ASSERT(!w->head);
    for (int i = 0; i < w->made; i++)
        pthread_cond_destroy(&w->workers[i].wake);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
