/* usage.h: quotas and the disk's reserve (internal to storage/).
 *
 * Exact: index_usage.c, inside the transaction of the claim. Advice: the figures of everyone who might not
 * have room for a file of the largest size are kept in memory, so grant_new can look without waiting.
 */
#ifndef FERRY_USAGE_H
#define FERRY_USAGE_H

#include "storage/index.h"
#include "storage/storage.h"

/* Whether `size` more bytes of owner, left for `to`, may be stored: READ_ONLY, FILE_TOO_LARGE, DISK_FULL,
 * QUOTA_FULL, INBOX_FULL. owner or to "": not counted; to equal to owner: only the owner pays. Any thread,
 * never blocks. */
enum refuse usage_advice(struct storage *st, const char *owner, const char *to, int64_t size);

/* Exact, in one statement each, on either kind of connection. */
enum refuse index_usage_look(struct index_db *db, const char *owner, const char *to, int64_t size,
                             int64_t day);

#endif
