/* settings_commands.c: `user show`, `user set`: what a user has chosen for himself, seen and changed by an
 * operator. In a worker, since they wait for the index; without a daemon too. */
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "storage/command_work.h"
#include "storage/internal.h"
#include "storage/settings.h"

static const char *text(const json_t *args, const char *key)
{
    return json_string_value(json_object_get(args, key));
}

/* --- user show -------------------------------------------------------------------------------------------
 */

static void show(struct storage *st, const json_t *args, struct command_answer *to)
{
    char jid[ACCOUNT_JID_MAX];
    if (!command_work_user(st, args, to, jid))
        return;
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

COMMAND_WORK(show)

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

static void set(struct storage *st, const json_t *args, struct command_answer *to)
{
    char jid[ACCOUNT_JID_MAX];
    const char *key = text(args, "KEY"), *value = text(args, "VALUE");
    int s = setting_by_key(key), number = -1;
    if (!command_work_user(st, args, to, jid))
        return;
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

COMMAND_WORK(set)

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
