/* A full quota makes room: uploads of the user that broke off give up what they kept, and, where make_room is
 * wanted, files that were fetched go. */
#include "tests/unit/limits_fixture.h"

/* --- files that were fetched --- */

static enum refuse reason_room(struct fixture *f, const struct ferry_id *id)
{
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    enum refuse r = transfer_lookup(f->st, id, arena, &t);
    if (r == REFUSE_REMOVED)
        assert_string_equal(t.reason, "room");
    arena_put(arena);
    return r;
}

/* Makes a file so many seconds older. */
static void age(struct fixture *f, const struct ferry_id *id, int seconds)
{
    char *update = xasprintf("UPDATE transfer SET created = created - %d WHERE id = '%s'", seconds, id->text);
    run_sql(f, update);
    free(update);
}

static void fetched_files_make_room(void **state)
{
    struct fixture *f = *state;
    struct grant old[4];
    fixture_new(f, "user_quota = 400\nmake_room = yes");
    for (int i = 0; i < 4; i++) {
        old[i] = file(f, 100, PURPOSE_MESSAGE, BOB);
        assert_int_equal(put(f, &old[i]), REFUSE_OK);
    }
    struct grant g = file(f, 100, PURPOSE_MESSAGE, "");
    refused(f, &g, REFUSE_QUOTA_FULL); /* nobody has fetched one yet */
    for (int i = 1; i < 4; i++)
        fetch(f, &old[i].id);
    g = file(f, 301, PURPOSE_MESSAGE, ""); /* all three would not suffice: all stay */
    assert_int_equal(put(f, &g), REFUSE_QUOTA_FULL);
    assert_int_equal(explain(f, &g).why, REFUSE_QUOTA_FULL);
    assert_int_equal(figures(f, ALICE).files, 4);
    g = file(f, 401, PURPOSE_MESSAGE, "");
    refused(f, &g, REFUSE_QUOTA_FULL);
    for (int i = 0; i < 4; i++)
        age(f, &old[i].id, i == 2 ? 900 : 100 * i);
    g = file(f, 150, PURPOSE_MESSAGE, "");
    assert_int_equal(explain(f, &g).why, REFUSE_OK);
    assert_int_equal(advice(f, &g), REFUSE_OK);
    assert_int_equal(put(f, &g), REFUSE_OK);
    assert_int_equal(reason_room(f, &old[0].id), REFUSE_OK); /* not fetched */
    assert_int_equal(reason_room(f, &old[1].id), REFUSE_OK); /* the youngest: no more than needed */
    assert_int_equal(reason_room(f, &old[2].id), REFUSE_REMOVED);
    assert_int_equal(reason_room(f, &old[3].id), REFUSE_REMOVED);
    assert_int_equal(figures(f, ALICE).used, 350);
    WAIT_UNTIL(files_in(f, "data") == 3);
    assert_clean(f);
}

static void room_in_each_limit(void **state)
{
    struct fixture *f = *state;
    fixture_new(f,
                "quota_profile = 200\nuser_files = 3\ninbox_quota = 150\ninbox_files = 2\nmake_room = yes");
    struct grant message = file(f, 10, PURPOSE_MESSAGE, BOB), profile = file(f, 90, PURPOSE_PROFILE, BOB);
    assert_int_equal(put(f, &message), REFUSE_OK);
    assert_int_equal(put(f, &profile), REFUSE_OK);
    fetch(f, &message.id);
    fetch(f, &profile.id);
    struct grant g = file(f, 150, PURPOSE_PROFILE, ""); /* the purpose: another's file does not help */
    assert_int_equal(put(f, &g), REFUSE_OK);
    assert_int_equal(reason_room(f, &profile.id), REFUSE_REMOVED);
    assert_int_equal(reason_room(f, &message.id), REFUSE_OK);
    g = file(f, 0, PURPOSE_MESSAGE, "");
    assert_int_equal(put(f, &g), REFUSE_OK);
    g = file(f, 0, PURPOSE_MESSAGE, ""); /* the number of files */
    assert_int_equal(put(f, &g), REFUSE_OK);
    assert_int_equal(reason_room(f, &message.id), REFUSE_REMOVED);
    struct grant left[2]; /* the inbox: files that anybody left for bob */
    for (int i = 0; i < 2; i++) {
        left[i] = file(f, 70, PURPOSE_MESSAGE, BOB);
        left[i].owner = i ? "" : "carol@localhost";
        assert_int_equal(put(f, &left[i]), REFUSE_OK);
    }
    g = file(f, 1, PURPOSE_MESSAGE, BOB);
    g.owner = "dave@localhost";
    refused(f, &g, REFUSE_INBOX_FULL);
    fetch(f, &left[1].id);
    assert_int_equal(advice(f, &g), REFUSE_OK);
    assert_int_equal(put(f, &g), REFUSE_OK);
    assert_int_equal(reason_room(f, &left[1].id), REFUSE_REMOVED);
    assert_int_equal(reason_room(f, &left[0].id), REFUSE_OK);
    assert_clean(f);
}

static void room_is_for_nothing_else(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "user_quota = 100\ndaily_quota = 150\nmake_room = yes");
    struct grant old = file(f, 100, PURPOSE_MESSAGE, BOB), g = file(f, 60, PURPOSE_MESSAGE, "");
    assert_int_equal(put(f, &old), REFUSE_OK);
    fetch(f, &old.id);
    refused(f, &g, REFUSE_DAY_FULL); /* old files do not give the day back, so none goes */
    assert_int_equal(reason_room(f, &old.id), REFUSE_OK);
    storage_close(&f->st);
    fixture_conf(f, "user_quota = 100\n"); /* not wanted */
    fixture_open(f, true);
    refused(f, &g, REFUSE_QUOTA_FULL);
    assert_int_equal(reason_room(f, &old.id), REFUSE_OK);
}

/* --- uploads that broke off --- */

/* An upload of `size` bytes that breaks off when half of them have come. */
static struct grant broken(struct fixture *f, int64_t size, enum purpose purpose)
{
    struct grant g = file(f, size, purpose, "");
    struct incoming *in;
    struct transfer_progress p = {.under_way = true};
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, zeros, (size_t)size / 2), REFUSE_OK);
    incoming_keep(&in, NULL, NULL, NULL);
    WAIT_UNTIL(transfer_progress(f->st, &g, &p) == REFUSE_OK && !p.under_way);
    assert_int_equal(p.offset, size / 2);
    return g;
}

static int64_t stands_at(struct fixture *f, const struct grant *g)
{
    struct transfer_progress p;
    assert_int_equal(transfer_progress(f->st, g, &p), REFUSE_OK);
    return p.offset;
}

static void granted(struct fixture *f, const struct grant *g)
{
    assert_int_equal(explain(f, g).why, REFUSE_OK);
    assert_int_equal(advice(f, g), REFUSE_OK);
    assert_int_equal(put(f, g), REFUSE_OK);
}

static void broken_uploads_go_first(void **state)
{
    struct fixture *f = *state;
    struct grant old[3];
    fixture_new(f, "user_quota = 400\nmake_room = yes");
    struct grant stored = file(f, 100, PURPOSE_MESSAGE, BOB);
    assert_int_equal(put(f, &stored), REFUSE_OK);
    fetch(f, &stored.id);
    for (int i = 0; i < 3; i++) {
        old[i] = broken(f, 100, PURPOSE_MESSAGE);
        age(f, &old[i].id, i == 2 ? 900 : 100 * i);
    }
    struct grant g = file(f, 401, PURPOSE_MESSAGE, "");
    refused(f, &g, REFUSE_QUOTA_FULL);
    assert_int_equal(figures(f, ALICE).used, 400);
    g = file(f, 150, PURPOSE_MESSAGE, "");
    granted(f, &g);
    assert_int_equal(stands_at(f, &old[0]), 50); /* the youngest: no more than needed */
    assert_int_equal(stands_at(f, &old[1]), 0);
    assert_int_equal(stands_at(f, &old[2]), 0);
    assert_int_equal(reason_room(f, &stored.id), REFUSE_OK); /* what is stored comes after what is not */
    assert_int_equal(figures(f, ALICE).used, 350);
    WAIT_UNTIL(files_in(f, "tmp") == 1);
    assert_clean(f);
    fixture_restart(f);
    struct incoming *in; /* its slot is as good as before */
    assert_int_equal(resume(f, &old[1], 50, 0, &in), REFUSE_OFFSET_MISMATCH);
    assert_int_equal(put(f, &old[2]), REFUSE_OK); /* for which the last broken one goes */
    assert_int_equal(stands_at(f, &old[0]), 0);
    assert_int_equal(reason_room(f, &stored.id), REFUSE_OK);
    assert_clean(f);
}

static void who_is_sending_stays(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "user_quota = 200");
    struct grant old = broken(f, 100, PURPOSE_MESSAGE), other = file(f, 100, PURPOSE_MESSAGE, "");
    struct incoming *in, *more;
    other.owner = "carol@localhost";
    assert_int_equal(put(f, &other), REFUSE_OK);
    assert_int_equal(resume(f, &old, 50, 0, &in), REFUSE_OK); /* it goes on */
    struct grant g = file(f, 101, PURPOSE_MESSAGE, "");
    assert_int_equal(claim(f, &g, 0, &more), REFUSE_QUOTA_FULL);
    assert_int_equal(explain(f, &g).why, REFUSE_QUOTA_FULL);
    assert_int_equal(incoming_write(in, zeros, 20), REFUSE_OK);
    int64_t came;
    assert_int_equal(keep(&in, &came), REFUSE_OK); /* a piece has ended, the next one comes soon */
    assert_int_equal(claim(f, &g, 0, &more), REFUSE_QUOTA_FULL);
    assert_int_equal(resume(f, &old, 70, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, zeros, 30), REFUSE_OK);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    refused(f, &g, REFUSE_QUOTA_FULL); /* and the advice knows that there is nothing more to give */
    old = broken(f, 100, PURPOSE_MESSAGE);
    other = file(f, 101, PURPOSE_MESSAGE, ""); /* another's quota is nothing to it */
    other.owner = "carol@localhost";
    refused(f, &other, REFUSE_QUOTA_FULL);
    assert_int_equal(put(f, &old), REFUSE_OK); /* again, from 0: that is room for nothing, too */
    g = file(f, 1, PURPOSE_MESSAGE, "");
    refused(f, &g, REFUSE_QUOTA_FULL);
    assert_int_equal(removed(f, &old.id), REFUSE_OK);
    broken(f, 100, PURPOSE_MESSAGE);
    g = file(f, 100, PURPOSE_MESSAGE, "");
    granted(f, &g);
    assert_clean(f);
}

static void broken_uploads_in_each_limit(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "quota_profile = 100\nuser_files = 3\ndaily_quota = 300");
    struct grant message = broken(f, 50, PURPOSE_MESSAGE), profile = broken(f, 60, PURPOSE_PROFILE);
    struct grant g = file(f, 50, PURPOSE_PROFILE, ""); /* the purpose: another's does not help */
    granted(f, &g);
    assert_int_equal(stands_at(f, &profile), 0);
    assert_int_equal(stands_at(f, &message), 25);
    g = file(f, 10, PURPOSE_MESSAGE, "");
    granted(f, &g);
    g = file(f, 10, PURPOSE_MESSAGE, ""); /* the number of files */
    granted(f, &g);
    assert_int_equal(stands_at(f, &message), 0);
    for (int i = 0; i < 2; i++) /* 70 of the day are used; what is removed does not give it back */
        assert_int_equal(removed(f, i ? &g.id : &message.id), REFUSE_OK);
    message = broken(f, 200, PURPOSE_MESSAGE);
    char *yesterday = xasprintf("UPDATE transfer SET day = day - 1 WHERE id = '%s'", message.id.text);
    g = file(f, 231, PURPOSE_MESSAGE, "");
    assert_int_equal(explain(f, &g).why, REFUSE_DAY_FULL); /* all of it would not do */
    assert_int_equal(put(f, &g), REFUSE_DAY_FULL);
    g = file(f, 230, PURPOSE_MESSAGE, "");
    run_sql(f, yesterday); /* what was taken of another day does not help today */
    assert_int_equal(explain(f, &g).why, REFUSE_DAY_FULL);
    assert_int_equal(put(f, &g), REFUSE_DAY_FULL);
    free(yesterday);
    char *today = xasprintf("UPDATE transfer SET day = day + 1 WHERE id = '%s'", message.id.text);
    run_sql(f, today);
    free(today);
    granted(f, &g);
    assert_clean(f);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup_none, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(fetched_files_make_room), T(room_in_each_limit),   T(room_is_for_nothing_else),
        T(broken_uploads_go_first), T(who_is_sending_stays), T(broken_uploads_in_each_limit),
    };
    return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
