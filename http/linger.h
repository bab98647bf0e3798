/* linger.h: closing without a reset. A socket that is closed while bytes of the peer are still coming sends a
 * reset, which destroys our last answer on its way. Such sockets are shut for writing and read on from, for
 * two seconds or a megabyte at most. All calls are the door's thread's, but linger_hand.
 */
#ifndef FERRY_HTTP_LINGER_H
#define FERRY_HTTP_LINGER_H

#include "base/base.h"

struct leaving; /* begins with the int `what` given to linger_start, as all items of the door's epoll set do
                 */

void linger_start(int epoll, int what, size_t most); /* above `most` of them the oldest are closed */
void linger_take(int fd);                            /* takes fd */
void linger_hand(int fd); /* the same from any thread; the caller wakes the door, which collects */
void linger_collect(void);
void linger_read(struct leaving *l); /* its event; may free it */
bool linger_any(void);
bool linger_full(void);          /* more than may be: linger_expire comes before others do */
void linger_expire(int64_t now); /* never while events of this turn are still to be looked at */
void linger_stop(void);

#endif
