/* subscribe.c: subscription requests and answers (RFC 6121 section 3, appendix A).
 *
 * A subscription stanza is two steps on disk, one in each of the two rosters, each answered by storage: first
 * the sender's (OUT_*), then, when the stanza is to go on, the receiver's (IN_*). After each step the owner's
 * interested resources get a push, and after the second the receiver's available ones get the stanza, and
 * presence follows what the subscription now allows. A receiver who is away finds a pending request when he
 * comes (presence.c); nothing else is kept for him. A crash between the two steps leaves one side asked and
 * the other not: asking again mends it.
 */
#include "xmpp/mod/subscribe.h"

#include <stdlib.h>
#include <string.h>

#include "xmpp/mod/contacts.h"
#include "xmpp/mod/presence.h"
#include "xmpp/router.h"

static const char *const types[] = {"subscribe", "unsubscribe", "subscribed", "unsubscribed"};

struct step {
    struct arena *arena;
    const char *owner, *other; /* whose roster, and whom it is about; bare */
    enum roster_event event;
    struct stanza *st;      /* from bare to bare */
    uint64_t serial;        /* of the session it came from; 0: none */
    struct pending *counts; /* it counts among what that session waits for; NULL: not */
};

static void step_done(void *arg, enum refuse r, const struct roster_item *item, bool changed,
                      enum subscription before);

static bool outgoing(enum roster_event e)
{
    return e < IN_SUBSCRIBE;
}

static void begin(struct step *s)
{
    roster_event(mod_storage(), s->owner, s->other, s->event, mod_home(), step_done, s);
}

static struct step *step_new(const char *owner, const char *other, enum roster_event e)
{
    struct arena *arena = arena_get(NULL);
    struct step *s = arena_zalloc(arena, sizeof(*s));
    s->arena = arena;
    s->owner = arena_strdup(arena, owner);
    s->other = arena_strdup(arena, other);
    s->event = e;
    s->st = stanza_new(arena, NS_CLIENT, "presence");
    stanza_set(s->st, "type", types[e % ARRAY_LEN(types)]);
    stanza_set(s->st, "from", outgoing(e) ? s->owner : s->other);
    stanza_set(s->st, "to", outgoing(e) ? s->other : s->owner);
    return s;
}

/* Nobody of that name: the asker hears it at once, and is not left waiting. */
static void unknown_receiver(struct step *s)
{
    struct session *asker = session_by_serial(s->serial);
    if (s->event != IN_SUBSCRIBE)
        return;
    if (asker)
        session_send(asker, stanza_error(s->arena, s->st, REFUSE_UNKNOWN_USER, NULL));
    begin(step_new(s->other, s->owner, IN_UNSUBSCRIBED));
}

static void received(struct step *s, const struct roster_item *item, bool changed)
{
    if (s->event == IN_SUBSCRIBE && !changed && (item->sub & SUB_FROM)) {
        begin(step_new(s->other, s->owner, IN_SUBSCRIBED)); /* granted long ago: answered for him */
        return;
    }
    if (!changed)
        return;
    router_send(s->st);
    if (s->event == IN_SUBSCRIBED)
        presence_show(s->other, s->owner, true);
    else if (s->event == IN_UNSUBSCRIBED)
        presence_show(s->other, s->owner, false);
    else if (s->event == IN_UNSUBSCRIBE)
        presence_show(s->owner, s->other, false);
}

/* The sender's half is done: on to the receiver's. */
static void sent(struct step *s, bool changed)
{
    /* A request may be repeated: the first one may never have arrived. */
    if (!changed && s->event != OUT_SUBSCRIBE)
        return;
    struct step *in = step_new(s->other, s->owner, s->event + IN_SUBSCRIBE);
    in->serial = s->serial;
    in->counts = TAKE(s->counts);
    for (const struct stanza *c = s->st->first; c; c = c->next)
        stanza_add(in->st, stanza_copy(in->arena, c));
    struct session *from = session_by_serial(in->serial);
    if (from)
        session_work(from);
    begin(in);
}

static void step_done(void *arg, enum refuse r, const struct roster_item *item, bool changed,
                      enum subscription before)
{
    struct step *s = arg;
    if (r == REFUSE_OK) {
        if (changed) {
            contacts_changed(s->owner, item);
            if (item->in_roster && (item->sub != before || outgoing(s->event) || s->event == IN_UNSUBSCRIBED))
                roster_push(s->owner, item);
        }
        if (outgoing(s->event))
            sent(s, changed);
        else
            received(s, item, changed);
    } else if (r == REFUSE_UNKNOWN_USER && !outgoing(s->event)) {
        unknown_receiver(s);
    } else if (outgoing(s->event)) {
        struct session *from = session_by_serial(s->serial);
        if (from)
            session_send(from, stanza_error(s->arena, s->st, r, NULL));
    } /* else: blocked, or his list is full: the sender learns nothing */
    if (s->counts)
        pending_drop(&s->counts);
    session_worked(s->serial);
    arena_put(s->arena);
}

static int subscription(struct packet *p)
{
    for (size_t e = 0; e < ARRAY_LEN(types); e++) {
        if (strcmp(types[e], p->type))
            continue;
        struct step *s = step_new(p->from_session->user->jid, jid_bare(p->arena, &p->to), OUT_SUBSCRIBE + e);
        s->serial = p->from_session->serial;
        s->counts = router_hold(p);
        if (stanza_get(p->st, "id"))
            stanza_set(s->st, "id", stanza_get(p->st, "id"));
        for (const struct stanza *c = p->st->first; c; c = c->next)
            stanza_add(s->st, stanza_copy(s->arena, c));
        session_work(p->from_session);
        begin(s);
    }
    return MOD_HANDLED;
}

void subscribe_contact_removed(const char *owner, const char *contact, enum subscription before, bool ask)
{
    if ((before & SUB_TO) || ask)
        begin(step_new(contact, owner, IN_UNSUBSCRIBE));
    if (before & SUB_FROM)
        begin(step_new(contact, owner, IN_UNSUBSCRIBED));
}

static const struct mod_route routes[] = {
    {"presence", "subscribe", TARGET_USER, NULL, NULL, subscription},
    {"presence", "unsubscribe", TARGET_USER, NULL, NULL, subscription},
    {"presence", "subscribed", TARGET_USER, NULL, NULL, subscription},
    {"presence", "unsubscribed", TARGET_USER, NULL, NULL, subscription},
    {.fn = NULL},
};

static const struct mod subscribe = {.name = "subscribe", .routes = routes};
MOD_REGISTER(subscribe);
