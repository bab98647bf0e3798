/* Each limit by itself: what just fits, what does not, which one is named, what the explanation says, and
 * that everything a row took comes back on every way it can die. */
#include "tests/unit/storage_fixture.h"

#include <sqlite3.h>

#include "storage/expiry.h"
#include "storage/index.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"
#include "storage/usage.h"

#define ALICE "alice@localhost"
#define BOB "bob@localhost"

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return 0;
}

static int teardown(void **state)
{
    fixture_free(*state);
    free(*state);
    return 0;
}

/* --- tools --- */

static struct grant file(struct fixture *f, int64_t size, enum purpose purpose, const char *to)
{
    struct grant g = fixture_grant(f, size);
    g.purpose = purpose;
    g.to = to;
    return g;
}

static const char zeros[100000];

static enum refuse put(struct fixture *f, const struct grant *g)
{
    return store(f, g, zeros);
}

static enum refuse advice(struct fixture *f, const struct grant *g)
{
    struct grant again = *g;
    return grant_new(f->st, &again);
}

struct explained {
    sem_t sem;
    struct grant_limit limit;
};

static void on_explained(void *arg, const struct grant_limit *limit)
{
    struct explained *e = arg;
    e->limit = *limit;
    sem_post(&e->sem);
}

static struct grant_limit explain(struct fixture *f, const struct grant *g)
{
    struct explained e = {0};
    struct timespec until;
    sem_init(&e.sem, 0, 0);
    grant_explain(f->st, g, NULL, on_explained, &e);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    assert_int_equal(sem_timedwait(&e.sem, &until), 0);
    sem_destroy(&e.sem);
    return e.limit;
}

static struct usage_figures figures(struct fixture *f, const char *jid)
{
    struct usage_figures u;
    index_usage_get(index_reader(f->st->index), jid, &u);
    return u;
}

static void fetch(struct fixture *f, const struct ferry_id *id)
{
    struct arena *arena = arena_get(NULL);
    struct transfer t = {0};
    transfer_fetched(f->st, id);
    WAIT_UNTIL(transfer_lookup(f->st, id, arena, &t) == REFUSE_OK && t.fetched);
    arena_put(arena);
}

static void run_sql(struct fixture *f, const char *statement)
{
    char path[96];
    sqlite3 *h;
    snprintf(path, sizeof path, "%s/spool/index.db", f->dir);
    assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
    sqlite3_busy_timeout(h, 20000);
    assert_int_equal(sqlite3_exec(h, statement, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(h);
}

static void assert_words(const struct grant_limit *l, const char *en, const char *zh)
{
    struct buf out = {0};
    buf_adds(&out, "");
    grant_limit_words(l, "en", &out);
    assert_string_equal(out.data, en);
    buf_free(&out);
    buf_adds(&out, "");
    grant_limit_words(l, "zh-Hans", &out);
    assert_string_equal(out.data, zh);
    buf_free(&out);
}

/* Refused with `why` by everybody who is asked: the claim, the advice, the explanation. */
static void refused(struct fixture *f, const struct grant *g, enum refuse why)
{
    struct incoming *in = NULL;
    assert_int_equal(claim(f, g, 0, &in), why);
    assert_int_equal(advice(f, g), why);
    assert_int_equal(explain(f, g).why, why);
}

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

static void given_back_once(void **state)
{
    struct fixture *f = *state;
    struct incoming *in, *newer;
    fixture_new(f, "[slots]\nresume_for = 1s");
    for (int i = 0; i < 2; i++) {
        int64_t size = i ? 50 : 0;
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

        g = file(f, size, PURPOSE_EPHEMERAL, BOB); /* removed while it comes in */
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

/* --- make_room --- */

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
        {"UPDATE usage_purpose SET used = 2 WHERE purpose = 1", ALICE ": profile 2, should be 10"},
        {"INSERT INTO usage_purpose VALUES ('" ALICE "', 3, 5)", ALICE ": permanent 5, should be 0"},
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
    run_sql(f, "UPDATE usage SET used = 0, files = 0, inbox_used = 0, inbox_files = 0");
    run_sql(f, "UPDATE usage_purpose SET used = 0");
    run_sql(f, "UPDATE total SET used = 0, files = 0");
    assert_int_equal(removed(f, &g.id), REFUSE_OK); /* damage does not keep a file from dying */
    assert_clean(f);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
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
        T(fetched_files_make_room),
        T(room_in_each_limit),
        T(room_is_for_nothing_else),
        T(fsck_finds_and_mends_each_figure),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
