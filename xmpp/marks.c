/* marks.c: see marks.h. A scan that began before a mark's COMMIT still sees its rows, so they are remembered
 * for LINGER_MS behind it. Of those that could not be written the oldest is tried each RETRY_MS; when it
 * comes through, so do the others.
 */
#include "xmpp/marks.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "xmpp/mod.h"

#define BUCKETS 256
#define LINGER_MS 10000
#define RETRY_MS 2000

struct row {
    struct row *chain, *aged; /* aged: written ones, in the order of their age */
    int64_t seq, written_at;  /* monotonic ms */
};

struct mark {
    struct mark *next; /* among the late ones, the oldest first */
    bool failed, fetched, late;
    struct ferry_id id; /* fetched */
    size_t n;
    int64_t seqs[MARKS_ROWS];
};

static struct {
    struct storage *st;
    struct row *table[BUCKETS];
    struct row *aged, **aged_end;
    struct mark *late, **late_end;
    size_t n_late;
    struct loop_timer sweep, retry;
    bool stopped;
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

static void on_written(void *arg, enum refuse r);

static void write_mark(struct mark *m)
{
    if (m->fetched)
        outbox_fetched(a.st, m->seqs[0], &m->id, mod_home(), on_written, m);
    else
        outbox_done(a.st, m->seqs, m->n, m->failed, mod_home(), on_written, m);
}

static struct mark *first_late(void)
{
    struct mark *m = a.late;
    a.late = m->next;
    if (!a.late)
        a.late_end = &a.late;
    m->next = NULL;
    a.n_late--;
    return m;
}

static void keep(struct mark *m, enum refuse why)
{
    if (!m->late)
        log_warn("outbox mark of row %lld waits: %s", (long long)m->seqs[0], refuse_get(why)->name);
    m->late = true;
    *a.late_end = m;
    a.late_end = &m->next;
    if (++a.n_late > MARKS_LATE) {
        struct mark *oldest = first_late();
        linger(oldest);
        free(oldest);
    }
    if (!loop_timer_pending(&a.retry))
        loop_timer_set(&a.retry, RETRY_MS);
}

static void on_written(void *arg, enum refuse r)
{
    struct mark *m = arg;
    if (a.stopped) {
        free(m);
        return;
    }
    if (r != REFUSE_OK) {
        keep(m, r);
        return;
    }
    linger(m);
    free(m);
    while (a.late)
        write_mark(first_late());
}

static void on_retry(void *arg)
{
    if (!a.late)
        return;
    write_mark(first_late());
    loop_timer_set(&a.retry, RETRY_MS);
}

static void begin(struct mark *m)
{
    for (size_t i = 0; i < m->n; i++) {
        struct row **at = place(m->seqs[i]);
        FERRY_ASSERT(!*at); /* nobody is told what stands here */
        *at = xcalloc(1, sizeof **at);
        (*at)->seq = m->seqs[i];
    }
    write_mark(m);
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
    a.late_end = &a.late;
    loop_timer_init(&a.sweep, loop, on_sweep, NULL);
    loop_timer_init(&a.retry, loop, on_retry, NULL);
}

void marks_stop(void)
{
    a.stopped = true;
    loop_timer_clear(&a.sweep);
    loop_timer_clear(&a.retry);
    while (a.late)
        free(first_late());
    for (size_t i = 0; i < BUCKETS; i++)
        while (a.table[i]) {
            struct row *r = a.table[i];
            a.table[i] = r->chain;
            free(r);
        }
}
