/* buf_test.c: the promises of base/buf.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void grows_and_ends_with_nul(void **state)
{
    struct buf b = {0};

    for (int i = 0; i < 1000; i++) {
        buf_addf(&b, "%d,", i);
        assert_int_equal(b.data[b.len], 0);
    }
    assert_int_equal(strlen(b.data), b.len);
    assert_int_equal(b.len, 3890);
    buf_free(&b);
    assert_null(b.data);
    buf_add(&b, "", 0);
    assert_string_equal(b.data, "");
    buf_free(&b);
}

static void drop_keeps_the_rest(void **state)
{
    struct buf b = {0};

    buf_adds(&b, "hello world");
    buf_drop(&b, 6);
    assert_string_equal(b.data, "world");
    buf_drop(&b, 5);
    assert_int_equal(b.len, 0);
    assert_string_equal(b.data, "");
    buf_free(&b);
    buf_drop(&b, 0);
}

static void take_empties(void **state)
{
    struct buf b = {0};
    char *s = buf_take(&b);

    assert_string_equal(s, "");
    free(s);
    buf_adds(&b, "x");
    s = buf_take(&b);
    assert_string_equal(s, "x");
    assert_null(b.data);
    free(s);
}

static void room_is_the_callers_to_fill(void **state)
{
    struct buf b = {0};

    memcpy(buf_room(&b, 500), "abc", 3);
    b.len += 3;
    buf_addc(&b, 'd');
    assert_string_equal(b.data, "abcd");
    buf_free(&b);
}

static void xml_is_escaped(void **state)
{
    struct buf b = {0};

    buf_add_xml(&b, "a<b>&\"'\tz\n\r\x01\0\xEF\xBF\xBE\xEF\xBF\xBD\xC3\xA9", 21);
    assert_string_equal(
        b.data,
        "a&lt;b&gt;&amp;&quot;&#39;\tz\n&#13;\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xC3\xA9");
    buf_free(&b);
    buf_add_html(&b, "<script>");
    assert_string_equal(b.data, "&lt;script&gt;");
    buf_free(&b);
}

/* The scan takes eight bytes at a time: a special one is found wherever it stands, and two of them too. */
static void xml_is_escaped_at_every_place(void **state)
{
    for (size_t n = 1; n <= 20; n++)
        for (size_t i = 0; i < n; i++)
            for (size_t k = i; k < n; k++) {
                char text[21], want[32];
                struct buf b = {0};
                memset(text, 'a', n);
                text[i] = text[k] = '<';
                size_t len = 0;
                for (size_t j = 0; j < n; j++)
                    len += (size_t)sprintf(want + len, "%s", text[j] == '<' ? "&lt;" : "a");
                buf_add_xml(&b, text, n);
                assert_string_equal(b.data, want);
                buf_free(&b);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_ends_with_nul),
        cmocka_unit_test(drop_keeps_the_rest),
        cmocka_unit_test(take_empties),
        cmocka_unit_test(room_is_the_callers_to_fill),
        cmocka_unit_test(xml_is_escaped),
        cmocka_unit_test(xml_is_escaped_at_every_place),
    };

    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
