/* relay_tap_test.c: a relay in which somebody listens in: what he hears, what is passed on, who is said to
 * have left.
 */
#include "xmpp/relay.h"

#include "base/buf.h"
#include "base/conf.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
    struct loop *loop;
    int speaker[2], listener[2]; /* [0]: the relay's end, [1]: ours */
    struct relay *relay;
    char room[65536];
    struct buf heard;
    size_t size; /* of what there is to hear */
    bool full;   /* the next piece is one too many */
    bool off;
    int left; /* the speaker's descriptor; -1: nobody has left */
    const char *why;
};

static void done(void *owner, const struct relay_over *over)
{
    struct world *w = owner;
    w->relay = NULL;
    w->why = over->why;
    loop_stop(w->loop);
}

static char *on_room(void *owner, size_t n)
{
    struct world *w = owner;
    assert_true(n <= sizeof w->room);
    return w->room;
}

static bool on_took(void *owner, size_t n)
{
    struct world *w = owner;
    buf_add(&w->heard, w->room, n);
    if (w->full)
        loop_stop(w->loop);
    return !w->full;
}

static bool is_whole(void *owner, bool ended)
{
    const struct world *w = owner;
    return w->heard.len == w->size;
}

static void on_left(void *owner, int fd)
{
    struct world *w = owner;
    w->left = fd;
}

static void on_off(void *owner)
{
    struct world *w = owner;
    w->off = true;
}
static const struct relay_tap tap = {on_room, on_took, is_whole, on_left, on_off};

static struct world *open_world(size_t size, const char *early)
{
    struct world *w = calloc(1, sizeof *w);
    w->loop = loop_new();
    w->size = size;
    w->left = -1;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, w->speaker), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, w->listener), 0);
    struct relay_end a = {w->speaker[0], early, strlen(early)}, b = {w->listener[0], NULL, 0};
    w->relay = relay_start(w->loop, &b, &a, done, w);
    assert_non_null(w->relay);
    relay_tap(w->relay, &tap, w);
    return w;
}

static void close_world(struct world *w)
{
    relay_stop(&w->relay);
    close(w->speaker[1]);
    close(w->listener[1]);
    if (w->left >= 0)
        close(w->left);
    buf_free(&w->heard);
    loop_free(w->loop);
    free(w);
}

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

/* A few turns: what can happen has happened. */
static void settle(struct world *w, int64_t ms)
{
    struct loop_timer t;
    loop_timer_init(&t, w->loop, stop_loop, w->loop);
    loop_timer_set(&t, ms);
    loop_run(w->loop);
    loop_timer_clear(&t);
}

static void assert_got(int fd, const char *text)
{
    char got[64];
    ssize_t n = read(fd, got, sizeof got);
    assert_int_equal(n, strlen(text));
    assert_memory_equal(got, text, strlen(text));
}

static void test_heard_and_passed_on(void **state)
{
    struct world *w = open_world(11, "early ");
    assert_int_equal(write(w->speaker[1], "there", 5), 5);
    settle(w, 20);
    assert_int_equal(w->heard.len, 0); /* it stands still */
    relay_go(w->relay);
    settle(w, 20);
    assert_memory_equal(w->heard.data, "early there", 11);
    assert_got(w->listener[1], "early there");
    assert_false(w->off);
    shutdown(w->listener[1], SHUT_WR); /* he has all of it */
    settle(w, 20);
    assert_true(w->off);
    char c;
    assert_int_equal(read(w->speaker[1], &c, 1), 0);
    shutdown(w->speaker[1], SHUT_WR);
    loop_run(w->loop);
    assert_string_equal(w->why, "ended");
    assert_int_equal(w->left, -1);
    close_world(w);
}

static void test_no_room(void **state)
{
    struct world *w = open_world(100, "");
    w->full = true;
    relay_go(w->relay);
    assert_int_equal(write(w->speaker[1], "one", 3), 3);
    loop_run(w->loop);
    assert_int_equal(write(w->speaker[1], "two", 3), 3);
    settle(w, 20);
    assert_int_equal(w->heard.len, 3);
    assert_got(w->listener[1], "one");
    w->full = false;
    relay_go(w->relay);
    settle(w, 20);
    assert_got(w->listener[1], "two");
    relay_untap(w->relay); /* from here on it is spliced */
    assert_int_equal(write(w->speaker[1], "three", 5), 5);
    settle(w, 20);
    assert_int_equal(w->heard.len, 6);
    assert_got(w->listener[1], "three");
    assert_false(w->off);
    close_world(w);
}

static void test_listener_leaves(void **state)
{
    struct world *w = open_world(100, "");
    relay_go(w->relay);
    assert_int_equal(write(w->speaker[1], "heard", 5), 5);
    settle(w, 20);
    close(w->listener[1]);
    assert_int_equal(write(w->speaker[1], ", too", 5), 5);
    loop_run(w->loop);
    assert_string_equal(w->why, "failed");
    assert_true(w->left >= 0);
    assert_false(w->off);
    assert_memory_equal(w->heard.data, "heard, too", w->heard.len);
    assert_int_equal(write(w->speaker[1], "more", 4), 4);
    char got[64];
    ssize_t n = read(w->left, got, sizeof got);
    assert_int_equal((size_t)n + w->heard.len, 14); /* nothing between the two */
    w->listener[1] = -1;
    close_world(w);
}

/* He ends while something is on its way to him: the speaker hears of it when he has everything. */
static void test_listener_ends_early(void **state)
{
    struct world *w = open_world(5, "");
    char c;
    relay_go(w->relay);
    assert_int_equal(write(w->speaker[1], "w", 1), 1);
    settle(w, 20);
    shutdown(w->listener[1], SHUT_WR);
    assert_int_equal(write(w->speaker[1], "hole", 4), 4);
    settle(w, 20);
    assert_false(w->off);
    assert_int_equal(read(w->speaker[1], &c, 1), -1);
    assert_got(w->listener[1], "whole");
    settle(w, 400);
    assert_true(w->off);
    assert_int_equal(read(w->speaker[1], &c, 1), 0);
    close_world(w);
}

static void test_speaker_breaks_off(void **state)
{
    struct world *w = open_world(100, "");
    relay_go(w->relay);
    assert_int_equal(write(w->speaker[1], "half", 4), 4);
    shutdown(w->speaker[1], SHUT_WR);
    settle(w, 20);
    assert_true(w->off);
    assert_got(w->listener[1], "half");
    char c;
    assert_int_equal(read(w->listener[1], &c, 1), 0);
    close_world(w);
}

/* The copy finds no room before a byte came: the relay has its clock all the same (row 65). */
static void test_clock_without_tap(void **state)
{
    struct buf faults = {0};
    setenv("FERRYD_LIMITS_STALL", "1s", 1);
    struct conf *conf = conf_load("/dev/null", &faults);
    assert_non_null(conf);
    conf_publish(conf);
    buf_free(&faults);
    struct world *w = open_world(100, "");
    settle(w, 20);
    relay_untap(w->relay);
    loop_run(w->loop);
    assert_string_equal(w->why, "stalled");
    assert_false(w->off);
    close_world(w);
}

static void test_both_speak(void **state)
{
    struct world *w = open_world(100, "");
    relay_go(w->relay);
    assert_int_equal(write(w->speaker[1], "a", 1), 1);
    settle(w, 20);
    assert_int_equal(write(w->listener[1], "b", 1), 1);
    settle(w, 20);
    assert_true(w->off);
    assert_got(w->listener[1], "a");
    assert_got(w->speaker[1], "b");
    close_world(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heard_and_passed_on), cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_listener_leaves),     cmocka_unit_test(test_listener_ends_early),
        cmocka_unit_test(test_speaker_breaks_off),  cmocka_unit_test(test_both_speak),
        cmocka_unit_test(test_clock_without_tap),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
