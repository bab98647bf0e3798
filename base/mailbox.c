/* mailbox.c: a list under a mutex and an eventfd.
 *
 * Promises: tasks run in the order they were posted; the eventfd is written only when the list was empty. A
 * lost write is impossible (an eventfd counter that is full is readable anyway). Tasks posted while draining
 * run in the next drain, so a task that posts itself again cannot hold the loop. */
#include "base/mailbox.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

struct mailbox {
    pthread_mutex_t lock;
    struct task *head, **tail;
    int fd;
    size_t promised;
};

struct mailbox *mailbox_new(void)
{
    struct mailbox *mb = xcalloc(1, sizeof *mb);

    mb->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (mb->fd < 0) {
        log_error("eventfd: %s", strerror(errno));
        abort();
    }
    (void)pthread_mutex_init(&mb->lock, NULL);
    mb->tail = &mb->head;
    return mb;
}

void mailbox_free(struct mailbox *mb)
{
    if (mb == NULL)
        return;
    (void)close(mb->fd);
    (void)pthread_mutex_destroy(&mb->lock);
    free(mb);
}

int mailbox_fd(const struct mailbox *mb)
{
    return mb->fd;
}

static void post(struct mailbox *mb, struct task *task, size_t kept)
{
    static const uint64_t one = 1;
    bool was_empty;

    FERRY_ASSERT(task->run != NULL);
    task->next = NULL;
    (void)pthread_mutex_lock(&mb->lock);
    was_empty = mb->head == NULL;
    *mb->tail = task;
    mb->tail = &task->next;
    FERRY_ASSERT(mb->promised >= kept);
    mb->promised -= kept;
    /* Inside the lock: the owner may free the mailbox once it has seen its last task. */
    if (was_empty)
        while (write(mb->fd, &one, sizeof one) < 0 && errno == EINTR)
            ;
    (void)pthread_mutex_unlock(&mb->lock);
}

void mailbox_post(struct mailbox *mb, struct task *task)
{
    post(mb, task, 0);
}

void mailbox_promise(struct mailbox *mb)
{
    if (mb == NULL)
        return;
    (void)pthread_mutex_lock(&mb->lock);
    mb->promised++;
    (void)pthread_mutex_unlock(&mb->lock);
}

void mailbox_keep(struct mailbox *mb, struct task *task)
{
    post(mb, task, 1);
}

bool mailbox_settle(struct mailbox *mb, int64_t ms)
{
    int64_t end = clock_mono_ms() + ms;

    for (;;) {
        struct pollfd p = {.fd = mb->fd, .events = POLLIN};
        int64_t left = end - clock_mono_ms();
        bool settled;

        while (mailbox_drain(mb) > 0)
            ;
        (void)pthread_mutex_lock(&mb->lock);
        settled = mb->promised == 0 && mb->head == NULL;
        (void)pthread_mutex_unlock(&mb->lock);
        if (settled || left <= 0)
            return settled;
        (void)poll(&p, 1, (int)left);
    }
}

size_t mailbox_drain(struct mailbox *mb)
{
    struct task *list;
    uint64_t count;
    size_t ran = 0;

    (void)pthread_mutex_lock(&mb->lock);
    while (read(mb->fd, &count, sizeof count) < 0 && errno == EINTR)
        ;
    list = mb->head;
    mb->head = NULL;
    mb->tail = &mb->head;
    (void)pthread_mutex_unlock(&mb->lock);
    while (list != NULL) {
        struct task *task = list;

        list = task->next; /* the task may free itself */
        task->run(task);
        ran++;
    }
    return ran;
}

bool mailbox_pending(struct mailbox *mb)
{
    bool pending;

    (void)pthread_mutex_lock(&mb->lock);
    pending = mb->head != NULL;
    (void)pthread_mutex_unlock(&mb->lock);
    return pending;
}
