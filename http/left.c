/* left.c: see left.h. What counts is tcpi_bytes_acked of the client's own socket, which a duplicate keeps
 * readable when the connection ends with the answer. Without TLS the last byte to be acknowledged is known
 * exactly; with TLS the door's thread may not have sealed all of it yet, so it is reckoned: the body, and
 * what each full record adds.
 */
#include "http/left.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"

#define STATE_CLOSED 7 /* TCP_CLOSE of netinet/tcp.h, which knows no tcpi_bytes_acked */
#define RECORD 16384
#define RECORD_ADDS 22 /* at least */
#define HEAD_LEAST 400 /* no head of a file is shorter */

struct left {
    struct left *next;
    int fd; /* -1: a socket that cannot tell */
    bool secure;
    int64_t target; /* of tcpi_bytes_acked */
    int64_t deadline;
    void (*done)(void *arg, bool reached);
    void *arg;
};

static struct {
    pthread_mutex_t lock;
    struct left *first;
} waiting = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct standing {
    int64_t acked, queued; /* queued: written and not acknowledged */
    bool closed;
};

static bool ask(int fd, struct standing *s)
{
    struct tcp_info ti;
    socklen_t n = sizeof ti;
    int queued = 0;

    memset(&ti, 0, sizeof ti);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &n) < 0)
        return false;
    s->closed = ti.tcpi_state == STATE_CLOSED || ioctl(fd, SIOCOUTQ, &queued) < 0;
    s->acked = (int64_t)ti.tcpi_bytes_acked;
    s->queued = queued;
    return true;
}

struct left *left_begin(struct conn *c, int64_t size)
{
    int fd = conn_client_dup(c);
    struct standing s;
    struct left *l;

    if (fd < 0 && c->kind != LISTEN_SOCKET)
        return NULL;
    l = xcalloc(1, sizeof *l);
    l->fd = fd;
    l->secure = c->secure;
    if (l->fd >= 0 && ask(l->fd, &s)) {
        l->target = s.acked + s.queued + size;
        if (c->secure)
            l->target += HEAD_LEAST + (HEAD_LEAST + size + RECORD - 1) / RECORD * RECORD_ADDS;
    } else if (l->fd >= 0) {
        close(l->fd);
        l->fd = -1;
    }
    return l;
}

enum arrival { ARRIVED, UNDER_WAY, BROKEN };

static enum arrival look(const struct left *l)
{
    struct standing s;

    if (l->fd < 0)
        return ARRIVED;
    if (!ask(l->fd, &s))
        return BROKEN;
    if (s.acked >= l->target)
        return ARRIVED;
    return s.closed || clock_mono_ms() >= l->deadline ? BROKEN : UNDER_WAY;
}

static void finish(struct left *l, bool reached)
{
    if (l->fd >= 0)
        close(l->fd);
    l->done(l->arg, reached);
    free(l);
}

void left_end(struct left **left, bool complete, void (*done)(void *arg, bool reached), void *arg)
{
    struct left *l = TAKE(*left);
    struct standing s;
    enum arrival a = BROKEN;

    l->done = done;
    l->arg = arg;
    l->deadline = clock_mono_ms() + 2 * conf_get()->limits_stall;
    if (complete && !l->secure && l->fd >= 0 && ask(l->fd, &s) && s.acked + s.queued > l->target)
        l->target = s.acked + s.queued; /* the head, too; a reset has emptied the queue */
    if (complete)
        a = look(l);
    if (a != UNDER_WAY) {
        finish(l, a == ARRIVED);
        return;
    }
    pthread_mutex_lock(&waiting.lock);
    l->next = waiting.first;
    waiting.first = l;
    pthread_mutex_unlock(&waiting.lock);
}

/* Takes out what is decided, or all; then tells, outside the lock. */
static void settle(bool all)
{
    struct left *arrived = NULL, *broken = NULL, *l;

    pthread_mutex_lock(&waiting.lock);
    for (struct left **at = &waiting.first; (l = *at);) {
        enum arrival a = look(l);
        if (a == UNDER_WAY && !all) {
            at = &l->next;
            continue;
        }
        *at = l->next;
        struct left **to = a == ARRIVED ? &arrived : &broken;
        l->next = *to;
        *to = l;
    }
    pthread_mutex_unlock(&waiting.lock);
    while ((l = arrived)) {
        arrived = l->next;
        finish(l, true);
    }
    while ((l = broken)) {
        broken = l->next;
        finish(l, false);
    }
}

void left_sweep(void)
{
    if (left_any())
        settle(false);
}

bool left_any(void)
{
    pthread_mutex_lock(&waiting.lock);
    bool any = waiting.first != NULL;
    pthread_mutex_unlock(&waiting.lock);
    return any;
}

void left_stop(void)
{
    settle(true);
}
