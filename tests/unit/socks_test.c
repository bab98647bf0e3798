/* socks_test.c: SOCKS5, both roles: every segmentation, every refusal (rows 57, 58, 59). */
#include "xmpp/socks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define KEY "0123456789abcdef0123456789abcdef01234567"
static const char hello[] = "\x05\x01\x00";
static const char request[] = "\x05\x01\x00\x03\x28" KEY "\x00\x00";
#define REQUEST (sizeof request - 1)

/* Feeds text in pieces of `step`; returns the result, adds all output, and how many bytes were left over. */
static enum socks_result serve(struct socks_server *s, const char *text, size_t n, size_t step,
                               struct buf *out, size_t *left)
{
    enum socks_result r = SOCKS_MORE;
    size_t at = 0;
    socks_server_init(s);
    while (at < n && r == SOCKS_MORE) {
        size_t take = step < n - at ? step : n - at, used;
        r = socks_server_feed(s, text + at, take, &used, out);
        assert_true(used <= take);
        assert_true(r != SOCKS_MORE || used == take);
        at += used;
        if (r == SOCKS_MORE && used == 0)
            break;
    }
    *left = n - at;
    return r;
}

static void test_server_any_segmentation(void **state)
{
    char all[3 + REQUEST + 4];
    memcpy(all, hello, 3);
    memcpy(all + 3, request, REQUEST);
    memcpy(all + 3 + REQUEST, "more", 4);
    for (size_t step = 1; step <= sizeof all; step++) {
        struct socks_server s;
        struct buf out = {0};
        size_t left;
        assert_int_equal(serve(&s, all, sizeof all, step, &out, &left), SOCKS_DONE);
        assert_string_equal(s.key, KEY);
        assert_int_equal(left, 4);
        assert_memory_equal(out.data, "\x05\x00", 2);
        socks_server_answer(&s, SOCKS_OK, &out);
        assert_int_equal(out.len, 2 + REQUEST);
        assert_memory_equal(out.data + 2, "\x05\x00\x00\x03\x28" KEY "\x00\x00", REQUEST);
        buf_free(&out);
    }
}

static void test_server_refusals(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        uint8_t reply; /* 0: closed without a reply; 0xFF: no method */
    } cases[] = {
        {"\x04\x01\x00\x50\x01\x02\x03\x04", 8, 0},
        {"GET / HTTP/1.1\r\n", 16, 0},
        {"\x05\x00", 2, 0xFF},
        {"\x05\x02\x01\x02", 4, 0xFF},
        {"\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50", 13, 8},
        {"\x05\x01\x00\x05\x02\x00\x03\x28" KEY "\x00\x00", 50, 7},
        {"\x05\x01\x00\x05\x03\x00\x03\x28" KEY "\x00\x00", 50, 7},
        {"\x05\x01\x00\x05\x01\x00\x03\x28" KEY "\x00\x50", 50, 2},
        {"\x05\x01\x00\x05\x01\x00\x03\x04host\x00\x00", 14, 2},
        {"\x05\x01\x00\x05\x01\x00\x03\x00\x00\x00", 10, 2},
        {"\x05\x01\x00\x05\x01\x00\x03\x28zz23456789abcdef0123456789abcdef01234567\x00\x00", 50, 2},
        {"\x05\x01\x00\x05\x01\x00\x09\x28", 8, 8},
        {"\x05\x01\x00\x04\x01\x00\x03\x28" KEY "\x00\x00", 50, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t step = 1; step <= cases[i].n; step++) {
            struct socks_server s;
            struct buf out = {0};
            size_t left;
            assert_int_equal(serve(&s, cases[i].text, cases[i].n, step, &out, &left), SOCKS_REFUSED);
            if (cases[i].reply == 0xFF)
                assert_memory_equal(out.data, "\x05\xFF", 2);
            else if (cases[i].reply == 0)
                assert_true(out.len == 0 || out.len == 2);
            else {
                assert_int_equal(out.len, 12);
                assert_int_equal((uint8_t)out.data[3], cases[i].reply);
            }
            buf_free(&out);
        }
    }
}

static void test_server_folds_case_and_echoes(void **state)
{
    struct socks_server s;
    struct buf out = {0};
    size_t left;
    char upper[] = "\x05\x01\x00\x05\x01\x00\x03\x28"
                   "0123456789ABCDEF0123456789abcdef01234567\x00\x00";
    assert_int_equal(serve(&s, upper, sizeof upper - 1, 7, &out, &left), SOCKS_DONE);
    assert_string_equal(s.key, KEY);
    socks_server_answer(&s, SOCKS_CONNECTION_REFUSED, &out);
    assert_memory_equal(out.data + 2,
                        "\x05\x05\x00\x03\x28"
                        "0123456789ABCDEF",
                        21);
    buf_free(&out);
}

static enum socks_result dial(const char *text, size_t n, size_t step, struct buf *out, size_t *left)
{
    struct socks_client c;
    enum socks_result r = SOCKS_MORE;
    size_t at = 0;
    socks_client_init(&c, KEY, out);
    while (at < n && r == SOCKS_MORE) {
        size_t take = step < n - at ? step : n - at, used;
        r = socks_client_feed(&c, text + at, take, &used, out);
        at += used;
    }
    *left = n - at;
    return r;
}

static void test_client_any_segmentation(void **state)
{
    static const char good[] = "\x05\x00\x05\x00\x00\x03\x28" KEY "\x00\x00"
                               "bytes";
    for (size_t step = 1; step < sizeof good; step++) {
        struct buf out = {0};
        size_t left;
        assert_int_equal(dial(good, sizeof good - 1, step, &out, &left), SOCKS_DONE);
        assert_int_equal(left, 5);
        assert_int_equal(out.len, 3 + REQUEST);
        assert_memory_equal(out.data, hello, 3);
        assert_memory_equal(out.data + 3, request, REQUEST);
        buf_free(&out);
    }
}

static void test_client_lies(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        enum socks_result r;
    } cases[] = {
        {"\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12, SOCKS_DONE},
        {"\x04\x00", 2, SOCKS_REFUSED},
        {"\x05\x02", 2, SOCKS_REFUSED},
        {"\x05\xff", 2, SOCKS_REFUSED},
        {"\x05\x00\x05\x05", 4, SOCKS_REFUSED},
        {"\x05\x00\x04\x00\x00\x03\x28" KEY "\x00\x00", 49, SOCKS_REFUSED},
        {"\x05\x00\x05\x00\x00\x03\x00\x00\x00", 9, SOCKS_REFUSED},
        {"\x05\x00\x05\x00\x00\x07\x00\x00\x00", 9, SOCKS_REFUSED},
        {"\x05\x00\x05\x00\x00\x03\x28"
         "f123456789abcdef0123456789abcdef01234567\x00\x00",
         49, SOCKS_REFUSED},
        {"\x05\x00\x05\x00\x00\x03\xff" KEY, 47, SOCKS_MORE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = {0};
        size_t left;
        assert_int_equal(dial(cases[i].text, cases[i].n, 1, &out, &left), cases[i].r);
        buf_free(&out);
    }
}

static void test_key(void **state)
{
    char key[SOCKS_KEY + 1];
    socks_key("vxf9n471bn46", "requester@example.com/foo", "target@example.org/bar", key);
    assert_string_equal(key, "98b8d688d0f5d895fd41c5e7309a2e9e33ba32ff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_any_segmentation),
        cmocka_unit_test(test_server_refusals),
        cmocka_unit_test(test_server_folds_case_and_echoes),
        cmocka_unit_test(test_client_any_segmentation),
        cmocka_unit_test(test_client_lies),
        cmocka_unit_test(test_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
