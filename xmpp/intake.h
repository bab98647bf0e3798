/* intake.h: from bytes on the loop to a transfer in storage. Whatever brings the bytes (in-band blocks, a
 * bytestream) places them into 64 KiB buffers that go to storage's workers; at most 256 KiB of one transfer
 * wait, then the owner holds its peer back. Where more than 256 transfers run both are smaller, so that all
 * have 64 MiB in memory at most. Ends in one commit or one discard, told once.
 *
 * All of it belongs to the loop; no call blocks, and none of the callbacks runs inside a call.
 */
#ifndef FERRY_INTAKE_H
#define FERRY_INTAKE_H

#include "storage/transfer.h"

struct intake;
struct intake_events {
    /* The claim was answered. A refusal is the end: the intake is gone. */
    void (*claimed)(void *owner, enum refuse r);
    void (*room)(void *owner); /* intake_full() was true and is no longer */
    /* A write failed (r, nothing is stored), or the commit was answered: t is valid then. The intake is gone.
     */
    void (*ended)(void *owner, enum refuse r, const struct transfer *t);
    bool quiet; /* nobody was told of it: a failed write makes no notice */
};

/* Claims the grant. md5 NULL: none was declared. The grant's texts are copied by storage. */
struct intake *intake_new(struct storage *st, const struct grant *g, const uint8_t md5[MD5_BYTES],
                          struct mailbox *home, const struct intake_events *ev, void *owner);

/* The same for a grant whose first `offset` bytes are kept (intake_keep): the next one is the one behind. */
struct intake *intake_resume(struct storage *st, const struct grant *g, int64_t offset,
                             const uint8_t md5[MD5_BYTES], struct mailbox *home,
                             const struct intake_events *ev, void *owner);

/* Another stream of the same owner brings the rest. */
void intake_turn(struct intake *in, const struct intake_events *ev);

/* Where the next bytes go: room for n (at most 128 KiB). Valid until intake_took. After claimed. */
char *intake_room(struct intake *in, size_t n);
/* n bytes were put there. SIZE_MISMATCH: more than announced (row 50), or the limit that ends a file of
 * unknown size; they do not count. */
enum refuse intake_took(struct intake *in, size_t n);
enum refuse intake_add(struct intake *in, const void *data, size_t n); /* the same for bytes elsewhere */

int64_t intake_received(const struct intake *in);
bool intake_whole(const struct intake *in);   /* all announced bytes are here; no size: that is never known */
bool intake_may_end(const struct intake *in); /* whole, or nobody knows: its end is the sender's to say */
bool intake_full(const struct intake *in);    /* hold the peer back until `room` */

/* The checksums that the file must have; before intake_commit. */
void intake_expect(struct intake *in, const struct sums *sums);
void intake_commit(struct intake *in); /* `ended` follows */
/* Gives up; takes *in, NULL is fine; no callback follows. why: the reason in the owner's notice. */
void intake_abort(struct intake **in, enum refuse why);

/* The same, but what has come is kept so that it can be gone on with: done as of incoming_keep. Only once it
 * was claimed, and not during the commit. */
void intake_keep(struct intake **in, incoming_kept *done, void *arg);

#endif
