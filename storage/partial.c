/* partial.c: two locks. `own` guards whose it is and is never held across a wait, so that the index's thread
 * can pass a partial on at once; `io` guards file and hashes and is held while they are used. Who has `io`
 * looks whose it is and then does one step whole: whoever comes next finds file, hashes and count agreeing.
 */
#include "storage/partial.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "storage/spool.h"
#include "storage/usage.h"

enum {
    READ_BYTES = 256 * 1024,
    SLICE_BYTES = 16 << 20, /* hashed at a turn: other files' bytes wait for the same workers */
};

struct partial {
    struct task task; /* the closing */
    struct storage *st;
    struct ferry_id id;
    int attempt;
    int64_t size;
    atomic_int refs;

    pthread_mutex_t own; /* owner, sealed */
    const void *owner;
    bool sealed;

    pthread_mutex_t io; /* the rest */
    struct spool_writer *file;
    EVP_MD_CTX *sha256, *md5;
    _Atomic int64_t received;
    int64_t hashed; /* less than received: it was just opened again */
    int64_t owed;
    bool gone;          /* published or dropped: no bytes here any more */
    enum refuse failed; /* the first failure */
};

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
    return p;
}

struct partial *partial_of_row(struct storage *st, const struct ferry_id *id, int attempt, int64_t size,
                               int64_t kept, const void *owner)
{
    struct partial *p = partial_new(st, id, attempt, size, owner);
    atomic_init(&p->received, kept);
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

/* The amount has a lock of its own kind: it is changed by the owner's side with `io` held, and by the index's
 * thread only before or after the owner's time. */
static void set_owed(struct partial *p, int64_t owed)
{
    usage_owe(p->st, owed - p->owed);
    p->owed = owed;
}

void partial_owe(struct partial *p)
{
    set_owed(p, p->size - partial_received(p));
}

void partial_owe_nothing(struct partial *p)
{
    set_owed(p, 0);
}

/* --- the bytes -------------------------------------------------------------------------------------------
 */

/* Takes `io`. REFUSE_OK: the owner's, and in order. */
static enum refuse enter(struct partial *p, const void *owner)
{
    thread_assert_may_block();
    pthread_mutex_lock(&p->io);
    if (!partial_owned(p, owner))
        return REFUSE_SLOT_BUSY;
    return p->gone && p->failed == REFUSE_OK ? REFUSE_INTERNAL : p->failed;
}

static enum refuse leave(struct partial *p, enum refuse r)
{
    pthread_mutex_unlock(&p->io);
    return r;
}

/* With `io` held. */
static enum refuse fail(struct partial *p, enum refuse why)
{
    p->failed = why;
    p->gone = true;
    spool_discard(&p->file); /* its space is wanted at once */
    set_owed(p, 0);
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
    enum refuse r = spool_create(p->st->spool, &p->id, p->attempt, p->size, &p->file);
    if (r != REFUSE_OK)
        return fail(p, r);
    if (spool_allocated(p->file)) /* the disk counts it already */
        set_owed(p, 0);
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
        set_owed(p, p->owed > (int64_t)n ? p->owed - (int64_t)n : 0);
    return hash_bytes(p, data, n) ? REFUSE_OK : fail(p, REFUSE_INTERNAL);
}

enum refuse partial_append(struct partial *p, const void *owner, bool md5, const void *data, size_t n)
{
    enum refuse r = enter(p, owner);
    return leave(p, r == REFUSE_OK ? append(p, md5, data, n) : r);
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
        set_owed(p, 0);
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
    return r;
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
    return leave(p, r == REFUSE_OK ? ready(p, offset, md5, more) : r);
}

enum refuse partial_sync(struct partial *p, const void *owner)
{
    enum refuse r = enter(p, owner);
    if (r == REFUSE_OK && p->file) {
        r = spool_sync(p->file);
        if (r != REFUSE_OK)
            fail(p, r);
    }
    return leave(p, r);
}

/* --- the end ---------------------------------------------------------------------------------------------
 */

enum refuse partial_sums(struct partial *p, const void *owner, uint8_t *sha256, uint8_t *md5)
{
    enum refuse r = enter(p, owner);
    if (r == REFUSE_OK && (EVP_DigestFinal_ex(p->sha256, sha256, NULL) != 1 ||
                           (md5 && (!p->md5 || EVP_DigestFinal_ex(p->md5, md5, NULL) != 1))))
        r = REFUSE_INTERNAL;
    return leave(p, r);
}

ptrdiff_t partial_head(struct partial *p, const void *owner, void *out, size_t n)
{
    ptrdiff_t got = enter(p, owner) == REFUSE_OK ? spool_peek(p->file, 0, out, n) : -1;
    leave(p, REFUSE_OK);
    return got;
}

enum refuse partial_publish(struct partial *p, const void *owner)
{
    enum refuse r = enter(p, owner);
    if (r == REFUSE_OK) {
        p->gone = true;
        r = spool_publish(&p->file);
        p->failed = r;
        set_owed(p, 0);
    }
    return leave(p, r);
}

void partial_drop(struct partial *p, const void *owner)
{
    enum refuse r = enter(p, owner);
    if (r == REFUSE_OK) {
        if (!p->file && partial_received(p) > 0)
            spool_remove_part(p->st->spool, &p->id, p->attempt);
        fail(p, REFUSE_BROKEN_OFF);
    }
    leave(p, r);
}
