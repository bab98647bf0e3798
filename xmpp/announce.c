/* announce.c: drains the outbox: links to receivers, notices to senders.
 *
 * Storage's poke is a hint: it makes a scan of the rows that are new. Rows of users who are not there wait in
 * the index; a user who becomes available is visited: his rows, from the first, page by page, each page when
 * the one before is settled. What becomes of a row stands in tell.c; one that reached nobody is told again at
 * once if he is there otherwise.
 *
 * Most who come have nothing waiting: a filter of hashed JIDs, set for every row that a scan of new ones saw,
 * spares them the visit. It forgets nothing, so it may send in vain, but never leaves out.
 *
 * Files seldom come alone: that one is stored, fetched or expired is told its sender a moment later, together
 * with what happens to others of his meanwhile.
 */
#include "xmpp/announce.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "xmpp/router.h"
#include "xmpp/tell.h"

#define PAGE 20         /* rows of one visit at a time */
#define SCAN_PAGE 200   /* rows of a scan of new ones */
#define GATHER_MS 300   /* a row that comes within this time of the one before is told with it ... */
#define GATHER_MAX 2000 /* ... but none waits longer than this */
#define RETRY_MS 2000   /* after a look that storage could not answer */
#define FILTER_BITS 65536

struct visit { /* to one user */
    struct visit *next;
    char *jid;
    int64_t after;
    unsigned open; /* rows that are not settled yet */
    bool scanning, more, again;
};

struct gathered { /* rows for senders that wait for others; texts in the arena */
    struct arena *arena;
    struct outbox_item items[SCAN_PAGE];
    size_t n;
    int64_t since; /* monotonic ms */
    struct loop_timer timer;
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
    struct gathered gathered;
    struct loop_timer retry;
    bool missed; /* a visit could not read its rows */
} a;

static void visit_user(const char *jid);
static void visit_settled(struct visit *v);

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

/* Nobody hears "fetched" before "stored". */
static int by_kind(const void *one, const void *other)
{
    const struct outbox_item *a_item = one, *b_item = other;
    if (a_item->kind != b_item->kind)
        return a_item->kind < b_item->kind ? -1 : 1;
    return a_item->seq < b_item->seq ? -1 : a_item->seq > b_item->seq;
}

static void gathered_tell(void *arg)
{
    struct gathered *g = &a.gathered;
    struct arena *arena = TAKE(g->arena);
    size_t n = g->n;
    g->n = 0;
    loop_timer_clear(&g->timer);
    qsort(g->items, n, sizeof g->items[0], by_kind);
    tell_rows(g->items, n, false, NULL);
    arena_put(arena);
}

static void gather(const struct outbox_item *item)
{
    struct gathered *g = &a.gathered;
    int64_t now = clock_mono_ms();
    if (!g->arena) {
        g->arena = arena_get(NULL);
        g->since = now;
    }
    struct outbox_item *copy = &g->items[g->n++];
    *copy = *item;
    copy->jid = arena_strdup(g->arena, item->jid);
    copy->peer = arena_strdup(g->arena, item->peer);
    copy->peer_raw = arena_strdup(g->arena, item->peer_raw);
    copy->name = arena_strdup(g->arena, item->name);
    copy->desc = copy->type = "";
    int64_t left = g->since + GATHER_MAX - now;
    if (g->n == ARRAY_LEN(g->items) || left <= 0)
        gathered_tell(NULL);
    else
        loop_timer_set(&g->timer, left < GATHER_MS ? left : GATHER_MS);
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
        if (outbox_kind_mutable(items[i].kind) && tell_reachable(items[i].jid)) {
            gather(&items[i]);
            continue;
        }
        tell_rows(&items[i], 1, false, NULL);
    }
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
    tell_rows(items, n, true, v);
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
    bool there = !a.stopped && tell_reachable(v->jid);
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

static void on_begun(void *owner)
{
    struct visit *v = owner;
    if (v)
        v->open++;
}

static void on_settled(void *owner, const char *jid, bool done)
{
    struct visit *v = owner;
    if (!done && v)
        v->again = true;
    else if (!done && !a.stopped && tell_reachable(jid))
        visit_user(jid);
    if (v) {
        v->open--;
        visit_settled(v);
    }
}

static void session_available(struct session *s)
{
    if (s->priority >= 0 && may_wait(s->user->jid))
        visit_user(s->user->jid);
}

void announce_blocks_changed(const char *jid)
{
    tell_no_more(jid);
    if (!a.stopped && tell_reachable(jid) && may_wait(jid))
        visit_user(jid);
}

/* --- errors to what was told --- */

/* A receiver's client answers our message with an error: the sender of the file never hears of it. */
static int on_error(struct packet *p)
{
    struct ferry_id own;
    const char *id = stanza_get(p->st, "id");
    if (!id || strncmp(id, "ferry-", 6) != 0)
        return MOD_PASS;
    if (tell_error(p->from_session->serial, id))
        return MOD_HANDLED;
    return strlen(id) >= 6 + ID_LEN && id_check(a.st, id + 6, ID_LEN, &own) != ID_FORGED ? MOD_HANDLED
                                                                                         : MOD_PASS;
}

/* --- the module --- */

static const struct tell_host host = {.begun = on_begun, .settled = on_settled};

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    a.st = st;
    a.loop = loop;
    tell_start(loop, st, &host);
    loop_timer_init(&a.gathered.timer, loop, gathered_tell, NULL);
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
    loop_timer_clear(&a.retry);
    loop_timer_clear(&a.gathered.timer);
    arena_put(TAKE(a.gathered.arena));
    tell_stop();
    while (a.visits && !a.visits->scanning)
        visit_free(a.visits);
}

/* A drain lets the scans that are under way come home, and what was gathered be told. */
static size_t busy(void)
{
    size_t n = a.scanning + (a.gathered.n > 0);
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
