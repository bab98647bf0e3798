/* idlist_test.c: ids of unanswered iqs: order, the cap, taking from anywhere. */
#include "xmpp/idlist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_take(void **state)
{
    struct idlist ids = {0};
    static const char *const order[] = {"b", "a", "d", "c"};
    idlist_add(&ids, "a");
    idlist_add(&ids, "b");
    idlist_add(&ids, "c");
    idlist_add(&ids, "d");
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        assert_true(idlist_take(&ids, order[i]));
        assert_false(idlist_take(&ids, order[i]));
    }
    assert_null(ids.first);
    assert_int_equal(ids.bytes, 0);
    idlist_add(&ids, "again");
    assert_true(idlist_take(&ids, "again"));
}

static void test_cap(void **state)
{
    struct idlist ids = {0};
    char id[64];
    for (int i = 0; i < 10000; i++) {
        snprintf(id, sizeof id, "id-%d", i);
        idlist_add(&ids, id);
        assert_true(ids.bytes <= IDLIST_MAX);
    }
    assert_false(idlist_take(&ids, "id-0"));
    assert_true(idlist_take(&ids, "id-9999"));
    assert_true(idlist_take(&ids, "id-9000"));
    idlist_free(&ids);
    assert_null(ids.first);
}

static void test_one_too_long(void **state)
{
    static char id[IDLIST_MAX + 10];
    struct idlist ids = {0};
    memset(id, 'x', sizeof id - 1);
    idlist_add(&ids, id);
    assert_null(ids.first);
    assert_int_equal(ids.bytes, 0);
    idlist_free(&ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_cap),
        cmocka_unit_test(test_one_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
