/* index_usage.c: quotas, exactly: each is one conditional UPDATE inside the transaction of the claim, so no
 * interleaving of claims goes over one (row 112), and what a row took is given back by the statement that
 * makes the row let go of it.
 *
 * Who pays: the owner, of his user_quota and daily_quota; and the addressee, if it is somebody else, of his
 * inbox_quota. Everything counts in the one row of `total`. "": nobody's quota.
 */
#include <string.h>

#include "storage/index_sql.h"
#include "storage/index_transfer.h"
#include "storage/usage.h"

static bool take(struct index_db *db, sqlite3_stmt *s, const char *jid, int64_t size, int64_t quota)
{
    sql_text(s, 1, jid);
    sql_int(s, 2, size);
    sql_int(s, 3, quota);
    return sql_run(db, s) == 1;
}

static void know_user(struct index_db *db, const char *jid)
{
    sqlite3_stmt *s = sql(db, "INSERT INTO usage(jid) VALUES (?1) ON CONFLICT DO NOTHING");
    sql_text(s, 1, jid);
    sql_run(db, s);
    usage_touched(index_host_arg(db), jid);
}

static bool pays_inbox(const char *owner, const char *to)
{
    return *to && strcmp(owner, to) != 0;
}

enum refuse index_usage_take(struct index_db *db, const char *owner, const char *to, int64_t size,
                             int64_t day)
{
    const struct conf *c = conf_get();
    sqlite3_stmt *s;
    if (*owner) {
        know_user(db, owner);
        s = sql(db, "UPDATE usage SET used = used + ?2, day = ?4,"
                    " day_used = ?2 + CASE day WHEN ?4 THEN day_used ELSE 0 END WHERE jid = ?1"
                    " AND used + ?2 <= CASE user_quota WHEN -1 THEN ?3 ELSE user_quota END"
                    " AND (?5 = 0 OR ?2 + CASE day WHEN ?4 THEN day_used ELSE 0 END <= ?5)");
        sql_int(s, 4, day);
        sql_int(s, 5, c->storage_daily_quota);
        if (!take(db, s, owner, size, c->storage_user_quota))
            return REFUSE_QUOTA_FULL;
    }
    if (pays_inbox(owner, to)) {
        know_user(db, to);
        s = sql(db, "UPDATE usage SET inbox_used = inbox_used + ?2 WHERE jid = ?1"
                    " AND inbox_used + ?2 <= CASE inbox_quota WHEN -1 THEN ?3 ELSE inbox_quota END");
        if (!take(db, s, to, size, c->storage_inbox_quota))
            return REFUSE_INBOX_FULL;
    }
    s = sql(db, "UPDATE total SET used = used + ?1 WHERE ?2 = 0 OR used + ?1 <= ?2");
    sql_int(s, 1, size);
    sql_int(s, 2, c->storage_total_quota);
    return sql_run(db, s) == 1 ? REFUSE_OK : REFUSE_DISK_FULL;
}

void index_usage_give(struct index_db *db, const char *owner, const char *to, int64_t size, int64_t day)
{
    sqlite3_stmt *s;
    if (*owner) {
        s = sql(db, "UPDATE usage SET used = used - ?2,"
                    " day_used = day_used - CASE day WHEN ?3 THEN min(day_used, ?2) ELSE 0 END"
                    " WHERE jid = ?1");
        sql_int(s, 3, day);
        take(db, s, owner, size, 0);
        usage_touched(index_host_arg(db), owner);
    }
    if (pays_inbox(owner, to)) {
        s = sql(db, "UPDATE usage SET inbox_used = inbox_used - ?2 WHERE jid = ?1");
        take(db, s, to, size, 0);
        usage_touched(index_host_arg(db), to);
    }
    s = sql(db, "UPDATE total SET used = used - ?1");
    sql_int(s, 1, size);
    sql_run(db, s);
}

void index_usage_files(struct index_db *db, int by)
{
    sqlite3_stmt *s = sql(db, "UPDATE total SET files = files + ?1");
    sql_int(s, 1, by);
    sql_run(db, s);
}

/* --- looking ---------------------------------------------------------------------------------------------
 */

#define FIGURES "used, inbox_used, day, day_used, user_quota, inbox_quota"

static void read_figures(sqlite3_stmt *s, int col, struct usage_figures *out)
{
    out->used = sql_get_int(s, col);
    out->inbox_used = sql_get_int(s, col + 1);
    out->day = sql_get_int(s, col + 2);
    out->day_used = sql_get_int(s, col + 3);
    out->user_quota = sql_get_int(s, col + 4);
    out->inbox_quota = sql_get_int(s, col + 5);
}

bool index_usage_get(struct index_db *db, const char *jid, struct usage_figures *out)
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

void index_usage_each(struct index_db *db, int64_t more_than, void *arg,
                      void (*fn)(void *arg, const char *jid, const struct usage_figures *f))
{
    sqlite3_stmt *s = sql(db, "SELECT jid, " FIGURES " FROM usage WHERE used > ?1 OR inbox_used > ?1"
                              " OR user_quota <> -1 OR inbox_quota <> -1 OR day_used > 0");
    sql_int(s, 1, more_than);
    while (sql_row(db, s)) {
        struct usage_figures f;
        read_figures(s, 1, &f);
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

enum refuse index_usage_look(struct index_db *db, const char *owner, const char *to, int64_t size,
                             int64_t day)
{
    struct usage_figures f;
    enum refuse r = REFUSE_OK;
    if (*owner) {
        index_usage_get(db, owner, &f);
        r = usage_judge(&f, true, size, day);
    }
    if (r == REFUSE_OK && pays_inbox(owner, to)) {
        index_usage_get(db, to, &f);
        r = usage_judge(&f, false, size, day);
    }
    int64_t all = conf_get()->storage_total_quota;
    if (r == REFUSE_OK && all && index_usage_total(db) + size > all)
        r = REFUSE_DISK_FULL;
    return r;
}

/* --- operators -------------------------------------------------------------------------------------------
 */

void index_usage_quota(struct index_db *db, const char *jid, int64_t user_quota, int64_t inbox_quota)
{
    know_user(db, jid);
    sqlite3_stmt *s = sql(db, "UPDATE usage SET user_quota = ?2, inbox_quota = ?3 WHERE jid = ?1");
    sql_text(s, 1, jid);
    sql_int(s, 2, user_quota);
    sql_int(s, 3, inbox_quota);
    sql_run(db, s);
}

void index_usage_drop(struct index_db *db, const char *jid)
{
    sqlite3_stmt *s = sql(db, "UPDATE usage SET user_quota = -1, inbox_quota = -1 WHERE jid = ?1");
    sql_text(s, 1, jid);
    sql_run(db, s);
    s = sql(db, "DELETE FROM usage WHERE jid = ?1 AND used = 0 AND inbox_used = 0");
    sql_text(s, 1, jid);
    sql_run(db, s);
    usage_touched(index_host_arg(db), jid);
}

/* What the rows say, beside what is kept. */
#define SUMS                                                                                             \
    "WITH paid(jid, used, inbox) AS (SELECT owner, reserved, 0 FROM transfer WHERE reserved > 0"         \
    " UNION ALL SELECT addressee, 0, reserved FROM transfer WHERE reserved > 0 AND addressee <> owner)," \
    " want(jid, used, inbox) AS (SELECT jid, sum(used), sum(inbox) FROM paid WHERE jid <> '' GROUP BY jid) "

static int check_users(struct index_db *db, bool mend, struct buf *out)
{
    int bad = 0;
    sqlite3_stmt *s = sql(db, SUMS "SELECT u.jid, u.used, u.inbox_used, coalesce(w.used, 0),"
                                   " coalesce(w.inbox, 0) FROM usage u LEFT JOIN want w USING (jid)"
                                   " WHERE u.used <> coalesce(w.used, 0)"
                                   " OR u.inbox_used <> coalesce(w.inbox, 0)");
    while (sql_row(db, s)) {
        buf_addf(out, "%s%s: used %lld of %lld, inbox %lld of %lld", out->len ? "; " : "", sql_get_text(s, 0),
                 (long long)sql_get_int(s, 1), (long long)sql_get_int(s, 3), (long long)sql_get_int(s, 2),
                 (long long)sql_get_int(s, 4));
        bad++;
    }
    s = sql(db, SUMS "SELECT count(*) FROM want WHERE jid NOT IN (SELECT jid FROM usage)");
    if (sql_row(db, s) && sql_get_int(s, 0) > 0) {
        buf_addf(out, "%s%lld users without figures", out->len ? "; " : "", (long long)sql_get_int(s, 0));
        bad++;
    }
    sql_end(s);
    if (bad && mend) {
        sql_run(db, sql(db, "UPDATE usage SET used = 0, inbox_used = 0"));
        sql_run(db, sql(db, "INSERT INTO usage(jid, used, inbox_used) " SUMS
                            "SELECT jid, used, inbox FROM want WHERE true ON CONFLICT (jid)"
                            " DO UPDATE SET used = excluded.used, inbox_used = excluded.inbox_used"));
    }
    return bad;
}

int index_usage_check(struct index_db *db, bool mend, struct buf *out)
{
    int bad = check_users(db, mend, out);
    sqlite3_stmt *s = sql(db, "SELECT t.used, t.files, (SELECT coalesce(sum(reserved), 0) FROM transfer),"
                              " (SELECT count(*) FROM transfer WHERE state IN (1, 2)) FROM total t");
    if (sql_row(db, s) &&
        (sql_get_int(s, 0) != sql_get_int(s, 2) || sql_get_int(s, 1) != sql_get_int(s, 3))) {
        buf_addf(out, "%stotal: used %lld of %lld, files %lld of %lld", out->len ? "; " : "",
                 (long long)sql_get_int(s, 0), (long long)sql_get_int(s, 2), (long long)sql_get_int(s, 1),
                 (long long)sql_get_int(s, 3));
        bad++;
        sql_end(s);
        if (mend)
            sql_run(db, sql(db, "UPDATE total SET used = (SELECT coalesce(sum(reserved), 0) FROM transfer),"
                                " files = (SELECT count(*) FROM transfer WHERE state IN (1, 2))"));
    }
    sql_end(s);
    return bad;
}
