/* jid_test.c: the promises of base/jid.h (row 21 of the fault list among them). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/jid.h"

static struct arena *arena;

static int setup(void **state)
{
    arena = arena_get(NULL);
    return 0;
}

static int teardown(void **state)
{
    arena_put(arena);
    return 0;
}

static const char *prepared(const char *raw)
{
    struct jid j;

    return jid_parse(arena, raw, strlen(raw), &j) == 0 ? j.text : NULL;
}

static void parts_are_told(void **state)
{
    struct jid j;

    assert_int_equal(jid_parse(arena, "Alice@Example.ORG/Home Desk@2/x", 31, &j), 0);
    assert_string_equal(j.text, "alice@example.org/Home Desk@2/x");
    assert_string_equal(jid_resource(&j), "Home Desk@2/x");
    assert_string_equal(jid_bare(arena, &j), "alice@example.org");
    assert_string_equal(jid_node(arena, &j), "alice");
    assert_true(jid_domain_is(&j, "example.org"));
    assert_false(jid_domain_is(&j, "example.or"));
    assert_false(jid_is_bare(&j));
    assert_int_equal(jid_parse(arena, "example.org", 11, &j), 0);
    assert_null(jid_node(arena, &j));
    assert_null(jid_resource(&j));
    assert_true(jid_is_bare(&j));
    assert_true(jid_domain_is(&j, "example.org"));
}

/* The clients of 2006 write "Receive@localhost/". */
static void empty_resource_is_remembered(void **state)
{
    struct jid j;

    assert_int_equal(jid_parse(arena, "Receive@localhost/", 18, &j), 0);
    assert_string_equal(j.text, "receive@localhost");
    assert_true(j.empty_resource);
    assert_true(jid_is_bare(&j));
}

static void malformed_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "@",
                                      "a@",
                                      "@b",
                                      "a@b@c",
                                      "a b@c",
                                      "a&b@c",
                                      "a\"@c",
                                      "a:b@c",
                                      "a<@c",
                                      "a@b..c",
                                      "a@.b",
                                      "a@b c",
                                      "a@b_\xFF",
                                      "\xFF@b",
                                      "a@b/\xFF",
                                      "/r",
                                      "a@/r",
                                      "a@b/\x01",
                                      "a@b/\x7F",
                                      ("a@b\xEF\xBC\xA0"
                                       "c"),
                                      /* a wide @ */ "a\xEF\xBC\xA0@c",
                                      "a@xn--\xC3\xA9",
                                      "a@[",
                                      "a@[zz]"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (prepared(bad[i]) != NULL)
            fail_msg("taken: %zu %s", i, bad[i]);
}

static void parts_are_never_cut(void **state)
{
    char raw[3 * 1100];
    struct jid j;

    memset(raw, 'a', sizeof raw);
    memcpy(raw + 1023, "@b/", 3);
    assert_int_equal(jid_parse(arena, raw, 1023 + 3 + 1023, &j), 0);
    assert_int_equal(j.len, 1023 + 3 + 1023);
    assert_int_equal(jid_parse(arena, raw, 1023 + 3 + 1024, &j), -1);
    memcpy(raw + 1023, "a@b/", 4);
    assert_int_equal(jid_parse(arena, raw, 1030, &j), -1);
    memset(raw, 'a', sizeof raw);
    memcpy(raw, "x@", 2);
    assert_int_equal(jid_parse(arena, raw, 2 + 64, &j), -1); /* a label has 63 bytes */
    for (int i = 0; i < 341; i++)
        memcpy(raw + 3L * i, "\xE2\x82\xAC", 3); /* 1023 bytes of euro signs */
    memcpy(raw + 1023, "@b", 2);
    assert_int_equal(jid_parse(arena, raw, 1025, &j), 0);
    assert_int_equal(jid_parse(arena, raw + 1, 1024, &j), -1); /* begins inside a character */
}

static void one_text_for_all_spellings(void **state)
{
    static const char *const same[][2] = {
        {"STRASSE@b", "strasse@b"},
        {"Stra\xC3\x9F"
         "e@b",
         "strasse@b"},
        {"\xC3\x89@b", "\xC3\xA9@b"},
        {"e\xCC\x81@b", "\xC3\xA9@b"}, /* composed */
        {"\xEF\xBD\x81@b", "a@b"},     /* full width */
        {"a@B\xC3\x9C"
         "CHER.example",
         "a@b\xC3\xBC"
         "cher.example"},
        {"a@xn--bcher-kva.example", "a@b\xC3\xBC"
                                    "cher.example"},
        {"a@XN--BCHER-KVA.Example", "a@b\xC3\xBC"
                                    "cher.example"},
        {"a@example.org.", "a@example.org"},
        {"a@b\xE3\x80\x82"
         "c",
         "a@b.c"}, /* an ideographic full stop */
        {"a@b/e\xCC\x81", "a@b/\xC3\xA9"},
        {"a@[::1]", "a@[::1]"},
        {"a@b/\xF0\x9F\x93\xB1", "a@b/\xF0\x9F\x93\xB1"}, /* clients name resources so */
    };

    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        const char *got = prepared(same[i][0]);

        if (got == NULL || strcmp(got, same[i][1]) != 0)
            fail_msg("%s -> %s", same[i][0], got != NULL ? got : "refused");
        assert_string_equal(prepared(got), got);
    }
}

/* A Cyrillic a is another letter: two accounts that look alike are two, and neither takes the other's name.
 */
static void look_alikes_stay_apart(void **state)
{
    assert_string_not_equal(prepared("\xD0\xB0lice@b"), prepared("alice@b"));
}

static void equality_is_of_texts(void **state)
{
    struct jid a, b, c;

    assert_int_equal(jid_parse(arena, "A@b/R", 5, &a), 0);
    assert_int_equal(jid_parse(arena, "a@B/R", 5, &b), 0);
    assert_int_equal(jid_parse(arena, "a@b/r", 5, &c), 0);
    assert_true(jid_equal(&a, &b));
    assert_false(jid_equal(&a, &c));
    assert_true(jid_bare_equal(&a, &c));
}

static void single_parts(void **state)
{
    char out[JID_PART_MAX + 1];
    char *s;

    assert_int_equal(jid_prep_node("Bob", out), 0);
    assert_string_equal(out, "bob");
    assert_int_equal(jid_prep_node("b@b", out), -1);
    assert_int_equal(jid_prep_domain("UPLOAD.localhost", out), 0);
    assert_string_equal(out, "upload.localhost");
    assert_int_equal(jid_prep_resource("", out), -1);
    s = jid_saslprep("I\xC2\xADX"); /* RFC 4013 section 3 */
    assert_string_equal(s, "IX");
    free(s);
    s = jid_saslprep("\xC2\xAA");
    assert_string_equal(s, "a");
    free(s);
    assert_null(jid_saslprep("\x07"));
    assert_null(jid_saslprep("\xFF"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_told),
        cmocka_unit_test(empty_resource_is_remembered),
        cmocka_unit_test(malformed_is_refused),
        cmocka_unit_test(parts_are_never_cut),
        cmocka_unit_test(one_text_for_all_spellings),
        cmocka_unit_test(look_alikes_stay_apart),
        cmocka_unit_test(equality_is_of_texts),
        cmocka_unit_test(single_parts),
    };

    return cmocka_run_group_tests_name("jid", tests, setup, teardown);
}
