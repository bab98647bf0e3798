/* command.c: finding commands and checking their arguments. What a command does, and where, is its own file's
 * affair.
 *
 * Promises: a command runs only with arguments that its table allows, each of its kind; it answers once. Any
 * thread. */
#include "base/command.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/jid.h"

#define ID_CHARS 38
#define DURATION_MAX (INT64_C(36525) * 24 * 3600 * 1000) /* ms: a hundred years; dates keep four digits */

struct command_answer {
    json_t *args;
    command_done *done;
    void *arg;
};

/* The section is made by COMMAND_REGISTER; a program that registers nothing has none. */
extern const struct command *const __start_ferry_commands[] __attribute__((weak));
extern const struct command *const __stop_ferry_commands[] __attribute__((weak));

static const struct command **sorted;
static size_t sorted_count;
static pthread_once_t sorted_once = PTHREAD_ONCE_INIT;

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct command *const *)a)->name, (*(const struct command *const *)b)->name);
}

static void sort_commands(void)
{
    const struct command *const *at = __start_ferry_commands;
    size_t n = at != NULL ? (size_t)(__stop_ferry_commands - __start_ferry_commands) : 0;

    sorted = xcalloc(n + 1, sizeof(struct command *));
    for (size_t i = 0; i < n; i++)
        if (at[i] != NULL)
            sorted[sorted_count++] = at[i];
    qsort(sorted, sorted_count, sizeof(struct command *), by_name);
}

const struct command *command_find(const char *name)
{
    (void)pthread_once(&sorted_once, sort_commands);
    for (size_t i = 0; i < sorted_count; i++)
        if (strcmp(sorted[i]->name, name) == 0)
            return sorted[i];
    return NULL;
}

const struct command *command_next(const struct command *after)
{
    (void)pthread_once(&sorted_once, sort_commands);
    for (size_t i = 0; i < sorted_count; i++) {
        if (after == NULL)
            return sorted[i];
        if (sorted[i] == after)
            after = NULL;
    }
    return NULL;
}

void command_answer(struct command_answer *to, enum command_exit code, json_t *answer)
{
    FERRY_ASSERT(to != NULL && answer != NULL);
    to->done(to->arg, code, answer);
    json_decref(to->args);
    free(to);
}

void command_refuse(struct command_answer *to, enum refuse why, const char *detail)
{
    json_t *text = detail != NULL ? json_string(detail) : NULL; /* NULL when it is not UTF-8 */
    json_t *answer = json_pack("{s:s}", "error", refuse_get(why)->name);

    FERRY_ASSERT(answer != NULL);
    json_object_set_new(answer, "detail", text != NULL ? text : json_string(refuse_text(why, NULL)));
    command_answer(to, command_exit_of(why), answer);
}

enum command_exit command_exit_of(enum refuse why)
{
    switch (why) {
    case REFUSE_OK:
        return EXIT_OK_;
    case REFUSE_USAGE:
    case REFUSE_BAD_REQUEST:
    case REFUSE_JID_MALFORMED:
    case REFUSE_LENGTH_REQUIRED:
        return EXIT_USAGE_;
    case REFUSE_NOT_FOUND:
    case REFUSE_UNKNOWN_USER:
    case REFUSE_UNKNOWN_HOST:
    case REFUSE_NOT_YET:
    case REFUSE_EXPIRED:
    case REFUSE_REMOVED:
        return EXIT_NOT_FOUND_;
    case REFUSE_NOT_ALLOWED:
    case REFUSE_FORBIDDEN:
    case REFUSE_NOT_AUTHORIZED:
    case REFUSE_OFFER_NOT_TAKEN:
    case REFUSE_BLOCKED:
    case REFUSE_BLOCKED_BY_YOU:
    case REFUSE_BAD_TOKEN:
        return EXIT_DENIED_;
    case REFUSE_CONFLICT:
    case REFUSE_OFFER_DUPLICATE:
    case REFUSE_SLOT_USED:
    case REFUSE_SLOT_BUSY:
        return EXIT_CONFLICT_;
    case REFUSE_TOO_MANY:
    case REFUSE_TOO_MANY_OFFERS:
    case REFUSE_OFFER_TOO_BIG:
    case REFUSE_FILE_TOO_LARGE:
    case REFUSE_QUOTA_FULL:
    case REFUSE_INBOX_FULL:
    case REFUSE_DAY_FULL:
    case REFUSE_PURPOSE_FULL:
    case REFUSE_FILES_FULL:
    case REFUSE_TOTAL_FULL:
    case REFUSE_DISK_FULL:
        return EXIT_LIMIT_;
    default:
        return EXIT_FAIL_;
    }
}

/* An argument's value as its kind wants it, within the limits: a new reference, or NULL. */
static json_t *number_of(const json_t *value, int (*parse)(const char *, int64_t *), int64_t min, int64_t max)
{
    int64_t n;

    if (json_is_integer(value))
        n = json_integer_value(value);
    else if (!json_is_string(value) || parse(json_string_value(value), &n) < 0)
        return NULL;
    return n >= min && n <= max ? json_integer(n) : NULL;
}

static int parse_int(const char *s, int64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoll(s, &end, 10);
    return errno == 0 && end != s && *end == '\0' ? 0 : -1;
}

static json_t *jid_of(const char *text)
{
    struct arena *arena = arena_get(NULL);
    struct jid jid;
    json_t *out = NULL;

    if (jid_parse(arena, text, strlen(text), &jid) == 0)
        out = json_string(jid.text);
    arena_put(arena);
    return out;
}

static bool id_ok(const char *s)
{
    return strlen(s) == ID_CHARS &&
           strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ID_CHARS;
}

static json_t *flag_of(const json_t *value)
{
    const char *s = json_string_value(value);

    if (json_is_boolean(value))
        return json_boolean(json_is_true(value));
    if (s == NULL)
        return NULL;
    if (strcmp(s, "true") == 0 || strcmp(s, "yes") == 0 || strcmp(s, "on") == 0)
        return json_true();
    return strcmp(s, "false") == 0 || strcmp(s, "no") == 0 || strcmp(s, "off") == 0 ? json_false() : NULL;
}

static json_t *one_of(const struct command_arg *a, const json_t *value)
{
    const char *text = json_string_value(value);

    if (strcmp(a->kind, "int") == 0)
        return number_of(value, parse_int, INT64_MIN, INT64_MAX);
    if (strcmp(a->kind, "size") == 0)
        return number_of(value, conf_parse_size, 0, INT64_MAX);
    if (strcmp(a->kind, "duration") == 0)
        return number_of(value, conf_parse_duration, 0, DURATION_MAX);
    if (strcmp(a->kind, "flag") == 0)
        return flag_of(value);
    if (text == NULL)
        return NULL;
    if (strcmp(a->kind, "jid") == 0)
        return jid_of(text);
    if (strcmp(a->kind, "id") == 0 && !id_ok(text))
        return NULL;
    return json_string(text);
}

static json_t *value_of(const struct command_arg *a, const json_t *value)
{
    json_t *list;

    if (!a->many && strcmp(a->kind, "lines") != 0)
        return one_of(a, value);
    list = json_array();
    if (!json_is_array(value)) {
        if (json_array_append_new(list, one_of(a, value)) < 0)
            goto bad;
        return list;
    }
    for (size_t i = 0; i < json_array_size(value); i++)
        if (json_array_append_new(list, one_of(a, json_array_get(value, i))) < 0)
            goto bad;
    if (a->required && a->many && json_array_size(list) == 0)
        goto bad;
    return list;
bad:
    json_decref(list);
    return NULL;
}

static const char *key_of(const struct command_arg *a)
{
    return strncmp(a->name, "--", 2) == 0 ? a->name + 2 : a->name;
}

static const struct command_arg *arg_named(const struct command *cmd, const char *key)
{
    for (const struct command_arg *a = cmd->args; a != NULL && a->name != NULL; a++)
        if (strcmp(key_of(a), key) == 0)
            return a;
    return NULL;
}

/* The checked copy, or NULL with what is wrong in why. */
static json_t *check(const struct command *cmd, const json_t *args, struct buf *why)
{
    json_t *out = json_object();
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)args, key, value)
    {
        const struct command_arg *a = arg_named(cmd, key);
        json_t *good;

        if (a == NULL) {
            buf_addf(why, "%s: there is no argument %s", cmd->name, key);
            goto bad;
        }
        if (json_is_null(value))
            continue;
        good = value_of(a, value);
        if (good == NULL) {
            buf_addf(why, "%s: %s is not a valid %s", cmd->name, key, a->kind);
            goto bad;
        }
        json_object_set_new(out, key, good);
    }
    for (const struct command_arg *a = cmd->args; a != NULL && a->name != NULL; a++) {
        if (a->required && json_object_get(out, key_of(a)) == NULL) {
            buf_addf(why, "%s: %s is missing", cmd->name, key_of(a));
            goto bad;
        }
    }
    return out;
bad:
    json_decref(out);
    return NULL;
}

void command_run(const struct command *cmd, json_t *args, command_done *done, void *arg)
{
    struct command_answer *to = xcalloc(1, sizeof *to);
    struct buf why = {0};

    to->done = done;
    to->arg = arg;
    if (args != NULL && !json_is_object(args))
        buf_addf(&why, "%s: the arguments are not an object", cmd->name);
    else
        to->args = check(cmd, args, &why);
    if (to->args == NULL)
        command_refuse(to, REFUSE_USAGE, why.data);
    else
        cmd->run(to->args, to);
    buf_free(&why);
}
