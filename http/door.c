/* door.c: the one thread that accepts HTTP connections.
 *
 * A new connection waits in peek.c, or in tls.c, until its whole first head is there and is fine; then it
 * goes to the taker. The same thread sweeps the registry of connections (conn.c) and reads on from sockets
 * that were closed in the middle of a body (linger.c: a reset would destroy our last answer on its way).
 *
 * Limits: connections in all (below libmicrohttpd's own limit, at which it hangs), per address (net_gate).
 * When descriptors run out, a reserve descriptor sheds one connection and accepting pauses for 100 ms (row
 * 117).
 */
#include "http/door.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "http/bell.h"
#include "http/forwarded.h"
#include "http/head.h"
#include "http/left.h"
#include "http/linger.h"
#include "http/peek.h"
#include "http/problem.h"
#include "http/ready.h"
#include "http/stats.h"
#include "http/tls.h"

#define SWEEP_MS 200
#define ACCEPT_PAUSE_MS 100
#define ACCEPTS_PER_TURN 64
#define LISTENERS_MAX 32
#define SMALL_HEAD_MAX 6144 /* memory of a head that leaves room for the answer in the small pool */
#define LINGERING_MAX 1000  /* closed, and read on from: they are not counted among the connections, */
#define LINGERING_OF 8      /* and where descriptors are few, neither are these many */
#define OPERATORS_MOST 16   /* connections of the Unix socket beyond the limit: strangers never lock it out */

enum what { WHAT_LISTENER = 1, WHAT_PEEK, WHAT_LINGER, WHAT_WAKE };

struct listener {
    int what, fd;
    enum listener_kind kind;
    bool secure;
};

static struct {
    pthread_t thread;
    bool running;
    int ep, reserve;
    door_taker *take;
    struct net_gate *gate;
    long most;         /* connections; a secure one counts for two */
    _Atomic long load; /* as they count */
    struct listener listeners[LISTENERS_MAX];
    size_t n;
    bool paused;
    int64_t paused_until;
    struct {
        int what, fd;
    } wake;
    atomic_bool stop, closing;
    bool closed;
} door = {.reserve = -1};

/* --- the reserve, and pausing */

static void reserve_open(void)
{
    if (door.reserve < 0)
        door.reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void listeners_watch(bool on)
{
    for (size_t i = 0; i < door.n; i++) {
        struct epoll_event ev = {.events = on ? EPOLLIN : 0, .data.ptr = &door.listeners[i]};
        if (door.listeners[i].fd >= 0)
            epoll_ctl(door.ep, EPOLL_CTL_MOD, door.listeners[i].fd, &ev);
    }
}

/* No descriptor is left: close the reserve to take one connection from the queue and end it, then wait. */
static void out_of_descriptors(const struct listener *l, int64_t now)
{
    static int64_t told;

    if (door.reserve >= 0) {
        close(door.reserve);
        door.reserve = -1;
        int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            close(fd);
            stats_refused_connection();
        }
    }
    reserve_open();
    listeners_watch(false);
    door.paused = true;
    door.paused_until = now + ACCEPT_PAUSE_MS;
    if (told == 0 || now - told > 10000)
        log_warn("http accept-paused reason=descriptors");
    told = now;
}

/* --- how many there may be */

/* Whether its address is limited: not the operator's, nor a proxy that stands for many. */
static bool counts(const struct conn *c)
{
    return c->kind != LISTEN_SOCKET && !c->proxy;
}

bool door_client_enter(const struct net_addr *client)
{
    return net_gate_enter(door.gate, client, conf_get()->limits_per_address);
}

void door_client_leave(const struct net_addr *client)
{
    net_gate_leave(door.gate, client);
}

/* Descriptors, in pairs: the socket and a file; the two ends of a pair are two more. */
static long weight(const struct conn *c)
{
    return c->secure ? 2 : 1;
}

void door_leave(struct conn *c)
{
    if (atomic_fetch_sub(&c->holders, 1) > 1)
        return;
    atomic_fetch_sub(&door.load, weight(c));
    if (counts(c))
        net_gate_leave(door.gate, &c->peer);
    stats_connection(-1);
    c->magic = 0;
    free(c);
}

/* --- the first head, which peek.c or tls.c has found */

void door_refusal(const struct conn *c, const struct head *h, struct buf *answer)
{
    if (!h->not_http)
        problem_raw(answer, h->why, h->detail, !h->is_head);
    stats_head_refused((unsigned)refuse_get(h->why)->http);
    if (log_on(LOG_DEBUG)) {
        char peer[NET_TEXT];
        net_format(&c->peer, peer);
        log_debug("http head-refused why=%s peer=%s", refuse_get(h->why)->name, peer);
    }
}

void door_hand_on(struct conn *c, const struct head *h)
{
    /* Large heads need the room, large bodies the speed, of the pool for uploads; by TLS they go past it. */
    c->large = (h->upload && h->body > 32768 && !c->secure) || h->memory > SMALL_HEAD_MAX;
    door.take(c);
}

/* --- accepting */

static struct conn *conn_new(int fd, const struct listener *l, const struct sockaddr_storage *from,
                             socklen_t from_len)
{
    struct conn *c = xcalloc(1, sizeof *c);

    c->what = WHAT_PEEK;
    c->magic = CONN_MAGIC;
    c->fd = fd;
    c->tcp = -1;
    c->kind = l->kind;
    c->secure = l->secure;
    atomic_init(&c->holders, 1);
    atomic_init(&c->last, -1);
    if (from->ss_family == AF_UNIX) {
        c->peer.sa.sa_family = c->local.sa.sa_family = AF_UNIX;
    } else {
        memcpy(&c->peer, from, from_len < sizeof c->peer.in6 ? from_len : sizeof c->peer.in6);
        c->peer.len = from_len;
        net_fold(&c->peer);
        c->local.len = sizeof c->local.in6;
        getsockname(fd, &c->local.sa, &c->local.len);
        net_fold(&c->local);
    }
    c->proxy = l->kind != LISTEN_SOCKET && forwarded_trusts(&c->peer);
    return c;
}

static void welcome(int fd, const struct listener *l, const struct sockaddr_storage *from, socklen_t from_len,
                    int64_t now)
{
    struct conn *c = conn_new(fd, l, from, from_len);
    long most = door.most + (l->kind == LISTEN_SOCKET ? OPERATORS_MOST : 0);
    if (atomic_load(&door.load) + weight(c) > most ||
        (counts(c) && !net_gate_enter(door.gate, &c->peer, conf_get()->limits_per_address))) {
        close(fd);
        free(c);
        stats_refused_connection();
        return;
    }
    stats_connection(1);
    atomic_fetch_add(&door.load, weight(c));
    if (c->secure)
        tls_take(c);
    else
        peek_take(c, now + conf_get()->limits_head);
}

static void accept_some(const struct listener *l, int64_t now)
{
    for (int i = 0; i < ACCEPTS_PER_TURN && l->fd >= 0 && !linger_full(); i++) {
        struct sockaddr_storage from = {.ss_family = AF_UNSPEC};
        socklen_t len = sizeof from;
        int fd = accept4(l->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            welcome(fd, l, &from, len, now);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            out_of_descriptors(l, now);
        return;
    }
}

/* --- the thread */

static void awake(void)
{
    uint64_t ignored;

    if (read(door.wake.fd, &ignored, sizeof ignored) > 0)
        linger_collect();
}

static void listeners_close(void)
{
    if (door.closed)
        return;
    for (size_t i = 0; i < door.n; i++) {
        close(door.listeners[i].fd);
        door.listeners[i].fd = -1;
    }
    door.closed = true;
}

static void housekeeping(int64_t now)
{
    if (door.paused && now >= door.paused_until) {
        door.paused = false;
        reserve_open();
        listeners_watch(true);
    }
    peek_expire(now);
    linger_expire(now);
}

static void *door_main(void *arg)
{
    struct epoll_event evs[128];
    int64_t swept = 0;

    thread_name("http-door");
    while (!atomic_load(&door.stop)) {
        /* An item is only ever freed by its own event, or by the housekeeping after all events. */
        bool idle = !linger_any() && !left_any() && !ready_any() && !door.paused && stats_connections() == 0;
        int n = epoll_wait(door.ep, evs, (int)ARRAY_LEN(evs), idle ? 60000 : SWEEP_MS / 2);
        int64_t now = clock_mono_ms();

        for (int i = 0; i < n; i++) {
            int *what = evs[i].data.ptr;
            switch (*what) {
            case WHAT_LISTENER:
                accept_some(evs[i].data.ptr, now);
                break;
            case WHAT_PEEK:
                peek_read(evs[i].data.ptr);
                break;
            case WHAT_WAKE:
                awake();
                break;
            case WHAT_LINGER:
                linger_read(evs[i].data.ptr);
                break;
            default:
                FERRY_UNREACHABLE();
            }
        }
        if (atomic_load(&door.closing))
            listeners_close();
        housekeeping(now);
        if (now - swept >= SWEEP_MS) {
            conn_sweep();
            if (stats_connections() >= BELL_FROM)
                bell_ring();
            left_sweep();
            ready_sweep();
            swept = now;
        }
    }
    return arg;
}

static void wake(void)
{
    uint64_t one = 1;
    ssize_t ignored = write(door.wake.fd, &one, sizeof one);
    (void)ignored; /* full: it is awake */
}

void door_listen(int fd, enum listener_kind kind, bool secure)
{
    FERRY_ASSERT(!door.running && door.n < LISTENERS_MAX);
    door.listeners[door.n++] =
        (struct listener){.what = WHAT_LISTENER, .fd = fd, .kind = kind, .secure = secure};
}

int door_start(door_taker *take, long most_connections)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &door.wake};
    long lingering = most_connections / LINGERING_OF;

    door.take = take;
    door.most = most_connections;
    door.gate = net_gate_new();
    door.ep = epoll_create1(EPOLL_CLOEXEC);
    door.wake.what = WHAT_WAKE;
    door.wake.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (door.ep < 0 || door.wake.fd < 0 || epoll_ctl(door.ep, EPOLL_CTL_ADD, door.wake.fd, &ev) < 0)
        return -1;
    peek_start(door.ep);
    linger_start(door.ep, WHAT_LINGER, (size_t)(lingering < LINGERING_MAX ? lingering : LINGERING_MAX));
    if (tls_start() < 0)
        return -1;
    reserve_open();
    for (size_t i = 0; i < door.n; i++) {
        ev.data.ptr = &door.listeners[i];
        if (epoll_ctl(door.ep, EPOLL_CTL_ADD, door.listeners[i].fd, &ev) < 0)
            return -1;
    }
    errno = pthread_create(&door.thread, NULL, door_main, NULL);
    door.running = errno == 0;
    return door.running ? 0 : -1;
}

void door_close_listeners(void)
{
    atomic_store(&door.closing, true);
    wake();
}

void door_stop(void)
{
    if (!door.running)
        return;
    tls_stop();
    atomic_store(&door.stop, true);
    wake();
    pthread_join(door.thread, NULL);
    door.running = false;
    bell_stop();
    listeners_close();
    peek_stop();
    linger_stop();
    left_stop();
    close(door.ep);
    close(door.wake.fd);
    close(door.reserve);
    net_gate_free(door.gate);
}

void door_gone(struct conn *c)
{
    int fd = -1;

    /* What waits there unread would make a reset of the close: somebody has asked for the end, and sent on */
    if (!c->secure && !atomic_load(&door.stop) && (atomic_load(&c->linger) || conn_waiting(c) > 0))
        fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 3);
    door_leave(c);
    if (fd >= 0)
        door_linger(fd);
}

void door_linger(int fd)
{
    linger_hand(fd);
    wake();
}
