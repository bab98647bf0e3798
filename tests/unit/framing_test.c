/* framing_test.c: requests in a stream of bytes: where each ends, what is refused, and that it does not
 * matter in which pieces the bytes come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/framing.h"

#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST "\r\n"
#define CHUNKED "PUT /u HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
#define LENGTH(n) "PUT /u HTTP/1.1\r\n" HOST "Content-Length: " n "\r\n\r\n"

static struct framing f;

/* Feeds text in pieces of `piece` bytes, as a connection would; returns how many bytes were let through. */
static size_t feed(const char *text, size_t n, size_t piece, enum framing_verdict *verdict)
{
    size_t at = 0, shown = 0;

    memset(&f, 0, sizeof f);
    *verdict = FRAMING_MORE;
    while (shown < n) {
        shown = shown + piece < n ? shown + piece : n;
        while (at < shown) {
            at += framing_step(&f, text + at, shown - at, verdict);
            if (*verdict == FRAMING_REFUSE || *verdict == FRAMING_ENDED)
                return at;
            if (*verdict == FRAMING_MORE)
                break;
        }
    }
    return at;
}

/* All of it passes, whatever the pieces, and comes to so many whole messages. */
static void expect_whole(const char *text, long messages)
{
    enum framing_verdict v;
    size_t n = strlen(text);

    for (size_t piece = 1; piece <= n; piece++) {
        if (feed(text, n, piece, &v) != n || f.whole != messages || f.begun != messages ||
            framing_in_body(&f))
            fail_msg("not %ld whole messages in pieces of %zu: %s", messages, piece, text);
    }
}

/* After exactly `good` bytes it is refused, whatever the pieces. */
static void expect_refusal(const char *text, size_t good, enum refuse why)
{
    enum framing_verdict v;
    size_t n = strlen(text);

    for (size_t piece = 1; piece <= n; piece++) {
        size_t at = feed(text, n, piece, &v);
        if (v != FRAMING_REFUSE || at != good || f.head.why != why || f.head.detail == NULL)
            fail_msg("refused %d after %zu bytes in pieces of %zu: %s", v, at, piece, text);
    }
    assert_int_equal(framing_step(&f, text, n, &v), 0);
    assert_int_equal(v, FRAMING_REFUSE);
}

static void messages_follow_each_other(void **state)
{
    expect_whole(GET, 1);
    expect_whole(GET GET "\r\n" GET, 3);
    expect_whole(LENGTH("5") "hello" GET, 2);
    expect_whole(LENGTH("0") GET, 2);
    expect_whole(LENGTH("16") "GET / HTTP/1.1\n\n" GET, 2);
}

static void chunks_are_followed(void **state)
{
    expect_whole(CHUNKED "0\r\n\r\n" GET, 2);
    expect_whole(CHUNKED "5\r\nhello\r\n0\r\n\r\n" GET, 2);
    expect_whole(CHUNKED "00A\r\nGET / HTTP\r\n1;a=\"b\"\t;\xc3\xa9\r\n\n\r\n000\r\n\r\n" GET, 2);
    expect_whole(CHUNKED "0\r\nX: y\r\nZ:\r\n\r\n" GET, 2);
}

#define REFUSED(good, rest) expect_refusal(good rest, strlen(good), REFUSE_BAD_REQUEST)

static void heads_are_judged(void **state)
{
    REFUSED(GET, "GET / HTTP/1.1\n" HOST "\n");
    REFUSED(GET, "GET / HTTP/1.1\r\n\r\n");
    REFUSED(LENGTH("5") "hello", "hello\r\n" GET);
    REFUSED(CHUNKED "0\r\n\r\n", "GET / HTTP/1.1\r\n" HOST " folded\r\n\r\n");
    REFUSED(GET, "PUT / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
    expect_refusal(GET "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", strlen(GET),
                   REFUSE_CODING);
}

static void bad_chunks_are_refused(void **state)
{
    REFUSED(CHUNKED, "\r\n0\r\n\r\n");
    REFUSED(CHUNKED, "x\r\n");
    REFUSED(CHUNKED "0", "x5\r\n");
    REFUSED(CHUNKED, "-1\r\n");
    REFUSED(CHUNKED "5", " \r\nhello");
    REFUSED(CHUNKED "5", "\nhello");
    REFUSED(CHUNKED "5\r", "hello");
    REFUSED(CHUNKED "5;a\r", "b\r\nhello");
    REFUSED(CHUNKED "5;a", "\x01\r\nhello");
    REFUSED(CHUNKED "5\r\nhello", "x\r\n");
    REFUSED(CHUNKED "5\r\nhello", "\n0\r\n\r\n");
    REFUSED(CHUNKED "0\r\n", ": x\r\n\r\n");
    REFUSED(CHUNKED "0\r\n", " x: y\r\n\r\n");
    REFUSED(CHUNKED "0\r\nX", " : y\r\n\r\n");
    REFUSED(CHUNKED "0\r\nX: y", "\n\r\n");
    REFUSED(CHUNKED "0\r\nX: y\r\n\r", "\r");
    REFUSED(CHUNKED "000000000000001", "0\r\n");
}

/* n bytes 'e' between before and after. */
static enum framing_verdict long_line(const char *before, size_t n, const char *after)
{
    size_t a = strlen(before), b = strlen(after);
    char *text = malloc(a + n + b);
    enum framing_verdict v;

    assert_non_null(text);
    memcpy(text, before, a);
    memset(text + a, 'e', n);
    memcpy(text + a + n, after, b);
    feed(text, a + n + b, a + n + b, &v);
    free(text);
    return v;
}

static void lengths_are_limited(void **state)
{
    assert_int_equal(long_line(CHUNKED "5;", FRAMING_CHUNK_LINE_MAX - 3, "\r\n"), FRAMING_PASS);
    assert_int_equal(long_line(CHUNKED "5;", FRAMING_CHUNK_LINE_MAX - 2, "\r\n"), FRAMING_REFUSE);
    assert_int_equal(long_line(CHUNKED "0\r\nX: ", FRAMING_TRAILERS_MAX - 6, "\r\n"), FRAMING_PASS);
    assert_int_equal(long_line(CHUNKED "0\r\nX: ", FRAMING_TRAILERS_MAX, "\r\n"), FRAMING_REFUSE);
    assert_int_equal(long_line("GET / HTTP/1.1\r\n" HOST "X: ", HEAD_MAX, ""), FRAMING_REFUSE);
    assert_int_equal(f.head.why, REFUSE_HEAD_TOO_LARGE);
    assert_int_equal(long_line("GET /", HEAD_URI_MAX, " HTTP/1.1\r\n"), FRAMING_REFUSE);
    assert_int_equal(f.head.why, REFUSE_URI_TOO_LONG);
}

static void extensions_are_limited_in_all(void **state)
{
    static const char chunk[] = "1;eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\r\nx\r\n";
    enum framing_verdict v;
    int chunks = 0;

    feed(CHUNKED, strlen(CHUNKED), 4096, &v);
    do {
        size_t n = 0, at;
        do {
            at = framing_step(&f, chunk + n, sizeof chunk - 1 - n, &v);
            n += at;
        } while (at > 0 && n < sizeof chunk - 1);
        chunks++;
    } while (v == FRAMING_PASS && chunks < 10000);
    assert_int_equal(v, FRAMING_REFUSE);
    assert_in_range(chunks, FRAMING_EXTENSIONS_MAX / 64 - 3, FRAMING_EXTENSIONS_MAX / 60 + 3);
}

static void the_last_is_the_last(void **state)
{
    static const char *const last[] = {
        "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "connection: te ,\tCLOSE , x\r\n\r\n",
        "GET / HTTP/1.0\r\n" HOST "\r\n",
        "PUT / HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: 3\r\n\r\nabc",
        "PUT / HTTP/1.1\r\n" HOST "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    };
    enum framing_verdict v;
    char text[512];

    for (size_t i = 0; i < ARRAY_LEN(last); i++) {
        snprintf(text, sizeof text, GET "%s\001 what follows", last[i]);
        assert_int_equal(feed(text, strlen(text), strlen(text), &v), strlen(GET) + strlen(last[i]));
        assert_int_equal(v, FRAMING_ENDED);
        assert_int_equal(f.whole, 2);
    }
    expect_whole("GET / HTTP/1.0\r\n" HOST "Connection: Keep-Alive\r\n\r\n" GET, 2);
    expect_whole("GET / HTTP/1.1\r\n" HOST "Connection: closed, x-close\r\n\r\n" GET, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_follow_each_other), cmocka_unit_test(chunks_are_followed),
        cmocka_unit_test(heads_are_judged),           cmocka_unit_test(bad_chunks_are_refused),
        cmocka_unit_test(lengths_are_limited),        cmocka_unit_test(extensions_are_limited_in_all),
        cmocka_unit_test(the_last_is_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
