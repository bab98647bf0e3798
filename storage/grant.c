/* grant.c: leave to store one file: looking whether it may be given, sealing it into a token, opening it.
 *
 * Making a grant writes nothing, but for the rare one that is too long to stand in a URL: its bytes go into a
 * row and the token names the row. */
#include "storage/grant.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "storage/grant_code.h"
#include "storage/id_raw.h"
#include "storage/index_people.h"
#include "storage/internal.h"
#include "storage/settings.h"
#include "storage/usage.h"

#define DAY 86400

const char *took_name(enum took t)
{
    static const char *const names[TOOK_COUNT] = {"slot", "si", "jingle", "web", "drop"};
    FERRY_ASSERT(t < TOOK_COUNT);
    return names[t];
}

const char *purpose_name(enum purpose p)
{
    static const char *const names[PURPOSE_COUNT] = {"message", "profile", "ephemeral", "permanent"};
    FERRY_ASSERT(p < PURPOSE_COUNT);
    return names[p];
}

int64_t grant_lifetime(enum purpose p)
{
    const struct conf *c = conf_get();
    const int64_t own[PURPOSE_COUNT] = {
        [PURPOSE_MESSAGE] = c->storage_expire_message,
        [PURPOSE_PROFILE] = c->storage_expire_profile,
        [PURPOSE_EPHEMERAL] = c->storage_expire_ephemeral,
        [PURPOSE_PERMANENT] = c->storage_expire_permanent,
    };
    return ((own[p] ? own[p] : c->storage_expire_after) + 999) / 1000;
}

enum refuse grant_new(struct storage *st, struct grant *g)
{
    if (g->size < 0)
        return REFUSE_BAD_REQUEST;
    int64_t now = clock_wall();
    struct charge c = {.owner = g->owner,
                       .to = g->to,
                       .size = g->flags & GRANT_UP_TO ? 1 : g->size,
                       .purpose = g->purpose,
                       .day = now / DAY};
    enum refuse r = usage_advice(st, &c);
    if (r == REFUSE_OK && g->expires && g->expires <= now)
        r = REFUSE_EXPIRED;
    if (r != REFUSE_OK)
        return r;
    id_make(st->keys, now, &g->id);
    g->deadline = now + conf_get()->slots_put_deadline / 1000;
    return REFUSE_OK;
}

void grant_derive_id(struct storage *st, const char *path, struct ferry_id *out)
{
    id_derive(st->keys, path, out);
}

/* --- asking for somebody who is not there --------------------------------------------------------------- */

struct ask {
    struct index_op op;
    struct storage *st;
    char *from, *to;
    int64_t size;
    grant_asked *done;
    void *arg;
};

static bool same_domain(const char *a, const char *b)
{
    const char *da = strrchr(a, '@'), *db = strrchr(b, '@');
    return strcmp(da ? da + 1 : a, db ? db + 1 : b) == 0;
}

static bool accepts(struct storage *st, struct index_db *db, const char *to, const char *from)
{
    int who = settings_get(st, to, SETTING_ACCEPT_FROM, NULL);
    if (who == ACCEPT_ANY || strcmp(from, to) == 0)
        return true;
    if (who == ACCEPT_DOMAIN)
        return same_domain(from, to);
    struct arena *arena = arena_get(NULL);
    struct roster_item item;
    bool known = index_roster_get(db, to, from, arena, &item) && item.in_roster;
    arena_put(arena);
    return known;
}

static enum refuse ask_run(struct index_db *db, struct index_op *op)
{
    struct ask *a = INDEX_OP_OF(op, struct ask, op);
    if (!index_account_exists(db, a->to))
        return REFUSE_UNKNOWN_USER;
    if (index_blocks(db, a->to, a->from))
        return REFUSE_BLOCKED;
    if (settings_get(a->st, a->to, SETTING_TAKEOVER, NULL) == SETTING_OFF)
        return REFUSE_UNAVAILABLE;
    if (!accepts(a->st, db, a->to, a->from))
        return REFUSE_OFFER_NOT_TAKEN;
    struct charge c = {.owner = a->from,
                       .to = a->to,
                       .size = a->size,
                       .purpose = PURPOSE_MESSAGE,
                       .day = clock_wall() / DAY};
    enum refuse r = usage_advice(a->st, &c);
    return r != REFUSE_OK ? r : index_room_look(db, &c);
}

static void ask_done(struct index_op *op)
{
    struct ask *a = INDEX_OP_OF(op, struct ask, op);
    a->done(a->arg, op->result);
    free(a->from);
    free(a->to);
    free(a);
}

void grant_ask(struct storage *st, const char *from, const char *to, int64_t size, struct mailbox *home,
               grant_asked *done, void *arg)
{
    struct ask *a = xcalloc(1, sizeof *a);
    *a = (struct ask){.op = {.run = ask_run, .done = ask_done, .home = home},
                      .st = st,
                      .from = xstrdup(from),
                      .to = xstrdup(to),
                      .size = size,
                      .done = done,
                      .arg = arg};
    index_read(st->index, &a->op);
}

/* --- tokens --------------------------------------------------------------------------------------------- */

int grant_seal(struct storage *st, const struct grant *g, struct buf *token)
{
    struct buf plain = {0};
    grant_encode(g, &plain);
    bool fits = ((plain.len + SEAL_OVERHEAD) * 4 + 2) / 3 <= TOKEN_MAX;
    if (fits)
        token_seal(st->keys, plain.data, plain.len, token);
    buf_free(&plain);
    return fits ? 0 : -1;
}

struct put {
    struct index_op op;
    struct ferry_id id;
    int64_t expires;
    struct buf body, token;
    grant_stored *done;
    void *arg;
};

static enum refuse put_run(struct index_db *db, struct index_op *op)
{
    struct put *p = INDEX_OP_OF(op, struct put, op);
    return index_grant_put(db, p->id.text, p->expires, p->body.data, p->body.len);
}

static void put_done(struct index_op *op)
{
    struct put *p = INDEX_OP_OF(op, struct put, op);
    p->done(p->arg, op->result, op->result == REFUSE_OK ? p->token.data : NULL);
    buf_free(&p->body);
    buf_free(&p->token);
    free(p);
}

void grant_store(struct storage *st, const struct grant *g, struct mailbox *home, grant_stored *done,
                 void *arg)
{
    struct put *p = xcalloc(1, sizeof *p);
    p->op = (struct index_op){.run = put_run, .done = put_done, .home = home};
    p->id = g->id;
    /* As long as an upload may be begun, and then tried again; an hour for clocks that move. */
    p->expires = g->deadline + conf_get()->slots_resume_for / 1000 + 3600;
    p->done = done;
    p->arg = arg;
    grant_encode(g, &p->body);
    token_refer(st->keys, &g->id, &p->token);
    index_write(st->index, &p->op);
}

static int open_stored(struct storage *st, const struct ferry_id *id, struct arena *arena, struct grant *out)
{
    thread_assert_may_block();
    struct buf body = {0};
    int r = -1;
    if (index_grant_get(index_reader(st->index), id->text, &body))
        r = grant_decode(st->keys, (const uint8_t *)body.data, body.len, arena, out);
    buf_free(&body);
    return r;
}

enum refuse grant_open(struct storage *st, const char *token, size_t n, struct arena *arena,
                       struct grant *out)
{
    uint8_t *plain;
    struct ferry_id id;
    ptrdiff_t len = token_open(st->keys, token, n, arena, &plain);
    int r = -1;
    if (len >= 0 && token_refers(st->keys, plain, (size_t)len, &id))
        r = open_stored(st, &id, arena, out);
    else if (len >= 0)
        r = grant_decode(st->keys, plain, (size_t)len, arena, out);
    return r == 0 ? REFUSE_OK : REFUSE_BAD_TOKEN;
}
