/* What the memory of rows that were begun says: never "no row" where there is one. */
#include "tests/unit/storage_fixture.h"

#include <sqlite3.h>

#include "storage/begun.h"
#include "storage/internal.h"

static void what_was_noted_is_known(void **state)
{
    struct fixture *f = *state;
    struct begun *b = begun_new();
    static struct ferry_id ids[5000];
    size_t mistaken = 0;
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        id_new(f->st, &ids[i]);
    for (size_t i = 0; i < ARRAY_LEN(ids); i += 2)
        begun_note(b, &ids[i]);
    for (size_t i = 0; i < ARRAY_LEN(ids); i += 2)
        assert_false(begun_never(b, &ids[i]));
    for (size_t i = 1; i < ARRAY_LEN(ids); i += 2)
        mistaken += !begun_never(b, &ids[i]);
    assert_true(mistaken < 100); /* of 2500 */
    begun_free(b);
}

/* A slot of the last minute whose upload began before a start. */
static void a_start_reads_the_rows(void **state)
{
    struct fixture *f = *state;
    struct grant g = fixture_grant(f, 5), none = fixture_grant(f, 5);
    struct incoming *in;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    incoming_discard(&in, REFUSE_OK);
    fixture_restart(f);
    assert_null(incoming_early(f->st, &g));
    in = incoming_early(f->st, &none);
    assert_non_null(in);
    incoming_leave(&in);
}

/* A start after thousands of uploads a second reads not all of their rows, and vouches for nothing. */
static void a_start_reads_not_too_many(void **state)
{
    static const char insert[] =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10500)"
        " INSERT INTO transfer(id, attempt, state, took, purpose, flags, size, day, created, expires, lease,"
        " owner, addressee, addressee_raw, name, type, descr)"
        " SELECT 'a' || i, 1, 4, 0, 0, 0, 0, 0, unixepoch(), 0, 0, '', '', '', '', '', '' FROM n";
    struct fixture *f = *state;
    struct ferry_id id;
    char path[128];
    sqlite3 *db;
    id_new(f->st, &id);
    assert_true(begun_never(f->st->begun, &id));
    storage_close(&f->st);
    snprintf(path, sizeof path, "%s/spool/index.db", f->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, insert, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    fixture_open(f, true);
    id_new(f->st, &id);
    assert_false(begun_never(f->st->begun, &id));
}

/* Granted when nobody noted anything: by an external server, or long ago. */
static void old_ids_are_not_vouched_for(void **state)
{
    struct fixture *f = *state;
    struct begun *b = begun_new();
    struct ferry_id id;
    grant_derive_id(f->st, "some/path", &id);
    assert_false(begun_never(b, &id));
    begun_free(b);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(what_was_noted_is_known),
        T(a_start_reads_the_rows),
        T(a_start_reads_not_too_many),
        T(old_ids_are_not_vouched_for),
    };
    return cmocka_run_group_tests_name("begun", tests, NULL, NULL);
}
