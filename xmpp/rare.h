/* rare.h: what few sessions need, made when it is first needed. Private to session.c, confirm.c and flow.c.
 */
#ifndef FERRY_RARE_H
#define FERRY_RARE_H

#include "xmpp/mod.h"

struct confirm;

struct session_rare {
    struct confirm *confirms, **confirms_tail;
    bool pinging;
    uint32_t ping_mark;
    size_t kept;       /* bytes of messages that wait for their acknowledgement (keep.c) */
    uint64_t *waiters; /* serials of sessions held until this one has read */
    size_t n_waiters;
    struct loop_timer rate_timer;
    int64_t rate_at; /* monotonic ms of the last refill */
    int64_t tokens;
    bool rate_held;
};

struct session_rare *rare(struct session *s); /* session.c: makes it */
bool session_alive(const struct session *s);  /* may be sent something */

/* confirm.c: settles those up to mark, or all. */
void confirm_upto(struct session *s, uint32_t mark, bool sure, bool all);

/* flow.c: he is about to wait for room: the producer of what was just written to `full` is held. */
void flow_written(struct session *full);
void flow_later(struct session *s); /* takes up what waits, behind the turn */
void flow_end(struct session *s);

#endif
