/* once.c: one-time links: who is fetching which file now (contract in transfer.h).
 *
 * In memory: a fetch ends with its connection, so with the process. An id stays entered until the file's row
 * is dead on the disk, so that nobody begins between the last byte and the removal. A kill in that moment
 * leaves the link working: it may happen twice, never not at all (spool.7).
 */
#include "storage/once.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "storage/internal.h"

struct fetch {
    struct fetch *next;
    struct storage *st;
    struct ferry_id id;
    bool spent;
};

struct once {
    pthread_mutex_t lock;
    struct fetch *first; /* at most one a connection */
};

struct once *once_new(void)
{
    struct once *o = xcalloc(1, sizeof *o);
    pthread_mutex_init(&o->lock, NULL);
    return o;
}

void once_free(struct once *o)
{
    if (!o)
        return;
    while (o->first) {
        struct fetch *f = o->first;
        o->first = f->next;
        free(f);
    }
    pthread_mutex_destroy(&o->lock);
    free(o);
}

/* Where the fetch of an id hangs; *where is NULL: nobody fetches it. Under the lock. */
static struct fetch **find(struct once *o, const struct ferry_id *id)
{
    struct fetch **at = &o->first;
    while (*at && strcmp((*at)->id.text, id->text) != 0)
        at = &(*at)->next;
    return at;
}

bool once_is_spent(struct once *o, const struct ferry_id *id)
{
    pthread_mutex_lock(&o->lock);
    const struct fetch *f = *find(o, id);
    bool spent = f && f->spent;
    pthread_mutex_unlock(&o->lock);
    return spent;
}

static enum refuse enter(struct storage *st, const struct ferry_id *id)
{
    struct once *o = st->once;
    enum refuse r = REFUSE_OK;
    pthread_mutex_lock(&o->lock);
    struct fetch *f = *find(o, id);
    if (f) {
        r = f->spent ? REFUSE_REMOVED : REFUSE_ONCE_BUSY;
    } else {
        f = xcalloc(1, sizeof *f);
        *f = (struct fetch){.next = o->first, .st = st, .id = *id};
        o->first = f;
    }
    pthread_mutex_unlock(&o->lock);
    return r;
}

void transfer_once_failed(struct storage *st, const struct ferry_id *id)
{
    pthread_mutex_lock(&st->once->lock);
    struct fetch **at = find(st->once, id), *f = *at;
    FERRY_ASSERT(f != NULL);
    *at = f->next;
    pthread_mutex_unlock(&st->once->lock);
    free(f);
}

enum refuse transfer_once_begin(struct storage *st, const struct ferry_id *id)
{
    enum refuse r = enter(st, id);
    if (r != REFUSE_OK)
        return r;
    struct arena *arena = arena_get(NULL); /* fetched, removed or expired since the caller's lookup? */
    struct transfer now;
    r = transfer_lookup(st, id, arena, &now);
    arena_put(arena);
    if (r != REFUSE_OK)
        transfer_once_failed(st, id);
    return r;
}

static void removed(void *arg, enum refuse r)
{
    struct fetch *f = arg;
    if (r == REFUSE_OK || r == REFUSE_NOT_FOUND)
        transfer_once_failed(f->st, &f->id);
    else /* it stays entered, and spent, for this process's life */
        log_error(ID_SHOWN " transfer fetched by a one-time link, but not removed why=%s", f->id.text,
                  refuse_get(r)->name);
}

void transfer_once_spent(struct storage *st, const struct ferry_id *id)
{
    pthread_mutex_lock(&st->once->lock);
    struct fetch *f = *find(st->once, id);
    FERRY_ASSERT(f != NULL && !f->spent);
    f->spent = true;
    pthread_mutex_unlock(&st->once->lock);
    transfer_fetched(st, id);
    transfer_remove(st, id, "once", NULL, removed, f);
}
