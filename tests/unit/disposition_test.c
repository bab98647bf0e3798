/* disposition_test.c: file names in Content-Disposition (rows 92, 93; C38). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/disposition.h"

static void expect(const char *name, const char *want)
{
    struct buf b = {0};

    disposition_header(&b, true, name);
    assert_string_equal(b.data, want);
    buf_free(&b);
}

static void names(void **state)
{
    expect("a.txt", "attachment; filename=\"a.txt\"");
    expect("two words; and more.txt", "attachment; filename=\"two words; and more.txt\"");
    expect("say \"hi\".txt", "attachment; filename=\"say _hi_.txt\"; filename*=UTF-8''say%20%22hi%22.txt");
    expect("50%41.txt", "attachment; filename=\"50_41.txt\"; filename*=UTF-8''50%2541.txt");
    expect("报告.pdf", "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf");
    expect("a\r\nSet-Cookie: b", "attachment; filename=\"a__Set-Cookie: b\"; "
                                 "filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b");
    expect("x\xe2\x80\xae"
           "fdp.exe",
           "attachment; filename=\"x_fdp.exe\"; filename*=UTF-8''x%E2%80%AEfdp.exe");
}

static void long_name(void **state)
{
    char name[4097];
    struct buf b = {0};

    memset(name, 'n', sizeof name - 1);
    name[4096] = 0;
    disposition_header(&b, false, name);
    assert_true(strncmp(b.data, "inline; filename=\"nnn", 21) == 0);
    buf_free(&b);
}

static void what_may_be_shown(void **state)
{
    static const char *const safe[] = {"image/png", "IMAGE/JPEG", "video/mp4",
                                       "audio/ogg", "text/plain", "text/plain; charset=utf-8"};
    static const char *const not_safe[] = {"text/html",
                                           "image/svg+xml",
                                           "application/xhtml+xml",
                                           "text/xml",
                                           "application/pdf",
                                           "text/javascript",
                                           "application/octet-stream",
                                           "text/plainx",
                                           "image/",
                                           ""};

    for (size_t i = 0; i < ARRAY_LEN(safe); i++)
        assert_true(disposition_inline(safe[i]));
    for (size_t i = 0; i < ARRAY_LEN(not_safe); i++)
        assert_false(disposition_inline(not_safe[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(long_name),
        cmocka_unit_test(what_may_be_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
