/* parked.c: a short array in the order of arrival, under one lock. */
#include "storage/parked.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { PARKED_MS = 60000 };

struct parked {
    struct storage *st;
    pthread_mutex_t lock;
    bool stopped;
    size_t n;
    struct {
        struct partial *part;
        int64_t since; /* monotonic ms */
        bool awaited;
    } at[PARKED_MAX];
};

struct parked *parked_new(struct storage *st)
{
    struct parked *k = xcalloc(1, sizeof *k);
    k->st = st;
    pthread_mutex_init(&k->lock, NULL);
    return k;
}

void parked_free(struct parked *k)
{
    if (!k)
        return;
    FERRY_ASSERT(k->n == 0);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

/* With the lock held. */
static struct partial *take_out(struct parked *k, size_t i)
{
    struct partial *p = k->at[i].part;
    memmove(&k->at[i], &k->at[i + 1], (--k->n - i) * sizeof k->at[0]);
    return p;
}

static void forget(struct parked *k, struct partial *p)
{
    if (!p)
        return;
    storage_enter(k->st);
    partial_unref(&p);
    storage_leave(k->st);
}

void parked_put(struct parked *k, struct partial *p, bool awaited)
{
    struct partial *gone = NULL;
    pthread_mutex_lock(&k->lock);
    if (k->stopped) {
        gone = p;
    } else {
        if (k->n == PARKED_MAX)
            gone = take_out(k, 0);
        k->at[k->n].part = p;
        k->at[k->n].awaited = awaited;
        k->at[k->n++].since = clock_mono_ms();
    }
    pthread_mutex_unlock(&k->lock);
    forget(k, gone);
}

struct partial *parked_take(struct parked *k, const struct ferry_id *id, int attempt)
{
    struct partial *found = NULL;
    pthread_mutex_lock(&k->lock);
    for (size_t i = 0; i < k->n && !found; i++)
        if (partial_attempt(k->at[i].part) == attempt &&
            strcmp(partial_id(k->at[i].part)->text, id->text) == 0)
            found = take_out(k, i);
    pthread_mutex_unlock(&k->lock);
    return found;
}

bool parked_awaits(struct parked *k, const struct ferry_id *id)
{
    bool found = false;
    pthread_mutex_lock(&k->lock);
    for (size_t i = 0; i < k->n && !found; i++)
        found = k->at[i].awaited && strcmp(partial_id(k->at[i].part)->text, id->text) == 0;
    pthread_mutex_unlock(&k->lock);
    return found;
}

void parked_drop(struct parked *k, const struct ferry_id *id, int attempt)
{
    forget(k, parked_take(k, id, attempt));
}

/* The oldest, if it has been here since before that. */
static struct partial *oldest(struct parked *k, int64_t before)
{
    pthread_mutex_lock(&k->lock);
    struct partial *p = k->n > 0 && k->at[0].since < before ? take_out(k, 0) : NULL;
    pthread_mutex_unlock(&k->lock);
    return p;
}

void parked_sweep(struct parked *k)
{
    int64_t before = clock_mono_ms() - PARKED_MS;
    for (struct partial *p; (p = oldest(k, before));)
        forget(k, p);
}

void parked_stop(struct parked *k)
{
    pthread_mutex_lock(&k->lock);
    k->stopped = true;
    pthread_mutex_unlock(&k->lock);
    for (struct partial *p; (p = oldest(k, INT64_MAX));)
        forget(k, p);
}
