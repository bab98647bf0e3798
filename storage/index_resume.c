/* index_resume.c: the row of an upload that breaks off and goes on. `kept` says how many bytes of the newest
 * attempt are durable under tmp/; it is above 0 only while the row is open and its quotas are taken.
 */
#include <stdio.h>
#include <stdlib.h>

#include "storage/index_sql.h"
#include "storage/index_transfer.h"
#include "storage/usage.h"

bool index_open_row(struct index_db *db, const struct ferry_id *id, struct open_row *out)
{
    sqlite3_stmt *s = sql(
        db, "SELECT state, attempt, size, charged, kept, lease, expires, flags FROM transfer WHERE id = ?1");
    sql_text(s, 1, id->text);
    if (!sql_row(db, s))
        return false;
    *out = (struct open_row){.state = (enum transfer_state)sql_get_int(s, 0),
                             .attempt = (int)sql_get_int(s, 1),
                             .size = sql_get_int(s, 2),
                             .charged = sql_get_int(s, 3),
                             .kept = sql_get_int(s, 4),
                             .lease = sql_get_int(s, 5),
                             .expires = sql_get_int(s, 6),
                             .flags = (unsigned)sql_get_int(s, 7)};
    sql_end(s);
    return true;
}

size_t index_begun(struct index_db *db, int64_t since, size_t most, void *arg,
                   void (*fn)(void *arg, const struct ferry_id *id))
{
    struct ferry_id id;
    size_t n = 0;
    sqlite3_stmt *s = sql(db, "SELECT id FROM transfer WHERE created >= ?1 AND state <= 2 UNION ALL"
                              " SELECT id FROM transfer WHERE created >= ?1 AND state > 2 LIMIT ?2");
    sql_int(s, 1, since);
    sql_int(s, 2, (int64_t)most);
    for (; sql_row(db, s); n++) {
        snprintf(id.text, sizeof id.text, "%s", sql_get_text(s, 0));
        fn(arg, &id);
    }
    return n;
}

enum refuse index_refuse_of_state(enum transfer_state state)
{
    switch (state) {
    case TRANSFER_STORED:
    case TRANSFER_HELD:
        return REFUSE_SLOT_USED;
    case TRANSFER_EXPIRED:
        return REFUSE_EXPIRED;
    case TRANSFER_REMOVED:
        return REFUSE_REMOVED;
    case TRANSFER_RECEIVING:
        break;
    }
    return REFUSE_SLOT_BUSY;
}

enum refuse index_refuse_of_row(struct index_db *db, const struct ferry_id *id)
{
    sqlite3_stmt *s = sql(db, "SELECT state FROM transfer WHERE id = ?1");
    sql_text(s, 1, id->text);
    enum refuse r =
        sql_row(db, s) ? index_refuse_of_state((enum transfer_state)sql_get_int(s, 0)) : REFUSE_BROKEN_OFF;
    sql_end(s);
    return r;
}

enum refuse index_renew(struct index_db *db, const struct grant *g, const struct claim_terms *t,
                        struct open_row *row)
{
    if (!index_open_row(db, &g->id, row))
        return REFUSE_NOT_FOUND;
    if (row->state != TRANSFER_RECEIVING)
        return index_refuse_of_state(row->state);
    if (row->size != g->size || t->now > row->lease)
        return REFUSE_BAD_TOKEN;
    if (row->expires && row->expires <= t->now)
        return REFUSE_EXPIRED;
    sqlite3_stmt *s = sql(db, "UPDATE transfer SET lease = ?2 WHERE id = ?1");
    sql_text(s, 1, g->id.text);
    sql_int(s, 2, t->lease);
    return sql_run(db, s) == 1 ? REFUSE_OK : REFUSE_INTERNAL;
}

enum refuse index_keep(struct index_db *db, const struct ferry_id *id, int attempt, int64_t kept,
                       int64_t lease)
{
    sqlite3_stmt *s = sql(db, "UPDATE transfer SET kept = max(kept, ?3), lease = ?4"
                              " WHERE id = ?1 AND state = 0 AND attempt = ?2 AND charged = 1"
                              " RETURNING owner");
    sql_text(s, 1, id->text);
    sql_int(s, 2, attempt);
    sql_int(s, 3, kept);
    sql_int(s, 4, lease);
    if (!sql_row(db, s))
        return index_refuse_of_row(db, id);
    usage_touched(index_host_arg(db), sql_get_text(s, 0)); /* what is kept could go to make room */
    sql_end(s);
    return REFUSE_OK;
}

bool index_find_part(struct index_db *db, const struct grant *g, int64_t now, int64_t most,
                     struct found_part *at)
{
    sqlite3_stmt *s =
        sql(db, "SELECT id, attempt, kept, created FROM transfer WHERE kept > 0 AND owner = ?1 AND mark = ?2"
                " AND size = ?3 AND name = ?4 AND state = 0 AND lease >= ?5 AND kept <= ?6"
                " AND (?7 = '' OR (created, id) < (?8, ?7)) ORDER BY created DESC, id DESC LIMIT 1");
    sql_text(s, 1, g->owner);
    sql_blob(s, 2, g->mark, GRANT_MARK);
    sql_int(s, 3, g->size);
    sql_text(s, 4, g->name);
    sql_int(s, 5, now);
    sql_int(s, 6, most);
    sql_text(s, 7, at->id.text);
    sql_int(s, 8, at->created);
    if (!sql_row(db, s))
        return false;
    struct found_part found = {
        .attempt = (int)sql_get_int(s, 1), .kept = sql_get_int(s, 2), .created = sql_get_int(s, 3)};
    snprintf(found.id.text, sizeof found.id.text, "%s", sql_get_text(s, 0));
    sql_end(s);
    *at = found;
    return true;
}

size_t index_parts(struct index_db *db, struct index_part **out)
{
    size_t n = 0, cap = 0;
    /* +id: sorted here, or SQLite reads the whole table in its order. */
    sqlite3_stmt *s = sql(db, "SELECT id, attempt, kept FROM transfer WHERE kept > 0 ORDER BY +id");
    *out = NULL;
    while (sql_row(db, s)) {
        if (n == cap) {
            cap = cap ? 2 * cap : 64;
            *out = xrealloc(*out, cap * sizeof **out);
        }
        struct index_part *p = &(*out)[n++];
        *p = (struct index_part){.attempt = (int)sql_get_int(s, 1), .kept = sql_get_int(s, 2)};
        snprintf(p->id.text, sizeof p->id.text, "%s", sql_get_text(s, 0));
    }
    return n;
}

void index_part_lost(struct index_db *db, const struct ferry_id *id)
{
    sqlite3_stmt *s = sql(db, "UPDATE transfer SET kept = 0 WHERE id = ?1");
    sql_text(s, 1, id->text);
    sql_run(db, s);
}
