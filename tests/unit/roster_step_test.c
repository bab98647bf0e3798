/* roster_step_test.c: RFC 6121 appendix A, cell by cell, in the order of its own tables (one a stanza). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "storage/roster_step.h"

static const struct {
    enum roster_event event;
    enum roster_state was, is;
} cells[] = {
    /* A.2.1 */
    {OUT_SUBSCRIBE, NONE, NONE_OUT},
    {OUT_SUBSCRIBE, NONE_OUT, NONE_OUT},
    {OUT_SUBSCRIBE, NONE_IN, NONE_OUT_IN},
    {OUT_SUBSCRIBE, NONE_OUT_IN, NONE_OUT_IN},
    {OUT_SUBSCRIBE, TO, TO},
    {OUT_SUBSCRIBE, TO_IN, TO_IN},
    {OUT_SUBSCRIBE, FROM, FROM_OUT},
    {OUT_SUBSCRIBE, FROM_OUT, FROM_OUT},
    {OUT_SUBSCRIBE, BOTH, BOTH},
    /* A.2.2 */
    {OUT_UNSUBSCRIBE, NONE, NONE},
    {OUT_UNSUBSCRIBE, NONE_OUT, NONE},
    {OUT_UNSUBSCRIBE, NONE_IN, NONE_IN},
    {OUT_UNSUBSCRIBE, NONE_OUT_IN, NONE_IN},
    {OUT_UNSUBSCRIBE, TO, NONE},
    {OUT_UNSUBSCRIBE, TO_IN, NONE_IN},
    {OUT_UNSUBSCRIBE, FROM, FROM},
    {OUT_UNSUBSCRIBE, FROM_OUT, FROM},
    {OUT_UNSUBSCRIBE, BOTH, FROM},
    /* A.2.3 */
    {OUT_SUBSCRIBED, NONE, NONE},
    {OUT_SUBSCRIBED, NONE_OUT, NONE_OUT},
    {OUT_SUBSCRIBED, NONE_IN, FROM},
    {OUT_SUBSCRIBED, NONE_OUT_IN, FROM_OUT},
    {OUT_SUBSCRIBED, TO, TO},
    {OUT_SUBSCRIBED, TO_IN, BOTH},
    {OUT_SUBSCRIBED, FROM, FROM},
    {OUT_SUBSCRIBED, FROM_OUT, FROM_OUT},
    {OUT_SUBSCRIBED, BOTH, BOTH},
    /* A.2.4 */
    {OUT_UNSUBSCRIBED, NONE, NONE},
    {OUT_UNSUBSCRIBED, NONE_OUT, NONE_OUT},
    {OUT_UNSUBSCRIBED, NONE_IN, NONE},
    {OUT_UNSUBSCRIBED, NONE_OUT_IN, NONE_OUT},
    {OUT_UNSUBSCRIBED, TO, TO},
    {OUT_UNSUBSCRIBED, TO_IN, TO},
    {OUT_UNSUBSCRIBED, FROM, NONE},
    {OUT_UNSUBSCRIBED, FROM_OUT, NONE_OUT},
    {OUT_UNSUBSCRIBED, BOTH, TO},
    /* A.3.1 */
    {IN_SUBSCRIBE, NONE, NONE_IN},
    {IN_SUBSCRIBE, NONE_OUT, NONE_OUT_IN},
    {IN_SUBSCRIBE, NONE_IN, NONE_IN},
    {IN_SUBSCRIBE, NONE_OUT_IN, NONE_OUT_IN},
    {IN_SUBSCRIBE, TO, TO_IN},
    {IN_SUBSCRIBE, TO_IN, TO_IN},
    {IN_SUBSCRIBE, FROM, FROM},
    {IN_SUBSCRIBE, FROM_OUT, FROM_OUT},
    {IN_SUBSCRIBE, BOTH, BOTH},
    /* A.3.2 */
    {IN_UNSUBSCRIBE, NONE, NONE},
    {IN_UNSUBSCRIBE, NONE_OUT, NONE_OUT},
    {IN_UNSUBSCRIBE, NONE_IN, NONE},
    {IN_UNSUBSCRIBE, NONE_OUT_IN, NONE_OUT},
    {IN_UNSUBSCRIBE, TO, TO},
    {IN_UNSUBSCRIBE, TO_IN, TO},
    {IN_UNSUBSCRIBE, FROM, NONE},
    {IN_UNSUBSCRIBE, FROM_OUT, NONE_OUT},
    {IN_UNSUBSCRIBE, BOTH, TO},
    /* A.3.3 */
    {IN_SUBSCRIBED, NONE, NONE},
    {IN_SUBSCRIBED, NONE_OUT, TO},
    {IN_SUBSCRIBED, NONE_IN, NONE_IN},
    {IN_SUBSCRIBED, NONE_OUT_IN, TO_IN},
    {IN_SUBSCRIBED, TO, TO},
    {IN_SUBSCRIBED, TO_IN, TO_IN},
    {IN_SUBSCRIBED, FROM, FROM},
    {IN_SUBSCRIBED, FROM_OUT, BOTH},
    {IN_SUBSCRIBED, BOTH, BOTH},
    /* A.3.4 */
    {IN_UNSUBSCRIBED, NONE, NONE},
    {IN_UNSUBSCRIBED, NONE_OUT, NONE},
    {IN_UNSUBSCRIBED, NONE_IN, NONE_IN},
    {IN_UNSUBSCRIBED, NONE_OUT_IN, NONE_IN},
    {IN_UNSUBSCRIBED, TO, NONE},
    {IN_UNSUBSCRIBED, TO_IN, NONE_IN},
    {IN_UNSUBSCRIBED, FROM, FROM},
    {IN_UNSUBSCRIBED, FROM_OUT, FROM},
    {IN_UNSUBSCRIBED, BOTH, FROM},
};

static void every_cell(void **state)
{
    assert_int_equal(ARRAY_LEN(cells), ROSTER_STATES * ROSTER_EVENTS);
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        enum roster_state is = roster_step(cells[i].was, cells[i].event);
        if (is != cells[i].is)
            print_message("event %d in state %d: %d, not %d\n", cells[i].event, cells[i].was, is,
                          cells[i].is);
        assert_int_equal(is, cells[i].is);
    }
}

static void states_and_parts(void **state)
{
    for (int s = 0; s < ROSTER_STATES; s++) {
        struct roster_item item = {0};
        roster_state_set(&item, (enum roster_state)s);
        assert_int_equal(roster_state_of(&item), s);
        assert_true(item.sub <= SUB_BOTH);
    }
    struct roster_item odd = {.sub = SUB_TO, .ask = true};
    assert_int_equal(roster_state_of(&odd), TO);
    odd = (struct roster_item){.sub = SUB_BOTH, .ask = true, .pending_in = true};
    assert_int_equal(roster_state_of(&odd), BOTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell),
        cmocka_unit_test(states_and_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
