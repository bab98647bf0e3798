/* The log written in one piece a commit: a reader sees every commit at once, and a copy of the files at any
 * moment holds them all, whatever the size of a transaction, and whether it was rolled back in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "storage/index_log.h"

struct world {
    char dir[96];
    char *path;
    sqlite3 *writer, *reader;
    unsigned seed;
};

static void run(sqlite3 *db, const char *text)
{
    char *why = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", text, why);
}

static void runf(sqlite3 *db, const char *fmt, int n)
{
    char *text = sqlite3_mprintf(fmt, n);
    run(db, text);
    sqlite3_free(text);
}

static int64_t ask(sqlite3 *db, const char *query)
{
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_prepare_v2(db, query, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    const char *tmp = getenv("TMPDIR");
    snprintf(w->dir, sizeof w->dir, "%s/ferry-log-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    assert_non_null(mkdtemp(w->dir));
    w->path = xasprintf("%s/a.db", w->dir);
    w->seed = 7;
    assert_int_equal(
        sqlite3_open_v2(w->path, &w->writer, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, index_log_vfs()),
        SQLITE_OK);
    run(w->writer,
        "PRAGMA journal_mode=WAL; PRAGMA cache_size=8; CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)");
    assert_int_equal(sqlite3_open_v2(w->path, &w->reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    char *command = xasprintf("rm -rf '%s'", w->dir);
    sqlite3_close(w->reader);
    sqlite3_close(w->writer);
    assert_int_equal(system(command), 0);
    free(command);
    free(w->path);
    free(w);
    return 0;
}

/* What a kill now would leave. */
static int64_t rows_of_a_copy(struct world *w)
{
    char *command = xasprintf("cd '%s' && rm -f b.db* && cp a.db b.db && cp a.db-wal b.db-wal", w->dir);
    char *copy = xasprintf("%s/b.db", w->dir);
    sqlite3 *db;
    assert_int_equal(system(command), 0);
    assert_int_equal(sqlite3_open(copy, &db), SQLITE_OK);
    assert_int_equal(ask(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
    int64_t n = ask(db, "SELECT count(*) FROM t");
    sqlite3_close(db);
    free(command);
    free(copy);
    return n;
}

static void insert(struct world *w, int rows, int bytes)
{
    for (int i = 0; i < rows; i++)
        runf(w->writer, "INSERT INTO t(b) VALUES (randomblob(%d))", bytes);
}

static void every_commit_is_seen(void **state)
{
    struct world *w = *state;
    static const int bytes[] = {10, 1000, 5000, 70000, 140000, 300000};
    int64_t rows = 0;
    for (int round = 0; round < 120; round++) {
        int kind = rand_r(&w->seed) % 6, some = 1 + rand_r(&w->seed) % 5;
        bool kept = rand_r(&w->seed) % 4 != 0;
        run(w->writer, round % 3 ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL");
        run(w->writer, "BEGIN IMMEDIATE; SAVEPOINT one");
        insert(w, some, bytes[kind]);
        run(w->writer, "ROLLBACK TO one");
        insert(w, some, bytes[(kind + round) % 6]);
        assert_int_equal(ask(w->reader, "SELECT count(*) FROM t"), rows);
        run(w->writer, kept ? "RELEASE one; COMMIT" : "ROLLBACK");
        rows += kept ? some : 0;
        assert_int_equal(ask(w->reader, "SELECT count(*) FROM t"), rows);
        if (round % 10 == 0)
            assert_int_equal(rows_of_a_copy(w), rows);
        if (round % 40 == 39)
            run(w->writer, "PRAGMA wal_checkpoint(TRUNCATE)");
    }
    assert_int_equal(ask(w->reader, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

/* The log cannot grow by more than this; -1: it can. */
static void room_for(struct world *w, int bytes)
{
    struct rlimit most;
    struct stat sb;
    char *wal = xasprintf("%s-wal", w->path);
    assert_int_equal(stat(wal, &sb), 0);
    getrlimit(RLIMIT_FSIZE, &most);
    most.rlim_cur = bytes < 0 ? most.rlim_max : (rlim_t)(sb.st_size + bytes);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &most), 0);
    free(wal);
}

static bool works(struct world *w, const char *text)
{
    return sqlite3_exec(w->writer, text, NULL, NULL, NULL) == SQLITE_OK;
}

#define MANY "WITH n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 60)"

/* What comes after a write that failed is seen at once too, wherever its last page stands. */
static void every_commit_after_a_full_disk_is_seen(void **state)
{
    struct world *w = *state;
    int64_t rows = 0;
    run(w->writer, "PRAGMA synchronous=NORMAL");
    for (int some = 1; some < 40; some++) {
        run(w->writer, "PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO t(b) VALUES ('first')");
        room_for(w, 100);
        assert_false(works(w, "INSERT INTO t(b) " MANY " SELECT randomblob(4000) FROM n"));
        room_for(w, -1);
        run(w->writer, "BEGIN IMMEDIATE");
        insert(w, some, 4000);
        run(w->writer, "COMMIT");
        rows += 1 + some;
        assert_int_equal(ask(w->reader, "SELECT count(*) FROM t WHERE length(b) > 0"), rows);
        assert_int_equal(rows_of_a_copy(w), rows);
    }
}

int main(void)
{
    signal(SIGXFSZ, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_commit_is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(every_commit_after_a_full_disk_is_seen, setup, teardown),
    };
    return cmocka_run_group_tests_name("index_log", tests, NULL, NULL);
}
