/* jingle_out.c: see jingle_out.h.
 *
 * A session goes from the offer to the receiver's session-accept, which a person may take a while for, and
 * then by its transport (jingle_out_streams.c) to the last byte. When all bytes are with him he may still
 * find the checksum wrong: <received/> or his session-terminate is waited for, a while, before it counts as
 * fetched.
 *
 * Session and transport have one id: there is a client that opens, and knows, in-band streams by the
 * session's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/log.h"
#include "xmpp/mod/jingle_out_session.h"
#include "xmpp/proxy65.h"

#define ASK_MS 30000 /* but never longer than half of what a person has */
#define SID_CHARS 22
#define CREATOR "initiator"
#define CONTENT "file"

static struct jingle_out *all;

/* --- what Ferry says --- */

bool jingle_out_there(const struct jingle_out *j)
{
    const struct session *s = session_by_serial(j->serial);
    return s && s->state == SESSION_BOUND;
}

struct stanza *jingle_out_say(const struct jingle_out *j, const char *action)
{
    const struct jingleform_line line = {.from = j->from, .to = j->to, .initiator = j->from, .sid = j->sid};
    return jingleform_say(router_arena(), &line, action);
}

struct stanza *jingle_out_content(struct stanza *jingle, const struct jingle_out *j)
{
    struct stanza *content = jingleform_content(jingle, j->creator, j->content);
    stanza_set(content, "senders", "initiator");
    return content;
}

static void nobody_cares(void *arg, const struct stanza *answer)
{
}

void jingle_out_send(struct stanza *jingle, iq_answered *fn, struct jingle_out *j)
{
    int64_t half = conf_get()->offers_answer_timeout / 2;
    router_ask(jingle->parent, half < ASK_MS ? half : ASK_MS, fn ? fn : nobody_cares, j);
    arena_put(jingle->arena);
}

/* --- the session's life --- */

void jingle_out_enter(struct jingle_out *j, enum jingle_out_step to, int64_t wait)
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
    struct stanza *jingle = jingle_out_say(j, "session-terminate");
    jingleform_add_reason(jingle, why, s ? s->lang : "");
    jingle_out_send(jingle, NULL, NULL);
}

/* why: what he is told, unless he has ended it, or left. */
void jingle_out_end(struct jingle_out *j, enum outgoing_end how, enum refuse why)
{
    static const char *const words[] = {
        [OUTGOING_COMPLETED] = "completed", [OUTGOING_DECLINED] = "declined", [OUTGOING_FAILED] = "failed",
        [OUTGOING_LEFT] = "receiver left",  [OUTGOING_GONE] = "gone",         [OUTGOING_CANNOT] = "cannot",
        [OUTGOING_SILENT] = "silent"};
    outgoing_ended *ended = j->ended;
    void *arg = j->arg;
    struct jingle_out **at = &all;
    char sid[LOG_QUOTE];
    while (*at != j)
        at = &(*at)->next;
    *at = j->next;
    log_info("%s jingle-out %s to=%s sid=%s", j->id.text, words[how], j->to, log_quote(j->sid, sid));
    if (!j->over && jingle_out_there(j))
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

/* --- what he says --- */

/* He says that he has it all: true, and the session is over, if he can. */
static bool confirmed(struct jingle_out *j)
{
    if (j->step == JINGLE_OUT_SENT) {
        jingle_out_end(j, OUTGOING_COMPLETED, REFUSE_OK);
        return true;
    }
    j->heard = true;
    if (j->step == JINGLE_OUT_SENDING && outgoing_received(j))
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

/* He ends it, or would have it ended. */
static int on_end(struct jingle_out *j, struct packet *p)
{
    enum jingleoffer_why why = jingleoffer_why(stanza_find(p->payload, NULL, "reason"));
    bool offered = j->step == JINGLE_OUT_OFFERED;
    router_result(p, NULL);
    if (why == JINGLEOFFER_SUCCESS && confirmed(j))
        return MOD_HANDLED;
    if (why == JINGLEOFFER_NO || why == JINGLEOFFER_SUCCESS)
        jingle_out_end(j, OUTGOING_DECLINED, REFUSE_DECLINED);
    else
        jingle_out_end(j, offered && why == JINGLEOFFER_CANNOT ? OUTGOING_CANNOT : OUTGOING_FAILED,
                       REFUSE_BROKEN_OFF);
    return MOD_HANDLED;
}

static int on_terminate(struct jingle_out *j, struct packet *p)
{
    j->over = true;
    return on_end(j, p);
}

/* A session without its one content is void, and it is ours to say so (XEP-0166: content-remove). */
static int on_remove(struct jingle_out *j, struct packet *p)
{
    return jingleform_names(p->payload, j->creator, j->content) ? on_end(j, p) : REFUSE_NOT_FOUND;
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
        return jingle_out_accept(j, p);
    if (strcmp(action, "session-terminate") == 0)
        return on_terminate(j, p);
    if (strcmp(action, "content-remove") == 0)
        return on_remove(j, p);
    if (strcmp(action, "session-info") == 0)
        return on_session_info(j, p);
    if (strcmp(action, "transport-info") == 0)
        return jingle_out_info(j, p);
    if (strcmp(action, "transport-replace") == 0)
        return jingle_out_proposal(j, p);
    if (strcmp(action, "transport-accept") == 0 || strcmp(action, "transport-reject") == 0)
        return jingle_out_replaced(j, p, strcmp(action, "transport-accept") == 0);
    return strcmp(action, "session-initiate") == 0 ? REFUSE_SESSION_ORDER : REFUSE_FEATURE_UNKNOWN;
}

/* --- beginnings --- */

static void on_offered(void *arg, const struct stanza *answer)
{
    struct jingle_out *j = arg;
    const struct stanza *error = answer ? stanza_find(answer, NULL, "error") : NULL;
    if (j->step != JINGLE_OUT_OFFERED)
        return;
    j->over = error != NULL;
    if (error && jingleoffer_error(error) == JINGLEOFFER_CANNOT)
        jingle_out_end(j, OUTGOING_CANNOT, REFUSE_OK);
    else if (error)
        jingle_out_end(j, OUTGOING_DECLINED, REFUSE_OK);
    else if (!jingle_out_there(j))
        jingle_out_end(j, OUTGOING_LEFT, REFUSE_OK);
    else if (!answer) /* it is his client that answers this, at once */
        jingle_out_end(j, OUTGOING_CANNOT, REFUSE_TIMEOUT);
}

/* Nobody decides, or his client is silent about our proxy or the other transport; or all is sent, and he has
 * no word for it. */
static void on_time(void *arg)
{
    struct jingle_out *j = arg;
    if (j->step == JINGLE_OUT_SENT)
        jingle_out_end(j, OUTGOING_COMPLETED, REFUSE_OK);
    else if (j->step == JINGLE_OUT_CONNECTING)
        jingle_out_replace(j);
    else
        jingle_out_end(j, j->step == JINGLE_OUT_OFFERED ? OUTGOING_SILENT : OUTGOING_FAILED, REFUSE_TIMEOUT);
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
    struct stanza *jingle = jingle_out_say(j, "session-initiate");
    struct stanza *content = jingle_out_content(jingle, j);
    jingleoffer_describe(content, &terms->file);
    jingle_out_transport(content, j);
    jingle_out_enter(j, JINGLE_OUT_OFFERED, conf_get()->offers_answer_timeout);
    jingle_out_send(jingle, on_offered, j);
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
    jingle_out_go_on(j, p, block);
    return true;
}

void jingle_out_forget(const void *arg)
{
    struct jingle_out *j = all;
    while (j && !(j->ended && j->arg == arg))
        j = j->next;
    if (j) {
        j->ended = NULL;
        jingle_out_end(j, OUTGOING_FAILED, REFUSE_TIMEOUT);
    }
}

/* A connection may go on without him. */
static void session_gone(struct session *s)
{
    for (struct jingle_out *j = all; j;) {
        if (j->serial == s->serial && j->step != JINGLE_OUT_SENDING) {
            jingle_out_end(j, j->step == JINGLE_OUT_SENT ? OUTGOING_COMPLETED : OUTGOING_LEFT, REFUSE_OK);
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
        jingle_out_end(all, OUTGOING_FAILED, REFUSE_OK);
    }
}

static const struct mod mod_jingle_out = {.name = "jingle_out", .stop = stop, .session_gone = session_gone};
MOD_REGISTER(mod_jingle_out);
