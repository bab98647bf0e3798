/* command_test.c: the promises of base/command.h, and that every registered command is fit to be shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/command.h"
#include "base/refuse.h"

static const struct command_arg carry_args[] = {
    {"jid", "jid", true, false, "who"},
    {"--size", "size", false, false, "how much"},
    {"--for", "duration", false, false, "how long"},
    {"--force", "flag", false, false, "sure"},
    {"--count", "int", false, false, "how many"},
    {"id", "id", false, true, "which"},
    {0},
};

static void carry(const json_t *args, struct command_answer *to)
{
    if (json_object_get(args, "count") != NULL && json_integer_value(json_object_get(args, "count")) == 13)
        command_refuse(to, REFUSE_QUOTA_FULL, NULL);
    else
        command_answer(to, EXIT_OK_, json_deep_copy(args));
}

static const struct command carry_command = {"zz carry", "Test.", ROLE_VIEWER, 0, carry_args, NULL, carry};
COMMAND_REGISTER(carry_command);

static enum command_exit code;
static json_t *answer;

static void done(void *arg, enum command_exit c, json_t *a)
{
    code = c;
    answer = a;
}

static const char *run(const char *args)
{
    static char text[512];
    json_t *in = args != NULL ? json_loads(args, 0, NULL) : NULL;
    char *out;

    command_run(command_find("zz carry"), in, done, NULL);
    json_decref(in);
    out = json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS);
    assert_true(strlen(out) < sizeof text);
    memcpy(text, out, strlen(out) + 1);
    free(out);
    json_decref(answer);
    return text;
}

static void arguments_arrive_in_one_form(void **state)
{
    assert_string_equal(
        run("{\"jid\":\"A@B\",\"size\":\"10M\",\"for\":\"2s\",\"force\":\"yes\",\"count\":7,\"id\":null}"),
        "{\"count\":7,\"for\":2000,\"force\":true,\"jid\":\"a@b\",\"size\":10485760}");
    assert_int_equal(code, EXIT_OK_);
    assert_string_equal(run("{\"jid\":\"a@b\",\"id\":\"abcdefghijklmnopqrstuvwxyzABCDEFGHIJ-_\"}"),
                        "{\"id\":[\"abcdefghijklmnopqrstuvwxyzABCDEFGHIJ-_\"],\"jid\":\"a@b\"}");
}

static void wrong_arguments_do_not_run(void **state)
{
    static const char *const bad[] = {NULL,
                                      "{}",
                                      "[]",
                                      "{\"jid\":\"a@b\",\"what\":1}",
                                      "{\"jid\":\"@\"}",
                                      "{\"jid\":7}",
                                      "{\"jid\":\"a@b\",\"size\":\"much\"}",
                                      "{\"jid\":\"a@b\",\"id\":[\"short\"]}",
                                      "{\"jid\":\"a@b\",\"force\":1}",
                                      "{\"jid\":\"a@b\",\"count\":\"1x\"}"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_non_null(strstr(run(bad[i]), "\"error\":\"usage\""));
        assert_int_equal(code, EXIT_USAGE_);
    }
}

static void refusals_are_answers(void **state)
{
    assert_string_equal(run("{\"jid\":\"a@b\",\"count\":13}"),
                        "{\"detail\":\"The storage quota is used up.\",\"error\":\"quota-full\"}");
    assert_int_equal(code, EXIT_LIMIT_);
}

static void registered_commands_are_sorted_and_described(void **state)
{
    static const char *const kinds[] = {"text", "int", "size",   "duration", "flag",
                                        "jid",  "id",  "secret", "file",     "lines"};
    const struct command *last = NULL, *c;

    assert_null(command_find("zz"));
    for (c = command_next(NULL); c != NULL; c = command_next(c)) {
        assert_true(last == NULL || strcmp(last->name, c->name) < 0);
        assert_true(c->help != NULL && c->help[strlen(c->help) - 1] == '.');
        assert_non_null(c->run);
        for (const struct command_arg *a = c->args; a != NULL && a->name != NULL; a++) {
            bool known = false;

            for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
                known = known || strcmp(kinds[k], a->kind) == 0;
            if (!known || a->help == NULL)
                fail_msg("%s: %s", c->name, a->name);
        }
        last = c;
    }
    assert_non_null(last);
}

static void refusals_have_all_their_words(void **state)
{
    for (enum refuse r = REFUSE_OK + 1; r < REFUSE_COUNT; r++) {
        const struct refusal *row = refuse_get(r);

        assert_int_equal(refuse_by_name(row->name), r);
        assert_true(row->http >= 400 && row->http < 600);
        assert_true(row->code >= 300 && row->code < 600);
        assert_true((row->app == NULL) == (row->app_ns == NULL));
        assert_true(strlen(row->en) > 0 && strlen(row->zh) > 0 && strlen(row->title) > 0);
        assert_ptr_equal(refuse_text(r, "zh-Hans"), row->zh);
        assert_ptr_equal(refuse_text(r, "de"), row->en);
        assert_ptr_equal(refuse_text(r, NULL), row->en);
    }
    assert_int_equal(refuse_by_name("nonsense"), REFUSE_OK);
    assert_string_equal(refuse_get(REFUSE_QUOTA_FULL)->name, "quota-full");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_arrive_in_one_form),
        cmocka_unit_test(wrong_arguments_do_not_run),
        cmocka_unit_test(refusals_are_answers),
        cmocka_unit_test(registered_commands_are_sorted_and_described),
        cmocka_unit_test(refusals_have_all_their_words),
    };

    return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
