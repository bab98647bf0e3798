/* reading.h: the bytes of a stored file for somebody who must not wait for the disk: workers read, one piece
 * at a time. One that is removed or expires meanwhile ends for its reader too, at the next piece.
 */
#ifndef FERRY_READING_H
#define FERRY_READING_H

#include "storage/transfer.h"

#define READING_PIECE ((size_t)64 << 10)

struct reading;
/* data: READING_PIECE bytes, fewer at the end; n 0: it is over. r: what transfer_lookup and transfer_open
 * say, READ_ONLY when a read failed. Valid during the call. Never called inside reading_next. */
typedef void reading_done(void *arg, enum refuse r, const char *data, size_t n);

/* From the byte at `offset` on. */
struct reading *reading_new(struct storage *st, const struct ferry_id *id, int64_t offset,
                            struct mailbox *home);
/* The next piece; the first call opens. One at a time. */
void reading_next(struct reading *f, reading_done *done, void *arg);
/* In its place: only whether there is anything to read; n is 0. */
void reading_look(struct reading *f, reading_done *done, void *arg);
void reading_free(struct reading **f); /* no answer comes afterwards. NULL is fine */

#endif
