/* index_grant.c: the rows of grants that are too long for a URL (grant_store). */
#include "storage/index_people.h"
#include "storage/index_sql.h"

enum refuse index_grant_put(struct index_db *db, const char *id, int64_t expires, const void *body, size_t n)
{
    sqlite3_stmt *s = sql(db, "INSERT INTO long_grant(token, expires, body) VALUES (?1, ?2, ?3)");
    sql_text(s, 1, id);
    sql_int(s, 2, expires);
    sql_blob(s, 3, body, n);
    return sql_run(db, s) == 1 ? REFUSE_OK : REFUSE_INTERNAL;
}

bool index_grant_get(struct index_db *db, const char *id, struct buf *body)
{
    sqlite3_stmt *s = sql(db, "SELECT body FROM long_grant WHERE token = ?1");
    sql_text(s, 1, id);
    if (!sql_row(db, s))
        return false;
    size_t n;
    const void *p = sql_get_blob(s, 0, &n);
    buf_add(body, p, n);
    sql_end(s);
    return true;
}

void index_grant_forget(struct index_db *db, int64_t now)
{
    sqlite3_stmt *s = sql(db, "DELETE FROM long_grant WHERE expires < ?1");
    sql_int(s, 1, now);
    sql_run(db, s);
}
