/* peek.c: see peek.h. */
#include "http/peek.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/door.h"
#include "http/head.h"
#include "http/linger.h"

static struct {
    int ep;
    struct conn *first, *last; /* in the order of their deadlines */
} a;

static void list_add(struct conn *c)
{
    c->prev = a.last;
    c->next = NULL;
    if (c->prev)
        c->prev->next = c;
    else
        a.first = c;
    a.last = c;
}

static void list_remove(struct conn *c)
{
    FERRY_ASSERT((c->prev == NULL) == (a.first == c));
    if (c->prev)
        c->prev->next = c->next;
    else
        a.first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    else
        a.last = c->prev;
}

/* A final answer; the connection is gone afterwards. c is in no list. */
static void refuse_head(struct conn *c, const struct head *h)
{
    struct buf b = {0};

    door_refusal(c, h, &b);
    if (b.len > 0) {
        ssize_t ignored = send(c->fd, b.data, b.len, MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)ignored;
    }
    buf_free(&b);
    linger_take(c->fd);
    door_leave(c);
}

/* Looks at what has come. true: c is settled (handed on or ended) and in no list any more. */
static bool judge(struct conn *c, bool listed)
{
    char bytes[HEAD_MAX];
    struct head h;
    ssize_t n;
    enum head_verdict v;

    do
        n = recv(c->fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        return false;
    v = n > 0 ? head_check(bytes, (size_t)n, &h) : HEAD_MORE;
    if (n > 0 && v == HEAD_MORE)
        return false;
    if (listed) {
        list_remove(c);
        epoll_ctl(a.ep, EPOLL_CTL_DEL, c->fd, NULL);
    }
    if (n <= 0) {
        close(c->fd);
        door_leave(c);
    } else if (v == HEAD_REFUSE) {
        refuse_head(c, &h);
    } else {
        door_hand_on(c, &h);
    }
    return true;
}

static void overdue(struct conn *c)
{
    struct head h = {.why = REFUSE_REQUEST_TIMEOUT};
    int waiting = 0;

    list_remove(c);
    epoll_ctl(a.ep, EPOLL_CTL_DEL, c->fd, NULL);
    ioctl(c->fd, FIONREAD, &waiting);
    h.not_http = waiting == 0; /* never said a word: nothing to answer */
    refuse_head(c, &h);
}

/* --- what the door calls */

void peek_take(struct conn *c, int64_t deadline)
{
    struct epoll_event ev = {.events = EPOLLIN | EPOLLET | EPOLLRDHUP, .data.ptr = c};

    c->accepted_deadline = deadline;
    if (judge(c, false))
        return;
    if (epoll_ctl(a.ep, EPOLL_CTL_ADD, c->fd, &ev) < 0) {
        close(c->fd);
        door_leave(c);
        return;
    }
    list_add(c);
}

void peek_read(struct conn *c)
{
    judge(c, true);
}

void peek_expire(int64_t now)
{
    while (a.first && a.first->accepted_deadline <= now)
        overdue(a.first);
}

void peek_start(int epoll)
{
    a.ep = epoll;
}

void peek_stop(void)
{
    while (a.first) {
        struct conn *c = a.first;
        list_remove(c);
        close(c->fd);
        door_leave(c);
    }
}
