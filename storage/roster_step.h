/* roster_step.h: the subscription states of RFC 6121 appendix A as one table. Internal to storage/; pure. */
#ifndef FERRY_ROSTER_STEP_H
#define FERRY_ROSTER_STEP_H

#include "storage/roster.h"

/* A.1's nine states, as the roster keeps them: subscription, `ask` (pending out), `pending_in`. */
enum roster_state { NONE, NONE_OUT, NONE_IN, NONE_OUT_IN, TO, TO_IN, FROM, FROM_OUT, BOTH, ROSTER_STATES };
#define ROSTER_EVENTS 8

enum roster_state roster_state_of(const struct roster_item *item);
enum roster_state roster_step(enum roster_state s, enum roster_event ev);
void roster_state_set(struct roster_item *item, enum roster_state s);

#endif
