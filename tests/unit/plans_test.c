/* How SQLite goes about what a spool asks of it day by day and at a start: a spool of millions of files must
 * not be read from one end to the other. fsck may, it reads everything. */
#include "tests/unit/storage_fixture.h"

#include <sqlite3.h>

#include "storage/expiry.h"

enum { MOST = 500 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *asked[MOST];
static size_t n_asked;

static int on_statement(unsigned what, void *arg, void *statement, void *text)
{
    const char *sql = sqlite3_sql(statement);
    (void)what;
    (void)arg;
    (void)text;
    pthread_mutex_lock(&lock);
    size_t i = 0;
    while (i < n_asked && strcmp(asked[i], sql) != 0)
        i++;
    if (i == n_asked && n_asked < MOST)
        asked[n_asked++] = xstrdup(sql);
    pthread_mutex_unlock(&lock);
    return 0;
}

/* Each connection that is opened. */
static int on_open(sqlite3 *db, char **why, const void *api)
{
    (void)why;
    (void)api;
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_statement, NULL);
}

/* What an operator, users and the daemon itself do. */
static void play(struct fixture *f)
{
    struct arena *arena = arena_get(NULL);
    struct transfer_list list;
    struct gc_report gc;
    struct incoming *in;
    int64_t received;
    struct grant kept = fixture_grant(f, 5), gone = fixture_grant(f, 5);
    assert_int_equal(store(f, &gone, "hello"), REFUSE_OK);
    transfer_fetched(f->st, &gone.id);
    assert_int_equal(removed(f, &gone.id), REFUSE_OK);
    assert_int_equal(claim(f, &kept, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, "hel", 3), REFUSE_OK);
    assert_int_equal(keep(&in, &received), REFUSE_OK);
    for (int i = 0; i < 8; i++)
        transfer_list(f->st,
                      &(struct transfer_query){.owner = i & 1 ? "alice@localhost" : NULL,
                                               .to = i & 2 ? "bob@localhost" : NULL,
                                               .limit = 10,
                                               .all = i & 4},
                      arena, &list);
    totals(f);
    assert_int_equal(expiry_gc(f->st, &gc), REFUSE_OK);
    fixture_restart(f);
    assert_int_equal(resume(f, &kept, 3, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, "lo", 2), REFUSE_OK);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    struct grant large = fixture_grant(f, 90), larger = fixture_grant(f, 95);
    assert_int_equal(claim(f, &large, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, "hel", 3), REFUSE_OK);
    assert_int_equal(keep(&in, &received), REFUSE_OK);
    assert_int_equal(claim(f, &larger, 0, &in), REFUSE_QUOTA_FULL); /* looked for what could go */
    assert_int_equal(transfer_purge(f->st, "alice@localhost", "account"), REFUSE_OK);
    arena_put(arena);
}

static bool reads_all(const char *detail)
{
    static const char all[] = "SCAN transfer";
    return strncmp(detail, all, strlen(all)) == 0 && !strstr(detail, " INDEX ");
}

static void nothing_reads_the_whole_table(void **state)
{
    struct fixture *f = *state;
    char path[128];
    sqlite3 *db;
    size_t seen = 0;
    play(f);
    storage_close(&f->st);
    sqlite3_reset_auto_extension();
    snprintf(path, sizeof path, "%s/spool/index.db", f->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (size_t i = 0; i < n_asked; i++) {
        char *explain = xasprintf("EXPLAIN QUERY PLAN %s", asked[i]);
        sqlite3_stmt *s = NULL;
        if (strstr(asked[i], " transfer") && sqlite3_prepare_v2(db, explain, -1, &s, NULL) == SQLITE_OK)
            for (seen++; sqlite3_step(s) == SQLITE_ROW;)
                if (reads_all((const char *)sqlite3_column_text(s, 3)))
                    fail_msg("%s", asked[i]);
        sqlite3_finalize(s);
        free(explain);
        free(asked[i]);
    }
    sqlite3_close(db);
    assert_in_range(seen, 30, MOST);
}

/* What makes and brings up to date the tables is not asked day by day: the spool is there before. */
static int setup(void **state)
{
    int rc = fixture_setup_with(state, "user_quota = 100\nmake_room = on\n");
    struct fixture *f = *state;
    storage_close(&f->st);
    sqlite3_auto_extension((void (*)(void))on_open);
    fixture_open(f, true);
    return rc;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_reads_the_whole_table, setup, fixture_teardown),
    };
    return cmocka_run_group_tests_name("plans", tests, NULL, NULL);
}
