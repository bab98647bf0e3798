/* delivery.c: see delivery.h. Each of a user's resources that wants messages is asked, the highest priority
 * first: by a Jingle session where its capabilities have that, else by an offer of stream initiation, and one
 * that knows neither, or none of our methods, by jabber:iq:oob. Each way is tried when his client could not
 * do the one before; who takes the offer gets the stream he chose; who says no ends it for all of them.
 *
 * A resource at which nobody has decided in time is not asked again: else what waits for a person who is
 * away, or for a client that cannot show an offer, would come one answer_timeout after the other. It gets the
 * links.
 *
 * What has been removed, or has expired, meanwhile is not offered, and no link of it is sent either: storage
 * is asked before each resource is, and before the link's message has its turn.
 */
#include "xmpp/delivery.h"

#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/log.h"
#include "storage/reading.h"
#include "storage/settings.h"
#include "xmpp/caps.h"
#include "xmpp/filebox.h"
#include "xmpp/mod/blocking.h"
#include "xmpp/mod/jingle_out.h"
#include "xmpp/offer.h"
#include "xmpp/proxy65.h"
#include "xmpp/siform.h"

#define SID_CHARS 22
#define ASKED_MAX 8 /* resources */

struct delivery {
    struct delivery *next;
    struct outbox_item item; /* texts in the arena */
    struct arena *arena;
    bool both, started, active;
    uint64_t asked[ASKED_MAX]; /* the last one is asked now */
    unsigned n_asked;
    struct reading *look;       /* is it still there? */
    enum delivery_end ended_so; /* what `ended` will be told, when it is */
    bool asks_caps;             /* what the resource can is being found out */
    struct loop_timer timer;    /* for that */
    const char *from;           /* full JID */
    char sid[SID_CHARS + 1];
    delivery_ended *ended;
    void *arg;
};

static struct delivery *all, **all_end = &all; /* started, in their order */

static void next_resource(struct delivery *d);
static void on_caps_over(void *arg);

/* --- a delivery's life --- */

static const char *sender_of(struct arena *arena, const struct outbox_item *item)
{
    const char *at = strchr(item->peer, '@');
    return at && mod_served_domain(at + 1) ? arena_printf(arena, "%s/" SESSION_RESERVED, item->peer) : NULL;
}

/* Of one whom he has blocked since he hears nothing; the row waits until he unblocks him, or the file goes.
 */
bool delivery_unwanted(const struct outbox_item *item)
{
    struct arena *arena = router_arena();
    struct jid sender;
    const char *text = arena_printf(arena, "%s/" SESSION_RESERVED, item->peer);
    const struct user *u = registry_user_entry(item->jid);
    bool about = (item->kind == OUTBOX_FILE || item->kind == OUTBOX_REMIND) && *item->peer;
    bool blocked =
        about && u && !jid_parse(arena, text, strlen(text), &sender) && blocking_blocks(u, &sender);
    arena_put(arena);
    return blocked;
}

struct delivery *delivery_new(const struct outbox_item *item)
{
    int how = item->kind == OUTBOX_FILE ? settings_get(mod_storage(), item->jid, SETTING_DELIVERY, NULL)
                                        : DELIVERY_LINK;
    if (how == DELIVERY_LINK || item->once || item->step == OUTBOX_DECLINED)
        return NULL;
    struct arena *arena = arena_get(NULL);
    const char *from = sender_of(arena, item);
    if (!from) {
        arena_put(arena);
        return NULL;
    }
    struct delivery *d = xcalloc(1, sizeof *d);
    d->arena = arena;
    d->from = from;
    loop_timer_init(&d->timer, mod_loop(), on_caps_over, d);
    d->both = how == DELIVERY_BOTH;
    d->item = outbox_item_copy(arena, item);
    return d;
}

const struct outbox_item *delivery_item(const struct delivery *d)
{
    return &d->item;
}

bool delivery_link_first(const struct delivery *d)
{
    return d->both && d->item.step == OUTBOX_FRESH;
}

void delivery_linked(struct delivery *d)
{
    d->item.step = OUTBOX_LINKED;
}

static void unlink_it(struct delivery *d)
{
    struct delivery **at = &all;
    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    if (all_end == &d->next)
        all_end = at;
    d->next = NULL;
    d->started = d->active = false;
}

/* Whatever is being asked or sent. */
static void let_go(struct delivery *d)
{
    router_ask_forget(d);
    jingle_out_forget(d);
    outgoing_forget(d);
    reading_free(&d->look);
    loop_timer_clear(&d->timer);
    d->asks_caps = false;
}

void delivery_free(struct delivery **at)
{
    struct delivery *d = TAKE(*at);
    if (!d)
        return;
    if (d->started)
        unlink_it(d);
    let_go(d);
    arena_put(d->arena);
    free(d);
}

static struct delivery *first_of(const char *jid)
{
    struct delivery *d = all;
    while (d && strcmp(d->item.jid, jid) != 0)
        d = d->next;
    return d;
}

bool delivery_under_way(const char *jid)
{
    return first_of(jid) != NULL;
}

static void finish(struct delivery *d, enum delivery_end how)
{
    static const char *const words[] = {"completed", "declined", "cannot", "receiver left", "gone"};
    struct arena *arena = arena_get(NULL);
    const char *jid = arena_strdup(arena, d->item.jid);
    log_info("%s delivery %s to=%s", d->item.id.text, words[how], jid);
    unlink_it(d);
    d->ended(d->arg, how);
    struct delivery *next = first_of(jid);
    arena_put(arena);
    if (next && !next->active)
        next_resource(next);
}

static void on_end_looked(void *arg, enum refuse r, const char *data, size_t n)
{
    struct delivery *d = arg;
    reading_free(&d->look);
    finish(d, transfer_is_gone(r) ? DELIVERY_GONE : d->ended_so);
}

bool delivery_cancel(struct delivery *d)
{
    if (!d->started)
        return false;
    let_go(d);
    finish(d, DELIVERY_LEFT);
    return true;
}

/* Where the link's message would follow, only if there still is something behind it. */
static void end(struct delivery *d, enum delivery_end how)
{
    if (how != DELIVERY_CANNOT && how != DELIVERY_DECLINED) {
        finish(d, how);
        return;
    }
    d->ended_so = how;
    d->look = reading_new(mod_storage(), &d->item.id, 0, mod_home());
    reading_look(d->look, on_end_looked, d);
}

/* --- what a resource is asked --- */

static struct session *asked_session(const struct delivery *d)
{
    struct session *s = session_by_serial(d->asked[d->n_asked - 1]);
    return s && s->state == SESSION_BOUND ? s : NULL;
}

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

static bool is_result(const struct stanza *answer)
{
    const char *type = answer ? stanza_get(answer, "type") : NULL;
    return type && strcmp(type, "result") == 0;
}

/* No answer: he left, which is no answer of his, or he lets it lie. */
static void unanswered(struct delivery *d)
{
    struct session *s = asked_session(d);
    if (s)
        s->lets_lie = true;
    end(d, s ? DELIVERY_CANNOT : DELIVERY_LEFT);
}

static void on_link(void *arg, const struct stanza *answer)
{
    struct delivery *d = arg;
    const struct stanza *error = error_of(answer);
    if (!answer) {
        unanswered(d);
    } else if (is_result(answer)) {
        end(d, DELIVERY_COMPLETED);
    } else if (error && stanza_find(error, NS_STANZAS, "not-acceptable")) {
        end(d, DELIVERY_DECLINED); /* XEP-0066: the user's no */
    } else {
        next_resource(d);
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
    end(arg, ends[how]);
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
        end(d, DELIVERY_CANNOT);
}

static void on_answered(void *arg, const struct stanza *answer)
{
    struct delivery *d = arg;
    struct session *s = asked_session(d);
    const struct stanza *error = error_of(answer);
    unsigned chosen = is_result(answer) ? siform_chosen(stanza_find(answer, NS_SI, "si")) : 0;
    if (!answer || !s) {
        unanswered(d);
    } else if (chosen == METHOD_S5B || chosen == METHOD_IBB) {
        stream(d, s, chosen);
    } else if (is_result(answer) || (error && siform_cannot(error))) {
        if (error && siform_unknown(error))
            filebox_lacks_si(s);
        ask_link(d, s);
    } else {
        end(d, DELIVERY_DECLINED);
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
    const struct session *s = asked_session(d);
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
        end(d, DELIVERY_LEFT);
}

/* --- one resource after the other --- */

static bool not_asked(const struct session *s, void *arg)
{
    const struct delivery *d = arg;
    for (unsigned i = 0; i < d->n_asked; i++)
        if (d->asked[i] == s->serial)
            return false;
    return !s->lets_lie;
}

static void ask_resource(struct delivery *d, struct session *s)
{
    if (has(s, CAPS_JINGLE_FT5) || has(s, CAPS_JINGLE_FT4))
        ask_session(d, s);
    else
        ask_offer(d, s);
}

/* What it can is known, or will not be. */
static void caps_over(struct delivery *d)
{
    struct session *s = asked_session(d);
    d->asks_caps = false;
    loop_timer_clear(&d->timer);
    if (s)
        ask_resource(d, s);
    else
        end(d, DELIVERY_LEFT);
}

static void on_caps_over(void *arg)
{
    caps_over(arg);
}

static void on_looked(void *arg, enum refuse r, const char *data, size_t n)
{
    struct delivery *d = arg;
    struct session *s = asked_session(d);
    reading_free(&d->look);
    if (transfer_is_gone(r)) {
        end(d, DELIVERY_GONE);
    } else if (!s) {
        end(d, DELIVERY_LEFT);
    } else if (caps_asking(s)) {
        d->asks_caps = true;
        loop_timer_set(&d->timer, offer_wait_ms(OFFER_WAIT_INBAND));
    } else {
        ask_resource(d, s);
    }
}

static void next_resource(struct delivery *d)
{
    struct session *s = d->n_asked < ASKED_MAX ? registry_best(d->item.jid, not_asked, d) : NULL;
    d->active = true;
    if (settings_get(mod_storage(), d->item.jid, SETTING_DELIVERY, NULL) == DELIVERY_LINK) {
        end(d, DELIVERY_CANNOT); /* he has chosen anew while it waited */
        return;
    }
    if (!s || mod_draining()) {
        end(d, s || !registry_best(d->item.jid, NULL, NULL) ? DELIVERY_LEFT : DELIVERY_CANNOT);
        return;
    }
    d->asked[d->n_asked++] = s->serial;
    random_token(d->sid, SID_CHARS);
    d->look = reading_new(mod_storage(), &d->item.id, 0, mod_home());
    reading_look(d->look, on_looked, d);
}

bool delivery_start(struct delivery *d, delivery_ended *ended, void *arg)
{
    unsigned n = 0;
    for (const struct delivery *one = all; one; one = one->next)
        n += strcmp(one->item.jid, d->item.jid) == 0;
    if (n >= DELIVERY_WAITING || mod_draining() || !registry_best(d->item.jid, NULL, NULL))
        return false;
    d->ended = ended;
    d->arg = arg;
    d->started = true;
    *all_end = d;
    all_end = &d->next;
    if (n == 0)
        next_resource(d);
    return true;
}

/* --- what happens to resources --- */

static struct delivery *asking_of(const struct session *s)
{
    struct delivery *d = all;
    while (d && !(d->asks_caps && d->asked[d->n_asked - 1] == s->serial))
        d = d->next;
    return d;
}

static void session_caps(struct session *s)
{
    struct delivery *d = asking_of(s);
    if (d && !caps_asking(s))
        caps_over(d);
}

static void session_gone(struct session *s)
{
    struct delivery *d = asking_of(s);
    if (d)
        caps_over(d);
}

static const struct mod mod_delivery = {
    .name = "delivery", .session_caps = session_caps, .session_gone = session_gone};
MOD_REGISTER(mod_delivery);
