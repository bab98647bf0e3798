/* checkpoint.c: an upload that can be resumed is made durable while it comes in (INCOMING_RESUMABLE).
 *
 * Each time half of slots.checkpoint has come, a sync thread syncs the file beside the writer, who does not
 * wait, and the number is written into the row lazily: a kill then costs at most what came since, which is
 * less than slots.checkpoint as long as the disk follows the sender. A power cut may undo the newest numbers,
 * never the bytes below an older one.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "storage/incoming_body.h"

struct checkpoint {
    struct task task;
    struct index_op op;
    struct storage *st;
    struct partial *part;
    int64_t durable;
};

static enum refuse run_record(struct index_db *db, struct index_op *op)
{
    struct checkpoint *c = INDEX_OP_OF(op, struct checkpoint, op);
    return index_keep(db, partial_id(c->part), partial_attempt(c->part), c->durable,
                      clock_wall() + incoming_seconds(conf_get()->slots_resume_for));
}

static void end(struct checkpoint *c)
{
    struct storage *st = c->st;
    partial_unref(&c->part);
    free(c);
    storage_leave(st);
}

static void recorded(struct index_op *op)
{
    struct checkpoint *c = INDEX_OP_OF(op, struct checkpoint, op);
    if (op->result == REFUSE_OK) {
        partial_promise(c->part);
        log_debug(ID_SHOWN " transfer checkpoint attempt=%d received=%lld", partial_id(c->part)->text,
                  partial_attempt(c->part), (long long)c->durable);
    }
    end(c);
}

static void sync_bytes(struct task *task)
{
    struct checkpoint *c = INDEX_OP_OF(task, struct checkpoint, task);
    enum refuse r = partial_sync_due(c->part, &c->durable);
    if (r == REFUSE_READ_ONLY)
        storage_fail(c->st, "syncing a part");
    if (r == REFUSE_OK)
        index_write(c->st->index, &c->op);
    else
        end(c);
}

void incoming_checkpoint(struct incoming *in)
{
    if (!partial_due(in->live.part, in, conf_get()->slots_checkpoint / 2))
        return;
    struct checkpoint *c = xcalloc(1, sizeof *c);
    *c = (struct checkpoint){.task.run = sync_bytes,
                             .op = {.run = run_record, .done = recorded, .flags = INDEX_LAZY},
                             .st = in->st,
                             .part = partial_ref(in->live.part)};
    storage_enter(in->st);
    storage_sync(in->st, &c->task);
}
