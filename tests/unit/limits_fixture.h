/* limits_fixture.h: files, fetches, refusals and explanations in a line each, for the unit tests of limits.
 */
#ifndef FERRY_LIMITS_FIXTURE_H
#define FERRY_LIMITS_FIXTURE_H

#include "tests/unit/storage_fixture.h"

#include <sqlite3.h>

#include "storage/index.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"

#define ALICE "alice@localhost"
#define BOB "bob@localhost"

static inline struct grant file(struct fixture *f, int64_t size, enum purpose purpose, const char *to)
{
    struct grant g = fixture_grant(f, size);
    g.purpose = purpose;
    g.to = to;
    return g;
}

static const char zeros[100000];

static inline enum refuse put(struct fixture *f, const struct grant *g)
{
    return store(f, g, zeros);
}

static inline enum refuse advice(struct fixture *f, const struct grant *g)
{
    struct grant again = *g;
    return grant_new(f->st, &again);
}

struct explained {
    sem_t sem;
    struct grant_limit limit;
};

static inline void on_explained(void *arg, const struct grant_limit *limit)
{
    struct explained *e = arg;
    e->limit = *limit;
    sem_post(&e->sem);
}

static inline struct grant_limit explain(struct fixture *f, const struct grant *g)
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

static inline struct usage_figures figures(struct fixture *f, const char *jid)
{
    struct usage_figures u;
    index_usage_get(index_reader(f->st->index), jid, &u);
    return u;
}

static inline void fetch(struct fixture *f, const struct ferry_id *id)
{
    struct arena *arena = arena_get(NULL);
    struct transfer t = {0};
    transfer_fetched(f->st, id);
    WAIT_UNTIL(transfer_lookup(f->st, id, arena, &t) == REFUSE_OK && t.fetched);
    arena_put(arena);
}

static inline void run_sql(struct fixture *f, const char *statement)
{
    char path[96];
    sqlite3 *h;
    snprintf(path, sizeof path, "%s/spool/index.db", f->dir);
    assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
    sqlite3_busy_timeout(h, 20000);
    assert_int_equal(sqlite3_exec(h, statement, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(h);
}

static inline void assert_words(const struct grant_limit *l, const char *en, const char *zh)
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
static inline void refused(struct fixture *f, const struct grant *g, enum refuse why)
{
    struct incoming *in = NULL;
    assert_int_equal(claim(f, g, 0, &in), why);
    assert_int_equal(advice(f, g), why);
    assert_int_equal(explain(f, g).why, why);
}

#endif
