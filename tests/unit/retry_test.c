/* retry_test.c: what waits is tried again in its order, the oldest is given up beyond RETRY_MAX, and what is
 * answered behind the stop ends. */
#include "xmpp/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int asked[3000], asks, over[3000], overs;
static struct retry one[RETRY_MAX + 2];

static void on_write(struct retry *r)
{
    asked[asks++] = (int)(r - one);
}

static void on_over(struct retry *r)
{
    over[overs++] = (int)(r - one);
}

static struct retry_list list;
static struct loop *loop;

static int begin(void **state)
{
    asks = overs = 0;
    memset(one, 0, sizeof one);
    list = (struct retry_list){.what = "a thing", .write = on_write, .over = on_over};
    loop = loop_new();
    retry_start(&list, loop);
    return 0;
}

static int end(void **state)
{
    if (!list.stopped)
        retry_stop(&list);
    loop_free(loop);
    return 0;
}

static void one_opens_the_way(void **state)
{
    retry_answer(&list, &one[0], REFUSE_DISK_FULL);
    retry_answer(&list, &one[1], REFUSE_DISK_FULL);
    assert_int_equal(asks + overs, 0);
    retry_answer(&list, &one[2], REFUSE_OK);
    assert_int_equal(overs, 1);
    assert_int_equal(over[0], 2);
    assert_int_equal(asks, 2);
    assert_int_equal(asked[0], 0);
    assert_int_equal(asked[1], 1);
    retry_answer(&list, &one[1], REFUSE_DISK_FULL); /* full again */
    retry_answer(&list, &one[0], REFUSE_OK);
    assert_int_equal(asks, 3);
    assert_int_equal(asked[2], 1);
    retry_answer(&list, &one[1], REFUSE_OK);
    assert_int_equal(overs, 3);
    assert_int_equal(asks, 3);
}

static void too_many(void **state)
{
    for (int i = 0; i <= RETRY_MAX; i++)
        retry_answer(&list, &one[i], REFUSE_DISK_FULL);
    assert_int_equal(overs, 1);
    assert_int_equal(over[0], 0);
    retry_answer(&list, &one[RETRY_MAX + 1], REFUSE_OK);
    assert_int_equal(asks, RETRY_MAX);
    assert_int_equal(asked[0], 1);
}

static void stopped(void **state)
{
    retry_answer(&list, &one[0], REFUSE_DISK_FULL);
    retry_stop(&list);
    assert_int_equal(overs, 1);
    retry_answer(&list, &one[1], REFUSE_DISK_FULL); /* it was asked before */
    assert_int_equal(overs, 2);
    assert_int_equal(asks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_opens_the_way, begin, end),
        cmocka_unit_test_setup_teardown(too_many, begin, end),
        cmocka_unit_test_setup_teardown(stopped, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
