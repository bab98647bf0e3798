/* resume.c: HEAD, PATCH and DELETE /u/TOKEN/NAME: where an upload stands, more of it, and its end. Two
 * dialects (upload.h): a Tus-Resumable header says tus 1.0, else it is the resumable upload draft.
 */
#include <string.h>

#include "http/route.h"
#include "http/upload.h"
#include "http/upload_field.h"

static struct upload *upload_new(struct request *rq)
{
    struct upload *u = arena_zalloc(rq->arena, sizeof *u);

    u->dialect = rq->f.tus_resumable ? UPLOAD_TUS : UPLOAD_DRAFT;
    u->appends = true;
    return u;
}

/* The slot, asked in a dialect that is spoken here. */
static enum refuse check_slot(struct request *rq, struct upload *u, const char **detail)
{
    if (rq->f.tus_resumable && strcmp(rq->f.tus_resumable, "1.0.0") != 0) {
        *detail = "Only tus 1.0.0 is spoken here.";
        return REFUSE_PRECONDITION;
    }
    return upload_open(rq, &u->grant);
}

static enum refuse check_append(struct request *rq, struct upload *u, const char **detail)
{
    bool tus = u->dialect == UPLOAD_TUS;
    enum refuse r = check_slot(rq, u, detail);

    if (r != REFUSE_OK)
        return r;
    if (u->grant.flags & GRANT_UP_TO)
        return upload_unsettled(rq);
    if (!upload_field_is_type(rq->f.content_type,
                              tus ? "application/offset+octet-stream" : "application/partial-upload"))
        return REFUSE_MEDIA_TYPE;
    if ((tus ? upload_field_digits : upload_field_integer)(rq->f.upload_offset, &u->at) != FIELD_OK) {
        *detail = "Upload-Offset is missing or not a number.";
        return REFUSE_BAD_REQUEST;
    }
    if (!tus && upload_field_boolean(rq->f.upload_complete, &u->completes) != FIELD_OK) {
        *detail = "Upload-Complete is missing or neither ?0 nor ?1.";
        return REFUSE_BAD_REQUEST;
    }
    return upload_read_digest(rq, u, detail);
}

/* Offset and lengths against the slot's size; -1: fine, else what was answered. */
static int check_lengths(struct request *rq, struct upload *u)
{
    int64_t length, size = u->grant.size;

    if (u->at <= size && rq->body_size > size - u->at)
        return upload_refuse(rq, u, REFUSE_FILE_TOO_LARGE, NULL);
    if (u->dialect == UPLOAD_TUS || u->at > size)
        return -1;
    if ((u->completes && rq->body_size >= 0 && rq->body_size != size - u->at) ||
        (upload_field_integer(rq->f.upload_length, &length) == FIELD_OK && length != size))
        return upload_inconsistent(rq, u);
    return -1;
}

int resume_begin(struct request *rq)
{
    struct upload *u;
    const char *detail = NULL;
    enum refuse r;
    int answered;

    if (!upload_begins(rq))
        return upload_begun(rq);
    u = upload_new(rq);
    r = check_append(rq, u, &detail);
    if (r != REFUSE_OK)
        return upload_refuse(rq, u, r, detail);
    answered = check_lengths(rq, u);
    return answered >= 0 ? answered : upload_begin(rq, u);
}

/* --- HEAD */

static void halted(void *arg, enum refuse r, struct incoming *in)
{
    struct request *rq = arg;

    FERRY_ASSERT(in == NULL);
    rq->result = r;
    request_wake(rq);
}

/* What is told has to hold: nobody brings bytes at the moment. A tus client takes an offset at the end for
 * success, so the file is made first. */
static int tell(struct request *rq, struct upload *u, const struct transfer_progress *now)
{
    u->at = now->offset;
    if (u->dialect == UPLOAD_TUS && !now->complete && now->offset == u->grant.size)
        return upload_begin(rq, u);
    return upload_state(rq, u, now->complete ? 0 : now->until);
}

/* An upload that came to its end here: its begin step, then its end. */
static int finish(struct request *rq)
{
    if (upload_claiming(rq)) {
        int ok = upload_begun(rq);
        if (ok != MHD_YES || rq->suspended || rq->phase == PHASE_ANSWERED)
            return ok;
    }
    return upload_end(rq);
}

int resume_look(struct request *rq)
{
    struct upload *u = rq->state;
    struct transfer_progress now;
    const char *detail = NULL;
    enum refuse r;

    if (!upload_begins(rq))
        return finish(rq);
    if (!u) {
        u = upload_new(rq);
        r = check_slot(rq, u, &detail);
    } else { /* halted; SLOT_BUSY: it is just being stored */
        r = rq->result == REFUSE_SLOT_BUSY ? REFUSE_UNAVAILABLE : REFUSE_OK;
    }
    if (r == REFUSE_OK)
        r = transfer_progress(rq->st, &u->grant, &now);
    if (r != REFUSE_OK)
        return upload_refuse(rq, u, r, detail);
    if (!now.under_way || now.complete || rq->state)
        return tell(rq, u, &now);
    rq->state = u;
    request_suspend(rq);
    incoming_resume(rq->st, &u->grant, INCOMING_HALT, 0, NULL, halted, rq);
    return MHD_YES;
}

/* --- the end of one that will not go on */

static void removed(void *arg, enum refuse r)
{
    struct request *rq = arg;

    rq->result = r;
    request_wake(rq);
}

int resume_cancel(struct request *rq)
{
    struct upload *u = rq->state;
    struct transfer_progress now;
    const char *detail = NULL;
    enum refuse r;

    if (u)
        return rq->result == REFUSE_OK ? upload_cancelled(rq, u) : upload_refuse(rq, u, rq->result, NULL);
    u = upload_new(rq);
    r = check_slot(rq, u, &detail);
    if (r == REFUSE_OK)
        r = transfer_progress(rq->st, &u->grant, &now);
    if (r == REFUSE_OK && now.complete) { /* a stored file takes its owner's word: DELETE /f/ID/NAME */
        r = REFUSE_SLOT_USED;
        detail = "The file is stored; it is removed with its delete token.";
    }
    if (r == REFUSE_OK && upload_is_another(rq))
        r = REFUSE_PRECONDITION;
    if (r != REFUSE_OK)
        return upload_refuse(rq, u, r, detail);
    rq->state = u;
    request_suspend(rq);
    transfer_cancel(rq->st, &u->grant.id, "owner", NULL, removed, rq);
    return MHD_YES;
}
