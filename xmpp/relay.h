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

struct relay_end {
    int fd;
    const void *early; /* bytes of this side that were read already; they go first. At most 64 KiB */
    size_t n;
};
/* Takes both descriptors, whatever happens. NULL: no descriptors or memory are left for pipes. */
struct relay *relay_start(struct loop *loop, const struct relay_end *a, const struct relay_end *b,
                          relay_done *done, void *owner);
void relay_stop(struct relay **r); /* closes both; done is not called. NULL is fine */

#endif
