/* The index's thread: group commit, a savepoint each, readers that see what was answered. */
#include "tests/unit/storage_fixture.h"

#include <sched.h>
#include <stdatomic.h>

#include "base/workers.h"
#include "storage/index_sql.h"

enum { OPS = 200 };

struct world {
    char dir[64], *path;
    struct index *ix;
    struct workers *readers;
    pthread_mutex_t gate;
    atomic_int commits, pokes, failures;
};

static void on_poke(void *arg)
{
    atomic_fetch_add(&((struct world *)arg)->pokes, 1);
}
static void before_commit(void *arg, struct index_db *db)
{
    (void)arg;
    (void)db;
}
static void after_commit(void *arg)
{
    atomic_fetch_add(&((struct world *)arg)->commits, 1);
}
static void on_failed(void *arg, const char *what)
{
    (void)what;
    atomic_fetch_add(&((struct world *)arg)->failures, 1);
}
static int64_t on_chore(void *arg)
{
    (void)arg;
    return 60000;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct buf why = {0};
    const char *tmp = getenv("TMPDIR");
    snprintf(w->dir, sizeof w->dir, "%s/ferry-index-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    assert_non_null(mkdtemp(w->dir));
    w->path = xasprintf("%s/index.db", w->dir);
    w->readers = workers_new("test", 2);
    pthread_mutex_init(&w->gate, NULL);
    struct index_host host = {.arg = w,
                              .poke = on_poke,
                              .committing = before_commit,
                              .committed = after_commit,
                              .failed = on_failed,
                              .chore = on_chore,
                              .readers = w->readers};
    w->ix = index_open(w->path, &host, &why);
    if (!w->ix)
        fail_msg("%s", why.data);
    index_start(w->ix);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    char *command = xasprintf("rm -rf '%s'", w->dir);
    workers_stop(&w->readers);
    index_close(&w->ix);
    assert_int_equal(system(command), 0);
    pthread_mutex_destroy(&w->gate);
    free(command);
    free(w->path);
    free(w);
    return 0;
}

struct add {
    struct index_op op;
    struct world *w;
    char token[32];
    bool hold, refuse, broken;
    sem_t *done, *begun;
};

static enum refuse run_add(struct index_db *db, struct index_op *op)
{
    struct add *a = INDEX_OP_OF(op, struct add, op);
    if (a->hold) { /* keeps the thread busy while the others are posted */
        if (a->begun)
            sem_post(a->begun);
        pthread_mutex_lock(&a->w->gate);
        pthread_mutex_unlock(&a->w->gate);
    }
    sqlite3_stmt *s = sql(db, "INSERT INTO long_grant(token, expires, body) VALUES (?1, 0, x'')");
    sql_text(s, 1, a->token);
    sql_run(db, s);
    if (a->broken)
        sql_run(db, sql(db, "INSERT INTO total VALUES (1, 0, 0)")); /* a constraint says no */
    return a->refuse ? REFUSE_CONFLICT : REFUSE_OK;
}

static void add_done(struct index_op *op)
{
    sem_post(INDEX_OP_OF(op, struct add, op)->done);
}

static void wait_sem(sem_t *sem, int n)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    while (n-- > 0)
        assert_int_equal(sem_timedwait(sem, &until), 0);
}

static int64_t rows(struct world *w)
{
    struct index_db *db = index_reader(w->ix);
    sqlite3_stmt *s = sql(db, "SELECT count(*) FROM long_grant");
    int64_t n = sql_row(db, s) ? sql_get_int(s, 0) : -1;
    sql_end(s);
    assert_int_equal(index_error(db), REFUSE_OK);
    return n;
}

static struct add *make(struct world *w, int n, sem_t *done)
{
    struct add *all = calloc((size_t)n, sizeof *all);
    for (int i = 0; i < n; i++) {
        all[i].w = w;
        all[i].done = done;
        all[i].op.run = run_add;
        all[i].op.done = add_done;
        snprintf(all[i].token, sizeof all[i].token, "t%d", i);
    }
    return all;
}

static void what_waits_together_is_committed_together(void **state)
{
    struct world *w = *state;
    sem_t done;
    sem_init(&done, 0, 0);
    struct add *all = make(w, OPS, &done);
    pthread_mutex_lock(&w->gate);
    all[0].hold = true;
    index_write(w->ix, &all[0].op);
    for (int i = 1; i < OPS; i++) {
        all[i].op.flags = INDEX_POKE;
        index_write(w->ix, &all[i].op);
    }
    pthread_mutex_unlock(&w->gate);
    wait_sem(&done, OPS);
    assert_int_equal(rows(w), OPS); /* answered: so every reader sees it */
    assert_true(atomic_load(&w->commits) <= 3);
    assert_true(atomic_load(&w->pokes) <= 2 && atomic_load(&w->pokes) >= 1);
    free(all);
}

static void one_refused_leaves_the_others(void **state)
{
    struct world *w = *state;
    sem_t done;
    sem_init(&done, 0, 0);
    struct add *all = make(w, 5, &done);
    pthread_mutex_lock(&w->gate);
    all[0].hold = true;
    all[2].refuse = true;
    all[3].broken = true;
    for (int i = 0; i < 5; i++)
        index_write(w->ix, &all[i].op);
    pthread_mutex_unlock(&w->gate);
    wait_sem(&done, 5);
    assert_int_equal(all[1].op.result, REFUSE_OK);
    assert_int_equal(all[2].op.result, REFUSE_CONFLICT);
    assert_int_equal(all[3].op.result, REFUSE_INTERNAL);
    assert_int_equal(all[4].op.result, REFUSE_OK);
    assert_int_equal(rows(w), 3);
    assert_false(index_broken(w->ix));
    free(all);
}

/* Alone there is no savepoint to undo. */
static void refused_alone_nothing_stays(void **state)
{
    struct world *w = *state;
    sem_t done;
    sem_init(&done, 0, 0);
    struct add *all = make(w, 3, &done);
    all[0].refuse = true;
    all[1].broken = true;
    for (int i = 0; i < 3; i++) {
        index_write(w->ix, &all[i].op);
        wait_sem(&done, 1);
    }
    assert_int_equal(all[0].op.result, REFUSE_CONFLICT);
    assert_int_equal(all[1].op.result, REFUSE_INTERNAL);
    assert_int_equal(all[2].op.result, REFUSE_OK);
    assert_int_equal(rows(w), 1);
    assert_false(index_broken(w->ix));
    free(all);
}

/* As soon as the thread rests; it has just begun its first chore, or answered somebody. */
static void write_here(struct world *w, struct add *a)
{
    while (!index_write_now(w->ix, &a->op))
        sched_yield();
}

static void who_finds_it_resting_writes_himself(void **state)
{
    struct world *w = *state;
    sem_t done;
    sem_init(&done, 0, 0);
    struct add *all = make(w, 4, &done);
    all[1].refuse = true;
    all[2].broken = true;
    for (int i = 0; i < 4; i++) {
        write_here(w, &all[i]);
        assert_int_equal(sem_trywait(&done), 0); /* over when it returns */
    }
    assert_int_equal(all[0].op.result, REFUSE_OK);
    assert_int_equal(all[1].op.result, REFUSE_CONFLICT);
    assert_int_equal(all[2].op.result, REFUSE_INTERNAL);
    assert_int_equal(all[3].op.result, REFUSE_OK);
    assert_int_equal(rows(w), 2);
    free(all);
}

static void *write_in_thread(void *arg)
{
    struct add *a = arg;
    write_here(a->w, a);
    return NULL;
}

/* While it is somebody's turn nobody else takes one, and what is posted meanwhile is done after it. */
static void his_turn_is_his_alone(void **state)
{
    struct world *w = *state;
    sem_t done, begun;
    sem_init(&done, 0, 0);
    sem_init(&begun, 0, 0);
    struct add *all = make(w, 3, &done);
    pthread_t thread;
    all[0].hold = true;
    all[0].begun = &begun;
    pthread_mutex_lock(&w->gate);
    assert_int_equal(pthread_create(&thread, NULL, write_in_thread, &all[0]), 0);
    wait_sem(&begun, 1);
    index_write(w->ix, &all[1].op);
    assert_false(index_write_now(w->ix, &all[2].op));
    assert_int_equal(rows(w), 0);
    pthread_mutex_unlock(&w->gate);
    wait_sem(&done, 2);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(rows(w), 2);
    sem_destroy(&begun);
    free(all);
}

/* Who serves others does not wait for another program's transaction: that is left to the index's thread. */
static void another_program_is_not_waited_for(void **state)
{
    struct world *w = *state;
    sem_t done;
    sqlite3 *other;
    sem_init(&done, 0, 0);
    struct add *all = make(w, 2, &done);
    write_here(w, &all[0]);
    wait_sem(&done, 1);
    assert_int_equal(sqlite3_open(w->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (int i = 0; i < 100; i++) /* were each waited for, this would not end in the test's time */
        assert_false(index_write_now(w->ix, &all[1].op));
    index_write(w->ix, &all[1].op);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    wait_sem(&done, 1);
    assert_int_equal(all[1].op.result, REFUSE_OK);
    assert_int_equal(rows(w), 2);
    sqlite3_close(other);
    free(all);
}

/* No page more than there are: the statement that wants one makes SQLite give up the whole transaction. */
static enum refuse run_out_of_space(struct index_db *db, struct index_op *op)
{
    sqlite3_exec(sql_handle(db), "PRAGMA max_page_count=1", NULL, NULL, NULL);
    sql_run(db, sql(db, "INSERT INTO long_grant(token, expires, body) VALUES ('big', 0, zeroblob(100000))"));
    run_add(db, op);
    return REFUSE_OK;
}

static void half_an_operation_never_stays(void **state)
{
    struct world *w = *state;
    sem_t done;
    sem_init(&done, 0, 0);
    struct add *all = make(w, 3, &done);
    pthread_mutex_lock(&w->gate);
    all[0].hold = true;
    all[1].op.run = run_out_of_space;
    for (int i = 0; i < 3; i++)
        index_write(w->ix, &all[i].op);
    pthread_mutex_unlock(&w->gate);
    wait_sem(&done, 3);
    assert_int_equal(all[1].op.result, REFUSE_DISK_FULL);
    assert_int_equal(all[2].op.result, REFUSE_DISK_FULL); /* the same batch */
    assert_int_equal(rows(w), all[0].op.result == REFUSE_OK);
    assert_false(index_broken(w->ix));
    assert_int_equal(index_write_wait(w->ix, &all[2].op), REFUSE_OK); /* and life goes on */
    free(all);
}

struct look {
    struct index_op op;
    int64_t n;
    sem_t done;
};

static enum refuse run_look(struct index_db *db, struct index_op *op)
{
    sqlite3_stmt *s = sql(db, "SELECT count(*) FROM long_grant");
    if (sql_row(db, s))
        INDEX_OP_OF(op, struct look, op)->n = sql_get_int(s, 0);
    sql_end(s);
    return REFUSE_OK;
}

static void look_done(struct index_op *op)
{
    sem_post(&INDEX_OP_OF(op, struct look, op)->done);
}

static void readers_do_not_wait_for_the_writer(void **state)
{
    struct world *w = *state;
    sem_t done;
    sem_init(&done, 0, 0);
    struct add *all = make(w, 2, &done);
    assert_int_equal(index_write_wait(w->ix, &all[0].op), REFUSE_OK);
    all[1].hold = true;
    pthread_mutex_lock(&w->gate);
    index_write(w->ix, &all[1].op);
    struct look look = {.op = {.run = run_look, .done = look_done}};
    sem_init(&look.done, 0, 0);
    index_read(w->ix, &look.op);
    wait_sem(&look.done, 1);
    assert_int_equal(look.n, 1);
    pthread_mutex_unlock(&w->gate);
    wait_sem(&done, 1);
    free(all);
}

static void lazy_ones_survive_a_close(void **state)
{
    struct world *w = *state;
    sem_t done;
    sem_init(&done, 0, 0);
    struct add *all = make(w, 2, &done);
    all[0].op.flags = INDEX_LAZY;
    assert_int_equal(index_write_wait(w->ix, &all[0].op), REFUSE_OK);
    assert_int_equal(index_write_wait(w->ix, &all[1].op), REFUSE_OK);
    assert_int_equal(rows(w), 2);
    struct buf out = {0};
    assert_true(index_check(index_reader(w->ix), true, &out));
    char *copy = xasprintf("%s/backup.db", w->dir);
    assert_int_equal(index_backup(w->ix, copy), REFUSE_OK);
    assert_int_equal(access(copy, F_OK), 0);
    free(copy);
    free(all);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(what_waits_together_is_committed_together),
        T(one_refused_leaves_the_others),
        T(refused_alone_nothing_stays),
        T(who_finds_it_resting_writes_himself),
        T(his_turn_is_his_alone),
        T(another_program_is_not_waited_for),
        T(half_an_operation_never_stays),
        T(readers_do_not_wait_for_the_writer),
        T(lazy_ones_survive_a_close),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
