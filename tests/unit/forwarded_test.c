/* forwarded_test.c: who is believed about whom (http/forwarded.h, C42). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/conf.h"
#include "http/forwarded.h"

static void trust(const char *list)
{
    char path[] = "/tmp/ferry-conf-XXXXXX";
    struct buf faults = {0};
    int fd = mkstemp(path);

    dprintf(fd, "[http]\ntrusted_proxies = %s\n", list);
    close(fd);
    struct conf *conf = conf_load(path, &faults);
    unlink(path);
    assert_non_null(conf);
    buf_free(&faults);
    conf_publish(conf);
    forwarded_load();
}

static struct net_addr address(const char *host)
{
    struct net_addr a;

    assert_int_equal(net_parse_host(host, 0, &a), 0);
    return a;
}

static bool trusts(const char *host)
{
    struct net_addr a = address(host);

    return forwarded_trusts(&a);
}

static void client_is(const char *peer, const char *list, const char *want)
{
    struct net_addr from = address(peer), client;
    char got[NET_TEXT];

    forwarded_client(&from, list, &client);
    net_format_host(&client, got);
    if (strcmp(got, want) != 0)
        fail_msg("%s, %s: %s and not %s", peer, list ? list : "no header", got, want);
}

static void nobody_is_trusted_unless_he_is_named(void **state)
{
    struct net_addr local = {.sa.sa_family = AF_UNIX};

    trust("");
    assert_false(trusts("127.0.0.1"));
    assert_false(forwarded_trusts(&local));
    client_is("127.0.0.1", "192.0.2.1", "127.0.0.1");
    trust("127.0.0.1, 10.0.0.0/8, 2001:db8::/33");
    assert_true(trusts("127.0.0.1"));
    assert_false(trusts("127.0.0.2"));
    assert_true(trusts("10.255.0.1"));
    assert_true(trusts("::ffff:10.1.1.1"));
    assert_false(trusts("11.0.0.0"));
    assert_true(trusts("2001:db8:7fff::1"));
    assert_false(trusts("2001:db8:8000::1"));
    assert_false(forwarded_trusts(&local));
    trust("unix");
    assert_true(forwarded_trusts(&local));
    assert_false(trusts("127.0.0.1"));
}

static void the_list_is_read_from_its_end(void **state)
{
    trust("127.0.0.1, 10.0.0.0/8, fd00::/8");
    client_is("127.0.0.1", NULL, "127.0.0.1");
    client_is("127.0.0.1", "192.0.2.1", "192.0.2.1");
    client_is("127.0.0.1", "198.51.100.9, 192.0.2.1", "192.0.2.1"); /* the first is only claimed */
    client_is("127.0.0.1", "192.0.2.1, 10.1.2.3 ,\t127.0.0.1", "192.0.2.1");
    client_is("127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1"); /* proxies all the way: the one that asked */
    client_is("127.0.0.1", "2001:db8::1,fd00::1", "2001:db8::1");
    client_is("192.0.2.7", "192.0.2.1", "192.0.2.7"); /* a stranger's header */
}

static void entries_have_ports_and_brackets(void **state)
{
    trust("127.0.0.1");
    client_is("127.0.0.1", "192.0.2.1:55001", "192.0.2.1");
    client_is("127.0.0.1", "[2001:db8::1]:55001", "2001:db8::1");
    client_is("127.0.0.1", "[2001:db8::1]", "2001:db8::1");
    client_is("127.0.0.1", "::ffff:192.0.2.1", "192.0.2.1");
}

static void what_is_no_address_ends_the_reading(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        ",",
        "192.0.2.1,",
        "unknown",
        "_hidden",
        "192.0.2.1;",
        "1.2.3",
        "192.0.2.1 192.0.2.2",
        "[192.0.2.1",
        "\"192.0.2.1\"",
        "192.0.2.1:port",
        "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000001"};

    trust("127.0.0.1, 10.0.0.0/8");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        client_is("127.0.0.1", bad[i], "127.0.0.1");
    client_is("127.0.0.1", "192.0.2.1, unknown, 10.0.0.1", "10.0.0.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_trusted_unless_he_is_named),
        cmocka_unit_test(the_list_is_read_from_its_end),
        cmocka_unit_test(entries_have_ports_and_brackets),
        cmocka_unit_test(what_is_no_address_ends_the_reading),
    };

    return cmocka_run_group_tests_name("forwarded", tests, NULL, NULL);
}
