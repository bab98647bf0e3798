/* conn_test.c: the sweep ends no connection that is within its time, however fast its modes change under it.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

int main(void)
{
    struct buf faults = {0};
    struct conf *conf = conf_load("/dev/null", &faults);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_connection_is_left_alone),
        cmocka_unit_test(test_overdue_head_is_ended),
    };

    buf_free(&faults);
    conf_publish(conf);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
