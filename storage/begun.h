/* begun.h: which slots certainly have no row, told from memory (internal to storage/).
 *
 * Every id whose row was begun lately is noted, in two sets of bits that can say too much but never too
 * little: one fills while the other, older one is still asked. Who is told "never" has saved a look into the
 * index; the transaction decides all the same.
 */
#ifndef FERRY_BEGUN_H
#define FERRY_BEGUN_H

#include "storage/id.h"
#include "storage/index.h"

struct begun;
struct begun *begun_new(void);
void begun_free(struct begun *b);
/* At the start: the rows that there are. */
void begun_load(struct begun *b, struct index_db *db);
/* On the index's thread, before the row is there. */
void begun_note(struct begun *b, const struct ferry_id *id);
/* Certainly no row of it was begun. Any thread. */
bool begun_never(struct begun *b, const struct ferry_id *id);

#endif
