/* expiry.c: rounds on the index's thread: what is due dies (row first, in one transaction), then workers
 * delete the bytes. A round handles at most ROUND rows and asks for the next, as long as workers keep up: one
 * of them always serves others. Between rounds the index sleeps until the next row is due. A kill at any
 * point leaves at worst a dead row with bytes, which the next start finds (check.c).
 *
 * Expiry believes the wall clock only as long as it went along with one that never jumps (row 113). After a
 * jump of more than a day nothing expires until the clock is back, the daemon is started anew, or an operator
 * says `gc`.
 */
#include "storage/expiry.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "storage/index_people.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"
#include "storage/live.h"
#include "storage/parked.h"
#include "storage/spool.h"
#include "storage/usage.h"

enum {
    ROUND = 100,
    BURIALS = 2, /* rounds whose bytes are going at a time; there are three workers */
    IDLE_MS = 60000,
    DAY_S = 86400,
    TOMBSTONE_S = 365 * DAY_S, /* pages say "expired" or "removed" for a year */
};

struct expiry {
    pthread_mutex_t lock;
    struct clock_guard guard;
    bool alarmed, stopping;
    int burying; /* rounds whose bytes are going; the index's thread alone */
    bool more;   /* another was wanted meanwhile; the same */
};

struct expiry *expiry_new(void)
{
    struct expiry *e = xcalloc(1, sizeof *e);
    pthread_mutex_init(&e->lock, NULL);
    return e;
}

void expiry_free(struct expiry *e)
{
    if (!e)
        return;
    pthread_mutex_destroy(&e->lock);
    free(e);
}

/* --- the clock -------------------------------------------------------------------------------------------
 */

bool clock_guard_ok(struct clock_guard *g, int64_t wall, int64_t boot)
{
    int64_t offset = wall - boot;
    if (g->armed && (offset - g->offset > DAY_S || g->offset - offset > DAY_S))
        return false;
    g->armed = true;
    g->offset = offset; /* small corrections are believed */
    return true;
}

static bool clock_believed(struct storage *st)
{
    struct timespec ts;
    clock_gettime(CLOCK_BOOTTIME, &ts); /* goes on while the machine sleeps */
    pthread_mutex_lock(&st->expiry->lock);
    bool ok = clock_guard_ok(&st->expiry->guard, clock_wall(), ts.tv_sec);
    bool first = !ok && !st->expiry->alarmed;
    st->expiry->alarmed = !ok;
    pthread_mutex_unlock(&st->expiry->lock);
    if (first)
        log_error("storage alarm clock-jumped: nothing expires until `ferryctl gc` or a restart");
    return ok;
}

/* --- the bytes of dead rows ------------------------------------------------------------------------------
 */

struct burial {
    struct task task;
    struct index_op op;
    struct storage *st;
    bool of_round;
    size_t n, room;
    struct grave {
        struct ferry_id id;
        struct remains left;
    } * files;
};

struct burial *burial_new(struct storage *st, size_t room)
{
    struct burial *b = xcalloc(1, sizeof *b);
    b->st = st;
    b->room = room;
    b->files = room ? xcalloc(room, sizeof *b->files) : NULL;
    return b;
}

void burial_drop(struct burial *b)
{
    if (b)
        free(b->files);
    free(b);
}

void burial_add(struct burial *b, const struct ferry_id *id, const struct remains *left)
{
    if (!left->attempt)
        return;
    if (b->n == b->room) {
        b->room = b->room ? 2 * b->room : 4;
        b->files = xrealloc(b->files, b->room * sizeof *b->files);
    }
    b->files[b->n++] = (struct grave){.id = *id, .left = *left};
}

static enum refuse mark_gone(struct index_db *db, struct index_op *op)
{
    struct burial *b = INDEX_OP_OF(op, struct burial, op);
    for (size_t i = 0; i < b->n; i++)
        if (b->files[i].left.attempt && !b->files[i].left.part)
            index_bytes_gone(db, &b->files[i].id);
    return REFUSE_OK;
}

static void round_buried(struct storage *st)
{
    st->expiry->burying--;
    if (st->expiry->more)
        index_chore_in(st->index, 0);
    st->expiry->more = false;
}

static void burial_done(struct index_op *op)
{
    struct burial *b = INDEX_OP_OF(op, struct burial, op);
    struct storage *st = b->st;
    if (b->of_round)
        round_buried(st);
    burial_drop(b);
    storage_leave(st);
}

static void bury(struct task *task)
{
    struct burial *b = INDEX_OP_OF(task, struct burial, task);
    for (size_t i = 0; i < b->n; i++) {
        struct remains *left = &b->files[i].left;
        if (left->part) {
            parked_drop(b->st->parked, &b->files[i].id, left->attempt);
            spool_remove_part(b->st->spool, &b->files[i].id, left->attempt);
        } else if (spool_remove(b->st->spool, &b->files[i].id, left->attempt) != 0) {
            left->attempt = 0; /* the next start tries again */
        }
    }
    usage_disk_room(b->st);
    b->op = (struct index_op){.run = mark_gone, .done = burial_done, .flags = INDEX_LAZY};
    index_write(b->st->index, &b->op);
}

void burial_run(struct burial *b)
{
    if (b->n == 0) {
        burial_drop(b);
        return;
    }
    b->task.run = bury;
    storage_enter(b->st);
    storage_work(b->st, &b->task);
}

void burial_run_here(struct burial *b)
{
    thread_assert_may_block();
    if (b->n == 0) {
        burial_drop(b);
        return;
    }
    storage_enter(b->st);
    bury(&b->task);
}

/* --- a round ---------------------------------------------------------------------------------------------
 */

struct round {
    struct index_op op;
    struct storage *st;
    struct burial *burial;
    struct gc_report did;
    bool full;    /* there may be more */
    int64_t next; /* wall clock */
};

static int64_t kill_all(struct index_db *db, struct round *r, const struct ferry_id *ids, size_t n,
                        enum transfer_state state, const char *reason)
{
    int64_t killed = 0;
    for (size_t i = 0; i < n; i++) {
        struct remains left;
        bool told = false;
        if (state == TRANSFER_REMOVED && live_has(r->st->live, &ids[i]))
            continue; /* an upload that is slower than its lease goes on */
        index_kill(db, &ids[i], state, reason, clock_wall(), &left, &told);
        burial_add(r->burial, &ids[i], &left);
        if (told)
            r->op.flags |= INDEX_POKE;
        killed++;
    }
    return killed;
}

static enum refuse run_round(struct index_db *db, struct index_op *op)
{
    struct round *r = INDEX_OP_OF(op, struct round, op);
    struct ferry_id ids[ROUND];
    int64_t now = clock_wall();
    usage_reconsider(r->st, db);
    size_t due = index_due(db, now, ids, ROUND);
    r->did.expired = kill_all(db, r, ids, due, TRANSFER_EXPIRED, "expired");
    size_t lapsed = index_lapsed(db, now, ids, ROUND);
    r->did.unfinished = kill_all(db, r, ids, lapsed, TRANSFER_REMOVED, "unfinished");
    bool told = false;
    size_t reminded = index_remind(db, now, ROUND, &told);
    if (told)
        op->flags |= INDEX_POKE;
    r->did.forgotten = index_forget(db, now - TOMBSTONE_S, ROUND);
    index_grant_forget(db, now);
    r->full = due == ROUND || reminded == ROUND || r->did.unfinished == ROUND || r->did.forgotten == ROUND;
    int64_t reminder = index_next_reminder(db);
    r->next = index_next_due(db);
    if (reminder < r->next)
        r->next = reminder;
    return REFUSE_OK;
}

static void round_done(struct index_op *op)
{
    struct round *r = INDEX_OP_OF(op, struct round, op);
    struct storage *st = r->st;
    if (op->result == REFUSE_OK) {
        r->burial->of_round = r->burial->n > 0;
        st->expiry->burying += r->burial->of_round;
        burial_run(r->burial);
        if (r->full)
            index_chore_in(st->index, 0);
        else
            expiry_at(st, r->next);
    } else {
        burial_drop(r->burial);
    }
    free(r);
    storage_leave(st);
}

bool expiry_stopping(struct storage *st)
{
    pthread_mutex_lock(&st->expiry->lock);
    bool stopping = st->expiry->stopping;
    pthread_mutex_unlock(&st->expiry->lock);
    return stopping;
}

/* Enters, unless storage_close has begun: after expiry_stop nothing new is under way because of us. */
static bool enter(struct storage *st)
{
    pthread_mutex_lock(&st->expiry->lock);
    bool go = !st->expiry->stopping;
    if (go)
        storage_enter(st);
    pthread_mutex_unlock(&st->expiry->lock);
    return go;
}

int64_t expiry_chore(struct storage *st)
{
    usage_disk_room(st); /* others fill and free the disk too */
    parked_sweep(st->parked);
    st->expiry->more = st->expiry->burying >= BURIALS;
    if (st->expiry->more || !clock_believed(st) || !enter(st))
        return IDLE_MS;
    struct round *r = xcalloc(1, sizeof *r);
    r->st = st;
    r->burial = burial_new(st, 2 * ROUND);
    r->op.run = run_round;
    r->op.done = round_done;
    index_write(st->index, &r->op);
    return IDLE_MS;
}

void expiry_at(struct storage *st, int64_t wall)
{
    int64_t wait = wall - clock_wall();
    if (wait < IDLE_MS / 1000)
        index_chore_in(st->index, wait > 0 ? wait * 1000 : 0);
}

void expiry_of_new(struct storage *st, int64_t expires)
{
    int64_t life = expires - clock_wall();
    expiry_at(st, expires - (life < 4 * DAY_S ? life / 4 : DAY_S)); /* REMIND_AT; that round looks further */
}

enum refuse expiry_gc(struct storage *st, struct gc_report *out)
{
    *out = (struct gc_report){0};
    pthread_mutex_lock(&st->expiry->lock);
    st->expiry->guard.armed = false;
    pthread_mutex_unlock(&st->expiry->lock);
    for (bool full = true; full;) {
        struct round r = {.st = st, .burial = burial_new(st, 2 * ROUND), .op.run = run_round};
        enum refuse why = index_write_wait(st->index, &r.op);
        if (why != REFUSE_OK) {
            burial_drop(r.burial);
            return why;
        }
        burial_run_here(r.burial);
        out->expired += r.did.expired;
        out->unfinished += r.did.unfinished;
        out->forgotten += r.did.forgotten;
        full = r.full;
    }
    return REFUSE_OK;
}

void expiry_stop(struct storage *st)
{
    pthread_mutex_lock(&st->expiry->lock);
    st->expiry->stopping = true;
    pthread_mutex_unlock(&st->expiry->lock);
}
