/* index_account.c: the rows of accounts. */
#include <string.h>

#include "storage/index_people.h"
#include "storage/index_sql.h"
#include "storage/index_transfer.h"

static bool get_blob(sqlite3_stmt *s, int col, uint8_t *out, size_t want)
{
    size_t n;
    const void *p = sql_get_blob(s, col, &n);
    if (n != want)
        return false;
    memcpy(out, p, n);
    return true;
}

/* A row whose blobs have other lengths than ours is damaged: no login by it. */
static bool read_account(sqlite3_stmt *s, struct account *a)
{
    size_t n;
    const void *sealed = sql_get_blob(s, 10, &n);
    a->admin = sql_get_int(s, 0) != 0;
    a->disabled = sql_get_int(s, 1) != 0;
    a->legacy_digest = sql_get_int(s, 2) != 0;
    a->sha1.rounds = a->sha256.rounds = (int)sql_get_int(s, 3);
    a->sealed_len = n;
    if (n > sizeof a->sealed)
        return false;
    if (n > 0)
        memcpy(a->sealed, sealed, n);
    return get_blob(s, 4, a->sha1.salt, 16) && get_blob(s, 5, a->sha1.stored, 20) &&
           get_blob(s, 6, a->sha1.server, 20) && get_blob(s, 7, a->sha256.salt, 16) &&
           get_blob(s, 8, a->sha256.stored, 32) && get_blob(s, 9, a->sha256.server, 32);
}

bool index_account_get(struct index_db *db, const char *bare, struct account *out)
{
    sqlite3_stmt *s =
        sql(db, "SELECT admin, disabled, legacy, rounds, sha1_salt, sha1_stored, sha1_server,"
                " sha256_salt, sha256_stored, sha256_server, sealed FROM account WHERE jid = ?1");
    sql_text(s, 1, bare);
    if (strlen(bare) >= sizeof out->jid || !sql_row(db, s)) {
        sql_end(s);
        return false;
    }
    struct account a = {0};
    bool good = read_account(s, &a);
    sql_end(s);
    if (!good)
        return false;
    memcpy(a.jid, bare, strlen(bare) + 1);
    *out = a;
    return true;
}

bool index_account_exists(struct index_db *db, const char *bare)
{
    sqlite3_stmt *s = sql(db, "SELECT 1 FROM account WHERE jid = ?1");
    sql_text(s, 1, bare);
    bool found = sql_row(db, s);
    sql_end(s);
    return found;
}

static void bind_keys(sqlite3_stmt *s, const struct account *a)
{
    sql_text(s, 1, a->jid);
    sql_int(s, 2, a->sha256.rounds);
    sql_blob(s, 3, a->sha1.salt, 16);
    sql_blob(s, 4, a->sha1.stored, 20);
    sql_blob(s, 5, a->sha1.server, 20);
    sql_blob(s, 6, a->sha256.salt, 16);
    sql_blob(s, 7, a->sha256.stored, 32);
    sql_blob(s, 8, a->sha256.server, 32);
    sql_blob(s, 9, a->sealed_len ? a->sealed : NULL, a->sealed_len);
}

enum refuse index_account_add(struct index_db *db, const struct account *a, int64_t now)
{
    sqlite3_stmt *s =
        sql(db, "INSERT INTO account(jid, rounds, sha1_salt, sha1_stored, sha1_server, sha256_salt,"
                " sha256_stored, sha256_server, sealed, admin, disabled, legacy, created)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11, ?12) ON CONFLICT DO NOTHING");
    bind_keys(s, a);
    sql_int(s, 10, a->admin);
    sql_int(s, 11, a->legacy_digest);
    sql_int(s, 12, now);
    if (sql_run(db, s) != 1)
        return REFUSE_CONFLICT;
    index_usage_reopen(db, a->jid);
    return REFUSE_OK;
}

enum refuse index_account_keys(struct index_db *db, const struct account *a)
{
    sqlite3_stmt *s =
        sql(db, "UPDATE account SET rounds = ?2, sha1_salt = ?3, sha1_stored = ?4, sha1_server = ?5,"
                " sha256_salt = ?6, sha256_stored = ?7, sha256_server = ?8, sealed = ?9 WHERE jid = ?1");
    bind_keys(s, a);
    return sql_run(db, s) == 1 ? REFUSE_OK : REFUSE_NOT_FOUND;
}

enum refuse index_account_disable(struct index_db *db, const char *bare, bool disabled)
{
    sqlite3_stmt *s = sql(db, "UPDATE account SET disabled = ?2 WHERE jid = ?1");
    sql_text(s, 1, bare);
    sql_int(s, 2, disabled);
    return sql_run(db, s) == 1 ? REFUSE_OK : REFUSE_NOT_FOUND;
}

enum refuse index_account_quota(struct index_db *db, const char *bare, int64_t user, int64_t inbox)
{
    if (!index_account_exists(db, bare))
        return REFUSE_NOT_FOUND;
    sqlite3_stmt *s = sql(db, "INSERT INTO usage(jid, user_quota, inbox_quota) VALUES (?1, ?2, ?3)"
                              " ON CONFLICT(jid) DO UPDATE SET user_quota = ?2, inbox_quota = ?3");
    sql_text(s, 1, bare);
    sql_int(s, 2, user);
    sql_int(s, 3, inbox);
    sql_run(db, s);
    return REFUSE_OK;
}

enum refuse index_account_remove(struct index_db *db, const char *bare)
{
    /* The last two: who gets the name next must not inherit what his forerunner was to others. */
    static const char *const also[] = {
        "DELETE FROM roster WHERE owner = ?1",
        "DELETE FROM block WHERE owner = ?1",
        "DELETE FROM offline WHERE owner = ?1",
        "DELETE FROM setting WHERE jid = ?1",
        "DELETE FROM outbox WHERE jid = ?1",
        "DELETE FROM roster WHERE jid = ?1 AND in_roster = 0",
        "UPDATE roster SET sub = 0, ask = 0, pending_in = 0 WHERE jid = ?1",
    };
    sqlite3_stmt *s = sql(db, "DELETE FROM account WHERE jid = ?1");
    sql_text(s, 1, bare);
    if (sql_run(db, s) != 1)
        return REFUSE_NOT_FOUND;
    for (size_t i = 0; i < ARRAY_LEN(also); i++) {
        s = sql(db, also[i]);
        sql_text(s, 1, bare);
        sql_run(db, s);
    }
    return REFUSE_OK;
}

void index_account_each(struct index_db *db, void (*fn)(void *arg, const struct account_row *row), void *arg)
{
    sqlite3_stmt *s =
        sql(db, "SELECT a.jid, a.admin, a.disabled, a.legacy, coalesce(u.used, 0), coalesce(u.inbox_used, 0),"
                " coalesce(u.user_quota, -1), coalesce(u.inbox_quota, -1), coalesce(u.files, 0)"
                " FROM account a LEFT JOIN usage u ON u.jid = a.jid ORDER BY a.jid");
    while (sql_row(db, s)) {
        struct account_row row = {.jid = (char *)sql_get_text(s, 0),
                                  .admin = sql_get_int(s, 1),
                                  .disabled = sql_get_int(s, 2),
                                  .legacy_digest = sql_get_int(s, 3),
                                  .used = sql_get_int(s, 4),
                                  .inbox_used = sql_get_int(s, 5),
                                  .user_quota = sql_get_int(s, 6),
                                  .inbox_quota = sql_get_int(s, 7),
                                  .files = sql_get_int(s, 8)};
        fn(arg, &row);
    }
}
