/* usage.c: what grant_new may know without waiting: a small table of users near a limit of theirs.
 *
 * A user is in the table if he might not have room for one file of the largest size that is taken; whoever
 * is absent is judged as one who has stored nothing. The index's thread renews a user's figures after every
 * COMMIT that touched him. The disk's room is looked at by claims (on the index's thread) and remembered. All
 * of it is advice: the claim decides.
 */
#include "storage/usage.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "storage/gauge.h"
#include "storage/internal.h"
#include "storage/spool.h"

enum {
    BUCKETS = 1024,
    LOOK_MS = 100,         /* a look at the disk does for so long */
    SMALL_BYTES = 1 << 20, /* for files up to this */
    FAR_BYTES = 1 << 30,   /* while so much is left: more than is written meanwhile */
};

struct user {
    struct user *next;
    struct usage_figures figures;
    char jid[];
};

struct touched {
    struct touched *next;
    bool seen;
    struct usage_figures figures;
    char jid[];
};

struct usage {
    pthread_mutex_t lock;
    struct user *users[BUCKETS];
    struct touched *touched; /* the index's thread alone */
    int64_t seen_total;      /* the same */
    const struct conf *conf; /* the same: by which the table was made */
    int64_t total;           /* under lock */
    _Atomic int64_t owed, room;
    _Atomic int64_t looked; /* monotonic ms: when `room` was */
};

int64_t usage_today(void)
{
    return clock_wall() / 86400;
}

static struct user **find(struct usage *u, const char *jid)
{
    uint32_t h = 2166136261u;
    for (const char *c = jid; *c; c++)
        h = (h ^ (uint8_t)*c) * 16777619u;
    struct user **at = &u->users[(h ^ h >> 16) % BUCKETS];
    while (*at && strcmp((*at)->jid, jid) != 0)
        at = &(*at)->next;
    return at;
}

/* --- judging ---------------------------------------------------------------------------------------------
 */

enum refuse usage_room(struct storage *st, int64_t size)
{
    const struct conf *c = conf_get();
    if (storage_read_only(st))
        return REFUSE_READ_ONLY;
    if (size - GRANT_SLACK > c->storage_max_file_size)
        return REFUSE_FILE_TOO_LARGE;
    pthread_mutex_lock(&st->usage->lock);
    int64_t total = st->usage->total;
    pthread_mutex_unlock(&st->usage->lock);
    if (c->storage_total_quota && size > c->storage_total_quota - total)
        return REFUSE_TOTAL_FULL;
    return size > atomic_load(&st->usage->room) - atomic_load(&st->usage->owed) ? REFUSE_DISK_FULL
                                                                                : REFUSE_OK;
}

/* Whether the claim could make room in g (it decides how much). */
static bool may_make_room(const struct gauge *g, const struct usage_figures *f)
{
    if (g->more > g->limit)
        return false;
    return (gauge_has_broken_off(g) && f->broken_off) ||
           (gauge_has_fetched(g) && (g->inbox ? f->inbox_room : f->room));
}

static enum refuse judge_known(struct usage *u, const struct charge *c, bool inbox)
{
    struct usage_figures f = {.user_quota = -1, .inbox_quota = -1};
    struct gauge g[GAUGES];
    pthread_mutex_lock(&u->lock);
    struct user *known = *find(u, inbox ? c->to : c->owner);
    if (known)
        f = known->figures;
    pthread_mutex_unlock(&u->lock);
    size_t n = inbox ? gauge_inbox(&f, c, g) : gauge_owner(&f, c, g);
    for (size_t i = 0; i < n; i++)
        if (gauge_full(&g[i]) && !may_make_room(&g[i], &f))
            return g[i].why;
    return REFUSE_OK;
}

enum refuse usage_advice(struct storage *st, const struct charge *c)
{
    enum refuse r = usage_room(st, c->size);
    if (r == REFUSE_OK && *c->owner)
        r = judge_known(st->usage, c, false);
    if (r == REFUSE_OK && gauge_pays_inbox(c))
        r = judge_known(st->usage, c, true);
    return r;
}

/* --- the disk --------------------------------------------------------------------------------------------
 */

void usage_owe(struct storage *st, int64_t bytes)
{
    atomic_fetch_add(&st->usage->owed, bytes);
}

int64_t usage_disk_room(struct storage *st)
{
    int64_t free_bytes, size, reserve = conf_get()->storage_reserve;
    if (spool_space(st->spool, &free_bytes, &size) != 0)
        return INT64_MAX;
    if (reserve < 0)
        reserve = size / 1000 * -reserve;
    atomic_store(&st->usage->room, free_bytes - reserve);
    atomic_store(&st->usage->looked, clock_mono_ms());
    return free_bytes - reserve - atomic_load(&st->usage->owed);
}

int64_t usage_disk_room_for(struct storage *st, int64_t size)
{
    int64_t left = atomic_load(&st->usage->room) - atomic_load(&st->usage->owed);
    bool far = size <= SMALL_BYTES && left > FAR_BYTES;
    return far && clock_mono_ms() - atomic_load(&st->usage->looked) < LOOK_MS ? left : usage_disk_room(st);
}

/* --- the table -------------------------------------------------------------------------------------------
 */

static void put(void *arg, const char *jid, const struct usage_figures *f)
{
    struct usage *u = arg;
    pthread_mutex_lock(&u->lock);
    struct user **at = find(u, jid), *old = *at;
    if (gauge_near(f, usage_today())) {
        if (!old) {
            size_t n = strlen(jid) + 1;
            old = xcalloc(1, sizeof *old + n);
            memcpy(old->jid, jid, n);
            *at = old;
        }
        old->figures = *f;
    } else if (old) {
        *at = old->next;
        free(old);
    }
    pthread_mutex_unlock(&u->lock);
}

static void put_total(struct usage *u, int64_t total)
{
    pthread_mutex_lock(&u->lock);
    u->total = total;
    pthread_mutex_unlock(&u->lock);
}

void usage_load(struct storage *st, struct index_db *db)
{
    st->usage->conf = conf_get();
    index_usage_each(db, st->usage, put);
    st->usage->seen_total = index_usage_total(db);
    put_total(st->usage, st->usage->seen_total);
    usage_disk_room(st);
}

void usage_reconsider(struct storage *st, struct index_db *db)
{
    if (st->usage->conf != conf_get())
        usage_load(st, db);
}

void usage_touched(struct storage *st, const char *jid)
{
    for (struct touched *t = st->usage->touched; t; t = t->next)
        if (strcmp(t->jid, jid) == 0)
            return;
    size_t n = strlen(jid) + 1;
    struct touched *t = xmalloc(sizeof *t + n);
    memcpy(t->jid, jid, n);
    t->seen = false;
    t->next = st->usage->touched;
    st->usage->touched = t;
}

void usage_committing(struct storage *st, struct index_db *db)
{
    struct usage *u = st->usage;
    if (u->touched && conf_get()->storage_total_quota) /* else nobody asks for it */
        u->seen_total = index_usage_total(db);
    for (struct touched *t = u->touched; t; t = t->next) {
        if (*t->jid) /* else the total alone */
            index_usage_near(db, t->jid, &t->figures);
        t->seen = true;
    }
}

/* Of an operation that was refused alone nothing was seen. */
void usage_committed(struct storage *st)
{
    struct usage *u = st->usage;
    struct touched *t = TAKE(u->touched);
    if (t)
        put_total(u, u->seen_total);
    for (struct touched *next; t; t = next) {
        next = t->next;
        if (t->seen && *t->jid)
            put(u, t->jid, &t->figures);
        free(t);
    }
}

struct usage *usage_new(void)
{
    struct usage *u = xcalloc(1, sizeof *u);
    pthread_mutex_init(&u->lock, NULL);
    atomic_init(&u->room, INT64_MAX / 2);
    return u;
}

void usage_free(struct usage *u)
{
    if (!u)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct user *x = u->users[i], *next; x; x = next) {
            next = x->next;
            free(x);
        }
    }
    for (struct touched *t = u->touched, *next; t; t = next) {
        next = t->next;
        free(t);
    }
    pthread_mutex_destroy(&u->lock);
    free(u);
}
