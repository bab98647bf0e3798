/* ibb.c: in-band bytestreams (XEP-0047) whose sid belongs to an offer.
 *
 * A stream that the receiver took goes through to his pinned resource. One that Ferry took fills a transfer:
 * <open/> claims it, blocks are decoded straight into the buffer a worker will write, and <close/> is
 * answered with a result only after the durable commit (row 72). Each block is acknowledged when it is
 * buffered; when 256 KiB of the transfer wait, the last acknowledgement and the session are held until the
 * disk has caught up (row 70: a flood without waiting, or in messages, ends up in TCP's own back pressure).
 *
 * With [offers] copy a stream that the receiver took is decoded in passing, from block 0. The copy is dropped
 * at the stream's proper end, and is what Ferry goes on with when the receiver leaves in the middle.
 *
 * What breaks the rules ends the stream: error, then our own <close/>, nothing is kept (rows 67 to 71).
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "xmpp/inband.h"
#include "xmpp/mod/ibb.h"
#include "xmpp/outgoing.h"
#include "xmpp/takeover.h"

#define CLOSE_WAIT_MS 30000

struct ibb { /* offer->stream from CLAIMING on */
    struct offer *o;
    struct inband rules;
    struct loop_timer stall;
    int64_t last; /* monotonic ms of the last byte */
    struct pending *held;
    uint64_t held_serial; /* session that is held; 0: none */
    bool claimed;         /* a copy: its bytes have a place */
};

static void let_go(struct ibb *ib, enum refuse r)
{
    struct session *s = ib->held_serial ? session_by_serial(ib->held_serial) : NULL;
    ib->held_serial = 0;
    if (ib->held) {
        if (r == REFUSE_OK)
            pending_result(&ib->held, NULL);
        else
            pending_refuse(&ib->held, r, NULL);
    }
    if (s)
        session_release(s);
}

static void ibb_free(void *stream)
{
    struct ibb *ib = stream;
    let_go(ib, REFUSE_BROKEN_OFF);
    loop_timer_clear(&ib->stall);
    free(ib);
}

static void answered_close(void *arg, const struct stanza *answer)
{
}

/* Our own end of the stream: the sender is told to stop. Its answer changes nothing. */
static void send_close(const struct offer *o)
{
    struct arena *arena = router_arena();
    struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
    stanza_set(iq, "type", "set");
    stanza_set(iq, "from", o->to_raw);
    stanza_set(iq, "to", o->from);
    stanza_set(stanza_child(iq, NS_IBB, "close"), "sid", o->sid);
    router_ask(iq, CLOSE_WAIT_MS, answered_close, NULL);
    arena_put(arena);
}

static void ibb_stop(void *stream)
{
    const struct ibb *ib = stream;
    if (ib->o->state == OFFER_OPEN)
        send_close(ib->o);
}
static const struct intake_events copy_events;
static void ibb_left(void *stream);
static const struct offer_stream stream_ops = {
    .free = ibb_free, .stop = ibb_stop, .left = ibb_left, .copy = &copy_events};

/* --- a copy of what the receiver gets --- */

static bool is_copy(const struct offer *o)
{
    return o->owner == OFFER_OF_RECEIVER;
}

/* --- storage's answers --- */

static void on_claimed(void *owner, enum refuse r)
{
    struct offer *o = owner;
    struct ibb *ib = o->stream;
    if (r != REFUSE_OK)
        o->intake = NULL;
    if (is_copy(o)) {
        ib->claimed = r == REFUSE_OK;
        if (ib->claimed)
            offer_release_sender(o);
        else
            offer_copy_drop(o);
        return;
    }
    if (r != REFUSE_OK) {
        offer_end(&o, r);
        return;
    }
    offer_enter(o, OFFER_OPEN);
    ib->last = clock_mono_ms();
    loop_timer_set(&ib->stall, conf_get()->limits_stall);
    pending_result(&o->answer, NULL);
}

static void on_room(void *owner)
{
    struct offer *o = owner;
    let_go(o->stream, REFUSE_OK);
}

static void on_ended(void *owner, enum refuse r, const struct transfer *t)
{
    struct offer *o = owner;
    bool open = o->state == OFFER_OPEN;
    o->intake = NULL;
    if (r == REFUSE_OK)
        o->grant.size = t->size;
    if (is_copy(o)) { /* the disk fails, and he gets his bytes all the same */
        offer_copy_drop(o);
        return;
    }
    if (open)
        send_close(o);
    offer_end(&o, r);
}
static const struct intake_events intake_events = {.claimed = on_claimed, .room = on_room, .ended = on_ended};
static const struct intake_events copy_events = {
    .claimed = on_claimed, .room = on_room, .ended = on_ended, .quiet = true};

/* All bytes are here: from now on it takes as long as the disk does, and the clock of the bytes is over. */
static void store(struct offer *o)
{
    struct ibb *ib = o->stream;
    loop_timer_clear(&ib->stall);
    offer_whole(o);
}

bool ibb_finish(struct offer *o)
{
    bool open = o->state == OFFER_OPEN && o->stream && o->stream_ops == &stream_ops;
    if (open)
        store(o);
    return open;
}

/* No byte comes any more. Of a whole file only the words of farewell are missing. */
static void ibb_left(void *stream)
{
    struct ibb *ib = stream;
    struct offer *o = ib->o;
    if (intake_whole(o->intake))
        store(o);
    else
        offer_end(&o, REFUSE_BROKEN_OFF);
}

static void on_stall(void *arg)
{
    struct ibb *ib = arg;
    struct offer *o = ib->o;
    int64_t left = ib->last + conf_get()->limits_stall - clock_mono_ms();
    if (ib->held || ib->held_serial)
        left = conf_get()->limits_stall; /* it is us whom he waits for */
    if (left > 0) {
        loop_timer_set(&ib->stall, left);
    } else {
        if (!intake_whole(o->intake))
            send_close(o);
        ibb_left(ib);
    }
}

/* --- what the sender asks of Ferry --- */

static void ibb_new(struct offer *o, const struct inband *rules)
{
    struct ibb *ib = xcalloc(1, sizeof *ib);
    ib->o = o;
    ib->rules = *rules;
    loop_timer_init(&ib->stall, mod_loop(), on_stall, ib);
    o->stream = ib;
    o->stream_ops = &stream_ops;
}

int ibb_open(struct offer *o, struct packet *p, const struct stanza *open)
{
    struct inband rules;
    if (o->state != OFFER_ACCEPTED && o->state != OFFER_FALLBACK)
        return REFUSE_UNEXPECTED;
    enum refuse r = inband_open(&rules, open, inband_block_max());
    if (r != REFUSE_OK)
        return r;
    ibb_new(o, &rules);
    o->answer = router_hold(p);
    offer_enter(o, OFFER_CLAIMING);
    offer_claim(o, &intake_events);
    return MOD_HANDLED;
}

/* The stream is over by the sender's fault: the refusal first, then our close, and nothing is kept. */
static int fault(struct offer *o, struct packet *p, enum refuse r)
{
    char sid[LOG_QUOTE];
    log_info("%s offer in-band fault sid=%s why=%s", o->from, log_quote(o->sid, sid), refuse_get(r)->name);
    router_refuse(p, r, NULL);
    send_close(o);
    offer_end(&o, r);
    return MOD_HANDLED;
}

static void hold_back(struct ibb *ib, struct packet *p, bool answers)
{
    if (!ib->held && answers)
        ib->held = router_hold(p);
    else if (answers)
        router_result(p, NULL);
    if (!ib->held_serial) {
        ib->held_serial = p->from_session->serial;
        session_hold(p->from_session);
    }
}

static int ferry_data(struct offer *o, struct packet *p, const struct stanza *data)
{
    bool answers = data == p->payload; /* an iq */
    struct ibb *ib = o->stream;
    size_t n;
    if (o->state != OFFER_OPEN || !ib || o->stream_ops != &stream_ops)
        return REFUSE_UNEXPECTED;
    uint8_t *room = (uint8_t *)intake_room(o->intake, inband_room(&ib->rules));
    enum refuse r = inband_data(&ib->rules, data, room, &n);
    if (r == REFUSE_OK)
        r = intake_took(o->intake, n);
    if (r != REFUSE_OK)
        return fault(o, p, r);
    if (n > 0)
        ib->last = clock_mono_ms();
    if (intake_full(o->intake))
        hold_back(ib, p, answers);
    else if (answers)
        router_result(p, NULL);
    return MOD_HANDLED;
}

static int ferry_close(struct offer *o, struct packet *p, const struct stanza *el)
{
    if (o->state == OFFER_OPEN && o->stream_ops == &stream_ops && intake_may_end(o->intake)) {
        o->answer = router_hold(p);
        store(o);
        return MOD_HANDLED;
    }
    if (o->state == OFFER_STORING && o->stream_ops == &stream_ops && !o->answer) {
        o->answer = router_hold(p); /* the commit began without him */
        return MOD_HANDLED;
    }
    if (o->stream_ops != &stream_ops)
        return REFUSE_NOT_FOUND; /* no such stream was opened in band */
    if (o->state == OFFER_STORING)
        return REFUSE_UNEXPECTED;
    router_refuse(p, REFUSE_SIZE_MISMATCH, NULL);
    offer_end(&o, REFUSE_SIZE_MISMATCH);
    return MOD_HANDLED;
}

/* --- the copy, while the receiver is there and when he is not --- */

void ibb_copy(struct offer *o, const struct stanza *open)
{
    struct inband rules;
    if (inband_open(&rules, open, INBAND_BLOCK_MAX) == REFUSE_OK)
        ibb_new(o, &rules);
}

/* A block that goes to the receiver. One against the rules is his affair, and ends the copy. */
static void copy_block(struct offer *o, struct packet *p, const struct stanza *data)
{
    struct ibb *ib = o->stream;
    size_t n;
    if (!ib->claimed) {
        offer_copy_drop(o);
        return;
    }
    uint8_t *room = (uint8_t *)intake_room(o->intake, inband_room(&ib->rules));
    enum refuse r = inband_data(&ib->rules, data, room, &n);
    if (r == REFUSE_OK)
        r = intake_took(o->intake, n);
    if (r != REFUSE_OK)
        offer_copy_drop(o);
    else if (intake_full(o->intake))
        hold_back(ib, p, false);
}

bool ibb_copy_goes_on(struct offer *o)
{
    struct ibb *ib = o->stream;
    struct packet p;
    if (!ib || o->stream_ops != &stream_ops || !ib->claimed || !takeover_may_go_on(o))
        return false;
    offer_acknowledge(
        o); /* blocks that wait for the receiver's word are in the copy; his close for the commit */
    idlist_free(&o->asked);
    intake_turn(o->intake, &intake_events);
    offer_copy_goes_on(o);
    ib->last = clock_mono_ms();
    loop_timer_set(&ib->stall, conf_get()->limits_stall);
    if (offer_kept_packet(o, &p)) /* he has said farewell */
        (void)ferry_close(o, &p, NULL);
    return true;
}

/* --- where a stanza of a stream goes --- */

/* What a copy has to know of a stanza between the two. */
static void look(struct offer *o, struct packet *p, const struct stanza *el)
{
    if (o->stream && o->stream_ops == &stream_ops && stanza_is(el, NS_IBB, "data"))
        copy_block(o, p, el);
}

/* To Ferry, to the resource the offer is pinned to, or back to the sender. With no offer of this sid it is
 * the two clients' own affair where both are there, else refused with `why`. */
static int dispatch(struct packet *p, const struct stanza *el,
                    int (*ferry)(struct offer *o, struct packet *p, const struct stanza *el), enum refuse why)
{
    const char *sid = stanza_get(el, "sid");
    struct offer *o = offer_find(p, sid), *back;
    if (outgoing_takes(p, el))
        return MOD_HANDLED;
    if (o && o->owner == OFFER_OF_FERRY)
        return ferry(o, p, el);
    if (o) {
        look(o, p, el);
        return offer_forward(o, p) ? MOD_HANDLED : REFUSE_NOT_FOUND;
    }
    if ((back = offer_find_back(p, sid)) != NULL && offer_back(back, p)) {
        if (back->stream && stanza_is(el, NS_IBB, "close"))
            offer_copy_drop(back); /* the receiver's close is no */
        return MOD_HANDLED;
    }
    return !jid_is_bare(&p->to) && registry_full(p->to.text) ? MOD_PASS : (int)why;
}

/* A sid of no offer, or one that a restart made us forget, is not-acceptable: of the conditions XEP-0047 has
 * for this, resource-constraint would bring a smaller block, and service-unavailable would say that nothing
 * comes in band here at all. By any other the clients just end it, and the same can be offered again.
 * item-not-found is the word for what follows an <open/>. */
static int on_open(struct packet *p)
{
    const char *sid = stanza_get(p->payload, "sid");
    return dispatch(p, p->payload, ibb_open, sid && *sid ? REFUSE_NOT_ACCEPTABLE : REFUSE_BAD_REQUEST);
}

static int on_data(struct packet *p)
{
    return dispatch(p, p->payload, ferry_data, REFUSE_NOT_FOUND);
}

static int on_close(struct packet *p)
{
    return dispatch(p, p->payload, ferry_close, REFUSE_NOT_FOUND);
}

/* Blocks in messages: the same checks, no acknowledgement. Messages without a block are not ours. */
static int on_message(struct packet *p)
{
    const struct stanza *data = stanza_find(p->st, NS_IBB, "data");
    if (!data || strcmp(p->type, "error") == 0)
        return MOD_PASS;
    return dispatch(p, data, ferry_data, REFUSE_NOT_FOUND);
}

#define FOR_BOTH(kind, type, ns, name, fn)       \
    {kind, type, TARGET_USER, ns, name, fn},     \
    {                                            \
        kind, type, TARGET_ACCOUNT, ns, name, fn \
    }
static const struct mod_route routes[] = {
    FOR_BOTH("iq", "set", NS_IBB, "open", on_open),
    FOR_BOTH("iq", "set", NS_IBB, "data", on_data),
    FOR_BOTH("iq", "set", NS_IBB, "close", on_close),
    FOR_BOTH("message", NULL, NULL, NULL, on_message),
    {0},
};
static const char *const account_features[] = {NS_IBB, NULL};
static const struct mod mod_ibb = {
    .name = "ibb", .account_features = account_features, .box_features = account_features, .routes = routes};
MOD_REGISTER(mod_ibb);
