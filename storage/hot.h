/* hot.h: open descriptors of the files that are being asked for again and again, so that a film that is read
 * in a thousand pieces is opened once (internal to storage/).
 *
 * A file is kept open from the second time in a row that its place in the table is asked for it; whoever
 * removes a file lets go of it here, so that its room comes back at once. Any thread. */
#ifndef FERRY_HOT_H
#define FERRY_HOT_H

#include "storage/id.h"

struct hot;
struct hot *hot_new(void);
void hot_free(struct hot *h); /* NULL: nothing */

/* A duplicate of the kept descriptor, the caller's; it shares its offset. -1: none is kept, and *ticket is
 * for hot_keep. */
int hot_take(struct hot *h, const struct ferry_id *id, int attempt, unsigned *ticket);
/* The caller has opened it and keeps fd: a duplicate of it may be kept, unless a file was removed since the
 * ticket was given. */
void hot_keep(struct hot *h, const struct ferry_id *id, int attempt, int fd, unsigned ticket);
/* It is being removed, or the kept descriptor is no longer what has its name. */
void hot_drop(struct hot *h, const struct ferry_id *id, int attempt);

#endif
