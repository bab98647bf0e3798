/* live.c: a small hash table under one lock. An entry is in it from its claim until its commit was answered,
 * so whoever finds a file without a row can tell "not yet" from "never". */
#include "storage/live.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 256 };

struct live {
    pthread_mutex_t lock;
    struct live_entry *buckets[BUCKETS];
};

struct live *live_new(void)
{
    struct live *l = xcalloc(1, sizeof *l);
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

void live_free(struct live *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static struct live_entry **bucket(struct live *l, const struct ferry_id *id)
{
    return &l->buckets[((unsigned char)id->text[0] * 31u + (unsigned char)id->text[1] * 7u +
                        (unsigned char)id->text[2]) %
                       BUCKETS];
}

static void fence(struct live *l, const struct ferry_id *id, enum refuse why)
{
    for (struct live_entry *e = *bucket(l, id); e; e = e->next)
        if (strcmp(e->id.text, id->text) == 0 && atomic_load(&e->fenced) == REFUSE_OK)
            atomic_store(&e->fenced, (int)why);
}

void live_add(struct live *l, struct live_entry *e)
{
    pthread_mutex_lock(&l->lock);
    fence(l, &e->id, REFUSE_SLOT_BUSY);
    struct live_entry **at = bucket(l, &e->id);
    e->next = *at;
    *at = e;
    pthread_mutex_unlock(&l->lock);
}

void live_remove(struct live *l, struct live_entry *e)
{
    pthread_mutex_lock(&l->lock);
    for (struct live_entry **at = bucket(l, &e->id); *at; at = &(*at)->next) {
        if (*at == e) {
            *at = e->next;
            break;
        }
    }
    pthread_mutex_unlock(&l->lock);
}

void live_fence(struct live *l, const struct ferry_id *id, enum refuse why)
{
    pthread_mutex_lock(&l->lock);
    fence(l, id, why);
    pthread_mutex_unlock(&l->lock);
}

bool live_has(struct live *l, const struct ferry_id *id)
{
    bool found = false;
    pthread_mutex_lock(&l->lock);
    for (struct live_entry *e = *bucket(l, id); e && !found; e = e->next)
        found = strcmp(e->id.text, id->text) == 0;
    pthread_mutex_unlock(&l->lock);
    return found;
}
