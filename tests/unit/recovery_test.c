/* What a start finds and does: doc/spool.7's table, row by row; and who may open a spool. */
#include "tests/unit/storage_fixture.h"

#include <fcntl.h>

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void shell(struct fixture *f, const char *what)
{
    char *command = xasprintf("cd '%s' && %s", f->dir, what);
    assert_int_equal(system(command), 0);
    free(command);
}

static void row116_second_daemon_is_refused(void **state)
{
    struct buf why = {0};
    int code = 0;
    assert_null(storage_open(&why, &code));
    assert_int_equal(code, 3);
    assert_non_null(strstr(why.data, "in use"));
    buf_free(&why);
}

static void unfinished_file_is_dropped(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct grant g = fixture_grant(f, 4);
    snprintf(path, sizeof path, "%s/spool/tmp/%s.1", f->dir, g.id.text);
    write_file(path, "ha");
    fixture_restart(f);
    assert_int_equal(files_in(f, "tmp"), 0);
    assert_int_equal(lookup(f, &g.id), REFUSE_NOT_YET);
}

static void row110_file_without_row_is_quarantined(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct grant g = fixture_grant(f, 4);
    data_path(f, &g.id, 1, path);
    write_file(path, "whole");
    fixture_restart(f);
    assert_int_equal(files_in(f, "data"), 0);
    assert_int_equal(files_in(f, "quarantine"), 1);
    assert_int_equal(lookup(f, &g.id), REFUSE_NOT_YET);
    data_path(f, &g.id, 1, path); /* once more under the same name: both are kept */
    write_file(path, "again");
    fixture_restart(f);
    assert_int_equal(files_in(f, "quarantine"), 2);
    assert_clean(f);
}

static void file_of_an_unfinished_row_is_quarantined(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct incoming *in;
    struct grant g = fixture_grant(f, 5);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    data_path(f, &g.id, 1, path); /* as if it had been killed between rename and COMMIT */
    write_file(path, "hello");
    shell(f, "cp -a spool killed"); /* what a kill would leave at this moment */
    incoming_discard(&in, REFUSE_OK);
    storage_close(&f->st);
    shell(f, "rm -rf spool && mv killed spool");
    fixture_open(f, true);
    assert_int_equal(files_in(f, "data"), 0);
    assert_int_equal(files_in(f, "quarantine"), 1);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK); /* the slot still works */
    assert_clean(f);
}

static void unfinished_offer_is_dropped_and_told(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct grant g = fixture_grant(f, 5);
    g.took = TOOK_SI;
    g.flags = GRANT_NOTIFY_OWNER;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, "hel", 3), REFUSE_OK);
    shell(f, "cp -a spool killed");
    incoming_discard(&in, REFUSE_OK);
    storage_close(&f->st);
    shell(f, "rm -rf spool && mv killed spool");
    assert_int_equal(files_in(f, "tmp"), 1);
    fixture_open(f, true);
    assert_int_equal(files_in(f, "tmp"), 0);
    assert_int_equal(totals(f).receiving, 0);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(totals(f).outbox, 1); /* "not stored", to the sender */
    fixture_restart(f);
    assert_int_equal(totals(f).outbox, 1);
    assert_clean(f);
}

static void file_of_a_removed_row_is_deleted(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct grant g = fixture_grant(f, 5);
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
    assert_int_equal(removed(f, &g.id), REFUSE_OK);
    WAIT_UNTIL(files_in(f, "data") == 0);
    data_path(f, &g.id, 1, path); /* as if the power had gone before the deletion was on the disk */
    write_file(path, "hello");
    fixture_restart(f);
    assert_int_equal(files_in(f, "data"), 0);
    assert_int_equal(files_in(f, "quarantine"), 0);
    assert_int_equal(lookup(f, &g.id), REFUSE_REMOVED);
    assert_clean(f);
}

/* Files that cannot be removed, more than are asked for at a time: each is tried once. */
static void what_cannot_be_deleted_holds_up_nothing(void **state)
{
    struct fixture *f = *state;
    char path[256];
    for (int i = 0; i < 110; i++) {
        struct grant g = fixture_grant(f, 5);
        assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
        data_path(f, &g.id, 1, path);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_int_equal(removed(f, &g.id), REFUSE_OK);
    }
    fixture_restart(f);
    struct check_report r;
    check_all(f->st, &r);
    assert_int_equal(r.missing + r.damaged + r.orphans, 0);
    buf_free(&r.detail);
    struct grant g = fixture_grant(f, 5);
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
    shell(f, "rmdir spool/data/*/*.1 2>/dev/null; true");
    fixture_restart(f);
    assert_int_equal(files_in(f, "data"), 1);
    assert_clean(f);
}

/* A whole file, and where it stands. */
static struct grant store_hello(struct fixture *f, char path[256])
{
    struct grant g = fixture_grant(f, 5);
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
    data_path(f, &g.id, 1, path);
    return g;
}

static void assert_does_not_open(struct fixture *f, const struct ferry_id *id)
{
    int fd = -1;
    struct transfer t;
    struct arena *arena = arena_get(NULL);
    assert_int_equal(transfer_lookup(f->st, id, arena, &t), REFUSE_OK);
    assert_int_equal(transfer_open(f->st, &t, &fd), REFUSE_DAMAGED);
    arena_put(arena);
}

static void row110_row_without_file_is_held(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct grant g = store_hello(f, path);
    assert_int_equal(unlink(path), 0);
    fixture_restart(f);
    assert_int_equal(lookup(f, &g.id), REFUSE_DAMAGED);
    write_file(path, "hello"); /* restored from a backup: fsck believes its checksum */
    struct check_report r;
    check_all(f->st, &r);
    assert_int_equal(r.restored, 1);
    buf_free(&r.detail);
    assert_int_equal(lookup(f, &g.id), REFUSE_OK);
    assert_clean(f);
}

static void row91_truncated_file_is_held_when_opened(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct grant g = store_hello(f, path);
    assert_int_equal(truncate(path, 3), 0);
    assert_does_not_open(f, &g.id);
    WAIT_UNTIL(lookup(f, &g.id) == REFUSE_DAMAGED);
}

static void row91_flipped_bit_is_found_by_fsck(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct check_report r;
    struct grant g = store_hello(f, path);
    write_file(path, "hellp");
    check_all(f->st, &r);
    assert_int_equal(r.damaged, 1);
    assert_int_equal(r.files, 1);
    buf_free(&r.detail);
    assert_int_equal(lookup(f, &g.id), REFUSE_DAMAGED);
}

static void a_link_in_place_of_a_file_is_not_followed(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct grant g = store_hello(f, path);
    unlink(path);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_does_not_open(f, &g.id);
}

static void removed_bytes_go_and_the_row_stays(void **state)
{
    struct fixture *f = *state;
    struct grant g = fixture_grant(f, 5);
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
    assert_int_equal(removed(f, &g.id), REFUSE_OK);
    assert_int_equal(lookup(f, &g.id), REFUSE_REMOVED);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(totals(f).files, 0);
    assert_int_equal(totals(f).outbox, 0); /* nobody is told of a link that is dead */
    WAIT_UNTIL(files_in(f, "data") == 0);
    assert_int_equal(removed(f, &g.id), REFUSE_OK);
    struct ferry_id never;
    id_new(f->st, &never);
    assert_int_equal(removed(f, &never), REFUSE_NOT_FOUND);
    assert_clean(f);
}

static void a_newer_index_is_left_alone(void **state)
{
    struct fixture *f = *state;
    struct buf why = {0};
    char command[256];
    int code = 0;
    storage_close(&f->st);
    snprintf(command, sizeof command,
             "/usr/bin/python3 -c \"import sqlite3; sqlite3.connect('%s/spool/index.db').execute("
             "'PRAGMA user_version=99')\"",
             f->dir);
    assert_int_equal(system(command), 0);
    assert_null(storage_open(&why, &code));
    assert_int_equal(code, 1);
    assert_non_null(strstr(why.data, "version 99"));
    buf_free(&why);
}

static void row109_what_is_no_index_is_refused(void **state)
{
    struct fixture *f = *state;
    struct buf why = {0};
    char path[256];
    int code = 0;
    storage_close(&f->st);
    snprintf(path, sizeof path, "%s/spool/index.db", f->dir);
    write_file(path, "this was never a database, but it is longer than a header of one: "
                     "0123456789012345678901234567890123456789012345678901234567890123456789");
    assert_null(storage_open(&why, &code));
    assert_int_equal(code, 1);
    assert_non_null(strstr(why.data, "not a database"));
    buf_free(&why);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(row116_second_daemon_is_refused),        T(unfinished_file_is_dropped),
        T(row110_file_without_row_is_quarantined), T(file_of_an_unfinished_row_is_quarantined),
        T(unfinished_offer_is_dropped_and_told),   T(file_of_a_removed_row_is_deleted),
        T(row110_row_without_file_is_held),        T(row91_truncated_file_is_held_when_opened),
        T(row91_flipped_bit_is_found_by_fsck),     T(a_link_in_place_of_a_file_is_not_followed),
        T(removed_bytes_go_and_the_row_stays),     T(a_newer_index_is_left_alone),
        T(row109_what_is_no_index_is_refused),     T(what_cannot_be_deleted_holds_up_nothing),
    };
    return cmocka_run_group_tests_name("recovery", tests, NULL, NULL);
}
