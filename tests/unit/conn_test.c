/* conn_test.c: the sweep ends no connection that is within its time, however fast its modes change under it,
 * and whoever has to wait for us; and those that are beyond it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/conf.h"
#include "http/conn.h"

static atomic_bool over;

static void *sweep(void *arg)
{
    while (!atomic_load(&over))
        conn_sweep();
    return arg;
}

static void test_live_connection_is_left_alone(void **state)
{
    struct conn c = {.magic = CONN_MAGIC, .fd = -1, .deadline = clock_mono_ms() + 60000};
    pthread_t sweeper;

    (void)state;
    conn_register(&c);
    assert_int_equal(pthread_create(&sweeper, NULL, sweep, NULL), 0);
    bool kept = true;
    for (int i = 0; i < 300000 && kept; i++)
        kept = conn_enter(&c, CONN_WORK, 0) && conn_enter(&c, CONN_REPLY, 0) &&
               conn_enter(&c, CONN_HEAD, clock_mono_ms() + 60000);
    atomic_store(&over, true);
    pthread_join(sweeper, NULL);
    conn_unregister(&c);
    assert_true(kept);
}

static void test_overdue_head_is_ended(void **state)
{
    struct conn c = {.magic = CONN_MAGIC, .fd = -1};

    (void)state;
    conn_register(&c);
    assert_true(conn_enter(&c, CONN_HEAD, clock_mono_ms() - 1));
    conn_sweep();
    assert_false(conn_enter(&c, CONN_WORK, 0));
    conn_unregister(&c);
}

/* --- a body that comes --- */

static struct conn c;
static int client;

/* It has been swept once. */
static int begin(void **state)
{
    int pair[2];

    (void)state;
    c = (struct conn){.magic = CONN_MAGIC, .left = 1000};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    c.fd = pair[0];
    client = pair[1];
    conn_register(&c);
    assert_true(conn_enter(&c, CONN_BODY, 0));
    conn_sweep();
    return 0;
}

static int end(void **state)
{
    (void)state;
    conn_unregister(&c);
    close(c.fd);
    close(client);
    return 0;
}

static void time_goes_by(void)
{
    c.window_start -= conf_get()->limits_stall + 1;
}

static bool lives(void)
{
    return atomic_load(&c.mode) != CONN_KILLED;
}

static void test_slow_body_is_ended(void **state)
{
    (void)state;
    conn_sweep();
    assert_true(lives());
    time_goes_by();
    conn_sweep();
    assert_false(lives());
    assert_true(atomic_load(&c.timed_out));
}

static void test_bytes_that_nobody_has_read_are_not_slow(void **state)
{
    char byte;

    (void)state;
    assert_int_equal(write(client, "x", 1), 1);
    time_goes_by();
    conn_sweep();
    assert_true(lives());
    conn_sweep(); /* he has a whole window again */
    assert_int_equal(read(c.fd, &byte, 1), 1);
    conn_sweep();
    assert_true(lives());
    time_goes_by();
    conn_sweep();
    assert_false(lives());
}

static void test_unread_bytes_of_the_tls_side_count(void **state)
{
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    c.secure = true;
    c.tcp = pair[0];
    assert_int_equal(write(pair[1], "x", 1), 1);
    time_goes_by();
    conn_sweep();
    assert_true(lives());
    c.tcp = -1;
    time_goes_by();
    conn_sweep();
    assert_false(lives());
    close(pair[0]);
    close(pair[1]);
}

static void test_time_of_writing_is_ours(void **state)
{
    (void)state;
    atomic_store(&c.writing, true);
    time_goes_by();
    conn_sweep();
    atomic_store(&c.writing, false);
    conn_sweep();
    assert_true(lives());
}

static void test_sender_who_left_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(shutdown(client, SHUT_WR), 0);
    assert_true(conn_enter(&c, CONN_WORK, 0) && conn_enter(&c, CONN_BODY, 0));
    conn_sweep();
    assert_true(lives());
    atomic_store(&c.writing, true); /* this may be all that was missing */
    conn_sweep();
    conn_sweep();
    assert_true(lives());
    atomic_store(&c.writing, false);
    atomic_fetch_add(&c.bytes, 1);
    conn_sweep();
    assert_true(lives());
    conn_sweep();
    assert_false(lives());
    assert_false(atomic_load(&c.timed_out));
}

static void test_whoever_has_sent_all_may_leave(void **state)
{
    (void)state;
    atomic_store(&c.left, 0);
    assert_int_equal(shutdown(client, SHUT_WR), 0);
    conn_sweep();
    conn_sweep();
    assert_true(lives());
}

int main(void)
{
    struct buf faults = {0};
    struct conf *conf = conf_load("/dev/null", &faults);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_connection_is_left_alone),
        cmocka_unit_test(test_overdue_head_is_ended),
        cmocka_unit_test_setup_teardown(test_slow_body_is_ended, begin, end),
        cmocka_unit_test_setup_teardown(test_bytes_that_nobody_has_read_are_not_slow, begin, end),
        cmocka_unit_test_setup_teardown(test_unread_bytes_of_the_tls_side_count, begin, end),
        cmocka_unit_test_setup_teardown(test_time_of_writing_is_ours, begin, end),
        cmocka_unit_test_setup_teardown(test_sender_who_left_is_noticed, begin, end),
        cmocka_unit_test_setup_teardown(test_whoever_has_sent_all_may_leave, begin, end),
    };

    buf_free(&faults);
    conf_publish(conf);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
