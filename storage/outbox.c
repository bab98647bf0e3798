/* outbox.c: the outbox's verbs: a scan by a worker, marks and notices by the index's thread. */
#include "storage/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"

struct scan {
    struct index_op op;
    struct storage *st;
    struct arena *arena;
    const char *jid;
    int64_t after;
    size_t limit, n;
    bool more;
    struct outbox_item *items;
    outbox_scanned *done;
    void *arg;
};

static enum refuse run_scan(struct index_db *db, struct index_op *op)
{
    struct scan *s = INDEX_OP_OF(op, struct scan, op);
    s->items = index_outbox_scan(db, s->jid, s->after, s->limit, s->arena, &s->n, &s->more);
    return REFUSE_OK;
}

static void scan_done(struct index_op *op)
{
    struct scan *s = INDEX_OP_OF(op, struct scan, op);
    if (op->result == REFUSE_OK)
        s->done(s->arg, s->items, s->n, s->more);
    else
        s->done(s->arg, s->items, 0, true);
    arena_put(s->arena);
    free(s);
}

void outbox_scan(struct storage *st, const char *jid, int64_t after, size_t limit, struct mailbox *home,
                 outbox_scanned *done, void *arg)
{
    struct scan *s = xcalloc(1, sizeof *s);
    s->st = st;
    s->arena = arena_get(NULL);
    s->jid = jid ? arena_strdup(s->arena, jid) : NULL;
    s->after = after;
    s->limit = limit;
    s->done = done;
    s->arg = arg;
    s->op = (struct index_op){.run = run_scan, .done = scan_done, .home = home};
    index_read(st->index, &s->op);
}

struct mark {
    struct index_op op;
    bool failed, fetched;
    struct ferry_id id; /* fetched: that file too */
    outbox_marked *done;
    void *arg;
    size_t n;
    int64_t seqs[];
};

/* A row that is gone is as good as marked. */
static enum refuse run_mark(struct index_db *db, struct index_op *op)
{
    struct mark *m = INDEX_OP_OF(op, struct mark, op);
    bool told = false;
    if (m->fetched)
        index_fetched(db, &m->id, clock_wall(), &told);
    if (told)
        op->flags |= INDEX_POKE;
    for (size_t i = 0; i < m->n; i++)
        index_outbox_done(db, m->seqs[i], m->failed);
    return REFUSE_OK;
}

static void mark_done(struct index_op *op)
{
    struct mark *m = INDEX_OP_OF(op, struct mark, op);
    if (m->done)
        m->done(m->arg, op->result);
    free(m);
}

static struct mark *mark_new(const int64_t *seqs, size_t n, struct mailbox *home, outbox_marked *done,
                             void *arg)
{
    struct mark *m = xcalloc(1, sizeof *m + n * sizeof *seqs);
    m->n = n;
    memcpy(m->seqs, seqs, n * sizeof *seqs);
    m->done = done;
    m->arg = arg;
    m->op = (struct index_op){.run = run_mark, .done = mark_done, .home = home};
    return m;
}

void outbox_done(struct storage *st, const int64_t *seqs, size_t n, bool failed, struct mailbox *home,
                 outbox_marked *done, void *arg)
{
    struct mark *m = mark_new(seqs, n, home, done, arg);
    m->failed = failed;
    m->op.flags = INDEX_LAZY;
    index_write(st->index, &m->op);
}

void outbox_fetched(struct storage *st, int64_t seq, const struct ferry_id *id, struct mailbox *home,
                    outbox_marked *done, void *arg)
{
    struct mark *m = mark_new(&seq, 1, home, done, arg);
    m->fetched = true;
    m->id = *id;
    index_write(st->index, &m->op);
}

struct step {
    struct index_op op;
    int64_t seq;
    enum outbox_step step;
    outbox_marked *done;
    void *arg;
};

static enum refuse run_step(struct index_db *db, struct index_op *op)
{
    struct step *s = INDEX_OP_OF(op, struct step, op);
    index_outbox_step(db, s->seq, s->step);
    return REFUSE_OK;
}

static void step_done(struct index_op *op)
{
    struct step *s = INDEX_OP_OF(op, struct step, op);
    s->done(s->arg, op->result);
    free(s);
}

void outbox_step(struct storage *st, int64_t seq, enum outbox_step step, struct mailbox *home,
                 outbox_marked *done, void *arg)
{
    struct step *s = xcalloc(1, sizeof *s);
    s->seq = seq;
    s->step = step;
    s->done = done;
    s->arg = arg;
    s->op = (struct index_op){.run = run_step, .done = step_done, .home = home};
    index_write(st->index, &s->op);
}

struct put {
    struct index_op op;
    struct outbox_item item;
    struct arena *arena;
};

static enum refuse run_put(struct index_db *db, struct index_op *op)
{
    index_outbox_add(db, &INDEX_OP_OF(op, struct put, op)->item);
    op->flags |= INDEX_POKE;
    return REFUSE_OK;
}

static void put_done(struct index_op *op)
{
    struct put *p = INDEX_OP_OF(op, struct put, op);
    arena_put(p->arena);
    free(p);
}

static const char *copied(struct arena *arena, const char *text)
{
    return arena_strdup(arena, text ? text : "");
}

struct outbox_item outbox_item_copy(struct arena *arena, const struct outbox_item *item)
{
    struct outbox_item copy = *item;
    copy.jid = copied(arena, item->jid);
    copy.peer = copied(arena, item->peer);
    copy.peer_raw = copied(arena, item->peer_raw);
    copy.name = copied(arena, item->name);
    copy.desc = copied(arena, item->desc);
    copy.type = copied(arena, item->type);
    return copy;
}

void outbox_put(struct storage *st, const struct outbox_item *item)
{
    struct put *p = xcalloc(1, sizeof *p);
    p->arena = arena_get(NULL);
    p->item = outbox_item_copy(p->arena, item);
    p->op = (struct index_op){.run = run_put, .done = put_done};
    index_write(st->index, &p->op);
}
