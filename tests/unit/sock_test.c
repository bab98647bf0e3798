/* sock_test.c: the promises of base/sock.h and base/loop.h, against a peer in a thread or on the same loop.
 */
#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/sock.h"
#include "base/tls.h"

#define BOUND_MS 20000 /* a test that waits longer has failed */

/* One end of a connection and what it heard. */
struct end {
    struct sock *s;
    struct buf in;
    char events[64]; /* a letter each: C T D d E X t O */
    bool free_on_data, echo, close_on_eof;
    size_t stop_at; /* the loop stops when so many bytes came */
    char stop_on;   /* or this event */
    struct loop *loop;
};

struct net {
    struct loop *loop;
    struct loop_listener *listener;
    struct net_addr addr;
    struct end server, client;
    struct loop_timer bound;
    SSL_CTX *tls;
};

static void too_long(void *arg)
{
    fail_msg("nothing happened for %d ms", BOUND_MS);
}

static void heard(void *owner, struct sock *s, enum sock_event ev, const struct sock_data *data)
{
    static const char letters[] = "CTDdEXtO";
    struct end *e = owner;
    size_t n = strlen(e->events);

    assert_ptr_equal(s, e->s);
    if (n + 1 < sizeof e->events && !(n > 0 && e->events[n - 1] == letters[ev]))
        e->events[n] = letters[ev];
    if (ev == SOCK_DATA) {
        buf_add(&e->in, data->data, data->len);
        if (e->echo)
            sock_write(s, data->data, data->len);
        if (e->free_on_data) {
            sock_free(TAKE(e->s));
            loop_stop(e->loop);
            return;
        }
        if (e->stop_at > 0 && e->in.len >= e->stop_at)
            loop_stop(e->loop);
    }
    if (ev == SOCK_EOF && e->close_on_eof)
        sock_close_soon(TAKE(e->s), 5000);
    if (e->stop_on == letters[ev])
        loop_stop(e->loop);
}

static void accepted(void *arg, int fd, const struct net_addr *peer)
{
    struct net *n = arg;

    assert_true(net_is_loopback(peer));
    n->server.s = sock_accepted(n->loop, fd, peer, heard, &n->server);
    if (n->server.stop_on == 'a')
        loop_stop(n->loop);
}

static int setup(void **state)
{
    struct net *n = xcalloc(1, sizeof *n);

    n->loop = n->server.loop = n->client.loop = loop_new();
    assert_int_equal(net_parse("127.0.0.1:0", &n->addr), 0);
    n->listener = loop_listen(n->loop, net_listen(&n->addr, 16), accepted, n);
    assert_int_not_equal(net_port(&n->addr), 0);
    loop_timer_init(&n->bound, n->loop, too_long, NULL);
    loop_timer_set(&n->bound, BOUND_MS);
    *state = n;
    return 0;
}

static int teardown(void **state)
{
    struct net *n = *state;

    loop_timer_clear(&n->bound);
    sock_free(n->server.s);
    sock_free(n->client.s);
    loop_listener_free(n->listener);
    loop_free(n->loop);
    buf_free(&n->server.in);
    buf_free(&n->client.in);
    SSL_CTX_free(n->tls);
    free(n);
    return 0;
}

static void dial(struct net *n)
{
    n->client.s = sock_dial(n->loop, &n->addr, heard, &n->client);
    assert_non_null(n->client.s);
}

static void connect_both(struct net *n)
{
    dial(n);
    n->client.stop_on = 'C';
    loop_run(n->loop);
    n->client.stop_on = 0;
    if (n->server.s == NULL) {
        n->server.stop_on = 'a';
        loop_run(n->loop);
        n->server.stop_on = 0;
    }
    assert_non_null(n->server.s);
}

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

/* --- TLS ----------------------------------------------------------------------------------------- */

static SSL_CTX *make_tls(void)
{
    char dir[] = "/tmp/ferry-sock-XXXXXX", cert[64], key[64];
    struct buf why = {0};
    struct stat st;
    SSL_CTX *ctx;

    assert_non_null(mkdtemp(dir));
    (void)snprintf(cert, sizeof cert, "%s/c.pem", dir);
    (void)snprintf(key, sizeof key, "%s/k.pem", dir);
    assert_int_equal(tls_make_pair(cert, key, "localhost, upload.localhost,[::1]", &why), 0);
    assert_int_equal(stat(key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_null(tls_context(key, cert, TLS_XMPP, &why)); /* the wrong way round */
    assert_true(why.len > 0);
    buf_free(&why);
    ctx = tls_context(cert, key, TLS_XMPP, &why);
    assert_non_null(ctx);
    (void)unlink(cert);
    assert_int_equal(tls_make_pair(cert, key, "localhost", &why), 0); /* a first start that was cut short */
    (void)unlink(key);
    assert_int_equal(tls_make_pair(cert, key, "localhost", &why), -1);
    (void)unlink(cert);
    (void)rmdir(dir);
    buf_free(&why);
    return ctx;
}

/* A client of OpenSSL's own on a blocking socket in a thread. */
struct tls_client {
    struct net_addr addr;
    const char *mode; /* echo | renegotiate | keyupdate | eof */
    size_t size;
    bool whole, ended;
    char version[16], why[64];
};

static void exchange(struct tls_client *c, SSL *ssl)
{
    char *out = xmalloc(c->size), *in = xmalloc(c->size);
    size_t sent = 0, got = 0;

    random_bytes(out, c->size);
    while (got < c->size) {
        size_t piece = c->size - sent < 100000 ? c->size - sent : 100000;
        int n;

        if (piece > 0 && SSL_write(ssl, out + sent, (int)piece) <= 0)
            break;
        sent += piece;
        while (got < sent && (n = SSL_read(ssl, in + got, (int)(sent - got))) > 0)
            got += (size_t)n;
        if (got < sent)
            break;
    }
    c->whole = got == c->size && memcmp(in, out, got) == 0;
    free(out);
    free(in);
}

static void *tls_client(void *arg)
{
    struct tls_client *c = arg;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char byte;

    if (strcmp(c->mode, "renegotiate") == 0)
        (void)SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
    ssl = SSL_new(ctx);
    if (connect(fd, &c->addr.sa, c->addr.len) == 0 && SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1) {
        (void)snprintf(c->version, sizeof c->version, "%s", SSL_get_version(ssl));
        if (strcmp(c->mode, "echo") == 0)
            exchange(c, ssl);
        if (strcmp(c->mode, "renegotiate") == 0) {
            (void)SSL_renegotiate(ssl);
            c->ended = SSL_do_handshake(ssl) != 1 || SSL_read(ssl, &byte, 1) <= 0;
        }
        if (strcmp(c->mode, "keyupdate") == 0) {
            for (int i = 0; i < 100000 && !c->ended; i++)
                c->ended =
                    SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) != 1 || SSL_do_handshake(ssl) != 1;
        }
    }
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    (void)close(fd); /* without close_notify: a normal end */
    return NULL;
}

static void accepted_tls(void *arg, int fd, const struct net_addr *peer)
{
    struct net *n = arg;

    n->server.s = sock_accepted(n->loop, fd, peer, heard, &n->server);
    sock_start_tls(n->server.s, n->tls);
}

static void with_tls_client(struct net *n, struct tls_client *c, char until)
{
    pthread_t thread;

    n->tls = make_tls();
    loop_listener_free(n->listener);
    assert_int_equal(net_parse("127.0.0.1:0", &n->addr), 0);
    n->listener = loop_listen(n->loop, net_listen(&n->addr, 16), accepted_tls, n);
    c->addr = n->addr;
    n->server.echo = true;
    n->server.stop_on = until;
    assert_int_equal(pthread_create(&thread, NULL, tls_client, c), 0);
    loop_run(n->loop);
    if (until == 'X') {
        (void)snprintf(c->why, sizeof c->why, "%s", sock_why(n->server.s));
        sock_free(TAKE(n->server.s));
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void tls_echo_comes_back_whole(void **state)
{
    struct tls_client c = {.mode = "echo", .size = 1 << 20};

    with_tls_client(*state, &c, 'E');
    assert_true(c.whole);
    assert_string_equal(c.version, "TLSv1.3");
    assert_string_equal(((struct net *)*state)->server.events, "TDE");
}

/* Row 14. */
static void renegotiation_is_closed(void **state)
{
    struct tls_client c = {.mode = "renegotiate"};

    with_tls_client(*state, &c, 'X');
    assert_string_equal(c.version, "TLSv1.2");
    assert_true(c.ended);
    assert_string_equal(c.why, "TLS renegotiation or key update flood");
}

static void row014_key_update_flood_is_closed(void **state)
{
    struct tls_client c = {.mode = "keyupdate"};

    with_tls_client(*state, &c, 'X');
    assert_true(c.ended);
    assert_string_equal(c.why, "TLS renegotiation or key update flood");
}

static void plain_bytes_are_no_handshake(void **state)
{
    struct net *n = *state;

    connect_both(n);
    n->tls = make_tls();
    sock_start_tls(n->server.s, n->tls);
    n->server.stop_on = 'X';
    sock_write(n->client.s, "<presence/>", 11);
    loop_run(n->loop);
    assert_string_equal(n->server.events, "X");
    assert_false(sock_is_tls(n->server.s));
}

static void pending_input_is_seen(void **state)
{
    struct net *n = *state;

    connect_both(n);
    assert_false(sock_pending_input(n->server.s));
    sock_pause(n->server.s);
    sock_write(n->client.s, "x", 1);
    sock_deadline(n->server.s, 50);
    n->server.stop_on = 't';
    loop_run(n->loop);
    assert_true(sock_pending_input(n->server.s));
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
        cmocka_unit_test_setup_teardown(echo_comes_back_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_of_a_turn_leave_in_one_segment, setup, teardown),
        cmocka_unit_test_setup_teardown(freed_inside_its_callback, setup, teardown),
        cmocka_unit_test_setup_teardown(end_of_peer_is_told_and_what_waits_still_leaves, setup, teardown),
        cmocka_unit_test_setup_teardown(close_soon_waits_for_the_peers_end, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_dial_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(deadline_passes_once, setup, teardown),
        cmocka_unit_test_setup_teardown(stopped_reader_is_overfull_then_drains, setup, teardown),
        cmocka_unit_test_setup_teardown(paused_reader_hears_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(taken_descriptor_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(tls_echo_comes_back_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(renegotiation_is_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(row014_key_update_flood_is_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(plain_bytes_are_no_handshake, setup, teardown),
        cmocka_unit_test_setup_teardown(pending_input_is_seen, setup, teardown),
        cmocka_unit_test(deferred_calls_run_once_in_order),
        cmocka_unit_test_setup_teardown(accept_rests_without_descriptors, setup, teardown),
    };

    return cmocka_run_group_tests_name("sock", tests, NULL, NULL);
}
