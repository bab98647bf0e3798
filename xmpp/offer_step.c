/* offer_step.c: the steps of an offer record: which may follow which, how long each may last, and what goes
 * with them: whose it is, the sender who waits, the grant, the claim.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "xmpp/offer.h"
#include "xmpp/proxy65.h"
#include "xmpp/unfinished.h"

const char *offer_state_name(enum offer_state s)
{
    static const char *const names[] = {
#define X(n, text) text,
        OFFER_STATES(X)
#undef X
    };
    return names[s];
}

int64_t offer_wait_ms(enum offer_wait w)
{
    int64_t ms = conf_get()->offers_answer_timeout * (int64_t)w / 1000;
    return ms > 0 ? ms : 1;
}

static bool step_legal(enum offer_state from, enum offer_state to)
{
    static const unsigned legal[] = {
        [OFFER_ROUTED] = 1u << OFFER_TAKEN | 1u << OFFER_ASKED,
        [OFFER_TAKEN] = 1u << OFFER_OPENING | 1u << OFFER_FLOWING | 1u << OFFER_ASKED,
        [OFFER_OPENING] = 1u << OFFER_TAKEN | 1u << OFFER_FLOWING | 1u << OFFER_FALLBACK | 1u << OFFER_ASKED,
        [OFFER_FLOWING] =
            1u << OFFER_OPENING | 1u << OFFER_OPEN | 1u << OFFER_TAKEN, /* OPEN: Ferry goes on by its copy */
        [OFFER_FALLBACK] =
            1u << OFFER_OPENING | 1u << OFFER_ASKED | 1u << OFFER_CONNECTING | 1u << OFFER_CLAIMING,
        [OFFER_ASKED] = 1u << OFFER_ACCEPTED | 1u << OFFER_FALLBACK,
        [OFFER_ACCEPTED] = 1u << OFFER_CONNECTING | 1u << OFFER_CLAIMING,
        [OFFER_CONNECTING] = 1u << OFFER_FALLBACK | 1u << OFFER_ACCEPTED | 1u << OFFER_CLAIMING,
        [OFFER_CLAIMING] = 1u << OFFER_OPEN | 1u << OFFER_ACCEPTED, /* ACCEPTED: another stream instead */
        [OFFER_OPEN] = 1u << OFFER_STORING | 1u << OFFER_ACCEPTED,
        [OFFER_STORING] = 0,
        [OFFER_LATE] = 0,
        [OFFER_ENDED] = 0,
    };
    if (to == OFFER_LATE)
        return from != OFFER_LATE && from != OFFER_ENDED;
    return to == OFFER_ENDED ? from != OFFER_ENDED : (legal[from] >> to & 1) != 0;
}

/* How long it may stay in a step; 0: something else ends it. */
static int64_t step_wait(enum offer_state s)
{
    switch (s) {
    case OFFER_ROUTED:
    case OFFER_TAKEN:
    case OFFER_FLOWING:
    case OFFER_ACCEPTED:
        return conf_get()->offers_answer_timeout;
    case OFFER_OPENING:
        return offer_wait_ms(OFFER_WAIT_STREAM);
    case OFFER_FALLBACK:
        return offer_wait_ms(OFFER_WAIT_INBAND);
    default:
        return 0;
    }
}

void offer_hold_sender(struct offer *o)
{
    struct session *s = session_by_serial(o->from_serial);
    if (!s || o->held)
        return;
    session_hold(s);
    o->held = s->serial;
}

void offer_release_sender(struct offer *o)
{
    struct session *s = o->held ? session_by_serial(o->held) : NULL;
    o->held = 0;
    if (s)
        session_release(s);
}

void offer_enter(struct offer *o, enum offer_state to)
{
    FERRY_ASSERT(step_legal(o->state, to));
    char sid[LOG_QUOTE];
    log_debug("%s offer sid=%s %s -> %s", o->from, log_quote(o->sid, sid), offer_state_name(o->state),
              offer_state_name(to));
    if (o->state == OFFER_ASKED)
        offer_release_sender(o);
    o->state = to;
    o->touched = clock_mono_ms();
    int64_t ms = step_wait(to);
    if (ms > 0)
        loop_timer_set(&o->timer, ms);
    else
        loop_timer_clear(&o->timer); /* the others end by their own clocks, or by storage's answer */
}

void offer_take(struct offer *o)
{
    FERRY_ASSERT(o->owner == OFFER_OF_RECEIVER);
    o->owner = OFFER_OF_FERRY;
    for (struct idlist_entry *e = o->asked.first; e; e = e->next)
        idlist_add(&o->absorbed, e->id);
    idlist_free(&o->asked);
    offer_enter(o, OFFER_ASKED);
}

void offer_give_back(struct offer *o)
{
    if (offer_receiver_there(o))
        o->owner = OFFER_OF_RECEIVER;
    offer_enter(o, OFFER_FALLBACK);
}

/* Looks again whether it may be, and gives it an id. */
static enum refuse give_grant(struct offer *o)
{
    int64_t size = o->grant.size;
    o->grant = (struct grant){
        .size = size,
        .name = o->name,
        .type = o->type,
        .owner = o->from_bare,
        .to = o->to_bare,
        .to_raw = o->to_raw,
        .desc = o->desc,
        .took = o->side ? o->side->took : TOOK_SI,
        .purpose = PURPOSE_MESSAGE,
        .flags = GRANT_NOTIFY_OWNER | (o->unsized ? GRANT_UP_TO : 0u),
    };
    unfinished_mark(o, &o->grant);
    return grant_new(mod_storage(), &o->grant);
}

struct question {
    struct asking asking;
    offer_asked *asked;
};

static void on_asked(void *arg, enum refuse r)
{
    struct question *q = arg;
    struct offer *o = q->asking.o;
    offer_asked *asked = q->asked;
    free(q);
    if (!o)
        return; /* the sender left; nothing was promised */
    o->asking = NULL;
    if (r == REFUSE_OK)
        r = give_grant(o);
    asked(o, r == REFUSE_FILE_TOO_LARGE ? REFUSE_OFFER_TOO_BIG : r);
}

void offer_ask(struct offer *o, offer_asked *asked)
{
    struct question *q = xmalloc(sizeof *q);
    *q = (struct question){{o}, asked};
    o->asking = &q->asking;
    grant_ask(mod_storage(), o->from_bare, o->to_bare, o->unsized ? 1 : o->grant.size, mod_home(), on_asked,
              q);
}

void offer_accept(struct offer *o, unsigned method)
{
    char to[LOG_QUOTE], sid[LOG_QUOTE];
    o->chosen = method;
    offer_enter(o, OFFER_ACCEPTED);
    log_info("%s offer accepted sid=%s to=%s size=%lld by=%s%s", o->from, log_quote(o->sid, sid),
             log_quote(o->to_raw, to), (long long)o->grant.size, method == METHOD_IBB ? "ibb" : "bytestreams",
             o->side ? ", jingle" : "");
}

enum refuse offer_restart(struct offer *o)
{
    bool anew = o->intake && o->offset == 0;
    if (o->stream)
        o->stream_ops->free(TAKE(o->stream));
    if (o->intake && o->offset > 0 && o->state == OFFER_OPEN)
        intake_keep(&o->intake, NULL, NULL);
    else
        intake_abort(&o->intake, REFUSE_OK);
    if (o->answer)
        pending_refuse(&o->answer, REFUSE_BROKEN_OFF, NULL);
    if (o->state != OFFER_ACCEPTED)
        offer_enter(o, OFFER_ACCEPTED);
    return anew ? give_grant(o) : REFUSE_OK;
}

void offer_claim(struct offer *o, const struct intake_events *ev)
{
    const uint8_t *md5 = o->has_md5 ? o->md5 : NULL;
    o->grant.deadline = clock_wall() + 60; /* the sender was in time: [offers] answer_timeout said so */
    if (o->offset > 0) {
        o->intake = intake_resume(mod_storage(), &o->grant, o->offset, md5, mod_home(), ev, o);
    } else {
        o->intake = intake_new(mod_storage(), &o->grant, md5, mod_home(), ev, o);
    }
}

void offer_copy_claim(struct offer *o)
{
    offer_claim(o, o->stream_ops->copy);
}

void offer_copy_drop(struct offer *o)
{
    if (o->asking)
        TAKE(o->asking)->o = NULL;
    if (o->stream)
        o->stream_ops->free(TAKE(o->stream));
    intake_abort(&o->intake, REFUSE_OK);
    offer_release_sender(o);
}

void offer_stream_over(struct offer *o)
{
    offer_copy_drop(o);
    if (o->relayed)
        proxy65_forget(o);
    o->relayed = o->cut = false;
}

void offer_copy_goes_on(struct offer *o)
{
    char sid[LOG_QUOTE];
    log_info("%s offer goes on without the receiver sid=%s received=%lld", o->from, log_quote(o->sid, sid),
             (long long)intake_received(o->intake));
    o->owner = OFFER_OF_FERRY;
    if (o->side && o->side->goes_on)
        o->side->goes_on(o);
    offer_enter(o, OFFER_OPEN);
}

void offer_whole(struct offer *o)
{
    offer_enter(o, OFFER_STORING);
    if (o->side)
        o->side->whole(o);
    else
        intake_commit(o->intake);
}
