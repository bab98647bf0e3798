/* storage_fixture.h: a real spool in a temporary folder, and the asynchronous verbs as calls that wait. For
 * the unit tests of storage/. */
#ifndef FERRY_STORAGE_FIXTURE_H
#define FERRY_STORAGE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "storage/check.h"
#include "storage/outbox.h"
#include "storage/transfer.h"

struct fixture {
    char dir[64];
    struct storage *st;
};

static inline void fixture_conf(struct fixture *f, const char *lines)
{
    char path[96];
    struct buf faults = {0};
    snprintf(path, sizeof path, "%s/ferryd.conf", f->dir);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fprintf(out, "[storage]\ndir = spool\n%s%s\n", strstr(lines, "reserve") ? "" : "reserve = 0\n", lines);
    fclose(out);
    struct conf *conf = conf_load(path, &faults);
    if (!conf)
        fail_msg("%s", faults.data);
    buf_free(&faults);
    conf_publish(conf);
}

static inline void fixture_open(struct fixture *f, bool start)
{
    struct buf why = {0};
    int code = 0;
    f->st = storage_open(&why, &code);
    if (!f->st)
        fail_msg("%d %s", code, why.data);
    buf_free(&why);
    if (start)
        storage_start(f->st);
}

static inline void fixture_new(struct fixture *f, const char *lines)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(f->dir, sizeof f->dir, "%s/ferry-unit-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    fixture_conf(f, lines);
    fixture_open(f, true);
}

static inline void fixture_restart(struct fixture *f)
{
    storage_close(&f->st);
    fixture_open(f, true);
}

static inline void fixture_free(struct fixture *f)
{
    char command[96];
    storage_close(&f->st);
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    assert_int_equal(system(command), 0);
}

/* A fixture a test: a site with these lines, one with the defaults, or one that the test makes (fixture_new).
 */
static inline int fixture_setup_with(void **state, const char *lines)
{
    struct fixture *f = calloc(1, sizeof *f);
    fixture_new(f, lines);
    *state = f;
    return 0;
}

static inline int fixture_setup(void **state)
{
    return fixture_setup_with(state, "");
}

static inline int fixture_setup_none(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return 0;
}

static inline int fixture_teardown(void **state)
{
    fixture_free(*state);
    free(*state);
    return 0;
}

/* --- verbs that wait -------------------------------------------------------------------------------------
 */

struct wait {
    sem_t sem;
    enum refuse r;
    struct incoming *in;
};

static inline void wait_for(struct wait *w)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    assert_int_equal(sem_timedwait(&w->sem, &until), 0);
    sem_destroy(&w->sem);
}

static inline void on_claimed(void *arg, enum refuse r, struct incoming *in)
{
    struct wait *w = arg;
    w->r = r;
    w->in = in;
    sem_post(&w->sem);
}

static inline void on_committed(void *arg, enum refuse r, const struct transfer *t)
{
    struct wait *w = arg;
    (void)t;
    w->r = r;
    sem_post(&w->sem);
}

static inline void on_changed(void *arg, enum refuse r)
{
    struct wait *w = arg;
    w->r = r;
    sem_post(&w->sem);
}

static inline struct grant fixture_grant(struct fixture *f, int64_t size)
{
    struct grant g = {.size = size,
                      .deadline = clock_wall() + 300,
                      .name = "a.bin",
                      .type = "",
                      .owner = "alice@localhost",
                      .to = "bob@localhost",
                      .to_raw = "",
                      .desc = "",
                      .took = TOOK_SLOT};
    id_new(f->st, &g.id);
    return g;
}

static inline enum refuse claim(struct fixture *f, const struct grant *g, unsigned flags,
                                struct incoming **in)
{
    struct wait w = {0};
    sem_init(&w.sem, 0, 0);
    incoming_claim(f->st, g, flags, NULL, on_claimed, &w);
    wait_for(&w);
    *in = w.in;
    return w.r;
}

static inline enum refuse commit(struct incoming **in, const struct incoming_end *end)
{
    struct wait w = {0};
    sem_init(&w.sem, 0, 0);
    incoming_commit(in, end, NULL, on_committed, &w);
    wait_for(&w);
    return w.r;
}

struct kept_wait {
    struct wait w;
    int64_t received;
};

static inline void on_kept(void *arg, enum refuse r, int64_t received)
{
    struct kept_wait *k = arg;
    k->w.r = r;
    k->received = received;
    sem_post(&k->w.sem);
}

static inline enum refuse keep(struct incoming **in, int64_t *received)
{
    struct kept_wait k = {0};
    sem_init(&k.w.sem, 0, 0);
    incoming_keep(in, NULL, on_kept, &k);
    wait_for(&k.w);
    *received = k.received;
    return k.w.r;
}

static inline enum refuse resume(struct fixture *f, const struct grant *g, int64_t offset, unsigned flags,
                                 struct incoming **in)
{
    struct wait w = {0};
    sem_init(&w.sem, 0, 0);
    incoming_resume(f->st, g, offset, flags, NULL, on_claimed, &w);
    wait_for(&w);
    *in = w.in;
    return w.r;
}

static inline enum refuse store(struct fixture *f, const struct grant *g, const void *data)
{
    struct incoming *in;
    enum refuse r = claim(f, g, 0, &in);
    if (r != REFUSE_OK)
        return r;
    r = incoming_write(in, data, (size_t)g->size);
    assert_int_equal(r, REFUSE_OK);
    return commit(&in, NULL);
}

static inline enum refuse removed(struct fixture *f, const struct ferry_id *id)
{
    struct wait w = {0};
    sem_init(&w.sem, 0, 0);
    transfer_remove(f->st, id, "operator", NULL, on_changed, &w);
    wait_for(&w);
    return w.r;
}

static inline enum refuse lookup(struct fixture *f, const struct ferry_id *id)
{
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    enum refuse r = transfer_lookup(f->st, id, arena, &t);
    arena_put(arena);
    return r;
}

static inline struct storage_totals totals(struct fixture *f)
{
    struct storage_totals t;
    storage_totals(f->st, &t);
    return t;
}

/* Waits until the condition holds: for what storage does by itself. */
#define WAIT_UNTIL(condition)                            \
    do {                                                 \
        int64_t until_ = clock_mono_ms() + 20000;        \
        while (!(condition) && clock_mono_ms() < until_) \
            usleep(2000);                                \
        assert_true(condition);                          \
    } while (0)

/* Files in a folder of the spool, below it too. */
static inline int count_files(const char *path)
{
    int n = 0;
    DIR *d = opendir(path);
    if (!d)
        return -1;
    for (struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.')
            continue;
        if (e->d_type == DT_DIR) {
            char *sub = xasprintf("%s/%s", path, e->d_name);
            n += count_files(sub);
            free(sub);
        } else {
            n++;
        }
    }
    closedir(d);
    return n;
}

static inline int files_in(struct fixture *f, const char *folder)
{
    char path[128];
    snprintf(path, sizeof path, "%s/spool/%s", f->dir, folder);
    return count_files(path);
}

static inline void data_path(struct fixture *f, const struct ferry_id *id, int attempt, char out[256])
{
    snprintf(out, 256, "%s/spool/data/%c/%s.%d", f->dir, id->text[0], id->text, attempt);
}

/* fsck's verdict: nothing at all to complain about. */
static inline void assert_clean(struct fixture *f)
{
    struct check_report r;
    check_all(f->st, &r);
    if (r.orphans || r.missing || r.damaged || r.figures || r.index || r.foreign)
        fail_msg("orphans=%d missing=%d damaged=%d figures=%d index=%d foreign=%d %s", (int)r.orphans,
                 (int)r.missing, (int)r.damaged, (int)r.figures, (int)r.index, (int)r.foreign,
                 r.detail.data ? r.detail.data : "");
    buf_free(&r.detail);
}

#endif
