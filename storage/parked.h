/* parked.h: partials that nobody brings at the moment, open for a minute or two (internal to storage/): a
 * client that sends a file in pieces finds its hashes as it left them, and nothing is read again. At most
 * PARKED_MAX, the oldest make room. Forgetting one costs a reading, never bytes: the row and the part under
 * tmp/ stand.
 */
#ifndef FERRY_PARKED_H
#define FERRY_PARKED_H

#include "storage/partial.h"

#define PARKED_MAX 64

struct parked;
struct parked *parked_new(struct storage *st);
void parked_free(struct parked *k); /* after parked_stop */
void parked_stop(struct parked *k); /* forgets all, and whatever comes later */

/* Takes the reference. On the index's thread, as parked_take: so between the end of one upload and the next
 * nobody sees a gap. Never waits. awaited: it did not break off, its client has been told where it goes on.
 */
void parked_put(struct parked *k, struct partial *p, bool awaited);
/* Any thread: whether there is one that is awaited. */
bool parked_awaits(struct parked *k, const struct ferry_id *id);
/* The reference, or NULL. */
struct partial *parked_take(struct parked *k, const struct ferry_id *id, int attempt);
/* Any thread: forgotten, as its file is about to go. */
void parked_drop(struct parked *k, const struct ferry_id *id, int attempt);
void parked_sweep(struct parked *k); /* those whose minute is over */

#endif
