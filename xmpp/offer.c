/* offer.c: the table of offer records, and the passing on of what follows them.
 *
 * The table is hashed by the sender's bare JID: a user's records stand in one chain, which [limits]
 * offers_per_user keeps short, so the cap, the exact look-up and the match of an answer are one walk. Records
 * are volatile: a restart forgets them, and the clients' own timeouts take over.
 *
 * An answer of the receiver carries his full JID, but the sender asked another address (`Receive@localhost/`)
 * and drops answers from elsewhere. So ids of passed iqs are kept until answered; an answer with one of them
 * gets the asked address as its `from`. The other direction (the receiver closes an in-band stream) is the
 * mirror image.
 */
#include "xmpp/offer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "storage/outbox.h"

#define BUCKETS 1024

static struct offer *table[BUCKETS];
static struct offer *all;
static size_t routed; /* records with a pin */

const char *offer_state_name(enum offer_state s)
{
    static const char *const names[] = {
#define X(n, text) text,
        OFFER_STATES(X)
#undef X
    };
    return names[s];
}

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
        if (strcmp(o->sid, sid) != 0 || strcmp(o->from, p->from.text) != 0)
            continue;
        if (strcmp(o->to_raw, p->to_raw) == 0)
            return o;
        if (strcmp(o->to, p->to.text) == 0)
            same = o;
    }
    return same;
}

struct offer *offer_of_sender(const char *from, const char *sid)
{
    for (struct offer *o = *bucket(from, strcspn(from, "/")); o; o = o->chain)
        if (strcmp(o->from, from) == 0 && strcmp(o->sid, sid) == 0)
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

/* --- a record's life --- */

static bool is_of(const struct offer *o, const struct packet *p)
{
    return strlen(o->from_bare) == p->from.bare_len &&
           memcmp(o->from_bare, p->from.text, p->from.bare_len) == 0;
}

/* How many records the sender has; *done: the longest untouched one that was taken by a receiver. Such a one
 * has served, mostly: nobody says when a direct stream has ended. */
static int64_t count(const struct packet *p, struct offer **done)
{
    int64_t n = 0;
    *done = NULL;
    for (struct offer *o = *bucket(p->from.text, p->from.bare_len); o; o = o->chain) {
        if (!is_of(o, p))
            continue;
        n++;
        if (o->owner == OFFER_OF_RECEIVER && o->chosen && (!*done || o->touched < (*done)->touched))
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
    offer_end(&o, REFUSE_TIMEOUT);
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
    o->grant.size = form->size;
    loop_timer_init(&o->timer, mod_loop(), expired, o);
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
             log_quote(o->to_raw, to), log_quote(o->sid, sid), (long long)form->size);
    return o;
}

void offer_pin(struct offer *o, const struct session *s)
{
    FERRY_ASSERT(o->owner == OFFER_OF_RECEIVER && !o->pinned);
    routed++;
    o->pinned = xstrdup(s->jid.text);
    o->pinned_serial = s->serial;
}

void offer_keep_hosts(struct offer *o, const struct stanza *query)
{
    buf_free(&o->hosts);
    stanza_write(query, NS_CLIENT, &o->hosts);
    if (o->hosts.len > OFFER_HOSTS_MAX)
        buf_free(&o->hosts);
}

static bool step_legal(enum offer_state from, enum offer_state to)
{
    static const unsigned legal[] = {
        [OFFER_ASKED] = 1u << OFFER_ACCEPTED,
        [OFFER_ROUTED] = 0,
        [OFFER_ACCEPTED] = 1u << OFFER_CONNECTING | 1u << OFFER_CLAIMING,
        [OFFER_CONNECTING] = 1u << OFFER_ACCEPTED | 1u << OFFER_CLAIMING,
        [OFFER_CLAIMING] = 1u << OFFER_OPEN | 1u << OFFER_ACCEPTED, /* ACCEPTED: another stream instead */
        [OFFER_OPEN] = 1u << OFFER_STORING | 1u << OFFER_ACCEPTED,
        [OFFER_STORING] = 0,
        [OFFER_ENDED] = 0,
    };
    return to == OFFER_ENDED ? from != OFFER_ENDED : (legal[from] >> to & 1) != 0;
}

void offer_enter(struct offer *o, enum offer_state to)
{
    FERRY_ASSERT(step_legal(o->state, to));
    char sid[LOG_QUOTE];
    log_debug("%s offer sid=%s %s -> %s", o->from, log_quote(o->sid, sid), offer_state_name(o->state),
              offer_state_name(to));
    o->state = to;
    if (to == OFFER_ACCEPTED)
        loop_timer_set(&o->timer, conf_get()->offers_answer_timeout);
    else
        loop_timer_clear(&o->timer); /* the others end by their own clocks, or by storage's answer */
}

enum refuse offer_grant(struct offer *o)
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
        .flags = GRANT_NOTIFY_OWNER,
    };
    return grant_new(mod_storage(), &o->grant);
}

enum refuse offer_restart(struct offer *o)
{
    bool claimed = o->intake != NULL;
    if (o->stream)
        o->stream_ops->free(TAKE(o->stream));
    intake_abort(&o->intake, REFUSE_OK);
    if (o->answer)
        pending_refuse(&o->answer, REFUSE_BROKEN_OFF, NULL);
    if (o->state != OFFER_ACCEPTED)
        offer_enter(o, OFFER_ACCEPTED);
    return claimed ? offer_grant(o) : REFUSE_OK;
}

void offer_whole(struct offer *o)
{
    offer_enter(o, OFFER_STORING);
    if (o->side)
        o->side->whole(o);
    else
        intake_commit(o->intake);
}

/* An offer that ended before a row was claimed: nobody else would tell its sender. */
static void tell_sender(const struct offer *o, enum refuse why)
{
    struct outbox_item item = {
        .kind = OUTBOX_NOT_STORED,
        .jid = o->from_bare,
        .peer = o->to_bare,
        .peer_raw = o->to_raw,
        .name = o->name,
        .desc = "",
        .type = o->type,
        .size = o->grant.size,
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
    idlist_free(&o->asked);
    idlist_free(&o->asked_back);
    loop_timer_clear(&o->timer);
    buf_free(&o->hosts);
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
    free(o);
}

void offer_end(struct offer **at, enum refuse why)
{
    struct offer *o = TAKE(*at);
    enum offer_state was = o->state;
    unlink_record(o);
    offer_enter(o, OFFER_ENDED);
    if (o->stream)
        o->stream_ops->free(TAKE(o->stream));
    if (o->intake)
        intake_abort(&o->intake, o->no_notice ? REFUSE_OK : why == REFUSE_OK ? REFUSE_BROKEN_OFF : why);
    else if (why != REFUSE_OK && !o->no_notice &&
             (was == OFFER_ACCEPTED || was == OFFER_CONNECTING || was == OFFER_CLAIMING))
        tell_sender(o, why);
    if (o->answer) {
        if (why == REFUSE_OK)
            pending_result(&o->answer, NULL);
        else
            pending_refuse(&o->answer, why, NULL);
    }
    if (o->asking)
        o->asking->o = NULL;
    if (o->side)
        o->side->ended(o, why);
    char sid[LOG_QUOTE];
    if (o->owner == OFFER_OF_FERRY)
        log_info("%s offer ended sid=%s why=%s", o->from, log_quote(o->sid, sid),
                 why == REFUSE_OK ? "stored" : refuse_get(why)->name);
    free_record(o);
}

/* --- passing on --- */

static bool may_take(const struct session *s, void *sender)
{
    return s != sender && !s->lacks_si;
}

struct session *offer_resource(const struct packet *p)
{
    if (!jid_is_bare(&p->to))
        return registry_full(p->to.text);
    return registry_best(p->to.text, may_take, p->from_session);
}

static struct session *bound(uint64_t serial)
{
    struct session *s = session_by_serial(serial);
    return s && s->state == SESSION_BOUND ? s : NULL;
}

static void touch(struct offer *o)
{
    o->touched = clock_mono_ms();
    loop_timer_set(&o->timer, conf_get()->offers_answer_timeout);
}

static bool is_question(const struct packet *p)
{
    return strcmp(p->kind, "iq") == 0 && (strcmp(p->type, "set") == 0 || strcmp(p->type, "get") == 0);
}

bool offer_forward(struct offer *o, struct packet *p)
{
    struct session *s = bound(o->pinned_serial);
    const char *id = stanza_get(p->st, "id");
    if (!s)
        return false;
    /* Where he asked the very address that answers, answers need no help; the offer's own is counted. */
    bool helped = strcmp(o->to_raw, o->pinned) != 0 || (id && strcmp(id, o->iq_id) == 0);
    if (id && helped && is_question(p))
        idlist_add(&o->asked, id);
    touch(o);
    router_deliver(s, p->st);
    return true;
}

bool offer_back(struct offer *o, struct packet *p)
{
    struct session *s = bound(o->from_serial);
    const char *id = stanza_get(p->st, "id");
    if (!s)
        return false;
    if (id && is_question(p))
        idlist_add(&o->asked_back, id);
    touch(o);
    stanza_set(p->st, "from", o->to_raw);
    router_deliver(s, p->st);
    return true;
}

/* Whether this refusal of an offer says that the client knows no stream initiation at all. */
static bool means_no_si(const struct stanza *st)
{
    const struct stanza *error = stanza_find(st, NULL, "error");
    const char *code = error ? stanza_get(error, "code") : NULL;
    if (!error)
        return false;
    if (stanza_first_element(error))
        return stanza_find(error, NS_STANZAS, "feature-not-implemented") ||
               stanza_find(error, NS_STANZAS, "service-unavailable");
    return code && (strcmp(code, "501") == 0 || strcmp(code, "503") == 0);
}

/* The receiver answers an iq of the sender that was passed on to him. A second answer to the offer goes
 * nowhere: the sender never sees two. */
static bool answer_forth(struct packet *p, struct offer *o, const char *id)
{
    bool to_offer = strcmp(o->iq_id, id) == 0;
    if (!o->pinned || strcmp(o->from, p->to.text) != 0 || strcmp(o->pinned, p->from.text) != 0)
        return false;
    if (!idlist_take(&o->asked, id))
        return to_offer;
    struct session *s = bound(o->from_serial);
    stanza_set(p->st, "from", o->to_raw);
    if (to_offer && !o->side && strcmp(p->type, "error") == 0 && means_no_si(p->st))
        p->from_session->lacks_si = true; /* the next offer to his bare address passes this resource over */
    if (s)
        router_deliver(s, p->st);
    if (to_offer && strcmp(p->type, "error") == 0)
        offer_end(&o, REFUSE_OK); /* no is no */
    else if (to_offer)
        o->chosen = siform_chosen(p->payload);
    return true;
}

/* The sender answers one of the receiver, which came to him from the address he had asked. */
static bool answer_back(struct packet *p, struct offer *o, const char *id)
{
    if (!o->pinned || !p->to_raw || strcmp(o->from, p->from.text) != 0 || strcmp(o->to_raw, p->to_raw) != 0 ||
        !idlist_take(&o->asked_back, id))
        return false;
    struct session *s = bound(o->pinned_serial);
    if (s)
        router_deliver(s, p->st);
    return true;
}

/* Results and errors between two users: those to iqs that were passed on go the same way back. */
static int on_answer(struct packet *p)
{
    const char *id = stanza_get(p->st, "id");
    if (!id || routed == 0)
        return MOD_PASS;
    for (struct offer *o = *bucket(p->to.text, p->to.bare_len); o; o = o->chain)
        if (answer_forth(p, o, id))
            return MOD_HANDLED;
    for (struct offer *o = *bucket(p->from.text, p->from.bare_len); o; o = o->chain)
        if (answer_back(p, o, id))
            return MOD_HANDLED;
    return MOD_PASS;
}

/* --- sessions that go --- */

/* The receiver left: what the sender still waits for is answered from the address he asked. */
static void refuse_unanswered(struct offer *o)
{
    struct arena *arena = router_arena();
    for (struct idlist_entry *e = o->asked.first; e; e = e->next) {
        struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
        stanza_set(iq, "type", "set");
        stanza_set(iq, "id", e->id);
        stanza_set(iq, "from", o->from);
        stanza_set(iq, "to", o->to_raw);
        router_send(stanza_error(arena, iq, REFUSE_UNAVAILABLE, NULL));
    }
    arena_put(arena);
}

static void receiver_gone(const struct session *s)
{
    for (struct offer *o = all, *next; o; o = next) {
        next = o->next;
        if (o->pinned && o->pinned_serial == s->serial) {
            refuse_unanswered(o);
            offer_end(&o, REFUSE_OK);
        }
    }
}

static void session_gone(struct session *s)
{
    if (!s->jid.text)
        return; /* never logged in */
    if (routed > 0)
        receiver_gone(s);
    for (struct offer *o = *bucket(s->jid.text, s->jid.bare_len), *next; o; o = next) {
        next = o->chain;
        if (o->from_serial == s->serial &&
            (o->state == OFFER_ROUTED || o->state == OFFER_ASKED || o->state == OFFER_ACCEPTED))
            offer_end(&o, REFUSE_BROKEN_OFF); /* where bytes are coming, their own clock decides */
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

static const struct mod_route routes[] = {
    {"iq", "result", TARGET_USER, NULL, NULL, on_answer},
    {"iq", "error", TARGET_USER, NULL, NULL, on_answer},
    {"iq", "result", TARGET_ACCOUNT, NULL, NULL, on_answer},
    {"iq", "error", TARGET_ACCOUNT, NULL, NULL, on_answer},
    {0},
};
static const struct mod mod_offer = {
    .name = "offer", .routes = routes, .session_gone = session_gone, .stop = stop, .busy = offer_open_count};
MOD_REGISTER(mod_offer);
