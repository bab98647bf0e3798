/* tell.c: the messages of outbox rows, from sending to certainty.
 *
 * A row goes to all of his resources with priority >= 0 and counts as told when one of them has certainly
 * received it; resources that answer with an error set the mark "failed" unless another one took it. When all
 * of them died first the row stays.
 *
 * Rows that tell one sender the same of several files become one message: the first leads, and what becomes
 * of it becomes of all.
 *
 * A file for one who prefers a transfer is offered to him (delivery.h), behind its message where he wants
 * both; the message comes also where the transfer comes to nothing while he is there. Only then is the row
 * done.
 *
 * That a row is done is written down by marks.c, which remembers it until no scan can see it any more.
 */
#include "xmpp/tell.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "xmpp/delivery.h"
#include "xmpp/marks.h"
#include "xmpp/router.h"

#define BUCKETS 256
#define GROUP_MAX MARKS_ROWS /* rows of one message */
#define RETRY_MS 2000        /* after a step that storage could not write down */

struct contact { /* one resource that was told */
    struct contact *next;
    struct telling *t;
    uint64_t serial;
    bool error;
};

struct telling { /* one row */
    struct telling *chain;
    int64_t seq;
    char *jid, *id;
    struct telling *also; /* the next row of the same message; its head is the one with contacts */
    void *owner;
    struct contact *contacts;
    unsigned waiting;
    bool told, error;
    struct delivery *delivery; /* of a file that is offered, now or behind the message; NULL: it is not */
    struct loop_timer retry;
};

static struct {
    struct storage *st;
    const struct tell_host *host;
    struct telling *table[BUCKETS];
    bool stopped;
} a;

static struct telling **bucket(int64_t seq)
{
    return &a.table[(uint64_t)seq % BUCKETS];
}

static struct telling *telling_find(int64_t seq)
{
    struct telling *t = *bucket(seq);
    while (t && t->seq != seq)
        t = t->chain;
    return t;
}

static void telling_release(struct telling *t)
{
    while (t->contacts) {
        struct contact *c = t->contacts;
        t->contacts = c->next;
        free(c);
    }
    delivery_free(&t->delivery);
    loop_timer_clear(&t->retry);
    free(t->jid);
    free(t->id);
    free(t);
}

static void telling_free(struct telling *t)
{
    struct telling **at = bucket(t->seq);
    while (*at != t)
        at = &(*at)->chain;
    *at = t->chain;
    telling_release(t);
}

bool tell_reachable(const char *jid)
{
    struct session *s = registry_user(jid);
    while (s && !(s->available && s->priority >= 0))
        s = s->user_next;
    return s != NULL;
}

/* It is done, and goes. */
static void settled(struct telling *t, bool failed)
{
    log_info("announce %s seq=%lld to=\"%s\"", failed ? "failed" : "told", (long long)t->seq, t->jid);
    telling_free(t);
}

static void row_done(struct telling *t, bool failed)
{
    marks_told(&t->seq, 1, failed);
    settled(t, failed);
}

static void row_fetched(struct telling *t)
{
    marks_fetched(t->seq, &delivery_item(t->delivery)->id);
    settled(t, false);
}

/* One client has it: the rows of the message are told, but for one whose transfer is still to come. */
static void mark_told(struct telling *t)
{
    int64_t seqs[GROUP_MAX];
    size_t n = 0;
    t->told = true;
    for (const struct telling *one = t; one; one = one->also)
        if (!one->delivery)
            seqs[n++] = one->seq;
    if (n > 0)
        marks_told(seqs, n, false);
}

static void on_linked(void *arg, enum refuse r);

static void step_linked(void *arg)
{
    struct telling *t = arg;
    outbox_step(a.st, t->seq, OUTBOX_LINKED, mod_home(), on_linked, t);
}

static void settle_one(struct telling *t, bool told, bool error)
{
    void *owner = TAKE(t->owner);
    char *jid = xstrdup(t->jid);
    bool done = told || error;
    t->also = NULL;
    if (done && t->delivery)
        step_linked(t);
    else if (told)
        settled(t, false);
    else if (error)
        row_done(t, true);
    else
        telling_free(t);
    a.host->settled(owner, jid, done);
    free(jid);
}

/* All resources have spoken, or died. */
static void settle(struct telling *t)
{
    bool told = t->told, error = t->error;
    for (struct telling *next; t; t = next) {
        next = t->also;
        settle_one(t, told, error);
    }
}

static void on_delivered(void *arg, bool sure)
{
    struct contact *c = arg;
    struct telling *t = c->t;
    if (sure && c->error)
        t->error = true;
    else if (sure && !t->told)
        mark_told(t);
    c->serial = 0;
    if (--t->waiting == 0)
        settle(t);
}

/* The words for one resource, in the language its stream asked for. */
static struct stanza *build(struct arena *arena, const struct outbox_item *const *items, size_t n,
                            const struct session *s, bool stored)
{
    char stamp[21];
    const char *lang = *s->lang ? s->lang : conf_get()->http_default_language;
    struct buf link = {0};
    if (stored)
        clock_format_utc(items[0]->created, stamp);
    link_get(&link, &items[0]->id, items[0]->name);
    struct stanza *m =
        items[0]->kind == OUTBOX_FILE
            ? announce_file(arena, items[0], link.data, mod_upload(), stored ? stamp : NULL)
            : announce_notice(arena, items, n, link.data, mod_upload(), lang, stored ? stamp : NULL);
    buf_free(&link);
    return m;
}

static void tell_resource(struct telling *t, struct session *s, struct stanza *m)
{
    struct contact *c = xcalloc(1, sizeof *c);
    c->t = t;
    c->serial = s->serial;
    c->next = t->contacts;
    t->contacts = c;
    t->waiting++;
    stanza_set(m, "to", s->jid.text);
    session_send(s, m);
    session_confirm(s, on_delivered, c);
}

/* n: rows of its message, if it leads them. */
static struct telling *telling_new(struct arena *arena, const struct outbox_item *item, size_t n, void *owner)
{
    struct telling *t = xcalloc(1, sizeof *t);
    t->seq = item->seq;
    t->jid = xstrdup(item->jid);
    t->id = xstrdup(announce_id(arena, item, n));
    t->owner = owner;
    loop_timer_init(&t->retry, mod_loop(), step_linked, t);
    t->chain = *bucket(t->seq);
    *bucket(t->seq) = t;
    a.host->begun(owner);
    return t;
}

/* Sends t's message, of these rows, to all resources that want messages. */
static void tell(struct telling *t, struct arena *arena, const struct outbox_item *const *items, size_t n,
                 bool stored)
{
    t->waiting = 1; /* ours, until all are sent */
    for (struct session *s = registry_user(items[0]->jid), *next; s; s = next) {
        next = s->user_next;
        if (s->available && s->priority >= 0)
            tell_resource(t, s, build(arena, items, n, s, stored));
    }
    if (--t->waiting == 0)
        settle(t);
}

/* --- files that are offered --- */

static void tell_link(struct telling *t)
{
    struct delivery *d = TAKE(t->delivery);
    const struct outbox_item *item = delivery_item(d);
    struct arena *arena = router_arena();
    tell(t, arena, &item, 1, true);
    arena_put(arena);
    delivery_free(&d);
}

/* Written down or not, the link is what he gets. */
static void on_declined(void *arg, enum refuse r)
{
    struct telling *t = arg;
    if (a.stopped)
        return;
    if (delivery_unwanted(delivery_item(t->delivery)))
        telling_free(t);
    else
        tell_link(t);
}

static void on_delivery(void *arg, enum delivery_end how)
{
    struct telling *t = arg;
    char *jid = xstrdup(t->jid);
    bool linked = delivery_item(t->delivery)->step == OUTBOX_LINKED;
    if (how == DELIVERY_LEFT)
        telling_free(t);
    else if (how == DELIVERY_DECLINED && !linked)
        outbox_step(a.st, t->seq, OUTBOX_DECLINED, mod_home(), on_declined, t);
    else if (how == DELIVERY_CANNOT && !linked)
        tell_link(t);
    else if (how == DELIVERY_COMPLETED)
        row_fetched(t);
    else
        row_done(t, how == DELIVERY_GONE);
    if (!mod_draining() && !delivery_under_way(jid))
        a.host->settled(NULL, jid, false); /* those for whom there was no place */
    free(jid);
}

void tell_no_more(const char *jid)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct telling *t = a.table[i]; t;) {
            if (t->delivery && strcmp(t->jid, jid) == 0 && delivery_unwanted(delivery_item(t->delivery)) &&
                delivery_cancel(t->delivery))
                t = a.table[i]; /* the end of one may be that of the next */
            else
                t = t->chain;
        }
}

/* One for whom there is no place now stays in the outbox, and is seen again when those before it are through.
 */
static void deliver(struct telling *t)
{
    if (delivery_unwanted(delivery_item(t->delivery)) || !delivery_start(t->delivery, on_delivery, t))
        telling_free(t);
}

static void on_linked(void *arg, enum refuse r)
{
    struct telling *t = arg;
    if (a.stopped)
        return;
    if (r != REFUSE_OK) { /* if he left now, he would get the link once more */
        loop_timer_set(&t->retry, RETRY_MS);
        return;
    }
    delivery_linked(t->delivery);
    deliver(t);
}

/* It is under way, or was told just now. */
static bool known(int64_t seq)
{
    return telling_find(seq) || marks_has(seq);
}

static void begin(const struct outbox_item *const *items, size_t n, bool stored, void *owner)
{
    struct arena *arena = router_arena();
    struct delivery *d = delivery_new(items[0]);
    bool was_linked = !d && items[0]->step == OUTBOX_LINKED; /* and it is not to be offered any more */
    bool message = !was_linked && (!d || delivery_link_first(d));
    struct telling *t = telling_new(arena, items[0], n, message ? owner : NULL), *last = t;
    for (size_t i = 1; i < n; i++)
        last = last->also = telling_new(arena, items[i], 1, owner);
    t->delivery = d;
    if (message)
        tell(t, arena, items, n, stored);
    else if (was_linked)
        row_done(t, false);
    else
        deliver(t);
    arena_put(arena);
}

static bool same_message(const struct outbox_item *one, const struct outbox_item *other)
{
    return one->kind == other->kind && outbox_kind_mutable(one->kind) && strcmp(one->jid, other->jid) == 0;
}

void tell_rows(const struct outbox_item *items, size_t n, bool stored, void *owner)
{
    for (size_t i = 0; i < n; i++) {
        const struct outbox_item *group[GROUP_MAX];
        size_t in = 0;
        if (known(items[i].seq) || /* as one of a group */
            !tell_reachable(items[i].jid) || delivery_unwanted(&items[i]))
            continue;
        group[in++] = &items[i];
        for (size_t j = i + 1; j < n && in < GROUP_MAX; j++)
            if (same_message(&items[i], &items[j]) && !known(items[j].seq))
                group[in++] = &items[j];
        begin(group, in, stored, owner);
    }
}

/* --- errors, start and stop --- */

bool tell_error(uint64_t serial, const char *id)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct telling *t = a.table[i]; t; t = t->chain) {
            if (strcmp(t->id, id) != 0)
                continue;
            for (struct contact *c = t->contacts; c; c = c->next)
                if (c->serial == serial)
                    c->error = true;
            return true;
        }
    return false;
}

void tell_start(struct loop *loop, struct storage *st, const struct tell_host *host)
{
    a.st = st;
    a.host = host;
    marks_start(loop, st);
}

void tell_stop(void)
{
    a.stopped = true;
    marks_stop();
    for (size_t i = 0; i < BUCKETS; i++)
        while (a.table[i]) {
            struct telling *t = a.table[i];
            a.table[i] = t->chain;
            telling_release(t);
        }
}
