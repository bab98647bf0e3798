/* schema.sql.h: the index's tables. One string per version: schema_steps[n] brings version n to n + 1
 * (PRAGMA user_version); a step that was released is never edited. Times are wall clock seconds, JIDs are
 * bare and prepared, "" means none. Nothing here leans on rowid order, sequences or the database's clock: a
 * second filling speaks the same words.
 */
#ifndef FERRY_SCHEMA_SQL_H
#define FERRY_SCHEMA_SQL_H

#define TRANSFER_5 /* columns of `transfer` in version 5 */                                                  \
    "id, attempt, state, took, told, purpose, flags, fetched, size, charged, day, created, stored, expires," \
    " removed, remind, lease, bytes, kept, owner, addressee, addressee_raw, name, type, found_type, descr,"  \
    " reason, sha256, mark"

static const char *const schema_steps[] = {
    /* Transfers. reserved: what the row takes of the quotas: size from the claim until the row is dead or the
     * attempt was given up. Numbers of state, took, told, purpose are those of the enums, in order. */
    "CREATE TABLE transfer("
    " id TEXT PRIMARY KEY, attempt INTEGER NOT NULL CHECK (attempt > 0), state INTEGER NOT NULL,"
    " took INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0, purpose INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, fetched INTEGER NOT NULL DEFAULT 0,"
    " size INTEGER NOT NULL CHECK (size >= 0), reserved INTEGER NOT NULL CHECK (reserved IN (0, size)),"
    " day INTEGER NOT NULL," /* whose daily_quota it was taken from */
    " created INTEGER NOT NULL, stored INTEGER NOT NULL DEFAULT 0, expires INTEGER NOT NULL,"
    " removed INTEGER NOT NULL DEFAULT 0, lease INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL DEFAULT 0," /* 1: a file under data/ belongs to the row */
    " owner TEXT NOT NULL, addressee TEXT NOT NULL, addressee_raw TEXT NOT NULL,"
    " name TEXT NOT NULL, type TEXT NOT NULL, found_type TEXT NOT NULL DEFAULT '',"
    " descr TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', sha256 BLOB) WITHOUT ROWID;"
    "CREATE INDEX transfer_created ON transfer(created, id);"
    "CREATE INDEX transfer_alive ON transfer(created, id) WHERE state <= 2;"
    "CREATE INDEX transfer_owner ON transfer(owner, created, id) WHERE owner <> '';"
    "CREATE INDEX transfer_addressee ON transfer(addressee, created, id) WHERE addressee <> '';"
    "CREATE INDEX transfer_expires ON transfer(expires) WHERE state IN (1, 2);"
    "CREATE INDEX transfer_lease ON transfer(lease) WHERE state = 0;"
    "CREATE INDEX transfer_dead ON transfer(id) WHERE state IN (3, 4) AND bytes = 1;"
    "CREATE INDEX transfer_old ON transfer(removed) WHERE state IN (3, 4);"
    /* What a user takes up. used: of his user_quota; inbox_used: what others left for him. */
    "CREATE TABLE usage("
    " jid TEXT PRIMARY KEY, used INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),"
    " inbox_used INTEGER NOT NULL DEFAULT 0 CHECK (inbox_used >= 0),"
    " day INTEGER NOT NULL DEFAULT 0, day_used INTEGER NOT NULL DEFAULT 0 CHECK (day_used >= 0),"
    " user_quota INTEGER NOT NULL DEFAULT -1, inbox_quota INTEGER NOT NULL DEFAULT -1) WITHOUT ROWID;"
    "CREATE TABLE total(one INTEGER PRIMARY KEY CHECK (one = 1), used INTEGER NOT NULL CHECK (used >= 0),"
    " files INTEGER NOT NULL CHECK (files >= 0));" /* files: stored and held */
    "INSERT INTO total VALUES (1, 0, 0);"
    /* What has still to be told. AUTOINCREMENT: a seq never comes twice, so "after seq" misses nothing. */
    "CREATE TABLE outbox("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, jid TEXT NOT NULL, peer TEXT NOT NULL,"
    " peer_raw TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, descr TEXT NOT NULL, type TEXT NOT NULL,"
    " size INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, sha256 BLOB,"
    " why TEXT NOT NULL);" /* name of the refusal, or '' */
    "CREATE INDEX outbox_jid ON outbox(jid, seq);"
    "CREATE INDEX outbox_id ON outbox(id);"
    /* Accounts and their login keys. */
    "CREATE TABLE account("
    " jid TEXT PRIMARY KEY, admin INTEGER NOT NULL, disabled INTEGER NOT NULL, legacy INTEGER NOT NULL,"
    " rounds INTEGER NOT NULL, sha1_salt BLOB NOT NULL, sha1_stored BLOB NOT NULL, sha1_server BLOB NOT NULL,"
    " sha256_salt BLOB NOT NULL, sha256_stored BLOB NOT NULL, sha256_server BLOB NOT NULL, sealed BLOB,"
    " created INTEGER NOT NULL) WITHOUT ROWID;"
    /* Rosters, block lists, offline messages. groups: a JSON array of strings. */
    "CREATE TABLE roster("
    " owner TEXT NOT NULL, jid TEXT NOT NULL, name TEXT NOT NULL, groups TEXT NOT NULL,"
    " sub INTEGER NOT NULL, ask INTEGER NOT NULL, pending_in INTEGER NOT NULL, in_roster INTEGER NOT NULL,"
    " PRIMARY KEY (owner, jid)) WITHOUT ROWID;"
    "CREATE TABLE block(owner TEXT NOT NULL, jid TEXT NOT NULL, PRIMARY KEY (owner, jid)) WITHOUT ROWID;"
    "CREATE TABLE offline("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, stamp INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, xml TEXT NOT NULL);"
    "CREATE INDEX offline_owner ON offline(owner, seq);"
    /* Grants too long to be sealed into a URL. */
    "CREATE TABLE long_grant("
    " token TEXT PRIMARY KEY, expires INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX long_grant_expires ON long_grant(expires);",

    /* 2. kept: bytes of the newest attempt that are durable under tmp/; an upload goes on there. charged: 1
     * while the row counts in the figures below (`reserved` could not tell this of an empty file). What a
     * user takes up by number and by purpose; closed: since when the account of that name is gone. Lists
     * leave tombstones out unless asked, so living and dead rows have indexes of their own. */
    "ALTER TABLE transfer ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX transfer_kept ON transfer(owner, created, id) WHERE kept > 0;"
    "ALTER TABLE transfer ADD COLUMN charged INTEGER NOT NULL DEFAULT 0 CHECK (charged IN (0, 1));"
    "UPDATE transfer SET charged = 1 WHERE reserved > 0 OR state IN (1, 2);"
    "ALTER TABLE transfer DROP COLUMN reserved;"
    "DROP INDEX transfer_created;"
    "CREATE INDEX transfer_created_dead ON transfer(created, id) WHERE state > 2;"
    "DROP INDEX transfer_owner;"
    "DROP INDEX transfer_addressee;"
    "CREATE INDEX transfer_owner ON transfer(owner, created, id) WHERE owner <> '' AND state <= 2;"
    "CREATE INDEX transfer_owner_dead ON transfer(owner, created, id) WHERE owner <> '' AND state > 2;"
    "CREATE INDEX transfer_addressee ON transfer(addressee, created, id)"
    " WHERE addressee <> '' AND state <= 2;"
    "CREATE INDEX transfer_addressee_dead ON transfer(addressee, created, id)"
    " WHERE addressee <> '' AND state > 2;"
    "CREATE INDEX transfer_fetched_owner ON transfer(owner, created, id)"
    " WHERE fetched = 1 AND state = 1 AND owner <> '';"
    "CREATE INDEX transfer_fetched_addressee ON transfer(addressee, created, id)"
    " WHERE fetched = 1 AND state = 1 AND addressee <> '';"
    "ALTER TABLE usage ADD COLUMN files INTEGER NOT NULL DEFAULT 0 CHECK (files >= 0);"
    "ALTER TABLE usage ADD COLUMN inbox_files INTEGER NOT NULL DEFAULT 0 CHECK (inbox_files >= 0);"
    "ALTER TABLE usage ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;"
    "INSERT INTO usage(jid, files) SELECT owner, count(*) FROM transfer WHERE charged = 1 AND owner <> ''"
    " GROUP BY owner ON CONFLICT (jid) DO UPDATE SET files = excluded.files;"
    "INSERT INTO usage(jid, inbox_files) SELECT addressee, count(*) FROM transfer WHERE charged = 1"
    " AND addressee <> '' AND addressee <> owner"
    " GROUP BY addressee ON CONFLICT (jid) DO UPDATE SET inbox_files = excluded.inbox_files;"
    "CREATE TABLE usage_purpose("
    " jid TEXT NOT NULL, purpose INTEGER NOT NULL, used INTEGER NOT NULL CHECK (used >= 0),"
    " PRIMARY KEY (jid, purpose)) WITHOUT ROWID;"
    "INSERT INTO usage_purpose(jid, purpose, used) SELECT owner, purpose, sum(size) FROM transfer"
    " WHERE owner <> '' AND charged = 1 GROUP BY owner, purpose;"
    /* What users have chosen for themselves (settings.h); no row: as the site has it. remind: when the
     * receiver is to be reminded of a file he has not read; 0: not, or not again. */
    "CREATE TABLE setting("
    " jid TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (jid, key)) WITHOUT ROWID;"
    "ALTER TABLE transfer ADD COLUMN remind INTEGER NOT NULL DEFAULT 0;"
    "UPDATE transfer SET remind = expires - min(86400, (expires - stored) / 4)"
    " WHERE state = 1 AND fetched = 0 AND addressee <> '';"
    "CREATE INDEX transfer_remind ON transfer(remind) WHERE remind > 0 AND state = 1;"
    "ALTER TABLE outbox ADD COLUMN step INTEGER NOT NULL DEFAULT 0;", /* enum outbox_step */

    /* 3. mark: grant.mark, or NULL. */
    "ALTER TABLE transfer ADD COLUMN mark BLOB;",

    /* 4. What a user takes up by purpose, in his own row: a file changes one row less. */
    "ALTER TABLE usage ADD COLUMN used_message INTEGER NOT NULL DEFAULT 0 CHECK (used_message >= 0);"
    "ALTER TABLE usage ADD COLUMN used_profile INTEGER NOT NULL DEFAULT 0 CHECK (used_profile >= 0);"
    "ALTER TABLE usage ADD COLUMN used_ephemeral INTEGER NOT NULL DEFAULT 0 CHECK (used_ephemeral >= 0);"
    "ALTER TABLE usage ADD COLUMN used_permanent INTEGER NOT NULL DEFAULT 0 CHECK (used_permanent >= 0);"
    "UPDATE usage SET (used_message, used_profile, used_ephemeral, used_permanent) = (SELECT"
    " coalesce(sum((purpose = 0) * used), 0), coalesce(sum((purpose = 1) * used), 0),"
    " coalesce(sum((purpose = 2) * used), 0), coalesce(sum((purpose = 3) * used), 0)"
    " FROM usage_purpose AS p WHERE p.jid = usage.jid);"
    "DROP TABLE usage_purpose;",

    /* 5. Rows of transfers stand in the order they came. By id, which is random, each went among strangers,
     * and every other one made three pages share their rows anew: what a commit costs is the pages that it
     * writes. Indexes are narrow for the same reason: rows of one second are sorted when they are read. */
    "ALTER TABLE transfer RENAME TO transfer_4;"
    "CREATE TABLE transfer("
    " id TEXT NOT NULL PRIMARY KEY, attempt INTEGER NOT NULL CHECK (attempt > 0), state INTEGER NOT NULL,"
    " took INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0, purpose INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, fetched INTEGER NOT NULL DEFAULT 0,"
    " size INTEGER NOT NULL CHECK (size >= 0)," /* as it is charged, if it is */
    " charged INTEGER NOT NULL DEFAULT 0 CHECK (charged IN (0, 1)), day INTEGER NOT NULL,"
    " created INTEGER NOT NULL, stored INTEGER NOT NULL DEFAULT 0, expires INTEGER NOT NULL,"
    " removed INTEGER NOT NULL DEFAULT 0, remind INTEGER NOT NULL DEFAULT 0, lease INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL DEFAULT 0, kept INTEGER NOT NULL DEFAULT 0,"
    " owner TEXT NOT NULL, addressee TEXT NOT NULL, addressee_raw TEXT NOT NULL,"
    " name TEXT NOT NULL, type TEXT NOT NULL, found_type TEXT NOT NULL DEFAULT '',"
    " descr TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', sha256 BLOB, mark BLOB);"
    "INSERT INTO transfer(" TRANSFER_5 ") SELECT " TRANSFER_5 " FROM transfer_4;"
    "DROP TABLE transfer_4;"
    "CREATE INDEX transfer_alive ON transfer(created) WHERE state <= 2;"
    "CREATE INDEX transfer_created_dead ON transfer(created) WHERE state > 2;"
    "CREATE INDEX transfer_owner ON transfer(owner, created) WHERE owner <> '' AND state <= 2;"
    "CREATE INDEX transfer_owner_dead ON transfer(owner, created) WHERE owner <> '' AND state > 2;"
    "CREATE INDEX transfer_addressee ON transfer(addressee, created) WHERE addressee <> '' AND state <= 2;"
    "CREATE INDEX transfer_addressee_dead ON transfer(addressee, created)"
    " WHERE addressee <> '' AND state > 2;"
    "CREATE INDEX transfer_fetched_owner ON transfer(owner, created)"
    " WHERE fetched = 1 AND state = 1 AND owner <> '';"
    "CREATE INDEX transfer_fetched_addressee ON transfer(addressee, created)"
    " WHERE fetched = 1 AND state = 1 AND addressee <> '';"
    "CREATE INDEX transfer_kept ON transfer(owner, created) WHERE kept > 0;"
    "CREATE INDEX transfer_expires ON transfer(expires) WHERE state IN (1, 2);"
    "CREATE INDEX transfer_lease ON transfer(lease) WHERE state = 0;"
    "CREATE INDEX transfer_remind ON transfer(remind) WHERE remind > 0 AND state = 1;"
    "CREATE INDEX transfer_dead ON transfer(id) WHERE state IN (3, 4) AND bytes = 1;"
    "CREATE INDEX transfer_old ON transfer(removed) WHERE state IN (3, 4);",
};

#endif
