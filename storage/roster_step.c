/* roster_step.c: RFC 6121 appendix A.2 and A.3 as one table: a row is a state, a column one subscription
 * stanza that left for the contact (OUT) or came from him (IN), the cell is the state after it. */
#include "storage/roster_step.h"

/* Every state's own name in a cell means: no change. */
/* clang-format off */
static const enum roster_state next[ROSTER_STATES][ROSTER_EVENTS] = {
    /*                OUT_SUBSCRIBE  OUT_UNSUBSCRIBE  OUT_SUBSCRIBED  OUT_UNSUBSCRIBED  IN_SUBSCRIBE  IN_UNSUBSCRIBE  IN_SUBSCRIBED  IN_UNSUBSCRIBED */
    [NONE]        = { NONE_OUT,      NONE,            NONE,           NONE,             NONE_IN,      NONE,           NONE,          NONE },
    [NONE_OUT]    = { NONE_OUT,      NONE,            NONE_OUT,       NONE_OUT,         NONE_OUT_IN,  NONE_OUT,       TO,            NONE },
    [NONE_IN]     = { NONE_OUT_IN,   NONE_IN,         FROM,           NONE,             NONE_IN,      NONE,           NONE_IN,       NONE_IN },
    [NONE_OUT_IN] = { NONE_OUT_IN,   NONE_IN,         FROM_OUT,       NONE_OUT,         NONE_OUT_IN,  NONE_OUT,       TO_IN,         NONE_IN },
    [TO]          = { TO,            NONE,            TO,             TO,               TO_IN,        TO,             TO,            NONE },
    [TO_IN]       = { TO_IN,         NONE_IN,         BOTH,           TO,               TO_IN,        TO,             TO_IN,         NONE_IN },
    [FROM]        = { FROM_OUT,      FROM,            FROM,           NONE,             FROM,         NONE,           FROM,          FROM },
    [FROM_OUT]    = { FROM_OUT,      FROM,            FROM_OUT,       NONE_OUT,         FROM_OUT,     NONE_OUT,       BOTH,          FROM },
    [BOTH]        = { BOTH,          FROM,            BOTH,           TO,               BOTH,         TO,             BOTH,          FROM },
};
/* clang-format on */

static const struct {
    enum subscription sub;
    bool ask, pending_in;
} parts[ROSTER_STATES] = {
    [NONE] = {SUB_NONE, false, false},   [NONE_OUT] = {SUB_NONE, true, false},
    [NONE_IN] = {SUB_NONE, false, true}, [NONE_OUT_IN] = {SUB_NONE, true, true},
    [TO] = {SUB_TO, false, false},       [TO_IN] = {SUB_TO, false, true},
    [FROM] = {SUB_FROM, false, false},   [FROM_OUT] = {SUB_FROM, true, false},
    [BOTH] = {SUB_BOTH, false, false},
};

enum roster_state roster_state_of(const struct roster_item *item)
{
    /* "to" with a pending subscribe of ours, or "from" with one of theirs, is no state: the pending one is
     * answered already. */
    switch (item->sub) {
    case SUB_TO:
        return item->pending_in ? TO_IN : TO;
    case SUB_FROM:
        return item->ask ? FROM_OUT : FROM;
    case SUB_BOTH:
        return BOTH;
    default:
        return item->ask ? (item->pending_in ? NONE_OUT_IN : NONE_OUT) : item->pending_in ? NONE_IN : NONE;
    }
}

enum roster_state roster_step(enum roster_state s, enum roster_event ev)
{
    FERRY_ASSERT(s < ROSTER_STATES && ev < ROSTER_EVENTS);
    return next[s][ev];
}

void roster_state_set(struct roster_item *item, enum roster_state s)
{
    FERRY_ASSERT(s < ROSTER_STATES);
    item->sub = parts[s].sub;
    item->ask = parts[s].ask;
    item->pending_in = parts[s].pending_in;
}
