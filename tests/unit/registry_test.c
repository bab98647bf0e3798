/* registry_test.c: every registered command keeps the rules that ferryctl, the API, the forms and the manual
 * lean on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/command.h"

static const char *const kinds[] = {"text", "int",    "size", "duration", "flag",
                                    "jid",  "secret", "id",   "file",     "lines"};

static void wrong(const struct command *c, const char *what)
{
    fail_msg("command \"%s\": %s", c->name, what);
}

static bool kind_known(const char *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i], kind) == 0)
            return true;
    return false;
}

static void check_args(const struct command *c)
{
    bool optional = false, last = false;
    for (const struct command_arg *a = c->args; a && a->name; a++) {
        bool option = strncmp(a->name, "--", 2) == 0;
        bool from_stdin = strcmp(a->kind, "secret") == 0 || strcmp(a->kind, "lines") == 0;
        if (!kind_known(a->kind))
            wrong(c, "an argument of no known kind");
        if (strcmp(a->kind, "flag") == 0 && (!option || a->required))
            wrong(c, "a flag is an option, and never required");
        if (option && a->many)
            wrong(c, "an option that comes many times");
        if (option || from_stdin)
            continue;
        if (last)
            wrong(c, "a word behind the one that takes all");
        if (optional && a->required)
            wrong(c, "a required word behind an optional one");
        optional |= !a->required;
        last |= a->many;
    }
}

static void every_command(void **state)
{
    const char *before = "";
    size_t n = 0;
    for (const struct command *c = command_next(NULL); c; c = command_next(c), n++) {
        if (strcmp(before, c->name) >= 0)
            wrong(c, "registered twice, or out of order");
        before = c->name;
        if (strspn(c->name, "abcdefghijklmnopqrstuvwxyz -") != strlen(c->name) || strlen(c->name) > 40)
            wrong(c, "a name of other characters");
        if (!c->run || !c->help || !*c->help)
            wrong(c, "nothing to run, or no help");
        if (c->help[strlen(c->help) - 1] != '.')
            wrong(c, "its help is no sentence");
        if ((c->flags & COMMAND_ROWS) && !c->columns)
            wrong(c, "rows without columns");
        check_args(c);
    }
    assert_true(n > 20);
}

/* What people and scripts count on is there, built or not. */
static void promised(void **state)
{
    static const char *const names[] = {
        "status",     "check",      "user add",    "user import", "user ls",    "user passwd", "user rm",
        "user quota", "user block", "ls",          "show",        "rm",         "extend",      "slot",
        "drop new",   "drop ls",    "drop revoke", "login-link",  "session ls", "top",         "watch",
        "gc",         "fsck",       "backup",      "audit",       "config show"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!command_find(names[i]))
            fail_msg("there is no command \"%s\"", names[i]);
}

static void answered(void *arg, enum command_exit code, json_t *answer)
{
    *(enum command_exit *)arg = code;
    json_decref(answer);
}

/* Arguments that the table does not allow never reach a command. */
static void nonsense_is_refused(void **state)
{
    for (const struct command *c = command_next(NULL); c; c = command_next(c)) {
        enum command_exit code = EXIT_OK_;
        json_t *args = json_pack("{s:s}", "no such argument", "x");
        command_run(c, args, answered, &code);
        assert_int_equal(code, EXIT_USAGE_);
        json_decref(args);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command),
        cmocka_unit_test(promised),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
