/* index_transfer.c: a transfer's row, from its commit to the tombstone; the claim: index_claim.c. doc/spool.7
 * draws the states.
 *
 * Every step is one conditional UPDATE on id, state and, where bytes are concerned, attempt: who lost a race
 * changes no row and learns why from the row as it is. `charged` says that the row takes of the quotas; the
 * statement that sets it to 0 is the one that gives them back, so it happens exactly once.
 */
#include "storage/index_transfer.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "storage/index_people.h"
#include "storage/index_sql.h"
#include "storage/settings.h"
#include "storage/usage.h"

static void log_step(const struct ferry_id *id, const char *from, enum transfer_state to, const char *why)
{
    log_info(ID_SHOWN " transfer %s -> %s%s%s", id->text, from, transfer_state_name(to),
             *why ? " reason=" : "", why);
}

/* In-band streams end with their session: nobody can come back for a second attempt. */
static bool once_only(enum took took)
{
    return took == TOOK_SI || took == TOOK_JINGLE;
}

/* --- commit and release ----------------------------------------------------------------------------------
 */

static void notice(struct index_db *db, const struct grant *g, enum outbox_kind kind,
                   const struct commit_facts *facts, int64_t now, enum refuse why)
{
    bool to_owner = kind != OUTBOX_FILE && kind != OUTBOX_REMIND;
    struct outbox_item item = {.kind = kind,
                               .jid = to_owner ? g->owner : g->to,
                               .peer = to_owner ? g->to : g->owner,
                               .peer_raw = g->to_raw,
                               .id = g->id,
                               .name = g->name,
                               .desc = g->desc,
                               .type = facts ? facts->found_type : g->type,
                               .size = g->size,
                               .created = now,
                               .expires = facts ? facts->expires : g->expires,
                               .why = why};
    if (facts) {
        item.has_sha256 = true;
        memcpy(item.sha256, facts->sha256, SHA256_BYTES);
    }
    if (*item.jid && !(outbox_kind_mutable(kind) && settings_muted(db, item.jid)))
        index_outbox_add(db, &item);
}

void index_arrived(struct index_db *db, const struct grant *g, const struct commit_facts *facts, bool *told)
{
    if (*g->to)
        notice(db, g, OUTBOX_FILE, facts, facts->now, REFUSE_OK);
    if (g->flags & GRANT_NOTIFY_OWNER)
        notice(db, g, OUTBOX_STORED, facts, facts->now, REFUSE_OK);
    *told = *told || *g->to || (g->flags & GRANT_NOTIFY_OWNER);
}

enum refuse index_commit(struct index_db *db, const struct grant *g, int attempt,
                         const struct commit_facts *facts, bool *told)
{
    sqlite3_stmt *s =
        sql(db, "UPDATE transfer SET state = 1, stored = ?3, expires = ?4, found_type = ?5,"
                " sha256 = ?6, bytes = 1, kept = 0, told = ?7,"
                " remind = CASE addressee WHEN '' THEN 0 ELSE " REMIND_AT(
                    "?4", "?3") " END"
                                " WHERE id = ?1 AND state = 0 AND attempt = ?2 AND charged = 1");
    sql_text(s, 1, g->id.text);
    sql_int(s, 2, attempt);
    sql_int(s, 3, facts->now);
    sql_int(s, 4, facts->expires);
    sql_text(s, 5, facts->found_type);
    sql_blob(s, 6, facts->sha256, SHA256_BYTES);
    sql_int(s, 7, *g->to ? TOLD_WAITING : TOLD_TOLD); /* nobody to tell */
    if (sql_run(db, s) != 1)
        return index_refuse_of_row(db, &g->id);
    index_usage_files(db, 1);
    index_arrived(db, g, facts, told);
    return REFUSE_OK;
}

/* The statement that lets go of the reservation; the row of an in-band transfer goes altogether. */
static void give_back(struct index_db *db, const struct grant *g, int attempt)
{
    sqlite3_stmt *s = once_only(g->took)
                          ? sql(db, "DELETE FROM transfer WHERE id = ?1 AND state = 0 AND attempt = ?2"
                                    " RETURNING charged, size, purpose, day, owner, addressee")
                          : sql(db, "UPDATE transfer SET charged = 0, kept = 0 WHERE id = ?1 AND state = 0"
                                    " AND attempt = ?2 AND charged = 1"
                                    " RETURNING 1, size, purpose, day, owner, addressee");
    sql_text(s, 1, g->id.text);
    sql_int(s, 2, attempt);
    if (!sql_row(db, s))
        return;
    struct charge c = {.size = sql_get_int(s, 1),
                       .purpose = (enum purpose)sql_get_int(s, 2),
                       .day = sql_get_int(s, 3),
                       .owner = sql_get_text(s, 4), /* valid until the statement ends */
                       .to = sql_get_text(s, 5)};
    if (sql_get_int(s, 0))
        index_usage_give(db, &c);
    sql_end(s);
}

enum refuse index_release(struct index_db *db, const struct grant *g, int attempt, enum refuse why,
                          int64_t now, bool *told)
{
    give_back(db, g, attempt);
    *told = why != REFUSE_OK && (g->flags & GRANT_NOTIFY_OWNER);
    struct grant told_of = *g;
    if (g->flags & GRANT_UP_TO) /* what was taken for it says nothing of its size */
        told_of.size = 0;
    if (*told)
        notice(db, &told_of, OUTBOX_NOT_STORED, NULL, now, why);
    return REFUSE_OK;
}

/* --- the end of a row ------------------------------------------------------------------------------------
 */

struct grave { /* what index_kill needs of the row */
    enum transfer_state state;
    int attempt;
    unsigned flags;
    int64_t size, kept, day, created, expires;
    bool charged, bytes, fetched;
};

static bool dig(struct index_db *db, const struct ferry_id *id, struct arena *arena, struct grave *v,
                struct grant *g)
{
    sqlite3_stmt *s = sql(db, "SELECT state, attempt, flags, size, charged, day, created, bytes, fetched,"
                              " owner, addressee, addressee_raw, name, type, descr, took, expires,"
                              " kept, purpose FROM transfer WHERE id = ?1");
    sql_text(s, 1, id->text);
    if (!sql_row(db, s))
        return false;
    v->state = (enum transfer_state)sql_get_int(s, 0);
    v->attempt = (int)sql_get_int(s, 1);
    v->flags = (unsigned)sql_get_int(s, 2);
    v->size = sql_get_int(s, 3);
    v->charged = sql_get_int(s, 4);
    v->day = sql_get_int(s, 5);
    v->created = sql_get_int(s, 6);
    v->bytes = sql_get_int(s, 7);
    v->fetched = sql_get_int(s, 8);
    v->expires = sql_get_int(s, 16);
    v->kept = sql_get_int(s, 17);
    *g = (struct grant){.id = *id,
                        .size = v->size,
                        .expires = v->expires,
                        .flags = v->flags,
                        .took = (enum took)sql_get_int(s, 15),
                        .purpose = (enum purpose)sql_get_int(s, 18)};
    g->owner = sql_dup(arena, s, 9);
    g->to = sql_dup(arena, s, 10);
    g->to_raw = sql_dup(arena, s, 11);
    g->name = sql_dup(arena, s, 12);
    g->type = sql_dup(arena, s, 13);
    g->desc = sql_dup(arena, s, 14);
    sql_end(s);
    return true;
}

static enum refuse bury(struct index_db *db, const struct grave *v, const struct grant *g,
                        enum transfer_state state, const char *reason, int64_t now, bool *told)
{
    bool had_file = v->state == TRANSFER_STORED || v->state == TRANSFER_HELD;
    sqlite3_stmt *s =
        sql(db, "UPDATE transfer SET state = ?2, removed = ?3, reason = ?4, charged = 0, kept = 0"
                " WHERE id = ?1");
    sql_text(s, 1, g->id.text);
    sql_int(s, 2, state);
    sql_int(s, 3, now);
    sql_text(s, 4, reason);
    sql_run(db, s);
    struct charge c = {.owner = g->owner,
                       .to = g->to,
                       .size = v->size,
                       .purpose = g->purpose, /* a stored file's day stays used; a broken upload's does not */
                       .day = had_file ? 0 : v->day};
    if (v->charged)
        index_usage_give(db, &c);
    if (had_file)
        index_usage_files(db, -1);
    index_outbox_withdraw(db, &g->id, OUTBOX_FILE);
    index_outbox_withdraw(db, &g->id, OUTBOX_REMIND);
    if (state == TRANSFER_EXPIRED && !v->fetched && *g->to && (v->flags & GRANT_NOTIFY_OWNER)) {
        notice(db, g, OUTBOX_UNREAD, NULL, now, REFUSE_OK);
        *told = true;
    }
    if (v->kept > 0 && strcmp(reason, "unfinished") == 0 && (v->flags & GRANT_NOTIFY_OWNER)) {
        notice(db, g, OUTBOX_NOT_STORED, NULL, now, REFUSE_BROKEN_OFF);
        *told = true;
    }
    log_step(&g->id, transfer_state_name(v->state), state, reason);
    return REFUSE_OK;
}

enum refuse index_kill(struct index_db *db, const struct ferry_id *id, enum transfer_state state,
                       const char *reason, int64_t now, struct remains *left, bool *told)
{
    struct arena *arena = arena_get(NULL);
    struct grave v;
    struct grant g;
    enum refuse r = REFUSE_OK;
    *left = (struct remains){0};
    if (!dig(db, id, arena, &v, &g)) {
        r = REFUSE_NOT_FOUND;
    } else if (v.state != TRANSFER_EXPIRED && v.state != TRANSFER_REMOVED) {
        r = bury(db, &v, &g, state, reason, now, told);
        *left = (struct remains){.attempt = v.bytes || v.kept ? v.attempt : 0, .part = !v.bytes};
    }
    arena_put(arena);
    return r;
}

void index_forgo(struct index_db *db, const struct ferry_id *id, int64_t now, struct remains *left,
                 bool *told)
{
    struct arena *arena = arena_get(NULL);
    struct grave v;
    struct grant g;
    *left = (struct remains){0};
    if (dig(db, id, arena, &v, &g) && v.state == TRANSFER_RECEIVING && v.kept > 0) {
        bool one;
        index_release(db, &g, v.attempt, REFUSE_BROKEN_OFF, now, &one);
        *told = *told || one;
        *left = (struct remains){.attempt = v.attempt, .part = true};
        log_info(ID_SHOWN " transfer gave up what it kept attempt=%d kept=%lld: room is wanted", id->text,
                 v.attempt, (long long)v.kept);
    }
    arena_put(arena);
}

enum refuse index_decline(struct index_db *db, const struct ferry_id *id, int64_t now, struct remains *left,
                          bool *told)
{
    struct arena *arena = arena_get(NULL);
    struct grave v;
    struct grant g;
    enum refuse r = REFUSE_CONFLICT;
    *left = (struct remains){0};
    if (!dig(db, id, arena, &v, &g)) {
        r = REFUSE_NOT_FOUND;
    } else if (v.state == TRANSFER_STORED && !v.fetched) {
        r = bury(db, &v, &g, TRANSFER_REMOVED, "receiver", now, told);
        *left = (struct remains){.attempt = v.attempt};
        if (g.flags & GRANT_NOTIFY_OWNER) {
            notice(db, &g, OUTBOX_NOT_STORED, NULL, now, REFUSE_DECLINED);
            *told = true;
        }
    }
    arena_put(arena);
    return r;
}

void index_bytes_gone(struct index_db *db, const struct ferry_id *id)
{
    sqlite3_stmt *s = sql(db, "UPDATE transfer SET bytes = 0 WHERE id = ?1 AND state IN (3, 4)");
    sql_text(s, 1, id->text);
    sql_run(db, s);
}

/* --- smaller changes -------------------------------------------------------------------------------------
 */

enum refuse index_extend(struct index_db *db, const struct ferry_id *id, int64_t expires)
{
    sqlite3_stmt *s = sql(db, "UPDATE transfer SET expires = ?2,"
                              " remind = CASE remind WHEN 0 THEN 0 ELSE " REMIND_AT(
                                  "?2", "stored") " END"
                                                  " WHERE id = ?1 AND state IN (1, 2)");
    sql_text(s, 1, id->text);
    sql_int(s, 2, expires);
    if (sql_run(db, s) == 1)
        return REFUSE_OK;
    enum refuse r = index_refuse_of_row(db, id);
    return r == REFUSE_BROKEN_OFF ? REFUSE_NOT_FOUND : r == REFUSE_SLOT_BUSY ? REFUSE_NOT_YET : r;
}

enum refuse index_owner_expires(struct index_db *db, const struct ferry_id *id, int64_t now, int64_t *expires)
{
    sqlite3_stmt *s = sql(db, "SELECT purpose, expires FROM transfer WHERE id = ?1 AND state IN (1, 2)");
    sql_text(s, 1, id->text);
    if (sql_row(db, s)) {
        int64_t latest = now + grant_lifetime((enum purpose)sql_get_int(s, 0)), given = sql_get_int(s, 1);
        sql_end(s);
        if (given <= now)
            return REFUSE_EXPIRED;
        if (latest < given) /* an operator's word stands */
            latest = given;
        if (*expires > latest)
            *expires = latest;
        if (*expires < now)
            *expires = now;
    }
    return index_extend(db, id, *expires);
}

enum refuse index_hold(struct index_db *db, const struct ferry_id *id, int attempt, bool good,
                       const char *reason)
{
    sqlite3_stmt *s =
        sql(db, "UPDATE transfer SET state = ?3, reason = ?4 WHERE id = ?1 AND attempt = ?2 AND state = ?5");
    sql_text(s, 1, id->text);
    sql_int(s, 2, attempt);
    sql_int(s, 3, good ? TRANSFER_STORED : TRANSFER_HELD);
    sql_text(s, 4, good ? "" : reason);
    sql_int(s, 5, good ? TRANSFER_HELD : TRANSFER_STORED);
    if (sql_run(db, s) != 1)
        return REFUSE_NOT_FOUND;
    log_step(id, good ? "held" : "stored", good ? TRANSFER_STORED : TRANSFER_HELD, reason);
    return REFUSE_OK;
}

/* Who fetched a file is at his machine: only those whom he shows his presence may know it, and none of them
 * whom he has blocked. */
static bool may_know(struct index_db *db, const struct grant *g, struct arena *arena)
{
    struct roster_item item;
    return strcmp(g->owner, g->to) == 0 || (index_roster_get(db, g->to, g->owner, arena, &item) &&
                                            (item.sub & SUB_FROM) && !index_blocks(db, g->to, g->owner));
}

void index_fetched(struct index_db *db, const struct ferry_id *id, int64_t now, bool *told)
{
    sqlite3_stmt *s = sql(db, "UPDATE transfer SET fetched = 1, remind = 0"
                              " WHERE id = ?1 AND fetched = 0 AND state = 1");
    sql_text(s, 1, id->text);
    if (sql_run(db, s) != 1)
        return;
    index_outbox_withdraw(db, id, OUTBOX_REMIND);
    struct arena *arena = arena_get(NULL);
    struct grave v;
    struct grant g;
    bool found = dig(db, id, arena, &v, &g);
    if (found) { /* make_room: it could go now */
        usage_touched(index_host_arg(db), g.owner);
        usage_touched(index_host_arg(db), g.to);
    }
    if (found && *g.to && (v.flags & (GRANT_NOTIFY_OWNER | GRANT_ONCE)) && may_know(db, &g, arena)) {
        notice(db, &g, OUTBOX_FETCHED, NULL, now, REFUSE_OK);
        *told = true;
    }
    arena_put(arena);
}

size_t index_remind(struct index_db *db, int64_t now, size_t max, bool *told)
{
    struct arena *arena = arena_get(NULL);
    struct ferry_id id;
    size_t n = 0;
    for (; n < max; n++) { /* row by row, as each step changes the index that is walked */
        sqlite3_stmt *s = sql(db, "UPDATE transfer SET remind = 0 WHERE id = (SELECT id FROM transfer"
                                  " WHERE remind > 0 AND remind <= ?1 AND state = 1 ORDER BY remind LIMIT 1)"
                                  " RETURNING id, told");
        sql_int(s, 1, now);
        if (!sql_row(db, s))
            break;
        snprintf(id.text, sizeof id.text, "%s", sql_get_text(s, 0));
        bool waits = sql_get_int(s, 1) == TOLD_WAITING; /* the file's own message is still to come */
        sql_end(s);
        struct grave v;
        struct grant g;
        if (waits || !dig(db, &id, arena, &v, &g) || g.expires <= now)
            continue;
        notice(db, &g, OUTBOX_REMIND, NULL, now, REFUSE_OK);
        *told = true;
    }
    arena_put(arena);
    return n;
}

int64_t index_next_reminder(struct index_db *db)
{
    sqlite3_stmt *s = sql(db, "SELECT min(remind) FROM transfer WHERE remind > 0 AND state = 1");
    int64_t at = INT64_MAX;
    if (sql_row(db, s) && sqlite3_column_type(s, 0) != SQLITE_NULL)
        at = sql_get_int(s, 0);
    sql_end(s);
    return at;
}

/* --- after a start ---------------------------------------------------------------------------------------
 */

int64_t index_release_all(struct index_db *db, int64_t now, bool *told)
{
    int64_t released = 0;
    struct arena *arena = arena_get(NULL);
    struct ferry_id id = {0};
    int64_t lease = 0;
    for (;;) { /* row by row, as each step changes the table; rows that stay are passed once */
        sqlite3_stmt *s = sql(db, "SELECT id, lease FROM transfer WHERE state = 0 AND (lease, id) > (?3, ?4)"
                                  " AND kept = 0 AND (charged = 1 OR took IN (?1, ?2))"
                                  " ORDER BY lease, id LIMIT 1");
        sql_int(s, 1, TOOK_SI);
        sql_int(s, 2, TOOK_JINGLE);
        sql_int(s, 3, lease);
        sql_text(s, 4, id.text);
        if (!sql_row(db, s))
            break;
        struct grave v;
        struct grant g;
        snprintf(id.text, sizeof id.text, "%s", sql_get_text(s, 0));
        lease = sql_get_int(s, 1);
        sql_end(s);
        if (!dig(db, &id, arena, &v, &g))
            break;
        bool one = false;
        index_release(db, &g, v.attempt, once_only(g.took) ? REFUSE_BROKEN_OFF : REFUSE_OK, now, &one);
        *told = *told || one;
        log_info(ID_SHOWN " transfer unfinished at start: %s", id.text,
                 once_only(g.took) ? "dropped" : "may be sent again");
        released++;
    }
    arena_put(arena);
    return released;
}
