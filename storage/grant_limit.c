/* grant_limit.c: why a file cannot be stored now: which limit, how full it is, when there will be room; as
 * figures for protocols and as sentences for people. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"
#include "storage/usage.h"

#define DAY 86400

struct explain {
    struct index_op op;
    struct storage *st;
    char *owner, *to;
    struct charge charge;
    struct grant_limit limit;
    grant_explained *done;
    void *arg;
};

static enum refuse run_explain(struct index_db *db, struct index_op *op)
{
    struct explain *e = INDEX_OP_OF(op, struct explain, op);
    index_room_explain(db, &e->charge, clock_wall(), &e->limit);
    /* No date for the disk: others fill it too. */
    if (e->limit.why == REFUSE_OK && usage_room(e->st, e->charge.size) == REFUSE_DISK_FULL)
        e->limit.why = REFUSE_DISK_FULL;
    return REFUSE_OK;
}

static void explain_done(struct index_op *op)
{
    struct explain *e = INDEX_OP_OF(op, struct explain, op);
    if (op->result != REFUSE_OK) /* the index cannot be read now: nothing can be said */
        e->limit = (struct grant_limit){.why = op->result};
    e->done(e->arg, &e->limit);
    free(e->owner);
    free(e->to);
    free(e);
}

void grant_explain(struct storage *st, const struct grant *g, struct mailbox *home, grant_explained *done,
                   void *arg)
{
    struct explain *e = xcalloc(1, sizeof *e);
    e->op = (struct index_op){.run = run_explain, .done = explain_done, .home = home};
    e->st = st;
    e->owner = xstrdup(g->owner);
    e->to = xstrdup(g->to);
    e->charge = (struct charge){
        .owner = e->owner, .to = e->to, .size = g->size, .purpose = g->purpose, .day = clock_wall() / DAY};
    e->done = done;
    e->arg = arg;
    index_read(st->index, &e->op);
}

/* --- in words --------------------------------------------------------------------------------------------
 */

static void add_used(const struct grant_limit *l, bool zh, struct buf *out)
{
    if (l->why == REFUSE_FILES_FULL) {
        buf_addf(out, zh ? "已使用 %lld 个文件，上限为 %lld 个。" : "%lld of %lld files are used.",
                 (long long)l->used, (long long)l->limit);
        return;
    }
    struct buf used = {0}, limit = {0};
    size_text(&used, l->used);
    size_text(&limit, l->limit);
    if (l->why == REFUSE_DAY_FULL)
        buf_addf(out, zh ? "今日已上传 %s，每日限额为 %s。" : "%s of today's %s are used.", used.data,
                 limit.data);
    else
        buf_addf(out, zh ? "已使用 %s，共 %s。" : "%s of %s are used.", used.data, limit.data);
    buf_free(&used);
    buf_free(&limit);
}

/* "2026-12-01 08:00 UTC": readable in every language. */
static void add_frees(const struct grant_limit *l, bool zh, struct buf *out)
{
    char stamp[21];
    clock_format_utc(l->frees, stamp);
    buf_addf(out, zh ? "预计 %.10s %.5s（UTC）会有可用空间。" : "There will be room on %.10s at %.5s UTC.",
             stamp, stamp + 11);
}

void grant_limit_words(const struct grant_limit *limit, const char *lang, struct buf *out)
{
    bool zh = strncmp(lang, "zh", 2) == 0;
    bool told = limit->limit > 0;
    if (told)
        add_used(limit, zh, out);
    if (told && limit->frees && !zh)
        buf_addc(out, ' ');
    if (limit->frees)
        add_frees(limit, zh, out);
}
