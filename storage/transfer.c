/* transfer.c: reading transfers, and what owners and operators do to them. Reading uses the thread's own
 * connection; every change is one operation of the index, then its consequences: an open attempt is fenced,
 * bytes are deleted. Row first, bytes after: a reader that has opened the file keeps the whole of it. */
#include "storage/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "storage/expiry.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"
#include "storage/keys.h"
#include "storage/live.h"
#include "storage/once.h"
#include "storage/recent.h"
#include "storage/spool.h"

const char *transfer_type(const struct transfer *t)
{
    return *t->found_type ? t->found_type : "application/octet-stream";
}

/* --- reading ---------------------------------------------------------------------------------------------
 */

static enum refuse judge(const struct transfer *t)
{
    switch (t->state) {
    case TRANSFER_RECEIVING:
        return REFUSE_NOT_YET;
    case TRANSFER_STORED: /* the round that will expire it may be late */
        return t->expires <= clock_wall() ? REFUSE_EXPIRED : REFUSE_OK;
    case TRANSFER_HELD:
        return REFUSE_DAMAGED;
    case TRANSFER_EXPIRED:
        return REFUSE_EXPIRED;
    case TRANSFER_REMOVED:
        break;
    }
    return REFUSE_REMOVED;
}

static bool get_row(struct storage *st, struct index_db *db, const struct ferry_id *id, struct arena *arena,
                    struct transfer *out)
{
    uint64_t commit = index_commits(st->index); /* before the row is read */
    if (recent_find(index_recent(db), id, commit, arena, out))
        return true;
    if (!index_get(db, id, arena, out))
        return false;
    if (out->state == TRANSFER_STORED)
        recent_keep(index_recent(db), out, commit);
    return true;
}

bool transfer_is_gone(enum refuse r)
{
    return r == REFUSE_NOT_FOUND || r == REFUSE_EXPIRED || r == REFUSE_REMOVED || r == REFUSE_DAMAGED;
}

enum refuse transfer_lookup(struct storage *st, const struct ferry_id *id, struct arena *arena,
                            struct transfer *out)
{
    struct index_db *db = index_reader(st->index);
    index_error(db);
    if (get_row(st, db, id, arena, out)) {
        if (out->once && out->state == TRANSFER_STORED && once_is_spent(st->once, id)) {
            out->state = TRANSFER_REMOVED;
            out->reason = "once";
            out->removed = clock_wall();
        }
        return judge(out);
    }
    *out = (struct transfer){.id = *id, .state = TRANSFER_REMOVED, .size = -1};
    out->owner = out->to = out->name = out->type = out->found_type = out->desc = out->reason = "";
    if (index_error(db) != REFUSE_OK)
        return REFUSE_READ_ONLY;
    struct ferry_id same;
    return id_check(st, id->text, ID_LEN, &same) == ID_FRESH ? REFUSE_NOT_YET : REFUSE_NOT_FOUND;
}

void transfer_list(struct storage *st, const struct transfer_query *q, struct arena *arena,
                   struct transfer_list *out)
{
    struct index_db *db = index_reader(st->index);
    index_list(db, q, arena, out);
    index_error(db);
}

/* --- changes: one operation, its consequences, the answer ------------------------------------------------
 */

enum change_kind {
    CHANGE_REMOVE,
    CHANGE_CANCEL,
    CHANGE_EXTEND,
    CHANGE_OWNER_EXPIRES,
    CHANGE_HOLD,
    CHANGE_FETCHED,
    CHANGE_DECLINE
};

struct change {
    struct index_op op;
    struct task task;
    struct storage *st;
    enum change_kind kind;
    struct ferry_id id;
    int attempt;
    struct remains left;
    int64_t expires, next; /* next: when something of it, or of another, becomes due */
    char reason[64];
    struct mailbox *home;
    transfer_changed *done;
    void *arg;
    enum refuse result;
};

static bool is_stored(struct index_db *db, const struct ferry_id *id)
{
    struct open_row row;
    return index_open_row(db, id, &row) && (row.state == TRANSFER_STORED || row.state == TRANSFER_HELD);
}

static enum refuse run_change(struct index_db *db, struct index_op *op)
{
    struct change *c = INDEX_OP_OF(op, struct change, op);
    bool told = false;
    enum refuse r = REFUSE_OK;
    switch (c->kind) {
    case CHANGE_REMOVE:
    case CHANGE_CANCEL:
        if (c->kind == CHANGE_CANCEL && is_stored(db, &c->id))
            return REFUSE_SLOT_USED;
        r = index_kill(db, &c->id, TRANSFER_REMOVED, c->reason, clock_wall(), &c->left, &told);
        break;
    case CHANGE_DECLINE:
        r = index_decline(db, &c->id, clock_wall(), &c->left, &told);
        break;
    case CHANGE_EXTEND:
        r = index_extend(db, &c->id, c->expires);
        break;
    case CHANGE_OWNER_EXPIRES:
        r = index_owner_expires(db, &c->id, clock_wall(), &c->expires);
        break;
    case CHANGE_HOLD:
        r = index_hold(db, &c->id, c->attempt, false, c->reason);
        break;
    case CHANGE_FETCHED:
        index_fetched(db, &c->id, clock_wall(), &told);
        break;
    }
    if (told)
        op->flags |= INDEX_POKE;
    if (r == REFUSE_OK && (c->kind == CHANGE_EXTEND || c->kind == CHANGE_OWNER_EXPIRES)) {
        int64_t reminder = index_next_reminder(db);
        c->next = reminder < c->expires ? reminder : c->expires;
    }
    return r;
}

static void answer_change(struct task *task)
{
    struct change *c = INDEX_OP_OF(task, struct change, task);
    if (c->done)
        c->done(c->arg, c->result);
    free(c);
}

static void change_done(struct index_op *op)
{
    struct change *c = INDEX_OP_OF(op, struct change, op);
    struct storage *st = c->st;
    c->result = op->result;
    bool removes = c->kind == CHANGE_REMOVE || c->kind == CHANGE_CANCEL || c->kind == CHANGE_DECLINE;
    if (removes && op->result == REFUSE_OK) {
        live_fence(st->live, &c->id, REFUSE_REMOVED);
        struct burial *b = burial_new(st, 1);
        burial_add(b, &c->id, &c->left);
        burial_run(b);
    }
    if ((c->kind == CHANGE_EXTEND || c->kind == CHANGE_OWNER_EXPIRES) && op->result == REFUSE_OK)
        expiry_at(st, c->next);
    c->task.run = answer_change;
    if (c->home)
        mailbox_keep(c->home, &c->task);
    else
        answer_change(&c->task);
    storage_leave(st);
}

static struct change *change_new(struct storage *st, enum change_kind kind, const struct ferry_id *id)
{
    struct change *c = xcalloc(1, sizeof *c);
    c->st = st;
    c->kind = kind;
    c->id = *id;
    c->op.run = run_change;
    c->op.done = change_done;
    return c;
}

static void change_start(struct change *c, struct mailbox *home, transfer_changed *done, void *arg)
{
    c->home = home;
    mailbox_promise(home);
    c->done = done;
    c->arg = arg;
    storage_enter(c->st);
    index_write(c->st->index, &c->op);
}

static void set_reason(struct change *c, const char *reason)
{
    size_t n = strlen(reason);
    if (n >= sizeof c->reason)
        n = sizeof c->reason - 1;
    memcpy(c->reason, reason, n);
}

void transfer_remove(struct storage *st, const struct ferry_id *id, const char *reason, struct mailbox *home,
                     transfer_changed *done, void *arg)
{
    struct change *c = change_new(st, CHANGE_REMOVE, id);
    set_reason(c, reason);
    change_start(c, home, done, arg);
}

void transfer_cancel(struct storage *st, const struct ferry_id *id, const char *reason, struct mailbox *home,
                     transfer_changed *done, void *arg)
{
    struct change *c = change_new(st, CHANGE_CANCEL, id);
    set_reason(c, reason);
    change_start(c, home, done, arg);
}

void transfer_decline(struct storage *st, const struct ferry_id *id)
{
    change_start(change_new(st, CHANGE_DECLINE, id), NULL, NULL, NULL);
}

void transfer_extend(struct storage *st, const struct ferry_id *id, int64_t expires, struct mailbox *home,
                     transfer_changed *done, void *arg)
{
    struct change *c = change_new(st, CHANGE_EXTEND, id);
    c->expires = expires;
    change_start(c, home, done, arg);
}

void transfer_owner_expires(struct storage *st, const struct ferry_id *id, int64_t expires,
                            struct mailbox *home, transfer_changed *done, void *arg)
{
    struct change *c = change_new(st, CHANGE_OWNER_EXPIRES, id);
    c->expires = expires;
    change_start(c, home, done, arg);
}

void transfer_fetched(struct storage *st, const struct ferry_id *id)
{
    change_start(change_new(st, CHANGE_FETCHED, id), NULL, NULL, NULL);
}

/* --- bytes -----------------------------------------------------------------------------------------------
 */

enum refuse transfer_open(struct storage *st, const struct transfer *t, int *fd)
{
    enum refuse r = spool_read_often(st->spool, &t->id, t->attempt, t->size, fd);
    if (r != REFUSE_NOT_FOUND && r != REFUSE_DAMAGED)
        return r;
    struct arena *arena = arena_get(NULL); /* removed or expired since the caller's lookup? */
    struct transfer now;
    enum refuse gone = transfer_lookup(st, &t->id, arena, &now);
    arena_put(arena);
    if (gone != REFUSE_OK)
        return gone;
    log_error(ID_SHOWN " storage alarm file %s: held", t->id.text,
              r == REFUSE_NOT_FOUND ? "missing" : "of wrong size");
    struct change *c = change_new(st, CHANGE_HOLD, &t->id);
    c->attempt = t->attempt;
    set_reason(c, r == REFUSE_NOT_FOUND ? "missing" : "size");
    change_start(c, NULL, NULL, NULL);
    return REFUSE_DAMAGED;
}

/* --- a user's all ----------------------------------------------------------------------------------------
 */

struct purge {
    struct index_op op;
    const char *jid, *reason;
    struct burial *burial;
    struct ferry_id ids[100];
    size_t n;
    bool more;
};

static enum refuse run_purge(struct index_db *db, struct index_op *op)
{
    struct purge *p = INDEX_OP_OF(op, struct purge, op);
    p->n = index_of_user(db, p->jid, p->ids, ARRAY_LEN(p->ids));
    for (size_t i = 0; i < p->n; i++) {
        struct remains left;
        bool told = false;
        index_kill(db, &p->ids[i], TRANSFER_REMOVED, p->reason, clock_wall(), &left, &told);
        burial_add(p->burial, &p->ids[i], &left);
    }
    const int64_t max = 10 * (int64_t)ARRAY_LEN(p->ids);
    p->more = p->n == ARRAY_LEN(p->ids) || index_forget_user(db, p->jid, max) >= max;
    return REFUSE_OK;
}

enum refuse transfer_purge(struct storage *st, const char *jid, const char *reason)
{
    for (;;) {
        struct purge p = {.op.run = run_purge, .jid = jid, .reason = reason};
        p.burial = burial_new(st, ARRAY_LEN(p.ids));
        enum refuse r = index_write_wait(st->index, &p.op);
        if (r != REFUSE_OK) {
            burial_drop(p.burial);
            return r;
        }
        for (size_t i = 0; i < p.n; i++)
            live_fence(st->live, &p.ids[i], REFUSE_REMOVED);
        burial_run_here(p.burial);
        if (!p.more)
            return REFUSE_OK;
    }
}

/* --- the owner's delete token ----------------------------------------------------------------------------
 */

void transfer_delete_token(struct storage *st, const struct ferry_id *id, char out[44])
{
    uint8_t mac[32];
    keys_mac(st->keys, KEYS_DELETE, id->text, ID_LEN, mac);
    base64url_encode(out, mac, sizeof mac);
}

bool transfer_delete_allowed(struct storage *st, const struct ferry_id *id, const char *token)
{
    char right[44];
    transfer_delete_token(st, id, right);
    return strlen(token) == 43 && secret_equal(right, token, 43);
}
