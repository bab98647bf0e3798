/* Attempts: what is claimed, written and committed is there, whole and once; what is not, leaves nothing. */
#include "tests/unit/storage_fixture.h"

#include "base/codec.h"

static void ids_are_no_options(void **state)
{
    struct fixture *f = *state;
    struct ferry_id id;
    for (int i = 0; i < 5000; i++) {
        id_new(f->st, &id);
        assert_int_not_equal(id.text[0], '-');
    }
}

static void stores_equal_bytes(void **state)
{
    struct fixture *f = *state;
    static char data[300000], back[300000];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 7 + i / 251);
    struct grant g = fixture_grant(f, sizeof data);
    assert_int_equal(lookup(f, &g.id), REFUSE_NOT_YET);
    struct incoming *in;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(lookup(f, &g.id), REFUSE_NOT_YET);
    for (size_t at = 0; at < sizeof data; at += 50000)
        assert_int_equal(incoming_write(in, data + at, 50000), REFUSE_OK);
    assert_int_equal(incoming_received(in), sizeof data);
    assert_int_equal(lookup(f, &g.id), REFUSE_NOT_YET);
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    assert_null(in);
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    int fd;
    assert_int_equal(transfer_lookup(f->st, &g.id, arena, &t), REFUSE_OK);
    assert_string_equal(t.owner, "alice@localhost");
    assert_string_equal(t.name, "a.bin");
    assert_true(t.has_sha256);
    assert_string_equal(transfer_type(&t), "application/octet-stream");
    assert_int_equal(transfer_open(f->st, &t, &fd), REFUSE_OK);
    assert_int_equal(pread(fd, back, sizeof back, 0), sizeof back);
    assert_memory_equal(data, back, sizeof data);
    close(fd);
    arena_put(arena);
    assert_int_equal(files_in(f, "tmp"), 0);
    assert_clean(f);
    fixture_restart(f);
    assert_int_equal(lookup(f, &g.id), REFUSE_OK);
}

static void finds_the_type(void **state)
{
    struct fixture *f = *state;
    const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0";
    struct grant g = fixture_grant(f, sizeof png);
    g.type = "text/html";
    assert_int_equal(store(f, &g, png), REFUSE_OK);
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    assert_int_equal(transfer_lookup(f->st, &g.id, arena, &t), REFUSE_OK);
    assert_string_equal(transfer_type(&t), "image/png");
    assert_string_equal(t.type, "text/html");
    struct grant nothing = fixture_grant(f, sizeof png);
    nothing.type = "application/octet-stream"; /* believed, without a look */
    assert_int_equal(store(f, &nothing, png), REFUSE_OK);
    assert_int_equal(transfer_lookup(f->st, &nothing.id, arena, &t), REFUSE_OK);
    assert_string_equal(transfer_type(&t), "application/octet-stream");
    arena_put(arena);
}

static void stores_an_empty_file(void **state)
{
    struct fixture *f = *state;
    struct grant g = fixture_grant(f, 0);
    assert_int_equal(store(f, &g, ""), REFUSE_OK);
    assert_int_equal(lookup(f, &g.id), REFUSE_OK);
    assert_clean(f);
}

/* Row 50 and 51 in storage: not a byte more, not a byte less. */
static void size_is_exact(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct grant g = fixture_grant(f, 10);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, "0123456789", 10), REFUSE_OK);
    assert_int_equal(incoming_write(in, "x", 1), REFUSE_SIZE_MISMATCH);
    assert_int_equal(commit(&in, NULL), REFUSE_SIZE_MISMATCH);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK); /* the slot may be tried again */
    assert_int_equal(incoming_write(in, "012345678", 9), REFUSE_OK);
    assert_int_equal(commit(&in, NULL), REFUSE_SIZE_MISMATCH);
    assert_int_equal(lookup(f, &g.id), REFUSE_NOT_YET);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(files_in(f, "tmp") + files_in(f, "data"), 0);
    assert_int_equal(store(f, &g, "0123456789"), REFUSE_OK);
    assert_clean(f);
}

/* Row 52 in storage. */
static void hashes_are_compared(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct incoming_end end = {.has_md5 = true};
    hex_decode("900150983cd24fb0d6963f7d28e17f72", 32, end.md5);
    struct grant g = fixture_grant(f, 3);
    assert_int_equal(claim(f, &g, INCOMING_MD5, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, "abd", 3), REFUSE_OK);
    assert_int_equal(commit(&in, &end), REFUSE_HASH_MISMATCH);
    assert_int_equal(claim(f, &g, INCOMING_MD5, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, "abc", 3), REFUSE_OK);
    assert_int_equal(commit(&in, &end), REFUSE_OK);
    g = fixture_grant(f, 3);
    end = (struct incoming_end){.has_sha256 = true};
    hex_decode("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 64, end.sha256);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, "abd", 3), REFUSE_OK);
    assert_int_equal(commit(&in, &end), REFUSE_HASH_MISMATCH);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, "abc", 3), REFUSE_OK);
    assert_int_equal(commit(&in, &end), REFUSE_OK);
    assert_clean(f);
}

static void newest_attempt_wins(void **state)
{
    struct fixture *f = *state;
    struct incoming *old, *in;
    struct grant g = fixture_grant(f, 4);
    assert_int_equal(claim(f, &g, 0, &old), REFUSE_OK);
    assert_int_equal(incoming_write(old, "ab", 2), REFUSE_OK);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(old, "cd", 2), REFUSE_SLOT_BUSY);
    assert_int_equal(incoming_write(in, "wxyz", 4), REFUSE_OK);
    assert_int_equal(commit(&old, NULL), REFUSE_SLOT_BUSY);
    assert_int_equal(totals(f).bytes, 4); /* the newer one's reservation stands */
    assert_int_equal(commit(&in, NULL), REFUSE_OK);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_SLOT_USED);
    assert_null(in);
    assert_clean(f);
}

static void a_whole_older_attempt_is_fenced_too(void **state)
{
    struct fixture *f = *state;
    struct incoming *old, *in;
    struct grant g = fixture_grant(f, 2);
    assert_int_equal(claim(f, &g, 0, &old), REFUSE_OK);
    assert_int_equal(incoming_write(old, "ab", 2), REFUSE_OK);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(commit(&old, NULL), REFUSE_SLOT_BUSY);
    assert_int_equal(lookup(f, &g.id), REFUSE_NOT_YET);
    incoming_discard(&in, REFUSE_OK);
    WAIT_UNTIL(totals(f).bytes == 0);
    assert_int_equal(files_in(f, "data") + files_in(f, "tmp"), 0);
    assert_clean(f);
}

static void deadline_judges_the_first_claim_only(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct grant g = fixture_grant(f, 2);
    g.deadline = clock_wall() - 1;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_BAD_TOKEN);
    g.deadline = clock_wall() + 300;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    incoming_discard(&in, REFUSE_OK);
    g.deadline = clock_wall() - 1;
    assert_int_equal(store(f, &g, "ok"), REFUSE_OK);
}

static void removal_ends_an_open_attempt(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct grant g = fixture_grant(f, 4);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, "ab", 2), REFUSE_OK);
    assert_int_equal(removed(f, &g.id), REFUSE_OK);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(incoming_write(in, "cd", 2), REFUSE_REMOVED);
    assert_int_equal(commit(&in, NULL), REFUSE_REMOVED);
    assert_int_equal(lookup(f, &g.id), REFUSE_REMOVED);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_REMOVED);
    assert_clean(f);
}

static void an_in_band_attempt_leaves_no_row(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    struct grant g = fixture_grant(f, 4);
    g.took = TOOK_SI;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(totals(f).receiving, 1);
    incoming_discard(&in, REFUSE_BROKEN_OFF);
    WAIT_UNTIL(totals(f).receiving == 0);
    assert_int_equal(totals(f).outbox, 0);
    assert_clean(f);
}

/* --- pieces from the loop --- */

struct fed {
    int n;
    size_t bytes;
    enum refuse worst;
};

static void on_fed(void *arg, enum refuse r, size_t n)
{
    struct fed *fed = arg;
    fed->n++;
    fed->bytes += n;
    if (r != REFUSE_OK)
        fed->worst = r;
}

static void drain_until(struct mailbox *home, const int *n, int want)
{
    int64_t until = clock_mono_ms() + 20000;
    while (*n < want && clock_mono_ms() < until)
        if (mailbox_drain(home) == 0)
            usleep(1000);
    assert_int_equal(*n, want);
}

struct ended {
    int n;
    enum refuse r;
};

static void on_end(void *arg, enum refuse r, const struct transfer *t)
{
    struct ended *e = arg;
    e->n++;
    e->r = r;
    if (r == REFUSE_OK)
        assert_string_equal(t->to, "bob@localhost");
}

static void pieces_arrive_in_order(void **state)
{
    struct fixture *f = *state;
    struct mailbox *home = mailbox_new();
    struct incoming *in;
    struct fed fed = {0};
    struct ended end = {0};
    enum { PIECES = 200, PIECE = 1000 };
    struct grant g = fixture_grant(f, PIECES * PIECE);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    for (int i = 0; i < PIECES; i++) {
        char *piece = malloc(PIECE);
        memset(piece, i, PIECE);
        incoming_feed(in, piece, PIECE, home, on_fed, &fed);
    }
    incoming_commit(&in, NULL, home, on_end, &end); /* behind them all */
    drain_until(home, &end.n, 1);
    assert_int_equal(end.r, REFUSE_OK);
    assert_int_equal(fed.n, PIECES);
    assert_int_equal(fed.bytes, PIECES * PIECE);
    assert_int_equal(fed.worst, REFUSE_OK);
    char path[256];
    unsigned char back[PIECE];
    data_path(f, &g.id, 1, path);
    FILE *file = fopen(path, "r");
    for (int i = 0; i < PIECES; i++) {
        assert_int_equal(fread(back, 1, PIECE, file), PIECE);
        assert_true(back[0] == i % 256 && back[PIECE - 1] == i % 256);
    }
    fclose(file);
    mailbox_free(home);
    assert_clean(f);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(ids_are_no_options),
        T(stores_equal_bytes),
        T(finds_the_type),
        T(stores_an_empty_file),
        T(size_is_exact),
        T(hashes_are_compared),
        T(newest_attempt_wins),
        T(a_whole_older_attempt_is_fenced_too),
        T(deadline_judges_the_first_claim_only),
        T(removal_ends_an_open_attempt),
        T(an_in_band_attempt_leaves_no_row),
        T(pieces_arrive_in_order),
    };
    return cmocka_run_group_tests_name("incoming", tests, NULL, NULL);
}
