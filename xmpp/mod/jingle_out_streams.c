/* jingle_out_streams.c: the transports of a Jingle session in which Ferry is the initiator.
 *
 * By S5B our proxy is the only host that Ferry offers; of the receiver's own none is dialled, so
 * candidate-error is said at once. When he cannot reach the proxy, or is silent about it, the transport is
 * replaced by the in-band one; his own proposal to do so is taken. The bytes go by outgoing.c.
 */
#include <stdlib.h>
#include <string.h>

#include "xmpp/mod/jingle_out_session.h"
#include "xmpp/proxy65.h"

void jingle_out_transport(struct stanza *content, const struct jingle_out *j)
{
    if (j->method == METHOD_IBB)
        (void)jingleoffer_ibb(content, j->stream, j->block);
    else
        (void)jingleoffer_s5b(content, j->stream, j->key, mod_proxy(), conf_get()->proxy65_host,
                              proxy65_port());
}

static void say_info(const struct jingle_out *j, const char *word, const char *cid)
{
    struct stanza *jingle = jingle_out_say(j, "transport-info");
    struct stanza *transport = jingleoffer_s5b(jingle_out_content(jingle, j), j->stream, NULL, NULL, NULL, 0);
    stanza_set(stanza_child(transport, NULL, word), "cid", cid);
    jingle_out_send(jingle, NULL, NULL);
}

/* --- the bytes --- */

static void on_streamed(void *arg, enum outgoing_end how)
{
    struct jingle_out *j = arg;
    if (how == OUTGOING_COMPLETED && !j->heard && jingle_out_there(j))
        jingle_out_enter(j, JINGLE_OUT_SENT, offer_wait_ms(OFFER_WAIT_INBAND));
    else if (how == OUTGOING_COMPLETED)
        jingle_out_end(j, how, REFUSE_OK);
    else if (how == OUTGOING_GONE)
        jingle_out_end(j, how, REFUSE_REMOVED);
    else
        jingle_out_end(j, how, how == OUTGOING_DECLINED ? REFUSE_DECLINED : REFUSE_BROKEN_OFF);
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
    jingle_out_enter(j, JINGLE_OUT_SENDING, 0);
    if (!outgoing_start(&terms))
        jingle_out_end(j, OUTGOING_FAILED, REFUSE_TOO_MANY_OFFERS);
}

static void on_replace_answered(void *arg, const struct stanza *answer)
{
    struct jingle_out *j = arg;
    const char *type = answer ? stanza_get(answer, "type") : "";
    if (j->step == JINGLE_OUT_REPLACING && type && strcmp(type, "error") == 0)
        jingle_out_end(j, OUTGOING_FAILED, REFUSE_PEER_UNREACHABLE);
}

void jingle_out_replace(struct jingle_out *j)
{
    struct stanza *jingle = jingle_out_say(j, "transport-replace");
    j->method = METHOD_IBB;
    j->block = JINGLEFORM_BLOCK;
    jingle_out_transport(jingle_out_content(jingle, j), j);
    jingle_out_enter(j, JINGLE_OUT_REPLACING, offer_wait_ms(OFFER_WAIT_STREAM));
    jingle_out_send(jingle, on_replace_answered, j);
}

/* He has named our proxy. One who is not connected after all hears it, and then the other transport. */
static void connected(struct jingle_out *j)
{
    if (!proxy65_parked(j->key)) {
        say_info(j, "proxy-error", NULL);
        jingle_out_replace(j);
        return;
    }
    say_info(j, "activated", JINGLEOFFER_CID);
    stream(j, j->key);
}

/* --- what he says --- */

/* What he has accepted begins. */
void jingle_out_go_on(struct jingle_out *j, const struct packet *p, uint32_t block)
{
    if (!jingleoffer_part(p->payload, &j->offset, &j->size)) {
        jingle_out_end(j, OUTGOING_FAILED, REFUSE_RANGE);
        return;
    }
    j->block = block < j->block ? block : j->block;
    if (j->method == METHOD_IBB) {
        stream(j, NULL);
    } else if (*j->key) {
        say_info(j, "candidate-error", NULL);
        jingle_out_enter(j, JINGLE_OUT_CONNECTING, offer_wait_ms(OFFER_WAIT_STREAM));
    } else {
        jingle_out_replace(j);
    }
}

int jingle_out_accept(struct jingle_out *j, struct packet *p)
{
    const struct stanza *transport = jingleform_transport(p->payload);
    const char *sid;
    unsigned method;
    uint32_t block;
    if (j->step != JINGLE_OUT_OFFERED)
        return REFUSE_SESSION_ORDER;
    if (!transport || jingleform_stream(transport, &sid, &method, &block) != REFUSE_OK || method != j->method)
        return REFUSE_BAD_REQUEST;
    router_result(p, NULL);
    jingle_out_go_on(j, p, block);
    return MOD_HANDLED;
}

int jingle_out_info(struct jingle_out *j, struct packet *p)
{
    const struct stanza *transport = jingleform_transport(p->payload);
    if (!stanza_is(transport, NS_JINGLE_S5B, "transport"))
        return REFUSE_BAD_REQUEST;
    const struct stanza *used = stanza_find(transport, NULL, "candidate-used");
    const char *cid = used ? stanza_get(used, "cid") : NULL;
    if (used && (!cid || strcmp(cid, JINGLEOFFER_CID) != 0))
        return REFUSE_NOT_FOUND;
    if (used && j->step != JINGLE_OUT_CONNECTING)
        return REFUSE_SESSION_ORDER;
    router_result(p, NULL);
    if (used)
        connected(j);
    else if (j->step == JINGLE_OUT_CONNECTING &&
             (stanza_find(transport, NULL, "candidate-error") || stanza_find(transport, NULL, "proxy-error")))
        jingle_out_replace(j);
    return MOD_HANDLED;
}

/* Of his own he may propose what Ferry would have proposed. */
int jingle_out_proposal(struct jingle_out *j, struct packet *p)
{
    const struct stanza *transport = jingleform_transport(p->payload);
    const char *sid;
    unsigned method;
    uint32_t block;
    enum refuse r = transport ? jingleform_stream(transport, &sid, &method, &block) : REFUSE_BAD_REQUEST;
    if (j->step != JINGLE_OUT_CONNECTING)
        return REFUSE_SESSION_ORDER; /* of two proposals the initiator's holds */
    if (r == REFUSE_BAD_REQUEST)
        return (int)r;
    router_result(p, NULL);
    bool taken = r == REFUSE_OK && method == METHOD_IBB;
    struct stanza *jingle = jingle_out_say(j, taken ? "transport-accept" : "transport-reject");
    if (taken) {
        free(j->stream);
        j->stream = xstrdup(sid);
        j->method = METHOD_IBB;
        j->block = block < JINGLEFORM_BLOCK ? block : JINGLEFORM_BLOCK;
        jingle_out_transport(jingle_out_content(jingle, j), j);
    } else {
        stanza_add(jingle_out_content(jingle, j), stanza_copy(jingle->arena, transport));
    }
    jingle_out_send(jingle, NULL, NULL);
    if (taken)
        stream(j, NULL);
    return MOD_HANDLED;
}

int jingle_out_replaced(struct jingle_out *j, struct packet *p, bool accepted)
{
    const struct stanza *transport = jingleform_transport(p->payload);
    const char *sid;
    unsigned method;
    uint32_t block;
    if (j->step != JINGLE_OUT_REPLACING)
        return REFUSE_SESSION_ORDER;
    if (accepted && (!transport || jingleform_stream(transport, &sid, &method, &block) != REFUSE_OK ||
                     method != METHOD_IBB))
        return REFUSE_BAD_REQUEST;
    router_result(p, NULL);
    if (accepted) {
        j->block = block < j->block ? block : j->block;
        stream(j, NULL);
    } else {
        jingle_out_end(j, OUTGOING_FAILED, REFUSE_PEER_UNREACHABLE);
    }
    return MOD_HANDLED;
}
