/* live.h: the attempts under way in this process (internal to storage/). A newer claim, a removal or an
 * expiry of a transfer reaches its open attempt through here: the next write or commit of it is refused. Any
 * thread.
 */
#ifndef FERRY_LIVE_H
#define FERRY_LIVE_H

#include <stdatomic.h>

#include "storage/id.h"

struct live_entry { /* embedded in the attempt */
    struct live_entry *next;
    struct ferry_id id;
    atomic_int fenced; /* enum refuse; REFUSE_OK: goes on */
};

struct live;
struct live *live_new(void);
void live_free(struct live *l);
/* Enters an attempt; an earlier one of the same id is fenced with SLOT_BUSY. */
void live_add(struct live *l, struct live_entry *e);
void live_remove(struct live *l, struct live_entry *e); /* also one that was never entered */
void live_fence(struct live *l, const struct ferry_id *id, enum refuse why);
bool live_has(struct live *l, const struct ferry_id *id);

#endif
