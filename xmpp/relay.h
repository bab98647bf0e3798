/* relay.h: bytes between two connected sockets, both ways, by splice: they never enter the process. Each
 * direction is a pipe; an end of one side is passed on as a half-close, and the relay is over when both sides
 * have ended, one failed, or less than [limits] min_rate flowed over [limits] stall (row 65).
 *
 * With a tap the bytes of one direction are read instead, given to the tap and passed on. Loop only.
 */
#ifndef FERRY_RELAY_H
#define FERRY_RELAY_H

#include "base/loop.h"

struct relay;
struct relay_over {
    int64_t bytes;
    const char *why; /* "ended", "failed", "stalled" */
    bool by_speaker; /* it is the side that had said more that ended or failed first */
};
/* The relay is gone after the call. */
typedef void relay_done(void *owner, const struct relay_over *over);

struct relay_end {
    int fd;
    const void *early; /* bytes of this side that were read already; they go first. At most 64 KiB */
    size_t n;
};
/* Takes both descriptors, whatever happens. NULL: no descriptors or memory are left for pipes. */
struct relay *relay_start(struct loop *loop, const struct relay_end *a, const struct relay_end *b,
                          relay_done *done, void *owner);
void relay_stop(struct relay **r); /* closes both; done is not called. NULL is fine */

/* Hears all that one side says: the one that speaks first; the other one listens. What the listener has not
 * taken is at most one piece; his own end is passed on to the speaker once he has all of it. */
struct relay_tap {
    char *(*room)(void *owner, size_t n);   /* where the next n bytes go, at most 64 KiB */
    bool (*took)(void *owner, size_t n);    /* so many came; false: no more until relay_go */
    bool (*whole)(void *owner, bool ended); /* is that all of it? ended: the speaker has closed */
    void (*left)(void *owner, int fd);      /* the listener is gone, and the relay: the speaker's is yours */
    void (*off)(void *owner);               /* nothing is heard any more: the listener has all of it, the
                                             * speaker broke off, or both speak */
};
/* Before its first turn of the loop. It stands still until relay_go. left or off is called once, unless
 * relay_untap comes first, which passes on the rest without the tap; NULL is fine. */
void relay_tap(struct relay *r, const struct relay_tap *tap, void *owner);
void relay_go(struct relay *r);
void relay_untap(struct relay *r);

#endif
