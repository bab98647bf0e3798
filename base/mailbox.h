/* mailbox.h: how a call reaches another thread. What crosses is a value: a task embedded in an object that
 * nobody else touches until it runs.
 *
 * A mailbox belongs to one thread (the loop). Any thread posts; the owner is woken by an eventfd, which is
 * written only when the queue was empty, and drains in order. Posting never fails and never blocks. A verb of
 * storage that is given a home mailbox runs its `done` there; with home NULL it runs `done` on storage's own
 * thread, and `done` must then do nothing but mark and wake (MHD_resume_connection, a condition variable).
 */
#ifndef FERRY_MAILBOX_H
#define FERRY_MAILBOX_H

#include "base/base.h"

struct task {
    struct task *next;
    void (*run)(struct task *task);
};

struct mailbox;
struct mailbox *mailbox_new(void);
void mailbox_free(
    struct mailbox *mb); /* runs nothing; what is still queued is the owner's leak: drain first */
int mailbox_fd(const struct mailbox *mb); /* readable when there is something to drain */
void mailbox_post(struct mailbox *mb, struct task *task);
size_t mailbox_drain(struct mailbox *mb); /* owner only; returns how many ran */

/* A verb that will post later promises it when it is called, and posts with mailbox_keep: so an owner who
 * stops can wait until nothing more comes. Any thread; mb may be NULL for mailbox_promise. */
void mailbox_promise(struct mailbox *mb);
void mailbox_keep(struct mailbox *mb, struct task *task);
/* Owner only: runs what comes until nothing is promised or queued, for ms at most. false: the time was over.
 */
bool mailbox_settle(struct mailbox *mb, int64_t ms);

bool mailbox_pending(struct mailbox *mb); /* is there anything to drain? */

#endif
