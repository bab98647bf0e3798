/* commands.c: what an operator does to the spool: ls, show, rm, extend, slot, gc, fsck. Each runs on a
 * worker, since it waits for the index; fsck also runs in ferryctl, on a spool that nobody serves. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "storage/check.h"
#include "storage/command_work.h"
#include "storage/expiry.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"

static const char *text_arg(const json_t *args, const char *key)
{
    const char *s = json_string_value(json_object_get(args, key));
    return s ? s : "";
}

/* --- a transfer as JSON ----------------------------------------------------------------------------------
 */

static void set_text(json_t *o, const char *key, const char *s)
{
    json_t *v = json_string(s);
    json_object_set_new(o, key, v ? v : json_string("")); /* not UTF-8: only a damaged index has that */
}

static void set_time(json_t *o, const char *key, int64_t wall)
{
    char text[21];
    if (wall > 0)
        clock_format_utc(wall, text);
    else
        text[0] = '\0';
    set_text(o, key, text);
}

static json_t *to_json(const struct transfer *t)
{
    json_t *o = json_object();
    char sum[2 * SHA256_BYTES + 1] = "";
    struct buf url = {0};
    if (t->has_sha256)
        hex_encode(sum, t->sha256, SHA256_BYTES);
    if (t->state == TRANSFER_STORED)
        link_get(&url, &t->id, t->name);
    set_text(o, "id", t->id.text);
    set_text(o, "state", transfer_state_name(t->state));
    set_text(o, "took", took_name(t->took));
    set_text(o, "told", transfer_told_name(t->told));
    set_text(o, "purpose", purpose_name(t->purpose));
    set_text(o, "from", t->owner);
    set_text(o, "to", t->to);
    set_text(o, "name", t->name);
    set_text(o, "type", *t->found_type ? t->found_type : t->type);
    json_object_set_new(o, "size", json_integer(t->size));
    set_text(o, "sha256", sum);
    set_time(o, "created", t->created);
    set_time(o, "stored", t->stored);
    set_time(o, "expires", t->expires);
    set_text(o, "url", url.data ? url.data : "");
    set_text(o, "reason", t->reason);
    json_object_set_new(o, "once", json_boolean(t->once));
    json_object_set_new(o, "kept", json_integer(t->kept));
    json_object_set_new(o, "attempt", json_integer(t->attempt));
    buf_free(&url);
    return o;
}

/* --- ls, show --------------------------------------------------------------------------------------------
 */

static void ls(struct storage *st, const json_t *args, struct command_answer *to)
{
    struct transfer_query q = {.owner = text_arg(args, "from"),
                               .to = text_arg(args, "to"),
                               .state = text_arg(args, "state"),
                               .cursor = text_arg(args, "after"),
                               .all = json_is_true(json_object_get(args, "all"))};
    int64_t limit = json_integer_value(json_object_get(args, "limit"));
    char cursor[sizeof((struct transfer_list *)0)->next];
    json_t *rows = json_array();
    q.to = *q.to ? q.to : NULL;
    for (bool more = true; more;) { /* all of them, unless a limit was asked for */
        struct arena *arena = arena_get(NULL);
        struct transfer_list page;
        q.limit = limit > 0 && limit < 1000 ? (size_t)limit : 1000;
        transfer_list(st, &q, arena, &page);
        for (size_t i = 0; i < page.n; i++)
            json_array_append_new(rows, to_json(&page.rows[i]));
        more = page.more && limit <= 0;
        memcpy(cursor, page.next, sizeof cursor);
        q.cursor = cursor;
        arena_put(arena);
    }
    command_answer(to, EXIT_OK_, rows);
}

COMMAND_WORK(ls)

static const char *const ls_columns[] = {"id", "state", "name",    "size", "from",
                                         "to", "told",  "expires", NULL};
static const struct command_arg ls_args[] = {
    {"--from", "jid", false, false, "only files of this sender"},
    {"--to", "jid", false, false, "only files for this receiver"},
    {"--state", "text", false, false, "receiving, stored, held, expired or removed"},
    {"--all", "flag", false, false, "expired and removed ones too"},
    {"--limit", "int", false, false, "at most so many, newest first"},
    {"--after", "text", false, false,
     "go on behind CREATED.ID, seconds since 1970 and id of the last row seen"},
    {0}};
static const struct command ls_command = {.name = "ls",
                                          .help = "Lists transfers, newest first.",
                                          .role = ROLE_VIEWER,
                                          .flags = COMMAND_ROWS,
                                          .args = ls_args,
                                          .columns = ls_columns,
                                          .run = ls_soon};
COMMAND_REGISTER(ls_command);

/* An id, or a beginning that only one transfer has. */
static enum refuse resolve(struct storage *st, const char *text, struct ferry_id *out)
{
    struct ferry_id found[2];
    struct index_db *db = index_reader(st->index);
    if (!*text || strlen(text) > ID_LEN)
        return REFUSE_NOT_FOUND;
    index_error(db);
    size_t n = index_by_prefix(db, text, found, 2);
    if (index_error(db) != REFUSE_OK)
        return REFUSE_READ_ONLY;
    *out = found[0];
    return n == 0 ? REFUSE_NOT_FOUND : n == 1 ? REFUSE_OK : REFUSE_CONFLICT;
}

static void refuse_id(struct command_answer *to, enum refuse r, const char *text)
{
    char *detail =
        xasprintf(r == REFUSE_CONFLICT ? "%s: several transfers begin so" : "%s: no such transfer", text);
    command_refuse(to, r, r == REFUSE_CONFLICT || r == REFUSE_NOT_FOUND ? detail : NULL);
    free(detail);
}

static void show(struct storage *st, const json_t *args, struct command_answer *to)
{
    struct ferry_id id;
    enum refuse r = resolve(st, text_arg(args, "ID"), &id);
    if (r != REFUSE_OK) {
        refuse_id(to, r, text_arg(args, "ID"));
        return;
    }
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    transfer_lookup(st, &id, arena, &t);
    json_t *o = to_json(&t);
    char token[44];
    transfer_delete_token(st, &id, token);
    set_text(o, "delete_token", token);
    command_answer(to, EXIT_OK_, o);
    arena_put(arena);
}

COMMAND_WORK(show)

static const struct command_arg show_args[] = {
    {"ID", "text", true, false, "a transfer's id, or its beginning"}, {0}};
static const struct command show_command = {
    .name = "show", .help = "Shows one transfer.", .role = ROLE_VIEWER, .args = show_args, .run = show_soon};
COMMAND_REGISTER(show_command);

/* --- rm, extend ------------------------------------------------------------------------------------------
 */

struct wait {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool done;
    enum refuse result;
};

static void on_changed(void *arg, enum refuse r)
{
    struct wait *w = arg;
    pthread_mutex_lock(&w->lock);
    w->result = r;
    w->done = true;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->lock);
}

static enum refuse wait_for(struct wait *w)
{
    pthread_mutex_lock(&w->lock);
    while (!w->done)
        pthread_cond_wait(&w->cond, &w->lock);
    pthread_mutex_unlock(&w->lock);
    pthread_cond_destroy(&w->cond);
    pthread_mutex_destroy(&w->lock);
    return w->result;
}

#define WAIT_INIT                                                           \
    {                                                                       \
        .lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER \
    }

static enum refuse remove_one(struct storage *st, const char *text, struct ferry_id *id)
{
    enum refuse r = resolve(st, text, id);
    if (r != REFUSE_OK)
        return r;
    struct wait w = WAIT_INIT;
    transfer_remove(st, id, "operator", NULL, on_changed, &w);
    return wait_for(&w);
}

static void rm(struct storage *st, const json_t *args, struct command_answer *to)
{
    size_t i;
    json_t *one, *gone = json_array();
    json_array_foreach(json_object_get(args, "ID"), i, one)
    {
        struct ferry_id id;
        enum refuse r = remove_one(st, json_string_value(one), &id);
        if (r != REFUSE_OK) { /* what went before stays removed */
            json_decref(gone);
            refuse_id(to, r, json_string_value(one));
            return;
        }
        json_array_append_new(gone, json_pack("{s:s}", "id", id.text));
    }
    command_answer(to, EXIT_OK_, gone);
}

COMMAND_WORK(rm)

static const char *const rm_columns[] = {"id", NULL};
static const struct command_arg rm_args[] = {{"ID", "text", true, true, "ids, or their beginnings"}, {0}};
static const struct command rm_command = {.name = "rm",
                                          .help = "Removes files: the links are dead at once.",
                                          .role = ROLE_OPERATOR,
                                          .flags = COMMAND_ROWS | COMMAND_DANGER,
                                          .args = rm_args,
                                          .columns = rm_columns,
                                          .run = rm_soon};
COMMAND_REGISTER(rm_command);

static void extend(struct storage *st, const json_t *args, struct command_answer *to)
{
    struct ferry_id id;
    int64_t ms = json_integer_value(json_object_get(args, "DURATION"));
    enum refuse r = resolve(st, text_arg(args, "ID"), &id);
    if (r != REFUSE_OK) {
        refuse_id(to, r, text_arg(args, "ID"));
        return;
    }
    if (ms <= 0) {
        command_refuse(to, REFUSE_USAGE, "the duration must be positive");
        return;
    }
    struct wait w = WAIT_INIT;
    transfer_extend(st, &id, clock_wall() + ms / 1000, NULL, on_changed, &w);
    r = wait_for(&w);
    if (r != REFUSE_OK)
        command_refuse(to, r, NULL);
    else
        show(st, args, to);
}

COMMAND_WORK(extend)

static const struct command_arg extend_args[] = {
    {"ID", "text", true, false, "a transfer's id, or its beginning"},
    {"DURATION", "duration", true, false, "how long it is kept from now on: 7d"},
    {0}};
static const struct command extend_command = {.name = "extend",
                                              .help = "Sets how long a file is kept, from now on.",
                                              .role = ROLE_OPERATOR,
                                              .args = extend_args,
                                              .run = extend_soon};
COMMAND_REGISTER(extend_command);

/* --- slot ------------------------------------------------------------------------------------------------
 */

static void answer_slot(struct command_answer *to, const struct grant *g, const char *token)
{
    struct buf put = {0}, get = {0};
    link_put(&put, token, g->name);
    link_get(&get, &g->id, g->name);
    json_t *o = json_object();
    set_text(o, "put", put.data);
    set_text(o, "get", get.data);
    buf_free(&put);
    buf_free(&get);
    command_answer(to, EXIT_OK_, o);
}

struct slot {
    struct command_answer *to;
    struct grant grant;
    char name[256];
};

static void slot_stored(void *arg, enum refuse r, const char *token)
{
    struct slot *s = arg;
    if (r == REFUSE_OK)
        answer_slot(s->to, &s->grant, token);
    else
        command_refuse(s->to, r, NULL);
    free(s);
}

/* --purpose and --expires. NULL, or what is wrong with them. */
static const char *slot_lifetime(const json_t *args, struct grant *g)
{
    const char *purpose = text_arg(args, "purpose");
    const json_t *expires = json_object_get(args, "expires");
    while (*purpose && strcmp(purpose_name(g->purpose), purpose) != 0)
        if (++g->purpose == PURPOSE_COUNT)
            return "a purpose is message, profile, ephemeral or permanent";
    if (expires && json_integer_value(expires) < 1000)
        return "a file is kept for a second at least";
    if (expires)
        g->expires = clock_wall() + json_integer_value(expires) / 1000;
    return NULL;
}

static void slot(struct storage *st, const json_t *args, struct command_answer *to)
{
    struct slot *s = xcalloc(1, sizeof *s);
    const char *name = text_arg(args, "NAME");
    s->to = to;
    s->grant = (struct grant){.size = json_integer_value(json_object_get(args, "SIZE")),
                              .name = s->name,
                              .type = text_arg(args, "type"),
                              .owner = text_arg(args, "from"),
                              .to = text_arg(args, "to"),
                              .to_raw = "",
                              .desc = "",
                              .took = TOOK_SLOT,
                              .flags = json_is_true(json_object_get(args, "once")) ? GRANT_ONCE : 0};
    const char *fault = NULL;
    if (s->grant.size < 0)
        fault = "the size must not be negative";
    else if (filename_clean(name, strlen(name), s->name) != 0)
        fault = "that is no file name";
    else
        fault = slot_lifetime(args, &s->grant);
    enum refuse r = fault ? REFUSE_USAGE : grant_new(st, &s->grant);
    if (r != REFUSE_OK) {
        command_refuse(to, r, fault);
        free(s);
        return;
    }
    struct buf token = {0};
    if (grant_seal(st, &s->grant, &token) == 0) {
        answer_slot(to, &s->grant, token.data);
        free(s);
    } else {
        grant_store(st, &s->grant, NULL, slot_stored, s);
    }
    buf_free(&token);
}

COMMAND_WORK(slot)

static const struct command_arg slot_args[] = {
    {"NAME", "text", true, false, "the file's name"},
    {"SIZE", "size", true, false, "its exact size in bytes"},
    {"--type", "text", false, false, "the Content-Type that the upload must have; any, if not given"},
    {"--from", "jid", false, false, "who pays for it; the operator, if not given"},
    {"--to", "jid", false, false, "who is told of it"},
    {"--purpose", "text", false, false, "message, profile, ephemeral or permanent: its lifetime and quota"},
    {"--expires", "duration", false, false,
     "how long from now on it is wanted: 7d; never longer than its purpose allows"},
    {"--once", "flag", false, false, "the link works once: the file goes when it was fetched whole"},
    {0}};

static const struct command slot_command = {.name = "slot",
                                            .help =
                                                "Makes an upload slot: a PUT link and the link of the file.",
                                            .role = ROLE_OPERATOR,
                                            .args = slot_args,
                                            .run = slot_soon};
COMMAND_REGISTER(slot_command);

/* --- gc, fsck --------------------------------------------------------------------------------------------
 */

static void gc(struct storage *st, const json_t *args, struct command_answer *to)
{
    struct gc_report r;
    enum refuse why = expiry_gc(st, &r);
    if (why != REFUSE_OK)
        command_refuse(to, why, NULL);
    else
        command_answer(to, EXIT_OK_,
                       json_pack("{s:I,s:I,s:I}", "expired", (json_int_t)r.expired, "unfinished",
                                 (json_int_t)r.unfinished, "forgotten", (json_int_t)r.forgotten));
}

COMMAND_WORK(gc)

static const struct command gc_command = {
    .name = "gc",
    .help = "Removes what is past its time now, also after the clock has jumped.",
    .role = ROLE_OPERATOR,
    .run = gc_soon};
COMMAND_REGISTER(gc_command);

/* It reads every file, which may take hours: one at a time, so that most workers stay with everybody else. */
static void fsck(struct storage *st, const json_t *args, struct command_answer *to)
{
    static atomic_bool under_way;
    struct check_report r;
    if (atomic_exchange(&under_way, true)) {
        command_refuse(to, REFUSE_CONFLICT, "fsck: one is under way already");
        return;
    }
    check_all(st, &r);
    atomic_store(&under_way, false);
    bool errors = r.missing || r.damaged || r.index;
    bool warnings = r.orphans || r.foreign || r.figures || r.restored;
    json_t *o =
        json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "files", (json_int_t)r.files, "bytes",
                  (json_int_t)r.bytes, "missing", (json_int_t)r.missing, "damaged", (json_int_t)r.damaged,
                  "restored", (json_int_t)r.restored, "quarantined", (json_int_t)r.orphans, "foreign",
                  (json_int_t)r.foreign, "figures", (json_int_t)r.figures, "index", (json_int_t)r.index);
    set_text(o, "detail", r.detail.data ? r.detail.data : "");
    buf_free(&r.detail);
    command_answer(to, errors ? EXIT_ERRORS_ : warnings ? EXIT_WARNINGS_ : EXIT_OK_, o);
}

COMMAND_WORK(fsck)

static const struct command fsck_command = {
    .name = "fsck",
    .help = "Compares index and files both ways and every file with its SHA-256; damaged files are held.",
    .role = ROLE_OPERATOR,
    .flags = COMMAND_OFFLINE,
    .run = fsck_soon};
COMMAND_REGISTER(fsck_command);
