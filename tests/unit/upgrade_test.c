/* A spool of an earlier version: its figures are right after the upgrade, and nothing of it is lost. */
#include "tests/unit/storage_fixture.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include "storage/index.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"
#include "storage/schema.sql.h"

static void must(sqlite3 *h, const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(h, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
}

static sqlite3 *open_index(struct fixture *f)
{
    char path[96];
    sqlite3 *h;
    snprintf(path, sizeof path, "%s/spool/index.db", f->dir);
    assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
    return h;
}

static sqlite3 *of_version(struct fixture *f, int version)
{
    char path[96], end[32];
    fixture_new(f, "");
    storage_close(&f->st);
    snprintf(path, sizeof path, "%s/spool/index.db", f->dir);
    assert_int_equal(unlink(path), 0);
    sqlite3 *h = open_index(f);
    must(h, "PRAGMA journal_mode=WAL");
    for (int i = 0; i < version; i++)
        must(h, schema_steps[i]);
    snprintf(end, sizeof end, "PRAGMA user_version=%d", version);
    must(h, end);
    return h;
}

/* A row as version 1 wrote it; there is no file to it. */
static void row(sqlite3 *h, char id, int state, int size, int reserved, int purpose, const char *owner,
                const char *to)
{
    char *insert = sqlite3_mprintf(
        "INSERT INTO transfer(id, attempt, state, took, purpose, flags, size, reserved, day, created, stored,"
        " expires, removed, lease, bytes, owner, addressee, addressee_raw, name, type, descr) VALUES"
        " ('%037d%c', 1, %d, 0, %d, 0, %d, %d, 7, 100, 100, %lld, %d, 5000000000, %d, %Q, %Q, '', 'n', '', "
        "'')",
        0, id, state, purpose, size, reserved, (long long)clock_wall() + 3600,
        state > 2 ? (int)clock_wall() : 0, state == 1 || state == 2, owner, to);
    must(h, insert);
    sqlite3_free(insert);
}

/* Nothing for index_usage_check to mend. (That files are missing is another matter.) */
static void assert_figures(struct fixture *f)
{
    struct check_report r;
    check_all(f->st, &r);
    if (r.figures || r.index)
        fail_msg("%s", r.detail.data);
    buf_free(&r.detail);
}

static void figures_of_version_1(void **state)
{
    struct fixture *f = *state;
    sqlite3 *h = of_version(f, 1);
    row(h, 'a', 1, 100, 100, PURPOSE_MESSAGE, "alice@localhost", "bob@localhost");
    row(h, 'b', 1, 0, 0, PURPOSE_MESSAGE, "alice@localhost", "bob@localhost");
    row(h, 'c', 2, 20, 20, PURPOSE_PROFILE, "alice@localhost", "");
    row(h, 'd', 1, 3, 3, PURPOSE_MESSAGE, "alice@localhost", "alice@localhost");
    row(h, 'e', 4, 1000, 0, PURPOSE_MESSAGE, "alice@localhost", "bob@localhost");    /* dead */
    row(h, 'f', 0, 500, 500, PURPOSE_MESSAGE, "alice@localhost", "carol@localhost"); /* under way */
    row(h, 'g', 0, 0, 0, PURPOSE_MESSAGE, "alice@localhost", "");
    row(h, 'h', 1, 7, 7, PURPOSE_PERMANENT, "", "carol@localhost"); /* the operator's */
    must(h, "INSERT INTO usage(jid, used, inbox_used, user_quota) VALUES ('alice@localhost', 623, 0, 5000),"
            " ('bob@localhost', 0, 100, -1), ('carol@localhost', 0, 507, -1)");
    must(h, "UPDATE total SET used = 630, files = 5");
    sqlite3_close(h);

    fixture_open(f, true);
    assert_figures(f);
    struct usage_figures u;
    struct index_db *db = index_reader(f->st->index);
    assert_true(index_usage_get(db, "alice@localhost", &u));
    assert_int_equal(u.used, 123); /* what was under way when it stopped is given back */
    assert_int_equal(u.files, 4);
    assert_int_equal(u.purpose_used[PURPOSE_MESSAGE], 103);
    assert_int_equal(u.purpose_used[PURPOSE_PROFILE], 20);
    assert_int_equal(u.user_quota, 5000);
    assert_true(index_usage_get(db, "bob@localhost", &u));
    assert_int_equal(u.inbox_used, 100);
    assert_int_equal(u.inbox_files, 2);
    assert_true(index_usage_get(db, "carol@localhost", &u));
    assert_int_equal(u.inbox_used, 7);
    assert_int_equal(u.inbox_files, 1);
    assert_int_equal(totals(f).bytes, 130);
    struct wait w = {0}; /* and every row can still die */
    struct ferry_id id;
    for (const char *c = "abcdh"; *c; c++) {
        snprintf(id.text, sizeof id.text, "%037d%c", 0, *c);
        sem_init(&w.sem, 0, 0);
        transfer_remove(f->st, &id, "operator", NULL, on_changed, &w);
        wait_for(&w);
        assert_int_equal(w.r, REFUSE_OK);
    }
    assert_figures(f);
    assert_true(index_usage_get(db, "alice@localhost", &u));
    assert_true(u.used == 0 && u.files == 0 && u.purpose_used[PURPOSE_MESSAGE] == 0);
}

static sqlite3_stmt *first_row(sqlite3 *h, const char *query)
{
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_prepare_v2(h, query, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    return s;
}

/* Values of all columns of the only transfer, in the order of their names; free() it. */
static char *only_row(sqlite3 *h)
{
    struct buf text = {0};
    sqlite3_stmt *names = first_row(h, "SELECT group_concat(name) FROM (SELECT name FROM"
                                       " pragma_table_info('transfer') ORDER BY name)");
    char *query = sqlite3_mprintf("SELECT %s FROM transfer", sqlite3_column_text(names, 0));
    sqlite3_stmt *s = first_row(h, query);
    for (int i = 0; i < sqlite3_column_count(s); i++)
        buf_addf(&text, "%s=%s ", sqlite3_column_name(s, i), (const char *)sqlite3_column_text(s, i));
    assert_int_equal(sqlite3_step(s), SQLITE_DONE);
    sqlite3_finalize(s);
    sqlite3_finalize(names);
    sqlite3_free(query);
    return buf_take(&text);
}

/* A tombstone, which no start touches, with a value of its own in each column. */
static void each_column_of_version_4(void **state)
{
    struct fixture *f = *state;
    sqlite3 *h = of_version(f, 4);
    char *insert = sqlite3_mprintf(
        "INSERT INTO transfer(id, attempt, state, took, told, purpose, flags, fetched, size, day, created,"
        " stored, expires, removed, lease, bytes, owner, addressee, addressee_raw, name, type, found_type,"
        " descr, reason, sha256, kept, charged, remind, mark) VALUES ('%038d', 11, 4, 1, 2, 3, 4, 1, 12, 13,"
        " 14, 15, 16, %lld, 18, 0, 'o', 'a', 'r', 'n', 't', 'f', 'd', 'why', 'sum', 0, 0, 19, 'mark')",
        0, (long long)clock_wall());
    must(h, insert);
    sqlite3_free(insert);
    char *before = only_row(h);
    sqlite3_close(h);
    fixture_open(f, true);
    storage_close(&f->st);
    h = open_index(f);
    char *after = only_row(h);
    sqlite3_close(h);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

/* What a step moves goes through the log, which would keep that size for good. */
static void the_log_is_small_again(void **state)
{
    struct fixture *f = *state;
    char path[128];
    struct stat sb;
    sqlite3 *h = of_version(f, 4);
    must(h, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
            " INSERT INTO transfer(id, attempt, state, took, purpose, flags, size, day, created, expires,"
            " removed, lease, owner, addressee, addressee_raw, name, type, descr) SELECT"
            " printf('%038d', i), 1, 4, 1, 0, 0, 1, 1, 1, 1, strftime('%s'), 0, 'o', '', '', 'n', 't', 'd' "
            "FROM n");
    sqlite3_close(h);
    fixture_open(f, true);
    snprintf(path, sizeof path, "%s/spool/index.db-wal", f->dir);
    assert_int_equal(stat(path, &sb), 0);
    assert_in_range(sb.st_size, 0, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(figures_of_version_1, fixture_setup_none, fixture_teardown),
        cmocka_unit_test_setup_teardown(each_column_of_version_4, fixture_setup_none, fixture_teardown),
        cmocka_unit_test_setup_teardown(the_log_is_small_again, fixture_setup_none, fixture_teardown),
    };
    return cmocka_run_group_tests_name("upgrade", tests, NULL, NULL);
}
