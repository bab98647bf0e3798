/* marks.c: see marks.h. A scan that began before a mark's COMMIT still sees its rows, so they are remembered
 * for LINGER_MS behind it.
 */
#include "xmpp/marks.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "xmpp/mod.h"
#include "xmpp/retry.h"

#define BUCKETS 256
#define LINGER_MS 10000

struct row {
    struct row *chain, *aged; /* aged: written ones, in the order of their age */
    int64_t seq, written_at;  /* monotonic ms */
};

struct mark {
    struct retry retry;
    bool failed, fetched;
    struct ferry_id id; /* fetched */
    size_t n;
    int64_t seqs[MARKS_ROWS];
};

static struct {
    struct storage *st;
    struct row *table[BUCKETS];
    struct row *aged, **aged_end;
    struct loop_timer sweep;
} a;

/* --- rows --- */

static struct row **place(int64_t seq)
{
    struct row **at = &a.table[(uint64_t)seq % BUCKETS];
    while (*at && (*at)->seq != seq)
        at = &(*at)->chain;
    return at;
}

bool marks_has(int64_t seq)
{
    return *place(seq) != NULL;
}

static void on_sweep(void *arg)
{
    int64_t now = clock_mono_ms();
    while (a.aged && a.aged->written_at + LINGER_MS <= now) {
        struct row *r = a.aged, **at = place(r->seq);
        a.aged = r->aged;
        *at = r->chain;
        free(r);
    }
    if (a.aged)
        loop_timer_set(&a.sweep, a.aged->written_at + LINGER_MS - now);
    else
        a.aged_end = &a.aged;
}

static void linger(const struct mark *m)
{
    for (size_t i = 0; i < m->n; i++) {
        struct row *r = *place(m->seqs[i]);
        r->written_at = clock_mono_ms();
        *a.aged_end = r;
        a.aged_end = &r->aged;
    }
    if (!loop_timer_pending(&a.sweep))
        loop_timer_set(&a.sweep, LINGER_MS);
}

/* --- marks --- */

static struct mark *mark_of(struct retry *one)
{
    return (struct mark *)((char *)one - offsetof(struct mark, retry));
}

static void write_mark(struct retry *one);
static void mark_over(struct retry *one);
static struct retry_list late = {.what = "an outbox mark", .write = write_mark, .over = mark_over};

static void on_written(void *arg, enum refuse r)
{
    retry_answer(&late, arg, r);
}

static void write_mark(struct retry *one)
{
    const struct mark *m = mark_of(one);
    if (m->fetched)
        outbox_fetched(a.st, m->seqs[0], &m->id, mod_home(), on_written, one);
    else
        outbox_done(a.st, m->seqs, m->n, m->failed, mod_home(), on_written, one);
}

static void mark_over(struct retry *one)
{
    struct mark *m = mark_of(one);
    if (!late.stopped)
        linger(m);
    free(m);
}

static void begin(struct mark *m)
{
    for (size_t i = 0; i < m->n; i++) {
        struct row **at = place(m->seqs[i]);
        FERRY_ASSERT(!*at); /* nobody is told what stands here */
        *at = xcalloc(1, sizeof **at);
        (*at)->seq = m->seqs[i];
    }
    write_mark(&m->retry);
}

void marks_told(const int64_t *seqs, size_t n, bool failed)
{
    FERRY_ASSERT(n <= MARKS_ROWS);
    struct mark *m = xcalloc(1, sizeof *m);
    m->failed = failed;
    m->n = n;
    memcpy(m->seqs, seqs, n * sizeof *seqs);
    begin(m);
}

void marks_fetched(int64_t seq, const struct ferry_id *id)
{
    struct mark *m = xcalloc(1, sizeof *m);
    m->fetched = true;
    m->id = *id;
    m->n = 1;
    m->seqs[0] = seq;
    begin(m);
}

/* --- start and stop --- */

void marks_start(struct loop *loop, struct storage *st)
{
    a.st = st;
    a.aged_end = &a.aged;
    loop_timer_init(&a.sweep, loop, on_sweep, NULL);
    retry_start(&late, loop);
}

void marks_stop(void)
{
    loop_timer_clear(&a.sweep);
    retry_stop(&late);
    for (size_t i = 0; i < BUCKETS; i++)
        while (a.table[i]) {
            struct row *r = a.table[i];
            a.table[i] = r->chain;
            free(r);
        }
}
