/* loop.c: the loop over libevent's base: turns, timers, deferred calls, signals. Listening sockets:
 * loop_listen.c.
 *
 * A turn: wait for descriptors and timers once, run what they call, then run what was deferred to the end of
 * the turn (sends above all), so that everything a peer gets in one turn leaves in one segment. Promises: a
 * deferred call runs once, in the order it was queued; a deferred call that queues another never starves the
 * descriptors. No lock: other threads reach the loop by its mailbox only. */
#include "base/loop.h"

#include <event2/event_struct.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"

#define LATER_PASSES 4 /* a flush may tell an owner, who writes elsewhere: a few rounds within one turn */

struct signal_watch {
    struct signal_watch *next;
    struct event *ev;
    void (*fn)(void *arg);
    void *arg;
};

struct loop {
    struct event_base *base;
    struct mailbox *mailbox;
    struct event *mailbox_ev;
    struct loop_later *later, **later_tail;
    struct loop_later *ends;
    struct signal_watch *signals;
    pthread_t thread;
    bool stop;
};

/* Answers that came when nobody ran any more: who asked is gone, so they are not run. They stay reachable for
 * leak checkers; the process ends now. */
static struct mailbox
    *volatile unread; /* volatile: else the compiler drops a variable that is only written */

static void mailbox_readable(evutil_socket_t fd, short what, void *arg)
{
    struct loop *loop = arg;

    (void)mailbox_drain(loop->mailbox);
}

struct loop *loop_new(void)
{
    struct loop *loop = xcalloc(1, sizeof *loop);
    struct event_config *cfg = event_config_new();

    FERRY_ASSERT(cfg != NULL);
    (void)event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK);
    loop->base = event_base_new_with_config(cfg);
    event_config_free(cfg);
    loop->mailbox = mailbox_new();
    loop->later_tail = &loop->later;
    loop->thread = pthread_self();
    if (loop->base != NULL)
        loop->mailbox_ev =
            event_new(loop->base, mailbox_fd(loop->mailbox), EV_READ | EV_PERSIST, mailbox_readable, loop);
    if (loop->mailbox_ev == NULL || event_add(loop->mailbox_ev, NULL) < 0) {
        log_error("the event loop cannot be made");
        abort();
    }
    return loop;
}

static void run_later(struct loop *loop)
{
    for (int pass = 0; pass < LATER_PASSES && loop->later != NULL; pass++) {
        struct loop_later *list = loop->later, *l;

        /* The round's list stands on this stack frame: what is queued meanwhile waits for the next round. */
        list->link = &list;
        loop->later = NULL;
        loop->later_tail = &loop->later;
        while ((l = list) != NULL) {
            list = l->next;
            if (list != NULL)
                list->link = &list;
            l->queued = false;
            l->fn(l->arg);
        }
    }
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    while (loop->ends != NULL) {
        struct loop_later *l = loop->ends;
        loop_later_cancel(loop, l);
        l->fn(l->arg);
    }
    while (loop->later != NULL)
        run_later(loop);
    while (loop->signals != NULL) {
        struct signal_watch *w = loop->signals;
        loop->signals = w->next;
        event_free(w->ev);
        free(w);
    }
    event_free(loop->mailbox_ev);
    if (mailbox_pending(loop->mailbox))
        unread = loop->mailbox;
    else
        mailbox_free(loop->mailbox);
    event_base_free(loop->base);
    free(loop);
}

void loop_run(struct loop *loop)
{
    loop->thread = pthread_self();
    loop->stop = false;
    thread_forbid_blocking();
    run_later(loop);
    while (!loop->stop) {
        int flags = loop->later != NULL ? EVLOOP_ONCE | EVLOOP_NONBLOCK : EVLOOP_ONCE;

        if (event_base_loop(loop->base, flags) < 0) {
            log_error("the event loop failed");
            abort();
        }
        run_later(loop);
    }
    thread_allow_blocking();
}

void loop_stop(struct loop *loop)
{
    loop->stop = true;
    (void)event_base_loopbreak(loop->base);
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}

struct mailbox *loop_mailbox(struct loop *loop)
{
    return loop->mailbox;
}

void loop_post(struct loop *loop, struct task *task)
{
    mailbox_post(loop->mailbox, task);
}

bool loop_here(const struct loop *loop)
{
    return pthread_equal(loop->thread, pthread_self());
}

/* --- the end of the turn ------------------------------------------------------------------------- */

void loop_later(struct loop *loop, struct loop_later *l)
{
    if (l->queued)
        return;
    l->queued = true;
    l->next = NULL;
    l->link = loop->later_tail;
    *loop->later_tail = l;
    loop->later_tail = &l->next;
}

void loop_later_cancel(struct loop *loop, struct loop_later *l)
{
    if (!l->queued)
        return;
    l->queued = false;
    *l->link = l->next;
    if (l->next != NULL)
        l->next->link = l->link;
    else if (loop->later_tail == &l->next)
        loop->later_tail = l->link;
}

void loop_at_end(struct loop *loop, struct loop_later *l)
{
    FERRY_ASSERT(!l->queued);
    l->queued = true;
    l->next = loop->ends;
    l->link = &loop->ends;
    if (l->next != NULL)
        l->next->link = &l->next;
    loop->ends = l;
}

/* --- timers -------------------------------------------------------------------------------------- */

static void timer_fired(evutil_socket_t fd, short what, void *arg)
{
    struct loop_timer *t = arg;

    loop_timer_clear(t);
    t->fn(t->arg);
}

void loop_timer_init(struct loop_timer *t, struct loop *loop, void (*fn)(void *arg), void *arg)
{
    *t = (struct loop_timer){.loop = loop, .fn = fn, .arg = arg};
}

void loop_timer_set(struct loop_timer *t, int64_t ms)
{
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

    FERRY_ASSERT(t->loop != NULL && ms >= 0);
    if (t->ev == NULL)
        t->ev = event_new(t->loop->base, -1, 0, timer_fired, t);
    if (t->ev == NULL || event_add(t->ev, &tv) < 0) {
        log_error("out of memory: a timer");
        abort();
    }
}

void loop_timer_clear(struct loop_timer *t)
{
    if (t->ev == NULL)
        return;
    event_free(t->ev);
    t->ev = NULL;
}

bool loop_timer_pending(const struct loop_timer *t)
{
    return t->ev != NULL;
}

/* --- signals ------------------------------------------------------------------------------------- */

static void signal_came(evutil_socket_t fd, short what, void *arg)
{
    struct signal_watch *w = arg;

    w->fn(w->arg);
}

void loop_signal(struct loop *loop, int signo, void (*fn)(void *arg), void *arg)
{
    struct signal_watch *w = xcalloc(1, sizeof *w);

    w->fn = fn;
    w->arg = arg;
    w->ev = evsignal_new(loop->base, signo, signal_came, w);
    FERRY_ASSERT(w->ev != NULL && event_add(w->ev, NULL) == 0);
    w->next = loop->signals;
    loop->signals = w;
}
