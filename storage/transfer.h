/* transfer.h: the transfer: one file on its way through the spool. The one durable object that both worlds
 * meet in.
 *
 * States (doc/spool.7 has the table of rows and files): receiving -> stored -> expired | removed, receiving
 * -> removed | (dropped), stored <-> held. A row appears at the first claim. Removed rows stay as tombstones.
 */
#ifndef FERRY_TRANSFER_H
#define FERRY_TRANSFER_H

#include "base/codec.h"
#include "base/sums.h"
#include "storage/grant.h"

#define TRANSFER_STATES(X)    \
    X(RECEIVING, "receiving") \
    X(STORED, "stored")       \
    X(HELD, "held")           \
    X(EXPIRED, "expired")     \
    X(REMOVED, "removed")
#define TOLD_STATES(X)    \
    X(WAITING, "waiting") \
    X(TOLD, "told")       \
    X(FAILED, "failed")
enum transfer_state {
#define X(n, s) TRANSFER_##n,
    TRANSFER_STATES(X)
#undef X
};
enum transfer_told {
#define X(n, s) TOLD_##n,
    TOLD_STATES(X)
#undef X
};
const char *transfer_state_name(enum transfer_state s);
const char *transfer_told_name(enum transfer_told t);

struct transfer { /* one row as it was read; texts live in the reader's arena */
    struct ferry_id id;
    int attempt;
    enum transfer_state state;
    enum took took;
    enum transfer_told told;
    enum purpose purpose;
    int64_t size, created, stored, expires, removed; /* wall clock; 0: not yet */
    int64_t kept; /* receiving: durable bytes at which the upload goes on */
    const char *owner, *to, *name, *type, *found_type, *desc,
        *reason; /* never NULL; type: declared; found_type: libmagic's */
    bool has_sha256;
    bool fetched; /* transfer_fetched was called for it */
    bool once;    /* GRANT_ONCE */
    bool up_to;   /* GRANT_UP_TO: until it is stored, `size` is the most that may come */
    uint8_t sha256[SHA256_BYTES];
};
/* The type to serve: found_type, or application/octet-stream. */
const char *transfer_type(const struct transfer *t);

/* --- reading (blocks; HTTP threads and commands; each thread has its own read-only connection) --- */
/* REFUSE_OK: stored. NOT_YET, NOT_FOUND, EXPIRED, REMOVED, DAMAGED (held): *out is filled where a row exists
 * (else state REMOVED, size -1). */
enum refuse transfer_lookup(struct storage *st, const struct ferry_id *id, struct arena *arena,
                            struct transfer *out);
bool transfer_is_gone(enum refuse r); /* it says so for good: expired, removed, damaged, never there */
/* The bytes: a descriptor the caller owns, whose offset others share (pread, sendfile). A file that is
 * missing or of another size is taken out of service (state held, alarm) and DAMAGED is returned. */
enum refuse transfer_open(struct storage *st, const struct transfer *t, int *fd);

struct transfer_list { /* a page of rows, newest first */
    struct transfer *rows;
    size_t n;
    bool more;
    char next[ID_LEN + 24]; /* cursor for the next page */
};
struct transfer_query {
    const char *owner, *to, *state, *cursor; /* NULL: any */
    size_t limit;                            /* at most 1000 */
    bool all;                                /* tombstones too */
};
void transfer_list(struct storage *st, const struct transfer_query *q, struct arena *arena,
                   struct transfer_list *out);

/* --- the writing half of one attempt --- */
struct incoming; /* belongs to one thread or one chain of callbacks at a time */

/* Claims: inserts the row or raises its attempt (an earlier attempt is fenced: its next write or commit says
 * SLOT_BUSY, and what it kept goes), takes the quotas. BAD_TOKEN: deadline passed before the first claim, or
 * slots.resume_for since the last; SLOT_USED: committed; EXPIRED (or the chosen time has passed), REMOVED;
 * QUOTA_FULL, PURPOSE_FULL, FILES_FULL, DAY_FULL, INBOX_FULL, TOTAL_FULL, DISK_FULL; FORBIDDEN, UNKNOWN_USER:
 * owner's or addressee's account was removed; READ_ONLY.
 * GRANT_UP_TO: takes as much of the quotas and the disk as there is, but not more than the grant's size, and
 * the commit gives back what the file did not need. Not to be kept, resumed or claimed again. */
typedef void incoming_claimed(void *arg, enum refuse r, struct incoming *in);
#define INCOMING_MD5 1 /* an MD5 was declared (SI): hash that too */
void incoming_claim(struct storage *st, const struct grant *g, unsigned flags, struct mailbox *home,
                    incoming_claimed *done, void *arg);

/* How many bytes it may have, and the refusal of one more: SIZE_MISMATCH; of GRANT_UP_TO the limit that was
 * reached. */
int64_t incoming_most(const struct incoming *in, enum refuse *limit);

/* Appends. Never past incoming_most. DISK_FULL, READ_ONLY (I/O error), SLOT_BUSY (fenced).
 * Blocks. */
enum refuse incoming_write(struct incoming *in, const void *data, size_t n);
/* The same from the loop, through a worker, in order. Takes the malloc'd data. The caller bounds what is
 * under way (256 KiB). */
typedef void incoming_fed(void *arg, enum refuse r, size_t n);
void incoming_feed(struct incoming *in, char *take, size_t n, struct mailbox *home, incoming_fed *done,
                   void *arg);
/* Bytes appended or fed so far, those before the offset of a resume too; the thread that writes. */
int64_t incoming_received(const struct incoming *in);

/* Ends it: length and hashes checked, libmagic, fsync, rename, directory fsync, row and outbox in one
 * transaction; then done. Takes *in (NULL afterwards, on every outcome). When it fails nothing is stored and
 * the reservation is back (but trouble with the disk spares what was kept before: it can be gone on with);
 * with GRANT_NOTIFY_OWNER the owner's notice says why unless `silent` is set. `t` is valid during the call.
 */
struct incoming_end {
    bool has_md5;
    uint8_t md5[MD5_BYTES];
    bool has_sha256; /* declared by the sender, to be compared */
    uint8_t sha256[SHA256_BYTES];
    struct sums *sums; /* NULL, or more that were declared: malloc'd, taken */
    bool silent;       /* a failure makes no notice: the owner is told another way */
};
typedef void incoming_committed(void *arg, enum refuse r, const struct transfer *t);
void incoming_commit(struct incoming **in, const struct incoming_end *end, struct mailbox *home,
                     incoming_committed *done, void *arg);
/* A small file without a claim before it: REFUSE_OK would be the claim's answer as far as one can tell, so
 * its bytes may come (incoming_store), or not (incoming_leave, and then perhaps incoming_claim). NULL: claim
 * it, which says why, if there is a why. Blocks. */
#define INCOMING_AT_ONCE (64 * 1024)
struct incoming *incoming_early(struct storage *st, const struct grant *g);
void incoming_leave(struct incoming **in);
/* All of it, borrowed until `done`: claimed and committed as one. The refusals of both; none leaves anything.
 * Takes *in. The first does it on the caller's thread, without waiting for another, and has called `done`
 * when it returns true; false: something holds it up, *in is still there, and incoming_store goes on with it.
 */
bool incoming_store_here(struct incoming **in, const void *data, size_t n, const struct incoming_end *end,
                         incoming_committed *done, void *arg);
void incoming_store(struct incoming **in, const void *data, size_t n, const struct incoming_end *end,
                    struct mailbox *home, incoming_committed *done, void *arg);
/* Gives up: file and reservation go; with GRANT_NOTIFY_OWNER a notice with the reason is put into the outbox
 * (REFUSE_OK: no notice). Never blocks; takes *in. */
void incoming_discard(struct incoming **in, enum refuse why);

/* Keeps what has come so that the upload can go on (slots.resume_for): the bytes are made durable, the offset
 * stands in the row, the reservation stays. Takes *in. Nothing has come: as incoming_discard. `received` is
 * the offset at which the upload goes on. SLOT_BUSY: another upload has the bytes; any other refusal: as a
 * failed write. done may be NULL: it broke off, and may give way to the user's next upload at once; else only
 * after a minute without a next piece. */
typedef void incoming_kept(void *arg, enum refuse r, int64_t received);
void incoming_keep(struct incoming **in, struct mailbox *home, incoming_kept *done, void *arg);
/* Goes on with the same attempt at `offset`; what has come is hashed again where it must be. An upload of it
 * that is still under way loses its bytes to this one: its next write says SLOT_BUSY, and how it ends changes
 * nothing. OFFSET_MISMATCH: it goes on elsewhere (transfer_progress), and an upload that was under way has
 * been halted, its bytes kept: so INCOMING_HALT halts. SLOT_BUSY: an upload is just being
 * stored or given up. Offset 0, and nothing has come: as incoming_claim. */
#define INCOMING_HALT -1 /* an offset that cannot be */
void incoming_resume(struct storage *st, const struct grant *g, int64_t offset, unsigned flags,
                     struct mailbox *home, incoming_claimed *done, void *arg);
/* Made durable and recorded twice in each slots.checkpoint, beside the writer: a kill costs less than that.
 */
#define INCOMING_RESUMABLE 2
/* What is kept of g's very file (owner, size, name, mark; g.marked) and brought by nobody: where its upload
 * goes on, at most at `most`. id NULL: nothing. */
typedef void incoming_found(void *arg, const struct ferry_id *id, int64_t offset);
void incoming_find(struct storage *st, const struct grant *g, int64_t most, struct mailbox *home,
                   incoming_found *done, void *arg);
/* Where an upload stands. REFUSE_OK: offset is what has come (0: nothing); complete: it is stored. under_way:
 * the offset moves, and not all of it is durable yet. EXPIRED, REMOVED. BAD_TOKEN: never begun, or not gone
 * on with, and too late. Blocks. */
struct transfer_progress {
    int64_t offset;
    int64_t until; /* wall clock: when it has to go on; 0: it is complete */
    bool complete, under_way;
};
enum refuse transfer_progress(struct storage *st, const struct grant *g, struct transfer_progress *out);
/* What was stored under the grant's id, to judge a repeated upload of it: any size; bytes hashed by the
 * caller. within: seconds since the commit. */
enum refuse transfer_committed(struct storage *st, const struct ferry_id *id, struct arena *arena,
                               struct transfer *out, int64_t *within);

/* --- a file that is still coming in (tail.c) --- */
struct tail;
/* REFUSE_OK: a reader of the newest attempt under way; *t: its row's facts, in the arena. NOT_YET: nothing is
 * coming. Blocks. */
enum refuse tail_open(struct storage *st, const struct ferry_id *id, struct arena *arena, struct tail **out,
                      struct transfer *t);
/* Bytes from `at` on: their number; 0: none yet, and wake(arg), unless it is NULL, will be called once, on
 * any thread, when that may have changed: it may only mark and wake; -1: the attempt is lost. The file's last
 * byte is given only after its commit. Blocks on files. */
ptrdiff_t tail_read(struct tail *tl, int64_t at, void *out, size_t n, void (*wake)(void *arg), void *arg);
void tail_close(struct tail **tl); /* no wake comes afterwards */

/* --- one-time links (GRANT_ONCE) --- */
/* One fetch at a time: OK, or ONCE_BUSY; or why it cannot be fetched any more (as transfer_lookup). After OK
 * exactly one of the two that follow. In memory. Blocks. */
enum refuse transfer_once_begin(struct storage *st, const struct ferry_id *id);
void transfer_once_spent(struct storage *st, const struct ferry_id *id); /* it has the whole file */
void transfer_once_failed(struct storage *st, const struct ferry_id *id);

/* --- what operators and owners do (asynchronous) --- */
typedef void transfer_changed(void *arg, enum refuse r);
/* Dead at once, quota back at once, bytes after. reason: "owner", "operator", ... kept in the tombstone.
 * NOT_FOUND; already dead: OK. */
void transfer_remove(struct storage *st, const struct ferry_id *id, const char *reason, struct mailbox *home,
                     transfer_changed *done, void *arg);
/* The same for an upload that is to come to nothing: SLOT_USED, and nothing happens, when it is stored. */
void transfer_cancel(struct storage *st, const struct ferry_id *id, const char *reason, struct mailbox *home,
                     transfer_changed *done, void *arg);
/* The addressee does not want it: removed, and the owner's notice says so (DECLINED), in one transaction. One
 * that was fetched, or is gone already, stays as it is. No answer. */
void transfer_decline(struct storage *st, const struct ferry_id *id);
void transfer_extend(struct storage *st, const struct ferry_id *id, int64_t expires, struct mailbox *home,
                     transfer_changed *done, void *arg);
/* The owner's word: kept until `expires`, but never longer from now on than the site keeps the purpose
 * (grant_lifetime), unless an operator has said more before. A time that has passed: it expires now. */
void transfer_owner_expires(struct storage *st, const struct ferry_id *id, int64_t expires,
                            struct mailbox *home, transfer_changed *done, void *arg);
/* The receiver has the whole file: the owner's notice, at the first time. */
void transfer_fetched(struct storage *st, const struct ferry_id *id);
/* Everything that is somebody's, as owner or as addressee (bare): files, uploads under way and what broken
 * ones have kept, notices of files; and what tombstones say of him. Blocks. */
enum refuse transfer_purge(struct storage *st, const char *jid, const char *reason);
/* The owner's delete token (an HMAC of the id under a key that never rotates). */
void transfer_delete_token(struct storage *st, const struct ferry_id *id, char out[44]);
bool transfer_delete_allowed(struct storage *st, const struct ferry_id *id, const char *token);

#endif
