/* flow.c: bytes from a client, and when they must wait.
 *
 * A session is held while an answer must come first (login), while storage works on many of its requests,
 * while [limits] rate is not paid (row 19), and while somebody it sends to does not read (row 18). A held
 * session's socket is paused; what was read already, one read's worth at most, waits in s->held and is taken
 * up behind the turn in which the last hold goes. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "xmpp/parts.h"
#include "xmpp/rare.h"

/* The session whose stanza is being dispatched: the producer, when somebody's output runs full. */
static struct session *producer;

void session_hold(struct session *s)
{
    FERRY_ASSERT(s->holds < UINT16_MAX);
    if (s->holds++ || !session_alive(s))
        return;
    sock_pause(s->sock);
    stream_stop(s->stream);
}

void session_release(struct session *s)
{
    FERRY_ASSERT(s->holds > 0);
    if (--s->holds == 0 && session_alive(s))
        loop_later(mod_loop(), &s->later);
}

void session_work(struct session *s)
{
    if (++s->work == SESSION_WORK_MAX)
        session_hold(s);
}

void session_worked(uint64_t serial)
{
    struct session *s = session_by_serial(serial);
    if (!s)
        return;
    FERRY_ASSERT(s->work > 0);
    if (s->work-- == SESSION_WORK_MAX)
        session_release(s);
}

static void hold_producer(struct session *s)
{
    struct session_rare *r = rare(s);
    if (r->n_waiters && r->waiters[r->n_waiters - 1] == producer->serial)
        return;
    r->waiters = xrealloc(r->waiters, (r->n_waiters + 1) * sizeof(*r->waiters));
    r->waiters[r->n_waiters++] = producer->serial;
    session_hold(producer);
}

/* His output has gone down, or he is gone: those who filled it may speak again. */
void session_drained(struct session *s)
{
    struct session_rare *r = s->rare;
    if (!r || !r->n_waiters)
        return;
    uint64_t *waiters = TAKE(r->waiters);
    size_t n = r->n_waiters;
    r->n_waiters = 0;
    for (size_t i = 0; i < n; i++) {
        struct session *w = session_by_serial(waiters[i]);
        if (w)
            session_release(w);
    }
    free(waiters);
}

/* --- input --- */
static void rate_refilled(void *arg)
{
    struct session *s = arg;
    s->rare->rate_held = false;
    session_release(s);
}

/* [limits] rate: a bucket of two seconds. What came is never refused; the next read waits until it is paid.
 */
static void pay(struct session *s, size_t n)
{
    int64_t rate = conf_get()->limits_rate, now = s->last_heard;
    if (!rate)
        return;
    struct session_rare *r = rare(s);
    if (!r->rate_timer.loop) {
        loop_timer_init(&r->rate_timer, mod_loop(), rate_refilled, s);
        r->rate_at = now;
        r->tokens = 2 * rate;
    }
    int64_t more = (now - r->rate_at) * rate / 1000;
    if (more > 0) {
        r->rate_at = now;
        r->tokens = r->tokens + more > 2 * rate ? 2 * rate : r->tokens + more;
    }
    r->tokens -= (int64_t)n;
    if (r->tokens >= 0 || r->rate_held)
        return;
    r->rate_held = true;
    loop_timer_set(&r->rate_timer, -r->tokens * 1000 / rate + 1);
    session_hold(s);
}

/* Several clients (go-xmpp, and so go-sendxmpp) send a line end behind <starttls/>, which RFC 6120 forbids:
 * it is dropped, like between stanzas. Nothing that could mean something is. */
static bool only_blanks(const char *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (data[i] != ' ' && data[i] != '\t' && data[i] != '\r' && data[i] != '\n')
            return false;
    return true;
}

static void begin_tls(struct session *s, bool more)
{
    static const char proceed[] = "<proceed xmlns='" NS_TLS "'/>";
    s->tls_wanted = false;
    if (more || s->held.len || sock_pending_input(s->sock)) {
        log_info("%s starttls with bytes behind it: closed", session_id(s));
        session_kill(s);
        return;
    }
    sock_write(s->sock, proceed, sizeof(proceed) - 1);
    session_enter(s, SESSION_TLS);
    s->header_sent = false;
    stream_restart(s->stream);
    sock_deadline(s->sock, conf_get()->limits_handshake);
    sock_start_tls(s->sock, mod_tls());
}

static void feed(struct session *s, const char *data, size_t n)
{
    size_t unused = 0;
    struct session *before = producer;
    producer = s;
    bool fine = stream_feed(s->stream, data, n, &unused);
    producer = before;
    if (!session_alive(s))
        return;
    if (s->tls_wanted)
        begin_tls(s, !only_blanks(data + (n - unused), unused));
    else if (fine && unused)
        buf_add(&s->held, data + (n - unused), unused);
}

void session_bytes(struct session *s, const char *data, size_t n)
{
    if (!session_alive(s))
        return;
    s->last_heard = clock_mono_ms();
    s->ping_sent = 0;
    pay(s, n);
    if (s->holds || s->held.len)
        buf_add(&s->held, data, n); /* at most one read's worth: the socket is paused */
    else
        feed(s, data, n);
}

void flow_later(struct session *s)
{
    if (s->holds || !session_alive(s))
        return;
    if (s->held.len) {
        struct buf data = s->held;
        s->held = (struct buf){0};
        feed(s, data.data, data.len);
        buf_free(&data);
    }
    if (!session_alive(s) || s->holds)
        return;
    if (s->held.len)
        loop_later(mod_loop(), &s->later);
    else
        sock_resume(s->sock);
}

void flow_written(struct session *s)
{
    if (producer && sock_is_over(s->sock) &&
        session_alive(producer)) /* its own cap: SOCK_DRAINED follows it */
        hold_producer(s);
}

void flow_end(struct session *s)
{
    if (s->rare)
        loop_timer_clear(&s->rare->rate_timer);
    session_drained(s);
}
