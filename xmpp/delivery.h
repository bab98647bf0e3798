/* delivery.h: a stored file as a real transfer to a receiver who is there and prefers it so: an ordinary
 * offer (by Jingle, or XEP-0096) from the sender's address with the resource that is Ferry's, then a stream
 * (outgoing.h), or the link by jabber:iq:oob, whose result proves the fetch. One after the other to each
 * user. The outbox row, what it says afterwards, and the link's message are announce.c's. Loop only.
 */
#ifndef FERRY_DELIVERY_H
#define FERRY_DELIVERY_H

#include "storage/outbox.h"

#define DELIVERY_WAITING 20 /* to one user, the one under way too */

enum delivery_end {
    DELIVERY_COMPLETED, /* he has the file: what is left is to write that down (marks_fetched) */
    DELIVERY_DECLINED,  /* no is no */
    DELIVERY_CANNOT,    /* none of his clients can, the stream broke off, or he was silent */
    DELIVERY_LEFT,      /* he is not there any more */
    DELIVERY_GONE,      /* there is no such file any more */
};
struct delivery;
typedef void delivery_ended(void *arg, enum delivery_end how);

/* It is of one whom he has blocked since: he is told nothing of it; the row waits until he unblocks him, or
 * the file goes. He is there. */
bool delivery_unwanted(const struct outbox_item *item);
/* Copies the row. NULL: it is told by its link alone, as he prefers, as he said to the offer before, or
 * because nobody of ours sent it. */
struct delivery *delivery_new(const struct outbox_item *item);
void delivery_free(struct delivery **d); /* NULL is fine; one under way ends, `ended` is not called */
const struct outbox_item *delivery_item(const struct delivery *d);
bool delivery_link_first(const struct delivery *d); /* he wants both, and has no link yet */
void delivery_linked(struct delivery *d);           /* now he has */

/* Begins, when those before it are through. `ended` is called once, never by this call; d is its owner's all
 * the time. false: DELIVERY_WAITING are waiting, nobody is there, or the daemon is about to stop. */
bool delivery_start(struct delivery *d, delivery_ended *ended, void *arg);
/* One that has begun ends as if he had LEFT, inside the call, and so may those behind it. false: it has not.
 */
bool delivery_cancel(struct delivery *d);
bool delivery_under_way(const char *jid); /* is any to this user? */

#endif
