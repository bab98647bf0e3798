/* Each limit by itself: what just fits, what does not, which one is named, what the explanation says, and
 * that everything a row took comes back on every way it can die. */
#include "tests/unit/limits_fixture.h"

#include "storage/expiry.h"
#include "storage/usage.h"

/* --- the limits --- */

static void bytes_of_a_user(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "user_quota = 1000\nmax_file_size = 5000");
    struct grant a = file(f, 600, PURPOSE_MESSAGE, ""), b = file(f, 401, PURPOSE_MESSAGE, "");
    assert_int_equal(put(f, &a), REFUSE_OK);
    refused(f, &b, REFUSE_QUOTA_FULL);
    struct grant_limit l = explain(f, &b);
    assert_true(l.used == 600 && l.limit == 1000 && !l.inbox);
    b = file(f, 400, PURPOSE_PROFILE, "");
    assert_int_equal(advice(f, &b), REFUSE_OK);
    assert_int_equal(put(f, &b), REFUSE_OK);
    b = file(f, 1, PURPOSE_MESSAGE, "");
    refused(f, &b, REFUSE_QUOTA_FULL);
    assert_int_equal(removed(f, &a.id), REFUSE_OK);
    assert_int_equal(explain(f, &b).why, REFUSE_OK);
    assert_int_equal(put(f, &b), REFUSE_OK);
    assert_clean(f);
}

static void bytes_of_a_purpose(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "quota_profile = 100\nquota_ephemeral = 50");
    struct grant g = file(f, 100, PURPOSE_PROFILE, ""), big = file(f, 51, PURPOSE_EPHEMERAL, "");
    refused(f, &big, REFUSE_PURPOSE_FULL); /* larger than the quota itself: also for a user who has nothing */
    assert_int_equal(explain(f, &big).frees, 0);
    assert_int_equal(put(f, &g), REFUSE_OK);
    g = file(f, 1, PURPOSE_PROFILE, "");
    refused(f, &g, REFUSE_PURPOSE_FULL);
    struct grant_limit l = explain(f, &g);
    assert_true(l.used == 100 && l.limit == 100);
    for (enum purpose p = 0; p < PURPOSE_COUNT; p++) { /* the others have their own */
        g = file(f, 50, p, "");
        if (p != PURPOSE_PROFILE)
            assert_int_equal(put(f, &g), REFUSE_OK);
    }
    struct usage_figures u = figures(f, ALICE);
    assert_int_equal(u.used, 250);
    assert_int_equal(u.purpose_used[PURPOSE_PROFILE], 100);
    assert_int_equal(u.purpose_used[PURPOSE_EPHEMERAL], 50);
    fixture_restart(f); /* the advice is there after a start */
    g = file(f, 1, PURPOSE_PROFILE, "");
    refused(f, &g, REFUSE_PURPOSE_FULL);
    assert_clean(f);
}

static void number_of_files(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "user_files = 2");
    struct grant g = file(f, 0, PURPOSE_MESSAGE, ""); /* an empty file is one too */
    struct ferry_id first = g.id;
    assert_int_equal(put(f, &g), REFUSE_OK);
    g = file(f, 7, PURPOSE_MESSAGE, "");
    assert_int_equal(put(f, &g), REFUSE_OK);
    g = file(f, 0, PURPOSE_MESSAGE, "");
    refused(f, &g, REFUSE_FILES_FULL);
    struct grant_limit l = explain(f, &g);
    assert_true(l.used == 2 && l.limit == 2);
    assert_int_equal(removed(f, &first), REFUSE_OK);
    assert_int_equal(put(f, &g), REFUSE_OK);
    assert_int_equal(figures(f, ALICE).files, 2);
    fixture_restart(f);
    g = file(f, 0, PURPOSE_MESSAGE, "");
    refused(f, &g, REFUSE_FILES_FULL);
    assert_clean(f);
}

static void a_day(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "daily_quota = 100");
    struct grant g = file(f, 60, PURPOSE_MESSAGE, "");
    assert_int_equal(put(f, &g), REFUSE_OK);
    assert_int_equal(removed(f, &g.id), REFUSE_OK); /* does not give the day back */
    struct grant more = file(f, 41, PURPOSE_MESSAGE, "");
    refused(f, &more, REFUSE_DAY_FULL);
    struct grant_limit l = explain(f, &more);
    assert_true(l.used == 60 && l.limit == 100);
    assert_int_equal(l.frees, (clock_wall() / 86400 + 1) * 86400);
    struct incoming *in;
    g = file(f, 40, PURPOSE_MESSAGE, "");
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK); /* what fails does */
    incoming_discard(&in, REFUSE_OK);
    WAIT_UNTIL(figures(f, ALICE).day_used == 60);
    assert_int_equal(put(f, &g), REFUSE_OK);
    assert_clean(f);
}

static void the_inbox(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "inbox_quota = 100\ninbox_files = 2");
    struct grant g = file(f, 100, PURPOSE_MESSAGE, BOB);
    assert_int_equal(put(f, &g), REFUSE_OK);
    struct grant more = file(f, 1, PURPOSE_MESSAGE, BOB);
    refused(f, &more, REFUSE_INBOX_FULL);
    struct grant_limit l = explain(f, &more); /* what bob has is not alice's to know */
    assert_true(l.inbox && l.used == 0 && l.limit == 0 && l.frees % 3600 == 0 && l.frees > clock_wall());
    more = file(f, 1, PURPOSE_MESSAGE, "");
    assert_int_equal(put(f, &more), REFUSE_OK);
    more = file(f, 1, PURPOSE_MESSAGE, ALICE); /* to herself: not an inbox */
    assert_int_equal(put(f, &more), REFUSE_OK);
    assert_int_equal(removed(f, &g.id), REFUSE_OK);
    for (int i = 0; i < 2; i++) {
        more = file(f, 0, PURPOSE_MESSAGE, BOB);
        assert_int_equal(put(f, &more), REFUSE_OK);
    }
    more = file(f, 0, PURPOSE_MESSAGE, BOB);
    refused(f, &more, REFUSE_INBOX_FULL);
    assert_int_equal(figures(f, BOB).inbox_files, 2);
    assert_int_equal(figures(f, ALICE).inbox_files, 0);
    assert_clean(f);
}

static void all_together_and_the_disk(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "total_quota = 100");
    struct grant g = file(f, 100, PURPOSE_MESSAGE, "");
    g.owner = "";
    assert_int_equal(put(f, &g), REFUSE_OK);
    g = file(f, 1, PURPOSE_MESSAGE, "");
    refused(f, &g, REFUSE_TOTAL_FULL);
    struct grant_limit l = explain(f, &g);
    assert_true(l.used == 0 && l.limit == 0 && l.frees > clock_wall());
    storage_close(&f->st);
    fixture_conf(f, "reserve = 100000T\n");
    fixture_open(f, true);
    refused(f, &g, REFUSE_DISK_FULL);
    assert_int_equal(explain(f, &g).frees, 0);
}

static void the_advice_follows_the_configuration(void **state)
{
    struct fixture *f = *state;
    struct gc_report gc;
    fixture_new(f, "");
    struct grant g = file(f, 500, PURPOSE_MESSAGE, "");
    assert_int_equal(put(f, &g), REFUSE_OK);
    fixture_conf(f, "user_quota = 600\n");
    assert_int_equal(expiry_gc(f->st, &gc), REFUSE_OK); /* a round, as each minute */
    g = file(f, 101, PURPOSE_MESSAGE, "");
    refused(f, &g, REFUSE_QUOTA_FULL);
    fixture_conf(f, "user_quota = 601\n");
    assert_int_equal(advice(f, &g), REFUSE_OK);
    assert_int_equal(put(f, &g), REFUSE_OK);
}

/* --- when there will be room --- */

static void files_that_expire_make_room(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "user_quota = 1000\nquota_profile = 300\nuser_files = 5");
    int64_t now = clock_wall();
    static const struct {
        int size, after;
        enum purpose purpose;
    } files[] = {{100, 5000, PURPOSE_MESSAGE},
                 {200, 1000, PURPOSE_PROFILE},
                 {100, 3000, PURPOSE_PROFILE},
                 {500, 2000, PURPOSE_MESSAGE}};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct grant g = file(f, files[i].size, files[i].purpose, "");
        g.expires = now + files[i].after;
        assert_int_equal(put(f, &g), REFUSE_OK);
    }
    static const struct {
        int size;
        enum purpose purpose;
        enum refuse why;
        int after;
    } asked[] = {{101, PURPOSE_MESSAGE, REFUSE_QUOTA_FULL, 1000}, /* 900 used: the first to go is enough */
                 {300, PURPOSE_MESSAGE, REFUSE_QUOTA_FULL, 1000},
                 {301, PURPOSE_MESSAGE, REFUSE_QUOTA_FULL, 2000}, /* then the second */
                 {1000, PURPOSE_MESSAGE, REFUSE_QUOTA_FULL, 5000},
                 {1001, PURPOSE_MESSAGE, REFUSE_QUOTA_FULL, 0}, /* never */
                 {1, PURPOSE_PROFILE, REFUSE_PURPOSE_FULL, 1000},
                 {201, PURPOSE_PROFILE, REFUSE_PURPOSE_FULL, 3000}};
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        struct grant g = file(f, asked[i].size, asked[i].purpose, "");
        struct grant_limit l = explain(f, &g);
        assert_int_equal(l.why, asked[i].why);
        assert_int_equal(l.frees, asked[i].after ? now + asked[i].after : 0);
    }
    struct grant g = file(f, 0, PURPOSE_MESSAGE, "");
    assert_int_equal(put(f, &g), REFUSE_OK);
    g = file(f, 400, PURPOSE_MESSAGE, ""); /* two limits: when neither is in the way any more */
    struct grant_limit l = explain(f, &g);
    assert_int_equal(l.why, REFUSE_QUOTA_FULL);
    assert_int_equal(l.frees, now + 2000);
    g = file(f, 0, PURPOSE_MESSAGE, "");
    assert_int_equal(explain(f, &g).why, REFUSE_FILES_FULL);
    assert_int_equal(explain(f, &g).frees, now + 1000);
}

static void in_words(void **state)
{
    fixture_new(*state, "");
    struct grant_limit l = {.why = REFUSE_QUOTA_FULL, .used = 950000000, .limit = 1000000000, .frees = 0};
    assert_words(&l, "950.0 MB of 1.0 GB are used.", "已使用 950.0 MB，共 1.0 GB。");
    l.frees = 1796112000;
    assert_words(&l, "950.0 MB of 1.0 GB are used. There will be room on 2026-12-01 at 08:00 UTC.",
                 "已使用 950.0 MB，共 1.0 GB。预计 2026-12-01 08:00（UTC）会有可用空间。");
    l = (struct grant_limit){.why = REFUSE_FILES_FULL, .used = 10, .limit = 10};
    assert_words(&l, "10 of 10 files are used.", "已使用 10 个文件，上限为 10 个。");
    l = (struct grant_limit){.why = REFUSE_DAY_FULL, .used = 10, .limit = 1000};
    assert_words(&l, "10 B of today's 1.0 kB are used.", "今日已上传 10 B，每日限额为 1.0 kB。");
    l = (struct grant_limit){.why = REFUSE_INBOX_FULL, .inbox = true};
    assert_words(&l, "", "");
    l = (struct grant_limit){.why = REFUSE_DISK_FULL};
    assert_words(&l, "", "");
}

/* --- every way a row dies gives all of it back --- */

static void assert_nothing_left(struct fixture *f)
{
    WAIT_UNTIL(totals(f).bytes == 0 && figures(f, ALICE).files == 0);
    struct usage_figures a = figures(f, ALICE), b = figures(f, BOB);
    assert_true(a.used == 0 && a.files == 0 && a.purpose_used[PURPOSE_EPHEMERAL] == 0);
    assert_true(b.inbox_used == 0 && b.inbox_files == 0);
    assert_clean(f);
}

/* Given up, brought again, twice at once, stored, and removed twice. */
static void many_ends_of_one(struct fixture *f, int64_t size)
{
    struct incoming *in, *newer;
    struct grant g = file(f, size, PURPOSE_EPHEMERAL, BOB);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK); /* given up */
    assert_int_equal(figures(f, ALICE).files, 1);
    assert_int_equal(figures(f, BOB).inbox_files, 1);
    incoming_discard(&in, REFUSE_OK);
    assert_nothing_left(f);

    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK); /* and again: two at once are one row */
    assert_int_equal(claim(f, &g, 0, &newer), REFUSE_OK);
    assert_int_equal(figures(f, ALICE).files, 1);
    incoming_discard(&in, REFUSE_OK);
    assert_int_equal(incoming_write(newer, zeros, (size_t)size), REFUSE_OK);
    assert_int_equal(figures(f, ALICE).files, 1);
    assert_int_equal(commit(&newer, NULL), REFUSE_OK);
    assert_int_equal(figures(f, ALICE).files, 1);
    assert_int_equal(removed(f, &g.id), REFUSE_OK); /* removed, twice */
    assert_int_equal(removed(f, &g.id), REFUSE_OK);
    assert_nothing_left(f);
}

static void given_back_once(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    fixture_new(f, "[slots]\nresume_for = 1s");
    for (int i = 0; i < 2; i++) {
        int64_t size = i ? 50 : 0;
        many_ends_of_one(f, size);

        struct grant g = file(f, size, PURPOSE_EPHEMERAL, BOB); /* removed while it comes in */
        assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
        assert_int_equal(removed(f, &g.id), REFUSE_OK);
        assert_int_equal(commit(&in, NULL), REFUSE_REMOVED);
        assert_nothing_left(f);

        g = file(f, size, PURPOSE_EPHEMERAL, BOB); /* in band: the row goes */
        g.took = TOOK_SI;
        assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
        incoming_discard(&in, REFUSE_BROKEN_OFF);
        assert_nothing_left(f);

        g = file(f, size, PURPOSE_EPHEMERAL, BOB); /* expired */
        g.expires = clock_wall() + 1;
        assert_int_equal(put(f, &g), REFUSE_OK);
        assert_nothing_left(f);

        g = file(f, size, PURPOSE_EPHEMERAL, BOB); /* left open by a stop of the daemon */
        assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
        incoming_discard(&in, REFUSE_OK);
        fixture_restart(f);
        assert_nothing_left(f);

        g = file(f, size, PURPOSE_EPHEMERAL, BOB); /* purged, from either end */
        assert_int_equal(put(f, &g), REFUSE_OK);
        assert_int_equal(transfer_purge(f->st, i ? ALICE : BOB, "account"), REFUSE_OK);
        assert_nothing_left(f);
    }
}

/* --- fsck --- */

static void fsck_finds_and_mends_each_figure(void **state)
{
    static const struct {
        const char *damage, *says;
    } all[] = {
        {"UPDATE usage SET used = used + 1 WHERE jid = '" ALICE "'", ALICE ": used 11, should be 10"},
        {"UPDATE usage SET files = 0 WHERE jid = '" ALICE "'", ALICE ": files 0, should be 1"},
        {"UPDATE usage SET inbox_used = 9 WHERE jid = '" BOB "'", BOB ": inbox used 9, should be 10"},
        {"UPDATE usage SET inbox_files = 7 WHERE jid = '" BOB "'", BOB ": inbox files 7, should be 1"},
        {"UPDATE usage SET used_profile = 2 WHERE jid = '" ALICE "'", ALICE ": profile 2, should be 10"},
        {"UPDATE usage SET used_permanent = 5 WHERE jid = '" ALICE "'", ALICE ": permanent 5, should be 0"},
        {"INSERT INTO usage(jid, used) VALUES ('x@localhost', 5)", "x@localhost: used 5, should be 0"},
        {"DELETE FROM usage WHERE jid = '" BOB "'",
         BOB ": inbox used 0, should be 10; " BOB ": inbox files 0, should be 1"},
        {"UPDATE total SET used = 3, files = 2", "total: used 3, should be 10; total: files 2, should be 1"},
    };
    struct fixture *f = *state;
    fixture_new(f, "");
    struct grant g = file(f, 10, PURPOSE_PROFILE, BOB);
    assert_int_equal(put(f, &g), REFUSE_OK);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct check_report r;
        run_sql(f, all[i].damage);
        check_all(f->st, &r);
        assert_int_equal(r.figures, 1);
        assert_string_equal(r.detail.data, all[i].says);
        buf_free(&r.detail);
        assert_clean(f);
    }
    run_sql(f, "UPDATE usage SET used = 0, files = 0, inbox_used = 0, inbox_files = 0, used_profile = 0");
    run_sql(f, "UPDATE total SET used = 0, files = 0");
    assert_int_equal(removed(f, &g.id), REFUSE_OK); /* damage does not keep a file from dying */
    assert_clean(f);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup_none, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(bytes_of_a_user),
        T(bytes_of_a_purpose),
        T(number_of_files),
        T(a_day),
        T(the_inbox),
        T(all_together_and_the_disk),
        T(the_advice_follows_the_configuration),
        T(files_that_expire_make_room),
        T(in_words),
        T(given_back_once),
        T(fsck_finds_and_mends_each_figure),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
