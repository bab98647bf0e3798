/* jingle_out.c: see jingle_out.h.
 *
 * A session goes from the offer to the receiver's session-accept, which a person may take a while for; then,
 * by S5B, to his word about our proxy, the only host that Ferry offers: of his own none is dialled, so
 * candidate-error is said at once. When he cannot reach it, or is silent about it, the transport is replaced
 * by the in-band one; his own proposal to do so is taken. When all bytes are with him he may still find the
 * checksum wrong: <received/> or his session-terminate is waited for, a while, before it counts as fetched.
 *
 * Session and transport have one id: there is a client that opens, and knows, in-band streams by the
 * session's.
 */
#include "xmpp/mod/jingle_out.h"

#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/log.h"
#include "xmpp/offer.h"
#include "xmpp/proxy65.h"

#define ASK_MS 30000
#define SID_CHARS 22
#define CREATOR "initiator"
#define CONTENT "file"

enum step { OFFERED, CONNECTING, REPLACING, SENDING, SENT };

struct jingle_out {
    struct jingle_out *next;
    enum step step;
    uint64_t serial; /* the receiver's session */
    struct ferry_id id;
    char *from, *to, *sid, *creator, *content;
    char *stream; /* the transport's id */
    const char *app;
    int64_t offset, size; /* what he wants of it */
    unsigned method;
    uint32_t block;
    char key[SOCKS_KEY + 1]; /* at our proxy; empty: Ferry has offered none */
    bool over;               /* he has ended it */
    bool heard;              /* he says that he has it all */
    struct loop_timer timer;
    outgoing_ended *ended;
    void *arg;
};

static struct jingle_out *all;

/* --- what Ferry says --- */

static bool receiver_there(const struct jingle_out *j)
{
    const struct session *s = session_by_serial(j->serial);
    return s && s->state == SESSION_BOUND;
}

static struct stanza *say(const struct jingle_out *j, const char *action)
{
    struct stanza *iq = stanza_new(router_arena(), NS_CLIENT, "iq");
    stanza_set(iq, "type", "set");
    stanza_set(iq, "from", j->from);
    stanza_set(iq, "to", j->to);
    struct stanza *jingle = stanza_child(iq, NS_JINGLE, "jingle");
    stanza_set(jingle, "action", action);
    stanza_set(jingle, "initiator", j->from);
    stanza_set(jingle, "sid", j->sid);
    return jingle;
}

static struct stanza *content_of(struct stanza *jingle, const struct jingle_out *j)
{
    struct stanza *content = stanza_child(jingle, NULL, "content");
    stanza_set(content, "creator", j->creator);
    stanza_set(content, "name", j->content);
    stanza_set(content, "senders", "initiator");
    return content;
}

static void nobody_cares(void *arg, const struct stanza *answer)
{
}

static void send_off(struct stanza *jingle, int64_t wait, iq_answered *fn, struct jingle_out *j)
{
    router_ask(jingle->parent, wait, fn ? fn : nobody_cares, j);
    arena_put(jingle->arena);
}

static void add_transport(struct stanza *content, const struct jingle_out *j)
{
    if (j->method == METHOD_IBB)
        (void)jingleoffer_ibb(content, j->stream, j->block);
    else
        (void)jingleoffer_s5b(content, j->stream, j->key, mod_proxy(), conf_get()->proxy65_host,
                              proxy65_port());
}

static void say_info(const struct jingle_out *j, const char *word, const char *cid)
{
    struct stanza *jingle = say(j, "transport-info");
    struct stanza *transport = jingleoffer_s5b(content_of(jingle, j), j->stream, NULL, NULL, NULL, 0);
    stanza_set(stanza_child(transport, NULL, word), "cid", cid);
    send_off(jingle, ASK_MS, NULL, NULL);
}

/* --- the session's life --- */

static void enter(struct jingle_out *j, enum step to, int64_t wait)
{
    j->step = to;
    if (wait > 0)
        loop_timer_set(&j->timer, wait);
    else
        loop_timer_clear(&j->timer);
}

static void say_terminate(const struct jingle_out *j, enum refuse why)
{
    const struct session *s = session_by_serial(j->serial);
    struct stanza *jingle = say(j, "session-terminate");
    jingleform_add_reason(jingle, why, s ? s->lang : "");
    send_off(jingle, ASK_MS, NULL, NULL);
}

/* why: what he is told, unless he has ended it, or left. */
static void end(struct jingle_out *j, enum outgoing_end how, enum refuse why)
{
    static const char *const words[] = {
        [OUTGOING_COMPLETED] = "completed", [OUTGOING_DECLINED] = "declined", [OUTGOING_FAILED] = "failed",
        [OUTGOING_LEFT] = "receiver left",  [OUTGOING_GONE] = "gone",         [OUTGOING_CANNOT] = "cannot"};
    outgoing_ended *ended = j->ended;
    void *arg = j->arg;
    struct jingle_out **at = &all;
    char sid[LOG_QUOTE];
    while (*at != j)
        at = &(*at)->next;
    *at = j->next;
    log_info("%s jingle-out %s to=%s sid=%s", j->id.text, words[how], j->to, log_quote(j->sid, sid));
    if (!j->over && receiver_there(j))
        say_terminate(j, why);
    if (how == OUTGOING_COMPLETED && !ended)
        transfer_fetched(mod_storage(), &j->id);
    loop_timer_clear(&j->timer);
    router_ask_forget(j);
    outgoing_forget(j);
    free(j->from);
    free(j->to);
    free(j->sid);
    free(j->creator);
    free(j->content);
    free(j->stream);
    free(j);
    if (ended)
        ended(arg, how);
}

/* --- the bytes --- */

static void on_streamed(void *arg, enum outgoing_end how)
{
    struct jingle_out *j = arg;
    if (how == OUTGOING_COMPLETED && !j->heard && receiver_there(j))
        enter(j, SENT, offer_wait_ms(OFFER_WAIT_INBAND));
    else if (how == OUTGOING_COMPLETED)
        end(j, how, REFUSE_OK);
    else if (how == OUTGOING_GONE)
        end(j, how, REFUSE_REMOVED);
    else
        end(j, how, how == OUTGOING_DECLINED ? REFUSE_DECLINED : REFUSE_BROKEN_OFF);
}

static void stream(struct jingle_out *j, const char *key)
{
    const struct outgoing_terms terms = {
        .id = &j->id,
        .offset = j->offset,
        .size = j->size,
        .from = j->from,
        .to = j->to,
        .sid = j->stream,
        .methods = METHOD_IBB,
        .key = key,
        .block = j->block,
        .ended = on_streamed,
        .arg = j,
    };
    enter(j, SENDING, 0);
    if (!outgoing_start(&terms))
        end(j, OUTGOING_FAILED, REFUSE_TOO_MANY_OFFERS);
}

static void on_replace_answered(void *arg, const struct stanza *answer)
{
    struct jingle_out *j = arg;
    const char *type = answer ? stanza_get(answer, "type") : "";
    if (j->step == REPLACING && type && strcmp(type, "error") == 0)
        end(j, OUTGOING_FAILED, REFUSE_PEER_UNREACHABLE);
}

static void replace(struct jingle_out *j)
{
    struct stanza *jingle = say(j, "transport-replace");
    j->method = METHOD_IBB;
    j->block = JINGLEFORM_BLOCK;
    add_transport(content_of(jingle, j), j);
    enter(j, REPLACING, offer_wait_ms(OFFER_WAIT_STREAM));
    send_off(jingle, ASK_MS, on_replace_answered, j);
}

/* He has named our proxy. One who is not connected after all hears it, and then the other transport. */
static void connected(struct jingle_out *j)
{
    if (!proxy65_parked(j->key)) {
        say_info(j, "proxy-error", NULL);
        replace(j);
        return;
    }
    say_info(j, "activated", JINGLEOFFER_CID);
    stream(j, j->key);
}

/* --- what he says --- */

/* What he has accepted begins. */
static void go_on(struct jingle_out *j, const struct packet *p, uint32_t block)
{
    if (!jingleoffer_part(p->payload, &j->offset, &j->size)) {
        end(j, OUTGOING_FAILED, REFUSE_RANGE);
        return;
    }
    j->block = block < j->block ? block : j->block;
    if (j->method == METHOD_IBB) {
        stream(j, NULL);
    } else if (*j->key) {
        say_info(j, "candidate-error", NULL);
        enter(j, CONNECTING, offer_wait_ms(OFFER_WAIT_STREAM));
    } else {
        replace(j);
    }
}

static int on_accept(struct jingle_out *j, struct packet *p)
{
    const struct stanza *transport = jingleform_transport(p->payload);
    const char *sid;
    unsigned method;
    uint32_t block;
    if (j->step != OFFERED)
        return REFUSE_SESSION_ORDER;
    if (!transport || jingleform_stream(transport, &sid, &method, &block) != REFUSE_OK || method != j->method)
        return REFUSE_BAD_REQUEST;
    router_result(p, NULL);
    go_on(j, p, block);
    return MOD_HANDLED;
}

static int on_info(struct jingle_out *j, struct packet *p)
{
    const struct stanza *transport = jingleform_transport(p->payload);
    if (!stanza_is(transport, NS_JINGLE_S5B, "transport"))
        return REFUSE_BAD_REQUEST;
    const struct stanza *used = stanza_find(transport, NULL, "candidate-used");
    const char *cid = used ? stanza_get(used, "cid") : NULL;
    if (used && (!cid || strcmp(cid, JINGLEOFFER_CID) != 0))
        return REFUSE_NOT_FOUND;
    if (used && j->step != CONNECTING)
        return REFUSE_SESSION_ORDER;
    router_result(p, NULL);
    if (used)
        connected(j);
    else if (j->step == CONNECTING &&
             (stanza_find(transport, NULL, "candidate-error") || stanza_find(transport, NULL, "proxy-error")))
        replace(j);
    return MOD_HANDLED;
}

/* Of his own he may propose what Ferry would have proposed. */
static int on_replace(struct jingle_out *j, struct packet *p)
{
    const struct stanza *transport = jingleform_transport(p->payload);
    const char *sid;
    unsigned method;
    uint32_t block;
    enum refuse r = transport ? jingleform_stream(transport, &sid, &method, &block) : REFUSE_BAD_REQUEST;
    if (j->step != CONNECTING)
        return REFUSE_SESSION_ORDER; /* of two proposals the initiator's holds */
    if (r == REFUSE_BAD_REQUEST)
        return (int)r;
    router_result(p, NULL);
    bool taken = r == REFUSE_OK && method == METHOD_IBB;
    struct stanza *jingle = say(j, taken ? "transport-accept" : "transport-reject");
    if (taken) {
        free(j->stream);
        j->stream = xstrdup(sid);
        j->method = METHOD_IBB;
        j->block = block < JINGLEFORM_BLOCK ? block : JINGLEFORM_BLOCK;
        add_transport(content_of(jingle, j), j);
    } else {
        stanza_add(content_of(jingle, j), stanza_copy(jingle->arena, transport));
    }
    send_off(jingle, ASK_MS, NULL, NULL);
    if (taken)
        stream(j, NULL);
    return MOD_HANDLED;
}

static int on_replaced(struct jingle_out *j, struct packet *p, bool accepted)
{
    const struct stanza *transport = jingleform_transport(p->payload);
    const char *sid;
    unsigned method;
    uint32_t block;
    if (j->step != REPLACING)
        return REFUSE_SESSION_ORDER;
    if (accepted && (!transport || jingleform_stream(transport, &sid, &method, &block) != REFUSE_OK ||
                     method != METHOD_IBB))
        return REFUSE_BAD_REQUEST;
    router_result(p, NULL);
    if (accepted) {
        j->block = block < j->block ? block : j->block;
        stream(j, NULL);
    } else {
        end(j, OUTGOING_FAILED, REFUSE_PEER_UNREACHABLE);
    }
    return MOD_HANDLED;
}

/* He says that he has it all: true, and the session is over, if he can. */
static bool confirmed(struct jingle_out *j)
{
    if (j->step == SENT) {
        end(j, OUTGOING_COMPLETED, REFUSE_OK);
        return true;
    }
    j->heard = true;
    if (j->step == SENDING && outgoing_received(j))
        return true;
    j->heard = false;
    return false;
}

static int on_session_info(struct jingle_out *j, struct packet *p)
{
    const struct stanza *info = stanza_first_element(p->payload);
    if (info && !stanza_is(info, j->app, "received"))
        return REFUSE_SESSION_INFO;
    router_result(p, NULL); /* an empty one asks whether the session lives */
    if (info)
        (void)confirmed(j);
    return MOD_HANDLED;
}

static int on_terminate(struct jingle_out *j, struct packet *p)
{
    enum jingleoffer_why why = jingleoffer_why(stanza_find(p->payload, NULL, "reason"));
    bool offered = j->step == OFFERED;
    j->over = true;
    router_result(p, NULL);
    if (why == JINGLEOFFER_SUCCESS && confirmed(j))
        return MOD_HANDLED;
    if (why == JINGLEOFFER_NO || why == JINGLEOFFER_SUCCESS)
        end(j, OUTGOING_DECLINED, REFUSE_OK);
    else
        end(j, offered && why == JINGLEOFFER_CANNOT ? OUTGOING_CANNOT : OUTGOING_FAILED, REFUSE_OK);
    return MOD_HANDLED;
}

static struct jingle_out *find(const struct packet *p, const char *sid)
{
    struct jingle_out *j = sid ? all : NULL;
    while (j && (j->serial != p->from_session->serial || strcmp(j->sid, sid) != 0 ||
                 strcmp(j->from, p->to.text) != 0))
        j = j->next;
    return j;
}

int jingle_out_takes(struct packet *p, const char *action, const char *sid)
{
    struct jingle_out *j = find(p, sid);
    if (!j)
        return MOD_PASS;
    if (strcmp(action, "session-accept") == 0)
        return on_accept(j, p);
    if (strcmp(action, "session-terminate") == 0 || strcmp(action, "content-remove") == 0)
        return on_terminate(j, p);
    if (strcmp(action, "session-info") == 0)
        return on_session_info(j, p);
    if (strcmp(action, "transport-info") == 0)
        return on_info(j, p);
    if (strcmp(action, "transport-replace") == 0)
        return on_replace(j, p);
    if (strcmp(action, "transport-accept") == 0 || strcmp(action, "transport-reject") == 0)
        return on_replaced(j, p, strcmp(action, "transport-accept") == 0);
    return strcmp(action, "session-initiate") == 0 ? REFUSE_SESSION_ORDER : REFUSE_FEATURE_UNKNOWN;
}

/* --- beginnings --- */

static void on_offered(void *arg, const struct stanza *answer)
{
    struct jingle_out *j = arg;
    const struct stanza *error = answer ? stanza_find(answer, NULL, "error") : NULL;
    if (j->step != OFFERED)
        return;
    j->over = error != NULL;
    if (error && jingleoffer_error(error) == JINGLEOFFER_CANNOT)
        end(j, OUTGOING_CANNOT, REFUSE_OK);
    else if (error)
        end(j, OUTGOING_DECLINED, REFUSE_OK);
    else if (!receiver_there(j))
        end(j, OUTGOING_LEFT, REFUSE_OK);
}

/* Nobody decides, or his client is silent about our proxy or the other transport; or all is sent, and he has
 * no word for it. */
static void on_time(void *arg)
{
    struct jingle_out *j = arg;
    if (j->step == SENT)
        end(j, OUTGOING_COMPLETED, REFUSE_OK);
    else if (j->step == CONNECTING)
        replace(j);
    else
        end(j, OUTGOING_FAILED, REFUSE_TIMEOUT);
}

static struct jingle_out *new_session(const struct jingle_out_terms *terms, const struct session *s,
                                      const struct jingle_out_session *of)
{
    struct jingle_out *j = xcalloc(1, sizeof *j);
    j->serial = s->serial;
    j->id = *terms->id;
    j->from = xstrdup(terms->from);
    j->to = xstrdup(s->jid.text);
    j->sid = xstrdup(of->sid);
    j->creator = xstrdup(of->creator);
    j->content = xstrdup(of->content);
    j->app = terms->file.app;
    j->size = terms->file.size;
    j->block = JINGLEFORM_BLOCK;
    j->ended = terms->ended;
    j->arg = terms->arg;
    loop_timer_init(&j->timer, mod_loop(), on_time, j);
    j->next = all;
    all = j;
    return j;
}

bool jingle_out_start(const struct jingle_out_terms *terms)
{
    const struct session *s = registry_full(terms->to);
    char sid[SID_CHARS + 1];
    random_token(sid, SID_CHARS);
    if (!s)
        return false;
    struct jingle_out *j = new_session(
        terms, s, &(struct jingle_out_session){.sid = sid, .creator = CREATOR, .content = CONTENT});
    j->stream = xstrdup(sid);
    j->method = (terms->methods & METHOD_S5B) && proxy65_port() ? METHOD_S5B : METHOD_IBB;
    if (j->method == METHOD_S5B)
        socks_key(j->stream, j->from, j->to, j->key);
    struct stanza *jingle = say(j, "session-initiate");
    struct stanza *content = content_of(jingle, j);
    jingleoffer_describe(content, &terms->file);
    add_transport(content, j);
    enter(j, OFFERED, conf_get()->offers_answer_timeout);
    send_off(jingle, conf_get()->offers_answer_timeout, on_offered, j);
    return true;
}

bool jingle_out_adopt(const struct jingle_out_terms *terms, const struct jingle_out_session *session,
                      const struct packet *p)
{
    const struct stanza *transport = jingleform_transport(p->payload);
    const char *sid;
    unsigned method;
    uint32_t block;
    if (!transport || jingleform_stream(transport, &sid, &method, &block) != REFUSE_OK)
        return false;
    struct jingle_out *j = new_session(terms, p->from_session, session);
    j->stream = xstrdup(sid);
    j->method = method;
    go_on(j, p, block);
    return true;
}

void jingle_out_forget(const void *arg)
{
    struct jingle_out *j = all;
    while (j && !(j->ended && j->arg == arg))
        j = j->next;
    if (j) {
        j->ended = NULL;
        end(j, OUTGOING_FAILED, REFUSE_TIMEOUT);
    }
}

/* A connection may go on without him. */
static void session_gone(struct session *s)
{
    for (struct jingle_out *j = all; j;) {
        if (j->serial == s->serial && j->step != SENDING) {
            end(j, j->step == SENT ? OUTGOING_COMPLETED : OUTGOING_LEFT, REFUSE_OK);
            j = all; /* its end may have begun or ended others */
        } else {
            j = j->next;
        }
    }
}

static void stop(void)
{
    while (all) {
        all->ended = NULL;
        all->over = true;
        end(all, OUTGOING_FAILED, REFUSE_OK);
    }
}

static const struct mod mod_jingle_out = {.name = "jingle_out", .stop = stop, .session_gone = session_gone};
MOD_REGISTER(mod_jingle_out);
