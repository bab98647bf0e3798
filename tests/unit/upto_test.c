/* Files whose size nobody knows before their end (GRANT_UP_TO): what they take, what they give back, and
 * where they end. */
#include "tests/unit/limits_fixture.h"

#include "storage/spool.h"

enum { KIB = 1024 };

static const char conf[] = "max_file_size = 64K\nuser_quota = 16K\ninbox_quota = 32K\ndaily_quota = 40K\n"
                           "quota_message = 24K\ntotal_quota = 48K\n";

static struct grant unsized(struct fixture *f)
{
    struct grant g = file(f, conf_get()->storage_max_file_size, PURPOSE_MESSAGE, BOB);
    g.flags = GRANT_UP_TO | GRANT_NOTIFY_OWNER;
    g.took = TOOK_JINGLE;
    return g;
}

static void assert_figures(struct fixture *f, int64_t bytes, int64_t files)
{
    struct usage_figures alice = figures(f, ALICE), bob = figures(f, BOB);
    assert_int_equal(alice.used, bytes);
    assert_int_equal(alice.day_used, bytes);
    assert_int_equal(alice.purpose_used[PURPOSE_MESSAGE], bytes);
    assert_int_equal(alice.files, files);
    assert_int_equal(bob.inbox_used, bytes);
    assert_int_equal(bob.inbox_files, files);
    assert_int_equal(totals(f).bytes, bytes);
}

static int64_t size_of(struct fixture *f, const struct ferry_id *id)
{
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    assert_int_equal(transfer_lookup(f->st, id, arena, &t), REFUSE_OK);
    int64_t size = t.size;
    arena_put(arena);
    return size;
}

static void the_commit_gives_the_rest_back(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    enum refuse limit;
    fixture_new(f, conf);
    struct grant g = unsized(f);
    assert_int_equal(advice(f, &g), REFUSE_OK);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_most(in, &limit), 16 * KIB);
    assert_int_equal(limit, REFUSE_QUOTA_FULL);
    assert_figures(f, 16 * KIB, 1);
    assert_int_equal(incoming_write(in, zeros, 1000), REFUSE_OK);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    assert_figures(f, 1000, 1);
    assert_int_equal(size_of(f, &g.id), 1000);
    struct grant next = unsized(f); /* has all the others left, but for those 1000 */
    assert_int_equal(claim(f, &next, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_most(in, &limit), 16 * KIB - 1000);
    assert_int_equal(commit(&in, NULL), REFUSE_OK); /* empty */
    assert_int_equal(size_of(f, &next.id), 0);
    assert_figures(f, 1000, 2);
    assert_clean(f);
    fixture_restart(f);
    assert_int_equal(lookup(f, &g.id), REFUSE_OK);
    assert_figures(f, 1000, 2);
    assert_clean(f);
}

/* Exactly as many bytes as it was granted: stored; one more: refused with the limit's name, all comes back.
 */
static void beyond_is_refused_by_name(void **state)
{
    static const struct {
        const char *conf;
        enum refuse why;
    } cases[] = {
        {"max_file_size = 5000", REFUSE_FILE_TOO_LARGE}, {"user_quota = 5000", REFUSE_QUOTA_FULL},
        {"inbox_quota = 5000", REFUSE_INBOX_FULL},       {"daily_quota = 5000", REFUSE_DAY_FULL},
        {"quota_message = 5000", REFUSE_PURPOSE_FULL},   {"total_quota = 5000", REFUSE_TOTAL_FULL},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct incoming *in;
        enum refuse limit;
        fixture_new(f, cases[i].conf);
        struct grant g = unsized(f);
        assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
        assert_int_equal(incoming_most(in, &limit), 5000);
        assert_int_equal(limit, cases[i].why);
        assert_int_equal(incoming_write(in, zeros, 4999), REFUSE_OK);
        assert_int_equal(incoming_write(in, zeros, 2), cases[i].why);
        incoming_discard(&in, cases[i].why);
        WAIT_UNTIL(totals(f).bytes == 0 && totals(f).receiving == 0);
        assert_figures(f, 0, 0);
        assert_int_equal(totals(f).outbox, 1); /* "not stored", and why */
        g = unsized(f);
        assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
        assert_int_equal(incoming_write(in, zeros, 5000), REFUSE_OK);
        assert_int_equal(commit(&in, NULL), REFUSE_OK);
        assert_figures(f, 5000, 1);
        assert_clean(f);
        if (cases[i].why != REFUSE_FILE_TOO_LARGE) { /* nothing is left: no claim at all */
            g = unsized(f);
            assert_int_equal(claim(f, &g, 0, &in), cases[i].why);
        }
        if (i + 1 < ARRAY_LEN(cases))
            fixture_free(f);
    }
}

enum { RACERS = 48 };

struct racer {
    struct fixture *f;
    struct grant g;
    enum refuse r;
    int bytes;
};

static void *race(void *arg)
{
    struct racer *x = arg;
    struct incoming *in;
    enum refuse limit;
    x->r = claim(x->f, &x->g, 0, &in);
    if (x->r != REFUSE_OK)
        return NULL;
    if (x->bytes > incoming_most(in, &limit))
        x->bytes = (int)incoming_most(in, &limit);
    x->r = incoming_write(in, zeros, (size_t)x->bytes);
    if (x->r == REFUSE_OK)
        x->r = commit(&in, NULL);
    return NULL;
}

/* Files of known and of unknown size together: what is stored is what is counted, and never too much. */
static void exact_under_any_interleaving(void **state)
{
    struct fixture *f = *state;
    static struct racer all[RACERS];
    pthread_t threads[RACERS];
    int64_t sum = 0, files = 0;
    fixture_new(f, "max_file_size = 4000\nuser_quota = 20000");
    for (int i = 0; i < RACERS; i++) {
        bool known = i % 3 == 0;
        all[i] = (struct racer){.f = f, .g = unsized(f), .bytes = 200 + 10 * i};
        if (known) {
            all[i].g.flags = 0;
            all[i].g.size = all[i].bytes;
        }
        pthread_create(&threads[i], NULL, race, &all[i]);
    }
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        if (all[i].r == REFUSE_OK) {
            sum += all[i].bytes;
            files++;
        } else {
            assert_int_equal(all[i].r, REFUSE_QUOTA_FULL);
        }
    }
    assert_true(sum <= 20000 && files > 0);
    assert_figures(f, sum, files);
    assert_clean(f);
}

static void shell(struct fixture *f, const char *what)
{
    char *command = xasprintf("cd '%s' && %s", f->dir, what);
    assert_int_equal(system(command), 0);
    free(command);
}

/* In the middle of the bytes, and when the file has its place and the row is not committed. */
static void a_kill_gives_all_of_it_back(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    char path[256];
    fixture_new(f, conf);
    for (int published = 0; published < 2; published++) {
        struct grant g = unsized(f);
        assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
        assert_int_equal(incoming_write(in, zeros, 3000), REFUSE_OK);
        shell(f, "cp -a spool killed");
        if (published) {
            data_path(f, &g.id, 1, path);
            char *mv = xasprintf("mv killed/tmp/%s.1 killed/data/%c/", g.id.text, g.id.text[0]);
            shell(f, mv);
            free(mv);
        }
        incoming_discard(&in, REFUSE_OK);
        storage_close(&f->st);
        shell(f, "rm -rf spool && mv killed spool");
        fixture_open(f, true);
        assert_figures(f, 0, 0);
        assert_int_equal(totals(f).outbox, published + 1);
        assert_int_equal(files_in(f, "tmp"), 0);
        assert_int_equal(files_in(f, "data"), 0);
        assert_clean(f);
    }
}

/* As for a file of 1 MiB, or of the largest size that is taken. */
static void full_quotas_make_room_for_a_small_one(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    enum refuse limit;
    struct grant old[4];
    fixture_new(f, "max_file_size = 100000\nuser_quota = 320000\nmake_room = yes");
    for (int i = 0; i < 4; i++) {
        old[i] = file(f, 80000, PURPOSE_MESSAGE, BOB);
        assert_int_equal(put(f, &old[i]), REFUSE_OK);
    }
    struct grant g = unsized(f);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_QUOTA_FULL);
    fetch(f, &old[0].id);
    assert_int_equal(removed(f, &old[1].id), REFUSE_OK);
    fixture_conf(f, "max_file_size = 600000\nuser_quota = 320000\nmake_room = yes");
    g = unsized(f);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK); /* so much cannot be: what is left, and nothing goes */
    assert_int_equal(incoming_most(in, &limit), 80000);
    assert_int_equal(lookup(f, &old[0].id), REFUSE_OK);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    fixture_conf(f, "max_file_size = 100000\nuser_quota = 320000\nmake_room = yes");
    g = unsized(f);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_most(in, &limit), 100000);
    assert_int_equal(lookup(f, &old[0].id), REFUSE_REMOVED);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    assert_clean(f);
}

/* A sparse promise: the disk is not asked for what may never come, and nobody reads along. */
static void takes_of_the_disk_what_comes(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct stat sb;
    char path[256];
    fixture_new(f, "max_file_size = 8M");
    struct grant g = unsized(f);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, zeros, 5000), REFUSE_OK);
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    struct tail *tl;
    assert_int_equal(tail_open(f->st, &g.id, arena, &tl, &t), REFUSE_NOT_YET);
    arena_put(arena);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    data_path(f, &g.id, 1, path);
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_size, 5000);
    assert_true(sb.st_blocks * 512 < 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_commit_gives_the_rest_back, fixture_setup_none, fixture_teardown),
        cmocka_unit_test_setup_teardown(beyond_is_refused_by_name, fixture_setup_none, fixture_teardown),
        cmocka_unit_test_setup_teardown(exact_under_any_interleaving, fixture_setup_none, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_kill_gives_all_of_it_back, fixture_setup_none, fixture_teardown),
        cmocka_unit_test_setup_teardown(full_quotas_make_room_for_a_small_one, fixture_setup_none,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(takes_of_the_disk_what_comes, fixture_setup_none, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
