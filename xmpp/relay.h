/* relay.h: bytes between two connected sockets, both ways, by splice: they never enter the process. Each
 * direction is a pipe; an end of one side is passed on as a half-close, and the relay is over when both sides
 * have ended, one failed, or less than [limits] min_rate flowed over [limits] stall (row 65). Loop only.
 */
#ifndef FERRY_RELAY_H
#define FERRY_RELAY_H

#include "base/loop.h"

struct relay;
/* why: "ended", "failed", "stalled". The relay is gone after the call. */
typedef void relay_done(void *owner, int64_t bytes, const char *why);

/* Takes both descriptors, whatever happens. NULL: no descriptors are left for pipes. */
struct relay *relay_start(struct loop *loop, int fd_a, int fd_b, relay_done *done, void *owner);
void relay_stop(struct relay **r); /* closes both; done is not called. NULL is fine */

#endif
