/* account.c: local users: looking them up, checking what they prove, and what operators do with them.
 *
 * A name without an account costs what one with an account costs (row 37): the fake is made for every name,
 * before the index is asked; a password that cannot be prepared is stretched all the same. Stretching is for
 * workers; the loop only asks whether a password is remembered. */
#include "storage/account.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jid.h"
#include "base/log.h"
#include "storage/account_keys.h"
#include "storage/account_memory.h"
#include "storage/index_people.h"
#include "storage/internal.h"
#include "storage/keys.h"
#include "storage/settings.h"
#include "storage/usage.h"

/* --- logins --------------------------------------------------------------------------------------------- */

struct lookup {
    struct index_op op;
    struct storage *st;
    char *bare;
    struct account a;
    account_found *done;
    void *arg;
};

static enum refuse lookup_run(struct index_db *db, struct index_op *op)
{
    struct lookup *l = INDEX_OP_OF(op, struct lookup, op);
    account_fake(l->st->keys, l->bare, &l->a);
    return index_account_get(db, l->bare, &l->a) ? REFUSE_OK : REFUSE_NOT_FOUND;
}

static void lookup_done(struct index_op *op)
{
    struct lookup *l = INDEX_OP_OF(op, struct lookup, op);
    l->done(l->arg, op->result, &l->a);
    free(l->bare);
    OPENSSL_cleanse(l, sizeof *l);
    free(l);
}

void account_lookup(struct storage *st, const char *bare, struct mailbox *home, account_found *done,
                    void *arg)
{
    struct lookup *l = xcalloc(1, sizeof *l);
    l->op = (struct index_op){.run = lookup_run, .done = lookup_done, .home = home};
    l->st = st;
    l->bare = xstrdup(bare);
    l->done = done;
    l->arg = arg;
    index_read(st->index, &l->op);
}

struct check {
    struct task task;
    struct storage *st;
    struct mailbox *home;
    struct account a;
    char *password;
    bool right;
    account_checked *done;
    void *arg;
};

static void check_done(struct task *task)
{
    struct check *c = (struct check *)task;
    c->done(c->arg, c->right);
    OPENSSL_cleanse(c, sizeof *c);
    free(c);
}

static void check_run(struct task *task)
{
    struct check *c = (struct check *)task;
    char *prepared = account_prepare(c->password);
    c->right = account_matches(&c->a, prepared ? prepared : "") && prepared;
    if (c->right)
        accounts_remember(c->st->accounts, &c->a, c->password);
    account_wipe(prepared);
    account_wipe(TAKE(c->password));
    c->task.run = check_done;
    if (c->home)
        mailbox_keep(c->home, &c->task);
    else
        check_done(&c->task);
}

void account_check(struct storage *st, const struct account *a, const char *password, struct mailbox *home,
                   account_checked *done, void *arg)
{
    struct check *c = xcalloc(1, sizeof *c);
    c->task.run = check_run;
    c->st = st;
    c->home = home;
    mailbox_promise(home);
    c->a = *a;
    c->password = xstrdup(password);
    c->done = done;
    c->arg = arg;
    storage_work(st, &c->task);
}

bool account_remembered(struct storage *st, const struct account *a, const char *password)
{
    return accounts_remembered(st->accounts, a, password);
}

bool account_legacy_digest(struct storage *st, const struct account *a, const char *stream_id, char out[41])
{
    uint8_t plain[sizeof a->sealed + 1];
    ptrdiff_t n = keys_unseal(st->keys, KEYS_PASSWORD, a->jid, a->sealed, a->sealed_len, plain);
    struct buf text = {0};
    buf_room(&text, strlen(stream_id) + sizeof plain); /* no growing: a password left in freed memory */
    buf_adds(&text, stream_id);
    buf_add(&text, plain, n > 0 ? (size_t)n : 0);
    sha1_hex(text.data, text.len, out);
    OPENSSL_cleanse(text.data, text.len);
    OPENSSL_cleanse(plain, sizeof plain);
    buf_free(&text);
    return n > 0;
}

/* --- what operators do ---------------------------------------------------------------------------------- */

static bool domain_served(const struct jid *j)
{
    const char *at = conf_get()->xmpp_domain;
    char item[JID_PART_MAX + 1], prepared[JID_PART_MAX + 1];
    while (conf_list_next(&at, item, sizeof item))
        if (jid_prep_domain(item, prepared) == 0 && jid_domain_is(j, prepared))
            return true;
    return false;
}

enum refuse account_bare(const char *raw, bool served, char out[ACCOUNT_JID_MAX])
{
    struct arena *arena = arena_get(NULL);
    struct jid j;
    enum refuse r = REFUSE_OK;
    if (jid_parse(arena, raw, strlen(raw), &j) < 0 || j.node_len == 0 || !jid_is_bare(&j) ||
        j.len >= ACCOUNT_JID_MAX)
        r = REFUSE_JID_MALFORMED;
    else if (served && !domain_served(&j))
        r = REFUSE_UNKNOWN_HOST;
    else
        memcpy(out, j.text, (size_t)j.len + 1);
    arena_put(arena);
    return r;
}

/* One writing step on the index, waited for. */
struct act {
    struct index_op op;
    struct storage *st;
    const struct account *a;
    const char *bare;
    bool disabled;
    int64_t user_quota, inbox_quota;
};

static enum refuse act(struct storage *st, enum refuse (*run)(struct index_db *, struct index_op *),
                       struct act *a)
{
    a->op = (struct index_op){.run = run};
    a->st = st;
    return index_write_wait(st->index, &a->op);
}

static enum refuse run_add(struct index_db *db, struct index_op *op)
{
    return index_account_add(db, INDEX_OP_OF(op, struct act, op)->a, clock_wall());
}

static enum refuse run_keys(struct index_db *db, struct index_op *op)
{
    struct act *act = INDEX_OP_OF(op, struct act, op);
    return index_account_keys(db, act->a);
}

static enum refuse run_disable(struct index_db *db, struct index_op *op)
{
    struct act *act = INDEX_OP_OF(op, struct act, op);
    return index_account_disable(db, act->bare, act->disabled);
}

static enum refuse run_quota(struct index_db *db, struct index_op *op)
{
    struct act *act = INDEX_OP_OF(op, struct act, op);
    usage_touched(act->st, act->bare);
    return index_account_quota(db, act->bare, act->user_quota, act->inbox_quota);
}

static enum refuse run_close(struct index_db *db, struct index_op *op)
{
    index_usage_close(db, INDEX_OP_OF(op, struct act, op)->bare, clock_wall());
    return REFUSE_OK;
}

static enum refuse run_remove(struct index_db *db, struct index_op *op)
{
    struct act *act = INDEX_OP_OF(op, struct act, op);
    index_usage_drop(db, act->bare);
    return index_account_remove(db, act->bare);
}

/* --- who wants to know --- */

static struct { /* set and called on the loop; told by whoever runs a command */
    pthread_mutex_t lock;
    struct mailbox *home;
    account_gone *fn;
    void *arg;
} watcher = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct gone {
    struct task task;
    char bare[];
};

static void gone_run(struct task *task)
{
    struct gone *g = (struct gone *)task;
    if (watcher.fn) /* else it stopped meanwhile */
        watcher.fn(watcher.arg, g->bare);
    free(g);
}

void account_watch(struct mailbox *home, account_gone *fn, void *arg)
{
    pthread_mutex_lock(&watcher.lock);
    watcher.home = home;
    watcher.fn = fn;
    watcher.arg = arg;
    pthread_mutex_unlock(&watcher.lock);
}

static void tell_gone(const char *bare)
{
    pthread_mutex_lock(&watcher.lock);
    if (watcher.fn) {
        size_t n = strlen(bare) + 1;
        struct gone *g = xcalloc(1, sizeof *g + n);
        g->task.run = gone_run;
        memcpy(g->bare, bare, n);
        mailbox_post(watcher.home, &g->task);
    }
    pthread_mutex_unlock(&watcher.lock);
}

/* Keys for a password, and the password itself, sealed, where the account wants it. */
static enum refuse set_password(struct storage *st, struct account *a, const char *password)
{
    char *prepared = account_prepare(password);
    if (!prepared)
        return REFUSE_BAD_REQUEST;
    account_derive(a, prepared);
    a->sealed_len = 0;
    if (a->legacy_digest) {
        size_t n = strlen(prepared);
        keys_seal(st->keys, KEYS_PASSWORD, a->jid, prepared, n, a->sealed);
        a->sealed_len = n + SEAL_OVERHEAD;
    }
    account_wipe(prepared);
    return REFUSE_OK;
}

enum refuse account_create(struct storage *st, const char *jid, const char *password, unsigned flags)
{
    struct account a = {.admin = flags & ACCOUNT_ADMIN, .legacy_digest = flags & ACCOUNT_LEGACY_DIGEST};
    thread_assert_may_block();
    enum refuse r = account_bare(jid, true, a.jid);
    if (r == REFUSE_OK)
        r = set_password(st, &a, password);
    if (r == REFUSE_OK)
        r = act(st, run_add, &(struct act){.a = &a});
    if (r == REFUSE_OK)
        log_info("account added jid=%s admin=%d legacy_digest=%d", a.jid, a.admin, a.legacy_digest);
    OPENSSL_cleanse(&a, sizeof a);
    return r;
}

enum refuse account_password(struct storage *st, const char *jid, const char *password)
{
    struct account a = {0};
    char bare[ACCOUNT_JID_MAX];
    thread_assert_may_block();
    enum refuse r = account_bare(jid, false, bare);
    if (r == REFUSE_OK && !index_account_get(index_reader(st->index), bare, &a))
        r = REFUSE_NOT_FOUND;
    if (r == REFUSE_OK)
        r = set_password(st, &a, password);
    if (r == REFUSE_OK)
        r = act(st, run_keys, &(struct act){.a = &a});
    if (r == REFUSE_OK) {
        log_info("account password changed jid=%s", bare);
        tell_gone(bare);
    }
    OPENSSL_cleanse(&a, sizeof a);
    return r;
}

enum refuse account_remove(struct storage *st, const char *jid)
{
    char bare[ACCOUNT_JID_MAX];
    thread_assert_may_block();
    enum refuse r = account_bare(jid, false, bare);
    if (r == REFUSE_OK && !index_account_exists(index_reader(st->index), bare))
        r = REFUSE_NOT_FOUND;
    /* First the door, so that no slot of his brings another file; the account last: broken off in between,
     * the command can be given again. */
    if (r == REFUSE_OK)
        r = act(st, run_close, &(struct act){.bare = bare});
    if (r == REFUSE_OK)
        r = transfer_purge(st, bare, "account");
    if (r == REFUSE_OK)
        r = act(st, run_remove, &(struct act){.bare = bare});
    if (r == REFUSE_OK) {
        settings_forget(st, bare);
        log_info("account removed jid=%s", bare);
        tell_gone(bare);
    }
    return r;
}

enum refuse account_disable(struct storage *st, const char *jid, bool disabled)
{
    char bare[ACCOUNT_JID_MAX];
    thread_assert_may_block();
    enum refuse r = account_bare(jid, false, bare);
    if (r == REFUSE_OK)
        r = act(st, run_disable, &(struct act){.bare = bare, .disabled = disabled});
    if (r == REFUSE_OK)
        log_info("account %s jid=%s", disabled ? "blocked" : "unblocked", bare);
    if (r == REFUSE_OK && disabled)
        tell_gone(bare);
    return r;
}

enum refuse account_quota(struct storage *st, const char *jid, int64_t user_quota, int64_t inbox_quota)
{
    char bare[ACCOUNT_JID_MAX];
    thread_assert_may_block();
    enum refuse r = account_bare(jid, false, bare);
    if (r == REFUSE_OK)
        r = act(st, run_quota,
                &(struct act){.bare = bare, .user_quota = user_quota, .inbox_quota = inbox_quota});
    return r;
}

struct gather {
    struct account_row *rows;
    size_t n, cap;
    struct buf names;
};

static void gather_row(void *arg, const struct account_row *row)
{
    struct gather *g = arg;
    if (g->n == g->cap) {
        g->cap = g->cap ? 2 * g->cap : 64;
        g->rows = xrealloc(g->rows, g->cap * sizeof *g->rows);
    }
    g->rows[g->n] = *row;
    g->rows[g->n++].jid = NULL;
    buf_add(&g->names, row->jid, strlen(row->jid) + 1);
}

void account_list(struct storage *st, struct account_row **rows, size_t *n)
{
    struct gather g = {0};
    thread_assert_may_block();
    index_account_each(index_reader(st->index), gather_row, &g);
    size_t bytes = g.n * sizeof *g.rows;
    char *block = xmalloc(bytes + g.names.len + 1);
    if (g.n > 0) {
        memcpy(block, g.rows, bytes);
        memcpy(block + bytes, g.names.data, g.names.len);
    }
    *rows = (struct account_row *)(void *)block;
    char *at = block + bytes;
    for (size_t i = 0; i < g.n; i++) {
        (*rows)[i].jid = at;
        at += strlen(at) + 1;
    }
    *n = g.n;
    free(g.rows);
    buf_free(&g.names);
}
