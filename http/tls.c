/* tls.c: the threads of HTTPS: who has his turn, and deadlines; see tls.h. The bytes: tls_pump.c, tls_large.c
 * and tls_wire.c.
 *
 * Fairness (reference: the door's trap 6): a turn of a connection is bounded in bytes; connections that are
 * past their handshake go first, and then only so many handshakes as keep them waiting a millisecond or two.
 * A flood of handshakes so waits for itself.
 */
#include "http/tls.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "http/door.h"
#include "http/stats.h"
#include "http/tls_int.h"

#define THREADS 4
#define FOR_ALL 2 /* of them; the others are for uploads */
#define SWEEP_MS 200
#define HANDSHAKES_A_TURN 2 /* half a millisecond each */
#define STOP_MS 1000

static struct {
    struct tls_thread threads[THREADS];
    unsigned next;
    _Atomic unsigned next_upload;
    pthread_mutex_t lock; /* of context */
    SSL_CTX *context;
    atomic_bool stop;
    _Atomic long busy; /* connections with something to send, or leaving */
} tls = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- the context */

void tls_set_context(SSL_CTX *ctx)
{
    pthread_mutex_lock(&tls.lock);
    SSL_CTX *old = tls.context;
    tls.context = ctx;
    pthread_mutex_unlock(&tls.lock);
    SSL_CTX_free(old);
}

static SSL_CTX *context_get(void)
{
    pthread_mutex_lock(&tls.lock);
    SSL_CTX *ctx = tls.context;
    SSL_CTX_up_ref(ctx);
    pthread_mutex_unlock(&tls.lock);
    return ctx;
}

/* --- connections */

/* Into its thread's lists, and out of them. */
static void enlist(struct tls_conn *t)
{
    if (t->state == TLS_OPEN)
        TAILQ_INSERT_TAIL(&t->thread->open, t, in_list);
    else
        TAILQ_INSERT_TAIL(&t->thread->waiting, t, in_list);
    if (t->large != LARGE_NONE)
        TAILQ_INSERT_TAIL(&t->thread->large, t, in_large);
}

static void delist(struct tls_conn *t)
{
    if (t->state == TLS_OPEN)
        TAILQ_REMOVE(&t->thread->open, t, in_list);
    else
        TAILQ_REMOVE(&t->thread->waiting, t, in_list);
    if (t->large != LARGE_NONE)
        TAILQ_REMOVE(&t->thread->large, t, in_large);
}

void tls_enter(struct tls_conn *t, enum tls_state state)
{
    struct tls_thread *th = t->thread;
    bool was = t->state == TLS_OPEN, is = state == TLS_OPEN;

    FERRY_ASSERT(state > t->state);
    t->state = state;
    if (was && !is) {
        TAILQ_REMOVE(&th->open, t, in_list);
        TAILQ_INSERT_TAIL(&th->waiting, t, in_list);
    } else if (is && !was) {
        TAILQ_REMOVE(&th->waiting, t, in_list);
        TAILQ_INSERT_TAIL(&th->open, t, in_list);
    }
}

int tls_watch(struct tls_conn *t, struct tls_end *end, bool output)
{
    struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = end};

    if (output)
        ev.events |= EPOLLOUT;
    if (epoll_ctl(t->thread->epoll, EPOLL_CTL_ADD, end->fd, &ev) == 0)
        return 0;
    return errno == EEXIST ? epoll_ctl(t->thread->epoll, EPOLL_CTL_MOD, end->fd, &ev) : -1;
}

void tls_close(struct tls_conn *t, struct tls_end *end)
{
    if (end->fd < 0)
        return;
    /* close() alone would leave it in the set while somebody else holds the descriptor: left.c, or a
     * new process that has not come to its exec */
    epoll_ctl(t->thread->epoll, EPOLL_CTL_DEL, end->fd, NULL);
    close(end->fd);
    end->fd = -1;
}

/* Counts those whose answers are still on their way. */
static void set_busy(struct tls_conn *t, bool busy)
{
    if (busy != t->busy)
        atomic_fetch_add(&tls.busy, busy ? 1 : -1);
    t->busy = busy;
}

static void queue_turn(struct tls_conn *t)
{
    struct tls_list *q = t->state == TLS_HANDSHAKE ? &t->thread->handshakes : &t->thread->turns;

    if (!t->queued)
        TAILQ_INSERT_TAIL(q, t, in_turn);
    t->queued = true;
}

static void unqueue(struct tls_conn *t)
{
    struct tls_list *q = t->state == TLS_HANDSHAKE ? &t->thread->handshakes : &t->thread->turns;

    if (t->queued)
        TAILQ_REMOVE(q, t, in_turn);
    t->queued = false;
}

/* The end. Never while events of this turn are still to be looked at. */
static void conn_end(struct tls_conn *t)
{
    unqueue(t);
    set_busy(t, false);
    large_lost(t);
    delist(t);
    tls_close(t, &t->pair);
    conn_tcp_gone(t->conn);
    if (atomic_load(&t->conn->cut)) {
        (void)conn_disconnect(t->tcp.fd);
        t->broken = true;
    }
    SSL_free(t->ssl);
    if (t->eof || t->broken) {
        tls_close(t, &t->tcp);
    } else { /* the client may be sending, if only its own farewell: a reset would destroy our last bytes */
        epoll_ctl(t->thread->epoll, EPOLL_CTL_DEL, t->tcp.fd, NULL);
        door_linger(t->tcp.fd);
    }
    buf_free(&t->raw);
    buf_free(&t->in);
    buf_free(&t->out);
    door_leave(t->conn);
    free(t);
}

/* false: the thread has ended. */
static bool hand_over(struct tls_thread *th, struct tls_conn *t)
{
    uint64_t one = 1;

    pthread_mutex_lock(&th->lock);
    bool takes = !th->ended;
    if (takes) {
        TAILQ_INSERT_TAIL(&th->inbox, t, in_list);
        ssize_t ignored = write(th->wake, &one, sizeof one);
        (void)ignored; /* full: it is awake */
    }
    pthread_mutex_unlock(&th->lock);
    return takes;
}

/* Who brings a large body goes to a thread for uploads, and stays there. */
static void move(struct tls_conn *t)
{
    struct tls_thread *from = t->thread,
                      *to =
                          &tls.threads[FOR_ALL + atomic_fetch_add(&tls.next_upload, 1) % (THREADS - FOR_ALL)];

    epoll_ctl(from->epoll, EPOLL_CTL_DEL, t->tcp.fd, NULL);
    epoll_ctl(from->epoll, EPOLL_CTL_DEL, t->pair.fd, NULL);
    unqueue(t);
    delist(t);
    t->thread = to;
    atomic_store(&t->conn->bypass.thread, to->number);
    if (hand_over(to, t))
        return;
    t->thread = from;
    enlist(t);
    conn_end(t);
}

static void after(struct tls_conn *t, enum tls_next next)
{
    if (next == TLS_GONE) {
        conn_end(t);
        return;
    }
    set_busy(t, t->out.len > 0 || t->state == TLS_LEAVING);
    if (t->large != LARGE_NONE && !t->thread->uploads)
        move(t);
    else if (next == TLS_AGAIN)
        queue_turn(t);
}

void tls_take(struct conn *c)
{
    struct tls_thread *th = &tls.threads[tls.next++ % FOR_ALL];
    struct tls_conn *t = xcalloc(1, sizeof *t);
    int yes = 1;

    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    t->thread = th;
    t->conn = c;
    t->tcp = (struct tls_end){.owner = t, .fd = c->fd};
    t->pair = (struct tls_end){.owner = t, .fd = -1};
    t->deadline = clock_mono_ms() + conf_get()->limits_handshake;
    c->tcp = c->fd;
    c->fd = -1;
    if (!hand_over(th, t)) {
        close(t->tcp.fd);
        door_leave(c);
        free(t);
    }
}

/* --- a thread */

/* A client's new socket, or one that has moved. */
static void welcome_one(struct tls_conn *t, SSL_CTX *ctx)
{
    bool moved = t->state == TLS_OPEN;

    enlist(t);
    t->broken = (moved ? tls_watch(t, &t->pair, !t->pair.writable) : wire_begin(t, ctx)) < 0 ||
                tls_watch(t, &t->tcp, true) < 0;
    if (t->broken)
        conn_end(t);
    else if (moved)
        queue_turn(t);
}

static struct tls_conn *next_in_inbox(struct tls_thread *th)
{
    pthread_mutex_lock(&th->lock);
    struct tls_conn *t = TAILQ_FIRST(&th->inbox);
    if (t)
        TAILQ_REMOVE(&th->inbox, t, in_list);
    pthread_mutex_unlock(&th->lock);
    return t;
}

static void welcome(struct tls_thread *th)
{
    SSL_CTX *ctx = context_get();
    struct tls_conn *t;
    uint64_t ignored;

    if (read(th->wake, &ignored, sizeof ignored) > 0)
        while ((t = next_in_inbox(th)))
            welcome_one(t, ctx);
    SSL_CTX_free(ctx);
    TAILQ_FOREACH(t, &th->large, in_large)
    if (large_taken(t))
        queue_turn(t);
}

static void note(struct tls_end *end, uint32_t events)
{
    struct tls_conn *t = end->owner;

    end->readable |= (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    end->writable |= (events & EPOLLOUT) != 0;
    end->hup |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (end == &t->tcp && (events & (EPOLLHUP | EPOLLERR)))
        t->broken = true; /* reset: nobody is there to answer */
    queue_turn(t);
}

/* Those that are in the queue now, each once. */
static void run_turns(struct tls_thread *th, struct tls_list *q, size_t most)
{
    struct tls_conn *last = TAILQ_LAST(q, tls_list), *t = NULL;

    for (size_t i = 0; t != last && i < most; i++) {
        t = TAILQ_FIRST(q);
        TAILQ_REMOVE(q, t, in_turn);
        t->queued = false;
        enum tls_next next = pump_turn(t, clock_mono_ms());

        wire_settle(t);
        after(t, next);
    }
}

static void sweep(struct tls_thread *th, int64_t now)
{
    for (struct tls_conn *t = TAILQ_FIRST(&th->waiting), *next; t; t = next) {
        next = TAILQ_NEXT(t, in_list);
        after(t, pump_overdue(t, now));
    }
}

static bool has_turns(const struct tls_thread *th)
{
    return !TAILQ_EMPTY(&th->turns) || !TAILQ_EMPTY(&th->handshakes);
}

/* At the end: what is not yet leaving goes at once. */
static void stop_early(struct tls_thread *th)
{
    for (struct tls_conn *t = TAILQ_FIRST(&th->waiting), *next; t; t = next) {
        next = TAILQ_NEXT(t, in_list);
        if (t->state != TLS_LEAVING)
            conn_end(t);
    }
}

static void *thread_main(void *arg)
{
    struct tls_thread *th = arg;
    struct epoll_event evs[128];
    int64_t swept = 0, stopping = 0;

    thread_name("http-tls");
    for (;;) {
        int ms = has_turns(th) ? 0 : TAILQ_EMPTY(&th->waiting) && stopping == 0 ? 60000 : SWEEP_MS / 2;
        int n = epoll_wait(th->epoll, evs, (int)ARRAY_LEN(evs), ms);
        int64_t now = clock_mono_ms();
        bool woken = false;

        for (int i = 0; i < n; i++) {
            if (evs[i].data.ptr == NULL)
                woken = true;
            else
                note(evs[i].data.ptr, evs[i].events);
        }
        run_turns(th, &th->turns, SIZE_MAX);
        run_turns(th, &th->handshakes, HANDSHAKES_A_TURN);
        if (woken)
            welcome(th);
        if (now - swept >= SWEEP_MS) {
            sweep(th, now);
            swept = now;
        }
        if (!atomic_load(&tls.stop))
            continue;
        if (stopping == 0)
            stopping = now;
        stop_early(th);
        if ((TAILQ_EMPTY(&th->open) && TAILQ_EMPTY(&th->waiting)) || now - stopping >= STOP_MS)
            return NULL;
    }
}

static int thread_start(struct tls_thread *th, int number)
{
    struct epoll_event ev = {.events = EPOLLIN};

    th->number = number;
    th->uploads = number >= FOR_ALL;
    TAILQ_INIT(&th->waiting);
    TAILQ_INIT(&th->open);
    TAILQ_INIT(&th->turns);
    TAILQ_INIT(&th->handshakes);
    TAILQ_INIT(&th->large);
    TAILQ_INIT(&th->inbox);
    pthread_mutex_init(&th->lock, NULL);
    th->plain = xmalloc(PLAIN_BYTES);
    th->raw = xmalloc(RAW_BYTES);
    th->epoll = epoll_create1(EPOLL_CLOEXEC);
    th->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (th->epoll < 0 || th->wake < 0 || epoll_ctl(th->epoll, EPOLL_CTL_ADD, th->wake, &ev) < 0)
        return -1;
    errno = pthread_create(&th->id, NULL, thread_main, th);
    th->running = errno == 0;
    return th->running ? 0 : -1;
}

int tls_start(void)
{
    if (tls.context == NULL)
        return 0;
    for (size_t i = 0; i < THREADS; i++)
        if (thread_start(&tls.threads[i], (int)i) < 0)
            return -1;
    return 0;
}

void tls_ring(int thread)
{
    uint64_t one = 1;
    ssize_t ignored = write(tls.threads[thread].wake, &one, sizeof one);
    (void)ignored; /* full: it is awake */
}

bool tls_idle(void)
{
    return atomic_load(&tls.busy) == 0;
}

static void end_all(struct tls_list *list)
{
    for (struct tls_conn *t = TAILQ_FIRST(list), *next; t; t = next) {
        next = TAILQ_NEXT(t, in_list);
        conn_end(t);
    }
}

static void thread_end(struct tls_thread *th)
{
    struct tls_conn *t;

    pthread_join(th->id, NULL);
    pthread_mutex_lock(&th->lock);
    th->ended = true; /* the door may still be in the middle of accepting */
    pthread_mutex_unlock(&th->lock);
    while ((t = TAILQ_FIRST(&th->inbox))) {
        TAILQ_REMOVE(&th->inbox, t, in_list);
        enlist(t);
    }
    end_all(&th->waiting);
    end_all(&th->open);
    close(th->epoll);
    close(th->wake);
    free(th->plain);
    free(th->raw);
    buf_free(&th->cipher);
    th->running = false;
}

void tls_stop(void)
{
    uint64_t one = 1;

    atomic_store(&tls.stop, true);
    for (size_t i = 0; i < THREADS; i++)
        if (tls.threads[i].running) {
            ssize_t ignored = write(tls.threads[i].wake, &one, sizeof one);
            (void)ignored;
        }
    for (size_t i = 0; i < THREADS; i++)
        if (tls.threads[i].running)
            thread_end(&tls.threads[i]);
    tls_set_context(NULL);
}
