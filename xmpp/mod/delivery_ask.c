/* delivery_ask.c: what one resource is asked when a stored file is offered to it: a Jingle session where its
 * capabilities have that, else an offer of stream initiation, and one that knows neither, or none of our
 * methods, jabber:iq:oob. Each way is tried when his client could not do the one before; who takes the offer
 * gets the stream he chose.
 */
#include "xmpp/caps.h"
#include "xmpp/filebox.h"
#include "xmpp/mod/delivery_body.h"
#include "xmpp/mod/jingle_out.h"
#include "xmpp/outgoing.h"
#include "xmpp/proxy65.h"
#include "xmpp/siform.h"

static struct stanza *iq_to(const struct delivery *d, const struct session *s)
{
    struct stanza *iq = stanza_new(router_arena(), NS_CLIENT, "iq");
    stanza_set(iq, "type", "set");
    stanza_set(iq, "from", d->from);
    stanza_set(iq, "to", s->jid.text);
    return iq;
}

static void ask(struct delivery *d, struct stanza *iq, iq_answered *fn)
{
    router_ask(iq, conf_get()->offers_answer_timeout, fn, d);
    arena_put(iq->arena);
}

static const struct stanza *error_of(const struct stanza *answer)
{
    return answer ? stanza_find(answer, NULL, "error") : NULL;
}

/* No answer: he left, which is no answer of his, or he lets it lie. */
static void unanswered(struct delivery *d)
{
    struct session *s = delivery_session(d);
    if (s)
        s->lets_lie = true;
    delivery_over(d, s ? DELIVERY_CANNOT : DELIVERY_LEFT);
}

static void on_link(void *arg, const struct stanza *answer)
{
    struct delivery *d = arg;
    const struct stanza *error = error_of(answer);
    if (!answer) {
        unanswered(d);
    } else if (stanza_is_result(answer)) {
        delivery_over(d, DELIVERY_COMPLETED);
    } else if (error && stanza_find(error, NS_STANZAS, "not-acceptable")) {
        delivery_over(d, DELIVERY_DECLINED); /* XEP-0066: the user's no */
    } else {
        delivery_next(d);
    }
}

static void ask_link(struct delivery *d, const struct session *s)
{
    struct buf link = {0};
    struct stanza *iq = iq_to(d, s);
    struct stanza *query = stanza_child(iq, NS_OOB_IQ, "query");
    link_get(&link, &d->item.id, d->item.name);
    stanza_set(query, "sid", d->sid);
    stanza_child_text(query, NULL, "url", link.data);
    stanza_child_text(query, NULL, "desc", *d->item.desc ? d->item.desc : d->item.name);
    buf_free(&link);
    ask(d, iq, on_link);
}

static void on_streamed(void *arg, enum outgoing_end how)
{
    static const enum delivery_end ends[] = {
        [OUTGOING_COMPLETED] = DELIVERY_COMPLETED, [OUTGOING_DECLINED] = DELIVERY_DECLINED,
        [OUTGOING_FAILED] = DELIVERY_CANNOT,       [OUTGOING_LEFT] = DELIVERY_LEFT,
        [OUTGOING_GONE] = DELIVERY_GONE,           [OUTGOING_CANNOT] = DELIVERY_CANNOT};
    delivery_over(arg, ends[how]);
}

static void stream(struct delivery *d, const struct session *s, unsigned chosen)
{
    const struct outgoing_terms terms = {
        .id = &d->item.id,
        .size = d->item.size,
        .from = d->from,
        .to = s->jid.text,
        .sid = d->sid,
        .methods = chosen == METHOD_S5B ? METHOD_S5B | METHOD_IBB : METHOD_IBB,
        .ended = on_streamed,
        .arg = d,
    };
    if (!outgoing_start(&terms))
        delivery_over(d, DELIVERY_CANNOT);
}

static void on_answered(void *arg, const struct stanza *answer)
{
    struct delivery *d = arg;
    struct session *s = delivery_session(d);
    const struct stanza *error = error_of(answer);
    unsigned chosen = stanza_is_result(answer) ? siform_chosen(stanza_find(answer, NS_SI, "si")) : 0;
    if (!answer || !s) {
        unanswered(d);
    } else if (chosen == METHOD_S5B || chosen == METHOD_IBB) {
        stream(d, s, chosen);
    } else if (stanza_is_result(answer) || (error && siform_cannot(error))) {
        if (error && siform_unknown(error))
            filebox_lacks_si(s);
        ask_link(d, s);
    } else {
        delivery_over(d, DELIVERY_DECLINED);
    }
}

static void ask_offer(struct delivery *d, const struct session *s)
{
    if (s->lacks_si || caps_has(s, CAPS_SI) == CAPS_NO) {
        ask_link(d, s);
        return;
    }
    struct stanza *iq = iq_to(d, s);
    const struct siform form = {
        .sid = d->sid,
        .type = siform_type(d->item.type),
        .name = d->item.name,
        .desc = d->item.desc,
        .size = d->item.size,
        .methods = METHOD_IBB | METHOD_OOB | (proxy65_port() ? METHOD_S5B : 0),
    };
    stanza_add(iq, siform_offer(iq->arena, &form));
    ask(d, iq, on_answered);
}

/* --- by Jingle --- */

static void on_session(void *arg, enum outgoing_end how)
{
    struct delivery *d = arg;
    const struct session *s = delivery_session(d);
    if (how == OUTGOING_CANNOT && s)
        ask_offer(d, s);
    else if (how == OUTGOING_SILENT)
        unanswered(d);
    else
        on_streamed(d, how);
}

static bool has(const struct session *s, enum caps_feature f)
{
    return caps_has(s, f) == CAPS_YES;
}

static void ask_session(struct delivery *d, const struct session *s)
{
    const struct jingle_out_terms terms = {
        .id = &d->item.id,
        .file = {.app = has(s, CAPS_JINGLE_FT5) ? NS_JINGLE_FT5 : NS_JINGLE_FT4,
                 .name = d->item.name,
                 .type = siform_type(d->item.type),
                 .desc = d->item.desc,
                 .size = d->item.size,
                 .date = d->item.created,
                 .sha256 = d->item.has_sha256 ? d->item.sha256 : NULL},
        .from = d->from,
        .to = s->jid.text,
        .methods = METHOD_IBB | (has(s, CAPS_JINGLE_S5B) ? METHOD_S5B : 0),
        .ended = on_session,
        .arg = d,
    };
    if (!jingle_out_start(&terms))
        delivery_over(d, DELIVERY_LEFT);
}

void delivery_ask(struct delivery *d, const struct session *s)
{
    if (has(s, CAPS_JINGLE_FT5) || has(s, CAPS_JINGLE_FT4))
        ask_session(d, s);
    else
        ask_offer(d, s);
}
