/* validate_test.c: conditional requests (RFC 9110 section 13): which field decides, strong and weak
 * comparison, lists, dates that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "http/validate.h"

static struct validators v;
static char before[30], after[30];

static int setup(void **state)
{
    struct transfer t = {.stored = 1700000000, .attempt = 1, .has_sha256 = true};

    (void)state;
    memset(t.sha256, 0xab, sizeof t.sha256);
    validate_transfer(&t, &v);
    clock_format_http(t.stored - 1, before);
    clock_format_http(t.stored + 1, after);
    return 0;
}

/* "TAG" in a text is the file's own tag. */
static const char *with_tag(const char *text)
{
    static char out[512];
    const char *at = strstr(text, "TAG");

    if (at)
        snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text), text, v.etag, at + 3);
    else
        snprintf(out, sizeof out, "%s", text);
    return out;
}

static void test_validators(void **state)
{
    struct transfer bare = {.stored = 1700000000, .attempt = 2};
    struct validators b;

    (void)state;
    assert_int_equal(v.etag[0], '"');
    assert_int_equal(strlen(v.etag), 45);
    assert_string_equal(v.modified, "Tue, 14 Nov 2023 22:13:20 GMT");
    memcpy(bare.id.text, "ID", 3);
    validate_transfer(&bare, &b);
    assert_string_equal(b.etag, "\"ID-2\"");
}

static void test_tags(void **state)
{
    static const struct {
        const char *list;
        int match, none_match; /* what If-Match and If-None-Match of it answer */
    } cases[] = {
        {"TAG", 0, 304},
        {"W/TAG", 412, 304}, /* If-Match compares strongly */
        {"*", 0, 304},
        {"\"x\"", 412, 0},
        {"\"x\", TAG", 0, 304},
        {"\"x\",,\tW/\"y\" , TAG", 0, 304},
        {"\"a,b\", TAG", 0, 304}, /* a comma within a tag */
        {"", 412, 0},
        {"TAGx", 0, 304},
        {"\"unclosed", 412, 0},
        {"plain, TAG", 412, 0}, /* no tag: the rest is not looked at */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct request_fields f = {.if_match = with_tag(cases[i].list)};
        assert_int_equal(validate_request(&f, &v), cases[i].match);
        f = (struct request_fields){.if_none_match = with_tag(cases[i].list)};
        assert_int_equal(validate_request(&f, &v), cases[i].none_match);
    }
}

static void test_dates_and_order(void **state)
{
    struct request_fields f = {.if_modified_since = v.modified};

    (void)state;
    assert_int_equal(validate_request(&f, &v), 304);
    f.if_none_match = "\"x\""; /* decides alone */
    assert_int_equal(validate_request(&f, &v), 0);
    f = (struct request_fields){.if_modified_since = after};
    assert_int_equal(validate_request(&f, &v), 304);
    f.if_modified_since = before;
    assert_int_equal(validate_request(&f, &v), 0);
    f.if_modified_since = "yesterday";
    assert_int_equal(validate_request(&f, &v), 0);
    f = (struct request_fields){.if_unmodified_since = before};
    assert_int_equal(validate_request(&f, &v), 412);
    f.if_match = v.etag; /* decides instead of it */
    assert_int_equal(validate_request(&f, &v), 0);
    f.if_none_match = "*"; /* comes second */
    assert_int_equal(validate_request(&f, &v), 304);
    f.if_match = "\"x\"";
    assert_int_equal(validate_request(&f, &v), 412);
    f = (struct request_fields){.if_unmodified_since = "yesterday"};
    assert_int_equal(validate_request(&f, &v), 0);
}

static void test_range(void **state)
{
    char weak[80];

    (void)state;
    assert_true(validate_range(NULL, &v));
    assert_true(validate_range(v.etag, &v));
    assert_true(validate_range(v.modified, &v));
    snprintf(weak, sizeof weak, "W/%s", v.etag);
    assert_false(validate_range(weak, &v));
    assert_false(validate_range(after, &v)); /* the very date, not a later one */
    assert_false(validate_range("\"x\"", &v));
    assert_false(validate_range("", &v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validators),
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_dates_and_order),
        cmocka_unit_test(test_range),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
