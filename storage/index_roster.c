/* index_roster.c: the rows of rosters. Groups are kept as one JSON array: they are only ever read together.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "storage/index_people.h"
#include "storage/index_sql.h"

#define COLUMNS "jid, name, groups, sub, ask, pending_in, in_roster"

static void read_groups(const char *text, struct arena *arena, struct roster_item *out)
{
    json_t *list = json_loads(text, 0, NULL);
    size_t n = json_array_size(list);
    const char **groups = arena_alloc(arena, (n + 1) * sizeof *groups);
    for (size_t i = 0; i < n; i++) {
        const char *g = json_string_value(json_array_get(list, i));
        groups[i] = arena_strdup(arena, g ? g : "");
    }
    out->groups = groups;
    out->n_groups = n;
    json_decref(list);
}

static void read_item(sqlite3_stmt *s, struct arena *arena, struct roster_item *out)
{
    *out = (struct roster_item){.jid = sql_dup(arena, s, 0),
                                .name = sql_dup(arena, s, 1),
                                .sub = (enum subscription)(sql_get_int(s, 3) & SUB_BOTH),
                                .ask = sql_get_int(s, 4) != 0,
                                .pending_in = sql_get_int(s, 5) != 0,
                                .in_roster = sql_get_int(s, 6) != 0};
    read_groups(sql_get_text(s, 2), arena, out);
}

bool index_roster_get(struct index_db *db, const char *owner, const char *contact, struct arena *arena,
                      struct roster_item *out)
{
    sqlite3_stmt *s = sql(db, "SELECT " COLUMNS " FROM roster WHERE owner = ?1 AND jid = ?2");
    sql_text(s, 1, owner);
    sql_text(s, 2, contact);
    bool found = sql_row(db, s);
    if (found)
        read_item(s, arena, out);
    else
        *out = (struct roster_item){.jid = arena_strdup(arena, contact), .name = ""};
    sql_end(s);
    return found;
}

void index_roster_put(struct index_db *db, const char *owner, const struct roster_item *item)
{
    json_t *list = json_array();
    for (size_t i = 0; i < item->n_groups; i++)
        json_array_append_new(list, json_string(item->groups[i]));
    char *groups = json_dumps(list, JSON_COMPACT);
    sqlite3_stmt *s =
        sql(db, "INSERT INTO roster(owner, " COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                " ON CONFLICT(owner, jid) DO UPDATE SET name = ?3, groups = ?4, sub = ?5, ask = ?6,"
                " pending_in = ?7, in_roster = ?8");
    sql_text(s, 1, owner);
    sql_text(s, 2, item->jid);
    sql_text(s, 3, item->name);
    sql_text(s, 4, groups);
    sql_int(s, 5, item->sub);
    sql_int(s, 6, item->ask);
    sql_int(s, 7, item->pending_in);
    sql_int(s, 8, item->in_roster);
    sql_run(db, s);
    free(groups);
    json_decref(list);
}

void index_roster_drop(struct index_db *db, const char *owner, const char *contact)
{
    sqlite3_stmt *s = sql(db, "DELETE FROM roster WHERE owner = ?1 AND jid = ?2");
    sql_text(s, 1, owner);
    sql_text(s, 2, contact);
    sql_run(db, s);
}

int64_t index_roster_count(struct index_db *db, const char *owner)
{
    sqlite3_stmt *s = sql(db, "SELECT count(*) FROM roster WHERE owner = ?1");
    sql_text(s, 1, owner);
    int64_t n = sql_row(db, s) ? sql_get_int(s, 0) : 0;
    sql_end(s);
    return n;
}

size_t index_roster_all(struct index_db *db, const char *owner, struct arena *arena, struct roster_item **out)
{
    struct buf items = {0};
    sqlite3_stmt *s = sql(db, "SELECT " COLUMNS " FROM roster WHERE owner = ?1 ORDER BY jid");
    sql_text(s, 1, owner);
    while (sql_row(db, s)) {
        struct roster_item item;
        read_item(s, arena, &item);
        buf_add(&items, &item, sizeof item);
    }
    *out = arena_alloc(arena, items.len + 1);
    if (items.len)
        memcpy(*out, items.data, items.len);
    size_t n = items.len / sizeof **out;
    buf_free(&items);
    return n;
}
