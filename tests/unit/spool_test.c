/* The byte store alone: one test a promise of spool.c. */
#include "tests/unit/bytes_fixture.h"

static int count(struct bytes *b, const char *folder)
{
    char *path = xasprintf("%s/%s", b->dir, folder);
    int n = count_files(path);
    free(path);
    return n;
}

static void every_first_character_has_a_folder(void **state)
{
    struct bytes *b = *state;
    const char *chars = "-_09AZaz";
    for (const char *c = chars; *c; c++) {
        struct ferry_id id = an_id(*c);
        assert_int_equal(spool_shard_char(spool_shard(&id)), *c);
        assert_int_equal(put(b, &id, 1, "x"), REFUSE_OK);
        assert_int_equal(spool_sync_name(b->sp, &id), REFUSE_OK);
    }
    assert_int_equal(count(b, "data"), 8);
    assert_int_equal(count(b, "tmp"), 0);
}

static void a_growing_file_cannot_be_read(void **state)
{
    struct bytes *b = *state;
    struct spool_writer *w;
    struct ferry_id id = an_id('g');
    int fd;
    assert_int_equal(spool_create(b->sp, &id, 1, 10, true, &w), REFUSE_OK);
    assert_int_equal(spool_append(w, "12345", 5), REFUSE_OK);
    assert_int_equal(spool_read(b->sp, &id, 1, 10, &fd), REFUSE_NOT_FOUND);
    assert_int_equal(spool_append(w, "123456", 6), REFUSE_SIZE_MISMATCH);
    char head[8];
    assert_int_equal(spool_peek(w, 0, head, sizeof head), 5);
    assert_memory_equal(head, "12345", 5);
    spool_discard(&w);
    spool_discard(&w);
    assert_int_equal(count(b, "."), 0);
}

static void nothing_is_overwritten(void **state)
{
    struct bytes *b = *state;
    struct ferry_id id = an_id('o');
    struct spool_writer *w, *again;
    int fd;
    char back[3];
    assert_int_equal(spool_create(b->sp, &id, 1, 3, true, &w), REFUSE_OK);
    assert_int_equal(spool_create(b->sp, &id, 1, 3, true, &again), REFUSE_INTERNAL);
    assert_int_equal(spool_append(w, "one", 3), REFUSE_OK);
    assert_int_equal(spool_publish(&w), REFUSE_OK);
    assert_int_equal(count(b, "quarantine"), 0);
    assert_int_equal(put(b, &id, 1, "two"), REFUSE_OK); /* what has the name is put aside */
    assert_int_equal(count(b, "quarantine"), 1);
    assert_int_equal(put(b, &id, 2, "six"), REFUSE_OK);
    assert_int_equal(spool_read(b->sp, &id, 1, 3, &fd), REFUSE_OK);
    assert_int_equal(read(fd, back, 3), 3);
    assert_memory_equal(back, "two", 3);
    close(fd);
    assert_int_equal(count(b, "tmp"), 0);
}

static void files_are_ours_alone(void **state)
{
    struct bytes *b = *state;
    struct ferry_id id = an_id('m');
    struct stat sb;
    int fd;
    assert_int_equal(put(b, &id, 1, "x"), REFUSE_OK);
    assert_int_equal(spool_read(b->sp, &id, 1, 1, &fd), REFUSE_OK);
    assert_int_equal(fstat(fd, &sb), 0);
    assert_int_equal(sb.st_mode & 0777, 0600);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
    assert_int_equal(fstatat(b->fd, "data/m", &sb, 0), 0);
    assert_int_equal(sb.st_mode & 0777, 0700);
}

static void a_listing_is_sorted_and_knows_strangers(void **state)
{
    struct bytes *b = *state;
    struct ferry_id a = an_id('l'), z = an_id('l');
    struct spool_entry *rows;
    z.text[1] = 'z';
    char *stranger = xasprintf("%s/data/l/README", b->dir);
    assert_int_equal(put(b, &z, 1, "x"), REFUSE_OK);
    assert_int_equal(put(b, &a, 10, "x"), REFUSE_OK);
    assert_int_equal(put(b, &a, 9, "x"), REFUSE_OK);
    close(open(stranger, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(spool_list(b->sp, spool_shard(&a), &rows), 4);
    assert_int_equal(rows[0].attempt, 0);
    assert_int_equal(rows[1].attempt, 9);
    assert_int_equal(rows[2].attempt, 10);
    assert_string_equal(rows[3].id.text, z.text);
    free(rows);
    free(stranger);
    assert_int_equal(spool_remove(b->sp, &a, 9), 0);
    assert_int_equal(spool_remove(b->sp, &a, 9), 0);
    assert_int_equal(spool_quarantine(b->sp, &a, 10), 0);
    assert_int_equal(count(b, "quarantine"), 1);
    assert_int_equal(spool_sweep_quarantine(b->sp, clock_wall() - 60), 0);
    assert_int_equal(spool_sweep_quarantine(b->sp, clock_wall() + 60), 1);
    assert_int_equal(count(b, "quarantine"), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, bytes_setup, bytes_teardown)
    const struct CMUnitTest tests[] = {
        T(every_first_character_has_a_folder),
        T(a_growing_file_cannot_be_read),
        T(nothing_is_overwritten),
        T(files_are_ours_alone),
        T(a_listing_is_sorted_and_knows_strangers),
    };
    return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
