/* settings.c: the users' own choices: a row each in the index, and all of them in memory. Memory changes on
 * the index's thread after the COMMIT, so it goes through the same states in the same order. */
#include "storage/settings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "storage/index_people.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"

enum { BUCKETS = 1024, UNSET = -1 };

static const struct {
    const char *key, *words, *help;
} table[] = {
#define X(name, key, words, help) {key, words, help},
    SETTINGS(X)
#undef X
};

struct chosen {
    struct chosen *next;
    int8_t number[SETTING_COUNT];
    char jid[];
};

struct settings {
    pthread_mutex_t lock;
    struct chosen *users[BUCKETS];
    struct mailbox *home; /* of the watcher; NULL: there is none */
    settings_watcher *watcher;
    void *watcher_arg;
};

/* --- words -----------------------------------------------------------------------------------------------
 */

const char *setting_key(enum setting s)
{
    return table[s].key;
}

const char *setting_help(enum setting s)
{
    return table[s].help;
}

const char *setting_words(enum setting s)
{
    return table[s].words;
}

int setting_by_key(const char *key)
{
    for (int s = 0; s < SETTING_COUNT; s++)
        if (strcmp(table[s].key, key) == 0)
            return s;
    return -1;
}

int setting_number(enum setting s, const char *word)
{
    size_t n = strlen(word);
    int number = 0;
    for (const char *at = table[s].words; *at; number++) {
        size_t len = strcspn(at, " ");
        if (len == n && memcmp(at, word, n) == 0)
            return number;
        at += len + (at[len] == ' ');
    }
    return -1;
}

const char *setting_word(enum setting s, int number, char out[SETTING_WORD_MAX])
{
    const char *at = table[s].words;
    while (number-- > 0)
        at += strcspn(at, " ") + 1;
    size_t n = strcspn(at, " ");
    FERRY_ASSERT(n < SETTING_WORD_MAX);
    memcpy(out, at, n);
    out[n] = '\0';
    return out;
}

/* --- in memory -------------------------------------------------------------------------------------------
 */

struct settings *settings_new(void)
{
    struct settings *all = xcalloc(1, sizeof *all);
    pthread_mutex_init(&all->lock, NULL);
    return all;
}

void settings_free(struct settings *all)
{
    if (!all)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while (all->users[i]) {
            struct chosen *c = all->users[i];
            all->users[i] = c->next;
            free(c);
        }
    pthread_mutex_destroy(&all->lock);
    free(all);
}

static struct chosen **find(struct settings *all, const char *jid)
{
    uint32_t h = 2166136261u;
    for (const char *c = jid; *c; c++)
        h = (h ^ (uint8_t)*c) * 16777619u;
    struct chosen **at = &all->users[(h ^ h >> 16) % BUCKETS];
    while (*at && strcmp((*at)->jid, jid) != 0)
        at = &(*at)->next;
    return at;
}

static void remember(struct settings *all, const char *jid, enum setting s, int number)
{
    pthread_mutex_lock(&all->lock);
    struct chosen **at = find(all, jid);
    if (!*at && number != UNSET) {
        size_t n = strlen(jid) + 1;
        *at = xcalloc(1, sizeof **at + n);
        memcpy((*at)->jid, jid, n);
        memset((*at)->number, UNSET, sizeof(*at)->number);
    }
    if (*at)
        (*at)->number[s] = (int8_t)number;
    pthread_mutex_unlock(&all->lock);
}

/* --- who is told -----------------------------------------------------------------------------------------
 */

struct news {
    struct task task;
    struct settings *all;
    char jid[];
};

static void on_news(struct task *task)
{
    struct news *n = INDEX_OP_OF(task, struct news, task);
    pthread_mutex_lock(&n->all->lock);
    settings_watcher *fn = n->all->watcher;
    void *arg = n->all->watcher_arg;
    pthread_mutex_unlock(&n->all->lock);
    if (fn)
        fn(arg, n->jid);
    free(n);
}

static void tell(struct settings *all, const char *jid)
{
    size_t size = strlen(jid) + 1;
    pthread_mutex_lock(&all->lock);
    struct mailbox *home = all->home;
    if (home)
        mailbox_promise(home);
    pthread_mutex_unlock(&all->lock);
    if (!home)
        return;
    struct news *n = xcalloc(1, sizeof *n + size);
    n->task.run = on_news;
    n->all = all;
    memcpy(n->jid, jid, size);
    mailbox_keep(home, &n->task);
}

void settings_watch(struct storage *st, struct mailbox *home, settings_watcher *fn, void *arg)
{
    pthread_mutex_lock(&st->settings->lock);
    st->settings->home = fn ? home : NULL;
    st->settings->watcher = fn;
    st->settings->watcher_arg = arg;
    pthread_mutex_unlock(&st->settings->lock);
}

void settings_forget(struct storage *st, const char *jid)
{
    pthread_mutex_lock(&st->settings->lock);
    struct chosen **at = find(st->settings, jid), *gone = *at;
    if (gone)
        *at = gone->next;
    pthread_mutex_unlock(&st->settings->lock);
    free(gone);
    tell(st->settings, jid);
}

static void load_one(void *arg, const char *jid, const char *key, const char *value)
{
    int s = setting_by_key(key);
    int number = s < 0 ? UNSET : setting_number((enum setting)s, value);
    if (number != UNSET) /* a word of a later version says nothing to this one */
        remember(arg, jid, (enum setting)s, number);
}

void settings_load(struct storage *st, struct index_db *db)
{
    index_setting_each(db, load_one, st->settings);
}

static int by_site(enum setting s)
{
    const struct conf *c = conf_get();
    switch (s) {
    case SETTING_TAKEOVER:
        return c->offers_takeover ? SETTING_ON : SETTING_OFF;
    case SETTING_DELIVERY:
        return setting_number(s, c->offers_delivery);
    case SETTING_ACCEPT_FROM:
        return setting_number(s, c->offers_accept_from);
    case SETTING_MUTE:
    case SETTING_COUNT:
        break;
    }
    return SETTING_OFF;
}

int settings_get(struct storage *st, const char *jid, enum setting s, bool *chosen)
{
    pthread_mutex_lock(&st->settings->lock);
    const struct chosen *c = *find(st->settings, jid);
    int number = c ? c->number[s] : UNSET;
    pthread_mutex_unlock(&st->settings->lock);
    if (chosen)
        *chosen = number != UNSET;
    bool barred = s == SETTING_TAKEOVER && by_site(s) == SETTING_OFF;
    return number == UNSET || barred ? by_site(s) : number;
}

bool settings_muted(struct index_db *db, const char *jid)
{
    return index_setting_is(db, jid, table[SETTING_MUTE].key, "on");
}

/* --- choosing --------------------------------------------------------------------------------------------
 */

struct change {
    struct index_op op;
    struct task task;
    struct storage *st;
    char *jid;
    enum setting setting;
    int number;
    struct mailbox *home;
    settings_changed *done;
    void *arg;
};

static enum refuse run_change(struct index_db *db, struct index_op *op)
{
    struct change *c = INDEX_OP_OF(op, struct change, op);
    char word[SETTING_WORD_MAX];
    if (!index_account_exists(db, c->jid))
        return REFUSE_UNKNOWN_USER;
    index_setting_put(db, c->jid, table[c->setting].key,
                      c->number == UNSET ? NULL : setting_word(c->setting, c->number, word));
    if (c->setting == SETTING_MUTE && c->number == SETTING_ON)
        index_outbox_mute(db, c->jid);
    return REFUSE_OK;
}

static void answer(struct task *task)
{
    struct change *c = INDEX_OP_OF(task, struct change, task);
    c->done(c->arg, c->op.result);
    free(c->jid);
    free(c);
}

static void change_done(struct index_op *op)
{
    struct change *c = INDEX_OP_OF(op, struct change, op);
    if (op->result == REFUSE_OK) {
        remember(c->st->settings, c->jid, c->setting, c->number);
        tell(c->st->settings, c->jid);
    }
    c->task.run = answer;
    if (c->home)
        mailbox_keep(c->home, &c->task);
    else
        answer(&c->task);
}

void settings_set(struct storage *st, const char *jid, enum setting s, int number, struct mailbox *home,
                  settings_changed *done, void *arg)
{
    struct change *c = xcalloc(1, sizeof *c);
    *c = (struct change){.op = {.run = run_change, .done = change_done},
                         .st = st,
                         .jid = xstrdup(jid),
                         .setting = s,
                         .number = number,
                         .home = home,
                         .done = done,
                         .arg = arg};
    mailbox_promise(home);
    index_write(st->index, &c->op);
}
