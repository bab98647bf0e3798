/* Files that are kept open because they are asked for again and again: removed ones are let go, and what
 * another hand did is seen. */
#include "tests/unit/bytes_fixture.h"

#include <dirent.h>

#include "storage/hot.h"

/* How many descriptors of ours are open on a file of this name, removed or not. */
static int open_on(const struct ferry_id *id)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;
    for (struct dirent *e; (e = readdir(d));) {
        char to[512];
        ssize_t len = readlinkat(dirfd(d), e->d_name, to, sizeof to - 1);
        to[len < 0 ? 0 : len] = '\0';
        n += strstr(to, id->text) != NULL;
    }
    closedir(d);
    return n;
}

static int read_often(struct bytes *b, const struct ferry_id *id, int attempt, int64_t size)
{
    int fd;
    enum refuse r = spool_read_often(b->sp, id, attempt, size, &fd);
    if (r == REFUSE_OK)
        close(fd);
    return r;
}

static void what_is_read_often_stays_open(void **state)
{
    struct bytes *b = *state;
    struct ferry_id id = an_id('h');
    assert_int_equal(put(b, &id, 1, "one"), REFUSE_OK);
    assert_int_equal(read_often(b, &id, 1, 3), REFUSE_OK);
    assert_int_equal(open_on(&id), 0);
    assert_int_equal(read_often(b, &id, 1, 3), REFUSE_OK);
    assert_int_equal(open_on(&id), 1);
    assert_int_equal(read_often(b, &id, 1, 3), REFUSE_OK);
    assert_int_equal(open_on(&id), 1);
    assert_int_equal(read_often(b, &id, 1, 4), REFUSE_DAMAGED);
    assert_int_equal(open_on(&id), 0);
}

static void what_was_removed_is_let_go(void **state)
{
    struct bytes *b = *state;
    struct ferry_id id = an_id('r');
    int fd;
    assert_int_equal(put(b, &id, 1, "one"), REFUSE_OK);
    assert_int_equal(read_often(b, &id, 1, 3), REFUSE_OK);
    assert_int_equal(spool_read_often(b->sp, &id, 1, 3, &fd), REFUSE_OK);
    assert_int_equal(spool_remove(b->sp, &id, 1), 0);
    assert_int_equal(open_on(&id), 1); /* the reader's own */
    close(fd);
    assert_int_equal(open_on(&id), 0);
    assert_int_equal(read_often(b, &id, 1, 3), REFUSE_NOT_FOUND);
}

static void what_was_put_aside_is_let_go(void **state)
{
    struct bytes *b = *state;
    struct ferry_id id = an_id('q');
    char back[3];
    int fd;
    assert_int_equal(put(b, &id, 1, "one"), REFUSE_OK);
    assert_int_equal(read_often(b, &id, 1, 3), REFUSE_OK);
    assert_int_equal(read_often(b, &id, 1, 3), REFUSE_OK);
    assert_int_equal(spool_quarantine(b->sp, &id, 1), 0);
    assert_int_equal(put(b, &id, 1, "two"), REFUSE_OK);
    assert_int_equal(spool_read_often(b->sp, &id, 1, 3, &fd), REFUSE_OK);
    assert_int_equal(pread(fd, back, 3, 0), 3);
    assert_memory_equal(back, "two", 3);
    close(fd);
}

static void another_hand_is_seen(void **state)
{
    struct bytes *b = *state;
    struct ferry_id id = an_id('x');
    char name[64];
    assert_int_equal(put(b, &id, 1, "one"), REFUSE_OK);
    assert_int_equal(read_often(b, &id, 1, 3), REFUSE_OK);
    assert_int_equal(read_often(b, &id, 1, 3), REFUSE_OK);
    snprintf(name, sizeof name, "data/x/%s.1", id.text);
    assert_int_equal(unlinkat(b->fd, name, 0), 0);
    assert_int_equal(read_often(b, &id, 1, 3), REFUSE_NOT_FOUND);
    assert_int_equal(open_on(&id), 0);
    assert_int_equal(put(b, &id, 1, "two"), REFUSE_OK);
    assert_int_equal(read_often(b, &id, 1, 3), REFUSE_OK);
}

static void a_ticket_from_before_a_removal_keeps_nothing(void **state)
{
    struct bytes *b = *state;
    struct ferry_id id = an_id('t'), other = an_id('u');
    struct hot *h = hot_new();
    unsigned before, now;
    int fd;
    assert_int_equal(put(b, &id, 1, "one"), REFUSE_OK);
    assert_int_equal(spool_read(b->sp, &id, 1, 3, &fd), REFUSE_OK);
    hot_keep(h, &id, 1, fd, 0);
    assert_int_equal(hot_take(h, &id, 1, &before), -1);
    hot_drop(h, &other, 1);
    hot_keep(h, &id, 1, fd, before);
    assert_int_equal(hot_take(h, &id, 1, &now), -1);
    hot_keep(h, &id, 1, fd, now);
    int again = hot_take(h, &id, 1, &now);
    assert_true(again >= 0);
    close(again);
    close(fd);
    hot_free(h);
    assert_int_equal(open_on(&id), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, bytes_setup, bytes_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_read_often_stays_open),
        T(what_was_removed_is_let_go),
        T(what_was_put_aside_is_let_go),
        T(another_hand_is_seen),
        T(a_ticket_from_before_a_removal_keeps_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
