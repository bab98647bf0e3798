/* live.c: a small hash table under one lock. An entry is in it from its claim until its commit was answered,
 * so whoever finds a file without a row can tell "not yet" from "never". */
#include "storage/live.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "storage/partial.h"

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

/* --- followers: all under the lock -----------------------------------------------------------------------
 */

static void news(struct follower *f)
{
    void (*wake)(void *arg) = TAKE(f->wake);
    f->news = true;
    if (wake)
        wake(f->arg);
}

static void end_followers(struct live_entry *e, enum follow state)
{
    struct follower *f = atomic_exchange(&e->followers, NULL);
    while (f) {
        struct follower *next = TAKE(f->next);
        f->of = NULL;
        f->state = state;
        news(f);
        f = next;
    }
}

static void fence(struct live *l, const struct ferry_id *id, enum refuse why)
{
    for (struct live_entry *e = *bucket(l, id); e; e = e->next) {
        if (e->claiming || strcmp(e->id.text, id->text) != 0 || atomic_load(&e->fenced) != REFUSE_OK)
            continue;
        atomic_store(&e->fenced, (int)why);
        end_followers(e, FOLLOW_LOST);
    }
}

/* Another upload brings the rest of the same attempt: who follows it goes on following. */
static void inherit(struct live *l, struct live_entry *heir)
{
    for (struct live_entry *e = *bucket(l, &heir->id); e; e = e->next) {
        if (e->claiming || e->attempt != heir->attempt || strcmp(e->id.text, heir->id.text) != 0)
            continue;
        struct follower *f = atomic_exchange(&e->followers, NULL);
        while (f) {
            struct follower *next = f->next;
            f->of = heir;
            f->next = atomic_load(&heir->followers);
            atomic_store(&heir->followers, f);
            f = next;
        }
    }
}

/* --- attempts --------------------------------------------------------------------------------------------
 */

static void enter(struct live *l, struct live_entry *e)
{
    struct live_entry **at = bucket(l, &e->id);
    e->next = *at;
    *at = e;
}

static struct live_entry *find(struct live *l, const struct ferry_id *id)
{
    struct live_entry *e = *bucket(l, id);
    while (e && strcmp(e->id.text, id->text) != 0)
        e = e->next;
    return e;
}

bool live_early(struct live *l, struct live_entry *e)
{
    pthread_mutex_lock(&l->lock);
    bool alone = !find(l, &e->id);
    if (alone) {
        e->early = true;
        e->attempt = 1;
        enter(l, e);
    }
    pthread_mutex_unlock(&l->lock);
    return alone;
}

bool live_claims(struct live *l, struct live_entry *e)
{
    bool taken = false;
    pthread_mutex_lock(&l->lock);
    for (struct live_entry *o = *bucket(l, &e->id); o && !taken; o = o->next)
        taken = o->early && strcmp(o->id.text, e->id.text) == 0;
    e->claiming = true;
    enter(l, e);
    pthread_mutex_unlock(&l->lock);
    return taken;
}

/* Out of the table, if it is there. */
static void leave(struct live *l, struct live_entry *e)
{
    for (struct live_entry **at = bucket(l, &e->id); *at; at = &(*at)->next) {
        if (*at == e) {
            *at = e->next;
            break;
        }
    }
}

void live_add(struct live *l, struct live_entry *e)
{
    pthread_mutex_lock(&l->lock);
    leave(l, e); /* live_claims */
    e->claiming = false;
    inherit(l, e);
    fence(l, &e->id, REFUSE_SLOT_BUSY);
    enter(l, e);
    pthread_mutex_unlock(&l->lock);
}

void live_remove(struct live *l, struct live_entry *e, bool whole)
{
    pthread_mutex_lock(&l->lock);
    leave(l, e);
    end_followers(e, whole ? FOLLOW_WHOLE : FOLLOW_LOST);
    pthread_mutex_unlock(&l->lock);
}

void live_give_up(struct live *l, struct live_entry *e)
{
    int goes_on = REFUSE_OK;
    pthread_mutex_lock(&l->lock);
    atomic_compare_exchange_strong(&e->fenced, &goes_on, (int)REFUSE_BROKEN_OFF);
    end_followers(e, FOLLOW_LOST);
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
    pthread_mutex_lock(&l->lock);
    bool found = find(l, id) != NULL;
    pthread_mutex_unlock(&l->lock);
    return found;
}

/* --- following -------------------------------------------------------------------------------------------
 */

bool live_follow(struct live *l, const struct ferry_id *id, struct follower *f)
{
    pthread_mutex_lock(&l->lock);
    struct live_entry *e = *bucket(l, id);
    while (e && (e->early || e->claiming || strcmp(e->id.text, id->text) != 0 ||
                 atomic_load(&e->fenced) != REFUSE_OK || atomic_load(&e->opening)))
        e = e->next;
    if (e) {
        *f = (struct follower){.next = atomic_load(&e->followers), .of = e, .attempt = e->attempt};
        atomic_store(&e->followers, f);
    }
    pthread_mutex_unlock(&l->lock);
    return e != NULL;
}

void live_unfollow(struct live *l, struct follower *f)
{
    pthread_mutex_lock(&l->lock);
    if (f->of) {
        struct follower *at = atomic_load(&f->of->followers);
        if (at == f) {
            atomic_store(&f->of->followers, f->next);
        } else {
            while (at->next != f)
                at = at->next;
            at->next = f->next;
        }
        f->of = NULL;
    }
    f->wake = NULL;
    pthread_mutex_unlock(&l->lock);
}

enum follow live_look(struct live *l, struct follower *f, int64_t *received)
{
    pthread_mutex_lock(&l->lock);
    enum follow state = f->state;
    *received = f->of ? partial_received(f->of->part) : 0;
    f->news = false;
    pthread_mutex_unlock(&l->lock);
    return state;
}

bool live_wait(struct live *l, struct follower *f, void (*wake)(void *arg), void *arg)
{
    pthread_mutex_lock(&l->lock);
    bool wait = !f->news;
    if (wait) {
        f->wake = wake;
        f->arg = arg;
    }
    pthread_mutex_unlock(&l->lock);
    return wait;
}

/* Who begins to follow after this look finds the bytes in the file. */
void live_grew(struct live *l, struct live_entry *e)
{
    if (!atomic_load(&e->followers))
        return;
    pthread_mutex_lock(&l->lock);
    for (struct follower *f = atomic_load(&e->followers); f; f = f->next)
        news(f);
    pthread_mutex_unlock(&l->lock);
}

struct partial *live_partial(struct live *l, const struct ferry_id *id, int attempt)
{
    struct partial *found = NULL;
    pthread_mutex_lock(&l->lock);
    for (struct live_entry *e = *bucket(l, id); e && !found; e = e->next) /* the newest stand first */
        if (!e->early && !e->claiming && strcmp(e->id.text, id->text) == 0 &&
            (!attempt || e->attempt == attempt))
            found = partial_ref(e->part);
    pthread_mutex_unlock(&l->lock);
    return found;
}
