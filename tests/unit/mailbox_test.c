/* mailbox_test.c: the promises of base/mailbox.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "base/mailbox.h"

#define POSTERS 4
#define EACH 5000

struct item {
    struct task task;
    int poster, number;
};

static struct mailbox *mb;
static int last[POSTERS], ran;
static struct item items[POSTERS][EACH];

static void run_item(struct task *task)
{
    struct item *i = (struct item *)task;

    assert_int_equal(i->number, last[i->poster] + 1);
    last[i->poster] = i->number;
    ran++;
}

static void *post_all(void *arg)
{
    struct item *mine = arg;

    for (int i = 0; i < EACH; i++)
        mailbox_post(mb, &mine[i].task);
    return NULL;
}

static bool readable(void)
{
    struct pollfd p = {.fd = mailbox_fd(mb), .events = POLLIN};

    return poll(&p, 1, 20000) == 1;
}

static void each_poster_keeps_its_order_and_no_wake_is_lost(void **state)
{
    pthread_t threads[POSTERS];

    mb = mailbox_new();
    for (int p = 0; p < POSTERS; p++) {
        last[p] = -1;
        for (int i = 0; i < EACH; i++)
            items[p][i] = (struct item){.task.run = run_item, .poster = p, .number = i};
    }
    for (int p = 0; p < POSTERS; p++)
        assert_int_equal(pthread_create(&threads[p], NULL, post_all, items[p]), 0);
    while (ran < POSTERS * EACH) {
        assert_true(readable());
        (void)mailbox_drain(mb);
    }
    for (int p = 0; p < POSTERS; p++)
        assert_int_equal(pthread_join(threads[p], NULL), 0);
    assert_int_equal(mailbox_drain(mb), 0);
    mailbox_free(mb);
}

static int again;

static void post_again(struct task *task)
{
    again++;
    mailbox_post(mb, task);
}

/* A task that posts itself runs once a drain: it cannot hold its owner. */
static void self_posting_task_does_not_hold(void **state)
{
    struct task t = {.run = post_again};

    mb = mailbox_new();
    mailbox_post(mb, &t);
    for (int i = 1; i <= 3; i++) {
        assert_true(readable());
        assert_int_equal(mailbox_drain(mb), 1);
        assert_int_equal(again, i);
    }
    mailbox_free(mb);
}

static void *keep_late(void *arg)
{
    (void)usleep(20000);
    mailbox_keep(mb, arg);
    return NULL;
}

/* What was promised is waited for, and run; what is never kept ends with the time. */
static void settling_waits_for_promises(void **state)
{
    struct item late = {.task.run = run_item, .number = last[0] + 1};
    pthread_t thread;
    int before = ran;

    mb = mailbox_new();
    assert_true(mailbox_settle(mb, 0));
    mailbox_promise(mb);
    assert_false(mailbox_settle(mb, 1));
    assert_int_equal(pthread_create(&thread, NULL, keep_late, &late.task), 0);
    assert_true(mailbox_settle(mb, 10000));
    assert_int_equal(ran, before + 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    mailbox_promise(NULL);
    mailbox_free(mb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_poster_keeps_its_order_and_no_wake_is_lost),
        cmocka_unit_test(self_posting_task_does_not_hold),
        cmocka_unit_test(settling_waits_for_promises),
    };

    return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
