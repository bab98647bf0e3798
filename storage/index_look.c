/* index_look.c: reading transfers: one, a page, what is due, what has a file. Nothing here changes a row, but
 * index_forget and index_forget_user. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/index_sql.h"
#include "storage/index_transfer.h"

static const char *const state_names[] = {
#define X(n, s) s,
    TRANSFER_STATES(X)
#undef X
};
static const char *const told_names[] = {
#define X(n, s) s,
    TOLD_STATES(X)
#undef X
};

const char *transfer_state_name(enum transfer_state s)
{
    FERRY_ASSERT((size_t)s < ARRAY_LEN(state_names));
    return state_names[s];
}

const char *transfer_told_name(enum transfer_told t)
{
    FERRY_ASSERT((size_t)t < ARRAY_LEN(told_names));
    return told_names[t];
}

/* --- one row ---------------------------------------------------------------------------------------------
 */

#define COLUMNS                                                                                           \
    "id, attempt, state, took, told, purpose, size, created, stored, expires, removed, owner, addressee," \
    " name, type, found_type, descr, reason, sha256, fetched, flags, kept"

/* A number of an enum that a file's bytes could hold: out of range it is the last. */
static int bounded(sqlite3_stmt *s, int col, size_t count)
{
    int64_t n = sql_get_int(s, col);
    return n >= 0 && n < (int64_t)count ? (int)n : (int)count - 1;
}

static void read_row(sqlite3_stmt *s, struct arena *arena, struct transfer *t)
{
    size_t n;
    *t = (struct transfer){.attempt = (int)sql_get_int(s, 1),
                           .state = (enum transfer_state)bounded(s, 2, ARRAY_LEN(state_names)),
                           .took = (enum took)bounded(s, 3, TOOK_COUNT),
                           .told = (enum transfer_told)bounded(s, 4, ARRAY_LEN(told_names)),
                           .purpose = (enum purpose)bounded(s, 5, PURPOSE_COUNT),
                           .size = sql_get_int(s, 6),
                           .created = sql_get_int(s, 7),
                           .stored = sql_get_int(s, 8),
                           .expires = sql_get_int(s, 9),
                           .removed = sql_get_int(s, 10),
                           .owner = sql_dup(arena, s, 11),
                           .to = sql_dup(arena, s, 12),
                           .name = sql_dup(arena, s, 13),
                           .type = sql_dup(arena, s, 14),
                           .found_type = sql_dup(arena, s, 15),
                           .desc = sql_dup(arena, s, 16),
                           .reason = sql_dup(arena, s, 17),
                           .fetched = sql_get_int(s, 19) != 0,
                           .once = (sql_get_int(s, 20) & GRANT_ONCE) != 0,
                           .up_to = (sql_get_int(s, 20) & GRANT_UP_TO) != 0,
                           .kept = sql_get_int(s, 21)};
    snprintf(t->id.text, sizeof t->id.text, "%s", sql_get_text(s, 0));
    const void *sum = sql_get_blob(s, 18, &n);
    t->has_sha256 = n == SHA256_BYTES;
    if (t->has_sha256)
        memcpy(t->sha256, sum, n);
}

bool index_get(struct index_db *db, const struct ferry_id *id, struct arena *arena, struct transfer *out)
{
    sqlite3_stmt *s = sql(db, "SELECT " COLUMNS " FROM transfer WHERE id = ?1");
    sql_text(s, 1, id->text);
    if (!sql_row(db, s))
        return false;
    read_row(s, arena, out);
    sql_end(s);
    return true;
}

/* --- a page ----------------------------------------------------------------------------------------------
 */

static int state_number(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(state_names); i++)
        if (strcmp(state_names[i], name) == 0)
            return (int)i;
    return -1;
}

/* The page after (created, id), newest first. Of tombstones there may be a million: each kind of list has an
 * index of the living and one of the dead, and the list of both merges the two. */
#define PAGE(which)                                                                                         \
    "SELECT " COLUMNS " FROM transfer WHERE " which " AND (created, id) < (?1, ?2) AND (?3 < 0 OR state = " \
    "?3)"
#define ORDERED " ORDER BY created DESC, id DESC LIMIT ?4"
#define ALIVE(which) PAGE(which " AND state <= 2")
#define DEAD(which) PAGE(which " AND state > 2")
#define OF_OWNER "owner <> '' AND owner = ?5 AND (?6 IS NULL OR addressee = ?6)"
#define FOR "addressee <> '' AND addressee = ?6"

static sqlite3_stmt *page_statement(struct index_db *db, const struct transfer_query *q, bool all)
{
    sqlite3_stmt *s;
    bool of_owner = q->owner && *q->owner, for_somebody = q->to && *q->to;
    if (of_owner)
        s = all ? sql(db, ALIVE(OF_OWNER) " UNION ALL " DEAD(OF_OWNER) ORDERED)
                : sql(db, ALIVE(OF_OWNER) ORDERED);
    else if (for_somebody)
        s = all ? sql(db, ALIVE(FOR) " UNION ALL " DEAD(FOR) ORDERED) : sql(db, ALIVE(FOR) ORDERED);
    else
        s = all ? sql(db, ALIVE("true") " UNION ALL " DEAD("true") ORDERED) : sql(db, ALIVE("true") ORDERED);
    if (of_owner)
        sql_text(s, 5, q->owner);
    if (of_owner || for_somebody)
        sql_text(s, 6, q->to);
    return s;
}

static void read_cursor(const char *cursor, int64_t *created, const char **id)
{
    char *end;
    *created = INT64_MAX;
    *id = "";
    if (!cursor || !*cursor)
        return;
    long long n = strtoll(cursor, &end, 10);
    if (*end == '.' && end > cursor) {
        *created = n;
        *id = end + 1;
    }
}

void index_list(struct index_db *db, const struct transfer_query *q, struct arena *arena,
                struct transfer_list *out)
{
    size_t limit = q->limit == 0 || q->limit > 1000 ? 1000 : q->limit;
    int state = q->state && *q->state ? state_number(q->state) : -1;
    *out = (struct transfer_list){0};
    if (q->state && *q->state && state < 0)
        return;
    int64_t created;
    const char *id;
    read_cursor(q->cursor, &created, &id);
    bool all = q->all || state > TRANSFER_HELD;
    sqlite3_stmt *s = page_statement(db, q, all);
    sql_int(s, 1, created);
    sql_text(s, 2, id);
    sql_int(s, 3, state);
    sql_int(s, 4, (int64_t)limit + 1);
    size_t cap = 0;
    while (sql_row(db, s)) {
        if (out->n == limit) {
            const struct transfer *last = &out->rows[out->n - 1];
            out->more = true;
            snprintf(out->next, sizeof out->next, "%lld.%s", (long long)last->created, last->id.text);
            sql_end(s);
            break;
        }
        if (out->n == cap) {
            cap = cap ? 2 * cap : 16;
            struct transfer *rows = arena_alloc(arena, cap * sizeof *rows);
            if (out->n)
                memcpy(rows, out->rows, out->n * sizeof *rows);
            out->rows = rows;
        }
        read_row(s, arena, &out->rows[out->n++]);
    }
}

/* --- ids -------------------------------------------------------------------------------------------------
 */

static size_t read_ids(struct index_db *db, sqlite3_stmt *s, struct ferry_id *ids, size_t max)
{
    size_t n = 0;
    while (n < max && sql_row(db, s))
        snprintf(ids[n++].text, sizeof ids->text, "%s", sql_get_text(s, 0));
    sql_end(s);
    return n;
}

size_t index_by_prefix(struct index_db *db, const char *prefix, struct ferry_id *ids, size_t max)
{
    /* '{' comes right after 'z', the last character an id may hold */
    sqlite3_stmt *s =
        sql(db, "SELECT id FROM transfer WHERE id >= ?1 AND id < ?1 || '{' ORDER BY id LIMIT ?2");
    sql_text(s, 1, prefix);
    sql_int(s, 2, (int64_t)max);
    return read_ids(db, s, ids, max);
}

size_t index_of_user(struct index_db *db, const char *jid, struct ferry_id *ids, size_t max)
{
    sqlite3_stmt *s =
        sql(db, "SELECT id FROM transfer WHERE owner <> '' AND owner = ?1 AND state <= 2 LIMIT ?2");
    sql_text(s, 1, jid);
    sql_int(s, 2, (int64_t)max);
    size_t n = read_ids(db, s, ids, max);
    s = sql(db, "SELECT id FROM transfer WHERE addressee <> '' AND addressee = ?1 AND owner <> ?1"
                " AND state <= 2 LIMIT ?2");
    sql_text(s, 1, jid);
    sql_int(s, 2, (int64_t)(max - n));
    return n + read_ids(db, s, ids + n, max - n);
}

static size_t read_rows(struct index_db *db, sqlite3_stmt *s, struct arena *arena, struct transfer *rows,
                        size_t max)
{
    size_t n = 0;
    while (n < max && sql_row(db, s))
        read_row(s, arena, &rows[n++]);
    sql_end(s);
    return n;
}

size_t index_of_user_page(struct index_db *db, const char *jid, int64_t now, size_t skip, size_t max,
                          struct arena *arena, struct transfer *rows)
{
#define WHOLE "state <= 2 AND state = 1 AND expires > ?2"
    sqlite3_stmt *s =
        sql(db, "SELECT " COLUMNS " FROM transfer WHERE owner <> '' AND owner = ?1 AND " WHOLE
                " UNION ALL SELECT " COLUMNS " FROM transfer WHERE addressee <> '' AND addressee = ?1"
                " AND owner <> ?1 AND " WHOLE " ORDER BY created DESC, id DESC LIMIT ?4 OFFSET ?3");
    sql_text(s, 1, jid);
    sql_int(s, 2, now);
    sql_int(s, 3, (int64_t)skip);
    sql_int(s, 4, (int64_t)max);
    return read_rows(db, s, arena, rows, max);
}

size_t index_of_user_find(struct index_db *db, const char *jid, const char *prefix, struct arena *arena,
                          struct transfer *rows, size_t max)
{
    sqlite3_stmt *s = sql(db, "SELECT " COLUMNS " FROM transfer WHERE id >= ?2 AND id < ?2 || '{'"
                              " AND (owner = ?1 OR addressee = ?1) AND state <= 2 ORDER BY id LIMIT ?3");
    sql_text(s, 1, jid);
    sql_text(s, 2, prefix);
    sql_int(s, 3, (int64_t)max);
    return read_rows(db, s, arena, rows, max);
}

size_t index_due(struct index_db *db, int64_t now, struct ferry_id *ids, size_t max)
{
    sqlite3_stmt *s = sql(db, "SELECT id FROM transfer WHERE state IN (1, 2) AND expires <= ?1"
                              " ORDER BY expires LIMIT ?2");
    sql_int(s, 1, now);
    sql_int(s, 2, (int64_t)max);
    return read_ids(db, s, ids, max);
}

size_t index_lapsed(struct index_db *db, int64_t now, struct ferry_id *ids, size_t max)
{
    sqlite3_stmt *s =
        sql(db, "SELECT id FROM transfer WHERE state = 0 AND lease < ?1 ORDER BY lease LIMIT ?2");
    sql_int(s, 1, now);
    sql_int(s, 2, (int64_t)max);
    return read_ids(db, s, ids, max);
}

int64_t index_next_due(struct index_db *db)
{
    sqlite3_stmt *s = sql(db, "SELECT min(expires) FROM transfer WHERE state IN (1, 2)");
    int64_t at = INT64_MAX;
    if (sql_row(db, s) && sqlite3_column_type(s, 0) != SQLITE_NULL)
        at = sql_get_int(s, 0);
    sql_end(s);
    return at;
}

int64_t index_forget(struct index_db *db, int64_t before, int64_t max)
{
    sqlite3_stmt *s =
        sql(db, "DELETE FROM transfer WHERE id IN (SELECT id FROM transfer WHERE state IN (3, 4)"
                " AND removed < ?1 AND bytes = 0 LIMIT ?2)");
    sql_int(s, 1, before);
    sql_int(s, 2, max);
    return sql_run(db, s);
}

int64_t index_forget_user(struct index_db *db, const char *jid, int64_t max)
{
    sqlite3_stmt *s =
        sql(db, "UPDATE transfer SET owner = '', name = '', type = '', found_type = '', descr = '',"
                " sha256 = NULL WHERE id IN"
                " (SELECT id FROM transfer WHERE owner <> '' AND owner = ?1 AND state > 2 LIMIT ?2)");
    sql_text(s, 1, jid);
    sql_int(s, 2, max);
    int64_t n = sql_run(db, s);
    s = sql(db, "UPDATE transfer SET addressee = '', addressee_raw = '' WHERE id IN"
                " (SELECT id FROM transfer WHERE addressee <> '' AND addressee = ?1 AND state > 2 LIMIT ?2)");
    sql_text(s, 1, jid);
    sql_int(s, 2, max);
    return n + sql_run(db, s);
}

/* --- files -----------------------------------------------------------------------------------------------
 */

#define FILE_COLUMNS "id, attempt, state, size, bytes, sha256"

static void read_file(sqlite3_stmt *s, struct index_file *f)
{
    size_t n;
    *f = (struct index_file){.attempt = (int)sql_get_int(s, 1),
                             .state = (enum transfer_state)bounded(s, 2, ARRAY_LEN(state_names)),
                             .size = sql_get_int(s, 3),
                             .bytes = sql_get_int(s, 4)};
    snprintf(f->id.text, sizeof f->id.text, "%s", sql_get_text(s, 0));
    const void *sum = sql_get_blob(s, 5, &n);
    f->has_sha256 = n == SHA256_BYTES;
    if (f->has_sha256)
        memcpy(f->sha256, sum, n);
}

size_t index_files(struct index_db *db, char first, struct index_file **out)
{
    char from[2] = {first, '\0'}, to[2] = {(char)(first + 1), '\0'};
    size_t n = 0, cap = 0;
    sqlite3_stmt *s = sql(db, "SELECT " FILE_COLUMNS " FROM transfer WHERE id >= ?1 AND id < ?2 AND bytes = 1"
                              " ORDER BY id");
    sql_text(s, 1, from);
    sql_text(s, 2, to);
    *out = NULL;
    while (sql_row(db, s)) {
        if (n == cap) {
            cap = cap ? 2 * cap : 64;
            *out = xrealloc(*out, cap * sizeof **out);
        }
        read_file(s, &(*out)[n++]);
    }
    return n;
}

bool index_file(struct index_db *db, const struct ferry_id *id, struct index_file *out)
{
    sqlite3_stmt *s = sql(db, "SELECT " FILE_COLUMNS " FROM transfer WHERE id = ?1");
    sql_text(s, 1, id->text);
    if (!sql_row(db, s))
        return false;
    read_file(s, out);
    sql_end(s);
    return true;
}

size_t index_dead_files(struct index_db *db, const struct ferry_id *after, struct index_file *out, size_t max)
{
    sqlite3_stmt *s = sql(db, "SELECT " FILE_COLUMNS " FROM transfer WHERE state IN (3, 4) AND bytes = 1"
                              " AND id > ?2 ORDER BY id LIMIT ?1");
    size_t n = 0;
    sql_int(s, 1, (int64_t)max);
    sql_text(s, 2, after->text);
    while (n < max && sql_row(db, s))
        read_file(s, &out[n++]);
    sql_end(s);
    return n;
}

/* --- figures ---------------------------------------------------------------------------------------------
 */

void index_totals(struct index_db *db, int64_t now, struct storage_totals *out)
{
    sqlite3_stmt *s = sql(db, "SELECT (SELECT files FROM total), (SELECT used FROM total),"
                              " (SELECT count(*) FROM transfer WHERE state = 0 AND charged = 1),"
                              " (SELECT count(*) FROM outbox), (SELECT count(*) FROM account),"
                              " (SELECT count(*) FROM transfer WHERE state IN (1, 2) AND expires < ?1)");
    sql_int(s, 1, now + 86400);
    if (!sql_row(db, s))
        return;
    out->files = sql_get_int(s, 0);
    out->bytes = sql_get_int(s, 1);
    out->receiving = sql_get_int(s, 2);
    out->outbox = sql_get_int(s, 3);
    out->accounts = sql_get_int(s, 4);
    out->expiring_soon = sql_get_int(s, 5);
    sql_end(s);
}
