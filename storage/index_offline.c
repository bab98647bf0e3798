/* index_offline.c: the rows of offline messages. */
#include <string.h>

#include "storage/index_people.h"
#include "storage/index_sql.h"

void index_offline_figures(struct index_db *db, const char *owner, int64_t *messages, int64_t *bytes)
{
    sqlite3_stmt *s = sql(db, "SELECT count(*), coalesce(sum(bytes), 0) FROM offline WHERE owner = ?1");
    sql_text(s, 1, owner);
    bool row = sql_row(db, s);
    *messages = row ? sql_get_int(s, 0) : 0;
    *bytes = row ? sql_get_int(s, 1) : 0;
    sql_end(s);
}

void index_offline_add(struct index_db *db, const char *owner, int64_t now, const char *xml)
{
    sqlite3_stmt *s = sql(db, "INSERT INTO offline(owner, stamp, bytes, xml) VALUES (?1, ?2, ?3, ?4)");
    sql_text(s, 1, owner);
    sql_int(s, 2, now);
    sql_int(s, 3, (int64_t)strlen(xml));
    sql_text(s, 4, xml);
    sql_run(db, s);
}

size_t index_offline_page(struct index_db *db, const char *owner, int64_t after, size_t bytes_max,
                          struct arena *arena, struct offline_message **out, bool *more)
{
    struct buf list = {0};
    size_t bytes = 0;
    sqlite3_stmt *s =
        sql(db, "SELECT seq, stamp, xml FROM offline WHERE owner = ?1 AND seq > ?2 ORDER BY seq");
    sql_text(s, 1, owner);
    sql_int(s, 2, after);
    *more = false;
    while (!*more && sql_row(db, s)) {
        if (bytes >= bytes_max) {
            *more = true;
            break;
        }
        struct offline_message m = {
            .seq = sql_get_int(s, 0), .stamp = sql_get_int(s, 1), .xml = sql_dup(arena, s, 2)};
        bytes += strlen(m.xml);
        buf_add(&list, &m, sizeof m);
    }
    sql_end(s);
    *out = arena_alloc(arena, list.len + 1);
    if (list.len)
        memcpy(*out, list.data, list.len);
    size_t n = list.len / sizeof **out;
    buf_free(&list);
    return n;
}

void index_offline_drop(struct index_db *db, const char *owner, int64_t upto)
{
    sqlite3_stmt *s = sql(db, "DELETE FROM offline WHERE owner = ?1 AND seq <= ?2");
    sql_text(s, 1, owner);
    sql_int(s, 2, upto);
    sql_run(db, s);
}
