/* session.c: one client: its states, what it is sent, how it ends.
 *
 * A session dies in one place, session_end(): modules are told, the registry forgets it, waiters go on; its
 * memory is freed behind the turn, so that a pointer on the stack of a dispatch stays good. Closing leaves
 * the socket to sock_close_soon(): nothing the client says behind our closing tag is heard.
 *
 * Not here: what the bytes mean (stream.c), deadlines and headers (c2s.c), login (mod/), binding (bind.c).
 */
#include "xmpp/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/conf.h"
#include "base/log.h"
#include "xmpp/c2s.h"
#include "xmpp/parts.h"
#include "xmpp/rare.h"

#define LINGER_MS 2000       /* how long a closed stream's last words may take to leave */
#define STREAM_SCRATCH 65536 /* serialisation buffer kept between stanzas */

static const char *const state_names[] = {
#define X(n, s) [SESSION_##n] = s,
    SESSION_STATES(X)
#undef X
};

/* Which states a state may be followed by. */
#define BIT(n) (1u << SESSION_##n)
static const unsigned may_follow[] = {
    [SESSION_ACCEPTED] = BIT(TLS) | BIT(OPEN) | BIT(CLOSING) | BIT(DEAD),
    [SESSION_TLS] = BIT(ACCEPTED) | BIT(CLOSING) | BIT(DEAD),
    [SESSION_OPEN] = BIT(TLS) | BIT(AUTHENTICATING) | BIT(AUTHENTICATED) | BIT(CLOSING) | BIT(DEAD),
    [SESSION_AUTHENTICATING] = BIT(OPEN) | BIT(AUTHENTICATED) | BIT(CLOSING) | BIT(DEAD),
    [SESSION_AUTHENTICATED] = BIT(BOUND) | BIT(CLOSING) | BIT(DEAD),
    [SESSION_BOUND] = BIT(CLOSING) | BIT(DEAD),
    [SESSION_CLOSING] = BIT(DEAD),
    [SESSION_DEAD] = 0,
};

const char *session_state_name(enum session_state s)
{
    return state_names[s];
}

const char *session_id(const struct session *s)
{
    static char ring[4][24];
    static unsigned at;
    char *out = ring[at++ % ARRAY_LEN(ring)];
    snprintf(out, sizeof(ring[0]), "c%llu", (unsigned long long)s->serial);
    return out;
}

void session_enter(struct session *s, enum session_state to)
{
    FERRY_ASSERT(may_follow[s->state] & (1u << to));
    log_debug("%s state %s -> %s", session_id(s), session_state_name(s->state), session_state_name(to));
    s->state = to;
}

struct session_rare *rare(struct session *s)
{
    if (!s->rare) {
        s->rare = xcalloc(1, sizeof(*s->rare));
        s->rare->confirms_tail = &s->rare->confirms;
    }
    return s->rare;
}

bool session_alive(const struct session *s)
{
    return s->state != SESSION_CLOSING && s->state != SESSION_DEAD;
}

static void session_free(struct session *s)
{
    registry_remove(s);
    if (s->user)
        registry_user_drop(s->user);
    stream_free(s->stream);
    loop_timer_clear(&s->timer);
    loop_later_cancel(mod_loop(), &s->later);
    buf_free(&s->presence);
    buf_free(&s->held);
    free((char *)s->jid.text);
    free(s);
}

/* Behind the turn: a dead session goes; one that was released takes up what waits. */
static void later(void *arg)
{
    struct session *s = arg;
    if (s->state == SESSION_DEAD)
        session_free(s);
    else
        flow_later(s);
}

/* --- output --- */
static struct buf scratch;

static bool is_stanza(const struct stanza *st)
{
    return !strcmp(st->name, "message") || !strcmp(st->name, "iq") || !strcmp(st->name, "presence");
}

void session_send(struct session *s, const struct stanza *st)
{
    if (!session_alive(s))
        return;
    scratch.len = 0;
    stanza_write(st, NS_CLIENT, &scratch);
    sock_write(s->sock, scratch.data, scratch.len);
    if (scratch.cap > STREAM_SCRATCH)
        buf_free(&scratch);
    if (is_stanza(st))
        s->out_count++;
    flow_written(s);
}

struct stanza *session_iq(struct arena *arena, const struct session *s, const char *type)
{
    char id[23]; /* nobody guesses it */
    struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
    random_token(id, sizeof(id) - 1);
    stanza_set(iq, "type", type);
    stanza_set(iq, "id", id);
    stanza_set(iq, "to", s->jid.text);
    return iq;
}

void session_send_raw(struct session *s, const char *xml, size_t n)
{
    if (!session_alive(s))
        return;
    sock_write(s->sock, xml, n);
    s->out_count++;
    flow_written(s);
}

/* --- ends --- */
/* Everything but the memory. sure: he closed the stream himself, so he has read all of it. */
static void session_end(struct session *s, bool sure)
{
    bool bound = s->state == SESSION_BOUND;
    if (s->gone)
        return;
    s->gone = true;
    loop_timer_clear(&s->timer);
    net_gate_leave(mod_gate(), sock_peer(s->sock));
    if (bound)
        log_info("%s closed jid=%s", session_id(s), s->jid.text);
    /* Presence first, while he can still be found; then nobody finds him; then what he was sent is settled.
     */
    for (const struct mod *m = mod_next(NULL); m && s->available; m = mod_next(m))
        if (m->session_unavailable)
            m->session_unavailable(s);
    s->available = false;
    registry_unbind(s);
    flow_end(s);
    ask_session_gone(s);
    confirm_upto(s, 0, sure, true);
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        if (m->session_gone)
            m->session_gone(s);
    if (s->rare)
        free(s->rare->waiters);
    free(TAKE(s->rare));
}

static void bury(struct session *s)
{
    s->sock = NULL;
    stream_stop(s->stream);
    session_enter(s, SESSION_DEAD);
    loop_later(mod_loop(), &s->later);
}

void session_kill(struct session *s)
{
    if (!session_alive(s))
        return;
    struct sock *sock = s->sock;
    session_enter(s, SESSION_CLOSING);
    session_end(s, false);
    sock_free(sock);
    bury(s);
}

static void close_with(struct session *s, const char *words, size_t n, bool sure)
{
    struct sock *sock = s->sock;
    sock_write(sock, words, n);
    session_enter(s, SESSION_CLOSING);
    session_end(s, sure);
    sock_close_soon(sock, LINGER_MS);
    bury(s);
}

static const char closing_tag[] = "</stream:stream>";

void session_close(struct session *s)
{
    if (!session_alive(s))
        return;
    if (s->header_sent)
        close_with(s, closing_tag, sizeof(closing_tag) - 1, s->client_closed);
    else
        session_kill(s);
}

void session_fault(struct session *s, enum stream_fault f, const char *text)
{
    if (!session_alive(s))
        return;
    if (s->state == SESSION_TLS) { /* no stream to say it in */
        session_kill(s);
        return;
    }
    log_info("%s stream error %s%s%s", session_id(s), stream_fault_name(f), text ? ": " : "",
             text ? text : "");
    struct buf b = {0};
    if (!s->header_sent)
        c2s_write_header(s, &b);
    buf_addf(&b, "<stream:error><%s xmlns='" NS_STREAM_ERRORS "'/>", stream_fault_name(f));
    if (text) {
        buf_adds(&b, "<text xmlns='" NS_STREAM_ERRORS "' xml:lang='en'>");
        buf_add_xml(&b, text, strlen(text));
        buf_adds(&b, "</text>");
    }
    buf_adds(&b, "</stream:error>");
    buf_adds(&b, closing_tag);
    close_with(s, b.data, b.len, false);
    buf_free(&b);
}

/* --- login --- */
void session_start_tls(struct session *s)
{
    s->tls_wanted = true;
    stream_stop(s->stream);
}

void session_restart(struct session *s)
{
    s->header_sent = false;
    stream_stop(s->stream);
    stream_restart(s->stream);
}

bool session_is_tls(const struct session *s)
{
    return sock_is_tls(s->sock);
}

bool session_may_login_plain(const struct session *s)
{
    return session_is_tls(s) || s->listener == LISTENER_LEGACY || !conf_get()->xmpp_require_tls;
}

/* --- beginning and the end of all --- */
struct session *session_new(struct sock *sock, enum session_listener l)
{
    struct session *s = xcalloc(1, sizeof(*s));
    s->listener = l;
    s->sock = sock;
    s->domain = mod_domain();
    s->local_peer = net_is_loopback(sock_peer(sock));
    s->last_heard = clock_mono_ms();
    s->since = clock_wall();
    s->later.fn = later;
    s->later.arg = s;
    random_token(s->stream_id, sizeof(s->stream_id) - 1);
    registry_add(s);
    return s;
}

static bool kill_one(struct session *s, void *arg)
{
    session_kill(s);
    return true;
}

/* The loop has stopped: what would be freed behind the turn is freed here. */
void session_free_all(void)
{
    registry_each(kill_one, NULL);
    for (struct session *s; (s = registry_any());)
        session_free(s);
    buf_free(&scratch);
}
