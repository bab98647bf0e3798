/* partial_bytes.c: file and hashes of a partial. Who has `io` looks whose it is and then does one step whole:
 * whoever comes next finds file, hashes and count agreeing. Only a sync lets go of `io` while it waits for
 * the disk: bytes may be appended meanwhile, and the file is dropped or published only after it.
 */
#include <stdlib.h>

#include "storage/partial_body.h"

enum {
    READ_BYTES = 256 * 1024,
    SLICE_BYTES = 16 << 20, /* hashed at a turn: other files' bytes wait for the same workers */
};

/* REFUSE_OK: `io` is taken, the bytes are the owner's and in order. Who is not the owner does not wait for
 * who is: that one may be publishing. */
static enum refuse enter(struct partial *p, const void *owner)
{
    thread_assert_may_block();
    if (!partial_owned(p, owner))
        return REFUSE_SLOT_BUSY;
    pthread_mutex_lock(&p->io);
    enum refuse r = !partial_owned(p, owner)            ? REFUSE_SLOT_BUSY
                    : p->gone && p->failed == REFUSE_OK ? REFUSE_INTERNAL
                                                        : p->failed;
    if (r != REFUSE_OK)
        pthread_mutex_unlock(&p->io);
    return r;
}

static enum refuse leave(struct partial *p, enum refuse r)
{
    pthread_mutex_unlock(&p->io);
    return r;
}

/* The disk's trouble, not the upload's. */
static bool of_disk(enum refuse why)
{
    return why == REFUSE_DISK_FULL || why == REFUSE_READ_ONLY || why == REFUSE_TOO_MANY ||
           why == REFUSE_INTERNAL;
}

/* With `io` held: the file goes, for its space is wanted at once; or stays, when bytes of it were promised.
 */
static void let_go(struct partial *p)
{
    if (p->left)
        spool_leave(&p->file);
    else
        spool_discard(&p->file);
}

/* With `io` held. */
static enum refuse fail(struct partial *p, enum refuse why)
{
    p->failed = why;
    p->gone = true;
    p->left = of_disk(why) && atomic_load(&p->promised);
    partial_set_owed(p, 0);
    if (p->sync != SYNC_RUNNING) /* else its end lets go */
        let_go(p);
    return why;
}

static bool hash_begin(EVP_MD_CTX **ctx, const EVP_MD *md)
{
    if (!*ctx)
        *ctx = EVP_MD_CTX_new();
    return *ctx && EVP_DigestInit_ex(*ctx, md, NULL) == 1;
}

static bool hashes_begin(struct partial *p, bool md5)
{
    p->hashed = 0;
    return hash_begin(&p->sha256, EVP_sha256()) && (!md5 || hash_begin(&p->md5, EVP_md5()));
}

static bool hash_bytes(struct partial *p, const void *data, size_t n)
{
    p->hashed += (int64_t)n;
    return EVP_DigestUpdate(p->sha256, data, n) == 1 && (!p->md5 || EVP_DigestUpdate(p->md5, data, n) == 1);
}

static enum refuse begin_file(struct partial *p, bool md5)
{
    if (!hashes_begin(p, md5))
        return fail(p, REFUSE_INTERNAL);
    enum refuse r = spool_create(p->st->spool, &p->id, p->attempt, p->size, !p->unsized, &p->file);
    if (r != REFUSE_OK)
        return fail(p, r);
    if (spool_allocated(p->file)) /* the disk counts it already */
        partial_set_owed(p, 0);
    return REFUSE_OK;
}

static enum refuse append(struct partial *p, bool md5, const void *data, size_t n)
{
    if (!p->file) {
        enum refuse r = begin_file(p, md5);
        if (r != REFUSE_OK)
            return r;
    }
    if (n == 0)
        return REFUSE_OK;
    enum refuse r = spool_append(p->file, data, n);
    if (r != REFUSE_OK)
        return fail(p, r);
    atomic_fetch_add(&p->received, (int64_t)n);
    if (p->owed > 0)
        partial_set_owed(p, p->owed > (int64_t)n ? p->owed - (int64_t)n : 0);
    return hash_bytes(p, data, n) ? REFUSE_OK : fail(p, REFUSE_INTERNAL);
}

enum refuse partial_append(struct partial *p, const void *owner, bool md5, const void *data, size_t n)
{
    enum refuse r = enter(p, owner);
    return r == REFUSE_OK ? leave(p, append(p, md5, data, n)) : r;
}

/* --- going on --------------------------------------------------------------------------------------------
 */

static enum refuse open_again(struct partial *p, bool md5)
{
    enum refuse r = spool_reopen(p->st->spool, &p->id, p->attempt, p->size, partial_received(p), &p->file);
    if (r == REFUSE_DAMAGED) {
        spool_remove_part(p->st->spool, &p->id, p->attempt);
        return fail(p, r);
    }
    if (r != REFUSE_OK)
        return r;
    if (spool_allocated(p->file))
        partial_set_owed(p, 0);
    return hashes_begin(p, md5) ? REFUSE_OK : REFUSE_INTERNAL;
}

static enum refuse hash_slice(struct partial *p, int64_t until)
{
    char *block = xmalloc(READ_BYTES);
    enum refuse r = REFUSE_OK;
    while (p->hashed < until && r == REFUSE_OK) {
        int64_t want = until - p->hashed;
        ptrdiff_t n = spool_peek(p->file, p->hashed, block, want < READ_BYTES ? (size_t)want : READ_BYTES);
        if (n <= 0)
            r = n < 0 ? REFUSE_READ_ONLY : REFUSE_DAMAGED;
        else if (!hash_bytes(p, block, (size_t)n))
            r = REFUSE_INTERNAL;
    }
    free(block);
    return r == REFUSE_DAMAGED ? fail(p, r) : r; /* somebody has cut it under our hands */
}

static enum refuse ready(struct partial *p, int64_t offset, bool md5, bool *more)
{
    int64_t have = partial_received(p);
    if (have != offset)
        return REFUSE_OFFSET_MISMATCH;
    if (!p->file && have > 0) {
        enum refuse r = open_again(p, md5);
        if (r != REFUSE_OK)
            return r;
    }
    if (p->file && md5 && !p->md5 && !hashes_begin(p, true))
        return REFUSE_INTERNAL;
    int64_t until = have - p->hashed > SLICE_BYTES ? p->hashed + SLICE_BYTES : have;
    *more = until < have;
    return hash_slice(p, until);
}

enum refuse partial_ready(struct partial *p, const void *owner, int64_t offset, bool md5, bool *more)
{
    *more = false;
    enum refuse r = enter(p, owner);
    return r == REFUSE_OK ? leave(p, ready(p, offset, md5, more)) : r;
}

/* --- making it durable -----------------------------------------------------------------------------------
 */

/* With `io` held: no sync is running, and one that waits for its turn need not come. An error that a running
 * one meets is told to nobody a second time, so nothing may be published or promised before it has ended. */
static void settle(struct partial *p)
{
    if (p->sync == SYNC_DUE)
        p->sync = SYNC_NONE;
    while (p->sync == SYNC_RUNNING)
        pthread_cond_wait(&p->synced, &p->io);
}

/* With `io` held, which is let go meanwhile: bytes may be appended, the owner may change. */
static enum refuse run_sync(struct partial *p, int64_t *durable)
{
    int64_t n = partial_received(p);
    if (!p->file) { /* nothing has come, or nobody has opened what the row has */
        *durable = n;
        return REFUSE_OK;
    }
    p->sync = SYNC_RUNNING;
    p->checked = n;
    pthread_mutex_unlock(&p->io);
    enum refuse r = spool_sync(p->file);
    pthread_mutex_lock(&p->io);
    p->sync = SYNC_NONE;
    pthread_cond_broadcast(&p->synced);
    if (p->gone)
        let_go(p);
    else if (r != REFUSE_OK)
        fail(p, r);
    *durable = n;
    return r != REFUSE_OK ? r : p->failed;
}

enum refuse partial_sync(struct partial *p, const void *owner, int64_t *durable)
{
    *durable = 0;
    enum refuse r = enter(p, owner);
    if (r != REFUSE_OK)
        return r;
    settle(p);
    return leave(p, p->failed == REFUSE_OK ? run_sync(p, durable) : p->failed);
}

bool partial_due(struct partial *p, const void *owner, int64_t every)
{
    if (enter(p, owner) != REFUSE_OK)
        return false;
    bool due = p->file && p->sync == SYNC_NONE && partial_received(p) - p->checked >= every;
    if (due)
        p->sync = SYNC_DUE;
    leave(p, REFUSE_OK);
    return due;
}

enum refuse partial_sync_due(struct partial *p, int64_t *durable)
{
    thread_assert_may_block();
    pthread_mutex_lock(&p->io);
    return leave(p, p->sync == SYNC_DUE && !p->gone ? run_sync(p, durable) : REFUSE_SLOT_BUSY);
}

/* --- the end ---------------------------------------------------------------------------------------------
 */

enum refuse partial_sums(struct partial *p, const void *owner, uint8_t *sha256, uint8_t *md5)
{
    enum refuse r = enter(p, owner);
    if (r != REFUSE_OK)
        return r;
    bool good = EVP_DigestFinal_ex(p->sha256, sha256, NULL) == 1 &&
                (!md5 || (p->md5 && EVP_DigestFinal_ex(p->md5, md5, NULL) == 1));
    return leave(p, good ? REFUSE_OK : REFUSE_INTERNAL);
}

ptrdiff_t partial_read(struct partial *p, const void *owner, int64_t at, void *out, size_t n)
{
    if (enter(p, owner) != REFUSE_OK)
        return -1;
    ptrdiff_t got = spool_peek(p->file, at, out, n);
    leave(p, REFUSE_OK);
    return got;
}

enum refuse partial_publish(struct partial *p, const void *owner)
{
    enum refuse r = enter(p, owner);
    if (r != REFUSE_OK)
        return r;
    settle(p);
    if (p->failed == REFUSE_OK) {
        enum refuse why = spool_publish(&p->file);
        if (why != REFUSE_OK)
            return leave(p, fail(p, why));
        p->gone = true;
        partial_set_owed(p, 0);
    }
    return leave(p, p->failed);
}

void partial_drop(struct partial *p, const void *owner, enum refuse why)
{
    if (enter(p, owner) != REFUSE_OK)
        return;
    bool closed = !p->file && partial_received(p) > 0;
    fail(p, why);
    if (closed && !p->left)
        spool_remove_part(p->st->spool, &p->id, p->attempt);
    leave(p, why);
}

void partial_unpublish(struct partial *p, enum refuse why)
{
    thread_assert_may_block();
    pthread_mutex_lock(&p->io);
    p->failed = why;
    p->left =
        of_disk(why) && atomic_load(&p->promised) && spool_find_part(p->st->spool, &p->id, p->attempt) >= 0;
    if (!p->left)
        spool_remove(p->st->spool, &p->id, p->attempt);
    pthread_mutex_unlock(&p->io);
}

bool partial_left(struct partial *p)
{
    pthread_mutex_lock(&p->io);
    bool left = p->left;
    pthread_mutex_unlock(&p->io);
    return left;
}
