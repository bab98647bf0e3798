/* Row 112: quotas are exact under any interleaving; what is given up comes back once. */
#include "tests/unit/storage_fixture.h"

#include "storage/usage.h"

enum { RACERS = 64, SIZE = 1000, ROOM = 20 };

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
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(row112_every_limit),    T(row112_room_is_made_once),  T(row112_exactly_those_that_fit),
        T(row112_the_inbox_too),  T(row112_all_users_together), T(one_slot_is_won_once),
        T(reserve_is_never_used), T(a_day_has_its_own_quota),
    };
    return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}
