/* upload.c: see upload.h. The claim, the commit, the keeping and the explanation of a refusal are asked while
 * the connection is suspended; bytes are hashed and written on the request's thread as they come.
 *
 * Everything that can be refused is refused before the body and before 100-continue. A success leaves only
 * when what it tells is durable.
 */
#include "http/upload.h"

#include <string.h>

#include "http/reply.h"
#include "http/route.h"
#include "http/upload_field.h"

#define REPEAT_FOR 600 /* seconds after the commit in which an upload may be repeated without a digest */

enum step {
    STEP_NEW,
    STEP_EARLY, /* nothing is claimed: the body may be all there already */
    STEP_CLAIMING,
    STEP_RECEIVING,
    STEP_COMPARING,
    STEP_PASSING, /* what was refused after bytes had come: the rest of them goes nowhere */
    STEP_STORING,
    STEP_COMMITTING,
    STEP_KEEPING,
    STEP_EXPLAINING
};

/* The connection broke, or the request ended without an answer of ours. A plain PUT that was too slow leaves
 * nothing (row 85); who speaks a resumable dialect will come back for it. */
static void upload_drop(struct request *rq)
{
    struct upload *u = rq->state;

    EVP_MD_CTX_free(u->compare);
    incoming_leave(&u->early);
    if (u->dialect == UPLOAD_PLAIN && !u->appends && atomic_load(&rq->conn->timed_out))
        incoming_discard(&u->in, REFUSE_REQUEST_TIMEOUT);
    if (u->in)
        incoming_keep(&u->in, NULL, NULL, NULL);
}

/* The size of the whole file, by the head of a request that brings some of it; -1: it does not say. */
static int64_t said_size(const struct request *rq)
{
    struct upload_range range;
    bool completes = true;
    int64_t length;

    if (rq->method == METHOD_HEAD || rq->method == METHOD_DELETE || rq->method == METHOD_OPTIONS)
        return -1;
    if (upload_field_range(rq->f.content_range, &range) == FIELD_OK)
        return range.size;
    if (upload_field_integer(rq->f.upload_length, &length) == FIELD_OK)
        return length;
    if (rq->method == METHOD_PATCH || (rq->method == METHOD_POST && rq->f.tus_resumable) ||
        !rq->f.content_length ||
        (upload_field_boolean(rq->f.upload_complete, &completes) == FIELD_OK && !completes))
        return -1;
    return rq->body_size;
}

/* A slot for a file whose size nobody knew is one of exactly what its first request says; later ones go by
 * the row. Until one has said it the flag stays, and no byte is taken. */
static void settle_size(struct request *rq, struct grant *g)
{
    struct transfer t;
    int64_t size;

    (void)transfer_lookup(rq->st, &g->id, rq->arena, &t);
    size = t.size >= 0 ? t.size : said_size(rq);
    if (size < 0 || size > g->size)
        return;
    g->size = size;
    g->flags &= ~(unsigned)GRANT_UP_TO;
}

enum refuse upload_unsettled(const struct request *rq)
{
    return said_size(rq) < 0 ? REFUSE_LENGTH_REQUIRED : REFUSE_FILE_TOO_LARGE;
}

enum refuse upload_open(struct request *rq, struct grant *out)
{
    enum refuse r;
    const char *name;

    if (rq->uri.n < 2 || rq->uri.n > 3)
        return REFUSE_NOT_FOUND;
    r = uri_segment(&rq->uri, 2, rq->arena, &name);
    if (r != REFUSE_OK)
        return r;
    r = grant_open(rq->st, rq->uri.seg[1].p, rq->uri.seg[1].n, rq->arena, out);
    if (r == REFUSE_OK && (out->flags & GRANT_UP_TO))
        settle_size(rq, out);
    return r;
}

enum refuse upload_read_digest(struct request *rq, struct upload *u, const char **detail)
{
    enum field f = upload_field_sha256(rq->f.repr_digest, u->sha256);

    u->has_sha256 = f == FIELD_OK;
    if (f != FIELD_FAULTY)
        return REFUSE_OK;
    *detail = "Repr-Digest is not well formed.";
    return REFUSE_BAD_REQUEST;
}

/* --- the claim */

static void claimed(void *arg, enum refuse r, struct incoming *in)
{
    struct request *rq = arg;
    struct upload *u = rq->state;

    rq->result = r;
    u->in = in;
    request_wake(rq);
}

static int claim(struct request *rq, struct upload *u)
{
    unsigned flags = u->dialect == UPLOAD_PLAIN ? 0 : INCOMING_RESUMABLE;

    rq->step = STEP_CLAIMING;
    request_suspend(rq);
    if (u->appends)
        incoming_resume(rq->st, &u->grant, u->at, flags, NULL, claimed, rq);
    else
        incoming_claim(rq->st, &u->grant, flags, NULL, claimed, rq);
    return MHD_YES;
}

bool upload_is_another(const struct request *rq)
{
    return rq->f.if_match && strcmp(rq->f.if_match, "*") != 0;
}

int upload_begin(struct request *rq, struct upload *u)
{
    if (upload_is_another(rq) || (rq->f.if_match && !u->appends)) /* nothing is there before its first byte */
        return upload_refuse(rq, u, REFUSE_PRECONDITION, NULL);
    rq->state = u;
    rq->subject = &u->grant.id;
    rq->drop = upload_drop;
    if (u->dialect == UPLOAD_PLAIN && !u->appends &&
        !rq->f.expect) /* who asks first gets the claim's answer */
        u->early = incoming_early(rq->st, &u->grant);
    if (!u->early)
        return claim(rq, u);
    rq->step = STEP_EARLY;
    return MHD_YES;
}

bool upload_begins(const struct request *rq)
{
    return rq->step == STEP_NEW;
}

bool upload_claiming(const struct request *rq)
{
    return rq->step == STEP_CLAIMING;
}

/* --- refusals that take a look first */

static void explained(void *arg, const struct grant_limit *limit)
{
    struct request *rq = arg;
    struct upload *u = rq->state;

    u->limit = *limit;
    request_wake(rq);
}

/* What storage refused. A limit is explained: rq->result stays the refusal. */
static int refused(struct request *rq, struct upload *u)
{
    if (refuse_get(rq->result)->http != MHD_HTTP_INSUFFICIENT_STORAGE)
        return upload_refuse(rq, u, rq->result, NULL);
    rq->step = STEP_EXPLAINING;
    request_suspend(rq);
    grant_explain(rq->st, &u->grant, NULL, explained, rq);
    return MHD_YES;
}

static int mismatch(struct request *rq, struct upload *u)
{
    struct transfer_progress now;
    enum refuse r = transfer_progress(rq->st, &u->grant, &now);

    return r == REFUSE_OK ? upload_mismatch(rq, u, now.offset) : upload_refuse(rq, u, r, NULL);
}

/* --- an upload of what is stored already: its answer may have been lost */

/* Whether it is the stored file again. Without a digest the body tells: it is hashed and goes nowhere.
 * REFUSE_OK: it is, or u->compare will tell. */
static enum refuse repeats(struct upload *u, const struct transfer *t, int64_t within)
{
    memcpy(u->stored, t->sha256, SHA256_BYTES);
    u->expires = t->expires;
    if (u->has_sha256 && memcmp(u->sha256, u->stored, SHA256_BYTES) == 0)
        return REFUSE_OK;
    if (u->has_sha256 || !u->completes || !t->has_sha256 || within > REPEAT_FOR)
        return REFUSE_SLOT_USED;
    u->compare = EVP_MD_CTX_new();
    return u->compare && EVP_DigestInit_ex(u->compare, EVP_sha256(), NULL) == 1 ? REFUSE_OK : REFUSE_INTERNAL;
}

static int repeated(struct request *rq, struct upload *u, const struct transfer *t, int64_t within)
{
    enum refuse r = repeats(u, t, within);

    if (r != REFUSE_OK)
        return upload_refuse(rq, u, r, NULL);
    if (!u->compare)
        return upload_stored(rq, u);
    rq->step = STEP_COMPARING;
    return MHD_YES;
}

static int used(struct request *rq, struct upload *u)
{
    struct transfer t;
    int64_t within;
    enum refuse r = transfer_committed(rq->st, &u->grant.id, rq->arena, &t, &within);

    if (r != REFUSE_OK)
        return upload_refuse(rq, u, r, NULL);
    if (!u->appends)
        return repeated(rq, u, &t, within);
    if (u->at != t.size || rq->body_size != 0)
        return upload_mismatch(rq, u, t.size);
    u->expires = t.expires;
    return upload_stored(rq, u);
}

static int compared(struct request *rq, struct upload *u)
{
    uint8_t sum[SHA256_BYTES];
    struct transfer t;
    int64_t within;
    enum refuse r = transfer_committed(rq->st, &u->grant.id, rq->arena, &t, &within);

    if (r != REFUSE_OK) /* removed meanwhile */
        return upload_refuse(rq, u, r, NULL);
    if (u->at != u->grant.size || EVP_DigestFinal_ex(u->compare, sum, NULL) != 1 ||
        memcmp(sum, u->stored, SHA256_BYTES) != 0)
        return upload_refuse(rq, u, REFUSE_SLOT_USED, NULL);
    return upload_stored(rq, u);
}

/* The same when all bytes are here, and in nobody's way any more. */
static int repeated_whole(struct request *rq, struct upload *u)
{
    struct transfer t;
    int64_t within;
    enum refuse r = transfer_committed(rq->st, &u->grant.id, rq->arena, &t, &within);

    if (r == REFUSE_OK)
        r = repeats(u, &t, within);
    if (r == REFUSE_OK && u->compare && EVP_DigestUpdate(u->compare, u->all, (size_t)u->at) != 1)
        r = REFUSE_INTERNAL;
    if (r != REFUSE_OK)
        return upload_refuse(rq, u, r, NULL);
    return u->compare ? compared(rq, u) : upload_stored(rq, u);
}

int upload_begun(struct request *rq)
{
    struct upload *u = rq->state;

    if (rq->step == STEP_EXPLAINING)
        return upload_refuse_limit(rq, u, rq->result);
    switch (rq->result) {
    case REFUSE_OK:
        rq->step = STEP_RECEIVING;
        return upload_announce(rq, u) ? MHD_YES : MHD_NO;
    case REFUSE_SLOT_USED:
        return used(rq, u);
    case REFUSE_OFFSET_MISMATCH:
        return mismatch(rq, u);
    default:
        return refused(rq, u);
    }
}

/* --- bytes */

/* libmicrohttpd takes no answer in the middle of a body: it is said past it, and the connection ends. */
static int broken(struct request *rq, enum refuse why)
{
    rq->status = (unsigned)refuse_get(why)->http;
    if (conn_enter(rq->conn, CONN_WORK, 0))
        conn_say(rq->conn, why, NULL);
    return MHD_NO;
}

/* A body of unknown length went beyond the slot. No byte of such an upload can be trusted: what has come of
 * it goes, and the slot is as it was before. */
static int too_long(struct request *rq, struct upload *u)
{
    if (rq->step == STEP_RECEIVING)
        incoming_discard(&u->in, REFUSE_FILE_TOO_LARGE);
    return broken(rq, REFUSE_FILE_TOO_LARGE);
}

/* Nothing was claimed so far. If the rest of the body is here too it need not be; otherwise now: these bytes
 * come again after the wake. */
static int early(struct request *rq, struct upload *u, const char *data, size_t n)
{
    int64_t more = u->grant.size - u->at - (int64_t)n;

    if (!u->all && more > 0 && more > conn_waiting(rq->conn)) {
        incoming_leave(&u->early);
        return claim(rq, u);
    }
    if (!u->all)
        u->all = arena_alloc(rq->arena, (size_t)u->grant.size);
    memcpy(u->all + u->at, data, n);
    u->at += (int64_t)n;
    return MHD_YES;
}

/* After that wake. It was not refused when the head came: what was decided since is told at the body's end,
 * for libmicrohttpd takes no answer here. */
static void claimed_late(struct request *rq, struct upload *u)
{
    struct transfer t;
    int64_t within;

    if (rq->result == REFUSE_SLOT_USED) {
        rq->result = transfer_committed(rq->st, &u->grant.id, rq->arena, &t, &within);
        if (rq->result == REFUSE_OK)
            rq->result = repeats(u, &t, within);
        rq->step = u->compare ? STEP_COMPARING : STEP_PASSING;
    } else {
        rq->step = rq->result == REFUSE_OK ? STEP_RECEIVING : STEP_PASSING;
    }
}

int upload_body(struct request *rq, const char *data, size_t n)
{
    struct upload *u = rq->state;
    enum refuse r = REFUSE_OK;

    if ((int64_t)n > u->grant.size - u->at)
        return too_long(rq, u);
    if (rq->step == STEP_EARLY)
        return early(rq, u, data, n);
    if (rq->step == STEP_CLAIMING)
        claimed_late(rq, u);
    if (rq->step == STEP_PASSING)
        r = REFUSE_OK;
    else if (rq->step == STEP_COMPARING)
        r = EVP_DigestUpdate(u->compare, data, n) == 1 ? REFUSE_OK : REFUSE_INTERNAL;
    else
        r = incoming_write(u->in, data, n);
    if (r == REFUSE_OK) {
        u->at += (int64_t)n;
        return MHD_YES;
    }
    incoming_discard(&u->in, r);
    return broken(rq, r);
}

/* --- the end */

static void stored(void *arg, enum refuse r, const struct transfer *t)
{
    struct request *rq = arg;
    struct upload *u = rq->state;

    rq->result = r;
    if (r == REFUSE_OK)
        u->expires = t->expires;
}

static void committed(void *arg, enum refuse r, const struct transfer *t)
{
    stored(arg, r, t);
    request_wake(arg);
}

static int commit(struct request *rq, struct upload *u)
{
    struct incoming_end end = {.has_sha256 = u->has_sha256};

    memcpy(end.sha256, u->sha256, SHA256_BYTES);
    u->judged = true;
    rq->step = u->early ? STEP_STORING : STEP_COMMITTING;
    if (u->early && incoming_store_here(&u->early, u->all, (size_t)u->at, &end, stored, rq))
        return upload_end(rq);
    request_suspend(rq);
    if (u->early)
        incoming_store(&u->early, u->all, (size_t)u->at, &end, NULL, committed, rq);
    else
        incoming_commit(&u->in, &end, NULL, committed, rq);
    return MHD_YES;
}

static void kept(void *arg, enum refuse r, int64_t received)
{
    struct request *rq = arg;
    struct upload *u = rq->state;

    rq->result = r;
    u->at = received;
    request_wake(rq);
}

static int keep(struct request *rq, struct upload *u)
{
    rq->step = STEP_KEEPING;
    request_suspend(rq);
    incoming_keep(&u->in, NULL, kept, rq);
    return MHD_YES;
}

int upload_end(struct request *rq)
{
    struct upload *u = rq->state;
    bool whole = u->at == u->grant.size;

    if (rq->step == STEP_STORING && rq->result == REFUSE_SLOT_USED)
        return repeated_whole(rq, u);
    switch ((enum step)rq->step) {
    case STEP_COMPARING:
        return compared(rq, u);
    case STEP_PASSING: /* OK: it is the stored file, by its digest */
    case STEP_STORING:
    case STEP_COMMITTING:
        return rq->result == REFUSE_OK ? upload_stored(rq, u) : refused(rq, u);
    case STEP_KEEPING:
        if (rq->result != REFUSE_OK)
            return refused(rq, u);
        /* The last piece was said to be the last, and was not: what came is good, the word was not. */
        return u->completes ? upload_inconsistent(rq, u) : upload_kept(rq, u);
    case STEP_EXPLAINING:
        return upload_refuse_limit(rq, u, rq->result);
    default:
        return whole && (u->completes || u->dialect == UPLOAD_TUS) ? commit(rq, u) : keep(rq, u);
    }
}
