/* storage.h: the spool as a whole: opening, recovery, threads, closing. doc/spool.7 says what it promises.
 *
 * Inside: an index (SQLite; index_*.c: one thread writes), a byte store (files; spool.c), workers. Nothing
 * outside storage/ knows SQL or a path. Verbs that wait for a disk are asynchronous: (args, home, done, arg).
 * `done` is called exactly once; with home it runs on the home's thread, with home NULL on a thread of
 * storage's own, where it may only mark and wake (base/mailbox.h). Arguments are copied. Verbs marked
 * "blocks" are for HTTP threads, workers and ferryctl; they assert that the thread may block.
 */
#ifndef FERRY_STORAGE_H
#define FERRY_STORAGE_H

#include "base/conf.h"
#include "base/mailbox.h"
#include "base/refuse.h"

struct storage;
struct workers;

/* Locks the spool (making it where it does not exist), loads or makes the keys, opens the index, recovers.
 * Blocks. NULL: `why` has the text and *exit_code is 1 (failed) or 3 (spool in use). The configuration is
 * conf_get(). */
struct storage *storage_open(struct buf *why, int *exit_code);
void storage_start(
    struct storage *st); /* starts the threads and the background work (expiry, stale claims) */
/* Waits for what was accepted, closes, unlocks. Nobody calls a verb afterwards. */
void storage_close(struct storage **st);
/* The one that is open; commands use it. NULL: none. */
struct storage *storage_get(void);
struct workers *storage_workers(struct storage *st);
/* An eventfd, readable when the outbox may hold something new: a hint. */
int storage_poke_fd(struct storage *st);
/* True after an I/O error that makes writing unsafe (row 106): claims are refused with READ_ONLY until a
 * restart. */
bool storage_read_only(struct storage *st);
/* Path of a file in the spool for parts that must keep one (the self-signed certificate); malloc'd. */
char *storage_path(struct storage *st, const char *name);

/* Figures for `status` and the admin page. Blocks. */
struct storage_totals {
    int64_t files, bytes, receiving, outbox, accounts, disk_free, disk_size, expiring_soon;
};
void storage_totals(struct storage *st, struct storage_totals *out);

#endif
