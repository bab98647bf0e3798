/* jingle.c: Jingle file transfer (XEP-0234): to people who are not there, or whose client cannot, Ferry is
 * the responder in their name; to a resource that is there the session goes through, pinned to it.
 *
 * A session is an offer record (offer.h) with words of its own: its bytes come by ibb.c and bytestreams.c,
 * its caps, clocks and notices are those of every offer. Here is what only Jingle has: session-accept after
 * storage's leave, checksums that may come late, <received/> after the durable commit, and a
 * session-terminate whose reason is the refusal's.
 *
 * Refusals: what says "there is nobody like that" is the answer to the session-initiate itself, as it is for
 * any iq to somebody who is not there; all others are the reason of a session-terminate behind its result
 * (XEP-0166, section 6.3).
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "xmpp/invite.h"
#include "xmpp/mod/ibb.h"
#include "xmpp/mod/jingle.h"
#include "xmpp/mod/jingle_out.h"
#include "xmpp/unfinished.h"

#define SUM_WAIT_MS 5000 /* how long a promised checksum is waited for when all bytes are here */

static const struct offer_side side;

struct jingle *jingle_of(const struct offer *o)
{
    return o->side == &side ? o->session : NULL;
}

/* --- the session's life --- */

static void on_accept_answered(void *arg, const struct stanza *answer)
{
    struct jingle *j = arg;
    struct offer *o = j->o;
    const char *type = answer ? stanza_get(answer, "type") : NULL;
    if (type && strcmp(type, "error") == 0) {
        j->over = true; /* he knows of no session */
        if (o->state != OFFER_STORING)
            offer_end(&o, REFUSE_BROKEN_OFF);
    } else if (o->state == OFFER_ACCEPTED && !o->stream) {
        jingle_connect(o);
    }
}

static bool is_absence(enum refuse r)
{
    return r == REFUSE_UNKNOWN_USER || r == REFUSE_BLOCKED || r == REFUSE_UNAVAILABLE;
}

/* What is kept of it has been looked for. Who offers the end of a file alone is to have brought the rest. */
static void accept_session(struct offer *o)
{
    const struct jingle *j = o->session;
    if (j->offset > 0 && j->offset != o->offset) {
        offer_end(&o, REFUSE_ONE_FILE);
        return;
    }
    offer_accept(o, o->methods);
    jingle_say_accept(o, on_accept_answered);
}

static void on_asked(struct offer *o, enum refuse r)
{
    struct jingle *j = o->session;
    if (o->answer && !is_absence(r)) {
        j->told = true;
        pending_result(&o->answer, NULL);
    }
    if (r != REFUSE_OK)
        offer_end(&o, r);
    else
        unfinished_find(o, accept_session);
}

void jingle_ask(struct offer *o)
{
    offer_ask(o, on_asked);
}

static void commit(struct offer *o)
{
    struct jingle *j = o->session;
    loop_timer_clear(&j->wait);
    if (j->sum.sums.has)
        intake_expect(o->intake, &j->sum.sums);
    intake_commit(o->intake);
}

static void on_wait_over(void *arg)
{
    struct jingle *j = arg;
    commit(j->o);
}

static void on_whole(struct offer *o)
{
    struct jingle *j = o->session;
    const struct session *s = session_by_serial(o->from_serial);
    if (jingleform_sum_awaited(&j->sum) && !j->over && s && s->state == SESSION_BOUND)
        loop_timer_set(&j->wait, SUM_WAIT_MS);
    else
        commit(o);
}

static void on_ended(struct offer *o, enum refuse why)
{
    struct jingle *j = o->session;
    if (o->owner == OFFER_OF_FERRY && j->told && !j->over) {
        if (why == REFUSE_OK)
            jingle_say_received(o);
        jingle_say_terminate(o, why);
    }
    j->over = true;
    if (o->owner == OFFER_OF_FERRY)
        jingle_dismiss(o);
    router_ask_forget(j);
    loop_timer_clear(&j->wait);
}

static void on_free(struct offer *o)
{
    struct jingle *j = TAKE(o->session);
    jingle_free_transport(j);
    arena_put(j->yes_arena);
    free(j->sid);
    free(j->replace_id);
    free(j->creator);
    free(j->content);
    free(j->name);
    free(j);
}

static bool is_over(const struct offer *o)
{
    const struct jingle *j = o->session;
    return o->owner == OFFER_OF_RECEIVER && j->over;
}

static const struct offer_side side = {
    .took = TOOK_JINGLE,
    .is_over = is_over,
    .take = jingle_take,
    .may_adopt = jingle_may_adopt,
    .adopted = jingle_adopted,
    .left = jingle_left,
    .refused = jingle_refused,
    .goes_on = jingle_goes_on,
    .awaits = jingle_awaits,
    .late_answer = jingle_late_answer,
    .send_late = jingle_send_late,
    .expired = jingle_expired,
    .whole = on_whole,
    .reached = jingle_reached,
    .unreachable = jingle_unreachable,
    .ended = on_ended,
    .free = on_free,
};

static struct offer *open_session(struct packet *p, const struct jingleform *form, enum offer_owner owner)
{
    struct offer *o = offer_new(p, &form->file, owner);
    struct jingle *j = xcalloc(1, sizeof *j);
    j->o = o;
    j->sid = xstrdup(form->sid);
    j->creator = xstrdup(form->creator ? form->creator : "initiator");
    j->content = xstrdup(form->content);
    j->name = xstrdup(form->name);
    j->app = form->app;
    j->sum = form->sum;
    j->offset = form->offset;
    loop_timer_init(&j->wait, mod_loop(), on_wait_over, j);
    o->side = &side;
    o->session = j;
    o->has_sums = j->sum.sums.has != 0;
    if (o->has_sums)
        sums_digest(&j->sum.sums, o->sums);
    jingle_take_transport(o, form->transport, form->file.methods, form->block);
    return o;
}

/* --- session-initiate --- */

/* The open session that p's sender has with p's address. */
static struct offer *find(const struct packet *p, const char *sid)
{
    struct offer *o = NULL;
    while (sid && p->to_raw && (o = offer_walk(p->from.text, o)) != NULL) {
        const struct jingle *j = jingle_of(o);
        if (j && o->state != OFFER_LATE && strcmp(j->sid, sid) == 0 &&
            (strcmp(o->to_raw, p->to_raw) == 0 || strcmp(o->to, p->to.text) == 0))
            return o;
    }
    return NULL;
}

/* An id that is in use. One of a session that is over, or of his that has died, gives way. */
static enum refuse may_open(struct packet *p, const struct jingleform *form)
{
    struct offer *same = find(p, form->sid);
    if (same && is_over(same))
        offer_end(&same, REFUSE_OK);
    if (same && (same->from_serial == p->from_session->serial || same->state == OFFER_STORING))
        return REFUSE_SESSION_ORDER;
    if (same)
        offer_end(&same, REFUSE_BROKEN_OFF);
    return offer_may_open(p, form->file.sid);
}

/* Nobody is there: Ferry accepts for him, if it may. */
static int take_over(struct packet *p, const struct jingleform *form, enum refuse r, const char *detail)
{
    const char *sid = jingleform_sid(p->payload);
    if (!conf_get()->offers_takeover || mod_draining())
        return REFUSE_UNAVAILABLE;
    if (r == REFUSE_BAD_REQUEST || !sid) {
        router_refuse(p, REFUSE_BAD_REQUEST, detail);
        return MOD_HANDLED;
    }
    if (r == REFUSE_OK && form->file.size > conf_get()->storage_max_file_size)
        r = REFUSE_OFFER_TOO_BIG;
    if (r == REFUSE_OK)
        r = may_open(p, form);
    if (r == REFUSE_SESSION_ORDER || r == REFUSE_OFFER_DUPLICATE)
        return (int)REFUSE_SESSION_ORDER;
    if (r == REFUSE_NO_VALID_STREAMS)
        invite_packet(p, &form->file);
    if (r != REFUSE_OK)
        return jingle_turn_down(p, sid, r);
    struct offer *o = open_session(p, form, OFFER_OF_FERRY);
    o->answer = router_hold(p);
    jingle_ask(o);
    return MOD_HANDLED;
}

static int route(struct packet *p, const struct jingleform *form, struct session *s)
{
    enum refuse r = may_open(p, form);
    if (r != REFUSE_OK)
        return r == REFUSE_OFFER_DUPLICATE ? REFUSE_SESSION_ORDER : (int)r;
    struct offer *o = open_session(p, form, OFFER_OF_RECEIVER);
    offer_pin(o, s);
    if (!offer_forward(o, p))
        offer_end(&o, REFUSE_OK);
    return MOD_HANDLED;
}

static int on_initiate(struct packet *p)
{
    struct jingleform form;
    const char *detail;
    struct session *s = offer_resource(p);
    if (!jingleform_is_file(p->payload))
        return MOD_PASS; /* a call, say: that needs the person */
    if (!p->to_raw)
        return REFUSE_OFFER_NO_ADDRESS;
    enum refuse r = jingleform_read(p->payload, &form, &detail);
    if (s && r == REFUSE_OK)
        return route(p, &form, s);
    if (s && !jid_is_bare(&p->to))
        return MOD_PASS; /* what Ferry does not understand they may */
    return take_over(p, &form, r, detail);
}

/* --- what the sender says in a session that is Ferry's --- */

/* A person's word: what has come is not to be gone on with. */
static bool cancels(const struct stanza *reason)
{
    return reason && (stanza_find(reason, NULL, "cancel") || stanza_find(reason, NULL, "decline"));
}

/* He ends it. With success, what has come is the file, if it is whole; bytes may still be on their way in a
 * bytestream. */
static int on_terminate(struct offer *o, struct packet *p)
{
    struct jingle *j = o->session;
    const struct stanza *reason = stanza_find(p->payload, NULL, "reason");
    bool success = reason && stanza_find(reason, NULL, "success");
    j->over = true;
    router_result(p, NULL);
    if (o->state == OFFER_STORING) {
        if (loop_timer_pending(&j->wait))
            commit(o);
        return MOD_HANDLED; /* all of it is here */
    }
    if (success && o->unsized && ibb_finish(o)) /* in band his word is behind the last byte */
        return MOD_HANDLED;
    if (success && o->state == OFFER_OPEN && (o->chosen == METHOD_S5B || intake_whole(o->intake)))
        return MOD_HANDLED; /* the stream's own end, or its clock, decides */
    if (o->state == OFFER_ASKED && o->answer)
        pending_result(&o->answer, NULL);
    o->no_notice = !success;
    offer_end(&o, cancels(reason) ? REFUSE_DECLINED : REFUSE_BROKEN_OFF);
    return MOD_HANDLED;
}

/* He takes the one content away: a session without any is void, and it is ours to end it (XEP-0166:
 * content-remove). */
static int on_remove(struct offer *o, struct packet *p)
{
    struct jingle *j = o->session;
    if (!jingleform_names(p->payload, j->creator, j->content))
        return REFUSE_NOT_FOUND;
    router_result(p, NULL);
    if (o->state == OFFER_STORING)
        return MOD_HANDLED; /* all of it is here, and he hears so */
    if (o->answer && o->state == OFFER_ASKED) {
        j->told = true;
        pending_result(&o->answer, NULL);
    }
    o->no_notice = true;
    offer_end(&o, cancels(stanza_find(p->payload, NULL, "reason")) ? REFUSE_DECLINED : REFUSE_BROKEN_OFF);
    return MOD_HANDLED;
}

static int on_info(struct offer *o, struct packet *p)
{
    struct jingle *j = o->session;
    const struct stanza *info = stanza_first_element(p->payload);
    if (info && !stanza_is(info, j->app, "checksum"))
        return REFUSE_SESSION_INFO;
    router_result(p, NULL); /* an empty one asks whether the session lives */
    if (info)
        jingleform_sum(stanza_find(info, NULL, "file"), &j->sum);
    if (!jingleform_sum_awaited(&j->sum) && loop_timer_pending(&j->wait))
        commit(o);
    return MOD_HANDLED;
}

static int on_action(struct offer *o, struct packet *p, const char *action)
{
    static const char *const known[] = {"content-add",    "content-modify",   "content-accept",
                                        "content-reject", "description-info", "security-info"};

    if (strcmp(action, "session-terminate") == 0)
        return on_terminate(o, p);
    if (strcmp(action, "content-remove") == 0)
        return on_remove(o, p);
    if (o->state == OFFER_ASKED)
        return REFUSE_SESSION_ORDER;
    if (strcmp(action, "session-info") == 0)
        return on_info(o, p);
    if (strcmp(action, "transport-info") == 0)
        return jingle_transport_info(o, p);
    if (strcmp(action, "transport-replace") == 0)
        return jingle_transport_replace(o, p);
    if (strcmp(action, "transport-accept") == 0 || strcmp(action, "transport-reject") == 0)
        return jingle_transport_answered(o, p, strcmp(action, "transport-accept") == 0);
    if (strcmp(action, "session-accept") == 0)
        return REFUSE_SESSION_ORDER;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(action, known[i]) == 0)
            return REFUSE_FEATURE_UNKNOWN;
    return REFUSE_BAD_REQUEST;
}

/* --- where it goes --- */

static int on_jingle(struct packet *p)
{
    const char *action = stanza_get(p->payload, "action"), *sid = jingleform_sid(p->payload);
    int out = action ? jingle_out_takes(p, action, sid) : MOD_PASS;
    if (out != MOD_PASS)
        return out;
    if (action && strcmp(action, "session-initiate") == 0)
        return on_initiate(p);
    struct offer *o = find(p, sid);
    if (o && action)
        return o->owner == OFFER_OF_FERRY ? on_action(o, p, action) : jingle_forth(o, p, action);
    if (action && (o = jingle_find_back(p, sid)) != NULL)
        return jingle_back(o, p, action);
    if (!jid_is_bare(&p->to) && registry_full(p->to.text))
        return MOD_PASS;
    return sid && action ? REFUSE_SESSION_UNKNOWN : REFUSE_BAD_REQUEST;
}

/* The sender left: no checksum comes any more. */
static void session_gone(struct session *s)
{
    struct offer *o = NULL, *next;
    if (!s->jid.text)
        return;
    for (o = offer_walk(s->jid.text, NULL); o; o = next) {
        next = offer_walk(s->jid.text, o);
        struct jingle *j = jingle_of(o);
        if (j && o->from_serial == s->serial && loop_timer_pending(&j->wait))
            commit(o);
    }
}

static const struct mod_route routes[] = {
    {"iq", "set", TARGET_USER, NS_JINGLE, "jingle", on_jingle},
    {"iq", "set", TARGET_ACCOUNT, NS_JINGLE, "jingle", on_jingle},
    {0},
};
static const char *const account_features[] = {NS_JINGLE,     NS_JINGLE_FT5, NS_JINGLE_FT4,
                                               NS_JINGLE_IBB, NS_JINGLE_S5B, NULL};
static const struct mod mod_jingle = {.name = "jingle",
                                      .account_features = account_features,
                                      .box_features = account_features,
                                      .routes = routes,
                                      .session_gone = session_gone};
MOD_REGISTER(mod_jingle);
