/* put.c: PUT and POST /u/TOKEN/NAME: a file from its beginning (XEP-0363; C28 to C30, C35, C39; rows 73 to
 * 77, 85). A PUT without more words is the whole file, with Content-Range the rest of it. With
 * Upload-Complete it begins a resumable upload (upload.h), whose URL is the slot's own.
 */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "http/route.h"
#include "http/upload.h"
#include "http/upload_field.h"

/* The declared type counts only where both sides named one (C29). */
static bool type_fits(const char *granted, const char *given)
{
    size_t n = strcspn(granted, "; \t");

    return granted[0] == 0 || !given || given[0] == 0 ||
           (strcspn(given, "; \t") == n && strncasecmp(granted, given, n) == 0);
}

/* The uploader's own wishes: how long, and whether once. He may shorten what the slot says. */
static enum refuse check_wishes(struct request *rq, struct upload *u, const char **detail)
{
    bool once = false;
    int64_t expires;

    switch (upload_field_expires(rq->f.ferry_expires, clock_wall(), &expires)) {
    case FIELD_FAULTY:
        *detail = "Ferry-Expires is a duration (7d, 3600s) or an HTTP date to come.";
        return REFUSE_BAD_REQUEST;
    case FIELD_OK:
        if (u->grant.expires == 0 || expires < u->grant.expires)
            u->grant.expires = expires;
        break;
    case FIELD_ABSENT:
        break;
    }
    if (upload_field_boolean(rq->f.ferry_once, &once) == FIELD_FAULTY) {
        *detail = "Ferry-Once is ?0 or ?1.";
        return REFUSE_BAD_REQUEST;
    }
    if (once)
        u->grant.flags |= GRANT_ONCE;
    return REFUSE_OK;
}

/* What the head says besides lengths. */
static enum refuse check_fields(struct request *rq, struct upload *u, const char **detail)
{
    if (!type_fits(u->grant.type, rq->f.content_type)) {
        *detail = arena_printf(rq->arena, "The slot is for the type %s.", u->grant.type);
        return REFUSE_BAD_REQUEST;
    }
    enum refuse r = upload_read_digest(rq, u, detail);
    return r == REFUSE_OK ? check_wishes(rq, u, detail) : r;
}

/* A length that is not the slot's: once the file is stored, that is another file. */
static int refuse_length(struct request *rq, const struct upload *u)
{
    struct transfer t;
    int64_t within;

    if (transfer_committed(rq->st, &u->grant.id, rq->arena, &t, &within) == REFUSE_OK)
        return upload_refuse(rq, u, REFUSE_SLOT_USED, NULL);
    return upload_refuse(rq, u, rq->body_size > u->grant.size ? REFUSE_FILE_TOO_LARGE : REFUSE_SIZE_MISMATCH,
                         arena_printf(rq->arena, "The slot is for %s %lld bytes.",
                                      u->grant.flags & GRANT_UP_TO ? "up to" : "exactly",
                                      (long long)u->grant.size));
}

/* A partial PUT, as curl -C sends it: the rest of the file (RFC 9110 section 14.5). */
static bool is_rest(struct request *rq, struct upload *u)
{
    struct upload_range range;

    if (upload_field_range(rq->f.content_range, &range) != FIELD_OK || range.size != u->grant.size ||
        range.last != range.size - 1 || rq->body_size != range.size - range.first)
        return false;
    u->at = range.first;
    u->appends = range.first > 0;
    return true;
}

static int begin_plain(struct request *rq, struct upload *u)
{
    const char *detail = NULL;
    enum refuse r;

    u->completes = true;
    if (!rq->f.content_length)
        return upload_refuse(rq, u, REFUSE_LENGTH_REQUIRED, NULL);
    if (rq->f.content_range && !is_rest(rq, u))
        return upload_refuse(rq, u, REFUSE_BAD_REQUEST, "Content-Range is not the rest of the slot's file.");
    if (rq->body_size != u->grant.size - u->at || (u->grant.flags & GRANT_UP_TO))
        return refuse_length(rq, u);
    r = check_fields(rq, u, &detail);
    return r == REFUSE_OK ? upload_begin(rq, u) : upload_refuse(rq, u, r, detail);
}

/* The draft's creation. An empty first part asks how things are: it takes nothing from an upload that stands
 * already. */
static int begin_draft(struct request *rq, struct upload *u)
{
    struct transfer_progress now;
    const char *detail = NULL;
    int64_t length, size = u->grant.size;
    enum refuse r = check_fields(rq, u, &detail);

    if (r == REFUSE_OK && rq->f.content_range) {
        r = REFUSE_BAD_REQUEST;
        detail = "Content-Range has no place in a resumable upload.";
    }
    if (r != REFUSE_OK)
        return upload_refuse(rq, u, r, detail);
    if (rq->body_size > size)
        return refuse_length(rq, u);
    if (u->grant.flags & GRANT_UP_TO)
        return upload_refuse(rq, u, upload_unsettled(rq), NULL);
    if ((u->completes && rq->body_size >= 0 && rq->body_size != size) ||
        (upload_field_integer(rq->f.upload_length, &length) == FIELD_OK && length != size))
        return upload_inconsistent(rq, u);
    if (rq->body_size == 0 && !u->completes) {
        r = transfer_progress(rq->st, &u->grant, &now);
        if (r == REFUSE_OK && now.complete)
            r = REFUSE_SLOT_USED;
        if (r != REFUSE_OK)
            return upload_refuse(rq, u, r, NULL);
        u->at = now.offset;
        if (now.offset > 0)
            return upload_kept(rq, u);
    }
    return upload_begin(rq, u);
}

int put_begin_grant(struct request *rq, const struct grant *g, const char *place)
{
    struct upload *u = arena_zalloc(rq->arena, sizeof *u);

    u->grant = *g;
    u->place = place;
    return begin_plain(rq, u);
}

/* tus has no creation here, the slot is one already; a POST may stand for the methods that it cannot send. */
static int begin_post(struct request *rq, struct upload *u)
{
    const char *method = rq->f.method_override;

    if (rq->f.tus_resumable && method && strcmp(method, "PATCH") == 0)
        return resume_begin(rq);
    return upload_refuse(rq, u, REFUSE_BAD_REQUEST,
                         "A POST begins a resumable upload, with Upload-Complete.");
}

int put_begin(struct request *rq)
{
    struct upload *u;
    enum refuse r;

    if (!upload_begins(rq))
        return upload_begun(rq);
    u = arena_zalloc(rq->arena, sizeof *u);
    if (upload_field_boolean(rq->f.upload_complete, &u->completes) == FIELD_OK)
        u->dialect = UPLOAD_DRAFT;
    if (rq->method == METHOD_POST && (u->dialect != UPLOAD_DRAFT || rq->f.tus_resumable))
        return begin_post(rq, u);
    r = upload_open(rq, &u->grant);
    if (r != REFUSE_OK)
        return upload_refuse(rq, u, r, NULL);
    return u->dialect == UPLOAD_DRAFT ? begin_draft(rq, u) : begin_plain(rq, u);
}
