/* Row 112: quotas are exact under any interleaving; what is given up comes back once. */
#include "tests/unit/storage_fixture.h"

#include "storage/account.h"
#include "storage/index.h"
#include "storage/internal.h"
#include "storage/usage.h"

enum { RACERS = 64, SIZE = 1000, ROOM = 20 };

static enum refuse advice(struct fixture *f, const char *owner, const char *to, int64_t size)
{
    return usage_advice(f->st,
                        &(struct charge){.owner = owner, .to = to, .size = size, .day = usage_today()});
}

struct racer {
    struct fixture *f;
    struct grant g;
    struct incoming *in;
    enum refuse r;
    pthread_barrier_t *start;
    bool finish;
};

static void *race(void *arg)
{
    struct racer *x = arg;
    char data[SIZE] = {0};
    pthread_barrier_wait(x->start);
    x->r = claim(x->f, &x->g, 0, &x->in);
    if (x->r == REFUSE_OK && x->finish) {
        if (incoming_write(x->in, data, SIZE) == REFUSE_OK)
            x->r = commit(&x->in, NULL);
    }
    return NULL;
}

/* The number that got through; the rest was refused with `refusal`. */
static int race_all(struct fixture *f, struct racer *all, bool finish, enum refuse refusal,
                    void (*edit)(struct grant *g, int i))
{
    pthread_t threads[RACERS];
    pthread_barrier_t start;
    int through = 0;
    pthread_barrier_init(&start, NULL, RACERS);
    for (int i = 0; i < RACERS; i++) {
        all[i] = (struct racer){.f = f, .g = fixture_grant(f, SIZE), .start = &start, .finish = finish};
        edit(&all[i].g, i);
        pthread_create(&threads[i], NULL, race, &all[i]);
    }
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        through += all[i].r == REFUSE_OK;
        if (all[i].r != REFUSE_OK)
            assert_int_equal(all[i].r, refusal);
    }
    pthread_barrier_destroy(&start);
    return through;
}

static void one_sender(struct grant *g, int i)
{
    g->to = "";
}

static void one_receiver(struct grant *g, int i)
{
    static char names[RACERS][32];
    snprintf(names[i], sizeof names[i], "u%d@localhost", i);
    g->owner = names[i];
}

static void row112_exactly_those_that_fit(void **state)
{
    struct fixture *f = *state;
    static struct racer all[RACERS];
    fixture_new(f, "user_quota = 20000");
    assert_int_equal(race_all(f, all, true, REFUSE_QUOTA_FULL, one_sender), ROOM);
    assert_int_equal(totals(f).bytes, ROOM * SIZE);
    assert_int_equal(advice(f, "alice@localhost", "", 1), REFUSE_QUOTA_FULL);
    assert_int_equal(advice(f, "carol@localhost", "alice@localhost", 1), REFUSE_OK);
    for (int i = 0; i < RACERS; i++)
        if (all[i].r == REFUSE_OK)
            assert_int_equal(removed(f, &all[i].g.id), REFUSE_OK);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(advice(f, "alice@localhost", "", 1), REFUSE_OK);
    assert_clean(f);
}

static void row112_the_inbox_too(void **state)
{
    struct fixture *f = *state;
    static struct racer all[RACERS];
    fixture_new(f, "inbox_quota = 20999");
    assert_int_equal(race_all(f, all, true, REFUSE_INBOX_FULL, one_receiver), ROOM);
    assert_clean(f);
    fixture_restart(f); /* the advice is there after a start */
    assert_int_equal(advice(f, "x@localhost", "bob@localhost", SIZE), REFUSE_INBOX_FULL);
    assert_int_equal(advice(f, "bob@localhost", "bob@localhost", SIZE), REFUSE_OK);
}

static void row112_all_users_together(void **state)
{
    struct fixture *f = *state;
    static struct racer all[RACERS];
    fixture_new(f, "total_quota = 20000");
    assert_int_equal(race_all(f, all, false, REFUSE_TOTAL_FULL, one_receiver), ROOM);
    for (int i = 0; i < RACERS; i++) /* given up: all of it is back */
        incoming_discard(&all[i].in, REFUSE_OK);
    WAIT_UNTIL(totals(f).bytes == 0);
    assert_int_equal(race_all(f, all, true, REFUSE_TOTAL_FULL, one_receiver), ROOM);
    assert_clean(f);
}

static void for_a_profile(struct grant *g, int i)
{
    g->to = "";
    g->purpose = PURPOSE_PROFILE;
}

/* The room of ROOM files in each other limit. */
static void row112_every_limit(void **state)
{
    static const struct {
        const char *conf;
        enum refuse why;
        void (*edit)(struct grant *g, int i);
    } limits[] = {
        {"user_files = 20", REFUSE_FILES_FULL, one_sender},
        {"inbox_files = 20", REFUSE_INBOX_FULL, one_receiver},
        {"quota_profile = 20999", REFUSE_PURPOSE_FULL, for_a_profile},
        {"daily_quota = 20500", REFUSE_DAY_FULL, one_sender},
    };
    struct fixture *f = *state;
    static struct racer all[RACERS];
    for (size_t n = 0; n < ARRAY_LEN(limits); n++) {
        if (n > 0)
            fixture_free(f);
        fixture_new(f, limits[n].conf);
        assert_int_equal(race_all(f, all, true, limits[n].why, limits[n].edit), ROOM);
        assert_clean(f);
    }
}

/* ROOM fetched files make room for as many, however many ask at once. */
static void row112_room_is_made_once(void **state)
{
    struct fixture *f = *state;
    static struct racer all[RACERS];
    struct ferry_id old[ROOM];
    char data[SIZE] = {0};
    fixture_new(f, "user_quota = 20000\nmake_room = yes");
    for (int i = 0; i < ROOM; i++) {
        struct grant g = fixture_grant(f, SIZE);
        assert_int_equal(store(f, &g, data), REFUSE_OK);
        transfer_fetched(f->st, &g.id);
        old[i] = g.id;
    }
    assert_int_equal(race_all(f, all, true, REFUSE_QUOTA_FULL, one_sender), ROOM);
    for (int i = 0; i < ROOM; i++)
        assert_int_equal(lookup(f, &old[i]), REFUSE_REMOVED);
    assert_int_equal(totals(f).bytes, ROOM * SIZE);
    WAIT_UNTIL(files_in(f, "data") == ROOM);
    assert_clean(f);
}

/* --- everything at once --- */

enum { WALKERS = 6, STEPS = 150, FILES = 8 };

struct walker {
    struct fixture *f;
    unsigned seed;
    pthread_barrier_t *start;
    struct ferry_id mine[FILES]; /* stored ones, newest at the end of a ring */
    int n;
};

static void walk_one(struct walker *w, int dice)
{
    static const char *const people[] = {"alice@localhost", "bob@localhost", "carol@localhost", ""};
    static const char data[400];
    struct incoming *in;
    int64_t came;
    int64_t size = rand_r(&w->seed) % 4 ? rand_r(&w->seed) % 400 : 0;
    struct grant g = fixture_grant(w->f, size);
    g.owner = people[rand_r(&w->seed) % 4];
    g.to = people[rand_r(&w->seed) % 4];
    g.purpose = (enum purpose)(rand_r(&w->seed) % PURPOSE_COUNT);
    g.took = rand_r(&w->seed) % 3 ? TOOK_SLOT : TOOK_SI;
    g.expires = rand_r(&w->seed) % 8 ? 0 : clock_wall() + 1;
    if (claim(w->f, &g, 0, &in) != REFUSE_OK)
        return;
    if (dice < 2) { /* half of it, given up or kept, and perhaps another go */
        incoming_write(in, data, (size_t)size / 2);
        if (dice == 0 || g.took == TOOK_SI)
            incoming_discard(&in, REFUSE_BROKEN_OFF);
        else
            keep(&in, &came);
        if (rand_r(&w->seed) % 2 || claim(w->f, &g, 0, &in) != REFUSE_OK)
            return;
    }
    incoming_write(in, data, (size_t)size);
    if (commit(&in, NULL) == REFUSE_OK)
        w->mine[w->n++ % FILES] = g.id;
}

static void *walk(void *arg)
{
    struct walker *w = arg;
    pthread_barrier_wait(w->start);
    for (int i = 0; i < STEPS; i++) {
        int dice = rand_r(&w->seed) % 10, which = rand_r(&w->seed) % FILES;
        if (dice < 7)
            walk_one(w, dice);
        else if (which >= w->n)
            continue;
        else if (dice == 7)
            removed(w->f, &w->mine[which]);
        else
            transfer_fetched(w->f->st, &w->mine[which]);
    }
    return NULL;
}

static void assert_within(struct fixture *f)
{
    static const char *const people[] = {"alice@localhost", "bob@localhost", "carol@localhost"};
    struct usage_figures u;
    for (size_t i = 0; i < ARRAY_LEN(people); i++) {
        index_usage_get(index_reader(f->st->index), people[i], &u);
        assert_true(u.used <= 3000 && u.files <= 14 && u.purpose_used[PURPOSE_PROFILE] <= 700);
        assert_true(u.inbox_used <= 2500 && u.inbox_files <= 11);
    }
    assert_true(totals(f).bytes <= 9000);
}

/* Claims, commits, broken and repeated uploads, removals, fetches, expiry and made room, all at once, on
 * limits that are often full: no figure is ever above its limit, and in the end all are exact. */
static void row112_a_long_walk(void **state)
{
    struct fixture *f = *state;
    struct walker all[WALKERS];
    pthread_t threads[WALKERS];
    pthread_barrier_t start;
    fixture_new(f, "user_quota = 3000\nuser_files = 14\nquota_profile = 700\ninbox_quota = 2500\n"
                   "inbox_files = 11\ntotal_quota = 9000\nmake_room = yes");
    pthread_barrier_init(&start, NULL, WALKERS + 1);
    for (int i = 0; i < WALKERS; i++) {
        all[i] = (struct walker){.f = f, .seed = (unsigned)time(NULL) * 7 + (unsigned)i, .start = &start};
        pthread_create(&threads[i], NULL, walk, &all[i]);
    }
    print_message("seed %u\n", all[0].seed);
    pthread_barrier_wait(&start);
    for (int i = 0; i < 200; i++) {
        assert_within(f);
        usleep(1000);
    }
    for (int i = 0; i < WALKERS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    assert_within(f);
    assert_clean(f);
    fixture_restart(f);
    assert_clean(f);
    transfer_purge(f->st, "alice@localhost", "account");
    transfer_purge(f->st, "bob@localhost", "account");
    transfer_purge(f->st, "carol@localhost", "account");
    assert_clean(f);
}

/* An account is removed while 64 uploads of its user come in. */
static void a_removed_user_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    static struct racer all[RACERS];
    pthread_t threads[RACERS];
    pthread_barrier_t start;
    struct usage_figures u;
    fixture_new(f, "");
    assert_int_equal(account_create(f->st, "alice@localhost", "secret", 0), REFUSE_OK);
    pthread_barrier_init(&start, NULL, RACERS + 1);
    for (int i = 0; i < RACERS; i++) {
        all[i] = (struct racer){.f = f, .g = fixture_grant(f, SIZE), .start = &start, .finish = true};
        all[i].g.owner = i % 2 ? "alice@localhost" : "bob@localhost";
        all[i].g.to = i % 2 ? "bob@localhost" : "alice@localhost";
        pthread_create(&threads[i], NULL, race, &all[i]);
    }
    pthread_barrier_wait(&start);
    assert_int_equal(account_remove(f->st, "alice@localhost"), REFUSE_OK);
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        if (all[i].in)
            incoming_discard(&all[i].in, REFUSE_OK);
    }
    pthread_barrier_destroy(&start);
    WAIT_UNTIL(files_in(f, "data") + files_in(f, "tmp") == 0);
    assert_int_equal(totals(f).bytes + totals(f).files + totals(f).outbox, 0);
    index_usage_get(index_reader(f->st->index), "bob@localhost", &u);
    assert_true(u.used == 0 && u.files == 0 && u.inbox_used == 0 && u.inbox_files == 0);
    assert_clean(f);
}

static void one_slot_is_won_once(void **state)
{
    struct fixture *f = *state;
    static struct racer all[RACERS];
    static struct ferry_id id;
    pthread_t threads[RACERS];
    pthread_barrier_t start;
    int won = 0;
    fixture_new(f, "");
    pthread_barrier_init(&start, NULL, RACERS);
    id_new(f->st, &id);
    for (int i = 0; i < RACERS; i++) {
        all[i] = (struct racer){.f = f, .g = fixture_grant(f, SIZE), .start = &start, .finish = true};
        all[i].g.id = id;
        pthread_create(&threads[i], NULL, race, &all[i]);
    }
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        if (all[i].in) /* fenced while it wrote */
            incoming_discard(&all[i].in, REFUSE_OK);
        else
            won += all[i].r == REFUSE_OK;
    }
    pthread_barrier_destroy(&start);
    assert_int_equal(won, 1);
    assert_int_equal(totals(f).bytes, SIZE);
    assert_int_equal(totals(f).files, 1);
    storage_close(&f->st);
    fixture_open(f, true);
    assert_int_equal(files_in(f, "tmp"), 0);
    assert_int_equal(files_in(f, "data"), 1);
    assert_clean(f);
}

static void reserve_is_never_used(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    fixture_new(f, "reserve = 100000T");
    struct grant g = fixture_grant(f, 1);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_DISK_FULL);
    assert_int_equal(advice(f, "", "", 1), REFUSE_DISK_FULL);
    assert_clean(f);
}

static void a_day_has_its_own_quota(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "daily_quota = 1500");
    char data[SIZE] = {0};
    struct grant g = fixture_grant(f, SIZE);
    assert_int_equal(store(f, &g, data), REFUSE_OK);
    assert_int_equal(removed(f, &g.id), REFUSE_OK); /* does not give the day back */
    g = fixture_grant(f, SIZE);
    assert_int_equal(store(f, &g, data), REFUSE_DAY_FULL);
    assert_int_equal(advice(f, "alice@localhost", "", SIZE), REFUSE_DAY_FULL);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup_none, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(row112_a_long_walk),        T(a_removed_user_leaves_nothing), T(row112_every_limit),
        T(row112_room_is_made_once),  T(row112_exactly_those_that_fit), T(row112_the_inbox_too),
        T(row112_all_users_together), T(one_slot_is_won_once),          T(reserve_is_never_used),
        T(a_day_has_its_own_quota),
    };
    return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}
