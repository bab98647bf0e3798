/* incoming_end.c: how an attempt ends: stored, or not at all. The order is incoming.c's to explain. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "storage/expiry.h"
#include "storage/incoming_body.h"

/* --- the end: not stored ---------------------------------------------------------------------------------
 */

static void answer_end(struct task *task)
{
    struct incoming *in = INDEX_OP_OF(task, struct incoming, task);
    if (in->committed)
        in->committed(in->arg, in->result, in->result == REFUSE_OK ? &in->row : NULL);
    incoming_free(in);
}

static enum refuse run_release(struct index_db *db, struct index_op *op)
{
    struct incoming *in = INDEX_OP_OF(op, struct incoming, op);
    enum refuse why = in->result;
    bool told = false;
    if (in->end.silent || why == REFUSE_SLOT_BUSY || why == REFUSE_REMOVED || why == REFUSE_EXPIRED)
        why = REFUSE_OK; /* a newer attempt goes on, or somebody wanted it so: no notice */
    enum refuse r = index_release(db, &in->g, in->live.attempt, why, clock_wall(), &told);
    if (told)
        op->flags |= INDEX_POKE;
    return r;
}

static void release_done(struct index_op *op)
{
    struct incoming *in = INDEX_OP_OF(op, struct incoming, op);
    if (op->result != REFUSE_OK)
        log_warn(ID_SHOWN " transfer release failed why=%s: the next start gives it back", in->g.id.text,
                 refuse_get(op->result)->name);
    incoming_deliver(in, false);
}

/* The file is gone already, or left for another day. */
static void release(struct incoming *in)
{
    if (partial_left(in->live.part)) { /* it may go on where the row says */
        incoming_deliver(in, false);
        return;
    }
    bool notice = in->result != REFUSE_OK && (in->g.flags & GRANT_NOTIFY_OWNER) && !in->end.silent;
    in->op = (struct index_op){
        .run = run_release, .done = release_done, .flags = notice ? 0 : (unsigned)INDEX_LAZY};
    index_write(in->st->index, &in->op);
}

void incoming_give_up(struct incoming *in)
{
    live_give_up(in->st->live, &in->live);
    if (!partial_seal(in->live.part, in)) { /* its bytes are another's by now, and so is the row */
        if (in->result == REFUSE_OK)
            in->result = REFUSE_SLOT_BUSY;
        incoming_deliver(in, false);
        return;
    }
    partial_drop(in->live.part, in, in->result == REFUSE_OK ? REFUSE_BROKEN_OFF : in->result);
    log_info(ID_SHOWN " transfer given up attempt=%d received=%lld of=%lld why=%s", in->g.id.text,
             in->live.attempt, (long long)in->received, (long long)in->g.size,
             in->result == REFUSE_OK ? "none" : refuse_get(in->result)->name);
    release(in);
}

void incoming_discard(struct incoming **inp, enum refuse why)
{
    struct incoming *in = TAKE(*inp);
    if (!in)
        return;
    in->home = NULL;
    in->committed = NULL;
    in->answer = answer_end;
    in->result = why;
    in->last.kind = JOB_DISCARD;
    storage_enter(in->st);
    incoming_push(in, &in->last);
}

/* --- the end: stored -------------------------------------------------------------------------------------
 */

/* As the uploader chose, but never beyond the site's lifetime of the purpose. */
static int64_t expiry_of(const struct grant *g, int64_t now)
{
    int64_t latest = now + grant_lifetime(g->purpose);
    return g->expires && g->expires < latest ? g->expires : latest;
}

static void fill_row(struct incoming *in)
{
    const struct grant *g = &in->g;
    in->row = (struct transfer){.id = g->id,
                                .attempt = in->live.attempt,
                                .state = TRANSFER_STORED,
                                .took = g->took,
                                .told = *g->to ? TOLD_WAITING : TOLD_TOLD,
                                .purpose = g->purpose,
                                .size = g->size,
                                .created = in->facts.now,
                                .stored = in->facts.now,
                                .expires = in->facts.expires,
                                .owner = g->owner,
                                .to = g->to,
                                .name = g->name,
                                .type = g->type,
                                .found_type = in->found_type,
                                .desc = g->desc,
                                .reason = "",
                                .has_sha256 = true,
                                .once = (g->flags & GRANT_ONCE) != 0};
    memcpy(in->row.sha256, in->sum, SHA256_BYTES);
}

static enum refuse run_commit(struct index_db *db, struct index_op *op)
{
    struct incoming *in = INDEX_OP_OF(op, struct incoming, op);
    bool told = false;
    if (in->g.flags & GRANT_UP_TO)
        index_shrink(db, &in->g, in->live.attempt);
    enum refuse r = index_commit(db, &in->g, in->live.attempt, &in->facts, &told);
    if (partial_promised(in->live.part)) /* one less that could go to make room */
        usage_touched(in->st, in->g.owner);
    if (told)
        op->flags |= INDEX_POKE;
    return r;
}

static void clean_up(struct task *task)
{
    struct incoming *in = INDEX_OP_OF(task, struct incoming, task);
    partial_unpublish(in->live.part, in->result);
    release(in);
}

void incoming_stored(struct incoming *in)
{
    in->result = REFUSE_OK;
    fill_row(in);
    /* An upload over HTTP has its line there. */
    log_line(in->g.took == TOOK_SI || in->g.took == TOOK_JINGLE ? LOG_INFO : LOG_DEBUG,
             ID_SHOWN " transfer receiving -> stored attempt=%d size=%lld type=%s", in->g.id.text,
             in->live.attempt, (long long)in->g.size, in->found_type);
    expiry_of_new(in->st, in->facts.expires);
    incoming_deliver(in, true);
}

static void commit_done(struct index_op *op)
{
    struct incoming *in = INDEX_OP_OF(op, struct incoming, op);
    if (op->result == REFUSE_OK) {
        incoming_stored(in);
        return;
    }
    in->result = op->result;
    log_warn(ID_SHOWN " transfer commit failed why=%s", in->g.id.text, refuse_get(op->result)->name);
    if (index_broken(in->st->index)) { /* it may be on the disk after all: the next start knows */
        release(in);
        return;
    }
    in->task.run = clean_up;
    storage_work(in->st, &in->task);
}

enum refuse incoming_judge(const struct incoming *in, const uint8_t *md5)
{
    if ((in->end.has_sha256 && memcmp(in->sum, in->end.sha256, SHA256_BYTES) != 0) ||
        (in->end.has_md5 && memcmp(md5, in->end.md5, MD5_BYTES) != 0))
        return REFUSE_HASH_MISMATCH;
    if (in->g.expires && in->g.expires <= clock_wall()) /* it would be gone before anybody saw it */
        return REFUSE_EXPIRED;
    return REFUSE_OK;
}

static enum refuse check_bytes(struct incoming *in)
{
    uint8_t md5[MD5_BYTES];
    enum refuse r = incoming_bytes(in, NULL, 0); /* makes an empty file; fenced? failed? */
    if (r != REFUSE_OK)
        return r;
    if (!partial_seal(in->live.part, in))
        return incoming_fail(in, REFUSE_SLOT_BUSY);
    if (in->g.flags & GRANT_UP_TO)
        in->g.size = in->received;
    if (in->received != in->g.size)
        return incoming_fail(in, REFUSE_SIZE_MISMATCH);
    FERRY_ASSERT(!in->end.has_md5 || incoming_md5(in));
    r = partial_sums(in->live.part, in, in->sum, incoming_md5(in) ? md5 : NULL);
    if (r == REFUSE_OK)
        r = incoming_judge(in, md5);
    if (r == REFUSE_OK && in->end.sums)
        r = incoming_check_sums(in);
    return r == REFUSE_OK ? r : incoming_fail(in, r);
}

/* A sender who says that a file is nothing in particular is believed, which costs nobody anything: such a
 * file is shown by no browser. Mostly these are encrypted, and libmagic's longest search is the one that ends
 * with nothing found. */
static bool says_nothing(const char *declared)
{
    return strcasecmp(declared, "application/octet-stream") == 0;
}

bool incoming_believes(const struct incoming *in)
{
    return says_nothing(in->g.type);
}

void incoming_find_type(struct incoming *in, const void *head, size_t n)
{
    if (says_nothing(in->g.type))
        snprintf(in->found_type, sizeof in->found_type, "application/octet-stream");
    else
        sniff_type(in->st->sniff, head, n, in->found_type);
}

static enum refuse find_type(struct incoming *in)
{
    if (says_nothing(in->g.type)) {
        incoming_find_type(in, NULL, 0);
        return REFUSE_OK;
    }
    size_t want = in->g.size < SNIFF_BYTES ? (size_t)in->g.size : SNIFF_BYTES;
    void *head = xmalloc(want + 1);
    ptrdiff_t n = partial_read(in->live.part, in, 0, head, want);
    if (n >= 0)
        incoming_find_type(in, head, (size_t)n);
    free(head);
    return n >= 0 ? REFUSE_OK : incoming_fail(in, REFUSE_READ_ONLY);
}

void incoming_set_facts(struct incoming *in)
{
    in->facts.now = clock_wall();
    in->facts.expires = expiry_of(&in->g, in->facts.now);
    in->facts.found_type = in->found_type;
    in->facts.sha256 = in->sum;
}

/* On a sync thread. */
void incoming_finish(struct incoming *in)
{
    enum refuse r = check_bytes(in);
    if (r == REFUSE_OK)
        r = find_type(in);
    if (r == REFUSE_OK) {
        r = partial_publish(in->live.part, in);
        if (r != REFUSE_OK)
            r = incoming_fail(in, r);
    }
    if (r != REFUSE_OK) {
        in->result = r;
        incoming_give_up(in);
        return;
    }
    if (spool_sync_name(in->st->spool, &in->g.id) != REFUSE_OK) {
        storage_fail(in->st, "folder sync");
        in->result = REFUSE_READ_ONLY;
        clean_up(&in->task);
        return;
    }
    incoming_set_facts(in);
    in->op = (struct index_op){.run = run_commit, .done = commit_done};
    index_write(in->st->index, &in->op);
}

void incoming_ends(struct incoming *in, const struct incoming_end *end, struct mailbox *home,
                   incoming_committed *done, void *arg)
{
    in->end = end ? *end : (struct incoming_end){0};
    in->home = home;
    mailbox_promise(home);
    in->committed = done;
    in->arg = arg;
    in->answer = answer_end;
}

void incoming_commit(struct incoming **inp, const struct incoming_end *end, struct mailbox *home,
                     incoming_committed *done, void *arg)
{
    struct incoming *in = TAKE(*inp);
    incoming_ends(in, end, home, done, arg);
    in->last.kind = JOB_COMMIT;
    storage_enter(in->st);
    incoming_push(in, &in->last);
}
