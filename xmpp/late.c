/* late.c: yes and no that come too late.
 *
 * No: a stream that is under way is stopped, a stored file that nobody fetched is deleted, and the sender is
 * told in either case. Yes: what is stored (as soon as it is) is sent to him as the stream he agreed to,
 * under its sid and from the sender's address; the link stays. A client that *cannot* has said nothing new.
 */
#include "xmpp/late.h"

#include <string.h>

#include "base/log.h"
#include "xmpp/outgoing.h"

static void log_word(const struct offer *o, const char *word)
{
    char sid[LOG_QUOTE];
    log_info("%s offer sid=%s late %s state=%s", o->from, log_quote(o->sid, sid), word,
             offer_state_name(o->state));
}

void late_yes(struct offer *o, unsigned methods)
{
    log_word(o, "yes");
    o->late_yes = methods;
    if (o->state == OFFER_LATE)
        offer_end(&o, REFUSE_OK);
}

void late_no(struct offer *o)
{
    log_word(o, "no");
    o->late_no = true;
    if (o->state == OFFER_LATE) {
        offer_end(&o, REFUSE_OK);
    } else if (o->state != OFFER_STORING) {
        if (o->stream && o->stream_ops->stop)
            o->stream_ops->stop(o->stream);
        offer_end(&o, REFUSE_DECLINED);
    }
}

void late_answer(struct offer *o, const struct packet *p)
{
    const struct stanza *error = stanza_find(p->st, NULL, "error");
    if (o->side) {
        o->side->late_answer(o, error);
    } else if (strcmp(p->type, "result") == 0) {
        late_yes(o, siform_chosen(p->payload) & o->methods & (METHOD_IBB | METHOD_S5B));
    } else if (!error || !siform_cannot(error)) {
        late_no(o);
    } else {
        log_word(o, "cannot");
        if (o->state == OFFER_LATE)
            offer_end(&o, REFUSE_OK);
    }
}

void late_ended(struct offer *o)
{
    if (o->stored && o->late_no) {
        transfer_decline(mod_storage(), &o->grant.id);
    } else if (o->stored && o->late_yes && offer_receiver_there(o) && o->side) {
        o->side->send_late(o);
    } else if (o->stored && o->late_yes && offer_receiver_there(o)) {
        const struct outgoing_terms terms = {
            .id = &o->grant.id,
            .size = o->grant.size,
            .from = o->from,
            .to = o->pinned,
            .sid = o->sid,
            .methods = o->late_yes == METHOD_S5B ? METHOD_S5B | METHOD_IBB : METHOD_IBB,
        };
        outgoing_start(&terms);
    }
    o->late_yes = 0;
    o->late_no = false;
}
