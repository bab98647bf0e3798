/* partial.c: the life of a partial, and whose it is. What is done with its bytes: partial_bytes.c. */
#include <stdlib.h>

#include "storage/partial_body.h"
#include "storage/usage.h"

/* --- making and freeing ----------------------------------------------------------------------------------
 */

struct partial *partial_new(struct storage *st, const struct ferry_id *id, int attempt, int64_t size,
                            const void *owner)
{
    struct partial *p = xcalloc(1, sizeof *p);
    p->st = st;
    p->id = *id;
    p->attempt = attempt;
    p->size = size;
    p->owner = owner;
    atomic_init(&p->refs, 1);
    pthread_mutex_init(&p->own, NULL);
    pthread_mutex_init(&p->io, NULL);
    pthread_cond_init(&p->synced, NULL);
    return p;
}

void partial_unsized(struct partial *p)
{
    p->unsized = true;
}

struct partial *partial_of_row(struct storage *st, const struct ferry_id *id, int attempt, int64_t size,
                               int64_t kept, const void *owner)
{
    struct partial *p = partial_new(st, id, attempt, size, owner);
    atomic_init(&p->received, kept);
    p->checked = kept;
    atomic_init(&p->promised, kept > 0);
    return p;
}

struct partial *partial_ref(struct partial *p)
{
    atomic_fetch_add(&p->refs, 1);
    return p;
}

static void end(struct task *task)
{
    struct partial *p = INDEX_OP_OF(task, struct partial, task);
    struct storage *st = p->st;
    spool_leave(&p->file);
    EVP_MD_CTX_free(p->sha256);
    EVP_MD_CTX_free(p->md5);
    pthread_mutex_destroy(&p->own);
    pthread_mutex_destroy(&p->io);
    pthread_cond_destroy(&p->synced);
    free(p);
    storage_leave(st);
}

void partial_unref(struct partial **pp)
{
    struct partial *p = TAKE(*pp);
    if (!p || atomic_fetch_sub(&p->refs, 1) > 1)
        return;
    partial_owe_nothing(p);
    storage_enter(p->st);
    p->task.run = end;
    if (p->file)
        storage_work(p->st, &p->task);
    else
        end(&p->task);
}

const struct ferry_id *partial_id(const struct partial *p)
{
    return &p->id;
}

int partial_attempt(const struct partial *p)
{
    return p->attempt;
}

int64_t partial_received(const struct partial *p)
{
    return atomic_load(&((struct partial *)p)->received);
}

void partial_promise(struct partial *p)
{
    atomic_store(&p->promised, true);
}

bool partial_promised(struct partial *p)
{
    return atomic_load(&p->promised);
}

/* --- whose it is -----------------------------------------------------------------------------------------
 */

bool partial_owned(struct partial *p, const void *owner)
{
    pthread_mutex_lock(&p->own);
    bool yes = p->owner == owner;
    pthread_mutex_unlock(&p->own);
    return yes;
}

bool partial_pass(struct partial *p, const void *owner)
{
    pthread_mutex_lock(&p->own);
    bool yes = !p->sealed;
    if (yes)
        p->owner = owner;
    pthread_mutex_unlock(&p->own);
    return yes;
}

bool partial_seal(struct partial *p, const void *owner)
{
    pthread_mutex_lock(&p->own);
    bool yes = p->owner == owner;
    p->sealed = p->sealed || yes;
    pthread_mutex_unlock(&p->own);
    return yes;
}

/* --- what the disk has yet to take -----------------------------------------------------------------------
 */

void partial_set_owed(struct partial *p, int64_t owed)
{
    usage_owe(p->st, owed - p->owed);
    p->owed = owed;
}

int64_t partial_missing(const struct partial *p)
{
    return p->file && spool_allocated(p->file) ? 0 : p->size - partial_received(p);
}

void partial_owe(struct partial *p)
{
    partial_set_owed(p, partial_missing(p));
}

void partial_owe_nothing(struct partial *p)
{
    partial_set_owed(p, 0);
}
