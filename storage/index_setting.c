/* index_setting.c: the rows of what users have chosen for themselves. */
#include "storage/index_people.h"
#include "storage/index_sql.h"

void index_setting_put(struct index_db *db, const char *jid, const char *key, const char *value)
{
    sqlite3_stmt *s = value ? sql(db, "INSERT INTO setting(jid, key, value) VALUES (?1, ?2, ?3)"
                                      " ON CONFLICT (jid, key) DO UPDATE SET value = excluded.value")
                            : sql(db, "DELETE FROM setting WHERE jid = ?1 AND key = ?2");
    sql_text(s, 1, jid);
    sql_text(s, 2, key);
    if (value)
        sql_text(s, 3, value);
    sql_run(db, s);
}

bool index_setting_is(struct index_db *db, const char *jid, const char *key, const char *value)
{
    sqlite3_stmt *s = sql(db, "SELECT 1 FROM setting WHERE jid = ?1 AND key = ?2 AND value = ?3");
    sql_text(s, 1, jid);
    sql_text(s, 2, key);
    sql_text(s, 3, value);
    bool is = sql_row(db, s);
    sql_end(s);
    return is;
}

void index_setting_each(struct index_db *db,
                        void (*fn)(void *arg, const char *jid, const char *key, const char *value), void *arg)
{
    sqlite3_stmt *s = sql(db, "SELECT jid, key, value FROM setting ORDER BY jid");
    while (sql_row(db, s))
        fn(arg, sql_get_text(s, 0), sql_get_text(s, 1), sql_get_text(s, 2));
}
