/* peek.h: connections that have not shown their head. A new one is peeked at (MSG_PEEK) until its whole first
 * head is there, under an absolute deadline; the head is judged raw by head.c; what is refused is answered;
 * what is fine is handed on (door_hand_on) with every byte still in the socket. All calls are the door's
 * thread's.
 */
#ifndef FERRY_HTTP_PEEK_H
#define FERRY_HTTP_PEEK_H

#include "http/conn.h"

void peek_start(int epoll);
/* Takes c, whose `what` is that of these connections in the door's epoll set, until deadline (monotonic ms).
 * It may be handed on, or ended, before this returns. */
void peek_take(struct conn *c, int64_t deadline);
void peek_read(struct conn *c); /* its event; may end it */
void peek_expire(int64_t now);  /* never while events of this turn are still to be looked at */
void peek_stop(void);

#endif
