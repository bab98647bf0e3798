/* index_block.c: the rows of block lists (XEP-0191). */
#include <string.h>

#include "storage/index_people.h"
#include "storage/index_sql.h"

bool index_blocks(struct index_db *db, const char *owner, const char *jid)
{
    struct arena *arena = arena_get(NULL);
    const char *at = strchr(jid, '@'), *slash = strchr(jid, '/');
    if (at && slash && at > slash) /* an '@' in a resource */
        at = NULL;
    const char *bare = slash ? arena_strndup(arena, jid, (size_t)(slash - jid)) : jid;
    const char *domain_resource = at ? at + 1 : jid;
    const char *domain = at ? strchr(bare, '@') + 1 : bare;
    sqlite3_stmt *s = sql(db, "SELECT 1 FROM block WHERE owner = ?1 AND jid IN (?2, ?3, ?4, ?5)");
    sql_text(s, 1, owner);
    sql_text(s, 2, jid);
    sql_text(s, 3, bare);
    sql_text(s, 4, domain_resource);
    sql_text(s, 5, domain);
    bool found = sql_row(db, s);
    sql_end(s);
    arena_put(arena);
    return found;
}

size_t index_block_all(struct index_db *db, const char *owner, struct arena *arena, const char ***out)
{
    struct buf list = {0};
    sqlite3_stmt *s = sql(db, "SELECT jid FROM block WHERE owner = ?1 ORDER BY jid");
    sql_text(s, 1, owner);
    while (sql_row(db, s)) {
        const char *jid = sql_dup(arena, s, 0);
        buf_add(&list, &jid, sizeof jid);
    }
    *out = arena_alloc(arena, list.len + 1);
    if (list.len)
        memcpy(*out, list.data, list.len);
    size_t n = list.len / sizeof **out;
    buf_free(&list);
    return n;
}

void index_block_add(struct index_db *db, const char *owner, const char *jid)
{
    sqlite3_stmt *s = sql(db, "INSERT INTO block(owner, jid) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
    sql_text(s, 1, owner);
    sql_text(s, 2, jid);
    sql_run(db, s);
}

void index_block_drop(struct index_db *db, const char *owner, const char *jid)
{
    sqlite3_stmt *s = jid ? sql(db, "DELETE FROM block WHERE owner = ?1 AND jid = ?2")
                          : sql(db, "DELETE FROM block WHERE owner = ?1");
    sql_text(s, 1, owner);
    if (jid)
        sql_text(s, 2, jid);
    sql_run(db, s);
}

int64_t index_block_count(struct index_db *db, const char *owner)
{
    sqlite3_stmt *s = sql(db, "SELECT count(*) FROM block WHERE owner = ?1");
    sql_text(s, 1, owner);
    int64_t n = sql_row(db, s) ? sql_get_int(s, 0) : 0;
    sql_end(s);
    return n;
}
