/* offline.c: messages for users who are away (XEP-0160): stored with the time of their arrival (XEP-0203),
 * delivered when a resource that wants messages comes, and dropped only when it is certain that they arrived.
 *
 * One resource of a user is served at a time, a page at a time: the next page follows the confirmation of the
 * one before. A page that is not confirmed stays and goes to the next resource, so a message may come twice
 * and never not at all. One that is confirmed is read no more, also while its removal waits for the disk
 * (retry.h). What is only of the moment (chat states, hints against storing) is not kept.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "storage/roster.h"
#include "xmpp/retry.h"
#include "xmpp/router.h"

struct page;
struct delivery {      /* in the user, while he is here */
    struct page *page; /* is being read or waits for its confirmation; NULL: none */
    bool again;        /* something was stored meanwhile */
};

struct page {
    char *owner;
    uint64_t serial; /* who is served */
    int64_t upto;
};

struct removal { /* of what was confirmed, until it is written */
    struct retry retry;
    struct removal *next;
    char *owner;
    int64_t upto;
};

#define RETRY_MS 2000
static struct loop_timer read_again;
static struct removal *removals;

static void serve(struct user *u);

/* --- removing --- */
static struct removal *removal_of(struct retry *one)
{
    return (struct removal *)((char *)one - offsetof(struct removal, retry));
}

static void removal_write(struct retry *one);

static void removal_over(struct retry *one)
{
    struct removal *m = removal_of(one), **at = &removals;
    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    free(m->owner);
    free(m);
}

static struct retry_list late = {
    .what = "the removal of offline messages", .write = removal_write, .over = removal_over};

static void on_removed(void *arg, enum refuse r)
{
    retry_answer(&late, arg, r);
}

static void removal_write(struct retry *one)
{
    const struct removal *m = removal_of(one);
    offline_drop(mod_storage(), m->owner, m->upto, mod_home(), on_removed, one);
}

static void remove_upto(const char *owner, int64_t upto)
{
    struct removal *m = xcalloc(1, sizeof *m);
    m->owner = xstrdup(owner);
    m->upto = upto;
    m->next = removals;
    removals = m;
    removal_write(&m->retry);
}

/* What he has confirmed, and what may still be in the index. */
static int64_t removed_upto(const char *owner)
{
    int64_t upto = 0;
    for (const struct removal *m = removals; m; m = m->next)
        if (m->upto > upto && strcmp(m->owner, owner) == 0)
            upto = m->upto;
    return upto;
}

/* --- delivering --- */
static struct delivery *delivery_of(const char *owner)
{
    struct user *u = registry_user_entry(owner);
    return u ? u->data[USER_OFFLINE] : NULL;
}

static void page_end(struct page *g, bool go_on)
{
    struct delivery *d = delivery_of(g->owner);
    if (d && d->page == g) { /* else it was read for somebody who went, and is here again by now */
        d->page = NULL;
        if (go_on || d->again)
            serve(registry_user_entry(g->owner));
    }
    free(g->owner);
    free(g);
}

static void confirmed(void *arg, bool sure)
{
    struct page *g = arg;
    if (sure)
        remove_upto(g->owner, g->upto);
    page_end(g, true); /* the rest, or the same to another resource */
}

static bool serve_again(struct session *s, void *arg)
{
    if (s->available && s->priority >= 0)
        serve(s->user);
    return true;
}

static void on_retry(void *arg)
{
    registry_each(serve_again, NULL);
}

static void loaded(void *arg, const struct offline_message *m, size_t n, bool more)
{
    struct page *g = arg;
    if (!n && more && !loop_timer_pending(&read_again)) /* storage could not say */
        loop_timer_set(&read_again, RETRY_MS);
    struct session *s = session_by_serial(g->serial);
    if (!n || !s || s->state != SESSION_BOUND || !s->available) {
        page_end(g, n > 0);
        return;
    }
    for (size_t i = 0; i < n; i++)
        session_send_raw(s, m[i].xml, strlen(m[i].xml));
    g->upto = m[n - 1].seq;
    session_confirm(s, confirmed, g);
}

static void serve(struct user *u)
{
    struct delivery *d = u->data[USER_OFFLINE];
    struct session *s = registry_best(u->jid, NULL, NULL);
    if (!d)
        d = u->data[USER_OFFLINE] = xcalloc(1, sizeof(*d));
    d->again = d->page != NULL;
    if (d->page || !s)
        return;
    struct page *g = d->page = xmalloc(sizeof(*g));
    *g = (struct page){.owner = xstrdup(u->jid), .serial = s->serial};
    offline_load(mod_storage(), u->jid, removed_upto(u->jid), mod_home(), loaded, g);
}

static void session_available(struct session *s)
{
    if (s->priority >= 0)
        serve(s->user);
}

static void user_gone(struct user *u)
{
    free(TAKE(u->data[USER_OFFLINE]));
}

/* --- storing --- */
static bool worth_keeping(const struct stanza *st)
{
    if (stanza_find(st, NS_HINTS, "no-store") || stanza_find(st, NS_HINTS, "no-permanent-store"))
        return false;
    return stanza_find(st, NULL, "body") || stanza_find(st, NS_HINTS, "store");
}

struct storing {
    struct pending *q; /* NULL: Ferry's own */
    char *owner;
};

static void stored(void *arg, enum refuse r)
{
    struct storing *g = arg;
    if (r == REFUSE_OK) {
        struct user *u = registry_user_entry(g->owner);
        if (u && registry_best(g->owner, NULL, NULL)) /* he came while it was written */
            serve(u);
        if (g->q)
            pending_drop(&g->q);
    } else if (g->q) {
        pending_refuse(&g->q, r == REFUSE_TOO_MANY ? REFUSE_UNAVAILABLE : r,
                       r == REFUSE_TOO_MANY ? "too many messages wait already" : NULL);
    }
    free(g->owner);
    free(g);
}

static bool message_absent(struct packet *p, const struct stanza *st, const struct jid *to)
{
    struct buf xml = {0};
    char stamp[21];
    const char *from = stanza_get(st, "from");
    if (!to->node_len || !from)
        return false;
    if (!worth_keeping(st))
        return true;
    struct arena *a = router_arena();
    struct stanza *copy = stanza_copy(a, st);
    struct stanza *delay = stanza_child(copy, NS_DELAY, "delay");
    clock_format_utc(clock_wall(), stamp);
    stanza_set(delay, "from", jid_bare(a, to) + to->node_len + 1);
    stanza_set(delay, "stamp", stamp);
    stanza_write(copy, NS_CLIENT, &xml);
    struct storing *g = xmalloc(sizeof(*g));
    *g = (struct storing){.q = p ? router_hold(p) : NULL, .owner = xstrdup(jid_bare(a, to))};
    offline_store(mod_storage(), g->owner, from, xml.data, mod_home(), stored, g);
    buf_free(&xml);
    arena_put(a);
    return true;
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    loop_timer_init(&read_again, loop, on_retry, NULL);
    retry_start(&late, loop);
    return 0;
}

static void stop(void)
{
    loop_timer_clear(&read_again);
    retry_stop(&late);
}

static const char *const features[] = {NS_OFFLINE_FEATURE, NULL};

static const struct mod offline = {
    .name = "offline",
    .features = features,
    .start = start,
    .stop = stop,
    .session_available = session_available,
    .user_gone = user_gone,
    .message_absent = message_absent,
};
MOD_REGISTER(offline);
