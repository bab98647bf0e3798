/* head_test.c: what the door refuses in a first head (rows 77 to 79, 81, 82, 99). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/head.h"

static struct head h;

static enum head_verdict check(const char *text)
{
    return head_check(text, strlen(text), &h);
}

#define LINE "GET /f/x HTTP/1.1\r\n"
#define HOST "Host: localhost:8080\r\n"

static void expect_refusal(const char *text, enum refuse why)
{
    if (check(text) != HEAD_REFUSE || h.why != why)
        fail_msg("not refused as %s: %s", refuse_get(why)->name, text);
}

static void plain_heads_pass(void **state)
{
    assert_int_equal(check(LINE HOST "\r\n"), HEAD_OK);
    assert_int_equal(h.len, strlen(LINE HOST "\r\n"));
    assert_false(h.upload);
    assert_int_equal(check(LINE HOST "\r\nbody bytes\n\r\0"), HEAD_OK);
    assert_int_equal(check("\r\n" LINE HOST "\r\n"), HEAD_OK);
    assert_int_equal(check("PUT /u/t/n HTTP/1.1\r\n" HOST "Content-Length: 70000\r\n\r\n"), HEAD_OK);
    assert_true(h.upload);
    assert_int_equal(h.body, 70000);
    assert_int_equal(check("POST / HTTP/1.1\r\n" HOST "transfer-encoding:  chunked\r\n\r\n"), HEAD_OK);
    assert_int_equal(h.body, -1);
    assert_int_equal(check("GET / HTTP/1.0\r\n" HOST "X-Utf8: \xc3\xa9\t.\r\n\r\n"), HEAD_OK);
    assert_int_equal(check("OPTIONS * HTTP/1.1\r\nhOST: [::1]:80\r\n\r\n"), HEAD_OK);
}

static void every_prefix_waits(void **state)
{
    static const char text[] = LINE HOST "Accept: text/html, */*;q=0.1\r\nContent-Length: 5\r\n\r\n";

    for (size_t n = 0; n < sizeof text - 1; n++)
        assert_int_equal(head_check(text, n, &h), HEAD_MORE);
    assert_int_equal(head_check(text, sizeof text - 1, &h), HEAD_OK);
}

static void row_077_lengths(void **state)
{
    expect_refusal(LINE HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "Content-Length: 5,5\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "Content-Length: 5 \r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "Transfer-Encoding: chunked\t\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "Content-Length: +5\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "Content-Length: 0x5\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "Content-Length: -5\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "Content-Length: \r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "Content-Length: 18446744073709551616\r\n\r\n", REFUSE_FILE_TOO_LARGE);
    expect_refusal(LINE HOST "Content-Length: 9223372036854775808\r\n\r\n", REFUSE_FILE_TOO_LARGE);
    assert_int_equal(check(LINE HOST "Content-Length: 9223372036854775807\r\n\r\n"), HEAD_OK);
    assert_int_equal(check("\r\n" LINE HOST "content-length:7\r\nA: b\r\n\r\n"), HEAD_OK);
    assert_int_equal(h.length_at, strlen("\r\n" LINE HOST));
}

static void row_078_codings(void **state)
{
    expect_refusal(LINE HOST "Transfer-Encoding: chunked, identity\r\n\r\n", REFUSE_CODING);
    expect_refusal(LINE HOST "Transfer-Encoding: xchunked\r\n\r\n", REFUSE_CODING);
    expect_refusal(LINE HOST "Transfer-Encoding:\r\n chunked\r\n\r\n", REFUSE_CODING);
    expect_refusal(LINE HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                   REFUSE_BAD_REQUEST);
    expect_refusal("GET / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", REFUSE_BAD_REQUEST);
}

static void row_079_bytes(void **state)
{
    static const char nul[] = LINE HOST "A: b\0c\r\n\r\n", nul_name[] = LINE HOST "A\0: b\r\n\r\n";

    expect_refusal(LINE "Host : localhost\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST ": empty\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "no colon\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "A: b\rc\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "A: b\nB: c\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal("GET / HTTP/1.1\n" HOST "\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "A: b\r\n folded\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST "A: \x01\r\n\r\n", REFUSE_BAD_REQUEST);
    assert_int_equal(head_check(nul, sizeof nul - 1, &h), HEAD_REFUSE);
    assert_int_equal(head_check(nul_name, sizeof nul_name - 1, &h), HEAD_REFUSE);
}

static void row_081_hosts(void **state)
{
    expect_refusal(LINE "\r\n", REFUSE_BAD_REQUEST);
    expect_refusal("GET / HTTP/1.0\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE HOST HOST "\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE "Host: \r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE "Host: a b\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal(LINE "Host: user@host\r\n\r\n", REFUSE_BAD_REQUEST);
}

static void row_082_sizes(void **state)
{
    static char big[3 * HEAD_MAX];
    char *p = big + sprintf(big, "GET /");

    memset(p, 'a', HEAD_URI_MAX);
    strcpy(p + HEAD_URI_MAX - 1, " HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(check(big), HEAD_OK);
    memset(p, 'a', HEAD_URI_MAX);
    strcpy(p + HEAD_URI_MAX, " HTTP/1.1\r\n" HOST "\r\n");
    expect_refusal(big, REFUSE_URI_TOO_LONG);
    memset(p, 'a', 2 * HEAD_URI_MAX);
    p[2 * HEAD_URI_MAX] = 0; /* no line end yet: refused without waiting for one */
    expect_refusal(big, REFUSE_URI_TOO_LONG);

    p = big + sprintf(big, LINE HOST "A: ");
    memset(p, 'a', HEAD_MAX);
    p[HEAD_MAX] = 0;
    expect_refusal(big, REFUSE_HEAD_TOO_LARGE);

    p = big + sprintf(big, LINE HOST);
    for (int i = 0; i < HEAD_FIELDS_MAX; i++)
        p += sprintf(p, "A: b\r\n");
    expect_refusal(big, REFUSE_HEAD_TOO_LARGE);
}

static void row_099_no_http(void **state)
{
    expect_refusal("\x16\x03\x01\x02\x00\x01", REFUSE_BAD_REQUEST);
    assert_true(h.not_http);
    expect_refusal("\x05\x01", REFUSE_BAD_REQUEST);
    assert_true(h.not_http);
    expect_refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", REFUSE_BAD_REQUEST);
    expect_refusal("GET /\r\n", REFUSE_BAD_REQUEST);
    expect_refusal("GET  / HTTP/1.1\r\n" HOST "\r\n", REFUSE_BAD_REQUEST);
    expect_refusal("GET / HTTP/1.1 \r\n" HOST "\r\n", REFUSE_BAD_REQUEST);
    expect_refusal("GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n", REFUSE_BAD_REQUEST);
    expect_refusal("G(T / HTTP/1.1\r\n" HOST "\r\n", REFUSE_BAD_REQUEST);
    expect_refusal("GETGETGETGETGETGETGETGETGETGETGETGETGET", REFUSE_BAD_REQUEST);
    expect_refusal("\n\n\n", REFUSE_BAD_REQUEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_heads_pass), cmocka_unit_test(every_prefix_waits),
        cmocka_unit_test(row_077_lengths),  cmocka_unit_test(row_078_codings),
        cmocka_unit_test(row_079_bytes),    cmocka_unit_test(row_081_hosts),
        cmocka_unit_test(row_082_sizes),    cmocka_unit_test(row_099_no_http),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
