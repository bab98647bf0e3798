/* settings_commands.c: `user show`, `user set`: what a user has chosen for himself, seen and changed by an
 * operator. In a worker, since they wait for the index; without a daemon too. */
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "storage/account.h"
#include "storage/index_people.h"
#include "storage/internal.h"
#include "storage/settings.h"

struct job {
    struct task task;
    void (*run)(struct storage *st, const json_t *args, struct command_answer *to, const char *jid);
    const json_t *args; /* borrowed until the answer (command.h) */
    struct command_answer *to;
};

static const char *text(const json_t *args, const char *key)
{
    return json_string_value(json_object_get(args, key));
}

static void run_job(struct task *task)
{
    struct job *j = INDEX_OP_OF(task, struct job, task);
    struct storage *st = storage_get();
    const char *raw = text(j->args, "JID");
    char jid[ACCOUNT_JID_MAX];
    enum refuse r = account_bare(raw, false, jid);
    if (r == REFUSE_OK && !index_account_exists(index_reader(st->index), jid))
        r = REFUSE_NOT_FOUND;
    if (r == REFUSE_OK) {
        j->run(st, j->args, j->to, jid);
    } else {
        char *detail = xasprintf(
            r == REFUSE_NOT_FOUND ? "there is no user %s" : "%s is not a user's address (name@domain)", raw);
        command_refuse(j->to, r, detail);
        free(detail);
    }
    free(j);
}

static void in_worker(void (*run)(struct storage *, const json_t *, struct command_answer *, const char *),
                      const json_t *args, struct command_answer *to)
{
    struct job *j = xcalloc(1, sizeof *j);
    *j = (struct job){.task.run = run_job, .run = run, .args = args, .to = to};
    storage_work(storage_get(), &j->task);
}

/* --- user show -------------------------------------------------------------------------------------------
 */

static void show(struct storage *st, const json_t *args, struct command_answer *to, const char *jid)
{
    json_t *rows = json_array();
    char word[SETTING_WORD_MAX];
    for (enum setting s = 0; s < SETTING_COUNT; s++) {
        bool own;
        int number = settings_get(st, jid, s, &own);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s}", "key", setting_key(s), "value",
                                              setting_word(s, number, word), "by", own ? "user" : "site",
                                              "words", setting_words(s)));
    }
    command_answer(to, EXIT_OK_, rows);
}

static void show_soon(const json_t *args, struct command_answer *to)
{
    in_worker(show, args, to);
}

/* --- user set --------------------------------------------------------------------------------------------
 */

struct waiting {
    sem_t sem;
    enum refuse r;
};

static void on_changed(void *arg, enum refuse r)
{
    struct waiting *w = arg;
    w->r = r;
    sem_post(&w->sem);
}

static void set(struct storage *st, const json_t *args, struct command_answer *to, const char *jid)
{
    const char *key = text(args, "KEY"), *value = text(args, "VALUE");
    int s = setting_by_key(key), number = -1;
    if (s < 0) {
        command_refuse(to, REFUSE_USAGE, "the settings are takeover, delivery, mute and accept_from");
        return;
    }
    if (strcmp(value, "default") != 0 && (number = setting_number((enum setting)s, value)) < 0) {
        char *detail = xasprintf("%s is one of: %s default", key, setting_words((enum setting)s));
        command_refuse(to, REFUSE_USAGE, detail);
        free(detail);
        return;
    }
    struct waiting w;
    sem_init(&w.sem, 0, 0);
    settings_set(st, jid, (enum setting)s, number, NULL, on_changed, &w);
    while (sem_wait(&w.sem) != 0)
        ;
    sem_destroy(&w.sem);
    if (w.r == REFUSE_OK)
        command_answer(to, EXIT_OK_, json_pack("{s:s, s:s, s:s}", "jid", jid, "key", key, "value", value));
    else
        command_refuse(to, w.r, NULL);
}

static void set_soon(const json_t *args, struct command_answer *to)
{
    in_worker(set, args, to);
}

/* --- the table -------------------------------------------------------------------------------------------
 */

static const struct command_arg show_args[] = {
    {"JID", "jid", true, false, "The user's address, name@domain."}, {0}};
static const struct command_arg set_args[] = {
    {"JID", "jid", true, false, "The user's address, name@domain."},
    {"KEY", "text", true, false, "takeover, delivery, mute or accept_from."},
    {"VALUE", "text", true, false, "One of the words that user show lists, or default: as the site has it."},
    {0}};
static const char *const show_columns[] = {"key", "value", "by", "words", NULL};
static const struct command user_show = {
    "user show", "Show what a user has chosen for himself, and what he might.",
    ROLE_VIEWER, COMMAND_OFFLINE | COMMAND_ROWS,
    show_args,   show_columns,
    show_soon};
static const struct command user_set = {
    "user set", "Choose for a user.", ROLE_OPERATOR, COMMAND_OFFLINE, set_args, NULL, set_soon};
COMMAND_REGISTER(user_show);
COMMAND_REGISTER(user_set);
