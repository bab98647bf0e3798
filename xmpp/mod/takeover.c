/* takeover.c: the table's rows in which Ferry takes an offer over, and what it then does with what waits.
 *
 * An offer is accepted; a stream that waits for the receiver's answer is taken from the very iq, which the
 * record has kept; an accepted offer without a stream waits for one. While storage is asked about an offer
 * that the receiver had accepted, the sender's session is held: what he says next finds the answer.
 */
#include "xmpp/takeover.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "storage/settings.h"
#include "xmpp/caps.h"
#include "xmpp/invite.h"
#include "xmpp/mod/bytestreams.h"
#include "xmpp/mod/ibb.h"
#include "xmpp/mod/relaycopy.h"
#include "xmpp/unfinished.h"

bool takeover_may_go_on(const struct offer *o)
{
    return settings_get(mod_storage(), o->to_bare, SETTING_TAKEOVER, NULL) == SETTING_ON;
}

bool takeover_wanted(const struct offer *o)
{
    return !mod_draining() && takeover_may_go_on(o);
}

static bool may_take(const struct offer *o)
{
    return (!o->side || o->side->may_adopt(o)) && (o->methods & (METHOD_IBB | METHOD_S5B)) &&
           takeover_wanted(o);
}

static unsigned choose(const struct offer *o, const struct session *s)
{
    bool ibb = o->methods & METHOD_IBB, s5b = o->methods & METHOD_S5B;
    if (ibb && !(s5b && s && s->asked_proxy))
        return METHOD_IBB;
    return METHOD_S5B;
}

/* --- storage has answered --- */

static bool waits_s5b(const struct offer *o)
{
    return o->iq && stanza_is(stanza_first_element(o->iq), NS_BYTESTREAMS, "query");
}

static void not_taken(struct offer *o, enum refuse r)
{
    struct packet p;
    bool s5b = waits_s5b(o);
    if (r == REFUSE_OFFER_TOO_BIG && o->answer)
        pending_refuse(&o->answer, r, siform_limit(pending_arena(o->answer)));
    if (!o->answer && offer_kept_packet(o, &p))
        router_refuse(&p, s5b ? REFUSE_PEER_UNREACHABLE : r, NULL);
    if (s5b && offer_receiver_there(o)) {
        o->fell = true;
        offer_drop_iq(o); /* it has its answer, whatever becomes of the record */
        offer_give_back(o);
    } else {
        offer_end(&o, r);
    }
}

/* The stream that waits is Ferry's now. */
static void take_stream(struct offer *o)
{
    struct packet p;
    bool s5b = waits_s5b(o), there = offer_kept_packet(o, &p);
    struct arena *arena = TAKE(o->iq_arena); /* the record may be gone before the packet is done with */
    o->iq = NULL;
    if (there) {
        int r = s5b ? bytestreams_query(o, &p) : ibb_open(o, &p, p.payload);
        if (r > 0)
            router_refuse(&p, (enum refuse)r, NULL);
    }
    arena_put(arena);
}

static void accept_offer(struct offer *o)
{
    offer_accept(o, choose(o, session_by_serial(o->from_serial)));
    pending_result(&o->answer, siform_answer(pending_arena(o->answer), o->chosen, o->offset));
}

static void on_asked(struct offer *o, enum refuse r)
{
    if (o->owner == OFFER_OF_RECEIVER) { /* a copy */
        if (r == REFUSE_OK)
            offer_copy_claim(o);
        else
            offer_copy_drop(o);
        return;
    }
    if (r != REFUSE_OK) {
        not_taken(o, r);
    } else if (o->answer) {
        unfinished_find(o, accept_offer);
    } else if (o->fell && !o->iq) {
        offer_enter(o, OFFER_FALLBACK);
    } else {
        offer_enter(o, OFFER_ACCEPTED);
        if (o->side)
            o->side->adopted(o);
        if (o->iq)
            take_stream(o);
    }
}

/* --- who gives it to Ferry --- */

int takeover_absent(struct packet *p, const struct siform *form)
{
    if (!conf_get()->offers_takeover || mod_draining())
        return REFUSE_UNAVAILABLE;
    if (!(form->methods & (METHOD_IBB | METHOD_S5B))) {
        invite_packet(p, form);
        return REFUSE_NO_VALID_STREAMS;
    }
    if (form->size > conf_get()->storage_max_file_size) {
        router_refuse(p, REFUSE_OFFER_TOO_BIG, siform_limit(p->arena));
        return MOD_HANDLED;
    }
    enum refuse r = offer_may_open(p, form->sid);
    if (r != REFUSE_OK)
        return r;
    struct offer *o = offer_new(p, form, OFFER_OF_FERRY);
    o->answer = router_hold(p);
    offer_ask(o, on_asked);
    return MOD_HANDLED;
}

static void log_taken(const struct offer *o, const char *why)
{
    char sid[LOG_QUOTE];
    log_info("%s offer taken over sid=%s state=%s why=%s", o->from, log_quote(o->sid, sid),
             offer_state_name(o->state), why);
}

bool takeover_offer(struct offer *o)
{
    struct packet p;
    if (o->side)
        return takeover_wanted(o) && o->side->take(o);
    if (!may_take(o) || !offer_kept_packet(o, &p))
        return false;
    log_taken(o, "offer");
    o->answer = router_hold(&p);
    offer_drop_iq(o);
    offer_take(o);
    offer_ask(o, on_asked);
    return true;
}

/* He has it in hand: is a copy of what comes to be kept? */
static bool may_copy(const struct offer *o)
{
    return conf_get()->offers_copy && !o->part && o->grant.size > 0 && !o->asking && !o->stream &&
           (!o->side || o->side->may_adopt(o)) && takeover_wanted(o);
}

/* He had accepted: the sender waits with his next words. */
static void adopt(struct offer *o, const char *why)
{
    log_taken(o, why);
    if (o->asking)
        TAKE(o->asking)->o = NULL;
    offer_copy_drop(o); /* of a stream before this one */
    if (o->side)
        offer_acknowledge(o); /* words of the session, which is Ferry's now */
    offer_take(o);
    offer_hold_sender(o);
    offer_ask(o, on_asked);
}

bool takeover_accepted(struct offer *o, const char *why)
{
    if (!may_take(o) || !session_by_serial(o->from_serial))
        return false;
    adopt(o, why);
    return true;
}

void takeover_flows(struct offer *o)
{
    if (!o->inband || !o->iq || !may_copy(o))
        return;
    ibb_copy(o, stanza_first_element(o->iq));
    if (!o->stream)
        return;
    offer_hold_sender(o); /* no block comes before there is a place for it */
    offer_ask(o, on_asked);
}

bool takeover_unreachable(struct offer *o)
{
    struct session *from = session_by_serial(o->from_serial), *to = session_by_serial(o->pinned_serial);
    o->fell = true;
    if (!may_take(o) || !o->iq || (from && to && caps_is_libpurple(from) && caps_is_libpurple(to)))
        return false; /* these fall back to in-band bytes by themselves */
    adopt(o, "unreachable");
    return true;
}

/* Where Ferry may not take it he has as long as for an offer. */
static bool wait_on(struct offer *o)
{
    int64_t left = o->touched + conf_get()->offers_answer_timeout - clock_mono_ms();
    if (left > 0)
        loop_timer_set(&o->timer, left);
    return left > 0;
}

bool takeover_expired(struct offer *o)
{
    switch (o->state) {
    case OFFER_ROUTED:
        return takeover_offer(o);
    case OFFER_TAKEN:
        return o->side && o->side->expired(o);
    case OFFER_OPENING:
        o->no_dial = true; /* his own dialling may go on */
        if (!may_take(o) || !o->iq || !session_by_serial(o->from_serial))
            return wait_on(o);
        adopt(o, "silent");
        return true;
    case OFFER_FLOWING:
        if (o->relayed) /* it has its own clock */
            loop_timer_set(&o->timer, conf_get()->offers_answer_timeout);
        return o->relayed;
    case OFFER_FALLBACK:
        if (o->invited)
            return false;
        o->invited = true;
        invite_send(o);
        loop_timer_set(&o->timer, offer_wait_ms(OFFER_WAIT_KEPT) - offer_wait_ms(OFFER_WAIT_INBAND));
        return true;
    case OFFER_ACCEPTED:
        return o->side && o->side->expired(o);
    default:
        return false;
    }
}

/* --- the receiver leaves --- */

/* What the sender still waits for is answered from the address he asked. */
static void refuse_unanswered(struct offer *o, enum refuse why)
{
    struct arena *arena = router_arena();
    for (struct idlist_entry *e = o->asked.first; e; e = e->next) {
        struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
        stanza_set(iq, "type", "set");
        stanza_set(iq, "id", e->id);
        stanza_set(iq, "from", o->from);
        stanza_set(iq, "to", o->to_raw);
        router_send(stanza_error(arena, iq, why, NULL));
    }
    arena_put(arena);
}

static void on_relayed(void *owner, const struct relay_over *over)
{
    struct offer *o = owner;
    o->relayed = false;
    if (o->owner == OFFER_OF_FERRY) /* by its copy */
        return;
    o->cut = !o->part && !o->unsized && over->bytes < o->grant.size && !over->by_speaker;
    if (!offer_receiver_there(o)) {
        if (o->cut && may_take(o))
            offer_tell_sender(o, REFUSE_RECEIVER_LEFT);
        if (o->cut && o->side)
            o->side->left(o);
        offer_end(&o, REFUSE_OK);
    }
}

void takeover_relay(struct offer *o, const char *key)
{
    if (o->owner == OFFER_OF_FERRY || !o->pinned || (o->state != OFFER_TAKEN && o->state != OFFER_FLOWING))
        return;
    if (o->relayed) /* the later one is his stream */
        offer_stream_over(o);
    o->relayed = proxy65_watch(key, on_relayed, o);
    if (!o->relayed)
        return;
    if (o->state == OFFER_TAKEN) /* its words do not say which stream it is */
        offer_enter(o, OFFER_FLOWING);
    if (may_copy(o)) {
        relaycopy_begin(o, proxy65_relay(key));
        offer_ask(o, on_asked);
    }
}

void takeover_receiver_gone(struct offer *o)
{
    bool middle = o->state == OFFER_FLOWING && ((o->opened && o->inband) || o->cut);
    switch (o->state) {
    case OFFER_ROUTED:
        if (takeover_offer(o))
            return;
        break;
    case OFFER_TAKEN:
    case OFFER_OPENING:
        if (!may_take(o) || (o->state == OFFER_OPENING && !o->iq))
            break;
        adopt(o, "left");
        return;
    case OFFER_FALLBACK:
        if (o->owner == OFFER_OF_FERRY)
            return;
        if (!may_take(o))
            break;
        adopt(o, "left");
        return;
    case OFFER_FLOWING:
        if (!o->relayed && !ibb_copy_goes_on(o))
            break;
        return; /* relayed: his connection may go on without him */
    case OFFER_LATE:
        offer_end(&o, REFUSE_OK);
        return;
    default:
        return; /* Ferry's by now */
    }
    refuse_unanswered(o, middle ? REFUSE_BROKEN_OFF : REFUSE_UNAVAILABLE);
    if (middle && may_take(o))
        offer_tell_sender(o, REFUSE_RECEIVER_LEFT);
    if (o->side)
        o->side->left(o);
    offer_end(&o, REFUSE_OK);
}
