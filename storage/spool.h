/* spool.h: the byte store, filled by a directory (internal to storage/): the files of transfers and nothing
 * else: no SQL, no quotas, no policy.
 *
 * A file is named by id and attempt and is written once. Refusals: DISK_FULL (no space, no inodes, file too
 * large for the system), READ_ONLY (an I/O error: the caller stops writing altogether), TOO_MANY (no
 * descriptors), INTERNAL (anything that cannot be: logged). Everything here may wait for the disk.
 */
#ifndef FERRY_SPOOL_H
#define FERRY_SPOOL_H

#include "storage/id.h"

#define SPOOL_SHARDS 64 /* one per base64url character: the first of the id */

struct spool;
struct spool_writer; /* belongs to one thread at a time */

/* Makes what is missing below dir_fd (borrowed for good). NULL: `why`. */
struct spool *spool_open(int dir_fd, struct buf *why);
void spool_close(struct spool **sp);
int spool_shard(const struct ferry_id *id);
char spool_shard_char(int shard);

/* --- writing --- */
/* A new file of at most `size` bytes in tmp/; whole: all of them are expected, and a full disk is told now.
 */
enum refuse spool_create(struct spool *sp, const struct ferry_id *id, int attempt, int64_t size, bool whole,
                         struct spool_writer **out);
/* All of it or a refusal; after a refusal only spool_discard is left. More than `size`: SIZE_MISMATCH. */
enum refuse spool_append(struct spool_writer *w, const void *data, size_t n);
bool spool_allocated(const struct spool_writer *w); /* does the disk count the whole size already? */
/* Bytes as they were written, at most n from `at` on; the number, or -1. */
ptrdiff_t spool_peek(struct spool_writer *w, int64_t at, void *out, size_t n);
/* What was written survives a power cut, name and bytes, under tmp/. A failed one is final. One thread may
 * sync while another appends. */
enum refuse spool_sync(struct spool_writer *w);
/* Syncs the file once and moves it to data/ without overwriting. Its name is durable only after
 * spool_sync_name. Takes the writer, unless it refuses: then only spool_discard and spool_leave are left.
 */
enum refuse spool_publish(struct spool_writer **w);
void spool_discard(struct spool_writer **w); /* NULL is fine */
/* Closes; what was written stays as a part, for spool_reopen: it goes on at `at`, and what lies beyond is cut
 * off. DAMAGED: no such part, or a shorter one. */
void spool_leave(struct spool_writer **w); /* NULL is fine */
enum refuse spool_reopen(struct spool *sp, const struct ferry_id *id, int attempt, int64_t size, int64_t at,
                         struct spool_writer **out);
void spool_remove_part(struct spool *sp, const struct ferry_id *id, int attempt);
/* A whole small file under its last name at once, which is durable with it. Nobody may ask for it before
 * that: a failure takes it away again. CONFLICT: something has the name. */
enum refuse spool_put(struct spool *sp, const struct ferry_id *id, int attempt, const void *data, size_t n);
/* Lately that took less than a change of thread costs: memory, or a disk whose cache needs no flush. */
#define SPOOL_QUICK_US 50
bool spool_syncs_quickly(struct spool *sp);
/* Makes the name durable under which a file was published. READ_ONLY: nobody knows whether it is. */
enum refuse spool_sync_name(struct spool *sp, const struct ferry_id *id);

/* --- reading and removing --- */
/* A descriptor the caller owns. NOT_FOUND: no such file. DAMAGED: not a plain file of `size` bytes. */
enum refuse spool_read(struct spool *sp, const struct ferry_id *id, int attempt, int64_t size, int *fd);
/* The same for a file that may be asked for again and again: the descriptor shares its offset with others, so
 * read by pread or sendfile at an offset. */
enum refuse spool_read_often(struct spool *sp, const struct ferry_id *id, int attempt, int64_t size, int *fd);
/* The same of a file that is still being written: whatever it holds by now. */
enum refuse spool_read_coming(struct spool *sp, const struct ferry_id *id, int attempt, int *fd);
/* 0: it is gone (or was never there); -1: it is still there. */
int spool_remove(struct spool *sp, const struct ferry_id *id, int attempt);
/* Moves a file from data/ to quarantine/: kept for the operator, never served. */
int spool_quarantine(struct spool *sp, const struct ferry_id *id, int attempt);

/* --- looking --- */
struct spool_entry {
    struct ferry_id id;
    int attempt; /* 0: a name that is none of ours; id.text holds as much of it as fits */
};
/* What a shard holds, sorted by id and attempt; *out is malloc'd. The number, or -1. */
ptrdiff_t spool_list(struct spool *sp, int shard, struct spool_entry **out);
/* At the start, when no writer is open. Removes what nobody wants from tmp/: the number, or -1. */
typedef bool spool_wanted(void *arg, const struct spool_entry *e);
int spool_clear_tmp(struct spool *sp, spool_wanted *wanted, void *arg);
/* The size of a part, or -1. One that was published and then not committed is moved back to tmp/ first. */
int64_t spool_find_part(struct spool *sp, const struct ferry_id *id, int attempt);
/* Deletes what has lain in quarantine/ since before this time (wall clock seconds). The number. */
int spool_sweep_quarantine(struct spool *sp, int64_t before);
/* Bytes free to us and in all; -1: cannot tell. */
int spool_space(struct spool *sp, int64_t *free_bytes, int64_t *size);

#endif
