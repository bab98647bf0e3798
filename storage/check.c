/* check.c: index and files compared, both ways. doc/spool.7 has the table that this file is.
 *
 * At the start (check_recover): what was being written is dropped and its reservation given back; bytes of
 * dead rows go; a file without a row is moved to quarantine/, never adopted; a row without its file is held,
 * with an alarm. A large spool is compared in the background after the first half second.
 *
 * fsck does the same beside a running daemon, and reads every file. There a file may be between its rename
 * and its COMMIT, so what looks wrong in the listing is looked at again, file and row, before it is believed.
 */
#include "storage/check.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/log.h"
#include "storage/expiry.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"
#include "storage/live.h"
#include "storage/spool.h"

enum {
    START_MS = 500,
    READ_BYTES = 256 * 1024,
    QUARANTINE_S = 30 * 86400, /* time enough to miss a file */
};

struct pass {
    struct storage *st;
    bool hash;
    struct check_report *report;
};

/* --- the index's side ------------------------------------------------------------------------------------
 */

struct ask {
    struct index_op op;
    enum { ASK_FILES, ASK_FILE, ASK_HOLD, ASK_PARTS, ASK_LOST, ASK_RELEASE, ASK_DEAD, ASK_FIGURES } what;
    char first;
    struct ferry_id id;
    struct index_file *files, file;
    struct index_part *parts;
    size_t n;
    bool found, good;
    const char *reason;
    int64_t count;
    struct buf *detail;
};

static enum refuse run_ask(struct index_db *db, struct index_op *op)
{
    struct ask *a = INDEX_OP_OF(op, struct ask, op);
    bool told = false;
    switch (a->what) {
    case ASK_FILES:
        a->n = index_files(db, a->first, &a->files);
        break;
    case ASK_FILE:
        a->found = index_file(db, &a->id, &a->file);
        break;
    case ASK_HOLD:
        return index_hold(db, &a->id, a->file.attempt, a->good, a->reason);
    case ASK_PARTS:
        a->n = index_parts(db, &a->parts);
        break;
    case ASK_LOST:
        index_part_lost(db, &a->id);
        break;
    case ASK_RELEASE:
        a->count = index_release_all(db, clock_wall(), &told);
        op->flags |= told ? INDEX_POKE : 0u;
        break;
    case ASK_DEAD:
        a->n = index_dead_files(db, &a->id, a->files, a->n);
        break;
    case ASK_FIGURES:
        a->count = index_usage_check(db, true, a->detail);
        break;
    }
    return REFUSE_OK;
}

/* Reads go through this thread's own connection once the index's thread runs. */
static enum refuse ask(struct storage *st, struct ask *a)
{
    a->op.run = run_ask;
    if (!atomic_load(&st->started) || (a->what != ASK_FILES && a->what != ASK_FILE && a->what != ASK_DEAD))
        return index_write_wait(st->index, &a->op);
    struct index_db *db = index_reader(st->index);
    index_error(db);
    run_ask(db, &a->op);
    return index_error(db);
}

static void hold(struct pass *p, const struct index_file *row, bool good, const char *reason)
{
    struct ask a = {.what = ASK_HOLD, .id = row->id, .file = *row, .good = good, .reason = reason};
    enum refuse r = ask(p->st, &a);
    if (r != REFUSE_OK && r != REFUSE_NOT_FOUND)
        log_error(ID_SHOWN " storage cannot hold why=%s", row->id.text, refuse_get(r)->name);
    if (!good)
        log_error(ID_SHOWN " storage alarm file %s: held", row->id.text, reason);
}

/* --- one finding -----------------------------------------------------------------------------------------
 */

static void judge_file(struct pass *p, const struct spool_entry *e)
{
    struct ask a = {.what = ASK_FILE, .id = e->id};
    if (ask(p->st, &a) != REFUSE_OK)
        return;
    if (a.found && a.file.attempt == e->attempt) {
        bool dead = a.file.state == TRANSFER_EXPIRED || a.file.state == TRANSFER_REMOVED;
        if (dead && !a.file.bytes) /* a removal that a power cut has half undone */
            spool_remove(p->st->spool, &e->id, e->attempt);
        if (dead || a.file.bytes)
            return;
    }
    if (spool_quarantine(p->st->spool, &e->id, e->attempt) == 0) {
        log_warn(ID_SHOWN " storage file without a row attempt=%d: moved to quarantine", e->id.text,
                 e->attempt);
        p->report->orphans++;
    }
}

/* The file of an upload that is stored at once (at_once.c) has its name before its row, and after a kill the
 * one that comes again has the very name of what the first left: nobody begins with it while we look. */
static void file_without_row(struct pass *p, const struct spool_entry *e)
{
    struct live_entry here = {.id = e->id};
    if (!live_early(p->st->live, &here)) /* not yet */
        return;
    judge_file(p, e);
    live_remove(p->st->live, &here, false);
}

static bool hash_equals(int fd, const uint8_t want[SHA256_BYTES], int64_t *bytes)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t sum[EVP_MAX_MD_SIZE];
    char *block = xmalloc(READ_BYTES);
    bool good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
    ssize_t n = 0;
    while (good && (n = TEMP_FAILURE_RETRY(read(fd, block, READ_BYTES))) > 0) {
        good = EVP_DigestUpdate(ctx, block, (size_t)n) == 1;
        *bytes += n;
    }
    good = good && n == 0 && EVP_DigestFinal_ex(ctx, sum, NULL) == 1 && memcmp(sum, want, SHA256_BYTES) == 0;
    EVP_MD_CTX_free(ctx);
    free(block);
    return good;
}

/* What is wrong with a live row's file; NULL: nothing. */
static const char *fault_of(struct pass *p, const struct index_file *row)
{
    int fd;
    enum refuse r = spool_read(p->st->spool, &row->id, row->attempt, row->size, &fd);
    if (r == REFUSE_NOT_FOUND)
        return "missing";
    if (r == REFUSE_DAMAGED)
        return "size";
    if (r != REFUSE_OK)
        return r == REFUSE_READ_ONLY ? "unreadable" : NULL; /* out of descriptors says nothing of the file */
    const char *fault = NULL;
    if (p->hash && row->has_sha256 && !hash_equals(fd, row->sha256, &p->report->bytes))
        fault = "checksum";
    close(fd);
    return fault;
}

static void row_in_doubt(struct pass *p, const struct index_file *seen)
{
    const char *fault = fault_of(p, seen);
    if (!fault && seen->state == TRANSFER_STORED)
        return;
    struct ask a = {.what = ASK_FILE, .id = seen->id}; /* removed while we looked? */
    if (ask(p->st, &a) != REFUSE_OK || !a.found || a.file.attempt != seen->attempt)
        return;
    if (a.file.state != TRANSFER_STORED && a.file.state != TRANSFER_HELD)
        return;
    if (fault) {
        if (strcmp(fault, "missing") == 0)
            p->report->missing++;
        else
            p->report->damaged++;
        if (a.file.state == TRANSFER_STORED)
            hold(p, seen, false, fault);
    } else if (p->hash && a.file.state == TRANSFER_HELD) {
        hold(p, seen, true, "");
        p->report->restored++;
    }
}

static void bury_one(struct pass *p, const struct index_file *row)
{
    struct burial *b = burial_new(p->st, 1);
    burial_add(b, &row->id, &(struct remains){.attempt = row->attempt});
    burial_run_here(b);
}

/* --- one shard -------------------------------------------------------------------------------------------
 */

static int compare(const struct spool_entry *e, const struct index_file *row)
{
    int c = strcmp(e->id.text, row->id.text);
    return c ? c : (e->attempt > row->attempt) - (e->attempt < row->attempt);
}

static void check_row(struct pass *p, const struct index_file *row, bool has_file)
{
    if (row->state == TRANSFER_EXPIRED || row->state == TRANSFER_REMOVED) {
        bury_one(p, row);
        return;
    }
    p->report->files++;
    if (!has_file || p->hash)
        row_in_doubt(p, row);
}

static void check_shard(struct pass *p, int shard)
{
    struct spool_entry *entries;
    struct ask a = {.what = ASK_FILES, .first = spool_shard_char(shard)};
    ptrdiff_t n = spool_list(p->st->spool, shard, &entries);
    if (n < 0 || ask(p->st, &a) != REFUSE_OK) { /* files first: a row is never older than its file */
        free(a.files);
        free(entries);
        return;
    }
    size_t i = 0, j = 0;
    while (i < (size_t)n || j < a.n) {
        if (i < (size_t)n && entries[i].attempt == 0) {
            p->report->foreign++;
            i++;
            continue;
        }
        int c = i == (size_t)n ? 1 : j == a.n ? -1 : compare(&entries[i], &a.files[j]);
        if (c < 0) {
            file_without_row(p, &entries[i++]);
            continue;
        }
        check_row(p, &a.files[j++], c == 0);
        i += c == 0;
    }
    free(a.files);
    free(entries);
}

/* --- the start -------------------------------------------------------------------------------------------
 */

/* Each once: a file that cannot be removed now stays for the next start. */
static void bury_dead(struct storage *st)
{
    struct index_file files[100] = {0};
    struct ask a = {.what = ASK_DEAD, .files = files};
    do {
        a.n = ARRAY_LEN(files);
        if (ask(st, &a) != REFUSE_OK || a.n == 0)
            return;
        a.id = files[a.n - 1].id;
        struct burial *b = burial_new(st, ARRAY_LEN(files));
        for (size_t i = 0; i < a.n; i++)
            burial_add(b, &files[i].id, &(struct remains){.attempt = files[i].attempt});
        burial_run_here(b);
    } while (a.n == ARRAY_LEN(files) && !storage_read_only(st));
}

/* --- parts: what broken uploads kept ---------------------------------------------------------------------
 */

static int by_part(const void *key, const void *elem)
{
    const struct spool_entry *e = key;
    const struct index_part *p = elem;
    int c = strcmp(e->id.text, p->id.text);
    return c ? c : (e->attempt > p->attempt) - (e->attempt < p->attempt);
}

static bool wanted(void *arg, const struct spool_entry *e)
{
    struct ask *a = arg;
    return a->n > 0 && bsearch(e, a->parts, a->n, sizeof *a->parts, by_part);
}

/* Rows whose part is missing or too short kept nothing; parts that no row asks for go. */
static enum refuse recover_parts(struct storage *st, struct check_report *report)
{
    struct ask a = {.what = ASK_PARTS};
    enum refuse r = ask(st, &a);
    for (size_t i = 0; i < a.n && r == REFUSE_OK; i++) {
        const struct index_part *p = &a.parts[i];
        int64_t have = spool_find_part(st->spool, &p->id, p->attempt);
        if (have >= p->kept) {
            report->parts++;
            continue;
        }
        log_error(ID_SHOWN " storage part lost kept=%lld found=%lld: the upload begins anew", p->id.text,
                  (long long)p->kept, (long long)have);
        struct ask lost = {.what = ASK_LOST, .id = p->id};
        r = ask(st, &lost);
        if (have >= 0)
            spool_remove_part(st->spool, &p->id, p->attempt);
    }
    if (r == REFUSE_OK) {
        int tmp = spool_clear_tmp(st->spool, wanted, &a);
        report->tmp = tmp > 0 ? tmp : 0;
    }
    free(a.parts);
    return r;
}

static void summary(const struct check_report *r, int64_t released)
{
    if (r->tmp || r->parts || released || r->orphans || r->missing || r->damaged)
        log_info("storage recovered unfinished=%lld kept=%lld tmp=%lld quarantined=%lld held=%lld",
                 (long long)released, (long long)r->parts, (long long)r->tmp, (long long)r->orphans,
                 (long long)(r->missing + r->damaged));
}

int check_recover(struct storage *st, struct buf *why)
{
    struct check_report report = {0};
    struct pass p = {.st = st, .report = &report};
    struct ask a = {.what = ASK_RELEASE};
    spool_sweep_quarantine(st->spool, clock_wall() - QUARANTINE_S);
    enum refuse r = recover_parts(st, &report);
    if (r == REFUSE_OK)
        r = ask(st, &a);
    if (r == REFUSE_INTERNAL) {
        buf_adds(why, "the index cannot be read: see the log; nothing was changed");
        return -1;
    }
    if (r != REFUSE_OK) /* what is stored can be served none the less */
        log_error("storage recovery incomplete why=%s", refuse_get(r)->name);
    bury_dead(st);
    int64_t until = clock_mono_ms() + START_MS;
    while (st->compared < SPOOL_SHARDS && clock_mono_ms() < until)
        check_shard(&p, st->compared++);
    summary(&report, a.count);
    return 0;
}

struct going_on {
    struct task task;
    struct storage *st;
    int64_t files;
};

static void go_on(struct task *task)
{
    struct going_on *g = INDEX_OP_OF(task, struct going_on, task);
    struct storage *st = g->st;
    struct check_report report = {0};
    struct pass p = {.st = st, .report = &report};
    if (st->compared < SPOOL_SHARDS && !expiry_stopping(st)) {
        check_shard(&p, st->compared++);
        summary(&report, 0);
        g->files += report.files;
        storage_work(st, &g->task);
        return;
    }
    if (st->compared == SPOOL_SHARDS)
        log_info("storage compared files=%lld", (long long)g->files);
    free(g);
    storage_leave(st);
}

void check_continue(struct storage *st)
{
    if (st->compared == SPOOL_SHARDS)
        return;
    struct going_on *g = xcalloc(1, sizeof *g);
    g->st = st;
    g->task.run = go_on;
    storage_enter(st);
    storage_work(st, &g->task);
}

/* --- fsck ------------------------------------------------------------------------------------------------
 */

void check_all(struct storage *st, struct check_report *out)
{
    struct pass p = {.st = st, .hash = true, .report = out};
    struct ask a = {.what = ASK_FIGURES, .detail = &out->detail};
    *out = (struct check_report){0};
    if (!index_check(index_reader(st->index), true, &out->detail))
        out->index++;
    bury_dead(st);
    for (int i = 0; i < SPOOL_SHARDS; i++)
        check_shard(&p, i);
    if (ask(st, &a) == REFUSE_OK)
        out->figures = a.count;
    else
        out->index++;
}
