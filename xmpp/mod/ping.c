/* ping.c: pings (XEP-0199): answered, and sent to clients that are silent.
 *
 * A bound session that said nothing for limits.idle_ping is pinged; anything it sends counts as life. When it
 * stays silent as long again its stream ends with connection-timeout (row 17). One timer a session, which
 * looks and does not follow every byte. */
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "xmpp/router.h"

static void send_ping(struct session *s)
{
    struct arena *a = router_arena();
    struct stanza *iq = session_iq(a, s, "get"); /* whatever comes is life */
    stanza_set(iq, "from", s->domain);
    stanza_child(iq, NS_PING, "ping");
    session_send(s, iq);
    arena_put(a);
}

static void look(void *arg)
{
    struct session *s = arg;
    int64_t now = clock_mono_ms(), limit = conf_get()->limits_idle_ping;
    int64_t since = s->ping_sent ? s->ping_sent : s->last_heard;
    if (s->holds) /* it is we who do not read */
        since = now;
    if (now - since < limit) {
        loop_timer_set(&s->timer, limit - (now - since));
        return;
    }
    if (s->ping_sent) {
        session_fault(s, STREAM_CONNECTION_TIMEOUT, "no answer to a ping");
        return;
    }
    s->ping_sent = now;
    send_ping(s);
    loop_timer_set(&s->timer, limit);
}

static void session_bound(struct session *s)
{
    loop_timer_init(&s->timer, mod_loop(), look, s);
    loop_timer_set(&s->timer, conf_get()->limits_idle_ping);
}

static int answer(struct packet *p)
{
    router_result(p, NULL);
    return MOD_HANDLED;
}

static const struct mod_route routes[] = {
    {"iq", "get", TARGET_SERVER, NS_PING, "ping", answer},
    {"iq", "get", TARGET_ACCOUNT, NS_PING, "ping", answer},
    {"iq", "get", TARGET_UPLOAD, NS_PING, "ping", answer},
    {"iq", "get", TARGET_PROXY, NS_PING, "ping", answer},
    {.fn = NULL},
};
static const char *const features[] = {NS_PING, NULL};

static const struct mod ping = {
    .name = "ping",
    .features = features,
    .account_features = features,
    .upload_features = features,
    .proxy_features = features,
    .routes = routes,
    .session_bound = session_bound,
};
MOD_REGISTER(ping);
