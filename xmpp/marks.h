/* marks.h: rows of the outbox that somebody was told, until the index has certainly written that down, and a
 * little longer: whoever is asked whether to tell one again looks here. On the loop.
 *
 * A mark that storage cannot write now is kept and tried again (retry.h); what one stands for that is given
 * up may be told twice.
 */
#ifndef FERRY_MARKS_H
#define FERRY_MARKS_H

#include "base/loop.h"
#include "storage/outbox.h"

#define MARKS_ROWS 20 /* of one mark: they are written together or not at all */

void marks_start(struct loop *loop, struct storage *st);
void marks_stop(void);

/* They were told; or, failed, never can be. n <= MARKS_ROWS. */
void marks_told(const int64_t *seqs, size_t n, bool failed);
/* A FILE row's receiver has got the file itself (outbox_fetched). */
void marks_fetched(int64_t seq, const struct ferry_id *id);
/* A scan that sees it now is behind the time. */
bool marks_has(int64_t seq);

#endif
