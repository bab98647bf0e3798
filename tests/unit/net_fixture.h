/* net_fixture.h: a loop with a listener on loopback and both ends of a connection to it, each of which notes
 * what it hears. For the unit tests of base/sock and base/loop. */
#ifndef FERRY_NET_FIXTURE_H
#define FERRY_NET_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

static inline void too_long(void *arg)
{
    fail_msg("nothing happened for %d ms", BOUND_MS);
}

static inline void heard(void *owner, struct sock *s, enum sock_event ev, const struct sock_data *data)
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

static inline void accepted(void *arg, int fd, const struct net_addr *peer)
{
    struct net *n = arg;

    assert_true(net_is_loopback(peer));
    n->server.s = sock_accepted(n->loop, fd, peer, heard, &n->server);
    if (n->server.stop_on == 'a')
        loop_stop(n->loop);
}

static inline int net_setup(void **state)
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

static inline int net_teardown(void **state)
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

static inline void dial(struct net *n)
{
    n->client.s = sock_dial(n->loop, &n->addr, heard, &n->client);
    assert_non_null(n->client.s);
}

static inline void connect_both(struct net *n)
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

#endif
