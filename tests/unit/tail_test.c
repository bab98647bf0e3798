/* A file that is still coming in: readers get its bytes as they come, the last one after the commit, and
 * never the bytes of an attempt that is lost. */
#include "tests/unit/storage_fixture.h"

#include <fcntl.h>

#include "base/codec.h"

static struct tail *open_tail(struct fixture *f, const struct ferry_id *id)
{
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    struct tail *tl;
    enum refuse r = tail_open(f->st, id, arena, &tl, &t);
    arena_put(arena);
    assert_true((r == REFUSE_OK) == (tl != NULL));
    assert_true(r == REFUSE_OK || r == REFUSE_NOT_YET);
    return tl;
}

static void on_wake(void *arg)
{
    sem_post((sem_t *)arg);
}

static void wait_sem(sem_t *sem)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    assert_int_equal(sem_timedwait(sem, &until), 0);
}

static int woken(sem_t *sem)
{
    int n;
    sem_getvalue(sem, &n);
    return n;
}

static void bytes_as_they_come(void **state)
{
    struct fixture *f = *state;
    struct grant g = fixture_grant(f, 10);
    struct incoming *in;
    char out[16];
    sem_t sem;
    sem_init(&sem, 0, 0);
    assert_null(open_tail(f, &g.id)); /* nobody is sending */
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    struct tail *tl = open_tail(f, &g.id);
    assert_non_null(tl);
    assert_int_equal(tail_read(tl, 0, out, sizeof out, on_wake, &sem), 0);
    assert_int_equal(woken(&sem), 0);
    assert_int_equal(incoming_write(in, "0123", 4), REFUSE_OK);
    wait_sem(&sem);
    assert_int_equal(incoming_write(in, "45", 2), REFUSE_OK);
    assert_int_equal(woken(&sem), 0); /* once only */
    assert_int_equal(tail_read(tl, 0, out, 3, on_wake, &sem), 3);
    assert_memory_equal(out, "012", 3);
    assert_int_equal(tail_read(tl, 3, out, sizeof out, on_wake, &sem), 3);
    assert_memory_equal(out, "345", 3);
    assert_int_equal(incoming_write(in, "6789", 4), REFUSE_OK);
    assert_int_equal(tail_read(tl, 6, out, sizeof out, NULL, NULL), 3);
    assert_int_equal(tail_read(tl, 9, out, sizeof out, on_wake, &sem), 0); /* the last waits for the commit */
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    wait_sem(&sem);
    assert_int_equal(tail_read(tl, 9, out, sizeof out, on_wake, &sem), 1);
    assert_int_equal(out[0], '9');
    assert_null(open_tail(f, &g.id));
    tail_close(&tl);
    sem_destroy(&sem);
}

/* The bytes of one attempt, or none: a loss is told at once, also to who waits. */
static void lost_with_its_attempt(void **state)
{
    struct fixture *f = *state;
    for (int how = 0; how < 3; how++) {
        struct grant g = fixture_grant(f, 10);
        struct incoming *in, *newer = NULL;
        char out[16];
        sem_t sem;
        sem_init(&sem, 0, 0);
        assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
        assert_int_equal(incoming_write(in, "0123", 4), REFUSE_OK);
        struct tail *tl = open_tail(f, &g.id), *fresh = open_tail(f, &g.id);
        assert_int_equal(tail_read(tl, 0, out, sizeof out, NULL, NULL), 4);
        assert_int_equal(tail_read(tl, 4, out, sizeof out, on_wake, &sem), 0);
        if (how == 0) {
            incoming_discard(&in, REFUSE_BROKEN_OFF);
        } else if (how == 1) {
            assert_int_equal(claim(f, &g, 0, &newer), REFUSE_OK);
        } else {
            assert_int_equal(removed(f, &g.id), REFUSE_OK);
        }
        wait_sem(&sem);
        assert_int_equal(tail_read(tl, 4, out, sizeof out, on_wake, &sem), -1);
        assert_int_equal(tail_read(fresh, 0, out, sizeof out, on_wake, &sem), -1);
        tail_close(&tl);
        tail_close(&fresh);
        if (newer) {
            assert_int_equal(incoming_write(newer, "abcdefghij", 10), REFUSE_OK);
            tl = open_tail(f, &g.id);
            assert_int_equal(tail_read(tl, 0, out, sizeof out, NULL, NULL), 9);
            assert_memory_equal(out, "abcdefghi", 9);
            tail_close(&tl);
            incoming_discard(&newer, REFUSE_BROKEN_OFF);
        } else {
            assert_null(open_tail(f, &g.id));
        }
        if (in)
            incoming_discard(&in, REFUSE_BROKEN_OFF);
        assert_int_equal(woken(&sem), 0);
        sem_destroy(&sem);
    }
}

static void scribble(const char *path)
{
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "xxxx", 4, 4), 4);
    close(fd);
}

static void only_what_is_certain(void **state)
{
    struct fixture *f = *state;
    struct grant g = fixture_grant(f, 10);
    struct incoming *in;
    int64_t came;
    char out[16], path[128];
    assert_int_equal(claim(f, &g, INCOMING_RESUMABLE, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, "0123", 4), REFUSE_OK);
    struct tail *tl = open_tail(f, &g.id);
    assert_int_equal(keep(&in, &came), REFUSE_OK);
    assert_int_equal(tail_read(tl, 0, out, sizeof out, NULL, NULL),
                     -1); /* it may go on, but who knows when */
    tail_close(&tl);
    assert_null(open_tail(f, &g.id));
    fixture_restart(f);
    snprintf(path, sizeof path, "%s/spool/tmp/%s.1", f->dir, g.id.text);
    scribble(path); /* what a crash may leave behind the offset is cut off */
    assert_int_equal(resume(f, &g, 4, INCOMING_RESUMABLE, &in), REFUSE_OK);
    scribble(path); /* and what stands there while the next bytes are being written is not shown */
    tl = open_tail(f, &g.id);
    assert_int_equal(tail_read(tl, 0, out, sizeof out, NULL, NULL), 4);
    assert_int_equal(tail_read(tl, 4, out, sizeof out, NULL, NULL), 0);
    assert_int_equal(incoming_write(in, "456789", 6), REFUSE_OK);
    assert_int_equal(tail_read(tl, 4, out, sizeof out, NULL, NULL), 5);
    assert_memory_equal(out, "45678", 5);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    tail_close(&tl);
}

static void no_wake_after_close(void **state)
{
    struct fixture *f = *state;
    struct grant g = fixture_grant(f, 10);
    struct incoming *in;
    char out[16];
    sem_t sem;
    sem_init(&sem, 0, 0);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    struct tail *tl = open_tail(f, &g.id), *other = open_tail(f, &g.id), *third = open_tail(f, &g.id);
    assert_int_equal(tail_read(tl, 0, out, sizeof out, on_wake, &sem), 0);
    assert_int_equal(tail_read(third, 0, out, sizeof out, on_wake, &sem), 0);
    tail_close(&other);
    tail_close(&tl);
    tail_close(&third);
    assert_int_equal(incoming_write(in, "0123456789", 10), REFUSE_OK);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    assert_int_equal(woken(&sem), 0);
    sem_destroy(&sem);
}

static void empty_file(void **state)
{
    struct fixture *f = *state;
    struct grant g = fixture_grant(f, 0);
    struct incoming *in;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_null(open_tail(f, &g.id));
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
}

/* --- many readers and a writer that race -----------------------------------------------------------------
 */

enum { READERS = 4, SIZE = 300000 };

struct reader {
    pthread_t thread;
    struct fixture *f;
    const char *data;
    struct ferry_id id;
    unsigned seed;
    bool leaves; /* in the middle, while it waits */
    bool whole, lost, absent, mixed;
};

static void *read_all(void *arg)
{
    struct reader *r = arg;
    struct tail *tl = open_tail(r->f, &r->id);
    char out[8192];
    int64_t at = 0;
    sem_t sem;
    if (!tl) {
        r->absent = true;
        return NULL;
    }
    sem_init(&sem, 0, 0);
    while (at < SIZE) {
        ptrdiff_t n = tail_read(tl, at, out, 1 + (size_t)rand_r(&r->seed) % sizeof out, on_wake, &sem);
        if (n < 0) {
            r->lost = true;
            break;
        }
        if (n == 0 && r->leaves && at > SIZE / 2)
            break; /* with a wake that may be on its way */
        if (n == 0)
            wait_sem(&sem);
        r->mixed = r->mixed || memcmp(out, r->data + at, (size_t)n) != 0;
        at += n;
    }
    r->whole = at == SIZE;
    tail_close(&tl);
    sem_destroy(&sem); /* no wake comes any more */
    return NULL;
}

static void race(struct fixture *f, const char *data, unsigned seed)
{
    struct grant g = fixture_grant(f, SIZE);
    struct incoming *in;
    struct reader readers[READERS];
    bool loses = seed % 3 == 0;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    for (int i = 0; i < READERS; i++) {
        readers[i] = (struct reader){
            .f = f, .data = data, .id = g.id, .seed = seed * 31 + (unsigned)i, .leaves = i == 1};
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_all, &readers[i]), 0);
    }
    for (int64_t at = 0; at < SIZE;) {
        int64_t n = 1 + rand_r(&seed) % 16384;
        n = n > SIZE - at ? SIZE - at : n;
        assert_int_equal(incoming_write(in, data + at, (size_t)n), REFUSE_OK);
        at += n;
        if (loses && at > SIZE * 3 / 4)
            break;
    }
    if (loses)
        incoming_discard(&in, REFUSE_BROKEN_OFF);
    else
        assert_int_equal(commit(&in, NULL), REFUSE_OK);
    for (int i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
        assert_false(readers[i].mixed);
        if (readers[i].absent || readers[i].leaves)
            continue;
        assert_true(loses ? readers[i].lost : readers[i].whole);
    }
}

static void readers_and_writer_race(void **state)
{
    char *data = malloc(SIZE);
    random_bytes(data, SIZE);
    for (unsigned seed = 1; seed <= 12; seed++)
        race(*state, data, seed);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_as_they_come, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(lost_with_its_attempt, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(only_what_is_certain, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(no_wake_after_close, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(empty_file, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(readers_and_writer_race, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
