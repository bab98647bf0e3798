/* offer_pass.c: what goes to and fro between the sender of an offer and the receiver who has it.
 *
 * An answer of the receiver carries his full JID, but the sender asked another address (`Receive@localhost/`)
 * and drops answers from elsewhere. So ids of passed iqs are kept until answered; an answer with one of them
 * gets the asked address as its `from`. The other direction (the receiver closes an in-band stream) is the
 * mirror image. Ids that the receiver never answered stay when Ferry has answered in his place: his late
 * words end here.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "xmpp/caps.h"
#include "xmpp/filebox.h"
#include "xmpp/late.h"
#include "xmpp/offer.h"
#include "xmpp/takeover.h"

/* --- the iq that waits for the receiver --- */

void offer_drop_iq(struct offer *o)
{
    o->iq = NULL;
    arena_put(TAKE(o->iq_arena));
}

/* A list of stream hosts does so in stream initiation alone. */
static bool opens_stream(const struct offer *o, const struct packet *p)
{
    return (!o->side && stanza_is(p->payload, NS_BYTESTREAMS, "query")) ||
           stanza_is(p->payload, NS_IBB, "open");
}

static void copy_attributes(struct stanza *to, const struct stanza *from)
{
    for (const struct attr *a = from->attrs; a; a = a->next)
        stanza_set_ns(to, a->ns ? arena_strdup(to->arena, a->ns) : NULL, arena_strdup(to->arena, a->name),
                      a->value);
}

void offer_keep_iq(struct offer *o, const struct packet *p)
{
    bool stream = opens_stream(o, p);
    offer_drop_iq(o);
    o->iq_arena = arena_get(NULL);
    o->iq = stanza_new(o->iq_arena, NS_CLIENT, "iq");
    copy_attributes(o->iq, p->st);
    if (!stream)
        return;
    struct stanza *el = stanza_child(o->iq, arena_strdup(o->iq_arena, p->payload->ns),
                                     arena_strdup(o->iq_arena, p->payload->name));
    copy_attributes(el, p->payload);
    for (const struct stanza *c = stanza_first_element(p->payload);
         c && arena_used(o->iq_arena) < OFFER_IQ_MAX; c = stanza_next_element(c))
        stanza_add(el, stanza_copy(o->iq_arena, c));
}

bool offer_kept_packet(struct offer *o, struct packet *p)
{
    struct session *s = session_by_serial(o->from_serial);
    if (!o->iq || !s || s->state != SESSION_BOUND)
        return false;
    *p = (struct packet){
        .from_session = s,
        .st = o->iq,
        .arena = o->iq_arena,
        .from = s->jid,
        .kind = "iq",
        .type = "set",
        .payload = stanza_first_element(o->iq),
    };
    p->to_raw = stanza_get(o->iq, "to");
    return p->to_raw && jid_parse(p->arena, p->to_raw, strlen(p->to_raw), &p->to) == 0;
}

/* --- passing on --- */

/* Not the sender himself, nor a client that is known not to take what is offered. */
static bool may_take(const struct session *s, void *arg)
{
    const struct packet *p = arg;
    bool jingle = stanza_is(p->payload, NS_JINGLE, "jingle");
    if (s == p->from_session || (!jingle && s->lacks_si))
        return false;
    return caps_has(s, jingle ? CAPS_JINGLE : CAPS_SI) != CAPS_NO;
}

struct session *offer_resource(const struct packet *p)
{
    if (!jid_is_bare(&p->to))
        return registry_full(p->to.text);
    return registry_best(p->to.text, may_take, (void *)p);
}

static struct session *bound(uint64_t serial)
{
    struct session *s = session_by_serial(serial);
    return s && s->state == SESSION_BOUND ? s : NULL;
}

static void touch(struct offer *o)
{
    o->touched = clock_mono_ms();
    if (o->side || o->state == OFFER_TAKEN || o->state == OFFER_FLOWING)
        loop_timer_set(&o->timer, conf_get()->offers_answer_timeout);
}

static bool is_question(const struct packet *p)
{
    return strcmp(p->kind, "iq") == 0 && (strcmp(p->type, "set") == 0 || strcmp(p->type, "get") == 0);
}

/* libpurple answers no close of an in-band stream. What it answers behind it says that it has all before it:
 * then Ferry answers for it. */
static void on_behind_close(void *arg, const struct stanza *answer)
{
    struct offer *o = arg;
    if (!answer || o->owner == OFFER_OF_FERRY || o->state != OFFER_FLOWING || !o->iq)
        return;
    struct arena *arena = router_arena();
    struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
    stanza_set(iq, "type", "result");
    stanza_set(iq, "id", stanza_get(o->iq, "id"));
    stanza_set(iq, "from", o->to_raw);
    stanza_set(iq, "to", o->from);
    router_send(iq);
    arena_put(arena);
    offer_copy_drop(o);
    offer_end(&o, REFUSE_OK);
}

void offer_acknowledge(const struct offer *o)
{
    struct arena *arena = router_arena();
    const char *kept = o->iq ? stanza_get(o->iq, "id") : NULL;
    for (const struct idlist_entry *e = o->asked.first; e; e = e->next) {
        if (kept && strcmp(e->id, kept) == 0)
            continue;
        struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
        stanza_set(iq, "type", "result");
        stanza_set(iq, "id", e->id);
        stanza_set(iq, "from", o->to_raw);
        stanza_set(iq, "to", o->from);
        router_send(iq);
    }
    arena_put(arena);
}

bool offer_forward(struct offer *o, struct packet *p)
{
    struct session *s = bound(o->pinned_serial);
    const char *id = stanza_get(p->st, "id");
    if (!s)
        return false;
    bool offers = id && strcmp(id, o->iq_id) == 0 && o->state == OFFER_ROUTED, opens = opens_stream(o, p);
    if (opens && o->state != OFFER_ROUTED && o->state != OFFER_OPENING) {
        offer_stream_over(o);
        offer_enter(o, OFFER_OPENING);
    }
    if (offers || (opens && o->state == OFFER_OPENING))
        offer_keep_iq(o, p);
    bool closes = stanza_is(p->payload, NS_IBB, "close");
    bool unanswered = closes && o->state == OFFER_FLOWING && !o->side && caps_is_libpurple(s);
    if (closes)
        o->opened = false;
    if (unanswered || (closes && o->intake))
        offer_keep_iq(o, p);
    /* Where he asked the very address that answers, answers need no help; those that decide are counted. */
    bool decides = offers || opens || unanswered || stanza_is(p->payload, NS_JINGLE, "jingle");
    if (id && is_question(p) && (decides || o->intake || strcmp(o->to_raw, o->pinned) != 0))
        idlist_add(&o->asked, id);
    touch(o);
    router_deliver(s, p->st);
    if (unanswered)
        router_ping(s, offer_wait_ms(OFFER_WAIT_STREAM), on_behind_close, o);
    return true;
}

bool offer_back(struct offer *o, struct packet *p)
{
    struct session *s = bound(o->from_serial);
    const char *id = stanza_get(p->st, "id");
    if (!s || o->owner == OFFER_OF_FERRY)
        return false;
    if (id && is_question(p))
        idlist_add(&o->asked_back, id);
    if (stanza_is(p->payload, NS_IBB, "close"))
        o->opened = false;
    touch(o);
    stanza_set(p->st, "from", o->to_raw);
    router_deliver(s, p->st);
    return true;
}

/* --- what the receiver answers --- */

static void pass_answer(struct offer *o, struct packet *p)
{
    struct session *s = bound(o->from_serial);
    stanza_set(p->st, "from", o->to_raw);
    if (s)
        router_deliver(s, p->st);
}

static void offer_answered(struct offer *o, struct packet *p)
{
    const struct stanza *error = stanza_find(p->st, NULL, "error");
    if (strcmp(p->type, "result") == 0) {
        o->chosen = siform_chosen(p->payload);
        o->part = stanza_find(p->payload, NS_SI_FT, "file") != NULL;
        offer_drop_iq(o);
        offer_enter(o, OFFER_TAKEN);
        pass_answer(o, p);
        return;
    }
    if (error && siform_unknown(error))
        filebox_lacks_si(p->from_session);
    if (error && siform_cannot(error) && takeover_offer(o))
        return;
    pass_answer(o, p);
    offer_end(&o, REFUSE_OK); /* no is no */
}

/* The first words of another protocol: a result says only that they came. */
static void side_answered(struct offer *o, struct packet *p)
{
    const struct stanza *error = stanza_find(p->st, NULL, "error");
    /* There is a client that cannot do without a size, and says so in this way. */
    bool cannot = error && (siform_cannot(error) || (o->unsized && siform_misread(error)));
    if (cannot && takeover_offer(o))
        return;
    pass_answer(o, p);
    offer_drop_iq(o);
    if (strcmp(p->type, "error") == 0)
        offer_end(&o, REFUSE_OK);
}

static void stream_answered(struct offer *o, struct packet *p)
{
    const struct stanza *error = stanza_find(p->st, NULL, "error");
    bool s5b = stanza_is(stanza_first_element(o->iq), NS_BYTESTREAMS, "query");
    if (strcmp(p->type, "result") == 0) {
        o->opened = true;
        o->inband = !s5b;
        offer_enter(o, OFFER_FLOWING);
        pass_answer(o, p);
        takeover_flows(o);
        offer_drop_iq(o);
    } else if (o->side && error && siform_unknown(error) && takeover_accepted(o, "cannot")) {
        return; /* he had agreed to it, but his client knows no such stream */
    } else if (s5b && error && siform_unreachable(error)) {
        if (takeover_unreachable(o))
            return;
        pass_answer(o, p);
        offer_drop_iq(o);
        offer_enter(o, OFFER_FALLBACK);
    } else {
        pass_answer(o, p);
        offer_drop_iq(o);
        if (s5b)
            offer_end(&o, REFUSE_OK);
        else
            offer_enter(o, OFFER_TAKEN); /* he may try a smaller block */
    }
}

static bool answer_forth(struct packet *p, struct offer *o, const char *id)
{
    bool to_offer = strcmp(o->iq_id, id) == 0;
    if (!o->pinned || strcmp(o->from, p->to.text) != 0 || strcmp(o->pinned, p->from.text) != 0)
        return false;
    if (idlist_take(&o->absorbed, id)) {
        if (to_offer && o->owner == OFFER_OF_FERRY)
            late_answer(o, p);
        return true;
    }
    if (!idlist_take(&o->asked, id))
        return to_offer; /* a second answer to the offer goes nowhere: the sender never sees two */
    if (to_offer && o->state == OFFER_ROUTED && o->side)
        side_answered(o, p);
    else if (to_offer && o->state == OFFER_ROUTED)
        offer_answered(o, p);
    else if (o->state == OFFER_OPENING && o->iq && strcmp(stanza_get(o->iq, "id"), id) == 0)
        stream_answered(o, p);
    else {
        bool closed = o->state == OFFER_FLOWING && o->iq && strcmp(stanza_get(o->iq, "id"), id) == 0;
        const struct stanza *error = stanza_find(p->st, NULL, "error");
        if (o->side && error && o->side->refused(o, id, error))
            return true;
        pass_answer(o, p);
        if (closed) /* he has it all, and the copy is not needed */
            offer_copy_drop(o);
        if (closed && !o->side)
            offer_end(&o, REFUSE_OK);
    }
    return true;
}

/* The sender answers one of the receiver, which came to him from the address he had asked. */
static bool answer_back(struct packet *p, struct offer *o, const char *id)
{
    if (!o->pinned || !p->to_raw || strcmp(o->from, p->from.text) != 0 || strcmp(o->to_raw, p->to_raw) != 0 ||
        !idlist_take(&o->asked_back, id))
        return false;
    struct session *s = bound(o->pinned_serial);
    if (s)
        router_deliver(s, p->st);
    return true;
}

/* Results and errors between two users: those to iqs that were passed on go the same way back. */
static int on_answer(struct packet *p)
{
    const char *id = stanza_get(p->st, "id");
    if (!id || !offer_any_routed())
        return MOD_PASS;
    for (struct offer *o = offer_chain(&p->to); o; o = o->chain)
        if (answer_forth(p, o, id))
            return MOD_HANDLED;
    for (struct offer *o = offer_chain(&p->from); o; o = o->chain)
        if (answer_back(p, o, id))
            return MOD_HANDLED;
    return MOD_PASS;
}

static const struct mod_route routes[] = {
    {"iq", "result", TARGET_USER, NULL, NULL, on_answer},
    {"iq", "error", TARGET_USER, NULL, NULL, on_answer},
    {"iq", "result", TARGET_ACCOUNT, NULL, NULL, on_answer},
    {"iq", "error", TARGET_ACCOUNT, NULL, NULL, on_answer},
    {0},
};
static const struct mod mod_offer_pass = {.name = "offer_pass", .routes = routes};
MOD_REGISTER(mod_offer_pass);
