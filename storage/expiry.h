/* expiry.h: what becomes due by itself (internal to storage/): files past their time, uploads nobody came
 * back for, tombstones that are old enough, bytes of dead rows. */
#ifndef FERRY_EXPIRY_H
#define FERRY_EXPIRY_H

#include "storage/id.h"

struct expiry *expiry_new(void);
void expiry_free(struct expiry *e);
int64_t expiry_chore(struct storage *st);         /* index_host's chore */
void expiry_at(struct storage *st, int64_t wall); /* something becomes due then. Any thread. */
/* A file was stored now: its receiver may have to be reminded before it expires. Any thread. */
void expiry_of_new(struct storage *st, int64_t expires);
void expiry_stop(struct storage *st); /* no further rounds */
bool expiry_stopping(struct storage *st);
/* An operator's word: accepts the clock as it is and does now, on this thread, all that is due. Blocks. */
struct gc_report {
    int64_t expired, unfinished, forgotten;
};
enum refuse expiry_gc(struct storage *st, struct gc_report *out);

/* Rows that died: their bytes go, then the rows are marked. Any thread. */
struct burial;
struct burial *burial_new(struct storage *st, size_t room); /* room for so many; it grows */
struct remains;
void burial_add(struct burial *b, const struct ferry_id *id, const struct remains *left); /* none: fine */
void burial_run(struct burial *b); /* takes it: a worker does it */
/* The same on this thread, which may wait: for who has many to bury. Workers have others to serve. */
void burial_run_here(struct burial *b);
void burial_drop(struct burial *b); /* they did not die after all. NULL is allowed */

/* The wall clock against one that only runs forward: a jump of more than a day means that "expired" cannot
 * be believed (row 113). */
struct clock_guard {
    bool armed;
    int64_t offset; /* wall - boot, seconds, as believed */
};
bool clock_guard_ok(struct clock_guard *g, int64_t wall, int64_t boot);

#endif
