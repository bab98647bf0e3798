/* sock_out.c: the output of a sock: collected in a buffer that exists only while it holds bytes, sent once a
 * turn, judged by its cap. A write event exists only while the kernel takes nothing; the stall timer only
 * while more than half of the cap waits. */
#include <errno.h>
#include <string.h>

#include "base/sock_int.h"

#define OUT_FIRST 1000 /* first size of an output buffer: most turns send less, and malloc has it at hand */

void sock_want_write(struct sock *s)
{
    if (s->write_ev == NULL)
        s->write_ev = event_new(loop_base(s->loop), s->fd, EV_WRITE | EV_PERSIST, sock_writable, s);
    if (s->write_ev == NULL || event_add(s->write_ev, NULL) < 0)
        sock_fail(s, "the descriptor cannot be watched");
}

void sock_no_write(struct sock *s)
{
    if (s->write_ev != NULL)
        event_free(s->write_ev);
    s->write_ev = NULL;
}

size_t sock_waiting(const struct sock *s)
{
    return s->out.len - s->out_at;
}

void sock_write(struct sock *s, const void *data, size_t n)
{
    FERRY_ASSERT(s->magic == SOCK_MAGIC && s->phase != PHASE_CLOSING);
    if (n == 0 || s->phase == PHASE_FAILED)
        return;
    if (s->out.data == NULL)
        (void)buf_room(&s->out, n > OUT_FIRST ? n : OUT_FIRST);
    buf_add(&s->out, data, n);
    bool newly_over = !s->was_over && sock_waiting(s) > s->cap / 2;
    if (newly_over)
        s->was_over = true;
    if (s->write_ev == NULL || newly_over) /* the flush also starts the clock of a queue that is not read */
        loop_later(s->loop, &s->flush);
}

static enum sock_io plain_send(struct sock *s, const char *data, size_t n, size_t *sent)
{
    ssize_t got = send(s->fd, data, n, MSG_NOSIGNAL);

    *sent = got > 0 ? (size_t)got : 0;
    if (got >= 0)
        return (size_t)got == n ? IO_DONE : IO_WANT_WRITE;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return IO_WANT_WRITE;
    s->why = strerrordesc_np(errno);
    return IO_FAILED;
}

/* Sends what it can; keeps the write event while something is left. */
void sock_send_out(struct sock *s)
{
    size_t waiting = sock_waiting(s), sent = 0;
    enum sock_io io = IO_DONE;

    if (waiting > 0)
        io = s->ssl != NULL ? sock_tls_write(s, s->out.data + s->out_at, waiting, &sent)
                            : plain_send(s, s->out.data + s->out_at, waiting, &sent);
    if (io == IO_FAILED) {
        sock_fail(s, s->why);
        return;
    }
    if (sent > 0 && loop_timer_pending(&s->stall))
        loop_timer_set(&s->stall, s->stall_ms);
    if (sent == waiting) {
        buf_free(&s->out);
        s->out_at = 0;
        sock_no_write(s);
        return;
    }
    s->out_at += sent;
    if (s->out_at > s->out.len / 2) { /* amortised: each byte moves once at most */
        buf_drop(&s->out, s->out_at);
        s->out_at = 0;
    }
    sock_want_write(s);
}

/* What the owner hears about a queue that grew or shrank. false: gone. */
bool sock_judge_queue(struct sock *s)
{
    if (!s->was_over || s->phase == PHASE_FAILED)
        return true;
    if (sock_waiting(s) > s->cap / 2) {
        if (!loop_timer_pending(&s->stall) && s->stall_ms > 0)
            loop_timer_set(&s->stall, s->stall_ms);
        return true;
    }
    s->was_over = false;
    loop_timer_clear(&s->stall);
    return sock_tell(s, SOCK_DRAINED, NULL);
}

void sock_stalled(void *arg)
{
    struct sock *s = sock_enter(arg);

    if (sock_waiting(s) > s->cap / 2) {
        loop_timer_set(&s->stall, s->stall_ms);
        (void)sock_tell(s, SOCK_OVERFULL, NULL);
    }
}

void sock_cap(struct sock *s, size_t cap, int64_t stall_ms)
{
    s->cap = cap;
    s->stall_ms = stall_ms;
    if (sock_waiting(s) > cap / 2) {
        s->was_over = true;
        if (s->write_ev == NULL)
            loop_later(s->loop, &s->flush);
    }
}
