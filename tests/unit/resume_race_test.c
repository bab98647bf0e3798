/* Many hands on one upload that broke off, and who loses it at the last moment: it is stored once, whole, and
 * nothing of it is left anywhere. */
#include "tests/unit/parts_fixture.h"

#include "storage/internal.h"

enum { HANDS = 6, ROUNDS = 60 };

struct hand {
    struct fixture *f;
    const struct grant *g;
    unsigned seed;
    atomic_int *stored;
};

/* Removed, or overtaken, while it is being published: the refusal says so, wherever it stood. */
static void *remove_it(void *arg)
{
    struct hand *h = arg;
    struct incoming *in;
    if (h->seed % 2)
        removed(h->f, &h->g->id);
    else if (claim(h->f, h->g, 0, &in) == REFUSE_OK)
        incoming_discard(&in, REFUSE_OK);
    return NULL;
}

static void lost_at_the_last_moment(void **state)
{
    struct fixture *f = *state;
    pthread_t other;
    for (unsigned i = 0; i < 200; i++) {
        struct grant g = kept(f, 30000);
        struct hand h = {.f = f, .g = &g, .seed = i};
        struct incoming *in;
        assert_int_equal(resume(f, &g, 30000, 0, &in), REFUSE_OK);
        assert_int_equal(incoming_write(in, data + 30000, SIZE - 30000), REFUSE_OK);
        pthread_create(&other, NULL, remove_it, &h);
        usleep(i * 10);
        enum refuse r = commit(&in, NULL);
        pthread_join(other, NULL);
        if (r != REFUSE_OK)
            assert_int_equal(r, i % 2 ? REFUSE_REMOVED : REFUSE_SLOT_BUSY);
    }
    WAIT_UNTIL(files_in(f, "tmp") == 0);
    assert_false(storage_read_only(f->st));
    assert_clean(f);
}

static void end_somehow(struct hand *h, struct incoming *in, int64_t at)
{
    int64_t received;
    if (at == SIZE && rand_r(&h->seed) % 2) {
        struct incoming_end end = {.has_sha256 = true};
        EVP_Digest(data, SIZE, end.sha256, NULL, EVP_sha256(), NULL);
        if (commit(&in, &end) == REFUSE_OK)
            atomic_fetch_add(h->stored, 1);
    } else if (rand_r(&h->seed) % 8) {
        keep(&in, &received);
    } else {
        incoming_discard(&in, REFUSE_OK);
    }
}

static void *play(void *arg)
{
    struct hand *h = arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct incoming *in;
        struct transfer_progress p = {0};
        if (transfer_progress(h->f->st, h->g, &p) != REFUSE_OK || p.complete)
            break;
        bool anew = rand_r(&h->seed) % 16 == 0;
        int64_t at = anew ? 0 : p.offset;
        if ((anew ? claim(h->f, h->g, INCOMING_RESUMABLE, &in)
                  : resume(h->f, h->g, at, INCOMING_RESUMABLE, &in)) != REFUSE_OK)
            continue;
        for (int pieces = rand_r(&h->seed) % 6; pieces > 0 && at < SIZE; pieces--) {
            int64_t n = SIZE - at < 9000 ? SIZE - at : 9000;
            if (incoming_write(in, data + at, (size_t)n) != REFUSE_OK)
                break;
            at += n;
        }
        end_somehow(h, in, at);
    }
    return NULL;
}

static void finish(struct fixture *f, const struct grant *g)
{
    struct transfer_progress p;
    struct incoming *in = NULL;
    while (!in) { /* what the last hand gave up may still be on its way */
        assert_int_equal(transfer_progress(f->st, g, &p), REFUSE_OK);
        resume(f, g, p.offset, 0, &in);
    }
    assert_int_equal(incoming_write(in, data + p.offset, (size_t)(SIZE - p.offset)), REFUSE_OK);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
}

static void many_hands_on_one_upload(void **state)
{
    struct fixture *f = *state;
    for (unsigned turn = 0; turn < 4; turn++) {
        struct grant g = fixture_grant(f, SIZE);
        pthread_t threads[HANDS];
        struct hand hands[HANDS];
        atomic_int stored = 0;
        for (unsigned i = 0; i < HANDS; i++) {
            hands[i] = (struct hand){.f = f, .g = &g, .seed = turn * HANDS + i + 1, .stored = &stored};
            assert_int_equal(pthread_create(&threads[i], NULL, play, &hands[i]), 0);
        }
        for (unsigned i = 0; i < HANDS; i++)
            pthread_join(threads[i], NULL);
        if (!stored) /* nobody lost it either */
            finish(f, &g);
        else
            assert_int_equal(stored, 1);
        assert_stored(f, &g);
        assert_int_equal(removed(f, &g.id), REFUSE_OK);
        WAIT_UNTIL(files_in(f, "data") == 0 && files_in(f, "tmp") == 0);
        assert_int_equal(totals(f).bytes, 0);
        assert_clean(f);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, parts_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(lost_at_the_last_moment),
        T(many_hands_on_one_upload),
    };
    return cmocka_run_group_tests_name("resume_race", tests, NULL, NULL);
}
