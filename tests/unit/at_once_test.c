/* A file that is whole before its claim: stored in one step or not at all, whoever else is at its slot; on a
 * disk that lets wait, on one that does not, and there beside somebody who keeps the index's thread busy. */
#include "tests/unit/storage_fixture.h"

#include <sys/stat.h>

#include "storage/index_sql.h"
#include "storage/internal.h"
#include "storage/spool_body.h"

static bool quick; /* the disk lets nobody wait: the caller writes the file */
static bool busy;  /* but the index's thread has something else to do when it is written */
static struct storage *storage;

static int setup(void **state)
{
    quick = busy = false;
    return fixture_setup_with(state, "user_quota = 1000\n");
}

static int setup_quick(void **state)
{
    int rc = setup(state);
    quick = true;
    return rc;
}

static int setup_busy(void **state)
{
    int rc = setup_quick(state);
    busy = true;
    return rc;
}

static struct grant grant(struct fixture *f, int64_t size)
{
    struct grant g = fixture_grant(f, size);
    g.type = "application/octet-stream"; /* believed: libmagic is never asked on the index's thread */
    storage = f->st;
    return g;
}

static enum refuse run_none(struct index_db *db, struct index_op *op)
{
    (void)db;
    (void)op;
    return REFUSE_OK;
}

struct hold {
    struct index_op op;
    sem_t begun, go;
};

static enum refuse run_hold(struct index_db *db, struct index_op *op)
{
    struct hold *h = INDEX_OP_OF(op, struct hold, op);
    (void)db;
    sem_post(&h->begun);
    sem_wait(&h->go);
    return REFUSE_OK;
}

static void hold_done(struct index_op *op)
{
    (void)op;
}

/* Whether `done` was called before it returned. */
static bool put_here(struct incoming **in, const char *text, const struct incoming_end *end, struct wait *w)
{
    struct hold h = {.op = {.run = run_hold, .done = hold_done}};
    sem_init(&h.begun, 0, 0);
    sem_init(&h.go, 0, 0);
    if (busy) {
        index_write(storage->index, &h.op);
        sem_wait(&h.begun);
    }
    bool over = incoming_store_here(in, text, strlen(text), end, on_committed, w);
    if (!over)
        incoming_store(in, text, strlen(text), end, NULL, on_committed, w);
    sem_post(&h.go);
    wait_for(w);
    struct index_op none = {.run = run_none};
    if (busy) /* `h` is its own no more */
        index_write_wait(storage->index, &none);
    sem_destroy(&h.begun);
    sem_destroy(&h.go);
    return over;
}

static enum refuse put(struct incoming **in, const char *text, const struct incoming_end *end)
{
    struct wait w = {0};
    sem_init(&w.sem, 0, 0);
    atomic_store(&storage->spool->sync_us, quick ? 0 : 100 * SPOOL_QUICK_US);
    bool here = put_here(in, text, end, &w);
    assert_true(quick || !here);
    assert_null(*in);
    return w.r;
}

static void assert_stored(struct fixture *f, const struct grant *g, const char *text)
{
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    char back[64] = "";
    int fd;
    assert_int_equal(transfer_lookup(f->st, &g->id, arena, &t), REFUSE_OK);
    assert_int_equal(transfer_open(f->st, &t, &fd), REFUSE_OK);
    assert_int_equal(pread(fd, back, sizeof back, 0), strlen(text));
    assert_string_equal(back, text);
    close(fd);
    arena_put(arena);
}

static void is_stored_in_one_step(void **state)
{
    struct fixture *f = *state;
    struct grant g = grant(f, 5);
    struct incoming *in = incoming_early(f->st, &g);
    assert_non_null(in);
    assert_int_equal(put(&in, "hello", NULL), REFUSE_OK);
    assert_stored(f, &g, "hello");
    assert_int_equal(totals(f).bytes, 5);
    assert_null(incoming_early(f->st, &g));
    assert_clean(f);
    fixture_restart(f);
    assert_stored(f, &g, "hello");
    assert_clean(f);
}

static void an_empty_one_too(void **state)
{
    struct fixture *f = *state;
    struct grant g = grant(f, 0);
    struct incoming *in = incoming_early(f->st, &g);
    assert_int_equal(put(&in, "", NULL), REFUSE_OK);
    assert_stored(f, &g, "");
    assert_clean(f);
}

static void one_at_a_time(void **state)
{
    struct fixture *f = *state;
    struct grant g = grant(f, 5);
    struct incoming *in = incoming_early(f->st, &g);
    assert_null(incoming_early(f->st, &g));
    incoming_leave(&in);
    in = incoming_early(f->st, &g);
    assert_non_null(in);
    incoming_leave(&in);
}

/* What a claim has begun is the claim's, also when it has given its reservation back. */
static void not_beside_a_row(void **state)
{
    struct fixture *f = *state;
    struct grant g = grant(f, 5);
    struct incoming *in;
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_null(incoming_early(f->st, &g));
    assert_int_equal(commit(&in, NULL), REFUSE_SIZE_MISMATCH);
    assert_null(incoming_early(f->st, &g));
    assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
}

/* The newest wins, and neither has touched the other's file. */
static void a_claim_fences_it(void **state)
{
    struct fixture *f = *state;
    struct grant g = grant(f, 5);
    struct incoming *in = incoming_early(f->st, &g), *claimed;
    char path[256];
    assert_int_equal(claim(f, &g, 0, &claimed), REFUSE_OK);
    assert_int_equal(incoming_write(claimed, "newer", 5), REFUSE_OK);
    assert_int_equal(put(&in, "older", NULL), REFUSE_SLOT_BUSY);
    assert_int_equal(commit(&claimed, NULL), REFUSE_OK);
    assert_stored(f, &g, "newer");
    data_path(f, &g.id, 2, path);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(files_in(f, "data"), 1);
    assert_clean(f);
}

static void quotas_are_exact(void **state)
{
    struct fixture *f = *state;
    char text[601];
    memset(text, 'x', 600);
    text[600] = '\0';
    struct grant one = grant(f, 600), two = grant(f, 600), three = grant(f, 600);
    struct incoming *first = incoming_early(f->st, &one), *second = incoming_early(f->st, &two);
    assert_non_null(first);
    assert_non_null(second); /* there is room for either */
    assert_int_equal(put(&first, text, NULL), REFUSE_OK);
    assert_int_equal(put(&second, text, NULL), REFUSE_QUOTA_FULL);
    assert_int_equal(lookup(f, &two.id), REFUSE_NOT_YET);
    assert_int_equal(files_in(f, "data"), 1);
    assert_int_equal(totals(f).bytes, 600);
    assert_null(incoming_early(f->st, &three)); /* now one can tell before */
    assert_clean(f);
}

static void what_is_wrong_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct grant g = grant(f, 5);
    struct incoming *in = incoming_early(f->st, &g);
    struct incoming_end end = {.has_sha256 = true};
    assert_int_equal(put(&in, "hello", &end), REFUSE_HASH_MISMATCH);
    in = incoming_early(f->st, &g);
    assert_int_equal(put(&in, "four", NULL), REFUSE_SIZE_MISMATCH);
    assert_int_equal(files_in(f, "data"), 0);
    in = incoming_early(f->st, &g);
    assert_int_equal(put(&in, "hello", NULL), REFUSE_OK);
}

/* A kill has left a file under the name, and nothing has compared the folder with the index yet. */
static void a_stranger_under_its_name_is_put_aside(void **state)
{
    struct fixture *f = *state;
    struct grant g = grant(f, 5);
    char path[256];
    data_path(f, &g.id, 1, path);
    FILE *file = fopen(path, "w");
    fputs("hel", file);
    fclose(file);
    struct incoming *in = incoming_early(f->st, &g);
    assert_int_equal(put(&in, "hello", NULL), REFUSE_OK);
    assert_stored(f, &g, "hello");
    assert_int_equal(files_in(f, "quarantine"), 1);
}

/* A comparison that stands still where it has read of a file that no row has it, and has yet to put it aside.
 */
struct judge {
    struct fixture *f;
    sem_t has_read, go_on;
    struct check_report report;
};

static int on_read(unsigned what, void *arg, void *statement, void *took)
{
    struct judge *j = arg;
    (void)what;
    (void)took;
    if (strstr(sqlite3_sql(statement), "WHERE id = ?1")) {
        sem_post(&j->has_read);
        sem_wait(&j->go_on);
    }
    return 0;
}

static void *judge(void *arg)
{
    struct judge *j = arg;
    sqlite3 *reader = sql_handle(index_reader(j->f->st->index)); /* this thread's own */
    sqlite3_trace_v2(reader, SQLITE_TRACE_PROFILE, on_read, j);
    check_all(j->f->st, &j->report);
    sqlite3_trace_v2(reader, 0, NULL, NULL);
    return NULL;
}

static void a_stranger_that_is_judged_has_its_name(void **state)
{
    struct fixture *f = *state;
    struct grant g = grant(f, 5);
    struct judge j = {.f = f};
    char path[256];
    pthread_t thread;
    data_path(f, &g.id, 1, path);
    FILE *file = fopen(path, "w");
    fputs("hel", file);
    fclose(file);
    sem_init(&j.has_read, 0, 0);
    sem_init(&j.go_on, 0, 0);
    pthread_create(&thread, NULL, judge, &j);
    sem_wait(&j.has_read);
    struct incoming *in = incoming_early(f->st, &g);
    if (in) /* would be put aside */
        assert_int_equal(put(&in, "hello", NULL), REFUSE_OK);
    else
        assert_int_equal(store(f, &g, "hello"), REFUSE_OK);
    sem_post(&j.go_on);
    pthread_join(thread, NULL);
    assert_stored(f, &g, "hello");
    assert_int_equal(j.report.orphans, 1);
    assert_int_equal(files_in(f, "quarantine"), 1);
    buf_free(&j.report.detail);
    assert_clean(f);
}

static int64_t log_bytes(struct fixture *f)
{
    char path[128];
    struct stat sb;
    snprintf(path, sizeof path, "%s/spool/index.db-wal", f->dir);
    assert_int_equal(stat(path, &sb), 0);
    return sb.st_size;
}

/* A commit is written by whole pages: small ones, and few, although ids are random. */
static void it_writes_little_of_the_index(void **state)
{
    enum { FILES = 110 }; /* so few that the log does not begin anew */
    struct fixture *f = *state;
    char name[240] = "";
    int64_t before = log_bytes(f);
    memset(name, 'n', sizeof name - 1);
    for (int i = 0; i < FILES; i++) {
        struct grant g = grant(f, 5);
        g.to = g.to_raw = ""; /* nobody is told */
        g.name = name;
        struct incoming *in = incoming_early(f->st, &g);
        assert_int_equal(put(&in, "hello", NULL), REFUSE_OK);
    }
    assert_in_range(log_bytes(f) - before, FILES * 2048, FILES * 16900);
}

static void large_files_are_claimed(void **state)
{
    struct fixture *f = *state;
    struct grant g = grant(f, INCOMING_AT_ONCE + 1);
    assert_null(incoming_early(f->st, &g));
}

int main(void)
{
#define T(name)                                                               \
    cmocka_unit_test_setup_teardown(name, setup, fixture_teardown),           \
        cmocka_unit_test_setup_teardown(name, setup_quick, fixture_teardown), \
        cmocka_unit_test_setup_teardown(name, setup_busy, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(is_stored_in_one_step),
        T(an_empty_one_too),
        T(one_at_a_time),
        T(not_beside_a_row),
        T(a_claim_fences_it),
        T(quotas_are_exact),
        T(what_is_wrong_leaves_nothing),
        T(a_stranger_under_its_name_is_put_aside),
        T(a_stranger_that_is_judged_has_its_name),
        T(large_files_are_claimed),
        cmocka_unit_test_setup_teardown(it_writes_little_of_the_index, setup_quick, fixture_teardown),
    };
    return cmocka_run_group_tests_name("at_once", tests, NULL, NULL);
}
