/* loop.h: the one event loop (libevent): timers, signals, descriptors, DNS, the mailbox, and "once a turn".
 *
 * All calls belong to the loop's thread, but loop_post(). loop_run: event_base_loop(EVLOOP_ONCE), then the
 * turn hooks (flush dirty socks), until loop_stop.
 */
#ifndef FERRY_LOOP_H
#define FERRY_LOOP_H

#include <event2/event.h>

#include "base/buf.h"
#include "base/mailbox.h"
#include "base/net.h"

struct loop;
struct loop *loop_new(void);
void loop_free(struct loop *loop); /* runs what is still deferred, but no timer and no task */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
struct event_base *loop_base(struct loop *loop);
struct mailbox *loop_mailbox(struct loop *loop);      /* home of verbs called on the loop */
void loop_post(struct loop *loop, struct task *task); /* any thread */
bool loop_here(const struct loop *loop);              /* is this its thread? */

/* A timer embedded in its owner. Setting it again moves it; ms from now, monotonic. */
struct loop_timer {
    struct event *ev;
    struct loop *loop;
    void (*fn)(void *arg);
    void *arg;
};
void loop_timer_init(struct loop_timer *t, struct loop *loop, void (*fn)(void *arg), void *arg);
void loop_timer_set(struct loop_timer *t, int64_t ms);
void loop_timer_clear(
    struct loop_timer *t); /* safe when never set; frees what it held: an idle timer costs nothing */
bool loop_timer_pending(const struct loop_timer *t);

/* Runs fn(arg) once, at the end of this turn (or the next, when called outside one). */
struct loop_later {
    struct loop_later *next, **link; /* private: the queue */
    bool queued;
    void (*fn)(void *arg);
    void *arg;
};
void loop_later(struct loop *loop, struct loop_later *l);
void loop_later_cancel(struct loop *loop, struct loop_later *l);
/* Runs fn(arg) in loop_free, for what has no owner left by then; loop_later_cancel takes it back. */
void loop_at_end(struct loop *loop, struct loop_later *l);

/* A listening socket: fn gets each accepted descriptor (non-blocking, close-on-exec, TCP_NODELAY). On EMFILE
 * and its like accepting pauses for 100 ms and more, and a reserve descriptor sheds one connection (row 117).
 */
struct loop_listener;
struct loop_listener *loop_listen(struct loop *loop, int fd,
                                  void (*fn)(void *arg, int fd, const struct net_addr *peer), void *arg);
void loop_listener_free(struct loop_listener *l);

void loop_signal(struct loop *loop, int signo, void (*fn)(void *arg), void *arg);

#endif
