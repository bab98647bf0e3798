/* roster.h: rosters, subscription states (RFC 6121 appendix A), block lists (XEP-0191) and offline messages
 * (XEP-0160): what a user has while he is away. All bare JIDs are prepared. Items are valid during the
 * callback.
 */
#ifndef FERRY_ROSTER_H
#define FERRY_ROSTER_H

#include "storage/storage.h"

enum subscription { SUB_NONE = 0, SUB_TO = 1, SUB_FROM = 2, SUB_BOTH = 3, SUB_REMOVE = 4 };
const char *subscription_name(enum subscription s);

struct roster_item {
    const char *jid;
    const char *name; /* "": none */
    const char *const *groups;
    size_t n_groups;
    enum subscription sub;
    bool ask;        /* a subscribe of ours is unanswered */
    bool pending_in; /* a subscribe of theirs is unanswered; not in the roster by itself */
    bool in_roster;  /* false: only pending_in brought the row */
};
#define ROSTER_MAX_ITEMS 2000
#define ROSTER_MAX_GROUPS 50

#define LOAD_FAILED SIZE_MAX /* n of a list that could not be read: it is not empty, it is unknown */
typedef void roster_loaded(void *arg, const struct roster_item *items, size_t n);
void roster_load(struct storage *st, const char *owner, struct mailbox *home, roster_loaded *done, void *arg);

/* Name and groups (roster set). TOO_MANY beyond the limits. `item` is what the roster holds now. */
typedef void roster_changed(void *arg, enum refuse r, const struct roster_item *item, bool changed,
                            enum subscription before);
void roster_set(struct storage *st, const char *owner, const struct roster_item *item, struct mailbox *home,
                roster_changed *done, void *arg);
/* item->sub is SUB_REMOVE in the callback, `before` what it was. NOT_FOUND. */
void roster_remove(struct storage *st, const char *owner, const char *contact, struct mailbox *home,
                   roster_changed *done, void *arg);

/* One subscription stanza seen by one of its two users; `changed` says whether the state moved (RFC 6121 A.2,
 * A.3: if not, the stanza is not routed to the contact / delivered to the user; but OUT_SUBSCRIBE and
 * OUT_UNSUBSCRIBE are always routed, and IN_SUBSCRIBE with item->sub FROM or BOTH is answered `subscribed` in
 * the user's name). UNKNOWN_USER: `owner` has no account. BLOCKED: owner blocks who sent an IN event.
 * TOO_MANY. */
enum roster_event {
    OUT_SUBSCRIBE,
    OUT_UNSUBSCRIBE,
    OUT_SUBSCRIBED,
    OUT_UNSUBSCRIBED,
    IN_SUBSCRIBE,
    IN_UNSUBSCRIBE,
    IN_SUBSCRIBED,
    IN_UNSUBSCRIBED
};
void roster_event(struct storage *st, const char *owner, const char *contact, enum roster_event ev,
                  struct mailbox *home, roster_changed *done, void *arg);

/* Block list: JIDs as stored (full, bare or domain). TOO_MANY beyond the limit, UNKNOWN_USER. */
#define BLOCK_MAX 1000
typedef void block_loaded(void *arg, const char *const *jids, size_t n);
void block_load(struct storage *st, const char *owner, struct mailbox *home, block_loaded *done, void *arg);
typedef void block_changed(void *arg, enum refuse r);
void block_add(struct storage *st, const char *owner, const char *const *jids, size_t n, struct mailbox *home,
               block_changed *done, void *arg);
void block_remove(struct storage *st, const char *owner, const char *const *jids, size_t n /* 0: all */,
                  struct mailbox *home, block_changed *done, void *arg);

/* Offline messages: whole serialised stanzas, capped per user (TOO_MANY). UNKNOWN_USER.
 * BLOCKED when owner blocks `from` (bare or full; the caller answers as RFC and XEP say). Messages stay until
 * offline_drop(up to seq). */
#define OFFLINE_MAX_MESSAGES 100
#define OFFLINE_MAX_BYTES (1 << 20)
struct offline_message {
    int64_t seq, stamp; /* wall clock */
    const char *xml;
};
typedef void offline_stored(void *arg, enum refuse r);
void offline_store(struct storage *st, const char *owner, const char *from, const char *xml,
                   struct mailbox *home, offline_stored *done, void *arg);
/* n 0, but more: it could not be read now. */
typedef void offline_loaded(void *arg, const struct offline_message *m, size_t n, bool more);
void offline_load(struct storage *st, const char *owner, int64_t after, struct mailbox *home,
                  offline_loaded *done, void *arg);
/* Not OK: none is removed; it may be tried again. done NULL: nobody wants to know. */
typedef void offline_dropped(void *arg, enum refuse r);
void offline_drop(struct storage *st, const char *owner, int64_t upto, struct mailbox *home,
                  offline_dropped *done, void *arg);

#endif
