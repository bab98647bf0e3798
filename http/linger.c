/* linger.c: see linger.h. */
#include "http/linger.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define LINGER_MS 2000
#define LINGER_BYTES (16 << 20) /* many clients send all of a body before they look for an answer */

struct leaving {
    int what, fd;
    int64_t deadline;
    size_t read;
    struct leaving *next, *prev;
};

static struct {
    int epoll, what;
    struct leaving *first, *last; /* in the order of their deadlines */
    size_t n, most;
    pthread_mutex_t lock; /* of handed */
    struct leaving *handed;
} linger = {.lock = PTHREAD_MUTEX_INITIALIZER};

void linger_start(int epoll, int what, size_t most)
{
    linger.most = most;
    linger.epoll = epoll;
    linger.what = what;
}

static struct leaving *leaving_new(int fd)
{
    struct leaving *l = xcalloc(1, sizeof *l);

    l->what = linger.what;
    l->fd = fd;
    shutdown(fd, SHUT_WR);
    return l;
}

static void end(struct leaving *l)
{
    FERRY_ASSERT((l->prev == NULL) == (linger.first == l));
    if (l->prev)
        l->prev->next = l->next;
    else
        linger.first = l->next;
    if (l->next)
        l->next->prev = l->prev;
    else
        linger.last = l->prev;
    linger.n--;
    /* close() alone would leave it in the set while libmicrohttpd still holds the descriptor this one is a
     * duplicate of. */
    epoll_ctl(linger.epoll, EPOLL_CTL_DEL, l->fd, NULL);
    close(l->fd);
    free(l);
}

static void begin(struct leaving *l)
{
    struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = l};

    l->prev = linger.last;
    l->next = NULL;
    if (l->prev)
        l->prev->next = l;
    else
        linger.first = l;
    linger.last = l;
    l->deadline = clock_mono_ms() + LINGER_MS;
    linger.n++;
    if (epoll_ctl(linger.epoll, EPOLL_CTL_ADD, l->fd, &ev) < 0)
        end(l);
}

void linger_take(int fd)
{
    begin(leaving_new(fd));
}

void linger_hand(int fd)
{
    struct leaving *l = leaving_new(fd);

    pthread_mutex_lock(&linger.lock);
    l->next = linger.handed;
    linger.handed = l;
    pthread_mutex_unlock(&linger.lock);
}

void linger_collect(void)
{
    struct leaving *l;

    pthread_mutex_lock(&linger.lock);
    l = TAKE(linger.handed);
    pthread_mutex_unlock(&linger.lock);
    while (l) {
        struct leaving *next = l->next;
        begin(l);
        l = next;
    }
}

void linger_read(struct leaving *l)
{
    char drop[16384];
    ssize_t n;

    while ((n = recv(l->fd, drop, sizeof drop, MSG_DONTWAIT)) > 0)
        if ((l->read += (size_t)n) > LINGER_BYTES)
            break;
    if (n == 0 || l->read > LINGER_BYTES || (n < 0 && errno != EAGAIN && errno != EINTR))
        end(l);
}

bool linger_any(void)
{
    return linger.first != NULL;
}

bool linger_full(void)
{
    return linger.n > linger.most;
}

void linger_expire(int64_t now)
{
    while (linger.first && (linger.first->deadline <= now || linger.n > linger.most))
        end(linger.first);
}

void linger_stop(void)
{
    linger_collect();
    while (linger.first)
        end(linger.first);
}
