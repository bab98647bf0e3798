/* Uploads that break off and go on: what was kept is gone on with, byte for byte, across restarts too; nobody
 * else's bytes are touched, and the quotas stay exact whatever comes of it. */
#include "tests/unit/parts_fixture.h"

#include "base/codec.h"
#include "storage/expiry.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"
#include "storage/parked.h"

static void goes_on_where_it_broke_off(void **state)
{
    struct fixture *f = *state;
    struct grant g = kept(f, 30000);
    assert_int_equal(offset_of(f, &g), 30000);
    assert_int_equal(totals(f).bytes, SIZE);
    assert_clean(f);
    goes_on(f, &g, 30000);
    assert_stored(f, &g);
}

static void another_offset_is_refused_and_nothing_is_lost(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct grant g = kept(f, 30000);
    assert_int_equal(resume(f, &g, 0, 0, &in), REFUSE_OFFSET_MISMATCH);
    assert_int_equal(resume(f, &g, 29999, 0, &in), REFUSE_OFFSET_MISMATCH);
    fixture_restart(f);
    assert_int_equal(resume(f, &g, 30001, 0, &in), REFUSE_OFFSET_MISMATCH);
    assert_null(in);
    assert_int_equal(offset_of(f, &g), 30000);
    goes_on(f, &g, 30000);
    assert_stored(f, &g);
}

static void nothing_to_go_on_with(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    int64_t received;
    struct grant g = fixture_grant(f, SIZE);
    assert_int_equal(offset_of(f, &g), 0);
    assert_int_equal(resume(f, &g, 5, 0, &in), REFUSE_OFFSET_MISMATCH);
    g.deadline = clock_wall() - 1;
    struct transfer_progress p;
    assert_int_equal(transfer_progress(f->st, &g, &p), REFUSE_BAD_TOKEN);
    assert_int_equal(resume(f, &g, 0, 0, &in), REFUSE_BAD_TOKEN);
    g.deadline = clock_wall() + 300;
    assert_int_equal(resume(f, &g, 0, 0, &in), REFUSE_OK); /* as a claim */
    assert_int_equal(keep(&in, &received), REFUSE_OK);
    assert_int_equal(received, 0);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(files_in(f, "tmp"), 0);
    goes_on(f, &g, 0);
    assert_stored(f, &g);
}

static void the_newcomer_takes_the_bytes_over(void **state)
{
    struct fixture *f = *state;
    struct incoming *old, *in;
    int64_t received;
    struct grant g = fixture_grant(f, SIZE);
    assert_int_equal(claim(f, &g, 0, &old), REFUSE_OK);
    assert_int_equal(incoming_write(old, data, 30000), REFUSE_OK);
    assert_int_equal(resume(f, &g, 30000, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(old, "x", 1), REFUSE_SLOT_BUSY);
    assert_int_equal(incoming_write(in, data + 30000, 10000), REFUSE_OK);
    assert_int_equal(keep(&old, &received), REFUSE_SLOT_BUSY);
    assert_int_equal(incoming_write(in, data + 40000, SIZE - 40000), REFUSE_OK);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    assert_stored(f, &g);
}

static void what_lost_its_bytes_ends_without_harm(void **state)
{
    struct fixture *f = *state;
    struct incoming *first, *second, *third;
    struct grant g = fixture_grant(f, SIZE);
    assert_int_equal(claim(f, &g, 0, &first), REFUSE_OK);
    assert_int_equal(incoming_write(first, data, 30000), REFUSE_OK);
    assert_int_equal(resume(f, &g, 30000, 0, &second), REFUSE_OK);
    assert_int_equal(resume(f, &g, 30000, 0, &third), REFUSE_OK);
    incoming_discard(&first, REFUSE_BROKEN_OFF);
    assert_int_equal(commit(&second, NULL), REFUSE_SLOT_BUSY);
    assert_int_equal(totals(f).bytes, SIZE);
    assert_int_equal(incoming_write(third, data + 30000, SIZE - 30000), REFUSE_OK);
    assert_int_equal(commit(&third, NULL), REFUSE_OK);
    assert_stored(f, &g);
}

/* Holds the index's thread until it is let go, so that what is posted meanwhile becomes one batch. */
struct stop {
    struct index_op op;
    sem_t reached, go, over;
};

static enum refuse run_stop(struct index_db *db, struct index_op *op)
{
    struct stop *s = INDEX_OP_OF(op, struct stop, op);
    (void)db;
    sem_post(&s->reached);
    sem_wait(&s->go);
    return REFUSE_OK;
}

static void stop_done(struct index_op *op)
{
    sem_post(&INDEX_OP_OF(op, struct stop, op)->over);
}

/* The client is back before what broke off is kept: in whatever order the two meet, he goes on. */
static void a_resume_meets_a_keep(void **state)
{
    struct fixture *f = *state;
    int overtaken = 0;
    for (useconds_t pause = 0; pause < 40000; pause += 4000) {
        struct stop stop = {.op = {.run = run_stop, .done = stop_done}};
        struct kept_wait k = {0};
        struct wait w = {0};
        struct incoming *in;
        struct grant g = fixture_grant(f, 4);
        sem_init(&stop.reached, 0, 0);
        sem_init(&stop.go, 0, 0);
        sem_init(&stop.over, 0, 0);
        sem_init(&k.w.sem, 0, 0);
        sem_init(&w.sem, 0, 0);
        assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
        assert_int_equal(incoming_write(in, "ab", 2), REFUSE_OK);
        index_write(f->st->index, &stop.op);
        sem_wait(&stop.reached);
        incoming_keep(&in, NULL, on_kept, &k);
        usleep(pause); /* behind the keep, mostly, if this is long enough for the disk; else before it */
        incoming_resume(f->st, &g, 2, 0, NULL, on_claimed, &w);
        sem_post(&stop.go);
        wait_for(&k.w);
        wait_for(&w);
        sem_wait(&stop.over);
        assert_int_equal(w.r, REFUSE_OK);
        assert_true(k.w.r == REFUSE_OK || k.w.r == REFUSE_SLOT_BUSY);
        overtaken += k.w.r == REFUSE_SLOT_BUSY;
        assert_int_equal(incoming_write(w.in, "cd", 2), REFUSE_OK);
        assert_int_equal(commit(&w.in, NULL), REFUSE_OK);
    }
    print_message("%d of 10 were overtaken\n", overtaken);
    assert_int_equal(files_in(f, "tmp"), 0);
    assert_clean(f);
}

/* Both find nothing but the row: one file must not be opened twice. */
static void two_resumes_in_one_batch(void **state)
{
    struct fixture *f = *state;
    struct stop stop = {.op = {.run = run_stop, .done = stop_done}};
    struct wait first = {0}, second = {0};
    struct grant g = kept(f, 30000);
    fixture_restart(f);
    sem_init(&stop.reached, 0, 0);
    sem_init(&stop.go, 0, 0);
    sem_init(&stop.over, 0, 0);
    sem_init(&first.sem, 0, 0);
    sem_init(&second.sem, 0, 0);
    index_write(f->st->index, &stop.op);
    sem_wait(&stop.reached);
    incoming_resume(f->st, &g, 30000, 0, NULL, on_claimed, &first);
    incoming_resume(f->st, &g, 30000, 0, NULL, on_claimed, &second);
    sem_post(&stop.go);
    wait_for(&first);
    wait_for(&second);
    sem_wait(&stop.over);
    assert_int_equal(second.r, REFUSE_OK); /* the newest */
    if (first.r == REFUSE_OK) {
        assert_int_equal(incoming_write(first.in, "x", 1), REFUSE_SLOT_BUSY);
        incoming_discard(&first.in, REFUSE_BROKEN_OFF);
    }
    assert_int_equal(incoming_write(second.in, data + 30000, SIZE - 30000), REFUSE_OK);
    assert_int_equal(commit(&second.in, NULL), REFUSE_OK);
    assert_stored(f, &g);
}

static void a_wrong_offset_halts_what_is_under_way_and_keeps_it(void **state)
{
    struct fixture *f = *state;
    struct incoming *old, *in;
    struct grant g = fixture_grant(f, SIZE);
    assert_int_equal(claim(f, &g, 0, &old), REFUSE_OK);
    assert_int_equal(incoming_write(old, data, 30000), REFUSE_OK);
    assert_int_equal(resume(f, &g, 20000, 0, &in), REFUSE_OFFSET_MISMATCH);
    assert_int_equal(incoming_write(old, "x", 1), REFUSE_SLOT_BUSY);
    incoming_discard(&old, REFUSE_BROKEN_OFF);
    fixture_restart(f);
    assert_int_equal(offset_of(f, &g), 30000);
    goes_on(f, &g, 30000);
    assert_stored(f, &g);
}

static void a_claim_begins_anew(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct grant g = kept(f, 30000);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    WAIT_UNTIL(files_in(f, "tmp") == 0);
    assert_int_equal(offset_of(f, &g), 0);
    assert_int_equal(totals(f).bytes, SIZE);
    assert_int_equal(incoming_write(in, data, SIZE), REFUSE_OK);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    assert_stored(f, &g);
}

static void a_discard_gives_back_what_was_kept(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct grant g = kept(f, 30000);
    assert_int_equal(resume(f, &g, 30000, 0, &in), REFUSE_OK);
    incoming_discard(&in, REFUSE_HASH_MISMATCH);
    WAIT_UNTIL(totals(f).bytes == 0);
    assert_int_equal(files_in(f, "tmp"), 0);
    assert_int_equal(offset_of(f, &g), 0);
    assert_clean(f);
}

static void a_removal_takes_the_part_along(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct transfer_progress p;
    struct grant g = kept(f, 30000);
    assert_int_equal(removed(f, &g.id), REFUSE_OK);
    WAIT_UNTIL(files_in(f, "tmp") == 0);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(resume(f, &g, 30000, 0, &in), REFUSE_REMOVED);
    assert_int_equal(transfer_progress(f->st, &g, &p), REFUSE_REMOVED);
    assert_clean(f);
}

static void md5_is_made_up_for(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct grant g = kept(f, 30000); /* without MD5, parked */
    struct incoming_end end = {.has_md5 = true};
    EVP_Digest(data, SIZE, end.md5, NULL, EVP_md5(), NULL);
    assert_int_equal(resume(f, &g, 30000, INCOMING_MD5, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, data + 30000, SIZE - 30000), REFUSE_OK);
    assert_int_equal(commit(&in, &end), REFUSE_OK);
    assert_stored(f, &g);
}

static void piece_by_piece(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    int64_t received = 1000;
    struct grant g = kept(f, 1000);
    while (received < SIZE) {
        assert_int_equal(resume(f, &g, received, 0, &in), REFUSE_OK);
        assert_int_equal(incoming_write(in, data + received, 1000), REFUSE_OK);
        assert_int_equal(keep(&in, &received), REFUSE_OK);
        assert_int_equal(offset_of(f, &g), received);
    }
    assert_int_equal(received, SIZE);
    goes_on(f, &g, SIZE); /* nothing is missing but the commit */
    assert_stored(f, &g);
}

/* More than are kept open: the others are read again. */
static void of_many_each_goes_on(void **state)
{
    struct fixture *f = *state;
    enum { MANY = PARKED_MAX + 10 };
    struct grant g[MANY];
    for (int i = 0; i < MANY; i++)
        g[i] = kept(f, 1 + i);
    assert_int_equal(files_in(f, "tmp"), MANY);
    for (int i = 0; i < MANY; i++) {
        goes_on(f, &g[i], 1 + i);
        assert_int_equal(lookup(f, &g[i].id), REFUSE_OK);
    }
    assert_int_equal(files_in(f, "tmp"), 0);
    assert_clean(f);
}

/* 40 MiB are hashed again in slices, with other work in between. */
static void a_large_part_is_read_again(void **state)
{
    struct fixture *f = *state;
    enum { MANY = 40 };
    static char block[1 << 20];
    struct incoming *in;
    struct incoming_end end = {.has_sha256 = true};
    struct grant g = fixture_grant(f, MANY * (int64_t)sizeof block + 1);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int64_t received;
    EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    for (int i = 0; i < MANY; i++) {
        memset(block, i + 1, sizeof block);
        EVP_DigestUpdate(ctx, block, sizeof block);
        assert_int_equal(incoming_write(in, block, sizeof block), REFUSE_OK);
    }
    assert_int_equal(keep(&in, &received), REFUSE_OK);
    fixture_restart(f);
    assert_int_equal(resume(f, &g, received, 0, &in), REFUSE_OK);
    EVP_DigestUpdate(ctx, "x", 1);
    EVP_DigestFinal_ex(ctx, end.sha256, NULL);
    EVP_MD_CTX_free(ctx);
    assert_int_equal(incoming_write(in, "x", 1), REFUSE_OK);
    assert_int_equal(commit(&in, &end), REFUSE_OK);
    assert_clean(f);
}

/* Who reads the file while it comes in does not notice that another upload brings the rest. */
static void a_reader_goes_on_with_the_newcomer(void **state)
{
    struct fixture *f = *state;
    static char back[SIZE];
    struct incoming *old, *in;
    struct transfer t;
    struct tail *tail, *later;
    struct arena *arena = arena_get(NULL);
    struct grant g = fixture_grant(f, SIZE);
    assert_int_equal(claim(f, &g, 0, &old), REFUSE_OK);
    assert_int_equal(incoming_write(old, data, 30000), REFUSE_OK);
    assert_int_equal(tail_open(f->st, &g.id, arena, &tail, &t), REFUSE_OK);
    assert_int_equal(tail_read(tail, 0, back, SIZE, NULL, NULL), 30000);
    assert_int_equal(resume(f, &g, 30000, 0, &in), REFUSE_OK);
    assert_int_equal(tail_open(f->st, &g.id, arena, &later, &t), REFUSE_OK);
    assert_int_equal(incoming_write(in, data + 30000, SIZE - 30000), REFUSE_OK);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    incoming_discard(&old, REFUSE_BROKEN_OFF);
    assert_int_equal(tail_read(tail, 30000, back + 30000, SIZE, NULL, NULL), SIZE - 30000);
    assert_memory_equal(data, back, SIZE);
    assert_int_equal(tail_read(later, 0, back, SIZE, NULL, NULL), SIZE);
    tail_close(&tail);
    tail_close(&later);
    arena_put(arena);
}

static void progress_and_what_came_of_it(void **state)
{
    struct fixture *f = *state;
    struct transfer_progress p;
    struct transfer t;
    int64_t within;
    struct incoming *in;
    struct arena *arena = arena_get(NULL);
    struct grant g = kept(f, 30000);
    assert_int_equal(transfer_committed(f->st, &g.id, arena, &t, &within), REFUSE_NOT_YET);
    assert_int_equal(resume(f, &g, 30000, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, data + 30000, 5), REFUSE_OK);
    assert_int_equal(transfer_progress(f->st, &g, &p), REFUSE_OK);
    assert_true(p.under_way && !p.complete && p.offset == 30005);
    assert_int_equal(incoming_write(in, data + 30005, SIZE - 30005), REFUSE_OK);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    assert_int_equal(transfer_progress(f->st, &g, &p), REFUSE_OK);
    assert_true(!p.under_way && p.complete && p.offset == SIZE);
    assert_int_equal(transfer_committed(f->st, &g.id, arena, &t, &within), REFUSE_OK);
    assert_true(t.has_sha256 && t.size == SIZE && within >= 0 && within < 100);
    assert_int_equal(resume(f, &g, SIZE, 0, &in), REFUSE_SLOT_USED);
    arena_put(arena);
}

static void a_lease_lapses(void **state)
{
    struct fixture *f = *state;
    struct gc_report did;
    struct incoming *in;
    fixture_conf(f, "[slots]\nresume_for = 1s\n");
    struct grant g = fixture_grant(f, SIZE);
    int64_t received;
    g.flags = GRANT_NOTIFY_OWNER;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, data, 30000), REFUSE_OK);
    assert_int_equal(keep(&in, &received), REFUSE_OK);
    int64_t outbox = totals(f).outbox, end = clock_wall() + 2;
    WAIT_UNTIL(clock_wall() > end);
    struct transfer_progress p;
    assert_int_equal(transfer_progress(f->st, &g, &p), REFUSE_BAD_TOKEN);
    assert_int_equal(resume(f, &g, 30000, 0, &in), REFUSE_BAD_TOKEN);
    assert_int_equal(expiry_gc(f->st, &did), REFUSE_OK);
    assert_int_equal(did.unfinished, 1);
    assert_int_equal(transfer_progress(f->st, &g, &p), REFUSE_REMOVED);
    WAIT_UNTIL(files_in(f, "tmp") == 0);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(totals(f).outbox, outbox + 1); /* "not stored": nobody was told before */
    assert_clean(f);
}

/* The token's deadline judges the beginning; from then on the lease does, and each resume renews it. */
static void the_lease_governs_once_it_began(void **state)
{
    struct fixture *f = *state;
    struct grant g = kept(f, 30000);
    g.deadline = clock_wall() - 1000;
    assert_int_equal(offset_of(f, &g), 30000);
    goes_on(f, &g, 30000);
    assert_stored(f, &g);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, parts_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(goes_on_where_it_broke_off),
        T(another_offset_is_refused_and_nothing_is_lost),
        T(nothing_to_go_on_with),
        T(the_newcomer_takes_the_bytes_over),
        T(what_lost_its_bytes_ends_without_harm),
        T(a_resume_meets_a_keep),
        T(two_resumes_in_one_batch),
        T(a_wrong_offset_halts_what_is_under_way_and_keeps_it),
        T(a_claim_begins_anew),
        T(a_discard_gives_back_what_was_kept),
        T(a_removal_takes_the_part_along),
        T(md5_is_made_up_for),
        T(piece_by_piece),
        T(of_many_each_goes_on),
        T(a_large_part_is_read_again),
        T(a_reader_goes_on_with_the_newcomer),
        T(progress_and_what_came_of_it),
        T(a_lease_lapses),
        T(the_lease_governs_once_it_began),
    };
    return cmocka_run_group_tests_name("resume", tests, NULL, NULL);
}
