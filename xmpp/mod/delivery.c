/* delivery.c: see delivery.h. Each of a user's resources that wants messages is asked, the highest priority
 * first; what it is asked stands in delivery_ask.c. Who says no ends it for all of them.
 *
 * A resource at which nobody has decided in time is not asked again: else what waits for a person who is
 * away, or for a client that cannot show an offer, would come one answer_timeout after the other. It gets the
 * links.
 *
 * What has been removed, or has expired, meanwhile is not offered, and no link of it is sent either: storage
 * is asked before each resource is, and before the link's message has its turn.
 */
#include "xmpp/mod/delivery_body.h"

#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/log.h"
#include "storage/settings.h"
#include "xmpp/caps.h"
#include "xmpp/mod/blocking.h"
#include "xmpp/mod/jingle_out.h"
#include "xmpp/offer.h"

static struct delivery *all, **all_end = &all; /* started, in their order */

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
        delivery_next(next);
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
void delivery_over(struct delivery *d, enum delivery_end how)
{
    if (how != DELIVERY_CANNOT && how != DELIVERY_DECLINED) {
        finish(d, how);
        return;
    }
    d->ended_so = how;
    d->look = reading_new(mod_storage(), &d->item.id, 0, mod_home());
    reading_look(d->look, on_end_looked, d);
}

/* --- one resource after the other --- */

struct session *delivery_session(const struct delivery *d)
{
    struct session *s = session_by_serial(d->asked[d->n_asked - 1]);
    return s && s->state == SESSION_BOUND ? s : NULL;
}

static bool not_asked(const struct session *s, void *arg)
{
    const struct delivery *d = arg;
    for (unsigned i = 0; i < d->n_asked; i++)
        if (d->asked[i] == s->serial)
            return false;
    return !s->lets_lie;
}

/* What it can is known, or will not be. */
static void caps_over(struct delivery *d)
{
    struct session *s = delivery_session(d);
    d->asks_caps = false;
    loop_timer_clear(&d->timer);
    if (s)
        delivery_ask(d, s);
    else
        delivery_over(d, DELIVERY_LEFT);
}

static void on_caps_over(void *arg)
{
    caps_over(arg);
}

static void on_looked(void *arg, enum refuse r, const char *data, size_t n)
{
    struct delivery *d = arg;
    struct session *s = delivery_session(d);
    reading_free(&d->look);
    if (transfer_is_gone(r)) {
        delivery_over(d, DELIVERY_GONE);
    } else if (!s) {
        delivery_over(d, DELIVERY_LEFT);
    } else if (caps_asking(s)) {
        d->asks_caps = true;
        loop_timer_set(&d->timer, offer_wait_ms(OFFER_WAIT_INBAND));
    } else {
        delivery_ask(d, s);
    }
}

void delivery_next(struct delivery *d)
{
    struct session *s = d->n_asked < DELIVERY_ASKED_MAX ? registry_best(d->item.jid, not_asked, d) : NULL;
    d->active = true;
    if (settings_get(mod_storage(), d->item.jid, SETTING_DELIVERY, NULL) == DELIVERY_LINK) {
        delivery_over(d, DELIVERY_CANNOT); /* he has chosen anew while it waited */
        return;
    }
    if (!s || mod_draining()) {
        delivery_over(d, s || !registry_best(d->item.jid, NULL, NULL) ? DELIVERY_LEFT : DELIVERY_CANNOT);
        return;
    }
    d->asked[d->n_asked++] = s->serial;
    random_token(d->sid, DELIVERY_SID_CHARS);
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
        delivery_next(d);
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
