/* grant.h: a slot: leave to store one file (XEP-0363 slot, SI offer that was accepted, ferryctl send). A
 * grant is a value; nothing is written when it is made. Sealed, it is the token in a PUT URL: base64url of
 * key id, nonce and AES-256-GCM.
 */
#ifndef FERRY_GRANT_H
#define FERRY_GRANT_H

#include "base/arena.h"
#include "storage/id.h"

enum took { TOOK_SLOT, TOOK_SI, TOOK_JINGLE, TOOK_WEB, TOOK_DROP, TOOK_COUNT };
enum purpose { PURPOSE_MESSAGE, PURPOSE_PROFILE, PURPOSE_EPHEMERAL, PURPOSE_PERMANENT, PURPOSE_COUNT };
const char *took_name(enum took t);
const char *purpose_name(enum purpose p);

/* How long the site keeps a file of that purpose, from the commit on, in seconds: nobody who uploads can
 * choose more. */
int64_t grant_lifetime(enum purpose p);

#define GRANT_MARK 16

struct grant {
    struct ferry_id id;
    int64_t size;       /* exact, but for GRANT_UP_TO */
    int64_t expires;    /* wall clock; 0: by purpose, from the commit on */
    int64_t deadline;   /* wall clock; judges the first claim only */
    const char *name;   /* cleaned (filename_clean) */
    const char *type;   /* declared; "": none */
    const char *owner;  /* bare JID who pays; "": the operator */
    const char *to;     /* bare JID who is told and, if not the owner, whose inbox pays; "": nobody */
    const char *to_raw; /* SI: the address the sender wrote, byte for byte; "" else */
    const char *desc;   /* words of the sender for the receiver; "" */
    enum took took;
    enum purpose purpose;
    unsigned flags; /* GRANT_* */
    /* Offers: a digest of what tells this very file from others of its name and size, by which an upload that
     * broke off is found again (incoming_find). In no token. */
    bool marked;
    uint8_t mark[GRANT_MARK];
};
/* A slot may be so much above [storage] max_file_size, and the published limit is: clients that stay strictly
 * below what they are told, and the tag of an encrypted file, fit (C31). An offer may not: its size is the
 * file's own. */
#define GRANT_SLACK 1024
#define GRANT_NOTIFY_OWNER 1 /* stored / not stored notices go to the owner */
#define GRANT_ONCE 2         /* the file goes with its first whole fetch (transfer_once_*) */
#define GRANT_UP_TO 4        /* nobody knows the size: `size` is the most that is taken (incoming_claim) */

/* Fills id, deadline (slots.put_deadline from now) and looks whether it may be: size (FILE_TOO_LARGE),
 * quotas, disk reserve, read-only. Advice only: the claim takes the quota. Any thread, never blocks (figures
 * kept in memory). */
enum refuse grant_new(struct storage *st, struct grant *g);

/* Asynchronous: whether `from` may leave `size` bytes for `to` (both bare): UNKNOWN_USER, BLOCKED (to blocks
 * from), UNAVAILABLE (no takeover for him), OFFER_NOT_TAKEN (accept_from: his own or the site's), then as
 * grant_new with both quotas. `known` is false when `to` has no account here. */
typedef void grant_asked(void *arg, enum refuse r);
void grant_ask(struct storage *st, const char *from, const char *to, int64_t size, struct mailbox *home,
               grant_asked *done, void *arg);

/* A refusal of a quota or of space, in figures: which limit, how much of it is used, and when there will be
 * room by itself (files that expire, the day that ends). */
struct grant_limit {
    enum refuse why;     /* QUOTA_FULL, DAY_FULL, PURPOSE_FULL, FILES_FULL, INBOX_FULL, TOTAL_FULL, DISK_FULL;
                          * OK: there would be room now */
    int64_t used, limit; /* bytes, or files (FILES_FULL). Both 0: not told, they are somebody else's (inbox,
                          * TOTAL_FULL, DISK_FULL) */
    int64_t frees;       /* wall clock; 0: nobody knows. Judged by the 2,000 oldest files, so that with more
                          * there may be room earlier; to the full hour if inbox */
    bool inbox;          /* the limit is the addressee's */
};
typedef void grant_explained(void *arg, const struct grant_limit *limit);
/* Why g cannot be stored now: the first limit in the way, but `frees` is when none is any more. Other than a
 * limit: FORBIDDEN, UNKNOWN_USER (an account that was removed). Asynchronous; `limit` is valid during the
 * call. */
void grant_explain(struct storage *st, const struct grant *g, struct mailbox *home, grant_explained *done,
                   void *arg);
/* "950.0 MB of 1.0 GB are used. There will be room on 2026-12-01 at 08:00 UTC." in lang ("en", "zh-Hans");
 * nothing for what is not the asker's to know. */
void grant_limit_words(const struct grant_limit *limit, const char *lang, struct buf *out);

/* A grant by another server (http/external.c): the id is made from the path of its slot, always the same one.
 */
void grant_derive_id(struct storage *st, const char *path, struct ferry_id *out);

/* Seals. 0, or -1: longer than 2,000 characters; then grant_store, which writes a row and makes a token that
 * names it. */
int grant_seal(struct storage *st, const struct grant *g, struct buf *token);
typedef void grant_stored(void *arg, enum refuse r, const char *token);
void grant_store(struct storage *st, const struct grant *g, struct mailbox *home, grant_stored *done,
                 void *arg);
/* Opens a token, texts in the arena. BAD_TOKEN for anything forged, truncated or of a foreign key, in
 * constant time. A passed deadline is not judged here. Blocks only for the rare row token. */
enum refuse grant_open(struct storage *st, const char *token, size_t n, struct arena *arena,
                       struct grant *out);

/* Links (always from the configuration, never from a request). The base is set once the listeners stand. */
void link_set_base(const char *public_url);
const char *link_base(void);
const char *link_path(void); /* the path of the base, which a proxy may cut off: "/ferry"; "": it has none */
void link_get(struct buf *out, const struct ferry_id *id, const char *name); /* BASE/f/ID/NAME */
void link_put(struct buf *out, const char *token, const char *name);         /* BASE/u/TOKEN/NAME */

#endif
