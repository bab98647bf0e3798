/* negotiate_test.c: page or bytes, and the language (doc/HTTP.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/negotiate.h"

static void navigation_gets_the_page(void **state)
{
    struct request_fields f = {.sec_fetch_dest = "document", .sec_fetch_mode = "navigate"};

    assert_true(negotiate_page(&f));
    f.accept = "*/*";
    assert_true(negotiate_page(&f));
    f.range = "bytes=0-";
    assert_false(negotiate_page(&f));
    f = (struct request_fields){
        .sec_fetch_dest = "image", .sec_fetch_mode = "no-cors", .accept = "text/html"};
    assert_false(negotiate_page(&f));
    f = (struct request_fields){.sec_fetch_mode = "navigate", .accept = "text/html"};
    assert_false(negotiate_page(&f));
}

static void old_browsers_name_html(void **state)
{
    struct request_fields f = {.accept = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"};

    assert_true(negotiate_page(&f));
    f.range = "bytes=0-";
    assert_false(negotiate_page(&f));
    f = (struct request_fields){.accept = "*/*"};
    assert_false(negotiate_page(&f));
    f.accept = "text/*";
    assert_false(negotiate_page(&f));
    f.accept = "application/json, Text/HTML;q=0.1";
    assert_true(negotiate_page(&f));
    f.accept = "text/html;q=0, */*";
    assert_false(negotiate_page(&f));
    f.accept = "text/html;q=0.0;level=1";
    assert_false(negotiate_page(&f));
    f.accept = NULL;
    assert_false(negotiate_page(&f));
}

static void languages(void **state)
{
    assert_string_equal(negotiate_language(NULL, "zh-CN", "en"), "zh-Hans");
    assert_string_equal(negotiate_language(NULL, "zh", "en"), "zh-Hans");
    assert_string_equal(negotiate_language(NULL, "zh-TW;q=1,en;q=0.8", "en"), "zh-Hans");
    assert_string_equal(negotiate_language(NULL, "zh;q=0.5, en-GB;q=0.8", "en"), "en");
    assert_string_equal(negotiate_language(NULL, "de, fr;q=0.5", "en"), "en");
    assert_string_equal(negotiate_language(NULL, "de, zh-Hans-SG;q=0.1", "en"), "zh-Hans");
    assert_string_equal(negotiate_language(NULL, "zhx, eng", "en"), "en");
    assert_string_equal(negotiate_language(NULL, NULL, "zh-Hans"), "zh-Hans");
    assert_string_equal(negotiate_language(NULL, "en;q=0", "zh-Hans"), "zh-Hans");
    assert_string_equal(negotiate_language("zh-Hans", "en", "en"), "zh-Hans");
    assert_string_equal(negotiate_language("tlh", "zh", "en"), "zh-Hans");
}

static void cookies(void **state)
{
    char v[8];

    assert_true(negotiate_cookie("a=1; lang=zh; b=2", "lang", v, sizeof v));
    assert_string_equal(v, "zh");
    assert_true(negotiate_cookie("lang=", "lang", v, sizeof v) && v[0] == 0);
    assert_false(negotiate_cookie("xlang=zh", "lang", v, sizeof v));
    assert_false(negotiate_cookie("lang=12345678", "lang", v, sizeof v));
    assert_false(negotiate_cookie(NULL, "lang", v, sizeof v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(navigation_gets_the_page),
        cmocka_unit_test(old_browsers_name_html),
        cmocka_unit_test(languages),
        cmocka_unit_test(cookies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
