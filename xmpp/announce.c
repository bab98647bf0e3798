/* announce.c: drains the outbox: links to receivers, notices to senders (DESIGN sections 2 and 3).
 *
 * Storage's poke is a hint: it makes a scan of the rows that are new. Rows of users who are not there wait in
 * the index; a user who becomes available is visited: his rows, from the first, page by page, each page when
 * the one before is settled. A row goes to all his resources with priority >= 0 and counts as told when one
 * of them has certainly received it; resources that answer with an error set the mark "failed" unless another
 * one took it. When all of them died first the row stays, and is told again at once if he is there otherwise.
 *
 * Most who come have nothing waiting: a filter of hashed JIDs, set for every row that a scan of new ones saw,
 * spares them the visit. It forgets nothing, so it may send in vain, but never leaves out.
 *
 * Rows that tell one sender of several stored files, seen in one page, become one message: the first leads,
 * and what becomes of it becomes of all.
 *
 * The row's removal is not answered, so for a while a scan may still see it: settled rows are remembered for
 * LINGER_MS, by their number.
 */
#include "xmpp/announce.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "xmpp/router.h"

#define BUCKETS 256
#define PAGE 20       /* rows of one visit at a time */
#define SCAN_PAGE 200 /* rows of a scan of new ones */
#define GROUP_MAX 20  /* rows of one message */
#define LINGER_MS 10000
#define RETRY_MS 2000 /* after a look that storage could not answer */
#define FILTER_BITS 65536

struct visit { /* to one user */
    struct visit *next;
    char *jid;
    int64_t after;
    unsigned open; /* rows that are not settled yet */
    bool scanning, more, again;
};

struct contact { /* one resource that was told */
    struct contact *next;
    struct telling *t;
    uint64_t serial;
    bool error;
};

struct telling {                  /* one row */
    struct telling *chain, *aged; /* settled ones stand in the order of their age */
    int64_t seq, settled_at;      /* monotonic ms; 0: not yet */
    char *jid, *id;
    struct telling *also; /* the next row of the same message; its head is the one with contacts */
    struct visit *visit;
    struct contact *contacts;
    unsigned waiting;
    bool told, error;
};

static struct {
    struct storage *st;
    struct loop *loop;
    struct event *poke;
    int64_t seen; /* rows up to here are known to the scans of new ones */
    bool scanning, again, stopped;
    bool caught_up;                     /* the first scan has seen the end */
    uint64_t waiting[FILTER_BITS / 64]; /* whose rows were seen, by hash */
    struct visit *visits;
    struct telling *table[BUCKETS];
    struct telling *aged, **aged_end;
    struct loop_timer sweep, retry;
    bool missed; /* a visit could not read its rows */
} a;

static void visit_user(const char *jid);
static void visit_settled(struct visit *v);

/* --- rows that are being told --- */

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

static void on_sweep(void *arg)
{
    int64_t now = clock_mono_ms();
    while (a.aged && a.aged->settled_at + LINGER_MS <= now) {
        struct telling *t = a.aged;
        a.aged = t->aged;
        telling_free(t);
    }
    if (a.aged)
        loop_timer_set(&a.sweep, a.aged->settled_at + LINGER_MS - now);
    else
        a.aged_end = &a.aged;
}

static void linger(struct telling *t)
{
    t->settled_at = clock_mono_ms();
    *a.aged_end = t;
    a.aged_end = &t->aged;
    if (!loop_timer_pending(&a.sweep))
        loop_timer_set(&a.sweep, LINGER_MS);
}

static bool reachable(const char *jid)
{
    struct session *s = registry_user(jid);
    while (s && !(s->available && s->priority >= 0))
        s = s->user_next;
    return s != NULL;
}

static void settle_one(struct telling *t, bool told, bool error)
{
    struct visit *v = TAKE(t->visit);
    t->also = NULL;
    if (told || error) {
        if (!told)
            outbox_done(a.st, t->seq, true);
        log_info("announce %s seq=%lld to=\"%s\"", told ? "told" : "failed", (long long)t->seq, t->jid);
        linger(t);
    } else {
        char *jid = TAKE(t->jid);
        telling_free(t);
        if (v)
            v->again = true;
        else if (!a.stopped && reachable(jid))
            visit_user(jid);
        free(jid);
    }
    if (v) {
        v->open--;
        visit_settled(v);
    }
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
    else if (sure && !t->told) {
        t->told = true;
        for (const struct telling *one = t; one; one = one->also)
            outbox_done(a.st, one->seq, false);
    }
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

static struct telling *telling_new(struct arena *arena, const struct outbox_item *item, struct visit *v)
{
    struct telling *t = xcalloc(1, sizeof *t);
    t->seq = item->seq;
    t->jid = xstrdup(item->jid);
    t->id = xstrdup(announce_id(arena, item));
    t->visit = v;
    t->chain = *bucket(t->seq);
    *bucket(t->seq) = t;
    if (v)
        v->open++;
    return t;
}

/* Sends one message of these rows to all resources that want messages. */
static void tell(struct arena *arena, const struct outbox_item *const *items, size_t n, bool stored,
                 struct visit *v)
{
    struct telling *t = telling_new(arena, items[0], v), *last = t;
    for (size_t i = 1; i < n; i++)
        last = last->also = telling_new(arena, items[i], v);
    t->waiting = 1; /* ours, until all are sent */
    for (struct session *s = registry_user(items[0]->jid), *next; s; s = next) {
        next = s->user_next;
        if (s->available && s->priority >= 0)
            tell_resource(t, s, build(arena, items, n, s, stored));
    }
    if (--t->waiting == 0)
        settle(t);
}

static bool same_message(const struct outbox_item *one, const struct outbox_item *other)
{
    return one->kind == OUTBOX_STORED && other->kind == OUTBOX_STORED && strcmp(one->jid, other->jid) == 0;
}

/* Tells a page of rows: of users who are there, and that are not under way already. */
static void tell_all(const struct outbox_item *items, size_t n, bool stored, struct visit *v)
{
    for (size_t i = 0; i < n; i++) {
        const struct outbox_item *group[GROUP_MAX];
        size_t in = 0;
        if (telling_find(items[i].seq) || !reachable(items[i].jid)) /* told just now, as one of a group */
            continue;
        group[in++] = &items[i];
        for (size_t j = i + 1; j < n && in < GROUP_MAX; j++)
            if (same_message(&items[i], &items[j]) && !telling_find(items[j].seq))
                group[in++] = &items[j];
        struct arena *arena = router_arena();
        tell(arena, group, in, stored, v);
        arena_put(arena);
    }
}

/* --- new rows --- */

static uint32_t filter_bit(const char *jid)
{
    uint32_t h = 2166136261u;
    for (; *jid; jid++)
        h = (h ^ (unsigned char)*jid) * 16777619u;
    return (h ^ h >> 16) % FILTER_BITS;
}

static void filter_set(const char *jid)
{
    uint32_t bit = filter_bit(jid);
    a.waiting[bit / 64] |= UINT64_C(1) << (bit % 64);
}

/* false: no row of his was ever seen. One that is not seen yet is told by the scan that will see it. */
static bool may_wait(const char *jid)
{
    uint32_t bit = filter_bit(jid);
    return !a.caught_up || (a.waiting[bit / 64] >> (bit % 64) & 1);
}

static void scan(void);

static bool visit_again(struct session *s, void *arg)
{
    if (s->available && s->priority >= 0)
        visit_user(s->user->jid);
    return true;
}

static void on_retry(void *arg)
{
    bool missed = a.missed;
    a.missed = false;
    scan();
    if (missed)
        registry_each(visit_again, NULL);
}

static void retry_later(void)
{
    if (!loop_timer_pending(&a.retry))
        loop_timer_set(&a.retry, RETRY_MS);
}

static void on_scanned(void *arg, const struct outbox_item *items, size_t n, bool more)
{
    a.scanning = false;
    if (a.stopped)
        return;
    if (n == 0 && more) {
        retry_later();
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (items[i].seq > a.seen)
            a.seen = items[i].seq;
        filter_set(items[i].jid);
    }
    tell_all(items, n, false, NULL);
    if (!more)
        a.caught_up = true;
    if (more || a.again)
        scan();
}

static void scan(void)
{
    a.again = a.scanning;
    if (a.scanning)
        return;
    a.scanning = true;
    outbox_scan(a.st, NULL, a.seen, SCAN_PAGE, mod_home(), on_scanned, NULL);
}

static void on_poke(evutil_socket_t fd, short what, void *arg)
{
    uint64_t count;
    if (read((int)fd, &count, sizeof count) == (ssize_t)sizeof count)
        scan();
}

/* --- visits --- */

static void visit_free(struct visit *v)
{
    struct visit **at = &a.visits;
    while (*at != v)
        at = &(*at)->next;
    *at = v->next;
    free(v->jid);
    free(v);
}

static void on_visited(void *arg, const struct outbox_item *items, size_t n, bool more)
{
    struct visit *v = arg;
    if (a.stopped)
        return;
    v->more = more && n > 0;
    if (n == 0 && more) {
        a.missed = true;
        retry_later();
    }
    if (n > 0)
        v->after = items[n - 1].seq;
    tell_all(items, n, true, v);
    v->scanning = false;
    visit_settled(v);
}

static void visit_page(struct visit *v)
{
    v->scanning = true;
    outbox_scan(a.st, v->jid, v->after, PAGE, mod_home(), on_visited, v);
}

/* A page is settled: the next one, another round for what did not arrive, or the end. */
static void visit_settled(struct visit *v)
{
    if (v->scanning || v->open > 0)
        return;
    bool there = !a.stopped && reachable(v->jid);
    if (there && !v->more && v->again) {
        v->again = false;
        v->more = true;
        v->after = 0;
    }
    if (there && v->more)
        visit_page(v);
    else
        visit_free(v);
}

static void visit_user(const char *jid)
{
    for (struct visit *v = a.visits; v; v = v->next)
        if (strcmp(v->jid, jid) == 0) {
            v->again = true;
            return;
        }
    struct visit *v = xcalloc(1, sizeof *v);
    v->jid = xstrdup(jid);
    v->next = a.visits;
    a.visits = v;
    visit_page(v);
}

static void session_available(struct session *s)
{
    if (s->priority >= 0 && may_wait(s->user->jid))
        visit_user(s->user->jid);
}

/* --- errors to what was told --- */

static bool mark_error(const struct packet *p, const char *id)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct telling *t = a.table[i]; t; t = t->chain) {
            if (strcmp(t->id, id) != 0)
                continue;
            for (struct contact *c = t->contacts; c; c = c->next)
                if (c->serial == p->from_session->serial)
                    c->error = true;
            return true;
        }
    return false;
}

/* A receiver's client answers our message with an error: the sender of the file never hears of it. */
static int on_error(struct packet *p)
{
    struct ferry_id own;
    const char *id = stanza_get(p->st, "id");
    if (!id || strncmp(id, "ferry-", 6) != 0)
        return MOD_PASS;
    if (mark_error(p, id))
        return MOD_HANDLED;
    return strlen(id) >= 6 + ID_LEN && id_check(a.st, id + 6, ID_LEN, &own) != ID_FORGED ? MOD_HANDLED
                                                                                         : MOD_PASS;
}

/* --- the module --- */

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    a.st = st;
    a.loop = loop;
    a.aged_end = &a.aged;
    loop_timer_init(&a.sweep, loop, on_sweep, NULL);
    loop_timer_init(&a.retry, loop, on_retry, NULL);
    a.poke = event_new(loop_base(loop), storage_poke_fd(st), EV_READ | EV_PERSIST, on_poke, NULL);
    if (!a.poke || event_add(a.poke, NULL) < 0) {
        buf_adds(why, "announce: the outbox cannot be watched");
        return -1;
    }
    scan();
    return 0;
}

static void stop(void)
{
    a.stopped = true;
    if (a.poke)
        event_free(TAKE(a.poke));
    loop_timer_clear(&a.sweep);
    loop_timer_clear(&a.retry);
    for (size_t i = 0; i < BUCKETS; i++)
        while (a.table[i]) {
            struct telling *t = a.table[i];
            a.table[i] = t->chain;
            telling_release(t);
        }
    while (a.visits && !a.visits->scanning)
        visit_free(a.visits);
}

/* A drain lets the scans that are under way come home. */
static size_t busy(void)
{
    size_t n = a.scanning;
    for (const struct visit *v = a.visits; v; v = v->next)
        n += v->scanning;
    return n;
}

static const struct mod_route routes[] = {
    {"message", "error", TARGET_USER, NULL, NULL, on_error},
    {"message", "error", TARGET_ACCOUNT, NULL, NULL, on_error},
    {"message", "error", TARGET_UPLOAD, NULL, NULL, on_error},
    {0},
};
static const struct mod mod_announce = {.name = "announce",
                                        .routes = routes,
                                        .start = start,
                                        .stop = stop,
                                        .busy = busy,
                                        .session_available = session_available};
MOD_REGISTER(mod_announce);
