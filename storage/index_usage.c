/* index_usage.c: quotas, exactly: each is a conditional UPDATE inside the transaction of the claim, so no
 * interleaving of claims goes over one (row 112), and what a row took is given back by the statement that
 * makes the row let go of it.
 *
 * Who pays: the owner, of his user_quota, user_files, daily_quota and the quota of the purpose; and the
 * addressee, if it is somebody else, of his inbox_quota and inbox_files. Everything counts in the one row of
 * `total`. "": nobody's quota. gauge.h has the same limits as figures; it names the one that refused.
 */
#include <string.h>

#include "storage/gauge.h"
#include "storage/index_sql.h"
#include "storage/usage.h"

#define EACH_PURPOSE(TEXT)                                                                          \
    {                                                                                               \
        [PURPOSE_MESSAGE] = TEXT("used_message"), [PURPOSE_PROFILE] = TEXT("used_profile"),         \
        [PURPOSE_EPHEMERAL] = TEXT("used_ephemeral"), [PURPOSE_PERMANENT] = TEXT("used_permanent"), \
    }

/* A damaged row may say any. */
static const char *of_purpose(const char *const texts[PURPOSE_COUNT], enum purpose p)
{
    return texts[(unsigned)p < PURPOSE_COUNT ? p : PURPOSE_MESSAGE];
}

/* --- giving back: never below 0, for a damaged figure, which fsck mends, must not keep files from dying */

#define GIVE(purpose)                                                                                      \
    "UPDATE usage SET used = max(0, used - ?2), files = max(0, files - ?4), " purpose " = max(0, " purpose \
    " - ?2), day_used = day_used - CASE day WHEN ?3 THEN min(day_used, ?2)"                                \
    " ELSE 0 END WHERE jid = ?1"
static const char *const give_by_purpose[PURPOSE_COUNT] = EACH_PURPOSE(GIVE);

static void give_to_user(struct index_db *db, const struct charge *c, int files)
{
    sqlite3_stmt *s = sql(db, of_purpose(give_by_purpose, c->purpose));
    sql_text(s, 1, c->owner);
    sql_int(s, 2, c->size);
    sql_int(s, 3, c->day);
    sql_int(s, 4, files);
    sql_run(db, s);
}

static void give_to_inbox(struct index_db *db, const struct charge *c, int files)
{
    sqlite3_stmt *s = sql(db, "UPDATE usage SET inbox_used = max(0, inbox_used - ?2),"
                              " inbox_files = max(0, inbox_files - ?3)"
                              " WHERE jid = ?1");
    sql_text(s, 1, c->to);
    sql_int(s, 2, c->size);
    sql_int(s, 3, files);
    sql_run(db, s);
    usage_touched(index_host_arg(db), c->to);
}

static void give(struct index_db *db, const struct charge *c, int files)
{
    usage_touched(index_host_arg(db), c->owner);
    if (*c->owner)
        give_to_user(db, c, files);
    if (gauge_pays_inbox(c))
        give_to_inbox(db, c, files);
    sqlite3_stmt *s = sql(db, "UPDATE total SET used = max(0, used - ?1) WHERE one = 1");
    sql_int(s, 1, c->size);
    sql_run(db, s);
}

/* --- taking ----------------------------------------------------------------------------------------------
 */

/* Makes his row. False: he has one. */
static bool is_new(struct index_db *db, const char *jid)
{
    sqlite3_stmt *s = sql(db, "INSERT INTO usage(jid) VALUES (?1) ON CONFLICT DO NOTHING");
    sql_text(s, 1, jid);
    return sql_run(db, s) == 1;
}

/* Which limit it was that changed no row. */
static enum refuse which(struct index_db *db, const struct charge *c, bool inbox)
{
    struct usage_figures f;
    struct gauge g[GAUGES];
    index_usage_get(db, inbox ? c->to : c->owner, &f);
    enum refuse r = gauge_judge(g, inbox ? gauge_inbox(&f, c, g) : gauge_owner(&f, c, g));
    return r == REFUSE_OK ? REFUSE_INTERNAL : r;
}

#define CHARGE(purpose)                                                                                   \
    "UPDATE usage SET used = used + ?2, files = files + 1, " purpose " = " purpose " + ?2, day = ?3,"     \
    " day_used = ?2 + CASE day WHEN ?3 THEN day_used ELSE 0 END"                                          \
    " WHERE jid = ?1 AND closed = 0 AND used + ?2 <= CASE user_quota WHEN -1 THEN ?4 ELSE user_quota END" \
    " AND (?5 = 0 OR files < ?5) AND (?6 = 0 OR ?2 + CASE day WHEN ?3 THEN day_used ELSE 0 END <= ?6)"    \
    " AND (?7 < 0 OR " purpose " + ?2 <= ?7)"
static const char *const charge_by_purpose[PURPOSE_COUNT] = EACH_PURPOSE(CHARGE);

static bool charge_owner(struct index_db *db, const struct charge *c)
{
    const struct conf *conf = conf_get();
    sqlite3_stmt *s = sql(db, of_purpose(charge_by_purpose, c->purpose));
    sql_text(s, 1, c->owner);
    sql_int(s, 2, c->size);
    sql_int(s, 3, c->day);
    sql_int(s, 4, conf->storage_user_quota);
    sql_int(s, 5, conf->storage_user_files);
    sql_int(s, 6, conf->storage_daily_quota);
    sql_int(s, 7, gauge_purpose_quota(c->purpose));
    return sql_run(db, s) == 1;
}

static bool charge_inbox(struct index_db *db, const struct charge *c)
{
    sqlite3_stmt *s = sql(db, "UPDATE usage SET inbox_used = inbox_used + ?2, inbox_files = inbox_files + 1"
                              " WHERE jid = ?1 AND closed = 0"
                              " AND inbox_used + ?2 <= CASE inbox_quota WHEN -1 THEN ?3 ELSE inbox_quota END"
                              " AND (?4 = 0 OR inbox_files < ?4)");
    sql_text(s, 1, c->to);
    sql_int(s, 2, c->size);
    sql_int(s, 3, conf_get()->storage_inbox_quota);
    sql_int(s, 4, conf_get()->storage_inbox_files);
    return sql_run(db, s) == 1;
}

static enum refuse take_of_inbox(struct index_db *db, const struct charge *c)
{
    usage_touched(index_host_arg(db), c->to);
    return charge_inbox(db, c) || (is_new(db, c->to) && charge_inbox(db, c)) ? REFUSE_OK : which(db, c, true);
}

static enum refuse take_of_owner(struct index_db *db, const struct charge *c)
{
    if (!charge_owner(db, c) && !(is_new(db, c->owner) && charge_owner(db, c)))
        return which(db, c, false);
    usage_touched(index_host_arg(db), c->owner);
    return REFUSE_OK;
}

static bool take_of_total(struct index_db *db, const struct charge *c)
{
    sqlite3_stmt *s = sql(db, "UPDATE total SET used = used + ?1, files = files + ?3"
                              " WHERE one = 1 AND (?2 = 0 OR used + ?1 <= ?2)");
    sql_int(s, 1, c->size);
    sql_int(s, 2, conf_get()->storage_total_quota);
    sql_int(s, 3, c->arrives);
    return sql_run(db, s) == 1;
}

/* What was taken before a limit refused is given back here: a savepoint for that would be paid by all. */
enum refuse index_usage_take(struct index_db *db, const struct charge *c)
{
    enum refuse r = *c->owner ? take_of_owner(db, c) : REFUSE_OK;
    if (r != REFUSE_OK)
        return r;
    if (!*c->owner)
        usage_touched(index_host_arg(db), c->owner);
    bool inbox = gauge_pays_inbox(c);
    if (inbox)
        r = take_of_inbox(db, c);
    if (r == REFUSE_OK) {
        if (take_of_total(db, c))
            return REFUSE_OK;
        r = REFUSE_TOTAL_FULL;
        if (inbox)
            give_to_inbox(db, c, 1);
    }
    if (*c->owner)
        give_to_user(db, c, 1);
    return r;
}

void index_usage_give(struct index_db *db, const struct charge *c)
{
    give(db, c, 1);
}

void index_usage_give_part(struct index_db *db, const struct charge *c)
{
    give(db, c, 0);
}

enum refuse index_usage_redate(struct index_db *db, const struct ferry_id *id, int64_t day)
{
    sqlite3_stmt *s =
        sql(db, "UPDATE usage SET day = ?2, day_used = t.size + CASE usage.day WHEN ?2 THEN day_used"
                " ELSE 0 END FROM transfer AS t WHERE t.id = ?1 AND t.day <> ?2"
                " AND t.owner = usage.jid AND (?3 = 0 OR t.size <= ?3 -"
                " CASE usage.day WHEN ?2 THEN day_used ELSE 0 END)"
                " RETURNING jid");
    struct arena *arena = arena_get(NULL);
    const char *owner = NULL;
    bool other;
    sql_text(s, 1, id->text);
    sql_int(s, 2, day);
    sql_int(s, 3, conf_get()->storage_daily_quota);
    if (sql_row(db, s)) {
        owner = sql_dup(arena, s, 0);
        sql_end(s);
        usage_touched(index_host_arg(db), owner);
    }
    arena_put(arena);
    if (owner)
        return REFUSE_OK;
    s = sql(db, "SELECT 1 FROM transfer WHERE id = ?1 AND day <> ?2 AND owner <> ''");
    sql_text(s, 1, id->text);
    sql_int(s, 2, day);
    other = sql_row(db, s);
    if (other)
        sql_end(s);
    return other ? REFUSE_DAY_FULL : REFUSE_OK;
}

void index_usage_files(struct index_db *db, int by)
{
    sqlite3_stmt *s = sql(db, "UPDATE total SET files = max(0, files + ?1) WHERE one = 1");
    sql_int(s, 1, by);
    sql_run(db, s);
}

/* --- looking ---------------------------------------------------------------------------------------------
 */

#define FIGURES                                                                                  \
    "used, files, inbox_used, inbox_files, day, day_used, user_quota, inbox_quota, closed <> 0," \
    " used_message, used_profile, used_ephemeral, used_permanent"

static void read_figures(sqlite3_stmt *s, int col, struct usage_figures *out)
{
    *out = (struct usage_figures){.used = sql_get_int(s, col),
                                  .files = sql_get_int(s, col + 1),
                                  .inbox_used = sql_get_int(s, col + 2),
                                  .inbox_files = sql_get_int(s, col + 3),
                                  .day = sql_get_int(s, col + 4),
                                  .day_used = sql_get_int(s, col + 5),
                                  .user_quota = sql_get_int(s, col + 6),
                                  .inbox_quota = sql_get_int(s, col + 7),
                                  .closed = sql_get_int(s, col + 8)};
    for (int p = 0; p < PURPOSE_COUNT; p++) /* in the order of the enum */
        out->purpose_used[p] = sql_get_int(s, col + 9 + p);
}

static bool has_any(struct index_db *db, sqlite3_stmt *s, const char *jid)
{
    sql_text(s, 1, jid);
    bool any = sql_row(db, s);
    sql_end(s);
    return any;
}

/* What stands elsewhere than in the row of `usage`. */
static void read_more(struct index_db *db, const char *jid, struct usage_figures *out)
{
    out->broken_off = has_any(
        db, sql(db, "SELECT 1 FROM transfer WHERE kept > 0 AND owner = ?1 AND owner <> '' LIMIT 1"), jid);
    if (!conf_get()->storage_make_room)
        return;
    out->room = has_any(db,
                        sql(db, "SELECT 1 FROM transfer WHERE owner = ?1 AND fetched = 1 AND state = 1"
                                " AND owner <> '' LIMIT 1"),
                        jid);
    out->inbox_room =
        has_any(db,
                sql(db, "SELECT 1 FROM transfer WHERE addressee = ?1 AND fetched = 1 AND state = 1"
                        " AND addressee <> '' AND owner <> addressee LIMIT 1"),
                jid);
}

static bool read_first(struct index_db *db, const char *jid, struct usage_figures *out)
{
    sqlite3_stmt *s = sql(db, "SELECT " FIGURES " FROM usage WHERE jid = ?1");
    *out = (struct usage_figures){.user_quota = -1, .inbox_quota = -1};
    sql_text(s, 1, jid);
    if (!sql_row(db, s))
        return false;
    read_figures(s, 0, out);
    sql_end(s);
    return true;
}

bool index_usage_get(struct index_db *db, const char *jid, struct usage_figures *out)
{
    if (!read_first(db, jid, out))
        return false;
    read_more(db, jid, out);
    return true;
}

void index_usage_near(struct index_db *db, const char *jid, struct usage_figures *out)
{
    if (read_first(db, jid, out) && gauge_near(out, usage_today()))
        read_more(db, jid, out);
}

/* The least `used` from which a file of the largest size might not fit; no limit: never. */
static int64_t near_from(int64_t limit)
{
    int64_t largest = conf_get()->storage_max_file_size;
    if (limit < 0)
        return INT64_MAX;
    return limit - GRANT_SLACK > largest ? limit - GRANT_SLACK - largest : 1;
}

/* The cheap half of gauge_near in SQL: of a million users few are looked at. */
void index_usage_each(struct index_db *db, void *arg,
                      void (*fn)(void *arg, const char *jid, const struct usage_figures *f))
{
    const struct conf *c = conf_get();
    sqlite3_stmt *s = sql(db, "SELECT jid, " FIGURES " FROM usage WHERE used >= ?1 OR inbox_used >= ?2"
                              " OR (?3 AND files >= ?3) OR (?4 AND inbox_files >= ?4)"
                              " OR (day_used >= ?5 AND day = ?6)"
                              " OR user_quota <> -1 OR inbox_quota <> -1 OR closed <> 0"
                              " OR used_message >= ?7 OR used_profile >= ?8 OR used_ephemeral >= ?9"
                              " OR used_permanent >= ?10");
    sql_int(s, 1, near_from(c->storage_user_quota));
    sql_int(s, 2, near_from(c->storage_inbox_quota));
    sql_int(s, 3, c->storage_user_files);
    sql_int(s, 4, c->storage_inbox_files);
    sql_int(s, 5, near_from(c->storage_daily_quota ? c->storage_daily_quota : -1));
    sql_int(s, 6, usage_today());
    for (int p = 0; p < PURPOSE_COUNT; p++)
        sql_int(s, 7 + p, near_from(gauge_purpose_quota((enum purpose)p)));
    while (sql_row(db, s)) {
        struct usage_figures f;
        read_figures(s, 1, &f);
        read_more(db, sql_get_text(s, 0), &f);
        fn(arg, sql_get_text(s, 0), &f);
    }
}

int64_t index_usage_total(struct index_db *db)
{
    sqlite3_stmt *s = sql(db, "SELECT used FROM total");
    int64_t used = sql_row(db, s) ? sql_get_int(s, 0) : 0;
    sql_end(s);
    return used;
}

/* --- a user who goes -------------------------------------------------------------------------------------
 */

void index_usage_close(struct index_db *db, const char *jid, int64_t now)
{
    is_new(db, jid);
    usage_touched(index_host_arg(db), jid);
    sqlite3_stmt *s = sql(db, "UPDATE usage SET closed = ?2 WHERE jid = ?1");
    sql_text(s, 1, jid);
    sql_int(s, 2, now);
    sql_run(db, s);
}

void index_usage_drop(struct index_db *db, const char *jid)
{
    sqlite3_stmt *s = sql(db, "UPDATE usage SET user_quota = -1, inbox_quota = -1, day_used = 0"
                              " WHERE jid = ?1");
    sql_text(s, 1, jid);
    sql_run(db, s);
    usage_touched(index_host_arg(db), jid);
}

void index_usage_reopen(struct index_db *db, const char *jid)
{
    sqlite3_stmt *s = sql(db, "UPDATE usage SET closed = 0 WHERE jid = ?1 AND closed <> 0");
    sql_text(s, 1, jid);
    if (sql_run(db, s) > 0)
        usage_touched(index_host_arg(db), jid);
}
