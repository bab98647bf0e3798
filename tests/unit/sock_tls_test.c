/* sock_tls_test.c: TLS under a socket, against a client of OpenSSL's own in a thread. */
#include "tests/unit/net_fixture.h"

#include <openssl/err.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tls_echo_comes_back_whole, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(renegotiation_is_closed, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(row014_key_update_flood_is_closed, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(plain_bytes_are_no_handshake, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(pending_input_is_seen, net_setup, net_teardown),
    };

    return cmocka_run_group_tests_name("sock_tls", tests, NULL, NULL);
}
