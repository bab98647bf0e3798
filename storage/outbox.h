/* outbox.h: what has still to be told to somebody. Rows are written in the same transaction as the change
 * they tell of; xmpp/announce drains them. A row goes when it was told for certain; until then every start
 * and every login sees it again.
 */
#ifndef FERRY_OUTBOX_H
#define FERRY_OUTBOX_H

#include "storage/transfer.h"

#define OUTBOX_KINDS(X)                                           \
    X(FILE, "file")         /* to the receiver: here is a file */ \
    X(STORED, "stored")     /* to the sender */                   \
    X(NOT_STORED, "failed") /* to the sender: `why` */            \
    X(FETCHED, "fetched")   /* to the sender */                   \
    X(UNREAD, "expired")    /* to the sender: expired unread */   \
    X(REMIND, "expiring")   /* to the receiver: he has not read it, and it expires */
enum outbox_kind {
#define X(n, s) OUTBOX_##n,
    OUTBOX_KINDS(X)
#undef X
};
const char *outbox_kind_name(enum outbox_kind k);
bool outbox_kind_mutable(enum outbox_kind k); /* a user who has muted his notices does not get it */

/* How far a FILE row has come that is to be told in two ways, a message with the link and a transfer. */
enum outbox_step {
    OUTBOX_FRESH,
    OUTBOX_LINKED,   /* he has the link; the transfer is still to come */
    OUTBOX_DECLINED, /* he did not want it offered: the link is still to come */
};

struct outbox_item { /* texts valid during the callback */
    int64_t seq;
    enum outbox_kind kind;
    const char *jid;      /* bare JID who is to be told */
    const char *peer;     /* bare JID of the other side; "": the operator */
    const char *peer_raw; /* the address as the sender wrote it, or "" */
    struct ferry_id id;   /* text "" when there was never a row */
    const char *name, *desc, *type;
    int64_t size, created, expires;
    bool has_sha256;
    uint8_t sha256[SHA256_BYTES];
    enum refuse why; /* NOT_STORED */
    enum outbox_step step;
    bool once; /* FILE: its link works once */
};

/* Its texts are the arena's; NULL becomes "". */
struct outbox_item outbox_item_copy(struct arena *arena, const struct outbox_item *item);

/* Rows with seq > after, oldest first, at most `limit`; jid (bare) or NULL for everybody's. None, but more:
 * the index could not be read now. */
typedef void outbox_scanned(void *arg, const struct outbox_item *items, size_t n, bool more);
void outbox_scan(struct storage *st, const char *jid, int64_t after, size_t limit, struct mailbox *home,
                 outbox_scanned *done, void *arg);
/* OK: it is written, and no scan that begins now sees it as it was. Else nothing is; it may be tried again.
 */
typedef void outbox_marked(void *arg, enum refuse r);
/* They were told (or, with failed, can never be): the rows go, all in one transaction, and FILE rows'
 * transfers are marked told / failed. A power cut may undo it: then they are told twice (spool.7 says so).
 * done NULL: nobody wants to know. */
void outbox_done(struct storage *st, const int64_t *seqs, size_t n, bool failed, struct mailbox *home,
                 outbox_marked *done, void *arg);
/* A FILE row's receiver has got the file itself: transfer_fetched and outbox_done in one, so that who is told
 * of the one never hears the other again. */
void outbox_fetched(struct storage *st, int64_t seq, const struct ferry_id *id, struct mailbox *home,
                    outbox_marked *done, void *arg);
/* A FILE row stays, and has come so far; LINKED: its transfer is marked told. */
void outbox_step(struct storage *st, int64_t seq, enum outbox_step step, struct mailbox *home,
                 outbox_marked *done, void *arg);
/* Puts a notice that no change carries (an offer that ended before its first byte). */
void outbox_put(struct storage *st, const struct outbox_item *item);

#endif
