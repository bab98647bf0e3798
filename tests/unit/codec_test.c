/* codec_test.c: the promises of base/codec.h and base/clock.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/codec.h"

static void base64_is_strict(void **state)
{
    static const char *const bad[] = {"A",     "AA",   "AAA",   "AA=A", "A===", "====", "AA==AAAA",
                                      "AAAA=", " AAA", "AA\nA", "AAA-", "AB==", "AAB=", "=AAA"};
    uint8_t out[64];

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(base64_decode(bad[i], strlen(bad[i]), out), -1);
    assert_int_equal(base64_decode("", 0, out), 0);
    assert_int_equal(base64_decode("Zg==", 4, out), 1);
    assert_int_equal(base64_decode("Zm8=", 4, out), 2);
    assert_int_equal(base64_decode("Zm9v/+8=", 8, out), 5);
    assert_memory_equal(out, "foo\xFF\xEF", 5);
}

static void base64url_is_strict(void **state)
{
    static const char *const bad[] = {"A", "AAAAA", "AA==", "AA+A", "AA/A", "AB", "AAB", "A A "};
    uint8_t out[64];

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(base64url_decode(bad[i], strlen(bad[i]), out), -1);
    assert_int_equal(base64url_decode("_-8", 3, out), 2);
    assert_memory_equal(out, "\xFF\xEF", 2);
}

static void base64_goes_round(void **state)
{
    for (size_t n = 0; n < 100; n++) {
        uint8_t in[100], back[150];
        char url[200];
        struct buf b = {0};

        random_bytes(in, sizeof in);
        base64_encode(&b, in, n);
        assert_int_equal(b.len, (n + 2) / 3 * 4);
        assert_int_equal(strlen(b.data), b.len);
        assert_int_equal(base64_decode(b.data, b.len, back), n);
        assert_memory_equal(in, back, n);
        base64url_encode(url, in, n);
        assert_int_equal(base64url_decode(url, strlen(url), back), n);
        assert_memory_equal(in, back, n);
        buf_free(&b);
    }
}

static void hex_goes_round(void **state)
{
    char text[9];
    uint8_t back[4];

    hex_encode(text, "\x00\xAB\x7F\xFF", 4);
    assert_string_equal(text, "00ab7fff");
    assert_int_equal(hex_decode("00aB7FfF", 8, back), 4);
    assert_memory_equal(back, "\x00\xAB\x7F\xFF", 4);
    assert_int_equal(hex_decode("0", 1, back), -1);
    assert_int_equal(hex_decode("0g", 2, back), -1);
}

static void percent_goes_round(void **state)
{
    struct buf b = {0}, back = {0};

    percent_encode(&b, "a b/\xC3\xA9+~.-_%");
    assert_string_equal(b.data, "a%20b%2F%C3%A9%2B~.-_%25");
    assert_int_equal(percent_decode(b.data, b.len, &back), 0);
    assert_string_equal(back.data, "a b/\xC3\xA9+~.-_%");
    buf_free(&b);
    buf_free(&back);
    assert_int_equal(percent_decode("%0", 2, &b), -1);
    assert_int_equal(percent_decode("%zz", 3, &b), -1);
    assert_int_equal(percent_decode("%00", 3, &b), -1);
    buf_free(&b);
}

static void utf8_is_strict(void **state)
{
    static const char *const bad[] = {
        "\x80",         "\xC0\x80",         "\xC1\xBF",         "\xE0\x80\x80",
        "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80",
        "\xC3",         "\xE2\x82",         "\xF0\x9F\x98"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(utf8_valid(bad[i], strlen(bad[i])));
    assert_true(utf8_valid("\xF0\x9F\x98\x80 \xE2\x82\xAC \xC3\xA9 z", 13));
    assert_true(utf8_valid("", 0));
}

static int clean(const char *in, char out[256])
{
    return filename_clean(in, strlen(in), out);
}

/* C8. */
static void file_names_are_made_safe(void **state)
{
    char out[256], longest[600];

    assert_int_equal(clean("../../etc/passwd", out), 0);
    assert_string_equal(out, "_.._etc_passwd");
    assert_int_equal(clean("a\r\nb\x1b[31m\\c", out), 0);
    assert_string_equal(out, "a__b_[31m_c");
    assert_int_equal(clean("photo\xE2\x80\xAEgpj.exe", out), 0); /* right-to-left override */
    assert_string_equal(out, "photo_gpj.exe");
    assert_int_equal(clean(" .. hidden ", out), 0);
    assert_string_equal(out, "hidden");
    assert_int_equal(clean("...", out), -1);
    assert_int_equal(clean("", out), -1);
    assert_int_equal(clean("\xFF", out), -1);
    for (int i = 0; i < 200; i++)
        memcpy(longest + 3L * i, "\xE2\x82\xAC", 3);
    assert_int_equal(filename_clean(longest, 600, out), 0);
    assert_int_equal(strlen(out), 255);
    assert_true(utf8_valid(out, 255));
    memcpy(longest + 594, "x.jpeg", 6);
    assert_int_equal(filename_clean(longest, 600, out), 0);
    assert_true(utf8_valid(out, strlen(out)));
    assert_string_equal(out + 83 * 3, ".jpeg"); /* whole characters before it */
    memset(longest, 'n', 600);
    memcpy(longest + 300, ".seventeen0123456", 17); /* no extension */
    assert_int_equal(filename_clean(longest, 317, out), 0);
    assert_int_equal(strlen(out), 255);
    assert_null(strchr(out, '.'));
}

static void hash_and_secret(void **state)
{
    char hex[41], a[33], b[33];

    sha1_hex("abc", 3, hex);
    assert_string_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
    random_token(a, 32);
    random_token(b, 32);
    assert_int_equal(strlen(a), 32);
    assert_string_not_equal(a, b);
    assert_true(secret_equal(a, a, 32));
    assert_false(secret_equal(a, b, 32));
}

static void http_dates(void **state)
{
    char out[30];
    int64_t t;

    clock_format_http(784111777, out);
    assert_string_equal(out, "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_int_equal(clock_parse_http(out, &t), 0);
    assert_int_equal(t, 784111777);
    assert_int_equal(clock_parse_http("Sun, 06 Nov 1994 08:49:37 CET", &t), -1);
    assert_int_equal(clock_parse_http("Sun, 06 Foo 1994 08:49:37 GMT", &t), -1);
    static const char *const obsolete[] = {"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
    for (size_t i = 0; i < ARRAY_LEN(obsolete); i++) {
        assert_int_equal(clock_parse_http(obsolete[i], &t), 0);
        assert_int_equal(t, 784111777);
    }
    assert_int_equal(clock_parse_http("Wed Nov 16 08:49:37 1994", &t), 0);
    assert_int_equal(t, 784975777);
    assert_int_equal(clock_parse_http("Saturday, 01-Jan-00 00:00:00 GMT", &t), 0);
    assert_int_equal(t, 946684800);
    static const char *const odd[] = {"",
                                      "Sun, 06 Nov 1994 24:00:00 GMT",
                                      "Sun, 00 Nov 1994 08:49:37 GMT",
                                      "Sun Nov  6 08:49:37 1994 GMT",
                                      "Sun Nov   08:49:37 1994",
                                      ",",
                                      "Sun, 06-Nov-94 08:49:37 GMT",
                                      "Sunday, 06-Nov-1994 08:49:37 GMT"};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++)
        assert_int_equal(clock_parse_http(odd[i], &t), -1);
}

static void utc_dates(void **state)
{
    char out[30];
    int64_t t;

    clock_format_utc(1700000000, out);
    assert_string_equal(out, "2023-11-14T22:13:20Z");
    clock_format_utc(INT64_MAX, out);
    assert_string_equal(out, "1970-01-01T00:00:00Z");
    assert_int_equal(clock_parse_utc("2023-11-14T22:13:20Z", &t), 0);
    assert_int_equal(t, 1700000000);
    assert_int_equal(clock_parse_utc("2023-11-14T23:43:20.999+01:30", &t), 0);
    assert_int_equal(t, 1700000000);
    assert_int_equal(clock_parse_utc("2024-02-29T00:00:00-08:00", &t), 0);
    assert_int_equal(t, 1709193600);
    static const char *const no_dates[] = {"",
                                           "2023",
                                           "2023-11-14",
                                           "2023-11-14T22:13:20",
                                           "2023-11-14T22:13:20.Z",
                                           "2023-11-14T22:13:20z",
                                           "2023-11-14T22:13:20 Z",
                                           "2023-11-14T22:13:20+1:30",
                                           "2023-11-14T22:13:20+15:00",
                                           "2023-02-29T00:00:00Z",
                                           "2023-13-01T00:00:00Z",
                                           "2023-00-01T00:00:00Z",
                                           "2023-01-00T00:00:00Z",
                                           "2023-11-14T24:00:00Z",
                                           "2023-11-14T22:60:00Z",
                                           "2023-11-14T22:13:60Z",
                                           "2023-11-14T22:13:20ZZ",
                                           "-2023-11-14T22:13:20Z",
                                           "12023-11-14T22:13:20Z"};
    for (size_t i = 0; i < ARRAY_LEN(no_dates); i++)
        assert_int_equal(clock_parse_utc(no_dates[i], &t), -1);
    assert_true(clock_mono_ms() <= clock_mono_ms());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_strict),
        cmocka_unit_test(base64url_is_strict),
        cmocka_unit_test(base64_goes_round),
        cmocka_unit_test(hex_goes_round),
        cmocka_unit_test(percent_goes_round),
        cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(file_names_are_made_safe),
        cmocka_unit_test(hash_and_secret),
        cmocka_unit_test(http_dates),
        cmocka_unit_test(utc_dates),
    };

    return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
