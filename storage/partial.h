/* partial.h: what has come of a file (internal to storage/): the bytes of one attempt under tmp/, their
 * hashes and their number. It outlives the upload that brought them: it is parked, or another upload of the
 * same attempt takes it over.
 *
 * A partial has one owner at a time, a pointer that is only compared. Who is not the owner is told SLOT_BUSY
 * and changes nothing; so an upload that lost its bytes may go on to its end without doing harm. The index's
 * thread passes it from one owner to the next and never waits for the disk; an owner who is done for, or is
 * about to publish, seals it: then it is passed to nobody.
 *
 * Counted: partial_ref and partial_unref, any thread. Verbs that take an owner may wait for the disk.
 */
#ifndef FERRY_PARTIAL_H
#define FERRY_PARTIAL_H

#include "storage/internal.h"

struct partial;

/* Empty, one reference; nothing is on the disk before the first byte. */
struct partial *partial_new(struct storage *st, const struct ferry_id *id, int attempt, int64_t size,
                            const void *owner);
void partial_unsized(struct partial *p); /* before the first byte: not all of `size` may come */
/* The part that a row says is there: `kept` bytes, opened and hashed by partial_ready. */
struct partial *partial_of_row(struct storage *st, const struct ferry_id *id, int attempt, int64_t size,
                               int64_t kept, const void *owner);
struct partial *partial_ref(struct partial *p);
/* The last one closes the file, which stays on the disk, on a worker. Inside storage_enter and -leave. */
void partial_unref(struct partial **p);

const struct ferry_id *partial_id(const struct partial *p);
int partial_attempt(const struct partial *p);
int64_t partial_received(const struct partial *p); /* any thread, at any time */
void partial_promise(struct partial *p);           /* the row says now that bytes of it are kept */
bool partial_promised(struct partial *p);

/* --- whose it is: never waits --- */
bool partial_owned(struct partial *p, const void *owner);
/* From whoever has it; NULL: nobody (parked). false: sealed. */
bool partial_pass(struct partial *p, const void *owner);
/* false: somebody else's. */
bool partial_seal(struct partial *p, const void *owner);

/* --- what the disk has yet to take (usage_owe): never waits --- */
/* Bytes that are not there and have no blocks of their own. Of one that nobody else uses now. */
int64_t partial_missing(const struct partial *p);
void partial_owe(struct partial *p); /* all that is missing is promised to it */
void partial_owe_nothing(struct partial *p);

/* --- the bytes; SLOT_BUSY: not the owner's --- */
/* n 0: makes an empty file. A refusal is an end (partial_drop), and every later verb says the same. */
enum refuse partial_append(struct partial *p, const void *owner, bool md5, const void *data, size_t n);
/* Makes it fit to go on at `offset`, a slice of hashing at a time: *more: call again. OFFSET_MISMATCH: it
 * goes on at partial_received. DAMAGED: the file is not what the row says, and is gone. */
enum refuse partial_ready(struct partial *p, const void *owner, int64_t offset, bool md5, bool *more);
/* What has come is durable, so many bytes. A refusal is an end, as of partial_append. */
enum refuse partial_sync(struct partial *p, const void *owner, int64_t *durable);
/* So many bytes came since the last time, and nobody is at it: the caller sees to it that partial_sync_due is
 * called on a thread that waits for the disk. */
bool partial_due(struct partial *p, const void *owner, int64_t every);
/* As partial_sync, whoever owns it. SLOT_BUSY: there is nothing to do any more. */
enum refuse partial_sync_due(struct partial *p, int64_t *durable);
/* The hashes; md5 may be NULL. Nothing can be appended afterwards. */
enum refuse partial_sums(struct partial *p, const void *owner, uint8_t *sha256, uint8_t *md5);
/* Bytes from `at` on; their number, or -1. */
ptrdiff_t partial_read(struct partial *p, const void *owner, int64_t at, void *out, size_t n);
enum refuse partial_publish(struct partial *p, const void *owner);
/* It comes to nothing. The file goes, unless the disk is to blame and bytes of it were promised: then
 * partial_left, and the row still says how many. Not the owner, or failed before: nothing happens. */
void partial_drop(struct partial *p, const void *owner, enum refuse why);
void partial_unpublish(struct partial *p, enum refuse why); /* the same after partial_publish */
bool partial_left(struct partial *p);

#endif
