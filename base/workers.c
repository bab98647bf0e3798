/* workers.c: a pool of threads behind one queue.
 *
 * Threads are made when a task finds none idle, up to the number asked for, and stay: a daemon that has
 * nothing to store has none. All signals are blocked in them, so that they reach the loop's thread. A task
 * may post further tasks, during workers_stop too: the thread it runs on takes them before it ends.
 */
#include "base/workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/log.h"

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct task *head, **tail;
    int idle, made, max;
    bool stopping;
    char name[16];
    pthread_t threads[];
};

static void *worker_main(void *arg)
{
    struct workers *w = arg;
    thread_name(w->name);
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->head && !w->stopping) {
            w->idle++;
            pthread_cond_wait(&w->wake, &w->lock);
            w->idle--;
        }
        struct task *task = w->head;
        if (!task)
            break;
        w->head = task->next;
        if (!w->head)
            w->tail = &w->head;
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
    struct workers *w = xcalloc(1, sizeof *w + (size_t)threads * sizeof w->threads[0]);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
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
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int err = pthread_create(&w->threads[w->made], NULL, worker_main, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (err == 0) {
        w->made++;
    } else {
        log_error("workers thread-failed pool=%s errno=%d", w->name, err);
        if (w->made == 0)
            abort();
    }
}

void workers_post(struct workers *w, struct task *task)
{
    task->next = NULL;
    pthread_mutex_lock(&w->lock);
    *w->tail = task;
    w->tail = &task->next;
    /* Idle threads that were woken but have not run yet still count as idle; a thread more than needed is
     * harmless, one less is not: several posts in a row may each find "one idle". So wake one, and make one
     * while there is room and the queue is longer than the idle can take. */
    int waiting = 0;
    for (struct task *t = w->head; t && waiting <= w->idle; t = t->next)
        waiting++;
    if (waiting > w->idle && w->made < w->max && !w->stopping)
        spawn(w);
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

void workers_stop(struct workers **wp)
{
    struct workers *w = *wp;
    if (!w)
        return;
    *wp = NULL;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->wake);
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < w->made; i++)
        pthread_join(w->threads[i], NULL);
    FERRY_ASSERT(!w->head);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
