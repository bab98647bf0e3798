/* index_outbox.c: rows of what has still to be told. Added in the transaction of the change they tell of; a
 * FILE row is also the transfer's `told`. */
#include <stdio.h>
#include <string.h>

#include "storage/index_sql.h"
#include "storage/index_transfer.h"

static const char *const kind_names[] = {
#define X(n, s) s,
    OUTBOX_KINDS(X)
#undef X
};

const char *outbox_kind_name(enum outbox_kind k)
{
    FERRY_ASSERT((size_t)k < ARRAY_LEN(kind_names));
    return kind_names[k];
}

void index_outbox_add(struct index_db *db, const struct outbox_item *item)
{
    sqlite3_stmt *s = sql(db, "INSERT INTO outbox(kind, jid, peer, peer_raw, id, name, descr, type, size,"
                              " created, expires, sha256, why)"
                              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
    sql_int(s, 1, item->kind);
    sql_text(s, 2, item->jid);
    sql_text(s, 3, item->peer);
    sql_text(s, 4, item->peer_raw);
    sql_text(s, 5, item->id.text);
    sql_text(s, 6, item->name);
    sql_text(s, 7, item->desc);
    sql_text(s, 8, item->type);
    sql_int(s, 9, item->size);
    sql_int(s, 10, item->created);
    sql_int(s, 11, item->expires);
    sql_blob(s, 12, item->has_sha256 ? item->sha256 : NULL, SHA256_BYTES);
    sql_text(s, 13, item->why == REFUSE_OK ? "" : refuse_get(item->why)->name);
    sql_run(db, s);
}

void index_outbox_withdraw(struct index_db *db, const struct ferry_id *id, enum outbox_kind kind)
{
    sqlite3_stmt *s = sql(db, "DELETE FROM outbox WHERE id = ?1 AND kind = ?2");
    sql_text(s, 1, id->text);
    sql_int(s, 2, kind);
    sql_run(db, s);
}

bool outbox_kind_mutable(enum outbox_kind k)
{
    return k == OUTBOX_STORED || k == OUTBOX_FETCHED || k == OUTBOX_UNREAD;
}

void index_outbox_mute(struct index_db *db, const char *jid)
{
    sqlite3_stmt *s = sql(db, "DELETE FROM outbox WHERE jid = ?1 AND kind IN (?2, ?3, ?4)");
    sql_text(s, 1, jid);
    sql_int(s, 2, OUTBOX_STORED);
    sql_int(s, 3, OUTBOX_FETCHED);
    sql_int(s, 4, OUTBOX_UNREAD);
    sql_run(db, s);
}

enum refuse index_outbox_done(struct index_db *db, int64_t seq, bool failed)
{
    struct ferry_id id;
    sqlite3_stmt *s = sql(db, "DELETE FROM outbox WHERE seq = ?1 RETURNING kind, id");
    sql_int(s, 1, seq);
    if (!sql_row(db, s))
        return REFUSE_NOT_FOUND;
    bool file = sql_get_int(s, 0) == OUTBOX_FILE;
    snprintf(id.text, sizeof id.text, "%s", sql_get_text(s, 1));
    sql_end(s);
    if (!file)
        return REFUSE_OK;
    s = sql(db, "UPDATE transfer SET told = ?2 WHERE id = ?1");
    sql_text(s, 1, id.text);
    sql_int(s, 2, failed ? TOLD_FAILED : TOLD_TOLD);
    sql_run(db, s);
    return REFUSE_OK;
}

void index_outbox_step(struct index_db *db, int64_t seq, enum outbox_step step)
{
    sqlite3_stmt *s = sql(db, "UPDATE outbox SET step = ?2 WHERE seq = ?1 AND kind = ?3");
    sql_int(s, 1, seq);
    sql_int(s, 2, step);
    sql_int(s, 3, OUTBOX_FILE);
    if (sql_run(db, s) != 1 || step != OUTBOX_LINKED)
        return;
    s = sql(db, "UPDATE transfer SET told = ?2 WHERE id = (SELECT id FROM outbox WHERE seq = ?1)");
    sql_int(s, 1, seq);
    sql_int(s, 2, TOLD_TOLD);
    sql_run(db, s);
}

static void read_item(sqlite3_stmt *s, struct arena *arena, struct outbox_item *item)
{
    size_t n;
    *item = (struct outbox_item){.seq = sql_get_int(s, 0),
                                 .kind = (enum outbox_kind)sql_get_int(s, 1),
                                 .jid = sql_dup(arena, s, 2),
                                 .peer = sql_dup(arena, s, 3),
                                 .peer_raw = sql_dup(arena, s, 4),
                                 .name = sql_dup(arena, s, 6),
                                 .desc = sql_dup(arena, s, 7),
                                 .type = sql_dup(arena, s, 8),
                                 .size = sql_get_int(s, 9),
                                 .created = sql_get_int(s, 10),
                                 .expires = sql_get_int(s, 11),
                                 .why = refuse_by_name(sql_get_text(s, 13)),
                                 .step = (enum outbox_step)sql_get_int(s, 14),
                                 .once = (sql_get_int(s, 15) & GRANT_ONCE) != 0};
    snprintf(item->id.text, sizeof item->id.text, "%s", sql_get_text(s, 5));
    const void *sum = sql_get_blob(s, 12, &n);
    item->has_sha256 = n == SHA256_BYTES;
    if (item->has_sha256)
        memcpy(item->sha256, sum, n);
}

struct outbox_item *index_outbox_scan(struct index_db *db, const char *jid, int64_t after, size_t limit,
                                      struct arena *arena, size_t *n, bool *more)
{
#define COLUMNS                                                                                         \
    "seq, kind, jid, peer, peer_raw, id, name, descr, type, size, created, expires, sha256, why, step," \
    " (SELECT flags FROM transfer WHERE transfer.id = outbox.id) FROM outbox"
    struct outbox_item *items = arena_zalloc(arena, (limit ? limit : 1) * sizeof *items);
    sqlite3_stmt *s = jid ? sql(db, "SELECT " COLUMNS " WHERE jid = ?3 AND seq > ?1 ORDER BY seq LIMIT ?2")
                          : sql(db, "SELECT " COLUMNS " WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    sql_int(s, 1, after);
    sql_int(s, 2, (int64_t)limit + 1);
    if (jid)
        sql_text(s, 3, jid);
    *n = 0;
    *more = false;
    while (sql_row(db, s)) {
        if (*n == limit) {
            *more = true;
            sql_end(s);
            break;
        }
        read_item(s, arena, &items[(*n)++]);
    }
    return items;
}
