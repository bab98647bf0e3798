/* usercmd_test.c: what somebody typed, cut into a word and its arguments. */
#include "xmpp/usercmd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define ID "abcdefghijklmnopqrstuvwxyz0123456789AB"

static const struct usercmd *command(const char *word)
{
    bool zh;
    return usercmd_find(word, &zh);
}

static void test_split(void **state)
{
    struct usercmd_line l;
    assert_false(usercmd_split("", &l));
    assert_false(usercmd_split(" \t\n\u3000\u00a0", &l));
    assert_true(usercmd_split("\u3000extend\u3000abc \n 7d ", &l));
    assert_string_equal(l.word, "extend");
    assert_string_equal(l.args[0], "abc");
    assert_string_equal(l.args[1], "7d");
    assert_false(l.more);
    assert_true(usercmd_split("a b c d", &l));
    assert_true(l.more);
    assert_true(usercmd_split("list", &l));
    assert_string_equal(l.args[0], "");
    assert_true(usercmd_split("\xe3\x80", &l)); /* the beginning of a blank is none */
}

static void test_long(void **state)
{
    struct usercmd_line l;
    struct buf b = {0};
    buf_adds(&b, "link ");
    for (size_t i = 0; i < 300; i++)
        buf_addc(&b, 'x');
    assert_true(usercmd_split(b.data, &l));
    assert_true(l.more);
    assert_string_equal(l.args[0], "");
    buf_adds(&b, "/f/" ID "/name.txt"); /* a link may be long */
    assert_true(usercmd_split(b.data, &l));
    assert_false(l.more);
    assert_string_equal(l.args[0], ID);
    assert_true(usercmd_split("link http://h/f/abc", &l)); /* no id in it */
    assert_string_equal(l.args[0], "http://h/f/abc");
    buf_free(&b);
}

static void test_find(void **state)
{
    bool zh;
    const struct usercmd *list = usercmd_find("LIST", &zh);
    assert_non_null(list);
    assert_false(zh);
    assert_ptr_equal(usercmd_find("列表", &zh), list);
    assert_true(zh);
    assert_null(usercmd_find("lis", &zh));
}

static void test_normal(void **state)
{
    char out[USERCMD_ARG_MAX + 1];
    const struct usercmd_arg *how = &command("deliver")->args[0], *id = &command("link")->args[0];
    assert_true(usercmd_normal(how, "两者", out));
    assert_string_equal(out, "both");
    assert_true(usercmd_normal(how, " Transfer ", out));
    assert_string_equal(out, "transfer");
    assert_false(usercmd_normal(how, "pigeon", out));
    assert_false(usercmd_normal(how, "", out));
    assert_true(usercmd_normal(id, "http://h/f/" ID "/a", out));
    assert_string_equal(out, ID);
    assert_true(usercmd_normal(&command("list")->args[0], "", out));
    assert_false(usercmd_normal(&command("quota")->args[0], "x", out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
