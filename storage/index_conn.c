/* index_conn.c: SQLite connections: opening, schema, prepared statements, errors.
 *
 * Promises: the writer runs with WAL and synchronous=FULL, so a COMMIT that returned survives a power cut;
 * a file that is not our index, or of a newer version, is refused with a clear text and never touched; an
 * SQLite error becomes one of four refusals (DISK_FULL, READ_ONLY, TOO_MANY, INTERNAL) in one place.
 */
#include "storage/index_conn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "storage/index_log.h"
#include "storage/recent.h"
#include "storage/schema.sql.h"

enum { BUSY_MS = 5000 };

/* --- errors ----------------------------------------------------------------------------------------------
 */

/* A write that found no room is certain not to have happened; SQLite says FULL for ENOSPC alone. */
static enum refuse refuse_of(int rc, int err)
{
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return REFUSE_DISK_FULL;
    case SQLITE_IOERR:
        return rc == SQLITE_IOERR_WRITE && (err == EDQUOT || err == EFBIG) ? REFUSE_DISK_FULL
                                                                           : REFUSE_READ_ONLY;
    case SQLITE_BUSY: /* another program holds the file, for longer than BUSY_MS */
    case SQLITE_LOCKED:
        return REFUSE_TOO_MANY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return REFUSE_READ_ONLY;
    default:
        return REFUSE_INTERNAL;
    }
}

/* errno of the last failed call on the log; SQLite's own answer may be of another file. */
static int errno_of_log(sqlite3 *handle)
{
    sqlite3_file *log = NULL;
    int err = 0;
    if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log &&
        log->pMethods)
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &err);
    return err;
}

static void note_error(struct index_db *db, int rc)
{
    int err = db->handle ? errno_of_log(db->handle) : errno;
    if (db->handle)
        rc = sqlite3_extended_errcode(db->handle);
    if (!db->error) {
        db->error = refuse_of(rc, err);
        if (db->impatient && (rc & 0xff) == SQLITE_BUSY)
            return;
        log_error("index error sqlite=%d errno=%d: %s", rc, err,
                  db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc));
    }
}

enum refuse index_error(struct index_db *db)
{
    enum refuse r = db->error;
    db->error = REFUSE_OK;
    return r;
}

bool conn_lost_transaction(const struct index_db *db)
{
    return sqlite3_get_autocommit(db->handle) != 0;
}

/* --- statements ------------------------------------------------------------------------------------------
 */

sqlite3_stmt *sql(struct index_db *db, const char *literal)
{
    if (!db->handle) {
        note_error(db, SQLITE_CANTOPEN);
        return NULL;
    }
    /* What is left of an operation whose transaction is gone would be committed by itself, at once. */
    if (db->writer && db->error && conn_lost_transaction(db))
        return NULL;
    size_t at = ((uintptr_t)literal >> 3) * 0x9E3779B97F4A7C15u >> 56;
    _Static_assert(CONN_STATEMENTS == 256, "the shift above keeps 8 bits");
    for (size_t probes = 0; db->cache[at].text && db->cache[at].text != literal; probes++) {
        FERRY_ASSERT(probes < CONN_STATEMENTS);
        at = (at + 1) % CONN_STATEMENTS;
    }
    sqlite3_stmt *s = db->cache[at].stmt;
    if (s) {
        sqlite3_reset(s);
        sqlite3_clear_bindings(s);
        return s;
    }
    int rc = sqlite3_prepare_v3(db->handle, literal, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL);
    if (rc != SQLITE_OK) {
        note_error(db, rc);
        return NULL;
    }
    db->cache[at].text = literal;
    db->cache[at].stmt = s;
    return s;
}

void sql_text(sqlite3_stmt *s, int i, const char *text)
{
    if (s && text)
        sqlite3_bind_text(s, i, text, -1, SQLITE_STATIC);
}

void sql_int(sqlite3_stmt *s, int i, int64_t n)
{
    if (s)
        sqlite3_bind_int64(s, i, n);
}

void sql_blob(sqlite3_stmt *s, int i, const void *data, size_t n)
{
    if (s && data)
        sqlite3_bind_blob64(s, i, data, n, SQLITE_STATIC);
}

bool sql_row(struct index_db *db, sqlite3_stmt *s)
{
    if (!s)
        return false;
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE)
        note_error(db, rc);
    sqlite3_reset(s);
    return false;
}

void sql_end(sqlite3_stmt *s)
{
    if (s)
        sqlite3_reset(s);
}

int64_t sql_run(struct index_db *db, sqlite3_stmt *s)
{
    if (!s)
        return -1;
    int rc = sqlite3_step(s);
    int64_t changed = rc == SQLITE_DONE ? sqlite3_changes64(db->handle) : -1;
    if (rc != SQLITE_DONE)
        note_error(db, rc);
    sqlite3_reset(s);
    return changed;
}

int64_t sql_get_int(sqlite3_stmt *s, int col)
{
    return sqlite3_column_int64(s, col);
}

const char *sql_get_text(sqlite3_stmt *s, int col)
{
    const char *text = (const char *)sqlite3_column_text(s, col);
    return text ? text : "";
}

const void *sql_get_blob(sqlite3_stmt *s, int col, size_t *n)
{
    const void *data = sqlite3_column_blob(s, col);
    *n = data ? (size_t)sqlite3_column_bytes(s, col) : 0;
    return data;
}

char *sql_dup(struct arena *arena, sqlite3_stmt *s, int col)
{
    return arena_strdup(arena, sql_get_text(s, col));
}

sqlite3 *sql_handle(struct index_db *db)
{
    return db->handle;
}

bool conn_exec(struct index_db *db, const char *literal)
{
    sqlite3_stmt *s = sql(db, literal);
    if (!s)
        return false;
    int rc = sqlite3_step(s);
    sqlite3_reset(s);
    if (rc == SQLITE_DONE || rc == SQLITE_ROW)
        return true;
    note_error(db, rc);
    return false;
}

/* Not by a kept statement: this PRAGMA acts when it is compiled. */
bool conn_set_synchronous(struct index_db *db, bool full)
{
    int rc = sqlite3_exec(db->handle, full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", NULL,
                          NULL, NULL);
    if (rc != SQLITE_OK)
        note_error(db, rc);
    return rc == SQLITE_OK;
}

/* --- opening ---------------------------------------------------------------------------------------------
 */

/* Before the first connection, once: no global lock for statistics that nobody reads. */
static void configure_library(void)
{
    static bool done;
    if (!done)
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    done = true;
}

/* The file is made by us, so that its mode is ours (SQLite gives log and shared memory the same), and never
 * through a symbolic link. */
static int make_file(const char *path, struct buf *why)
{
    int fd = TEMP_FAILURE_RETRY(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    struct stat sb;
    if (fd < 0 || fstat(fd, &sb) != 0 || !S_ISREG(sb.st_mode)) {
        buf_addf(why, "%s: %s", path, fd < 0 ? strerror(errno) : "not a plain file");
        if (fd >= 0)
            close(fd);
        return -1;
    }
    close(fd);
    return 0;
}

static int one_int(sqlite3 *h, const char *query, int64_t *out)
{
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(h, query, -1, &s, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        *out = sqlite3_column_int64(s, 0);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(s);
    return rc;
}

static int bring_up_to_date(sqlite3 *h, struct buf *why)
{
    int64_t version = 0, tables = 0;
    const int64_t newest = ARRAY_LEN(schema_steps);
    if (one_int(h, "PRAGMA user_version", &version) != SQLITE_OK ||
        one_int(h, "SELECT count(*) FROM sqlite_master", &tables) != SQLITE_OK)
        return -1;
    if (version > newest || (version == 0 && tables > 0)) {
        buf_addf(why, "the index is of version %lld, this program knows %lld: it was left untouched",
                 (long long)version, (long long)newest);
        return -2;
    }
    bool older = version > 0 && version < newest;
    for (; version < newest; version++) {
        char end[64];
        sqlite3_snprintf(sizeof end, end, "PRAGMA user_version=%d; COMMIT", (int)version + 1);
        if (sqlite3_exec(h, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
            sqlite3_exec(h, schema_steps[version], NULL, NULL, NULL) != SQLITE_OK ||
            sqlite3_exec(h, end, NULL, NULL, NULL) != SQLITE_OK)
            return -1;
    }
    if (older) /* the log has each page that was changed, and would keep its size */
        (void)sqlite3_wal_checkpoint_v2(h, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return 0;
}

struct index_db *conn_open_writer(const char *path, struct buf *why)
{
    configure_library();
    if (make_file(path, why) != 0)
        return NULL;
    struct index_db *db = xcalloc(1, sizeof *db);
    db->writer = true;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    int up = -1;
    if (sqlite3_open_v2(path, &db->handle, flags, index_log_vfs()) == SQLITE_OK) {
        sqlite3_extended_result_codes(db->handle, 1);
        sqlite3_busy_timeout(db->handle, BUSY_MS);
        if (sqlite3_exec(db->handle,
                         /* Of a new file alone. Most commits change one row of each page that they write. */
                         "PRAGMA page_size=2048;"
                         "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF;"
                         "PRAGMA trusted_schema=OFF; PRAGMA cache_size=-4096",
                         NULL, NULL, NULL) == SQLITE_OK)
            up = bring_up_to_date(db->handle, why);
        /* From now on no page into the log before its commit (index_log.h), and nothing aside: then no
         * statement in the middle of a transaction meets the disk, and none can lose what had gathered. A
         * step of the schema may change more pages than there is memory for. */
        if (up == 0 && sqlite3_exec(db->handle, "PRAGMA cache_spill=OFF; PRAGMA temp_store=MEMORY", NULL,
                                    NULL, NULL) != SQLITE_OK)
            up = -1;
    }
    if (up == 0)
        return db;
    if (up == -1)
        buf_addf(why, "%s: %s", path, db->handle ? sqlite3_errmsg(db->handle) : "out of memory");
    conn_close(db);
    return NULL;
}

void conn_set_patient(struct index_db *db, bool patient)
{
    db->impatient = !patient;
    sqlite3_busy_timeout(db->handle, patient ? BUSY_MS : 0);
}

struct index_db *conn_open_reader(const char *path)
{
    struct index_db *db = xcalloc(1, sizeof *db);
    int rc = sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_extended_result_codes(db->handle, 1);
        sqlite3_busy_timeout(db->handle, BUSY_MS);
        rc = sqlite3_exec(db->handle, "PRAGMA trusted_schema=OFF; PRAGMA cache_size=-256", NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK) {
        note_error(db, rc);
        sqlite3_close(db->handle);
        db->handle = NULL;
    }
    return db;
}

bool conn_open_failed(const struct index_db *db)
{
    return !db->handle;
}

void conn_close(struct index_db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < CONN_STATEMENTS; i++)
        sqlite3_finalize(db->cache[i].stmt);
    sqlite3_close(db->handle);
    recent_free(db->recent);
    free(db);
}

/* --- whole-index work ------------------------------------------------------------------------------------
 */

bool index_check(struct index_db *db, bool thorough, struct buf *out)
{
    sqlite3_stmt *s = sql(db, thorough ? "PRAGMA integrity_check(20)" : "PRAGMA quick_check(20)");
    bool good = true;
    while (sql_row(db, s)) {
        const char *line = sql_get_text(s, 0);
        if (strcmp(line, "ok") != 0) {
            good = false;
            buf_addf(out, "%s%s", out->len ? "; " : "", line);
        }
    }
    return index_error(db) == REFUSE_OK && good;
}

enum refuse conn_backup(struct index_db *db, const char *path)
{
    if (!db->handle)
        return REFUSE_READ_ONLY;
    sqlite3 *to = NULL;
    int rc =
        sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_backup *b = sqlite3_backup_init(to, "main", db->handle, "main");
        rc = b ? sqlite3_backup_step(b, -1) : sqlite3_errcode(to);
        if (b)
            sqlite3_backup_finish(b);
    }
    sqlite3_close(to);
    if (rc == SQLITE_OK || rc == SQLITE_DONE)
        return REFUSE_OK;
    log_error("index backup failed sqlite=%d: %s", rc, sqlite3_errstr(rc));
    return (rc & 0xff) == SQLITE_FULL ? REFUSE_DISK_FULL : REFUSE_INTERNAL;
}
