/* relay_test.c: the relay between two sockets: order, early bytes, half-close, the end, a slow pair,
 * what it holds at rest. */
#include "xmpp/relay.h"

#include "base/conf.h"

#include <fcntl.h>
#include <netinet/in.h>
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
    int a[2], b[2]; /* [0]: the relay's end, [1]: ours */
    struct relay *relay;
    int64_t bytes;
    char why[16];
    bool by_speaker;
};

static void done(void *owner, const struct relay_over *over)
{
    struct world *w = owner;
    w->relay = NULL;
    w->bytes = over->bytes;
    strcpy(w->why, over->why);
    w->by_speaker = over->by_speaker;
    loop_stop(w->loop);
}

static void open_world(struct world *w, const char *early)
{
    memset(w, 0, sizeof *w);
    w->loop = loop_new();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, w->a), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, w->b), 0);
    struct relay_end a = {w->a[0], early, strlen(early)}, b = {w->b[0], NULL, 0};
    w->relay = relay_start(w->loop, &a, &b, done, w);
    assert_non_null(w->relay);
}

static void close_world(struct world *w)
{
    relay_stop(&w->relay);
    close(w->a[1]);
    close(w->b[1]);
    loop_free(w->loop);
}

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

/* What can happen at once has happened. */
static void turn(struct loop *loop)
{
    struct loop_timer t;
    loop_timer_init(&t, loop, stop_loop, loop);
    loop_timer_set(&t, 1);
    loop_run(loop);
    loop_timer_clear(&t);
}

static void test_both_ways_and_half_close(void **state)
{
    struct world w;
    char got[64];
    open_world(&w, "early ");
    assert_int_equal(write(w.a[1], "there", 5), 5);
    assert_int_equal(write(w.b[1], "back", 4), 4);
    shutdown(w.a[1], SHUT_WR);
    shutdown(w.b[1], SHUT_WR);
    loop_run(w.loop);
    assert_string_equal(w.why, "ended");
    assert_int_equal(w.bytes, 15);
    assert_int_equal(read(w.b[1], got, sizeof got), 11);
    assert_memory_equal(got, "early there", 11);
    assert_int_equal(read(w.b[1], got, sizeof got), 0);
    assert_int_equal(read(w.a[1], got, sizeof got), 4);
    assert_memory_equal(got, "back", 4);
    close_world(&w);
}

struct pump {
    struct world *w;
    struct event *out, *in;
    size_t sent, got, total;
    bool right;
};

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct pump *p = arg;
    unsigned char block[8192];
    size_t n = sizeof block < p->total - p->sent ? sizeof block : p->total - p->sent;
    for (size_t i = 0; i < n; i++)
        block[i] = (unsigned char)((p->sent + i) * 31 >> 3);
    ssize_t wrote = n > 0 ? write((int)fd, block, n) : 0;
    if (wrote > 0)
        p->sent += (size_t)wrote;
    if (p->sent == p->total) {
        event_del(p->out);
        shutdown((int)fd, SHUT_WR);
        shutdown(p->w->b[1], SHUT_WR);
    }
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct pump *p = arg;
    unsigned char block[5000];
    ssize_t n = read((int)fd, block, sizeof block);
    for (ssize_t i = 0; i < n; i++)
        p->right = p->right && block[i] == (unsigned char)((p->got + (size_t)i) * 31 >> 3);
    if (n > 0)
        p->got += (size_t)n;
    else if (n == 0)
        event_del(p->in);
}

/* Against a reader who takes small bites: back pressure, and every byte in its place. */
static void test_many_bytes(void **state)
{
    struct world w;
    open_world(&w, "");
    struct pump p = {.w = &w, .total = 3000000, .right = true};
    p.out = event_new(loop_base(w.loop), w.a[1], EV_WRITE | EV_PERSIST, on_writable, &p);
    p.in = event_new(loop_base(w.loop), w.b[1], EV_READ | EV_PERSIST, on_readable, &p);
    event_add(p.out, NULL);
    event_add(p.in, NULL);
    loop_run(w.loop);
    assert_string_equal(w.why, "ended");
    while (p.got < p.total)
        on_readable(w.b[1], 0, &p);
    assert_true(p.right);
    assert_int_equal(w.bytes, 3000000);
    event_free(p.out);
    event_free(p.in);
    close_world(&w);
}

static void test_peer_breaks(void **state)
{
    struct world w;
    open_world(&w, "");
    assert_int_equal(write(w.b[1], "x", 1), 1);
    close(w.a[1]);
    w.a[1] = dup(0);
    loop_run(w.loop);
    assert_true(w.why[0] != 0);
    close_world(&w);
}

/* Who had more to say and ends first has broken off; else it is the other one who did not want more. */
static void test_who_ends_first(void **state)
{
    for (int first = 0; first < 2; first++) {
        struct world w;
        char got[64];
        open_world(&w, "");
        assert_int_equal(write(w.a[1], "half a file", 11), 11);
        assert_int_equal(write(w.b[1], "yes", 3), 3);
        shutdown(first ? w.b[1] : w.a[1], SHUT_WR);
        while (read(w.a[1], got, sizeof got) != (first ? 0 : 3) ||
               (!first && read(w.b[1], got, sizeof got) < 0))
            turn(w.loop);
        shutdown(first ? w.a[1] : w.b[1], SHUT_WR);
        loop_run(w.loop);
        assert_string_equal(w.why, "ended");
        assert_int_equal(w.by_speaker, !first);
        close_world(&w);
    }
}

static void test_slow_pair_is_ended(void **state)
{
    struct world w;
    open_world(&w, "");
    loop_run(w.loop);
    assert_string_equal(w.why, "stalled");
    close_world(&w);
}

static size_t descriptors(void)
{
    size_t n = 0;
    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* Pipes are lent: each of twenty relays that have passed a byte holds its two sockets, and a few pipes wait.
 */
static void test_relays_at_rest_hold_no_pipes(void **state)
{
    enum { RELAYS = 20, SPARE = 4 };
    struct world w;
    struct relay *more[RELAYS];
    int ends[RELAYS][2];
    char c;
    open_world(&w, "");
    size_t before = descriptors();
    for (int i = 0; i < RELAYS; i++) {
        int a[2], b[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, a), 0);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b), 0);
        struct relay_end one = {a[0], "e", 1}, other = {b[0], NULL, 0};
        more[i] = relay_start(w.loop, &one, &other, done, &w);
        ends[i][0] = a[1];
        ends[i][1] = b[1];
    }
    for (int i = 0; i < RELAYS; i++)
        while (read(ends[i][1], &c, 1) != 1)
            turn(w.loop);
    assert_true(descriptors() - before <= RELAYS * 4 + SPARE * 2);
    for (int i = 0; i < RELAYS; i++) {
        relay_stop(&more[i]);
        close(ends[i][0]);
        close(ends[i][1]);
    }
    close_world(&w);
}

struct speaker { /* says and hears what it can */
    struct relay *relay;
    int says, hears;
    size_t heard;
};

/* A connection that has more in its buffers than a relay moves in one go. */
static void connection(int fd[2])
{
    static const int size = 1 << 20; /* which the kernel doubles */
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int l = socket(AF_INET, SOCK_STREAM, 0);
    (void)setsockopt(l, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    assert_int_equal(bind(l, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(l, 1), 0);
    assert_int_equal(getsockname(l, (struct sockaddr *)&at, &len), 0);
    fd[1] = socket(AF_INET, SOCK_STREAM, 0);
    (void)setsockopt(fd[1], SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    assert_int_equal(connect(fd[1], (struct sockaddr *)&at, len), 0);
    fd[0] = accept(l, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        (void)setsockopt(fd[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
        assert_int_equal(fcntl(fd[i], F_SETFL, O_NONBLOCK), 0);
    }
    close(l);
}

static void over(void *owner, const struct relay_over *is)
{
    struct speaker *s = owner;
    s->relay = NULL;
}

static void say(evutil_socket_t fd, short what, void *arg)
{
    static char block[1 << 16];
    while (write((int)fd, block, sizeof block) > 0)
        ;
}

static void hear(evutil_socket_t fd, short what, void *arg)
{
    static char block[1 << 16];
    struct speaker *s = arg;
    for (ssize_t n; (n = read((int)fd, block, sizeof block)) > 0;)
        s->heard += (size_t)n;
}

/* More pairs that never rest than have room in a turn. */
static void test_none_starves(void **state)
{
    enum { PAIRS = 40 };
    struct speaker s[PAIRS] = {{0}};
    struct event *events[2 * PAIRS];
    struct world w = {.loop = loop_new()};
    struct buf faults = {0};
    setenv("FERRYD_LIMITS_STALL", "60s", 1); /* a busy machine is no stalled peer */
    conf_publish(conf_load("/dev/null", &faults));
    buf_free(&faults);
    size_t least = SIZE_MAX, most = 0;
    for (int i = 0; i < PAIRS; i++) {
        int a[2], b[2];
        connection(a);
        connection(b);
        struct relay_end one = {a[0], NULL, 0}, other = {b[0], NULL, 0};
        s[i] = (struct speaker){
            .relay = relay_start(w.loop, &one, &other, over, &s[i]), .says = a[1], .hears = b[1]};
        events[2 * i] = event_new(loop_base(w.loop), a[1], EV_WRITE | EV_PERSIST, say, &s[i]);
        events[2 * i + 1] = event_new(loop_base(w.loop), b[1], EV_READ | EV_PERSIST, hear, &s[i]);
        event_add(events[2 * i], NULL);
        event_add(events[2 * i + 1], NULL);
    }
    for (int turns = 0; turns < 40; turns++)
        turn(w.loop);
    for (int i = 0; i < PAIRS; i++) {
        least = s[i].heard < least ? s[i].heard : least;
        most = s[i].heard > most ? s[i].heard : most;
        event_free(events[2 * i]);
        event_free(events[2 * i + 1]);
        relay_stop(&s[i].relay);
        close(s[i].says);
        close(s[i].hears);
    }
    loop_free(w.loop);
    assert_true(least > 0);
    assert_true(most < 4 * least);
}

int main(void)
{
    struct buf faults = {0};
    signal(SIGPIPE, SIG_IGN); /* as main() does: splice has no flag for it */
    setenv("FERRYD_LIMITS_STALL", "200ms", 1);
    struct conf *conf = conf_load("/dev/null", &faults);
    if (!conf) {
        setenv("FERRYD_LIMITS_STALL", "1s", 1);
        buf_free(&faults);
        conf = conf_load("/dev/null", &faults);
    }
    FERRY_ASSERT(conf != NULL);
    conf_publish(conf);
    buf_free(&faults);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways_and_half_close),
        cmocka_unit_test(test_many_bytes),
        cmocka_unit_test(test_peer_breaks),
        cmocka_unit_test(test_who_ends_first),
        cmocka_unit_test(test_slow_pair_is_ended),
        cmocka_unit_test(test_relays_at_rest_hold_no_pipes),
        cmocka_unit_test(test_none_starves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
