/* upload_field_test.c: the header fields of uploads, strict and without surprises at their edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "http/upload_field.h"

static void booleans(void **state)
{
    static const char *const faulty[] = {"",    "1",      "true",   "?2",    "?",     "?1 x", "?1,?1", "?1;",
                                         "??1", "\"?1\"", "?1;A=1", "?1 ;a", "?1;a=", ":?1:", "?10"};
    bool v = true;

    assert_int_equal(upload_field_boolean("?0", &v), FIELD_OK);
    assert_false(v);
    assert_int_equal(upload_field_boolean(" ?1\t", &v), FIELD_OK);
    assert_true(v);
    assert_int_equal(upload_field_boolean("?0;a;b=1;c=\"x\\\"y\"; d=:YQ==:;e=?1;f=tok/en;g=-1.5;h=@5", &v),
                     FIELD_OK);
    assert_false(v);
    assert_int_equal(upload_field_boolean(NULL, &v), FIELD_ABSENT);
    for (size_t i = 0; i < ARRAY_LEN(faulty); i++)
        if (upload_field_boolean(faulty[i], &v) != FIELD_FAULTY || v)
            fail_msg("taken: '%s'", faulty[i]);
}

static void integers(void **state)
{
    static const char *const faulty[] = {"",
                                         "-1",
                                         "-",
                                         "+1",
                                         "1.0",
                                         "1.",
                                         "0x5",
                                         "5,5",
                                         "5 5",
                                         "?1",
                                         "\"5\"",
                                         "five",
                                         "5;",
                                         ":5:",
                                         "@5",
                                         "1e3",
                                         "1000000000000000",
                                         "9223372036854775808",
                                         "18446744073709551616"};
    int64_t v = 7;

    assert_int_equal(upload_field_integer("0", &v), FIELD_OK);
    assert_int_equal(v, 0);
    assert_int_equal(upload_field_integer("999999999999999", &v), FIELD_OK);
    assert_int_equal(v, INT64_C(999999999999999));
    assert_int_equal(upload_field_integer("0005;x", &v), FIELD_OK);
    assert_int_equal(v, 5);
    assert_int_equal(upload_field_integer(NULL, &v), FIELD_ABSENT);
    for (size_t i = 0; i < ARRAY_LEN(faulty); i++)
        if (upload_field_integer(faulty[i], &v) != FIELD_FAULTY || v != 5)
            fail_msg("taken: '%s'", faulty[i]);
}

static void digits(void **state)
{
    static const char *const faulty[] = {
        "", "-1", "+1", " 1", "1 ", "1;a", "1.0", "0x1", "9223372036854775808", "99999999999999999999999999"};
    int64_t v = 7;

    assert_int_equal(upload_field_digits("9223372036854775807", &v), FIELD_OK);
    assert_int_equal(v, INT64_MAX);
    assert_int_equal(upload_field_digits("0", &v), FIELD_OK);
    assert_int_equal(v, 0);
    assert_int_equal(upload_field_digits(NULL, &v), FIELD_ABSENT);
    for (size_t i = 0; i < ARRAY_LEN(faulty); i++)
        if (upload_field_digits(faulty[i], &v) != FIELD_FAULTY || v != 0)
            fail_msg("taken: '%s'", faulty[i]);
}

#define EMPTY "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define ZEROS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void digests(void **state)
{
    static const char *const faulty[] = {
        "",
        "sha-256",
        "sha-256=",
        "sha-256=" EMPTY,
        "sha-256=:" EMPTY,
        "sha-256=::",
        "sha-256=:AAAA:",
        "sha-256=:47DEQpj8HBSa-_TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
        "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU:",
        "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=:",
        "SHA-256=:" EMPTY ":",
        "sha-256=\"" EMPTY "\"",
        "sha-256=:" EMPTY ":,",
        "sha-256=:" EMPTY ": sha-512=:AAAA:",
        ",sha-256=:" EMPTY ":",
        "sha-256=:" EMPTY ":, x=(:AAAA:)",
    };
    uint8_t sum[SHA256_BYTES] = {0}, zero[SHA256_BYTES] = {0};

    for (size_t i = 0; i < ARRAY_LEN(faulty); i++)
        if (upload_field_sha256(faulty[i], sum) != FIELD_FAULTY)
            fail_msg("taken: '%s'", faulty[i]);
    assert_int_equal(upload_field_sha256("sha-256=:" EMPTY ":", sum), FIELD_OK);
    assert_int_equal(sum[0], 0xe3);
    assert_int_equal(sum[31], 0x55);
    assert_int_equal(upload_field_sha256(" sha-512=:AAAA:;q=1 ,\tsha-256=:" EMPTY ":;x", sum), FIELD_OK);
    assert_int_equal(upload_field_sha256("sha-256=:" EMPTY ":, sha-256=:" ZEROS ":", sum), FIELD_OK);
    assert_memory_equal(sum, zero, SHA256_BYTES);
    assert_int_equal(upload_field_sha256("sha-512=:AAAA:, md5=:AA==:", sum), FIELD_ABSENT);
    assert_int_equal(upload_field_sha256(NULL, sum), FIELD_ABSENT);
}

static void expiries(void **state)
{
    static const char *const faulty[] = {"",
                                         "0",
                                         "0s",
                                         "-5s",
                                         "5x",
                                         "7d ",
                                         "99999999999999999999d",
                                         "9223372036854775807",
                                         "500ms",
                                         "Sun, 06 Nov 1994 08:49:37 GMT",
                                         "tomorrow"};
    int64_t v = 0, now = INT64_C(1790000000);

    assert_int_equal(upload_field_expires("7d", now, &v), FIELD_OK);
    assert_int_equal(v, now + 7 * 86400);
    assert_int_equal(upload_field_expires("3600s", now, &v), FIELD_OK);
    assert_int_equal(v, now + 3600);
    assert_int_equal(upload_field_expires("60", now, &v), FIELD_OK);
    assert_int_equal(v, now + 60);
    assert_int_equal(upload_field_expires("Sun, 06 Nov 1994 08:49:37 GMT", 784111776, &v), FIELD_OK);
    assert_int_equal(v, 784111777);
    assert_int_equal(upload_field_expires(NULL, now, &v), FIELD_ABSENT);
    for (size_t i = 0; i < ARRAY_LEN(faulty); i++)
        if (upload_field_expires(faulty[i], now, &v) != FIELD_FAULTY)
            fail_msg("taken: '%s'", faulty[i]);
}

static void ranges(void **state)
{
    static const char *const faulty[] = {"",
                                         "bytes 0-9",
                                         "bytes 0-9/*",
                                         "bytes */10",
                                         "bytes 5-4/10",
                                         "bytes 0-10/10",
                                         "bytes -9/10",
                                         "bytes 0-9/10 ",
                                         "bytes=0-9/10",
                                         "octets 0-9/10",
                                         "bytes 0-/10",
                                         "bytes +0-9/10",
                                         "bytes 0-9/9223372036854775808"};
    struct upload_range r = {0};

    assert_int_equal(upload_field_range("bytes 3-9/10", &r), FIELD_OK);
    assert_true(r.first == 3 && r.last == 9 && r.size == 10);
    assert_int_equal(upload_field_range(NULL, &r), FIELD_ABSENT);
    for (size_t i = 0; i < ARRAY_LEN(faulty); i++)
        if (upload_field_range(faulty[i], &r) != FIELD_FAULTY)
            fail_msg("taken: '%s'", faulty[i]);
}

static void types(void **state)
{
    assert_true(upload_field_is_type("application/partial-upload", "application/partial-upload"));
    assert_true(upload_field_is_type("Application/Partial-Upload; x=1", "application/partial-upload"));
    assert_false(upload_field_is_type("application/partial-uploads", "application/partial-upload"));
    assert_false(upload_field_is_type("application/partial", "application/partial-upload"));
    assert_false(upload_field_is_type(NULL, "application/partial-upload"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(booleans), cmocka_unit_test(integers), cmocka_unit_test(digits),
        cmocka_unit_test(digests),  cmocka_unit_test(expiries), cmocka_unit_test(types),
        cmocka_unit_test(ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
