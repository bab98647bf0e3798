/* usage.h: quotas and the disk's reserve as advice (internal to storage/).
 *
 * Exact: index_usage.c, inside the transaction of the claim. Advice: the figures of everyone who might not
 * have room for a file of the largest size are kept in memory, so that grant_new can look without waiting.
 */
#ifndef FERRY_USAGE_H
#define FERRY_USAGE_H

#include "storage/index.h"
#include "storage/index_transfer.h"
#include "storage/storage.h"

/* Whether the file may be stored: READ_ONLY, FILE_TOO_LARGE, DISK_FULL, or a limit as by index_usage_take.
 * That a quota is full is no reason to refuse while there may be something that could go (index_room_take).
 * Any thread, never blocks. */
enum refuse usage_advice(struct storage *st, const struct charge *c);
/* The part of it that concerns no user. */
enum refuse usage_room(struct storage *st, int64_t size);

/* --- for storage.c and the index's thread --- */
struct usage *usage_new(void);
void usage_free(struct usage *u);
void usage_load(struct storage *st, struct index_db *db);       /* at the start */
void usage_reconsider(struct storage *st, struct index_db *db); /* again, if the configuration has changed */
void usage_touched(struct storage *st, const char *jid); /* inside an operation: look before the COMMIT */
void usage_committing(struct storage *st, struct index_db *db); /* looks */
void usage_committed(struct storage *st);                       /* what was seen counts */
/* Bytes the disk can still take: free, less the reserve and what open attempts have yet to write. Looks at
 * the disk. INT64_MAX: cannot tell. */
int64_t usage_disk_room(struct storage *st);
/* The same for a claim of so many bytes: far from the limit a look a moment ago does for a small file. */
int64_t usage_disk_room_for(struct storage *st, int64_t size);
void usage_owe(struct storage *st, int64_t bytes); /* an attempt will write so many; negative: has */
int64_t usage_today(void);

#endif
