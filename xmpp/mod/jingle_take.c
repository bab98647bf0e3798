/* jingle_take.c: how a Jingle session becomes Ferry's that was the receiver's (takeover.h): before he
 * accepted it, Ferry accepts; afterwards, when he has left or no stream can come to him, Ferry goes on where
 * he stood. A receiver who is there hears a session-terminate. What he says later is answered and goes
 * nowhere, but a yes or a no of his is heeded (late.h).
 */
#include <stdlib.h>
#include <string.h>

#include "xmpp/late.h"
#include "xmpp/mod/jingle.h"
#include "xmpp/mod/jingle_out.h"
#include "xmpp/takeover.h"

/* --- he has not accepted --- */

/* The session-initiate waits for its answer, or the session for its session-accept. */
bool jingle_take(struct offer *o)
{
    struct jingle *j = o->session;
    struct packet p;
    bool waits = o->iq != NULL, heard = !waits || o->asked.first;
    if (j->over || (waits && !offer_kept_packet(o, &p)) || !session_by_serial(o->from_serial))
        return false;
    j->awaited = heard && !j->left && offer_receiver_there(o);
    j->dismissed = true;
    if (j->awaited)
        jingle_say_taken(o, REFUSE_TIMEOUT);
    if (waits)
        o->answer = router_hold(&p);
    j->told = !waits;
    offer_drop_iq(o);
    offer_take(o);
    jingle_ask(o);
    return true;
}

/* --- he has --- */

bool jingle_may_adopt(const struct offer *o)
{
    const struct jingle *j = o->session;
    return !j->over && !o->part && j->offset == 0;
}

void jingle_dismiss(struct offer *o)
{
    struct jingle *j = o->session;
    bool there = !j->left && !j->dismissed && o->pinned && offer_receiver_there(o);
    j->dismissed = true;
    if (there)
        jingle_say_taken(o, REFUSE_PEER_UNREACHABLE);
}

/* Of stream hosts Ferry may say no more than he has left to say. */
void jingle_adopted(struct offer *o)
{
    struct jingle *j = o->session;
    bool waited = j->no_host[0] && j->no_host[1], s5b = o->chosen == METHOD_S5B && !o->iq;
    jingle_dismiss(o);
    j->offers = false; /* the session-accept was not Ferry's */
    if (j->replacing)
        jingle_accept_replace(o);
    else if (s5b && j->no_host[1])
        jingle_fell(o, waited);
    else if (s5b)
        jingle_connect(o);
}

/* In the middle, or Ferry may not take it. By a bytestream of their own it may still come to its end. */
void jingle_left(struct offer *o)
{
    struct jingle *j = o->session;
    bool direct = o->state == OFFER_FLOWING && !o->inband && !o->cut;
    bool heard = o->state != OFFER_ROUTED || !o->iq;
    if (heard && !direct && !j->over)
        jingle_say_terminate(o, REFUSE_RECEIVER_LEFT);
}

/* By the copy, in the middle. His connection alone may have broken. */
void jingle_goes_on(struct offer *o)
{
    struct jingle *j = o->session;
    j->awaited = !j->left && offer_receiver_there(o);
}

/* His client does not know how to replace a transport. */
bool jingle_refused(struct offer *o, const char *id, const struct stanza *error)
{
    const struct jingle *j = o->session;
    bool replaces =
        j->replacing && o->state == OFFER_TAKEN && j->replace_id && strcmp(j->replace_id, id) == 0;
    if (!replaces || (!siform_cannot(error) && !siform_misread(error)) || !takeover_accepted(o, "cannot"))
        return false;
    struct arena *arena = router_arena();
    struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
    stanza_set(iq, "type", "result");
    stanza_set(iq, "id", id);
    stanza_set(iq, "from", o->to_raw);
    stanza_set(iq, "to", o->from);
    router_send(iq);
    arena_put(arena);
    return true;
}

/* --- what he says too late --- */

bool jingle_awaits(const struct offer *o)
{
    const struct jingle *j = o->session;
    return j->awaited;
}

/* His late answer to the session-initiate: a result says only that it came. */
void jingle_late_answer(struct offer *o, const struct stanza *error)
{
    struct jingle *j = o->session;
    if (error)
        j->awaited = false;
    if (error && !siform_cannot(error))
        late_no(o);
    else if (o->state == OFFER_LATE && !j->awaited)
        offer_end(&o, REFUSE_OK);
}

static bool means_no(const struct packet *p)
{
    const struct stanza *reason = stanza_find(p->payload, NULL, "reason");
    return reason && (stanza_find(reason, NULL, "decline") || stanza_find(reason, NULL, "cancel") ||
                      stanza_find(reason, NULL, "busy"));
}

static bool keep_yes(struct jingle *j, const struct packet *p)
{
    j->yes_arena = arena_get(NULL);
    j->yes = stanza_copy(j->yes_arena, p->st);
    if (arena_used(j->yes_arena) <= OFFER_IQ_MAX)
        return true;
    arena_put(TAKE(j->yes_arena));
    return false;
}

void jingle_send_late(struct offer *o)
{
    const struct jingle *j = o->session;
    struct session *s = session_by_serial(o->pinned_serial);
    const struct packet p = {
        .from_session = s, .st = j->yes, .arena = j->yes_arena, .payload = stanza_first_element(j->yes)};
    const struct jingle_out_terms terms = {
        .id = &o->grant.id,
        .file = {.app = j->app, .size = o->grant.size},
        .from = o->from,
        .to = o->pinned,
        .methods = o->late_yes,
    };
    const struct jingle_out_session session = {.sid = j->sid, .creator = j->creator, .content = j->content};
    (void)jingle_out_adopt(&terms, &session, &p);
}

int jingle_late(struct offer *o, struct packet *p, const char *action)
{
    struct jingle *j = o->session;
    bool yes = strcmp(action, "session-accept") == 0, ends = strcmp(action, "session-terminate") == 0;
    router_result(p, NULL);
    j->dismissed |= ends;
    if ((!yes && !ends) || !j->awaited)
        return MOD_HANDLED;
    j->awaited = false;
    if (yes && keep_yes(j, p))
        late_yes(o, METHOD_S5B | METHOD_IBB);
    else if (ends && means_no(p))
        late_no(o);
    else if (o->state == OFFER_LATE)
        offer_end(&o, REFUSE_OK);
    return MOD_HANDLED;
}
