/* streamhost_test.c: which stream hosts may be dialled (rows 53 to 55). */
#include "xmpp/streamhost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct streamhost_rule rule_for(const char *session, bool loopback)
{
    struct streamhost_rule r = {.loopback = loopback, .dial = true, .ports = "1024-65535"};
    assert_int_equal(net_parse_host(session, 40000, &r.session), 0);
    return r;
}

static enum streamhost_verdict judge(const struct streamhost_rule *r, const char *host, const char *port)
{
    struct net_addr out;
    return streamhost_judge(r, host, port, &out);
}

static void test_ports(void **state)
{
    assert_true(streamhost_port_listed("1024-65535", 1024));
    assert_true(streamhost_port_listed("1024-65535", 65535));
    assert_false(streamhost_port_listed("1024-65535", 1023));
    assert_true(streamhost_port_listed("80, 1000 ,2000-2010", 1000));
    assert_true(streamhost_port_listed("80, 1000 ,2000-2010", 2010));
    assert_false(streamhost_port_listed("80, 1000 ,2000-2010", 2011));
    assert_false(streamhost_port_listed("", 80));
    assert_false(streamhost_port_listed("x-9, 90000", 8));
    assert_int_equal(streamhost_port(NULL), 1080);
    assert_int_equal(streamhost_port("0"), 0);
    assert_int_equal(streamhost_port("65536"), 0);
    assert_int_equal(streamhost_port("+80"), 0);
    assert_int_equal(streamhost_port(""), 0);
}

static void test_only_the_sessions_address(void **state)
{
    struct streamhost_rule r = rule_for("192.0.2.7", false);
    static const char *const never[] = {
        "192.0.2.8",
        "127.0.0.1",
        "localhost",
        "169.254.169.254",
        "10.0.0.1",
        "0.0.0.0",
        "0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:192.0.2.8",
        "fe80::1",
        "fd00::1",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "127.1",
        "192.0.2",
        "192.0.2.07",
        "3221225991",
        "192.0.2.7 ",
        " 192.0.2.7",
        "192.0.2.7:80",
        "host..example",
        ".example",
        "ex ample",
        "",
        "[192.0.2.7]x",
        "ho\xc3\xa9st",
        "example.0x7f",
        "user@host",
        "a/b",
    };
    assert_int_equal(judge(&r, "192.0.2.7", "5000"), STREAMHOST_ADDRESS);
    assert_int_equal(judge(&r, "::ffff:192.0.2.7", "5000"), STREAMHOST_ADDRESS);
    assert_int_equal(judge(&r, "192.0.2.7", NULL), STREAMHOST_ADDRESS);
    assert_int_equal(judge(&r, "192.0.2.7", "80"), STREAMHOST_NO);
    assert_int_equal(judge(&r, "192.0.2.7", "0"), STREAMHOST_NO);
    assert_int_equal(judge(&r, "files.example.org", "5000"), STREAMHOST_NAME);
    assert_int_equal(judge(&r, "files.example.org.", "5000"), STREAMHOST_NAME);
    assert_int_equal(judge(&r, "files.example.org", "22"), STREAMHOST_NO);
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (judge(&r, never[i], "5000") != STREAMHOST_NO)
            fail_msg("may be dialled: %s", never[i]);
    r.dial = false;
    assert_int_equal(judge(&r, "192.0.2.7", "5000"), STREAMHOST_NO);
}

static void test_loopback(void **state)
{
    struct streamhost_rule r = rule_for("127.0.0.1", true);
    struct net_addr out;
    char text[NET_TEXT];
    assert_int_equal(streamhost_judge(&r, "localhost", "1000", &out), STREAMHOST_NO);
    r.ports = "1000";
    assert_int_equal(streamhost_judge(&r, "LocalHost", "1000", &out), STREAMHOST_ADDRESS);
    net_format(&out, text);
    assert_string_equal(text, "127.0.0.1:1000");
    assert_int_equal(judge(&r, "127.0.0.2", "1000"), STREAMHOST_NO);
    assert_int_equal(judge(&r, "::1", "1000"), STREAMHOST_NO);
    r.loopback = false;
    assert_int_equal(judge(&r, "localhost", "1000"), STREAMHOST_NO);
    r = rule_for("::1", true);
    assert_int_equal(streamhost_judge(&r, "localhost", "5000", &out), STREAMHOST_ADDRESS);
    net_format(&out, text);
    assert_string_equal(text, "[::1]:5000");
}

static void test_never_our_own_listeners(void **state)
{
    struct streamhost_rule r = rule_for("127.0.0.1", true);
    struct net_addr own;
    char port[8];
    assert_int_equal(net_parse("127.0.0.1:0", &own), 0);
    int fd = net_listen(&own, 1);
    assert_true(fd >= 0);
    r.ports = "1-65535";
    snprintf(port, sizeof port, "%u", net_port(&own));
    assert_int_equal(judge(&r, "127.0.0.1", port), STREAMHOST_NO);
    assert_int_equal(judge(&r, "name.example", port), STREAMHOST_NO);
    assert_false(streamhost_allows(&r, &own));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_only_the_sessions_address),
        cmocka_unit_test(test_loopback),
        cmocka_unit_test(test_never_our_own_listeners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
