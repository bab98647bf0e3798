/* What becomes due by itself; and the outbox, which tells of it. */
#include "tests/unit/storage_fixture.h"

#include <poll.h>

#include "storage/expiry.h"
#include "storage/internal.h"

static void a_file_expires(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "expire_after = 1s");
    struct wait w = {0};
    struct grant g = fixture_grant(f, 5), later = fixture_grant(f, 5);
    assert_int_equal(store(f, &later, "later"), REFUSE_OK);
    sem_init(&w.sem, 0, 0);
    transfer_extend(f->st, &later.id, clock_wall() + 3600, NULL, on_changed, &w);
    wait_for(&w);
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
    WAIT_UNTIL(totals(f).files == 1);
    assert_int_equal(lookup(f, &g.id), REFUSE_EXPIRED);
    assert_int_equal(lookup(f, &later.id), REFUSE_OK);
    WAIT_UNTIL(files_in(f, "data") == 1);
    assert_int_equal(totals(f).bytes, 5);
    assert_clean(f);
}

static void an_open_file_is_read_to_its_end(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "expire_after = 1s");
    struct transfer t;
    int fd;
    char back[5];
    struct arena *arena = arena_get(NULL);
    struct grant g = fixture_grant(f, 5);
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
    assert_int_equal(transfer_lookup(f->st, &g.id, arena, &t), REFUSE_OK);
    assert_int_equal(transfer_open(f->st, &t, &fd), REFUSE_OK);
    WAIT_UNTIL(files_in(f, "data") == 0);
    assert_int_equal(pread(fd, back, 5, 0), 5);
    assert_memory_equal(back, "hello", 5);
    close(fd);
    arena_put(arena);
}

static void a_late_open_says_why(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "");
    struct transfer t;
    int fd = -1;
    struct arena *arena = arena_get(NULL);
    struct grant g = fixture_grant(f, 5);
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
    assert_int_equal(transfer_lookup(f->st, &g.id, arena, &t), REFUSE_OK);
    assert_int_equal(removed(f, &g.id), REFUSE_OK);
    WAIT_UNTIL(files_in(f, "data") == 0);
    assert_int_equal(transfer_open(f->st, &t, &fd), REFUSE_REMOVED); /* not DAMAGED: no alarm */
    arena_put(arena);
}

static void extended_in_time(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "");
    struct wait w = {0};
    struct grant g = fixture_grant(f, 5);
    g.expires = clock_wall() + 2;
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
    sem_init(&w.sem, 0, 0);
    transfer_extend(f->st, &g.id, clock_wall() + 3600, NULL, on_changed, &w);
    wait_for(&w);
    assert_int_equal(w.r, REFUSE_OK);
    struct gc_report gc;
    assert_int_equal(expiry_gc(f->st, &gc), REFUSE_OK);
    assert_int_equal(gc.expired, 0);
    sem_init(&w.sem, 0, 0); /* and brought forward */
    transfer_extend(f->st, &g.id, clock_wall(), NULL, on_changed, &w);
    wait_for(&w);
    WAIT_UNTIL(lookup(f, &g.id) == REFUSE_EXPIRED && totals(f).files == 0);
}

/* --- lifetimes --- */

static int64_t expires_of(struct fixture *f, const struct ferry_id *id)
{
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    transfer_lookup(f->st, id, arena, &t);
    int64_t at = t.expires;
    arena_put(arena);
    return at;
}

static enum refuse owner_says(struct fixture *f, const struct ferry_id *id, int64_t expires)
{
    struct wait w = {0};
    sem_init(&w.sem, 0, 0);
    transfer_owner_expires(f->st, id, expires, NULL, on_changed, &w);
    wait_for(&w);
    return w.r;
}

static enum refuse operator_says(struct fixture *f, const struct ferry_id *id, int64_t expires)
{
    struct wait w = {0};
    sem_init(&w.sem, 0, 0);
    transfer_extend(f->st, id, expires, NULL, on_changed, &w);
    wait_for(&w);
    return w.r;
}

static void each_purpose_has_its_lifetime(void **state)
{
    static const struct {
        enum purpose purpose;
        int asked, after; /* from the grant and from the commit on */
    } files[] = {{PURPOSE_MESSAGE, 0, 100},         {PURPOSE_PROFILE, 0, 200},  {PURPOSE_EPHEMERAL, 0, 1000},
                 {PURPOSE_PERMANENT, 0, 300},       {PURPOSE_MESSAGE, 50, 50},  {PURPOSE_MESSAGE, 500, 100},
                 {PURPOSE_EPHEMERAL, 999999, 1000}, {PURPOSE_PROFILE, 150, 150}};
    struct fixture *f = *state;
    fixture_new(f, "expire_after = 1000s\nexpire_message = 100s\nexpire_profile = 200s\n"
                   "expire_permanent = 300s");
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct grant g = fixture_grant(f, 5);
        int64_t before = clock_wall();
        g.purpose = files[i].purpose;
        g.expires = files[i].asked ? before + files[i].asked : 0;
        assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
        int64_t at = expires_of(f, &g.id), late = clock_wall() - before;
        assert_true(at >= before + files[i].after && at <= before + late + files[i].after);
    }
}

static void too_late_is_not_stored(void **state)
{
    struct fixture *f = *state;
    struct incoming *in;
    fixture_new(f, "");
    struct grant g = fixture_grant(f, 5);
    g.purpose = PURPOSE_EPHEMERAL;
    g.expires = clock_wall();
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_EXPIRED); /* before a byte is taken */
    assert_int_equal(grant_new(f->st, &g), REFUSE_EXPIRED);
    g.expires = clock_wall() + 1;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, "hello", 5), REFUSE_OK);
    WAIT_UNTIL(clock_wall() >= g.expires);
    assert_int_equal(commit(&in, NULL), REFUSE_EXPIRED);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_EXPIRED);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(files_in(f, "data") + files_in(f, "tmp"), 0);
    assert_clean(f);
}

static void the_owner_within_the_sites_limit(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "expire_after = 1000s");
    struct grant g = fixture_grant(f, 5);
    assert_int_equal(owner_says(f, &g.id, clock_wall() + 10), REFUSE_NOT_FOUND);
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
    int64_t now = clock_wall(), at;
    assert_int_equal(owner_says(f, &g.id, now + 500), REFUSE_OK); /* cut */
    assert_int_equal(expires_of(f, &g.id), now + 500);
    assert_int_equal(owner_says(f, &g.id, now + 800), REFUSE_OK); /* extended */
    assert_int_equal(expires_of(f, &g.id), now + 800);
    assert_int_equal(owner_says(f, &g.id, now + 999999), REFUSE_OK); /* as far as it goes */
    at = expires_of(f, &g.id);
    assert_true(at >= now + 1000 && at <= clock_wall() + 1000);
    assert_int_equal(operator_says(f, &g.id, now + 5000), REFUSE_OK); /* who may say more */
    assert_int_equal(owner_says(f, &g.id, now + 999999), REFUSE_OK);
    assert_int_equal(expires_of(f, &g.id), now + 5000);
    assert_int_equal(owner_says(f, &g.id, now + 4000), REFUSE_OK);
    assert_int_equal(expires_of(f, &g.id), now + 4000);
    assert_int_equal(owner_says(f, &g.id, clock_wall() + 2), REFUSE_OK); /* and it goes at the new time */
    WAIT_UNTIL(totals(f).files == 0);
    assert_int_equal(lookup(f, &g.id), REFUSE_EXPIRED);
    assert_int_equal(owner_says(f, &g.id, clock_wall() + 100), REFUSE_EXPIRED);
    struct grant h = fixture_grant(f, 5);
    assert_int_equal(store(f, &h, "hello"), REFUSE_OK);
    assert_int_equal(owner_says(f, &h.id, 1), REFUSE_OK); /* a time that has passed: now */
    WAIT_UNTIL(totals(f).files == 0);
}

static void uploads_nobody_comes_back_for(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "[slots]\nresume_for = 1s");
    struct incoming *in, *slow;
    struct grant g = fixture_grant(f, 5), s = fixture_grant(f, 5);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(claim(f, &s, 0, &slow), REFUSE_OK);
    incoming_discard(&in, REFUSE_OK);
    WAIT_UNTIL(totals(f).bytes == 5);
    struct gc_report gc = {0};
    int64_t until = clock_mono_ms() + 20000;
    while (!gc.unfinished && clock_mono_ms() < until) {
        assert_int_equal(expiry_gc(f->st, &gc), REFUSE_OK);
        usleep(50000);
    }
    assert_int_equal(gc.unfinished, 1);
    assert_int_equal(lookup(f, &g.id), REFUSE_REMOVED);
    assert_int_equal(incoming_write(slow, "hello", 5), REFUSE_OK); /* slower than its lease, but there */
    assert_int_equal(commit(&slow, NULL), REFUSE_OK);
    assert_clean(f);
}

struct stuck { /* a worker's task */
    struct task task;
    sem_t *go_on;
};

static void be_stuck(struct task *task)
{
    sem_wait(((struct stuck *)task)->go_on);
}

/* Bytes go as fast as the disk lets them, and what waits for it is two rounds of them, however many are due:
 * else whoever logs in or sends a file would wait behind all. */
static void many_do_not_fill_the_workers(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "");
    enum { FILES = 6, WORKERS = 3 };
    struct grant g[FILES];
    struct stuck stuck[WORKERS];
    struct ferry_id never;
    sem_t go_on;
    sem_init(&go_on, 0, 0);
    for (int i = 0; i < FILES; i++) {
        g[i] = fixture_grant(f, 5);
        assert_int_equal(store(f, &g[i], "hello"), REFUSE_OK);
    }
    for (int i = 0; i < WORKERS; i++) {
        stuck[i] = (struct stuck){.task.run = be_stuck, .go_on = &go_on};
        storage_work(f->st, &stuck[i].task);
    }
    for (int i = 0; i < FILES; i++) {
        struct wait w = {0};
        sem_init(&w.sem, 0, 0);
        transfer_extend(f->st, &g[i].id, 1, NULL, on_changed, &w);
        wait_for(&w);
        if (i < 2)
            WAIT_UNTIL(totals(f).files == FILES - 1 - i);
    }
    id_new(f->st, &never);
    for (int i = 0; i < 20; i++) /* a round would have come by now */
        assert_int_equal(removed(f, &never), REFUSE_NOT_FOUND);
    assert_int_equal(totals(f).files, FILES - 2);
    for (int i = 0; i < WORKERS; i++)
        sem_post(&go_on);
    WAIT_UNTIL(totals(f).files == 0 && files_in(f, "data") == 0);
    assert_clean(f);
    storage_close(&f->st); /* no task of ours is under way any more */
    sem_destroy(&go_on);
    fixture_open(f, true);
}

static void row113_a_jump_is_not_believed(void **state)
{
    struct clock_guard g = {0};
    fixture_new(*state, "");
    assert_true(clock_guard_ok(&g, 1000000, 500));
    assert_true(clock_guard_ok(&g, 1000060, 560));
    assert_true(clock_guard_ok(&g, 1000120 + 3600, 620)); /* an hour is somebody setting the clock */
    assert_false(clock_guard_ok(&g, 1000180 + 10 * 365 * 86400LL, 680));
    assert_false(clock_guard_ok(&g, 1000240 + 10 * 365 * 86400LL, 740));
    assert_true(clock_guard_ok(&g, 1000300 + 3600, 800)); /* and back */
    assert_false(clock_guard_ok(&g, 1000300 - 10 * 365 * 86400LL, 860));
}

/* --- the outbox --- */

struct scanned {
    sem_t sem;
    size_t n;
    bool more;
    int64_t seq;
    enum outbox_kind kind;
    char jid[64], peer[64], id[ID_LEN + 1], name[64];
    enum refuse why;
};

static void on_scanned(void *arg, const struct outbox_item *items, size_t n, bool more)
{
    struct scanned *s = arg;
    s->n = n;
    s->more = more;
    if (n > 0) {
        s->seq = items[0].seq;
        s->kind = items[0].kind;
        s->why = items[0].why;
        snprintf(s->jid, sizeof s->jid, "%s", items[0].jid);
        snprintf(s->peer, sizeof s->peer, "%s", items[0].peer);
        snprintf(s->name, sizeof s->name, "%s", items[0].name);
        snprintf(s->id, sizeof s->id, "%s", items[0].id.text);
    }
    sem_post(&s->sem);
}

static struct scanned scan(struct fixture *f, const char *jid, int64_t after, size_t limit)
{
    struct scanned s = {0};
    struct timespec until;
    sem_init(&s.sem, 0, 0);
    outbox_scan(f->st, jid, after, limit, NULL, on_scanned, &s);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    assert_int_equal(sem_timedwait(&s.sem, &until), 0);
    sem_destroy(&s.sem);
    return s;
}

static bool poked(struct fixture *f)
{
    struct pollfd p = {.fd = storage_poke_fd(f->st), .events = POLLIN};
    uint64_t n;
    return poll(&p, 1, 20000) == 1 && read(p.fd, &n, sizeof n) == sizeof n;
}

static bool is_fetched(struct fixture *f, const struct ferry_id *id)
{
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    bool yes = transfer_lookup(f->st, id, arena, &t) == REFUSE_OK && t.fetched;
    arena_put(arena);
    return yes;
}

static void stored_file_is_told_until_it_was(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "");
    struct grant g = fixture_grant(f, 5);
    g.flags = GRANT_NOTIFY_OWNER;
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
    assert_true(poked(f));
    struct scanned s = scan(f, NULL, 0, 10);
    assert_int_equal(s.n, 2);
    s = scan(f, NULL, 0, 1);
    assert_true(s.n == 1 && s.more);
    s = scan(f, "bob@localhost", 0, 10);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.kind, OUTBOX_FILE);
    assert_string_equal(s.peer, "alice@localhost");
    assert_string_equal(s.id, g.id.text);
    fixture_restart(f);
    s = scan(f, "bob@localhost", 0, 10);
    assert_int_equal(s.n, 1);
    outbox_done(f->st, &s.seq, 1, false, NULL, NULL, NULL);
    WAIT_UNTIL(totals(f).outbox == 1);
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    assert_int_equal(transfer_lookup(f->st, &g.id, arena, &t), REFUSE_OK);
    assert_int_equal(t.told, TOLD_TOLD);
    arena_put(arena);
    s = scan(f, "alice@localhost", 0, 10);
    assert_int_equal(s.kind, OUTBOX_STORED);
    transfer_fetched(f->st, &g.id);
    WAIT_UNTIL(is_fetched(f, &g.id));
    /* bob does not show alice his presence: she is not told that he is there (http_fetched: where he does) */
    assert_int_equal(scan(f, "alice@localhost", s.seq, 10).n, 0);
}

static void a_failure_is_told_to_the_owner(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "");
    struct incoming *in;
    struct grant g = fixture_grant(f, 5);
    g.flags = GRANT_NOTIFY_OWNER;
    g.took = TOOK_SI;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    incoming_discard(&in, REFUSE_BROKEN_OFF);
    assert_true(poked(f));
    struct scanned s = scan(f, NULL, 0, 10);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.kind, OUTBOX_NOT_STORED);
    assert_int_equal(s.why, REFUSE_BROKEN_OFF);
    assert_string_equal(s.jid, "alice@localhost");
    struct incoming_end silent = {.silent = true};
    g = fixture_grant(f, 5);
    g.flags = GRANT_NOTIFY_OWNER;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(commit(&in, &silent), REFUSE_SIZE_MISMATCH);
    assert_int_equal(scan(f, NULL, 0, 10).n, 1);
}

static void expired_unread_is_told(void **state)
{
    struct fixture *f = *state;
    fixture_new(f, "expire_after = 1s");
    struct grant g = fixture_grant(f, 5);
    g.flags = GRANT_NOTIFY_OWNER;
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
    int64_t last = scan(f, "alice@localhost", 0, 10).seq;
    WAIT_UNTIL(scan(f, "alice@localhost", last, 10).n == 1);
    assert_int_equal(scan(f, "alice@localhost", last, 10).kind, OUTBOX_UNREAD);
    assert_int_equal(scan(f, "bob@localhost", 0, 10).n, 0); /* the link is dead: withdrawn */
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup_none, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(a_file_expires),
        T(an_open_file_is_read_to_its_end),
        T(a_late_open_says_why),
        T(extended_in_time),
        T(each_purpose_has_its_lifetime),
        T(too_late_is_not_stored),
        T(the_owner_within_the_sites_limit),
        T(uploads_nobody_comes_back_for),
        T(many_do_not_fill_the_workers),
        T(row113_a_jump_is_not_believed),
        T(stored_file_is_told_until_it_was),
        T(a_failure_is_told_to_the_owner),
        T(expired_unread_is_told),
    };
    return cmocka_run_group_tests_name("expiry", tests, NULL, NULL);
}
