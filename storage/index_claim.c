/* index_claim.c: how a transfer's row begins, or begins anew: the attempt's number, and what it takes of the
 * quotas, in one transaction.
 */
#include "storage/index_sql.h"
#include "storage/index_transfer.h"
#include "storage/usage.h"

#define UP_TO_LEAST (1 << 20) /* for a file of unknown size room is made as for one of this */

/* Of a size that nobody knows: as much as there is, or as could be made for a small file. */
static void bound(struct index_db *db, struct charge *c, const struct claim_terms *t, struct claim_won *won)
{
    int64_t some = c->size < UP_TO_LEAST ? c->size : UP_TO_LEAST;
    won->limit = REFUSE_FILE_TOO_LARGE;
    c->size = index_room_left(db, c, &won->limit);
    if (t->room < c->size) {
        c->size = t->room;
        won->limit = REFUSE_DISK_FULL;
    }
    if (c->size >= some)
        return;
    int64_t left = c->size;
    c->size = some;
    if (some > t->room || index_room_look(db, c) != REFUSE_OK)
        c->size = left > 0 ? left : 1; /* which is refused, by name */
}

static enum refuse reserve(struct index_db *db, const struct charge *c, const struct claim_terms *t,
                           struct claim_won *won)
{
    won->size = c->size;
    return c->size > t->room ? REFUSE_DISK_FULL : index_room_take(db, c, t->now, t->gone, &won->told);
}

/* The row: of an upload that begins, or of a file that is there (facts). */
static enum refuse insert(struct index_db *db, const struct grant *g, const struct claim_won *won,
                          const struct claim_terms *t, const struct commit_facts *facts)
{
    sqlite3_stmt *s =
        sql(db, "INSERT INTO transfer(id, attempt, state, took, purpose, flags, size, charged, day, created,"
                " expires, lease, owner, addressee, addressee_raw, name, type, descr, mark, stored,"
                " found_type, sha256, bytes, told, remind)"
                " VALUES (?1, ?17, ?18, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
                " ?19, ?20, ?21, ?18, ?22, CASE WHEN ?18 = 0 OR ?11 = '' THEN 0 ELSE " REMIND_AT(
                    "?8", "?19") " END) ON CONFLICT DO NOTHING");
    sql_text(s, 1, g->id.text);
    sql_int(s, 2, g->took);
    sql_int(s, 3, g->purpose);
    sql_int(s, 4, g->flags);
    sql_int(s, 5, won->size);
    sql_int(s, 6, t->now / 86400);
    sql_int(s, 7, t->now);
    sql_int(s, 8, facts ? facts->expires : g->expires);
    sql_int(s, 9, t->lease);
    sql_text(s, 10, g->owner);
    sql_text(s, 11, g->to);
    sql_text(s, 12, g->to_raw);
    sql_text(s, 13, g->name);
    sql_text(s, 14, g->type);
    sql_text(s, 15, g->desc);
    sql_blob(s, 16, g->marked ? g->mark : NULL, GRANT_MARK);
    sql_int(s, 17, won->attempt);
    sql_int(s, 18, facts ? TRANSFER_STORED : TRANSFER_RECEIVING);
    sql_int(s, 19, facts ? facts->now : 0);
    sql_text(s, 20, facts ? facts->found_type : "");
    sql_blob(s, 21, facts ? facts->sha256 : NULL, SHA256_BYTES);
    sql_int(s, 22, facts && !*g->to ? TOLD_TOLD : TOLD_WAITING);
    return sql_run(db, s) == 1 ? REFUSE_OK : index_refuse_of_row(db, &g->id);
}

/* What a first claim needs besides its row. */
static enum refuse admit(struct index_db *db, const struct grant *g, const struct claim_terms *t,
                         struct claim_won *won, bool arrives)
{
    struct charge c = {.owner = g->owner,
                       .to = g->to,
                       .size = g->size,
                       .purpose = g->purpose,
                       .day = t->now / 86400,
                       .arrives = arrives};
    if (t->now > g->deadline)
        return REFUSE_BAD_TOKEN;
    if (g->expires && g->expires <= t->now)
        return REFUSE_EXPIRED;
    if (g->flags & GRANT_UP_TO)
        bound(db, &c, t, won);
    return reserve(db, &c, t, won);
}

static enum refuse first_claim(struct index_db *db, const struct grant *g, const struct claim_terms *t,
                               struct claim_won *won)
{
    enum refuse r = admit(db, g, t, won, false);
    won->attempt = t->first;
    return r == REFUSE_OK ? insert(db, g, won, t, NULL) : r;
}

enum refuse index_store(struct index_db *db, const struct grant *g, int attempt, const struct claim_terms *t,
                        const struct commit_facts *facts, bool *told)
{
    struct claim_won won = {.attempt = attempt, .size = g->size};
    enum refuse r = insert(db, g, &won, t, facts); /* first: a row that is there is the first reason */
    if (r == REFUSE_OK)
        r = admit(db, g, t, &won, true);
    *told = won.told;
    if (r == REFUSE_OK)
        index_arrived(db, g, facts, told);
    return r;
}

/* An attempt that gave its reservation back is followed by another: the row says of whom it is taken. */
static enum refuse reserve_again(struct index_db *db, const struct ferry_id *id, const struct claim_terms *t,
                                 struct claim_won *won)
{
    struct arena *arena = arena_get(NULL);
    struct charge c = {.day = t->now / 86400};
    enum refuse r = REFUSE_INTERNAL;
    sqlite3_stmt *s = sql(db, "SELECT size, purpose, owner, addressee FROM transfer WHERE id = ?1");
    sql_text(s, 1, id->text);
    if (sql_row(db, s)) {
        c.size = sql_get_int(s, 0);
        c.purpose = (enum purpose)sql_get_int(s, 1);
        c.owner = sql_dup(arena, s, 2);
        c.to = sql_dup(arena, s, 3);
        sql_end(s);
        r = reserve(db, &c, t, won);
    }
    arena_put(arena);
    return r;
}

enum refuse index_claim(struct index_db *db, const struct grant *g, const struct claim_terms *t,
                        struct claim_won *won)
{
    struct open_row row;
    *won = (struct claim_won){.attempt = 1, .size = g->size, .limit = REFUSE_SIZE_MISMATCH};
    if (!index_open_row(db, &g->id, &row))
        return first_claim(db, g, t, won);
    if (row.state != TRANSFER_RECEIVING)
        return index_refuse_of_state(row.state);
    if (t->now > row.lease)
        return REFUSE_BAD_TOKEN;
    if (row.size != g->size) /* of unknown size, and another upload has just said how large it is */
        return REFUSE_SLOT_BUSY;
    if (g->expires && g->expires <= t->now)
        return REFUSE_EXPIRED;
    enum refuse r =
        row.charged ? index_usage_redate(db, &g->id, t->now / 86400) : reserve_again(db, &g->id, t, won);
    if (r != REFUSE_OK)
        return r;
    won->attempt = row.attempt + 1;
    won->left = row.kept > 0 ? row.attempt : 0;
    sqlite3_stmt *s = sql(db, "UPDATE transfer SET attempt = ?2, charged = 1, kept = 0, lease = ?3,"
                              " expires = ?5, flags = ?6, day = ?4"
                              " WHERE id = ?1 AND state = 0");
    sql_text(s, 1, g->id.text);
    sql_int(s, 2, won->attempt);
    sql_int(s, 3, t->lease);
    sql_int(s, 4, t->now / 86400);
    sql_int(s, 5, g->expires);
    sql_int(s, 6, g->flags);
    if (won->left) /* nothing is kept that could go to make room */
        usage_touched(index_host_arg(db), g->owner);
    return sql_run(db, s) == 1 ? REFUSE_OK : REFUSE_INTERNAL;
}

void index_shrink(struct index_db *db, const struct grant *g, int attempt)
{
    sqlite3_stmt *s = sql(
        db, "SELECT size, day FROM transfer WHERE id = ?1 AND state = 0 AND attempt = ?2 AND charged = 1");
    sql_text(s, 1, g->id.text);
    sql_int(s, 2, attempt);
    if (!sql_row(db, s))
        return; /* index_commit will say why */
    struct charge c = {.owner = g->owner,
                       .to = g->to,
                       .size = sql_get_int(s, 0) - g->size,
                       .purpose = g->purpose,
                       .day = sql_get_int(s, 1)};
    sql_end(s);
    s = sql(db, "UPDATE transfer SET size = ?2 WHERE id = ?1");
    sql_text(s, 1, g->id.text);
    sql_int(s, 2, g->size);
    sql_run(db, s);
    index_usage_give_part(db, &c);
}
