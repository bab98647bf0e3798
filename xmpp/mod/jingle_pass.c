/* jingle_pass.c: a Jingle session that is the receiver's: its words go to and fro between him, pinned to the
 * resource that got the session-initiate, and the sender, who hears them from the address he asked. The
 * record follows: who has decided, and by which stream the bytes will come. An application or a transport
 * that his client does not know is no no: Ferry knows them (takeover.h).
 */
#include <stdlib.h>
#include <string.h>

#include "xmpp/invite.h"
#include "xmpp/mod/jingle.h"
#include "xmpp/takeover.h"

struct offer *jingle_find_back(const struct packet *p, const char *sid)
{
    struct offer *o = NULL;
    while (sid && (o = offer_walk(p->to.text, o)) != NULL) {
        const struct jingle *j = jingle_of(o);
        if (j && o->pinned && strcmp(j->sid, sid) == 0 && o->pinned_serial == p->from_session->serial)
            return o;
    }
    return NULL;
}

static bool is(const char *action, const char *name)
{
    return strcmp(action, name) == 0;
}

static bool has_reason(const struct packet *p, const char *const names[])
{
    const struct stanza *reason = stanza_find(p->payload, NULL, "reason");
    for (; reason && *names; names++)
        if (stanza_find(reason, NULL, *names))
            return true;
    return false;
}

/* --- what an action of either side changes --- */

/* He gets another one. */
static void leave_stream(struct offer *o)
{
    if (o->state != OFFER_FLOWING)
        return;
    offer_stream_over(o);
    o->opened = o->inband = false;
    offer_enter(o, OFFER_TAKEN);
}

static void follow_replace(struct offer *o, const struct packet *p, bool forth)
{
    struct jingle *j = o->session;
    const struct stanza *transport = jingleform_transport(p->payload);
    const char *sid;
    unsigned method;
    uint32_t block;
    if (!transport || jingleform_stream(transport, &sid, &method, &block) != REFUSE_OK)
        return;
    free(o->sid);
    o->sid = xstrdup(sid);
    j->no_host[0] = j->no_host[1] = false;
    j->replacing = forth;
    if (forth) {
        const char *id = stanza_get(p->st, "id");
        free(j->replace_id);
        j->replace_id = id ? xstrdup(id) : NULL;
        jingle_take_transport(o, transport, method, block);
    }
    o->methods = o->chosen = method;
    if (!o->inband)
        leave_stream(o);
}

static void follow_hosts(struct offer *o, const struct packet *p, bool forth)
{
    struct jingle *j = o->session;
    const struct stanza *transport = jingleform_transport(p->payload);
    if (transport && stanza_find(transport, NULL, "candidate-error"))
        j->no_host[forth ? 0 : 1] = true;
    else if (transport && stanza_find(transport, NULL, "candidate-used") && o->state == OFFER_TAKEN)
        offer_enter(o, OFFER_FLOWING);
}

/* He wants only a part of it: that is no file to keep. */
static bool wants_part(const struct packet *p)
{
    const struct stanza *content = stanza_find(p->payload, NULL, "content");
    const struct stanza *description = content ? stanza_first_element(content) : NULL;
    while (description && strcmp(description->name, "description") != 0)
        description = stanza_next_element(description);
    const struct stanza *file = description ? stanza_find(description, NULL, "file") : NULL;
    const struct stanza *range = file ? stanza_find(file, NULL, "range") : NULL;
    const char *offset = range ? stanza_get(range, "offset") : NULL;
    return range && ((offset && strcmp(offset, "0") != 0) || stanza_get(range, "length"));
}

static bool success(const struct packet *p)
{
    static const char *const names[] = {"success", NULL};
    return has_reason(p, names);
}

/* He accepts before he has answered the session-initiate: Ferry answers it, and his own answer goes nowhere.
 */
static void answer_initiate(struct offer *o)
{
    struct packet initiate;
    if (offer_kept_packet(o, &initiate) && idlist_take(&o->asked, o->iq_id))
        router_result(&initiate, NULL);
    offer_drop_iq(o);
}

/* Who has decided, by which stream the bytes will come, and what is said of them. */
static void follow(struct offer *o, const struct packet *p, const char *action, bool forth)
{
    struct jingle *j = o->session;
    const struct stanza *info = stanza_first_element(p->payload);
    if (is(action, "session-accept") && !forth && o->state == OFFER_ROUTED) {
        answer_initiate(o);
        offer_enter(o, OFFER_TAKEN);
        j->told = true;
        o->chosen = o->methods;
        o->part = wants_part(p);
    } else if (is(action, "session-terminate")) {
        if (!forth || !success(p)) /* his bytes may still be on their way */
            offer_copy_drop(o);
        j->over = true;
    } else if (is(action, "transport-replace")) {
        follow_replace(o, p, forth);
    } else if (is(action, "transport-accept")) {
        if (forth || j->replacing)
            leave_stream(o);
        j->replacing = j->replacing && forth;
    } else if (is(action, "transport-info")) {
        follow_hosts(o, p, forth);
    } else if (is(action, "session-info") && forth && info && stanza_is(info, j->app, "checksum")) {
        jingleform_sum(stanza_find(info, NULL, "file"), &j->sum);
    }
}

/* Neither reached the other: the sender has a while to replace the transport (takeover_expired). */
static void look_at_hosts(struct offer *o)
{
    const struct jingle *j = o->session;
    if (o->state == OFFER_TAKEN && j->no_host[0] && j->no_host[1] && !j->over)
        loop_timer_set(&o->timer, offer_wait_ms(OFFER_WAIT_INBAND));
}

/* --- passing on --- */

int jingle_forth(struct offer *o, struct packet *p, const char *action)
{
    static const char *const gave_up[] = {"connectivity-error", "failed-transport", "unsupported-transports",
                                          NULL};
    bool waits = o->state == OFFER_TAKEN || o->state == OFFER_OPENING;
    if (!offer_receiver_there(o))
        return REFUSE_UNAVAILABLE;
    follow(o, p, action, true);
    if (waits && is(action, "session-terminate") && has_reason(p, gave_up) && takeover_wanted(o))
        invite_send(o); /* no stream came to be: there is another way */
    if (!offer_forward(o, p))
        return REFUSE_UNAVAILABLE;
    look_at_hosts(o);
    return MOD_HANDLED;
}

/* His client knows this application or transport no more than one that knows no Jingle, no stream comes to
 * it, it has waited long enough for him, or it is about to leave. That is no no of his. */
static bool cannot(const struct offer *o, const struct packet *p, const char *action)
{
    static const char *const reasons[] = {"unsupported-applications",
                                          "unsupported-transports",
                                          "incompatible-parameters",
                                          "connectivity-error",
                                          "failed-transport",
                                          "timeout",
                                          "expired",
                                          "gone",
                                          NULL};
    const struct jingle *j = o->session;
    switch (o->state) {
    case OFFER_ROUTED:
    case OFFER_TAKEN:
    case OFFER_OPENING:
        return (is(action, "session-terminate") && has_reason(p, reasons)) ||
               (is(action, "transport-reject") && j->replacing);
    default:
        return false;
    }
}

/* In the middle of a stream in band, with a word of farewell: as without one (jingle_left). */
static void look_at_farewell(const struct offer *o, const struct packet *p, const char *action)
{
    static const char *const gone[] = {"gone", NULL};
    if (o->state == OFFER_FLOWING && o->inband && o->opened && is(action, "session-terminate") &&
        has_reason(p, gone) && takeover_wanted(o))
        offer_tell_sender(o, REFUSE_RECEIVER_LEFT);
}

int jingle_back(struct offer *o, struct packet *p, const char *action)
{
    struct jingle *j = o->session;
    if (o->owner == OFFER_OF_FERRY)
        return jingle_late(o, p, action); /* he took too long */
    if (cannot(o, p, action)) {
        j->left = is(action, "session-terminate");
        if (o->state == OFFER_ROUTED ? takeover_offer(o) : takeover_accepted(o, "cannot")) {
            router_result(p, NULL);
            return MOD_HANDLED;
        }
    }
    look_at_farewell(o, p, action);
    follow(o, p, action, false);
    if (!offer_back(o, p))
        return MOD_PASS;
    look_at_hosts(o);
    return MOD_HANDLED;
}
