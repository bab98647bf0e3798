/* index_usage_check.c: the figures of the quotas beside the sums of the rows that they stand for; fsck's. */
#include "storage/index_sql.h"
#include "storage/index_transfer.h"

static void complain(struct buf *out, const char *whose, const char *what, int64_t kept, int64_t right)
{
    if (kept != right)
        buf_addf(out, "%s%s: %s %lld, should be %lld", out->len ? "; " : "", whose, what, (long long)kept,
                 (long long)right);
}

/* What the rows say. */
#define SUMS                                                                                              \
    "WITH paid(jid, mine, size, purpose) AS"                                                              \
    " (SELECT owner, 1, size, purpose FROM transfer WHERE charged = 1 AND owner <> ''"                    \
    " UNION ALL SELECT addressee, 0, size, -1 FROM transfer WHERE charged = 1 AND addressee <> ''"        \
    " AND addressee <> owner),"                                                                           \
    " want AS (SELECT jid, sum(mine * size) AS used, sum(mine) AS files,"                                 \
    " sum((1 - mine) * size) AS inbox_used, sum(1 - mine) AS inbox_files,"                                \
    " sum((purpose = 0) * size) AS used_message, sum((purpose = 1) * size) AS used_profile,"              \
    " sum((purpose = 2) * size) AS used_ephemeral, sum((purpose = 3) * size) AS used_permanent FROM paid" \
    " GROUP BY jid) "

static void mend_users(struct index_db *db)
{
    sql_run(db, sql(db, "UPDATE usage SET used = 0, files = 0, inbox_used = 0, inbox_files = 0,"
                        " used_message = 0, used_profile = 0, used_ephemeral = 0, used_permanent = 0"));
    sql_run(db,
            sql(db, "INSERT INTO usage(jid, used, files, inbox_used, inbox_files, used_message,"
                    " used_profile, used_ephemeral, used_permanent) " SUMS
                    "SELECT jid, used, files, inbox_used, inbox_files, used_message, used_profile,"
                    " used_ephemeral, used_permanent FROM want WHERE true"
                    " ON CONFLICT (jid) DO UPDATE SET used = excluded.used, files = excluded.files,"
                    " inbox_used = excluded.inbox_used, inbox_files = excluded.inbox_files,"
                    " used_message = excluded.used_message, used_profile = excluded.used_profile,"
                    " used_ephemeral = excluded.used_ephemeral, used_permanent = excluded.used_permanent"));
}

static int check_users(struct index_db *db, bool mend, struct buf *out)
{
    static const char *const names[] = {"used",    "files",   "inbox used", "inbox files",
                                        "message", "profile", "ephemeral",  "permanent"};
    int bad = 0;
    sqlite3_stmt *s =
        sql(db, SUMS "SELECT jid, u.used, w.used, u.files, w.files, u.inbox_used, w.inbox_used,"
                     " u.inbox_files, w.inbox_files, u.used_message, w.used_message, u.used_profile,"
                     " w.used_profile, u.used_ephemeral, w.used_ephemeral, u.used_permanent,"
                     " w.used_permanent FROM usage u FULL JOIN want w USING (jid)");
    while (sql_row(db, s)) {
        bool right = true;
        for (int i = 0; i < (int)ARRAY_LEN(names); i++) { /* who stands on one side only has 0 on the other */
            int64_t kept = sql_get_int(s, 1 + 2 * i), sum = sql_get_int(s, 2 + 2 * i);
            complain(out, sql_get_text(s, 0), names[i], kept, sum);
            right = right && kept == sum;
        }
        bad += !right;
    }
    if (bad && mend)
        mend_users(db);
    return bad;
}

static int check_total(struct index_db *db, bool mend, struct buf *out)
{
    sqlite3_stmt *s =
        sql(db, "SELECT used, (SELECT coalesce(sum(size), 0) FROM transfer WHERE charged = 1), files,"
                " (SELECT count(*) FROM transfer WHERE state IN (1, 2)) FROM total");
    bool bad =
        sql_row(db, s) && (sql_get_int(s, 0) != sql_get_int(s, 1) || sql_get_int(s, 2) != sql_get_int(s, 3));
    if (bad) {
        complain(out, "total", "used", sql_get_int(s, 0), sql_get_int(s, 1));
        complain(out, "total", "files", sql_get_int(s, 2), sql_get_int(s, 3));
    }
    sql_end(s);
    if (bad && mend)
        sql_run(db, sql(db, "UPDATE total SET used ="
                            " (SELECT coalesce(sum(size), 0) FROM transfer WHERE charged = 1),"
                            " files = (SELECT count(*) FROM transfer WHERE state IN (1, 2))"));
    return bad;
}

int index_usage_check(struct index_db *db, bool mend, struct buf *out)
{
    return check_users(db, mend, out) + check_total(db, mend, out);
}
