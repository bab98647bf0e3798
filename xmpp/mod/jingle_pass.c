/* jingle_pass.c: a Jingle session that is the receiver's: its words go to and fro between him, pinned to the
 * resource that got the session-initiate, and the sender, who hears them from the address he asked. The
 * record follows: who has decided, and by which stream the bytes will come. An application or a transport
 * that his client does not know is no no: Ferry knows them (takeover.h).
 */
#include <stdlib.h>
#include <string.h>

#include "xmpp/mod/jingle.h"
#include "xmpp/takeover.h"

struct offer *jingle_find_back(const struct packet *p, const char *sid)
{
    struct offer *o = NULL;
    while (sid && (o = offer_walk(p->to.text, o)) != NULL) {
        const struct jingle *j = jingle_of(o);
        if (j && o->pinned && strcmp(j->sid, sid) == 0 && strcmp(o->pinned, p->from.text) == 0)
            return o;
    }
    return NULL;
}

/* What an action of either side changes: who has it, and by which stream its bytes will come. */
static void follow(struct offer *o, const struct packet *p, const char *action)
{
    const struct stanza *transport = jingleform_transport(p->payload);
    const char *sid;
    unsigned method;
    uint32_t block;
    bool decides = strcmp(action, "session-accept") == 0 || strcmp(action, "session-terminate") == 0;
    if (decides && o->state == OFFER_ROUTED)
        offer_enter(o, OFFER_TAKEN);
    if (strcmp(action, "transport-replace") == 0 && transport &&
        jingleform_stream(transport, &sid, &method, &block) == REFUSE_OK) {
        free(o->sid);
        o->sid = xstrdup(sid);
    }
}

/* His client knows this application or transport no more than one that knows no Jingle. */
static bool means_cannot(const struct packet *p, const char *action)
{
    const struct stanza *reason = stanza_find(p->payload, NULL, "reason");
    return reason && strcmp(action, "session-terminate") == 0 &&
           (stanza_find(reason, NULL, "unsupported-applications") ||
            stanza_find(reason, NULL, "unsupported-transports"));
}

int jingle_forth(struct offer *o, struct packet *p, const char *action)
{
    if (!offer_receiver_there(o))
        return REFUSE_UNAVAILABLE;
    follow(o, p, action);
    return offer_forward(o, p) ? MOD_HANDLED : REFUSE_UNAVAILABLE;
}

int jingle_back(struct offer *o, struct packet *p, const char *action)
{
    struct jingle *j = o->session;
    if (o->owner == OFFER_OF_FERRY)
        return REFUSE_SESSION_UNKNOWN; /* he took too long */
    if (o->state == OFFER_ROUTED && !o->iq && means_cannot(p, action)) {
        j->left = true;
        if (takeover_offer(o)) {
            router_result(p, NULL);
            return MOD_HANDLED;
        }
    }
    follow(o, p, action);
    return offer_back(o, p) ? MOD_HANDLED : MOD_PASS;
}
