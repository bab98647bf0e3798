/* offer.c: the table of offer records, and their lives.
 *
 * The table is hashed by the sender's bare JID: a user's records stand in one chain, which [limits]
 * offers_per_user keeps short, so the cap, the exact look-up and the match of an answer are one walk. Records
 * are volatile: a restart forgets them, and the clients' own timeouts take over.
 */
#include "xmpp/offer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "storage/outbox.h"
#include "xmpp/late.h"
#include "xmpp/proxy65.h"
#include "xmpp/takeover.h"
#include "xmpp/unfinished.h"

#define BUCKETS 1024

static struct offer *table[BUCKETS];
static struct offer *all;
static size_t routed; /* records with a pin */

static struct offer **bucket(const char *bare, size_t n)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)bare[i]) * 16777619u;
    return &table[h % BUCKETS];
}

/* --- finding --- */

struct offer *offer_find(const struct packet *p, const char *sid)
{
    struct offer *same = NULL;
    if (!sid || !p->to_raw)
        return NULL;
    for (struct offer *o = *bucket(p->from.text, p->from.bare_len); o; o = o->chain) {
        if (o->state == OFFER_LATE || strcmp(o->sid, sid) != 0 || strcmp(o->from, p->from.text) != 0)
            continue;
        if (strcmp(o->to_raw, p->to_raw) == 0)
            return o;
        if (strcmp(o->to, p->to.text) == 0)
            same = o;
    }
    return same;
}

struct offer *offer_of_receiver(const char *to, const struct jid *from, const char *sid)
{
    for (struct offer *o = *bucket(from->text, from->bare_len); o; o = o->chain)
        if (o->pinned && o->state != OFFER_LATE && strcmp(o->from, from->text) == 0 &&
            strcmp(o->pinned, to) == 0 && strcmp(o->sid, sid) == 0)
            return o;
    return NULL;
}

struct offer *offer_walk(const char *from, const struct offer *after)
{
    struct offer *o = after ? after->chain : *bucket(from, strcspn(from, "/"));
    while (o && strcmp(o->from, from) != 0)
        o = o->chain;
    return o;
}

struct offer *offer_find_back(const struct packet *p, const char *sid)
{
    if (!sid)
        return NULL;
    for (struct offer *o = *bucket(p->to.text, p->to.bare_len); o; o = o->chain)
        if (o->pinned && strcmp(o->sid, sid) == 0 && strcmp(o->from, p->to.text) == 0 &&
            strcmp(o->pinned, p->from.text) == 0)
            return o;
    return NULL;
}

bool offer_any_routed(void)
{
    return routed > 0;
}

struct offer *offer_chain(const struct jid *sender)
{
    return *bucket(sender->text, sender->bare_len);
}

/* --- a record's life --- */

static bool is_of(const struct offer *o, const struct packet *p)
{
    return strlen(o->from_bare) == p->from.bare_len &&
           memcmp(o->from_bare, p->from.text, p->from.bare_len) == 0;
}

static bool may_give_way(const struct offer *o)
{
    return o->state == OFFER_LATE || o->state == OFFER_TAKEN || o->state == OFFER_FLOWING ||
           (o->side && o->side->is_over(o));
}

/* How many records the sender has; *done: the longest untouched one that a receiver took, or that is over.
 * Such a one has served, mostly: nobody says when a direct stream has ended. */
static int64_t count(const struct packet *p, struct offer **done)
{
    int64_t n = 0;
    *done = NULL;
    for (struct offer *o = *bucket(p->from.text, p->from.bare_len); o; o = o->chain) {
        if (!is_of(o, p))
            continue;
        n++;
        if (may_give_way(o) && (!*done || o->touched < (*done)->touched))
            *done = o;
    }
    return n;
}

enum refuse offer_may_open(const struct packet *p, const char *sid)
{
    struct offer *done, *same = *bucket(p->from.text, p->from.bare_len);
    while (same && (strcmp(same->sid, sid) != 0 || strcmp(same->from, p->from.text) != 0 ||
                    strcmp(same->to_raw, p->to_raw) != 0))
        same = same->chain;
    if (same && same->state == OFFER_LATE)
        offer_end(&same, REFUSE_OK);
    if (same && (same->from_serial == p->from_session->serial || same->state == OFFER_STORING))
        return REFUSE_OFFER_DUPLICATE;
    if (same)
        offer_end(&same, REFUSE_BROKEN_OFF); /* he came back and begins again */
    if (count(p, &done) < conf_get()->limits_offers_per_user)
        return REFUSE_OK;
    if (!done)
        return REFUSE_TOO_MANY_OFFERS;
    offer_end(&done, REFUSE_OK);
    return REFUSE_OK;
}

static void expired(void *arg)
{
    struct offer *o = arg;
    char sid[LOG_QUOTE];
    log_info("%s offer timeout sid=%s state=%s", o->from, log_quote(o->sid, sid), offer_state_name(o->state));
    if (!takeover_expired(o))
        offer_end(&o, o->owner == OFFER_OF_FERRY ? REFUSE_TIMEOUT : REFUSE_OK);
}

struct offer *offer_new(const struct packet *p, const struct siform *form, enum offer_owner owner)
{
    const char *iq_id = stanza_get(p->st, "id");
    struct offer *o = xcalloc(1, sizeof *o);
    struct offer **at = bucket(p->from.text, p->from.bare_len);
    o->owner = owner;
    o->state = owner == OFFER_OF_FERRY ? OFFER_ASKED : OFFER_ROUTED;
    o->from = xstrdup(p->from.text);
    o->from_bare = xstrndup(p->from.text, p->from.bare_len);
    o->to_raw = xstrdup(p->to_raw);
    o->to = xstrdup(p->to.text);
    o->to_bare = xstrndup(p->to.text, p->to.bare_len);
    o->sid = xstrdup(form->sid);
    o->from_serial = p->from_session->serial;
    o->iq_id = xstrdup(iq_id ? iq_id : "");
    o->methods = form->methods;
    o->ranged = form->ranged;
    o->has_md5 = form->has_md5;
    memcpy(o->md5, form->md5, sizeof o->md5);
    o->name = xstrdup(form->clean);
    o->type = xstrdup(form->type);
    o->desc = xstrdup(form->desc);
    o->date = xstrdup(form->date ? form->date : "");
    o->unsized = form->unsized;
    o->grant.size = form->unsized ? conf_get()->storage_max_file_size : form->size;
    loop_timer_init(&o->timer, mod_loop(), expired, o);
    o->touched = clock_mono_ms();
    if (owner == OFFER_OF_RECEIVER)
        loop_timer_set(&o->timer, conf_get()->offers_answer_timeout);
    o->chain = *at;
    *at = o;
    o->next = all;
    if (all)
        all->prev = o;
    all = o;
    char to[LOG_QUOTE], sid[LOG_QUOTE];
    log_info("%s offer %s to=%s sid=%s size=%lld", o->from, owner == OFFER_OF_FERRY ? "asked" : "routed",
             log_quote(o->to_raw, to), log_quote(o->sid, sid), (long long)(form->unsized ? -1 : form->size));
    return o;
}

void offer_pin(struct offer *o, const struct session *s)
{
    FERRY_ASSERT(o->owner == OFFER_OF_RECEIVER && !o->pinned);
    routed++;
    o->pinned = xstrdup(s->jid.text);
    o->pinned_serial = s->serial;
}

bool offer_receiver_there(const struct offer *o)
{
    struct session *s = o->pinned ? session_by_serial(o->pinned_serial) : NULL;
    return s && s->state == SESSION_BOUND;
}

void offer_tell_sender(const struct offer *o, enum refuse why)
{
    struct outbox_item item = {
        .kind = OUTBOX_NOT_STORED,
        .jid = o->from_bare,
        .peer = o->to_bare,
        .peer_raw = o->to_raw,
        .name = o->name,
        .desc = "",
        .type = o->type,
        .size = o->unsized ? 0 : o->grant.size,
        .created = clock_wall(),
        .why = why,
    };
    outbox_put(mod_storage(), &item);
}

static void unlink_record(struct offer *o)
{
    routed -= o->pinned != NULL;
    struct offer **at = bucket(o->from_bare, strlen(o->from_bare));
    while (*at != o)
        at = &(*at)->chain;
    *at = o->chain;
    if (o->prev)
        o->prev->next = o->next;
    else
        all = o->next;
    if (o->next)
        o->next->prev = o->prev;
}

static void free_record(struct offer *o)
{
    if (o->relayed)
        proxy65_forget(o);
    if (o->side)
        o->side->free(o);
    idlist_free(&o->asked);
    idlist_free(&o->absorbed);
    idlist_free(&o->asked_back);
    loop_timer_clear(&o->timer);
    offer_drop_iq(o);
    free(o->from);
    free(o->from_bare);
    free(o->to_raw);
    free(o->to);
    free(o->to_bare);
    free(o->sid);
    free(o->pinned);
    free(o->iq_id);
    free(o->name);
    free(o->type);
    free(o->desc);
    free(o->date);
    free(o);
}

/* It is over, but the receiver, who is there, has not answered what the sender was answered for him. */
static bool awaits_receiver(const struct offer *o)
{
    bool awaits = o->absorbed.first || (o->side && o->side->awaits(o));
    return o->owner == OFFER_OF_FERRY && o->state != OFFER_LATE && awaits && offer_receiver_there(o);
}

/* The sender was told that his file is taken, and not that it is not. */
static bool promised(const struct offer *o)
{
    if (o->owner != OFFER_OF_FERRY)
        return false;
    if (o->state == OFFER_ASKED)
        return o->pinned && o->chosen; /* the receiver had accepted */
    return (o->state == OFFER_FALLBACK && !o->invited) || o->state == OFFER_ACCEPTED ||
           o->state == OFFER_CONNECTING || o->state == OFFER_CLAIMING;
}

/* Why an intake that is given up is: REFUSE_OK: the sender needs no words. */
static enum refuse notice_of(const struct offer *o, enum refuse why)
{
    if (o->no_notice || o->owner == OFFER_OF_RECEIVER)
        return REFUSE_OK;
    return why == REFUSE_OK ? REFUSE_BROKEN_OFF : why;
}

static void let_go(struct offer *o, enum refuse why)
{
    if (o->stream)
        o->stream_ops->free(TAKE(o->stream));
    if (o->intake && !(why == REFUSE_BROKEN_OFF && unfinished_keep(o)))
        intake_abort(&o->intake, notice_of(o, why));
    else if (why != REFUSE_OK && !o->no_notice && promised(o))
        offer_tell_sender(o, why);
    if (o->answer) {
        if (why == REFUSE_OK)
            pending_result(&o->answer, NULL);
        else
            pending_refuse(&o->answer, why, NULL);
    }
    if (o->asking)
        TAKE(o->asking)->o = NULL;
    if (o->side)
        o->side->ended(o, why);
    router_ask_forget(o);
    offer_drop_iq(o);
    offer_release_sender(o);
}

void offer_end(struct offer **at, enum refuse why)
{
    struct offer *o = TAKE(*at);
    o->stored |= o->state == OFFER_STORING && why == REFUSE_OK;
    char sid[LOG_QUOTE];
    if (o->owner == OFFER_OF_FERRY && o->state != OFFER_LATE)
        log_info("%s offer ended sid=%s why=%s", o->from, log_quote(o->sid, sid),
                 why == REFUSE_OK ? "stored" : refuse_get(why)->name);
    let_go(o, why);
    late_ended(o);
    if (awaits_receiver(o)) {
        offer_enter(o, OFFER_LATE);
        return;
    }
    unlink_record(o);
    offer_enter(o, OFFER_ENDED);
    free_record(o);
}

/* --- sessions that go --- */

static void receiver_gone(const struct session *s)
{
    for (struct offer *o = all, *next; o; o = next) {
        next = o->next;
        if (o->pinned && o->pinned_serial == s->serial)
            takeover_receiver_gone(o);
    }
}

/* Bytes that come, or of which a copy is kept, beside the session do so without it, too: their own clock
 * decides. */
static bool ends_with_session(const struct offer *o)
{
    if (o->stream && o->stream_ops->left)
        return o->state < OFFER_OPEN;
    return o->state <= OFFER_ACCEPTED && !(o->state == OFFER_FLOWING && o->stream);
}

static void sender_gone(struct offer *o)
{
    if (o->state == OFFER_OPEN && o->stream && o->stream_ops->left)
        o->stream_ops->left(o->stream);
    else if (ends_with_session(o))
        offer_end(&o, REFUSE_BROKEN_OFF);
}

static void session_gone(struct session *s)
{
    if (!s->jid.text)
        return; /* never logged in */
    if (routed > 0)
        receiver_gone(s);
    for (struct offer *o = *bucket(s->jid.text, s->jid.bare_len), *next; o; o = next) {
        next = o->chain;
        if (o->from_serial == s->serial)
            sender_gone(o);
    }
}

static void stop(void)
{
    while (all) {
        struct offer *o = all;
        offer_end(&o, REFUSE_BROKEN_OFF);
    }
}

size_t offer_open_count(void)
{
    size_t n = 0;
    for (struct offer *o = all; o; o = o->next)
        n += o->state >= OFFER_CONNECTING && o->state <= OFFER_STORING;
    return n;
}

static const struct mod mod_offer = {
    .name = "offer", .session_gone = session_gone, .stop = stop, .busy = offer_open_count};
MOD_REGISTER(mod_offer);
