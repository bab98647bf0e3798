/* What a start finds of uploads that broke off: they go on at what was promised, and a part that is not what
 * its row says is found out. */
#include "tests/unit/parts_fixture.h"

#include "storage/index_transfer.h"
#include "storage/internal.h"

static void part_path(struct fixture *f, const struct ferry_id *id, int attempt, char out[256])
{
    snprintf(out, 256, "%s/spool/tmp/%s.%d", f->dir, id->text, attempt);
}

static void goes_on_after_a_restart(void **state)
{
    struct fixture *f = *state;
    struct grant g = kept(f, 30000);
    fixture_restart(f);
    assert_int_equal(files_in(f, "tmp"), 1);
    assert_int_equal(offset_of(f, &g), 30000);
    assert_int_equal(totals(f).bytes, SIZE); /* the reservation stands */
    assert_clean(f);
    goes_on(f, &g, 30000);
    assert_stored(f, &g);
}

static void a_shorter_part_is_not_believed(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct grant g = kept(f, 30000);
    part_path(f, &g.id, 1, path);
    storage_close(&f->st);
    assert_int_equal(truncate(path, 29999), 0);
    fixture_open(f, true);
    assert_int_equal(offset_of(f, &g), 0);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(files_in(f, "tmp"), 0);
    assert_clean(f);
    goes_on(f, &g, 0);
    assert_stored(f, &g);
}

static void a_part_that_vanishes_later_is_found_out(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct incoming *in;
    struct grant g = kept(f, 30000);
    fixture_restart(f);
    part_path(f, &g.id, 1, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(resume(f, &g, 30000, 0, &in), REFUSE_OFFSET_MISMATCH);
    assert_int_equal(offset_of(f, &g), 0);
    assert_int_equal(totals(f).bytes, 0);
    goes_on(f, &g, 0);
    assert_stored(f, &g);
}

static void a_part_that_is_cut_while_it_is_read_is_found_out(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct incoming *in;
    struct grant g = kept(f, 30000); /* parked: open, and hashed without MD5 */
    part_path(f, &g.id, 1, path);
    assert_int_equal(truncate(path, 10000), 0);
    assert_int_equal(resume(f, &g, 30000, INCOMING_MD5, &in), REFUSE_OFFSET_MISMATCH);
    assert_int_equal(offset_of(f, &g), 0);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(files_in(f, "tmp"), 0);
    assert_clean(f);
}

static void what_was_not_promised_is_cut_off(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct grant g = kept(f, 30000);
    part_path(f, &g.id, 1, path);
    storage_close(&f->st);
    FILE *file = fopen(path, "a");
    fwrite(data, 1, SIZE, file); /* never synced, and more than the whole file is long */
    fclose(file);
    fixture_open(f, true);
    assert_int_equal(offset_of(f, &g), 30000);
    goes_on(f, &g, 30000);
    assert_stored(f, &g);
}

/* Closes the spool as a kill would leave it at this moment, and opens what is left. */
static void killed(struct fixture *f, struct incoming **in)
{
    char *command = xasprintf("cd '%s' && cp -a spool killed", f->dir);
    assert_int_equal(system(command), 0);
    free(command);
    incoming_discard(in, REFUSE_OK);
    storage_close(&f->st);
    command = xasprintf("cd '%s' && rm -rf spool && mv killed spool", f->dir);
    assert_int_equal(system(command), 0);
    free(command);
    fixture_open(f, true);
}

static int64_t row_kept(struct fixture *f, const struct grant *g)
{
    struct open_row row = {0};
    struct index_db *db = index_reader(f->st->index);
    assert_true(index_open_row(db, &g->id, &row));
    return row.kept;
}

static void a_kill_leaves_what_was_recorded(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct grant g = fixture_grant(f, SIZE);
    assert_int_equal(claim(f, &g, INCOMING_RESUMABLE, &in), REFUSE_OK);
    for (int64_t at = 0; at < 80000; at += 10000)
        assert_int_equal(incoming_write(in, data + at, 10000), REFUSE_OK);
    WAIT_UNTIL(row_kept(f, &g) >= 32768); /* half of slots.checkpoint, by itself */
    killed(f, &in);
    int64_t at = offset_of(f, &g);
    assert_true(at >= 32768 && at <= 80000);
    assert_int_equal(totals(f).bytes, SIZE);
    assert_clean(f);
    goes_on(f, &g, at);
    assert_stored(f, &g);
}

static void without_the_flag_a_kill_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct grant g = fixture_grant(f, SIZE);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, data, 80000), REFUSE_OK);
    killed(f, &in);
    assert_int_equal(offset_of(f, &g), 0);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(files_in(f, "tmp"), 0);
    assert_clean(f);
}

/* Killed between the rename and the COMMIT: the file stands under data/, and the row does not know. */
static void a_whole_part_that_was_not_committed_goes_on(void **state)
{
    struct fixture *f = *state;
    char from[256], to[256];
    struct incoming *in;
    struct grant g = kept(f, 30000);
    assert_int_equal(resume(f, &g, 30000, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, data + 30000, SIZE - 30000), REFUSE_OK);
    part_path(f, &g.id, 1, from);
    data_path(f, &g.id, 1, to);
    assert_int_equal(rename(from, to), 0);
    killed(f, &in);
    assert_int_equal(files_in(f, "data") + files_in(f, "quarantine"), 0);
    assert_int_equal(offset_of(f, &g), 30000);
    goes_on(f, &g, 30000);
    assert_stored(f, &g);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, parts_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(goes_on_after_a_restart),
        T(a_shorter_part_is_not_believed),
        T(a_part_that_vanishes_later_is_found_out),
        T(a_part_that_is_cut_while_it_is_read_is_found_out),
        T(what_was_not_promised_is_cut_off),
        T(a_kill_leaves_what_was_recorded),
        T(without_the_flag_a_kill_leaves_nothing),
        T(a_whole_part_that_was_not_committed_goes_on),
    };
    return cmocka_run_group_tests_name("resume_start", tests, NULL, NULL);
}
