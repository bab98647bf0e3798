/* ready.c: see ready.h. A table of chains, and all answers in the order in which they were made, which is
 * that in which their time is over. Only those whose time is over make room, so that more files than there is
 * room for do not push each other out; and who asks for a file that nobody has asked for lately leaves a mark
 * alone.
 *
 * To libmicrohttpd an answer from a buffer is never written to once it is queued, and it counts its owners
 * under a lock of its own: any number of connections of any thread send the same one. What we count on beside
 * that is that a stored file never changes but for its time to live: the key is its name and attempt. */
#include "http/ready.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/reply.h"

/* Behind GOOD_MS an answer is no longer sent, but known for STALE_MS more: what is asked for still is kept at
 * once when it is made anew. */
enum { GOOD_MS = 3000, STALE_MS = 1000 };

enum {
    CHAINS = 1024,
    MARKS = 4096,        /* both are powers of two that hash() is shifted to */
    HEADERS = 3072,      /* about what libmicrohttpd has for them */
    BYTES_MOST = 4 << 20 /* of all together */
};

struct ready {
    struct ready *older, *newer;
    struct ready *next; /* in its chain */
    struct ferry_id id;
    int attempt;
    struct ready_form form;
    int64_t made; /* clock_mono_ms */
    size_t bytes;
    struct MHD_Response *answer;
};

static struct {
    pthread_mutex_t lock;
    size_t bytes;
    struct ready *oldest, *newest;
    struct ready *chains[CHAINS];
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* That a file was asked for since the last sweep. One for many files: another's makes an answer be kept too
 * early, which costs nothing but room. */
static atomic_bool marks[MARKS];

/* An id begins with random characters. */
static uint32_t hash(const struct ferry_id *id)
{
    uint32_t begins;

    memcpy(&begins, id->text + 1, sizeof begins);
    return begins * 0x9E3779B1u;
}

static struct ready **chain_of(const struct ferry_id *id)
{
    return &table.chains[hash(id) >> 22];
}

static struct ready *find(const struct transfer *t, const struct ready_form *form)
{
    struct ready *k = *chain_of(&t->id);

    while (k && (k->attempt != t->attempt || k->form.attachment != form->attachment ||
                 memcmp(k->id.text, t->id.text, ID_LEN) != 0))
        k = k->next;
    return k;
}

static void drop(struct ready *k)
{
    struct ready **at = chain_of(&k->id);

    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    FERRY_ASSERT((k->older == NULL) == (table.oldest == k));
    if (k->older)
        k->older->newer = k->newer;
    else
        table.oldest = k->newer;
    if (k->newer)
        k->newer->older = k->older;
    else
        table.newest = k->older;
    table.bytes -= k->bytes;
    MHD_destroy_response(k->answer);
    free(k);
}

static bool is_good(const struct ready *k, int64_t now)
{
    return now - k->made < GOOD_MS;
}

bool ready_send(struct request *rq, const struct transfer *t, const struct ready_form *form, int *answer)
{
    int64_t now = clock_mono_ms();
    bool sent = false;

    pthread_mutex_lock(&table.lock);
    struct ready *k = find(t, form);
    if (k && k->form.life == form->life && is_good(k, now)) {
        *answer = reply_shared(rq, MHD_HTTP_OK, k->answer);
        sent = true;
    }
    pthread_mutex_unlock(&table.lock);
    return sent;
}

static bool make_room(size_t bytes, int64_t now)
{
    struct ready *k;

    while (table.bytes + bytes > BYTES_MOST) {
        k = table.oldest;
        if (is_good(k, now))
            return false;
        drop(k);
    }
    return true;
}

/* In place of an older one. false: there is no room. */
static bool enter(const struct transfer *t, const struct ready_form *form, struct MHD_Response *r)
{
    size_t bytes = sizeof(struct ready) + HEADERS + (size_t)t->size;
    int64_t now = clock_mono_ms();
    struct ready *k = find(t, form);

    if (k)
        drop(k);
    if (!make_room(bytes, now))
        return false;
    struct ready **chain = chain_of(&t->id);
    k = xmalloc(sizeof *k);
    *k = (struct ready){table.newest, NULL, *chain, t->id, t->attempt, *form, now, bytes, r};
    if (k->older)
        k->older->newer = k;
    else
        table.oldest = k;
    table.newest = *chain = k;
    table.bytes += bytes;
    return true;
}

void ready_keep(const struct transfer *t, const struct ready_form *form, struct MHD_Response *r)
{
    bool kept = false;
    bool again = atomic_exchange(&marks[hash(&t->id) >> 20], true);

    pthread_mutex_lock(&table.lock);
    if (again || find(t, form))
        kept = enter(t, form, r);
    pthread_mutex_unlock(&table.lock);
    if (!kept)
        MHD_destroy_response(r);
}

static void drop_older(int64_t than)
{
    int64_t now = clock_mono_ms();

    pthread_mutex_lock(&table.lock);
    while (table.oldest && now - table.oldest->made >= than)
        drop(table.oldest);
    pthread_mutex_unlock(&table.lock);
}

void ready_sweep(void)
{
    for (size_t i = 0; i < MARKS; i++)
        atomic_store_explicit(&marks[i], false, memory_order_relaxed);
    drop_older(GOOD_MS + STALE_MS);
}

bool ready_any(void)
{
    pthread_mutex_lock(&table.lock);
    bool any = table.bytes > 0;
    pthread_mutex_unlock(&table.lock);
    return any;
}

void ready_stop(void)
{
    drop_older(0);
}
