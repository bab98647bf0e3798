/* sock_test.c: the promises of base/sock.h and base/loop.h, against a peer on the same loop. */
#include "tests/unit/net_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"

static void echo_comes_back_whole(void **state)
{
    struct net *n = *state;
    size_t size = 3 << 20;
    char *data = xmalloc(size);

    random_bytes(data, size);
    connect_both(n);
    n->server.echo = true;
    n->client.stop_at = size;
    for (size_t at = 0; at < size; at += 1 << 16)
        sock_write(n->client.s, data + at, 1 << 16);
    loop_run(n->loop);
    assert_int_equal(n->client.in.len, size);
    assert_memory_equal(n->client.in.data, data, size);
    assert_int_equal(sock_waiting(n->client.s), 0);
    assert_int_equal(n->client.events[0], 'C');
    free(data);
}

static void writes_of_a_turn_leave_in_one_segment(void **state)
{
    struct net *n = *state;

    connect_both(n);
    n->server.stop_on = 'D';
    for (int i = 0; i < 100; i++)
        sock_write(n->client.s, "0123456789", 10);
    assert_int_equal(sock_waiting(n->client.s), 1000);
    loop_run(n->loop);
    assert_int_equal(n->server.in.len, 1000); /* the first SOCK_DATA brought all */
}

static void freed_inside_its_callback(void **state)
{
    struct net *n = *state;

    connect_both(n);
    n->server.free_on_data = true;
    sock_write(n->client.s, "x", 1);
    loop_run(n->loop);
    assert_null(n->server.s);
}

static void end_of_peer_is_told_and_what_waits_still_leaves(void **state)
{
    struct net *n = *state;

    connect_both(n);
    n->server.close_on_eof = true;
    n->server.echo = true;
    n->client.stop_on = 'E';
    sock_write(n->client.s, "bye", 3);
    sock_close_soon(n->client.s, 10000); /* our end is said after the bytes */
    n->client.s = NULL;
    n->server.stop_on = 'E';
    loop_run(n->loop);
    assert_string_equal(n->server.events, "DE");
    assert_string_equal(n->server.in.data, "bye");
}

static void close_soon_waits_for_the_peers_end(void **state)
{
    struct net *n = *state;

    connect_both(n);
    sock_write(n->client.s, "never read in time", 18); /* unread input must not turn the FIN into a reset */
    sock_pause(n->server.s);
    sock_write(n->server.s, "last words", 10);
    sock_close_soon(TAKE(n->server.s), 10000);
    n->client.stop_on = 'E';
    loop_run(n->loop);
    assert_string_equal(n->client.in.data, "last words");
    assert_string_equal(n->client.events, "CDE");
}

static void refused_dial_is_an_error(void **state)
{
    struct net *n = *state;
    struct net_addr closed;
    int fd;

    assert_int_equal(net_parse("127.0.0.1:0", &closed), 0);
    fd = net_listen(&closed, 1);
    (void)close(fd);
    n->client.s = sock_dial(n->loop, &closed, heard, &n->client);
    if (n->client.s == NULL) {
        assert_int_equal(errno, ECONNREFUSED);
        return;
    }
    n->client.stop_on = 'X';
    loop_run(n->loop);
    assert_string_equal(n->client.events, "X");
    assert_string_equal(sock_why(n->client.s), "Connection refused");
}

static void deadline_passes_once(void **state)
{
    struct net *n = *state;
    int64_t before = clock_mono_ms();

    connect_both(n);
    n->server.stop_on = 't';
    sock_deadline(n->server.s, 50);
    loop_run(n->loop);
    assert_true(clock_mono_ms() - before >= 49);
    assert_string_equal(n->server.events, "t");
}

/* Row 18: a reader that stops is told of after `stall`; one that goes on lets its writers go on. */
static void stopped_reader_is_overfull_then_drains(void **state)
{
    struct net *n = *state;
    static char block[65536];

    connect_both(n);
    sock_pause(n->client.s);
    sock_cap(n->server.s, 256 << 10, 100);
    for (int i = 0; i < 256; i++)
        sock_write(n->server.s, block, sizeof block);
    n->server.stop_on = 'O';
    loop_run(n->loop);
    assert_true(sock_waiting(n->server.s) > 128 << 10);
    sock_resume(n->client.s);
    n->server.stop_on = 'd';
    loop_run(n->loop);
    assert_true(sock_waiting(n->server.s) <= 128 << 10);
    assert_string_equal(n->server.events, "Od");
}

static void paused_reader_hears_nothing(void **state)
{
    struct net *n = *state;

    connect_both(n);
    sock_pause(n->server.s);
    sock_write(n->client.s, "x", 1);
    sock_deadline(n->server.s, 100);
    n->server.stop_on = 't';
    loop_run(n->loop);
    assert_string_equal(n->server.events, "t");
    n->server.stop_on = 'D';
    sock_resume(n->server.s);
    loop_run(n->loop);
    assert_string_equal(n->server.in.data, "x");
}

static void taken_descriptor_goes_on(void **state)
{
    struct net *n = *state;
    char c = 0;
    int fd;

    connect_both(n);
    fd = sock_take_fd(TAKE(n->server.s));
    n->client.stop_on = 'D';
    assert_int_equal(write(fd, "y", 1), 1);
    loop_run(n->loop);
    assert_string_equal(n->client.in.data, "y");
    assert_int_equal(read(fd, &c, 1), -1);
    assert_int_equal(errno, EAGAIN);
    (void)close(fd);
}

/* --- the loop ------------------------------------------------------------------------------------ */

struct order {
    struct loop *loop;
    struct loop_later a, b, c;
    char seen[16];
};

static void note(struct order *o, char c)
{
    o->seen[strlen(o->seen)] = c;
}

static void run_a(void *arg)
{
    struct order *o = arg;

    note(o, 'a');
    loop_later_cancel(o->loop, &o->b);
    if (strlen(o->seen) < 3)
        loop_later(o->loop, &o->a); /* again, later */
    else
        loop_stop(o->loop);
}

static void run_b(void *arg)
{
    note(arg, 'b');
}

static void run_c(void *arg)
{
    note(arg, 'c');
}

static void deferred_calls_run_once_in_order(void **state)
{
    struct order o = {.loop = loop_new()};

    o.a.fn = run_a, o.b.fn = run_b, o.c.fn = run_c;
    o.a.arg = o.b.arg = o.c.arg = &o;
    loop_later(o.loop, &o.a);
    loop_later(o.loop, &o.b);
    loop_later(o.loop, &o.c);
    loop_later(o.loop, &o.c);
    loop_run(o.loop);
    assert_string_equal(o.seen, "aca");
    loop_free(o.loop);
}

/* Row 117: with no descriptor left a connection is shed, and accepting goes on afterwards. */
static void accept_rests_without_descriptors(void **state)
{
    struct net *n = *state;
    struct rlimit old, low;
    int hoard[256], count = 0;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    low = old;
    low.rlim_cur = 128;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    dial(n); /* in the backlog */
    while (count < 256 && (hoard[count] = dup(0)) >= 0)
        count++;
    assert_true(count < 256);
    n->client.stop_on = 'E';
    loop_run(n->loop); /* shed: the client hears an end */
    assert_null(n->server.s);
    while (count > 0)
        (void)close(hoard[--count]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    sock_free(n->client.s);
    n->client.stop_on = 0;
    connect_both(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(echo_comes_back_whole, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(writes_of_a_turn_leave_in_one_segment, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(freed_inside_its_callback, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(end_of_peer_is_told_and_what_waits_still_leaves, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(close_soon_waits_for_the_peers_end, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(refused_dial_is_an_error, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(deadline_passes_once, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(stopped_reader_is_overfull_then_drains, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(paused_reader_hears_nothing, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(taken_descriptor_goes_on, net_setup, net_teardown),
        cmocka_unit_test(deferred_calls_run_once_in_order),
        cmocka_unit_test_setup_teardown(accept_rests_without_descriptors, net_setup, net_teardown),
    };

    return cmocka_run_group_tests_name("sock", tests, NULL, NULL);
}
