/* conn.c: the registry of connections and their deadlines; see conn.h. */
#include "http/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h> /* tcpi_bytes_acked; glibc's netinet/tcp.h does not have it */
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "http/problem.h"

#define CUT_EARLY_MS 300 /* more than lies between two sweeps: rather too early than too late */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct conn *head;
/* Given to libmicrohttpd, which has not begun with them; their descriptors are its. */
static struct conn *handed;

bool conn_enter(struct conn *c, enum conn_mode mode, int64_t deadline_ms)
{
    int old = atomic_load(&c->mode);

    FERRY_ASSERT(c->magic == CONN_MAGIC);
    if (mode == CONN_HEAD) /* else the sweep would see this deadline with the old mode */
        atomic_store(&c->deadline, deadline_ms);
    atomic_fetch_add(&c->epoch, 1); /* first: who sees the new mode sees the new epoch */
    do {
        if (old == CONN_KILLED)
            return false;
    } while (!atomic_compare_exchange_weak(&c->mode, &old, (int)mode));
    return true;
}

void conn_until(struct conn *c, int64_t mono_ms)
{
    atomic_store(&c->until, mono_ms);
}

/* Under the lock. */
static int client_fd(const struct conn *c)
{
    return c->secure ? c->tcp : c->fd;
}

/* Linux: connect() to nowhere resets a TCP socket, and what waits in it is dropped. */
int conn_disconnect(int fd)
{
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};

    return connect(fd, &nowhere, sizeof nowhere);
}

/* Under the lock. The client's socket of a secure one is its thread's. */
static void reset(struct conn *c)
{
    if (c->secure)
        atomic_store(&c->cut, true);
    if (c->secure || conn_disconnect(c->fd) < 0)
        shutdown(c->fd, SHUT_RDWR);
}

static int64_t unread(int fd)
{
    int n = 0;
    bool told = ioctl(fd, FIONREAD, &n) == 0;

    FERRY_ASSERT(told || errno != EBADF);
    return told ? n : 0;
}

int64_t conn_waiting(const struct conn *c)
{
    return unread(c->fd);
}

void conn_reset(struct conn *c)
{
    pthread_mutex_lock(&lock);
    reset(c);
    pthread_mutex_unlock(&lock);
}

int conn_client_dup(struct conn *c)
{
    pthread_mutex_lock(&lock);
    int fd = c->kind == LISTEN_SOCKET ? -1 : fcntl(client_fd(c), F_DUPFD_CLOEXEC, 3);
    pthread_mutex_unlock(&lock);
    return fd;
}

static void enter(struct conn **list, struct conn *c)
{
    c->prev = NULL;
    c->next = *list;
    if (*list)
        (*list)->prev = c;
    *list = c;
}

static void leave(struct conn **list, struct conn *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        *list = c->next;
    if (c->next)
        c->next->prev = c->prev;
}

void conn_hand(struct conn *c)
{
    pthread_mutex_lock(&lock);
    enter(&handed, c);
    pthread_mutex_unlock(&lock);
}

void conn_unhand(struct conn *c)
{
    pthread_mutex_lock(&lock);
    leave(&handed, c);
    pthread_mutex_unlock(&lock);
}

bool conn_any_handed(void)
{
    pthread_mutex_lock(&lock);
    bool any = handed != NULL;
    pthread_mutex_unlock(&lock);
    return any;
}

struct conn *conn_forgotten(void)
{
    pthread_mutex_lock(&lock);
    struct conn *c = handed;
    if (c)
        leave(&handed, c);
    pthread_mutex_unlock(&lock);
    return c;
}

void conn_register(struct conn *c)
{
    pthread_mutex_lock(&lock);
    leave(&handed, c);
    enter(&head, c);
    pthread_mutex_unlock(&lock);
}

void conn_unregister(struct conn *c)
{
    pthread_mutex_lock(&lock);
    leave(&head, c);
    pthread_mutex_unlock(&lock);
}

void conn_answered(struct conn *c)
{
    /* Here the count goes first, in conn_last the goal: one of the two sees both. */
    if (atomic_fetch_add(&c->answered, 1) + 1 == atomic_load(&c->last))
        shutdown(c->fd, SHUT_RDWR);
}

bool conn_last(struct conn *c, long n)
{
    atomic_store(&c->last, n);
    return atomic_load(&c->answered) == n;
}

void conn_tcp_gone(struct conn *c)
{
    pthread_mutex_lock(&lock);
    c->tcp = -1;
    pthread_mutex_unlock(&lock);
}

void conn_head_begun(struct conn *c, int64_t deadline_ms)
{
    if (atomic_load(&c->mode) == CONN_HEAD)
        atomic_store(&c->deadline, deadline_ms);
}

void conn_say(struct conn *c, enum refuse why, const char *detail)
{
    struct buf b = {0};

    problem_raw(&b, why, detail, true);
    ssize_t ignored = send(c->fd, b.data, b.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)ignored; /* a peer that takes nothing gets nothing */
    buf_free(&b);
    atomic_store(&c->linger, true);
    atomic_store(&c->final, true);
}

bool conn_interim(struct conn *c, const char *text, size_t n)
{
    return send(c->fd, text, n, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)n;
}

/* Bytes the peer has acknowledged; -1: this socket cannot tell. */
static int64_t acknowledged(int fd)
{
    struct tcp_info ti;
    socklen_t n = sizeof ti;

    memset(&ti, 0, sizeof ti);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &n) < 0)
        return -1;
    return (int64_t)ti.tcpi_bytes_acked;
}

static void begin_window(struct conn *c, int64_t now, int64_t bytes)
{
    c->window_start = now;
    c->window_bytes = bytes;
}

/* Whether less than the minimum rate has moved in a window that is now full. */
static bool too_slow(struct conn *c, enum conn_mode mode, int64_t now, int64_t window, int64_t bytes)
{
    int64_t rate = conf_get()->limits_min_rate;
    unsigned epoch = atomic_load(&c->epoch);

    if (epoch != c->seen_epoch || (int)mode != c->seen_mode) {
        c->seen_epoch = epoch;
        c->seen_mode = (int)mode;
        c->still = false;
        begin_window(c, now, bytes);
        return false;
    }
    if (rate == 0 || now - c->window_start < window)
        return false;
    bool slow = (bytes - c->window_bytes) * 1000 < rate * (now - c->window_start);
    begin_window(c, now, bytes);
    return slow;
}

/* Whether the peer has closed in the middle of its body. libmicrohttpd's edge-triggered loop forgets an end
 * of input that came together with the last bytes, and would wait on. Two sweeps have to see the same: these
 * bytes may be in its hands, and all that was missing. */
static bool vanished(struct conn *c, int64_t bytes)
{
    bool still = c->still && bytes == c->still_bytes;
    char peek;

    c->still = true;
    c->still_bytes = bytes;
    return still && atomic_load(&c->left) > 0 && recv(c->fd, &peek, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Whether a body rests because of us: there are bytes that nobody has read yet. Under the lock. */
static bool waits_for_us(const struct conn *c)
{
    return unread(c->fd) > 0 || (c->secure && c->tcp >= 0 && unread(c->tcp) > 0);
}

/* While a piece is being written no time passes: that is the disk's. */
static bool body_overdue(struct conn *c, int64_t now)
{
    int64_t bytes = atomic_load(&c->bytes);

    if (atomic_load(&c->writing)) {
        c->still = false;
        begin_window(c, now, bytes);
        return false;
    }
    return (too_slow(c, CONN_BODY, now, conf_get()->limits_stall, bytes) && !waits_for_us(c)) ||
           vanished(c, bytes);
}

static bool overdue(struct conn *c, enum conn_mode mode, int64_t now)
{
    int64_t bytes;

    switch (mode) {
    case CONN_HEAD:
        return now >= atomic_load(&c->deadline);
    case CONN_BODY:
        return body_overdue(c, now);
    case CONN_REPLY:
        bytes = acknowledged(client_fd(c));
        return bytes >= 0 && too_slow(c, mode, now, 2 * conf_get()->limits_stall, bytes);
    case CONN_WORK:
    case CONN_KILLED:
        break;
    }
    return false;
}

static void kill_conn(struct conn *c, enum conn_mode mode)
{
    int expected = (int)mode;

    if (!atomic_compare_exchange_strong(&c->mode, &expected, CONN_KILLED))
        return; /* it moved on in this very moment */
    char peek;
    bool gone = mode == CONN_BODY && recv(c->fd, &peek, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    atomic_store(&c->timed_out, !gone);
    if (mode == CONN_BODY && !gone)
        conn_say(c, REFUSE_REQUEST_TIMEOUT, NULL);
    if (mode != CONN_HEAD && !gone) {
        char peer[NET_TEXT];
        net_format(&c->peer, peer);
        log_info("http too-slow phase=%s peer=%s", mode == CONN_BODY ? "body" : "reply",
                 conf_get()->log_addresses ? peer : "-");
    }
    shutdown(c->fd, SHUT_RDWR);
}

/* The time of what is sent is over: the rest of it does not leave. */
static void cut_off(struct conn *c, enum conn_mode mode)
{
    int expected = (int)mode;

    if (!atomic_compare_exchange_strong(&c->mode, &expected, CONN_KILLED))
        return;
    log_info("http cut off: the file's time is over");
    reset(c);
}

void conn_sweep(void)
{
    int64_t now = clock_mono_ms();

    pthread_mutex_lock(&lock);
    for (struct conn *c = head; c; c = c->next) {
        enum conn_mode mode = (enum conn_mode)atomic_load(&c->mode);
        int64_t until = atomic_load(&c->until);
        if (until && now + CUT_EARLY_MS >= until && (mode == CONN_REPLY || mode == CONN_WORK))
            cut_off(c, mode);
        else if (overdue(c, mode, now))
            kill_conn(c, mode);
    }
    pthread_mutex_unlock(&lock);
}

void conn_shutdown_all(void)
{
    pthread_mutex_lock(&lock);
    for (struct conn *c = head; c; c = c->next)
        shutdown(c->fd, SHUT_RDWR);
    pthread_mutex_unlock(&lock);
}
