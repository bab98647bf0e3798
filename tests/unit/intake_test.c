/* intake_test.c: the filling half of a transfer: nobody is held back for ever. */
#include "tests/unit/storage_fixture.h"

#include "base/mailbox.h"
#include "xmpp/intake.h"

#define MANY 1100 /* that share what else 256 have */

struct told {
    bool claimed, room, ended;
};

static void claimed(void *owner, enum refuse r)
{
    struct told *t = owner;
    assert_int_equal(r, REFUSE_OK);
    t->claimed = true;
}

static void room(void *owner)
{
    struct told *t = owner;
    t->room = true;
}

static void ended(void *owner, enum refuse r, const struct transfer *tr)
{
    struct told *t = owner;
    (void)r;
    (void)tr;
    t->ended = true;
}
static const struct intake_events events = {claimed, room, ended, false};

/* It waits with half a piece in its hands when thousands come: less than a piece of before, and more than it
 * may have now. */
static void there_is_room_again_among_more(void **state)
{
    struct fixture *f = *state;
    static char data[64 << 10];
    struct mailbox *home = mailbox_new();
    struct told it = {0}, other = {0};
    struct intake *others[MANY];
    struct grant g = fixture_grant(f, 1 << 20);
    struct intake *in = intake_new(f->st, &g, NULL, home, &events, &it);
    WAIT_UNTIL((mailbox_drain(home), it.claimed));
    for (int i = 0; i < 3; i++)
        assert_int_equal(intake_add(in, data, sizeof data), REFUSE_OK);
    assert_int_equal(intake_add(in, data, 60 << 10), REFUSE_OK);
    assert_true(intake_full(in));
    for (int i = 0; i < MANY; i++) {
        struct grant small = fixture_grant(f, 1);
        others[i] = intake_new(f->st, &small, NULL, home, &events, &other);
    }
    WAIT_UNTIL((mailbox_drain(home), it.room));
    assert_false(intake_full(in));
    assert_false(it.ended);
    intake_abort(&in, REFUSE_OK);
    for (int i = 0; i < MANY; i++)
        intake_abort(&others[i], REFUSE_OK);
    assert_true(mailbox_settle(home, 20000));
    storage_close(&f->st);
    mailbox_free(home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(there_is_room_again_among_more, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
