/* recent.h: rows that a thread has read lately, so that a picture that a whole room looks at, or a film that
 * is read in a thousand pieces, is looked up once (internal to storage/).
 *
 * A row is true until the next COMMIT, of whatever: each is kept with the number of the last one before it
 * was read. One for each reading connection, which belongs to one thread: no locks. */
#ifndef FERRY_RECENT_H
#define FERRY_RECENT_H

#include "storage/transfer.h"

struct recent;
struct recent *recent_new(void);
void recent_free(struct recent *r); /* NULL: nothing */

/* The row of `id` if it was kept at this `commit`, as a copy in the arena. */
bool recent_find(struct recent *r, const struct ferry_id *id, uint64_t commit, struct arena *arena,
                 struct transfer *out);
/* Keeps a copy, in place of the one of a thousand that was not asked for the longest. A row with long texts
 * is not kept. */
void recent_keep(struct recent *r, const struct transfer *t, uint64_t commit);

#endif
