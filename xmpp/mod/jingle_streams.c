/* jingle_streams.c: the transports of a Jingle session in which Ferry is the responder: in-band bytestreams
 * (XEP-0261), SOCKS5 bytestreams (XEP-0260), and one in place of the other.
 *
 * In band: the agreed block is the smaller of both; the sender opens the stream, and ibb.c takes it.
 *
 * SOCKS5: Ferry tries the sender's candidates as it tries the stream hosts of a query: our own proxy first,
 * joined in memory; then what streamhost.h allows, by priority. It begins when the sender has answered the
 * session-accept: one client opens its port no sooner. Unless our proxy is among his, Ferry offers it as a
 * host of its own, below all others. candidate-used or candidate-error is said at once when it is known, for
 * others wait three seconds. When nothing was reached it is the initiator who replaces
 * the transport (XEP-0260, section 3); a proxy that he cannot activate counts as not reached. If he does not,
 * Ferry proposes the in-band one itself, and sends him an upload link when that comes to nothing.
 *
 * A replacement is taken as long as no byte has come, also where the one before it was never tried: a client
 * that names its new stream "None" means it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "xmpp/inband.h"
#include "xmpp/invite.h"
#include "xmpp/mod/bytestreams.h"
#include "xmpp/mod/jingle.h"
#include "xmpp/takeover.h"

void jingle_free_transport(struct jingle *j)
{
    for (size_t i = 0; i < j->n_hosts; i++) {
        free(j->host[i].cid);
        free(j->host[i].jid);
        free(j->host[i].host);
        free(j->host[i].port);
    }
    j->n_hosts = 0;
}

/* --- what the sender has --- */

static uint32_t priority(const struct stanza *candidate)
{
    int64_t n = siform_number(stanza_get(candidate, "priority"), UINT32_MAX);
    return n < 0 ? 0 : (uint32_t)n;
}

static char *text_of(const struct stanza *el, const char *attr)
{
    const char *value = stanza_get(el, attr);
    return xstrdup(value ? value : "");
}

/* It has what makes it one, and nothing in it is so long that it can be none. */
static bool is_candidate(const struct stanza *el)
{
    static const char *const attrs[] = {"jid", "host", "port"};
    const char *cid = stanza_get(el, "cid");
    for (size_t i = 0; i < ARRAY_LEN(attrs); i++)
        if (stanza_get(el, attrs[i]) && strlen(stanza_get(el, attrs[i])) > JID_MAX)
            return false;
    return cid && strlen(cid) <= SIFORM_ID_MAX;
}

/* The best of a list by priority; those of one priority in their order. */
static void take_candidates(struct jingle *j, const struct stanza *transport)
{
    const struct stanza *best[JINGLEFORM_CANDIDATES];
    size_t n = 0;
    const struct stanza *el = stanza_find(transport, NULL, "candidate");
    for (; el; el = stanza_next(el, NS_JINGLE_S5B, "candidate")) {
        size_t at = n;
        while (at > 0 && priority(best[at - 1]) < priority(el))
            at--;
        if (at == ARRAY_LEN(best) || !is_candidate(el))
            continue;
        if (n < ARRAY_LEN(best))
            n++;
        memmove(&best[at + 1], &best[at], (n - 1 - at) * sizeof best[0]);
        best[at] = el;
    }
    for (size_t i = 0; i < n; i++)
        j->host[i] = (struct jingle_host){text_of(best[i], "cid"), text_of(best[i], "jid"),
                                          text_of(best[i], "host"), text_of(best[i], "port")};
    j->n_hosts = n;
}

/* 40 hexadecimal digits, in the case in which they came: he compares them as text. */
static bool is_key(const char *text)
{
    return text && strlen(text) == SOCKS_KEY && strspn(text, "0123456789abcdefABCDEF") == SOCKS_KEY;
}

static bool has_our_proxy(const struct jingle *j)
{
    struct arena *arena = router_arena();
    bool found = false;
    for (size_t i = 0; i < j->n_hosts && !found; i++)
        found = bytestreams_our_proxy(arena, j->host[i].jid);
    arena_put(arena);
    return found;
}

void jingle_take_transport(struct offer *o, const struct stanza *transport, unsigned method, uint32_t block)
{
    struct jingle *j = o->session;
    const char *key = stanza_get(transport, "dstaddr");
    jingle_free_transport(j);
    o->methods = method;
    j->block = block < inband_block_max() ? block : inband_block_max();
    memcpy(j->dstaddr, is_key(key) ? key : "", is_key(key) ? sizeof j->dstaddr : 1);
    if (method == METHOD_S5B)
        take_candidates(j, transport);
    j->failed = j->chosen = false;
    j->proposed[0] = '\0';
    j->offers = method == METHOD_S5B && proxy65_port() != 0 && !has_our_proxy(j);
}

/* --- Ferry's own candidate --- */

#define OWN_CID "ferry"
#define OWN_PRIORITY "1" /* any of his that works is taken before it */

static void own_key(const struct offer *o, char key[SOCKS_KEY + 1])
{
    socks_key(o->sid, o->to_raw, o->from, key);
}

/* The key under which he came: as told; as XEP-0065 has it whoever offers; or, as one client does, by the
 * session's id.
 */
static bool find_key(const struct offer *o, char key[SOCKS_KEY + 1])
{
    const struct jingle *j = o->session;
    own_key(o, key);
    if (proxy65_parked(key))
        return true;
    socks_key(o->sid, o->from, o->to_raw, key);
    if (proxy65_parked(key))
        return true;
    socks_key(j->sid, o->from, o->to_raw, key);
    return proxy65_parked(key);
}

/* Neither side's words come in a certain order: this is called behind both. true: it is used, or the session
 * is over. */
static bool use_own(struct offer *o)
{
    const struct jingle *j = o->session;
    char key[SOCKS_KEY + 1];
    if (!j->failed || !j->chosen || o->stream || o->state != OFFER_ACCEPTED)
        return false;
    if (find_key(o, key))
        bytestreams_adopt(o, key);
    else
        offer_end(&o, REFUSE_PEER_UNREACHABLE);
    return true;
}

static void add_own(struct stanza *transport, const struct offer *o)
{
    char key[SOCKS_KEY + 1], port[8];
    struct stanza *own = stanza_child(transport, NULL, "candidate");
    own_key(o, key);
    snprintf(port, sizeof port, "%u", proxy65_port());
    stanza_set(transport, "dstaddr", key);
    stanza_set(own, "cid", OWN_CID);
    stanza_set(own, "host", conf_get()->proxy65_host);
    stanza_set(own, "jid", o->to_raw);
    stanza_set(own, "port", port);
    stanza_set(own, "priority", OWN_PRIORITY);
    stanza_set(own, "type", "direct");
}

/* --- what Ferry says --- */

void jingle_add_transport(struct stanza *content, const struct offer *o)
{
    const struct jingle *j = o->session;
    bool ibb = o->chosen == METHOD_IBB;
    struct stanza *transport = stanza_child(content, ibb ? NS_JINGLE_IBB : NS_JINGLE_S5B, "transport");
    stanza_set(transport, "sid", o->sid);
    if (!ibb)
        stanza_set(transport, "mode", "tcp");
    if (!ibb && j->offers)
        add_own(transport, o);
    if (ibb)
        stanza_set(transport, "block-size", arena_printf(content->arena, "%u", j->block));
}

/* transport-info with one word of a bytestream; cid NULL: none. */
static void say_info(const struct offer *o, const char *word, const char *cid)
{
    struct arena *arena = router_arena();
    struct stanza *jingle = jingle_say(arena, o, "transport-info");
    struct stanza *transport = stanza_child(jingle_content(jingle, o), NS_JINGLE_S5B, "transport");
    stanza_set(transport, "sid", o->sid);
    stanza_set(stanza_child(transport, NULL, word), "cid", cid);
    jingle_send(o, jingle, NULL);
    arena_put(arena);
}

void jingle_reached(struct offer *o, size_t which)
{
    const struct jingle *j = o->session;
    say_info(o, "candidate-used", j->host[which].cid);
}

void jingle_unreachable(struct offer *o)
{
    struct jingle *j = o->session;
    say_info(o, "candidate-error", NULL);
    j->failed = true;
    if (!use_own(o))
        jingle_fell(o, false);
}

/* --- SOCKS5 --- */

void jingle_connect(struct offer *o)
{
    const struct jingle *j = o->session;
    struct dial_host hosts[JINGLEFORM_CANDIDATES];
    int proxy = -1;
    if (o->chosen == METHOD_S5B && j->n_hosts == 0) {
        jingle_unreachable(o); /* which may be its end */
        return;
    }
    struct arena *arena = router_arena();
    for (size_t i = 0; i < j->n_hosts; i++) {
        hosts[i] =
            (struct dial_host){.host = j->host[i].host, .port = *j->host[i].port ? j->host[i].port : NULL};
        if (*j->dstaddr)
            memcpy(hosts[i].key, j->dstaddr, sizeof hosts[i].key);
        else
            socks_key(o->sid, o->from, o->to_raw, hosts[i].key);
        if (proxy < 0 && bytestreams_our_proxy(arena, j->host[i].jid))
            proxy = (int)i;
    }
    if (j->n_hosts > 0)
        bytestreams_connect(o, hosts, j->n_hosts, proxy);
    arena_put(arena);
}

int jingle_transport_info(struct offer *o, struct packet *p)
{
    struct jingle *j = o->session;
    const struct stanza *transport = jingleform_transport(p->payload);
    if (o->chosen != METHOD_S5B)
        return REFUSE_SESSION_INFO;
    if (!stanza_is(transport, NS_JINGLE_S5B, "transport"))
        return REFUSE_BAD_REQUEST;
    const struct stanza *used = stanza_find(transport, NULL, "candidate-used");
    if (used) {
        const char *cid = stanza_get(used, "cid");
        if (o->pinned && !j->offers && o->state == OFFER_ACCEPTED &&
            !o->stream) { /* one of his who has left */
            router_result(p, NULL);
            jingle_fell(o, true);
            return MOD_HANDLED;
        }
        if (!j->offers || !cid || strcmp(cid, OWN_CID) != 0)
            return REFUSE_NOT_FOUND;
        router_result(p, NULL);
        j->chosen = true;
        (void)use_own(o);
        return MOD_HANDLED;
    }
    bool dead = stanza_find(transport, NULL, "proxy-error") != NULL;
    if (dead && (o->state == OFFER_STORING || (o->state == OFFER_OPEN && !bytestreams_seat(o))))
        return REFUSE_SESSION_ORDER; /* bytes flow already, or have */
    router_result(p, NULL);
    if (dead && o->stream) {
        enum refuse r = offer_restart(o);
        j->failed = true;
        loop_timer_set(&o->timer, offer_wait_ms(OFFER_WAIT_INBAND));
        if (r != REFUSE_OK)
            offer_end(&o, r);
    }
    return MOD_HANDLED;
}

/* --- another transport --- */

static void answer_replace(const struct offer *o, const char *action, const struct stanza *theirs,
                           iq_answered *fn)
{
    struct arena *arena = router_arena();
    struct stanza *jingle = jingle_say(arena, o, action);
    struct stanza *content = jingle_content(jingle, o);
    if (theirs)
        stanza_add(content, stanza_copy(arena, theirs));
    else
        jingle_add_transport(content, o);
    jingle_send(o, jingle, fn);
    arena_put(arena);
}

static void on_replaced(void *arg, const struct stanza *answer)
{
    struct offer *o = ((struct jingle *)arg)->o;
    if (o->state == OFFER_ACCEPTED && !o->stream)
        jingle_connect(o);
}

void jingle_accept_replace(struct offer *o)
{
    answer_replace(o, "transport-accept", NULL, on_replaced);
}

/* Another open stream of his to that address with that id? */
static bool is_taken(const struct offer *o, const char *sid)
{
    const struct offer *other = NULL;
    while ((other = offer_walk(o->from, other)) != NULL)
        if (other != o && strcmp(other->sid, sid) == 0 && strcmp(other->to, o->to) == 0)
            return true;
    return false;
}

int jingle_transport_replace(struct offer *o, struct packet *p)
{
    const struct stanza *transport = jingleform_transport(p->payload);
    const char *sid;
    unsigned method;
    uint32_t block;
    if (o->state == OFFER_STORING ||
        (o->intake && o->state == OFFER_OPEN && intake_received(o->intake) > o->offset))
        return REFUSE_SESSION_ORDER;
    if (!transport)
        return REFUSE_BAD_REQUEST;
    enum refuse r = jingleform_stream(transport, &sid, &method, &block);
    if (r == REFUSE_BAD_REQUEST)
        return (int)r;
    router_result(p, NULL);
    if (r != REFUSE_OK || is_taken(o, sid)) {
        answer_replace(o, "transport-reject", transport, NULL);
        return MOD_HANDLED;
    }
    r = offer_restart(o);
    if (r != REFUSE_OK) {
        offer_end(&o, r);
        return MOD_HANDLED;
    }
    free(o->sid);
    o->sid = xstrdup(sid);
    jingle_take_transport(o, transport, method, block);
    o->chosen = method;
    char name[LOG_QUOTE];
    log_info("%s offer transport replaced sid=%s by=%s", o->from, log_quote(o->sid, name),
             method == METHOD_IBB ? "ibb" : "bytestreams");
    jingle_accept_replace(o);
    return MOD_HANDLED;
}

/* --- the sender does not replace what failed --- */

static void propose(struct offer *o)
{
    struct jingle *j = o->session;
    struct arena *arena = router_arena();
    struct stanza *jingle = jingle_say(arena, o, "transport-replace");
    struct stanza *transport = stanza_child(jingle_content(jingle, o), NS_JINGLE_IBB, "transport");
    random_token(j->proposed, sizeof j->proposed - 1);
    j->block = JINGLEFORM_BLOCK < inband_block_max() ? JINGLEFORM_BLOCK : inband_block_max();
    stanza_set(transport, "sid", j->proposed);
    stanza_set(transport, "block-size", arena_printf(arena, "%u", j->block));
    jingle_send(o, jingle, NULL);
    arena_put(arena);
}

void jingle_fell(struct offer *o, bool at_once)
{
    struct jingle *j = o->session;
    j->failed = true;
    if (at_once)
        propose(o);
    loop_timer_set(&o->timer, offer_wait_ms(OFFER_WAIT_INBAND));
}

/* First Ferry offers to take it in band; then the sender is sent a link to upload it by. A session that is
 * the receiver's, and into which no stream comes, becomes Ferry's. */
bool jingle_expired(struct offer *o)
{
    const struct jingle *j = o->session;
    if (o->owner == OFFER_OF_RECEIVER)
        return j->no_host[0] && j->no_host[1] && takeover_accepted(o, "unreachable");
    if (o->chosen != METHOD_S5B || !j->failed)
        return false;
    if (*j->proposed) {
        o->no_notice = true;
        invite_send(o);
        return false;
    }
    jingle_fell(o, true);
    return true;
}

int jingle_transport_answered(struct offer *o, struct packet *p, bool accepted)
{
    struct jingle *j = o->session;
    const struct stanza *transport = jingleform_transport(p->payload);
    const char *sid;
    unsigned method;
    uint32_t block;
    if (!*j->proposed || o->stream || o->state != OFFER_ACCEPTED)
        return REFUSE_SESSION_ORDER;
    if (!accepted) {
        router_result(p, NULL);
        o->no_notice = true;
        invite_send(o);
        offer_end(&o, REFUSE_PEER_UNREACHABLE);
        return MOD_HANDLED;
    }
    if (!transport || jingleform_stream(transport, &sid, &method, &block) != REFUSE_OK ||
        method != METHOD_IBB || strcmp(sid, j->proposed) != 0)
        return REFUSE_BAD_REQUEST;
    router_result(p, NULL);
    free(o->sid);
    o->sid = xstrdup(j->proposed);
    j->block = block < j->block ? block : j->block;
    j->proposed[0] = '\0';
    o->methods = o->chosen = METHOD_IBB;
    loop_timer_set(&o->timer, conf_get()->offers_answer_timeout);
    return MOD_HANDLED;
}
