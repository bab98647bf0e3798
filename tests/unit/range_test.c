/* range_test.c: Range headers (C40, row 90). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "http/range.h"

static void part(const char *value, int64_t size, int64_t first, int64_t last)
{
    struct range r;

    if (range_parse(value, size, &r) != RANGE_PART || r.first != first || r.last != last)
        fail_msg("%s of %lld", value, (long long)size);
}

static void other(const char *value, int64_t size, enum range_answer want)
{
    struct range r;

    if (range_parse(value, size, &r) != want)
        fail_msg("%s of %lld is not %d", value != NULL ? value : "(none)", (long long)size, want);
}

static void forms(void **state)
{
    part("bytes=0-", 10, 0, 9);
    part("bytes=2-5", 10, 2, 5);
    part("bytes=2-99", 10, 2, 9);
    part("bytes=9-9", 10, 9, 9);
    part("bytes=-3", 10, 7, 9);
    part("bytes=-30", 10, 0, 9);
    part("Bytes=5-", 10, 5, 9);
    part("bytes= 1-2 ", 10, 1, 2);
    part("bytes=,1-2,,", 10, 1, 2);
}

static void past_the_end(void **state)
{
    other("bytes=10-", 10, RANGE_UNSATISFIABLE);
    other("bytes=10-20", 10, RANGE_UNSATISFIABLE);
    other("bytes=-0", 10, RANGE_UNSATISFIABLE);
    other("bytes=0-", 0, RANGE_UNSATISFIABLE);
    other("bytes=-0", 0, RANGE_UNSATISFIABLE);
    other("bytes=-5", 0, RANGE_WHOLE); /* RFC 9110 14.1.1: satisfiable; there is no 206 of nothing */
    other("bytes=0-,-5", 0, RANGE_WHOLE);
    other("bytes=18446744073709551616-", 10, RANGE_UNSATISFIABLE);
    other("bytes=20-30,40-50", 10, RANGE_UNSATISFIABLE);
    part("bytes=0-18446744073709551616", 10, 0, 9);
    part("bytes=-18446744073709551616", 10, 0, 9);
    part("bytes=0-99999999999999999999999999999999", INT64_MAX, 0, INT64_MAX - 1);
}

static void faulty_is_whole(void **state)
{
    static const char *const bad[] = {"bytes=5-2",  "bytes=",     "bytes=-",     "bytes=a-b",
                                      "bytes=1",    "x=0-1",      "bytes 0-1",   "bytes=0-1x",
                                      "bytes=+1-2", "bytes=1--2", "bytes=1-2 3", "bytes=,"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        other(bad[i], 10, RANGE_WHOLE);
    other(NULL, 10, RANGE_WHOLE);
}

static void several(void **state)
{
    struct buf many = {0};

    part("bytes=0-3,2-5", 10, 0, 5);
    part("bytes=6-7,4-5", 10, 4, 7);
    part("bytes=0-0,4-4,1-3", 10, 0, 4);
    part("bytes=0-1,50-60", 10, 0, 1);
    other("bytes=0-1,5-6", 10, RANGE_WHOLE);
    buf_adds(&many, "bytes=0-");
    for (int i = 0; i < 1000; i++)
        buf_addf(&many, ",%d-", i % 10);
    other(many.data, 10, RANGE_WHOLE);
    buf_free(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(past_the_end),
        cmocka_unit_test(faulty_is_whole),
        cmocka_unit_test(several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
