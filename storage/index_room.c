/* index_room.c: what a full quota can do about it: uploads of the user that broke off give up what they kept,
 * then files that were fetched go (storage.make_room), and files that expire make room by themselves.
 *
 * A claim makes room and takes in one transaction: either all of that stays or nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/expiry.h"
#include "storage/gauge.h"
#include "storage/index_sql.h"
#include "storage/internal.h"
#include "storage/live.h"
#include "storage/parked.h"

enum {
    ROOM_MAX = 1000,  /* files that may go for one limit: the index's thread has others to serve */
    AHEAD_MAX = 2000, /* files that are looked at to tell when there will be room: the oldest */
    DAY = 86400,
    HOUR = 3600,
};

/* Everything that concerns the charge, but for the disk. */
static size_t gauges(struct index_db *db, const struct charge *c, struct gauge out[2 * GAUGES])
{
    struct usage_figures f;
    size_t n = 0;
    if (*c->owner) {
        index_usage_get(db, c->owner, &f);
        n = gauge_owner(&f, c, out);
    }
    if (gauge_pays_inbox(c)) {
        index_usage_get(db, c->to, &f);
        n += gauge_inbox(&f, c, out + n);
    }
    int64_t total = conf_get()->storage_total_quota;
    out[n++] = (struct gauge){.why = REFUSE_TOTAL_FULL,
                              .used = index_usage_total(db),
                              .more = c->size,
                              .limit = total ? total : -1,
                              .kind = GAUGE_TOTAL};
    return n;
}

/* What a file of that size frees, as the gauge counts. */
static int64_t freed_by(const struct gauge *g, int64_t size)
{
    return g->kind == GAUGE_FILES ? 1 : size;
}

static int64_t needed(const struct gauge *g)
{
    return g->more - (g->limit - g->used);
}

/* --- making room -----------------------------------------------------------------------------------------
 */

struct going { /* what could go */
    struct ferry_id id;
    bool part; /* an upload that broke off, by what it kept */
};

struct search {
    int64_t need;
    size_t n;
    struct going *found; /* ROOM_MAX; NULL: they are only counted */
};

static sqlite3_stmt *fetched_files(struct index_db *db, const struct gauge *g, const struct charge *c)
{
    sqlite3_stmt *s;
    if (g->inbox) {
        s = sql(db, "SELECT id, size FROM transfer WHERE addressee = ?1 AND addressee <> '' AND owner <> ?1"
                    " AND fetched = 1 AND state = 1 ORDER BY created, id LIMIT ?2");
    } else {
        s = sql(db, "SELECT id, size FROM transfer WHERE owner = ?1 AND owner <> ''"
                    " AND fetched = 1 AND state = 1 AND (?3 < 0 OR purpose = ?3)"
                    " ORDER BY created, id LIMIT ?2");
        sql_int(s, 3, g->kind == GAUGE_PURPOSE ? (int64_t)c->purpose : -1);
    }
    sql_text(s, 1, g->inbox ? c->to : c->owner);
    sql_int(s, 2, ROOM_MAX);
    return s;
}

static sqlite3_stmt *broken_uploads(struct index_db *db, const struct gauge *g, const struct charge *c)
{
    sqlite3_stmt *s =
        sql(db, "SELECT id, size FROM transfer WHERE kept > 0 AND owner = ?1 AND owner <> ''"
                " AND (?3 < 0 OR purpose = ?3) AND (?4 < 0 OR day = ?4) ORDER BY created, id LIMIT ?2");
    sql_text(s, 1, c->owner);
    sql_int(s, 2, ROOM_MAX);
    sql_int(s, 3, g->kind == GAUGE_PURPOSE ? (int64_t)c->purpose : -1);
    sql_int(s, 4, g->kind == GAUGE_DAY ? c->day : -1);
    return s;
}

/* Takes of the rows as many as are needed. */
static void collect(struct index_db *db, sqlite3_stmt *s, const struct gauge *g, bool part, struct search *f)
{
    const struct storage *st = index_host_arg(db);
    while (f->need > 0 && f->n < ROOM_MAX && sql_row(db, s)) {
        struct going x = {.part = part};
        snprintf(x.id.text, sizeof x.id.text, "%s", sql_get_text(s, 0));
        if (part && (live_has(st->live, &x.id) || parked_awaits(st->parked, &x.id))) /* it is being sent */
            continue;
        if (f->found)
            f->found[f->n] = x;
        f->need -= freed_by(g, sql_get_int(s, 1));
        f->n++;
    }
    sql_end(s);
}

/* How many have to go for this gauge, into `found`; 0: all that could would not do. */
static size_t enough(struct index_db *db, const struct gauge *g, const struct charge *c, struct going *found)
{
    struct search f = {.need = needed(g), .found = found};
    if (g->more > g->limit)
        return 0;
    if (gauge_has_broken_off(g))
        collect(db, broken_uploads(db, g, c), g, true, &f);
    if (gauge_has_fetched(g))
        collect(db, fetched_files(db, g, c), g, false, &f);
    return f.need > 0 ? 0 : f.n;
}

/* Each gauge by itself: what goes for one helps the others too. */
static const struct gauge *in_the_way(struct index_db *db, const struct gauge *g, size_t n,
                                      const struct charge *c)
{
    for (size_t i = 0; i < n; i++)
        if (gauge_full(&g[i]) && !enough(db, &g[i], c, NULL))
            return &g[i];
    return NULL;
}

enum refuse index_room_look(struct index_db *db, const struct charge *c)
{
    struct gauge g[2 * GAUGES];
    const struct gauge *full = in_the_way(db, g, gauges(db, c, g), c);
    return full ? full->why : REFUSE_OK;
}

static void make(struct index_db *db, const struct gauge *g, const struct charge *c, int64_t now,
                 struct burial *gone, bool *told)
{
    struct going *all = xcalloc(ROOM_MAX, sizeof *all);
    size_t n = enough(db, g, c, all);
    for (size_t i = 0; i < n; i++) {
        struct remains left;
        if (all[i].part)
            index_forgo(db, &all[i].id, now, &left, told);
        else
            index_kill(db, &all[i].id, TRANSFER_REMOVED, "room", now, &left, told);
        burial_add(gone, &all[i].id, &left);
    }
    free(all);
}

static enum refuse make_all(struct index_db *db, const struct charge *c, int64_t now, struct burial *gone,
                            bool *told)
{
    struct gauge g[2 * GAUGES];
    size_t n = gauges(db, c, g);
    const struct gauge *full = in_the_way(db, g, n, c);
    if (full)
        return full->why;
    for (size_t i = 0; i < n; i++) {
        if (gauge_full(&g[i])) {
            make(db, &g[i], c, now, gone, told);
            gauges(db, c, g); /* the same ones: what went counts in others too */
        }
    }
    return REFUSE_OK;
}

enum refuse index_room_take(struct index_db *db, const struct charge *c, int64_t now, struct burial *gone,
                            bool *told)
{
    enum refuse r = index_usage_take(db, c);
    if (r == REFUSE_OK)
        return r;
    r = make_all(db, c, now, gone, told);
    return r == REFUSE_OK ? index_usage_take(db, c) : r;
}

int64_t index_room_left(struct index_db *db, const struct charge *c, enum refuse *why)
{
    struct gauge g[2 * GAUGES];
    size_t n = gauges(db, c, g);
    int64_t least = c->size;
    for (size_t i = 0; i < n; i++) {
        int64_t left = g[i].limit > g[i].used ? g[i].limit - g[i].used : 0;
        if (g[i].limit < 0 || g[i].kind == GAUGE_FILES || g[i].kind == GAUGE_CLOSED || left >= least)
            continue;
        least = left;
        *why = g[i].why;
    }
    return least;
}

/* --- when there will be room -----------------------------------------------------------------------------
 */

static sqlite3_stmt *expiring_files(struct index_db *db, const struct gauge *g, const struct charge *c)
{
#define OLDEST(where)                                                                            \
    "SELECT expires, size FROM (SELECT expires, size, state, purpose FROM transfer WHERE " where \
    " ORDER BY created, id LIMIT ?2)"
    sqlite3_stmt *s;
    if (g->kind == GAUGE_TOTAL) {
        s = sql(db, "SELECT expires, size FROM transfer WHERE state IN (1, 2) ORDER BY expires LIMIT ?2");
    } else if (g->inbox) {
        s = sql(
            db,
            OLDEST("addressee = ?1 AND addressee <> '' AND state <= 2 AND owner <> ?1") " WHERE state > 0 "
                                                                                        "ORDER BY expires");
    } else {
        s = sql(db, OLDEST("owner = ?1 AND owner <> '' AND state <= 2") " WHERE state > 0 AND (?3 < 0 OR "
                                                                        "purpose = ?3) ORDER BY expires");
        sql_int(s, 3, g->kind == GAUGE_PURPOSE ? (int64_t)c->purpose : -1);
    }
    sql_text(s, 1, g->inbox ? c->to : c->owner);
    sql_int(s, 2, AHEAD_MAX);
    return s;
}

/* Wall clock; 0: not by itself. */
static int64_t frees_at(struct index_db *db, const struct gauge *g, const struct charge *c)
{
    if (g->kind == GAUGE_CLOSED || g->more > g->limit)
        return 0;
    if (g->kind == GAUGE_DAY)
        return (c->day + 1) * DAY;
    int64_t need = needed(g), at = 0;
    sqlite3_stmt *s = expiring_files(db, g, c);
    while (need > 0 && sql_row(db, s)) {
        at = sql_get_int(s, 0);
        need -= freed_by(g, sql_get_int(s, 1));
    }
    sql_end(s);
    return need > 0 ? 0 : at;
}

void index_room_explain(struct index_db *db, const struct charge *c, int64_t now, struct grant_limit *out)
{
    struct gauge g[2 * GAUGES];
    size_t n = gauges(db, c, g);
    const struct gauge *full = in_the_way(db, g, n, c);
    *out = (struct grant_limit){.why = full ? full->why : REFUSE_OK};
    if (!full)
        return;
    out->inbox = full->inbox;
    if (!full->inbox && full->kind != GAUGE_TOTAL && full->kind != GAUGE_CLOSED) {
        out->used = full->used;
        out->limit = full->limit;
    }
    for (; full; full = in_the_way(db, full + 1, n - (size_t)(full + 1 - g), c)) {
        int64_t at = frees_at(db, full, c);
        if (at == 0) {
            out->frees = 0;
            return;
        }
        if (at <= now) /* the round that will expire it may be late */
            at = now + 1;
        if (full->inbox) /* to the hour: when somebody's files go is not the sender's to know */
            at = (at + HOUR - 1) / HOUR * HOUR;
        out->frees = at > out->frees ? at : out->frees;
    }
}
