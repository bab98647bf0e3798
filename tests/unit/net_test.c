/* net_test.c: the promises of base/net.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/net.h"

static void only_plain_numeric_forms_are_read(void **state)
{
    static const char *const bad[] = {"",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:-1",
                                      "localhost:80",
                                      "127.1:80",
                                      "0177.0.0.1:80",
                                      "0x7f.0.0.1:80",
                                      "2130706433:80",
                                      "::1:80",
                                      "[::1]",
                                      "[::1%lo]:80",
                                      "1.2.3.4:80 ",
                                      "127.0.0.01:80",
                                      "[1.2.3.4:80",
                                      "999.1.1.1:1"};
    struct net_addr a;
    char text[NET_TEXT];

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (net_parse(bad[i], &a) == 0)
            fail_msg("taken: %s", bad[i]);
    assert_int_equal(net_parse("[::1]:5222", &a), 0);
    net_format(&a, text);
    assert_string_equal(text, "[::1]:5222");
    assert_int_equal(net_parse("10.1.2.3:0", &a), 0);
    net_format(&a, text);
    assert_string_equal(text, "10.1.2.3:0");
    assert_int_equal(net_parse_host("[fe80::1]", 7, &a), 0);
    net_format_host(&a, text);
    assert_string_equal(text, "fe80::1");
}

static void mapped_addresses_are_folded(void **state)
{
    struct net_addr a, b;

    assert_int_equal(net_parse_host("::ffff:127.0.0.1", 1, &a), 0);
    assert_int_equal(a.sa.sa_family, AF_INET);
    assert_true(net_is_loopback(&a));
    assert_int_equal(net_parse_host("127.0.0.1", 2, &b), 0);
    assert_true(net_same_host(&a, &b));
}

static void kinds_of_addresses(void **state)
{
    static const struct {
        const char *host;
        bool loopback, private;
    } rows[] = {{"127.9.9.9", true, true},        {"10.0.0.1", false, true},    {"172.16.0.1", false, true},
                {"172.32.0.1", false, false},     {"192.168.1.1", false, true}, {"169.254.1.1", false, true},
                {"8.8.8.8", false, false},        {"0.0.0.0", false, false},    {"::1", true, true},
                {"fe80::1", false, true},         {"fd00::1", false, true},     {"2001:db8::1", false, false},
                {"::ffff:10.0.0.1", false, true}, {"::", false, false}};
    struct net_addr a;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(net_parse_host(rows[i].host, 1, &a), 0);
        if (net_is_loopback(&a) != rows[i].loopback || net_is_private(&a) != rows[i].private)
            fail_msg("%s", rows[i].host);
    }
}

static void networks(void **state)
{
    static const char *const bad[] = {"",
                                      "10.0.0.0/",
                                      "10.0.0.0/33",
                                      "10.0.0.1/8",
                                      "10.0.0.0/-1",
                                      "10/8",
                                      "10.0.0.0/8 ",
                                      "host/8",
                                      "::/129",
                                      "::1/127x",
                                      "fe80::1/64",
                                      "/8",
                                      "10.0.0.0/08x",
                                      "::ffff:10.0.0.0/95"};
    static const struct {
        const char *range, *in, *out;
    } rows[] = {{"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
                {"192.0.2.7", "192.0.2.7", "192.0.2.8"},
                {"192.0.2.128/25", "192.0.2.129", "192.0.2.1"},
                {"0.0.0.0/0", "8.8.8.8", "::1"},
                {"::/0", "2001:db8::1", "8.8.8.8"},
                {"2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"},
                {"::1", "::1", "::2"},
                {"::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.0"},
                {"10.0.0.0/8", "::ffff:10.1.1.1", "::10.1.1.1"}};
    struct net_range r;
    struct net_addr a;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (net_parse_range(bad[i], &r) == 0)
            fail_msg("taken: %s", bad[i]);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(net_parse_range(rows[i].range, &r), 0);
        assert_int_equal(net_parse_host(rows[i].in, 1, &a), 0);
        if (!net_range_has(&r, &a))
            fail_msg("%s lacks %s", rows[i].range, rows[i].in);
        assert_int_equal(net_parse_host(rows[i].out, 1, &a), 0);
        if (net_range_has(&r, &a))
            fail_msg("%s has %s", rows[i].range, rows[i].out);
    }
}

/* Whatever the host's default for paths is. */
static void loopback_is_not_paced(void **state)
{
    struct net_addr a;
    char got[16] = "";
    socklen_t n = sizeof got;
    int fd;

    assert_int_equal(net_parse("127.0.0.1:0", &a), 0);
    fd = net_listen(&a, 4);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, got, &n), 0);
    assert_string_equal(got, "reno");
    close(fd);
}

static void listening_tells_the_port(void **state)
{
    struct net_addr a, b;
    int fd, fd2;

    assert_int_equal(net_parse("127.0.0.1:0", &a), 0);
    fd = net_listen(&a, 4);
    assert_true(fd >= 0);
    assert_int_not_equal(net_port(&a), 0);
    b = a;
    fd2 = net_listen(&b, 4);
    assert_int_equal(fd2, -1);
    (void)close(fd);
}

/* Row 16. */
static void gate_counts_by_address(void **state)
{
    struct net_gate *g = net_gate_new();
    struct net_addr a, b, c, d;

    assert_int_equal(net_parse("192.0.2.1:1000", &a), 0);
    assert_int_equal(net_parse("192.0.2.2:1000", &b), 0);
    assert_int_equal(net_parse("[2001:db8::1]:1", &c), 0);
    assert_int_equal(net_parse("[2001:db8::2:1]:1", &d), 0); /* the same /64 */
    assert_true(net_gate_enter(g, &a, 2));
    assert_true(net_gate_enter(g, &a, 2));
    assert_false(net_gate_enter(g, &a, 2));
    assert_true(net_gate_enter(g, &b, 2));
    assert_true(net_gate_enter(g, &a, 0)); /* no limit */
    net_gate_leave(g, &a);
    net_gate_leave(g, &a);
    assert_true(net_gate_enter(g, &a, 2));
    assert_true(net_gate_enter(g, &c, 1));
    assert_false(net_gate_enter(g, &d, 1));
    net_gate_leave(g, &c);
    assert_true(net_gate_enter(g, &d, 1));
    net_gate_free(g);
}

static void gate_holds_who_fails_logins(void **state)
{
    struct net_gate *g = net_gate_new();
    struct net_addr a, b;

    assert_int_equal(net_parse("192.0.2.1:1000", &a), 0);
    assert_int_equal(net_parse("192.0.2.2:1000", &b), 0);
    for (int i = 0; i < 5; i++) {
        assert_false(net_gate_held(g, &a));
        net_gate_failed(g, &a);
    }
    assert_true(net_gate_held(g, &a));
    assert_false(net_gate_held(g, &b));
    net_gate_free(g);
}

static void gate_holds_many_addresses(void **state)
{
    struct net_gate *g = net_gate_new();
    struct net_addr a;

    assert_int_equal(net_parse("10.0.0.0:1", &a), 0);
    for (uint32_t i = 0; i < 20000; i++) {
        a.in4.sin_addr.s_addr = htonl(0x0A000000u + i);
        assert_true(net_gate_enter(g, &a, 1));
        assert_false(net_gate_enter(g, &a, 1));
    }
    for (uint32_t i = 0; i < 20000; i++) {
        a.in4.sin_addr.s_addr = htonl(0x0A000000u + i);
        net_gate_leave(g, &a);
        assert_true(net_gate_enter(g, &a, 1));
    }
    net_gate_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_plain_numeric_forms_are_read),
        cmocka_unit_test(mapped_addresses_are_folded),
        cmocka_unit_test(kinds_of_addresses),
        cmocka_unit_test(networks),
        cmocka_unit_test(listening_tells_the_port),
        cmocka_unit_test(loopback_is_not_paced),
        cmocka_unit_test(gate_counts_by_address),
        cmocka_unit_test(gate_holds_who_fails_logins),
        cmocka_unit_test(gate_holds_many_addresses),
    };

    return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
