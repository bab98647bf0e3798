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
#define SUMS                                                                                         \
    "WITH paid(jid, used, files, inbox_used, inbox_files) AS"                                        \
    " (SELECT owner, size, 1, 0, 0 FROM transfer WHERE charged = 1 AND owner <> ''"                  \
    " UNION ALL SELECT addressee, 0, 0, size, 1 FROM transfer WHERE charged = 1 AND addressee <> ''" \
    " AND addressee <> owner),"                                                                      \
    " want(jid, used, files, inbox_used, inbox_files) AS (SELECT jid, sum(used), sum(files),"        \
    " sum(inbox_used), sum(inbox_files) FROM paid GROUP BY jid) "

static int check_users(struct index_db *db, bool mend, struct buf *out)
{
    static const char *const names[] = {"used", "files", "inbox used", "inbox files"};
    int bad = 0;
    sqlite3_stmt *s =
        sql(db, SUMS "SELECT jid, coalesce(u.used, 0), coalesce(w.used, 0), coalesce(u.files, 0),"
                     " coalesce(w.files, 0), coalesce(u.inbox_used, 0), coalesce(w.inbox_used, 0),"
                     " coalesce(u.inbox_files, 0), coalesce(w.inbox_files, 0)"
                     " FROM usage u FULL JOIN want w USING (jid)"
                     " WHERE (coalesce(u.used, 0), coalesce(u.files, 0), coalesce(u.inbox_used, 0),"
                     " coalesce(u.inbox_files, 0)) <> (coalesce(w.used, 0), coalesce(w.files, 0),"
                     " coalesce(w.inbox_used, 0), coalesce(w.inbox_files, 0))");
    for (; sql_row(db, s); bad++)
        for (int i = 0; i < (int)ARRAY_LEN(names); i++)
            complain(out, sql_get_text(s, 0), names[i], sql_get_int(s, 1 + 2 * i), sql_get_int(s, 2 + 2 * i));
    if (bad && mend) {
        sql_run(db, sql(db, "UPDATE usage SET used = 0, files = 0, inbox_used = 0, inbox_files = 0"));
        sql_run(db, sql(db, "INSERT INTO usage(jid, used, files, inbox_used, inbox_files) " SUMS
                            "SELECT jid, used, files, inbox_used, inbox_files FROM want WHERE true"
                            " ON CONFLICT (jid) DO UPDATE SET used = excluded.used, files = excluded.files,"
                            " inbox_used = excluded.inbox_used, inbox_files = excluded.inbox_files"));
    }
    return bad;
}

static int check_purposes(struct index_db *db, bool mend, struct buf *out)
{
    int bad = 0;
    sqlite3_stmt *s =
        sql(db, "WITH want(jid, purpose, used) AS (SELECT owner, purpose, sum(size) FROM transfer"
                " WHERE charged = 1 AND owner <> '' GROUP BY owner, purpose)"
                " SELECT jid, purpose, coalesce(u.used, 0), coalesce(w.used, 0)"
                " FROM usage_purpose u FULL JOIN want w USING (jid, purpose)"
                " WHERE coalesce(u.used, 0) <> coalesce(w.used, 0)");
    for (; sql_row(db, s); bad++) {
        int64_t p = sql_get_int(s, 1);
        complain(out, sql_get_text(s, 0), p >= 0 && p < PURPOSE_COUNT ? purpose_name((enum purpose)p) : "?",
                 sql_get_int(s, 2), sql_get_int(s, 3));
    }
    if (bad && mend) {
        sql_run(db, sql(db, "DELETE FROM usage_purpose"));
        sql_run(db, sql(db, "INSERT INTO usage_purpose(jid, purpose, used) SELECT owner, purpose, sum(size)"
                            " FROM transfer WHERE charged = 1 AND owner <> '' GROUP BY owner, purpose"));
    }
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
    return check_users(db, mend, out) + check_purposes(db, mend, out) + check_total(db, mend, out);
}
