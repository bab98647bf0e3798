/* bind_test.c: the promises of xmpp/registry.h and of session_bind(), with real storage, socket pairs
 * instead of clients and the real loop. */
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
#include "base/log.h"
#include "storage/account.h"
#include "xmpp/parts.h"
#include "xmpp/router.h"

static char folder[] = "/tmp/ferry-bind-XXXXXX";
static struct storage *st;
static struct loop *loop;

static int set_up(void **state)
{
    struct buf faults = {0}, why = {0};
    char path[64];
    int code = 0;
    log_set_level(LOG_ERROR);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/ferryd.conf", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("[xmpp]\nlisten =\n[proxy65]\nlisten =\n[storage]\nreserve = 0\n[limits]\nsessions_per_user = 4\n",
          f);
    fclose(f);
    struct conf *conf = conf_load(path, &faults);
    assert_non_null(conf);
    conf_publish(conf);
    st = storage_open(&why, &code);
    assert_non_null(st);
    assert_int_equal(account_create(st, "alice@localhost", "x", 0), REFUSE_OK);
    assert_int_equal(account_create(st, "bob@localhost", "x", 0), REFUSE_OK);
    storage_start(st);
    loop = loop_new();
    assert_int_equal(mod_start_all(loop, st, &why), 0);
    router_start();
    buf_free(&faults);
    buf_free(&why);
    return 0;
}

static int tear_down(void **state)
{
    char command[128];
    session_free_all();
    assert_true(mailbox_settle(mod_home(), 10000));
    router_stop();
    mod_stop_all();
    registry_free();
    storage_close(&st);
    loop_free(loop);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command); /* NOLINT(cert-env33-c): a path of our own making */
}

/* A session of a client that says nothing; its other end is closed with the process. */
static struct session *connected(void)
{
    struct net_addr peer;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    assert_int_equal(net_parse("127.0.0.1:1", &peer), 0);
    assert_true(net_gate_enter(mod_gate(), &peer, 0));
    struct session *s = c2s_adopt(sock_accepted(loop, fds[0], &peer, NULL, NULL), LISTENER_STARTTLS);
    session_enter(s, SESSION_OPEN);
    return s;
}

static void bound(struct session *s, enum refuse r, void *arg)
{
    *(int *)arg = (int)r;
    loop_stop(loop);
}

static int bind_as(struct session *s, const char *bare, const char *resource)
{
    int got = -1;
    session_authenticated(s, bare);
    session_bind(s, resource, bound, &got);
    if (got < 0) /* something had to be loaded */
        loop_run(loop);
    return got;
}

static void stop(void *arg)
{
    loop_stop(loop);
}

/* The end of a turn: dead sessions are freed. */
static void turn(void)
{
    struct loop_later l = {.fn = stop};
    loop_later(loop, &l);
    loop_run(loop);
}

static void full_and_bare_addresses_are_found_as_prepared(void **state)
{
    struct session *a = connected(), *b = connected();
    assert_null(registry_user("alice@localhost"));
    assert_int_equal(bind_as(a, "alice@localhost", "One"), REFUSE_OK);
    assert_int_equal(bind_as(b, "alice@localhost", NULL), REFUSE_OK);
    assert_ptr_equal(registry_full("alice@localhost/One"), a);
    assert_null(registry_full("Alice@localhost/One"));
    assert_null(registry_full("alice@localhost/one"));
    assert_null(registry_full("alice@localhost"));
    assert_null(registry_full("alice@localhost/"));
    assert_null(registry_full("lice@localhost/One"));
    assert_null(registry_user("alice@localhos"));
    assert_non_null(registry_user_entry("alice@localhost"));
    assert_true(strlen(jid_resource(&b->jid)) >= 8);
    assert_int_equal(registry_count(), 2);
    uint64_t serial = a->serial;
    assert_ptr_equal(session_by_serial(serial), a);
    session_kill(a);
    assert_null(session_by_serial(serial));
    assert_null(registry_full("alice@localhost/One"));
    session_kill(b);
    turn();
    assert_null(registry_user_entry("alice@localhost"));
    assert_int_equal(registry_count(), 0);
}

static bool not_the_third(const struct session *s, void *arg)
{
    return s != arg;
}

static void the_best_has_the_highest_priority_above_zero(void **state)
{
    struct session *s[3];
    static const int8_t priorities[] = {-1, 2, 5};
    for (int i = 0; i < 3; i++) {
        s[i] = connected();
        assert_int_equal(bind_as(s[i], "bob@localhost", NULL), REFUSE_OK);
        s[i]->priority = priorities[i];
    }
    assert_null(registry_best("bob@localhost", NULL, NULL));
    s[0]->available = true;
    assert_null(registry_best("bob@localhost", NULL, NULL));
    s[1]->available = s[2]->available = true;
    assert_ptr_equal(registry_best("bob@localhost", NULL, NULL), s[2]);
    assert_ptr_equal(registry_best("bob@localhost", not_the_third, s[2]), s[1]);
    for (int i = 0; i < 3; i++) {
        s[i]->available = false;
        session_kill(s[i]);
    }
    turn();
}

static void a_resource_has_one_session(void **state)
{
    struct session *s[6];
    for (int i = 0; i < 6; i++)
        s[i] = connected();
    assert_int_equal(bind_as(s[0], "bob@localhost", "x"), REFUSE_OK);
    assert_int_equal(bind_as(s[1], "bob@localhost", "x"), REFUSE_OK);
    assert_int_equal(s[0]->state, SESSION_DEAD);
    assert_ptr_equal(registry_full("bob@localhost/x"), s[1]);
    assert_int_equal(bind_as(s[2], "bob@localhost", SESSION_RESERVED), REFUSE_CONFLICT);
    assert_int_equal(bind_as(s[3], "bob@localhost", "a\x01"), REFUSE_JID_MALFORMED);
    for (int i = 0; i < 3; i++) {
        struct session *more = connected();
        assert_int_equal(bind_as(more, "bob@localhost", NULL), REFUSE_OK);
    }
    assert_int_not_equal(bind_as(s[4], "bob@localhost", NULL), REFUSE_OK);
    assert_int_equal(s[4]->state, SESSION_AUTHENTICATED);
    assert_int_equal(registry_count(), 4);
}

/* Two sessions of a user who is being loaded, one of which dies first. */
static void who_dies_while_he_waits_is_not_called(void **state)
{
    struct session *a = connected(), *b = connected();
    int got_a = -1, got_b = -1;
    session_authenticated(a, "alice@localhost");
    session_authenticated(b, "alice@localhost");
    session_bind(a, "a", bound, &got_a);
    session_bind(b, "b", bound, &got_b);
    assert_int_equal(got_a, -1);
    assert_int_equal(a->holds, 1);
    session_kill(a);
    loop_run(loop);
    assert_int_equal(got_a, -1);
    assert_int_equal(got_b, REFUSE_OK);
    assert_ptr_equal(registry_full("alice@localhost/b"), b);
    session_kill(b);
    turn();
    assert_null(registry_user_entry("alice@localhost"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_and_bare_addresses_are_found_as_prepared),
        cmocka_unit_test(the_best_has_the_highest_priority_above_zero),
        cmocka_unit_test(who_dies_while_he_waits_is_not_called),
        cmocka_unit_test(a_resource_has_one_session),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
