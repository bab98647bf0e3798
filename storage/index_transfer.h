/* index_transfer.h: the index's verbs about transfers, their quotas and the outbox (internal to storage/).
 *
 * Each function is one step inside an operation (index_write) or a read (index_read, index_reader); none
 * keeps anything. Those that change rows run on the index's thread. `now` is the wall clock in seconds. A
 * refusal means: nothing of this operation may stay, the savepoint is undone.
 */
#ifndef FERRY_INDEX_TRANSFER_H
#define FERRY_INDEX_TRANSFER_H

#include "storage/index.h"
#include "storage/outbox.h"
#include "storage/transfer.h"

/* --- one transfer's life --- */
struct claim_terms {
    int64_t now, lease;  /* lease: until when a broken upload may be tried again */
    int64_t room;        /* bytes that the disk can still take, reservations under way counted */
    struct burial *gone; /* takes the files that went to make room */
    int first;           /* the number of an id's first attempt */
};
struct claim_won {
    int attempt;
    int left;          /* the attempt before it that kept bytes: they are to go; 0: none */
    bool told;         /* making room has put a notice */
    int64_t size;      /* what it took; GRANT_UP_TO: not always what the grant says */
    enum refuse limit; /* why it is not more */
};
/* Inserts the row, or raises the attempt of an open one, and takes what is not yet taken of the quotas. */
enum refuse index_claim(struct index_db *db, const struct grant *g, const struct claim_terms *t,
                        struct claim_won *won);

struct commit_facts {
    int64_t now, expires;
    const char *found_type;
    const uint8_t *sha256;
};
/* receiving -> stored, once, for the newest attempt; puts the notices. SLOT_BUSY: fenced. */
enum refuse index_commit(struct index_db *db, const struct grant *g, int attempt,
                         const struct commit_facts *facts, bool *told);
/* Claim and commit of a first attempt whose file is there already. Refusals of both; SLOT_BUSY: a row. */
enum refuse index_store(struct index_db *db, const struct grant *g, int attempt, const struct claim_terms *t,
                        const struct commit_facts *facts, bool *told);
/* The notices of a file that becomes stored. */
void index_arrived(struct index_db *db, const struct grant *g, const struct commit_facts *facts, bool *told);
/* GRANT_UP_TO, before index_commit: the row takes g's size, the file's own now, and what it had taken beyond
 * that is given back. */
void index_shrink(struct index_db *db, const struct grant *g, int attempt);
/* An attempt is over without a file: gives the reservation back if it is still the newest. An in-band
 * transfer cannot be tried again: its row goes. `why` (REFUSE_OK: none) becomes the owner's notice. */
enum refuse index_release(struct index_db *db, const struct grant *g, int attempt, enum refuse why,
                          int64_t now, bool *told);

struct remains { /* the file of a dead row */
    int attempt; /* 0: there is none */
    bool part;   /* it was never whole: it lies under tmp/ */
};
/* An upload that broke off gives up what it kept, and its reservation; it may begin anew. *left is to be
 * deleted afterwards. */
void index_forgo(struct index_db *db, const struct ferry_id *id, int64_t now, struct remains *left,
                 bool *told);
/* Dead at once: state EXPIRED or REMOVED, quota back, the receiver's notice withdrawn. *left is to be deleted
 * afterwards. NOT_FOUND; already dead: OK and nothing left. Expiry of a file nobody fetched, and the end of
 * an upload that nobody finished, put the owner's notice. */
enum refuse index_kill(struct index_db *db, const struct ferry_id *id, enum transfer_state state,
                       const char *reason, int64_t now, struct remains *left, bool *told);
/* The addressee's no (transfer_decline): CONFLICT when it was fetched or is not stored any more. */
enum refuse index_decline(struct index_db *db, const struct ferry_id *id, int64_t now, struct remains *left,
                          bool *told);
enum refuse index_extend(struct index_db *db, const struct ferry_id *id, int64_t expires);
/* The owner's word, cut to what he may choose; *expires becomes what stands. EXPIRED: too late. */
enum refuse index_owner_expires(struct index_db *db, const struct ferry_id *id, int64_t now,
                                int64_t *expires);
/* stored -> held (good false) or back, for this attempt. NOT_FOUND: it was not in the other state. */
enum refuse index_hold(struct index_db *db, const struct ferry_id *id, int attempt, bool good,
                       const char *reason);
/* The file of a dead row is gone. */
void index_bytes_gone(struct index_db *db, const struct ferry_id *id);
/* Receivers' reminders of files that they have not fetched, each once: how many of at most max were due. */
size_t index_remind(struct index_db *db, int64_t now, size_t max, bool *told);
int64_t index_next_reminder(struct index_db *db); /* wall clock; INT64_MAX: none */
/* First complete fetch: puts the owner's notice, once. */
void index_fetched(struct index_db *db, const struct ferry_id *id, int64_t now, bool *told);

/* --- an upload that goes on: index_resume.c --- */
struct open_row {
    enum transfer_state state;
    int attempt;
    bool charged; /* its quotas are taken */
    int64_t size, kept, lease;
    int64_t expires; /* as the first part of the newest attempt wished: grant.expires, grant.flags */
    unsigned flags;
};
bool index_open_row(struct index_db *db, const struct ferry_id *id, struct open_row *out);
/* Rows that were begun since then, dead or alive, at most so many; their number. */
size_t index_begun(struct index_db *db, int64_t since, size_t most, void *arg,
                   void (*fn)(void *arg, const struct ferry_id *id));
/* Why a row in this state takes no bytes; SLOT_BUSY: it does. */
enum refuse index_refuse_of_state(enum transfer_state state);
enum refuse index_refuse_of_row(struct index_db *db, const struct ferry_id *id); /* BROKEN_OFF: no row */
/* Whether g may go on with what the row has; the lease is renewed. NOT_FOUND: no row; else as index_claim. */
enum refuse index_renew(struct index_db *db, const struct grant *g, const struct claim_terms *t,
                        struct open_row *row);
/* So many bytes of this attempt are durable. A refusal: it is no longer the newest of an open row. */
enum refuse index_keep(struct index_db *db, const struct ferry_id *id, int attempt, int64_t kept,
                       int64_t lease);

/* The newest that kept bytes of g's very file (owner, size, name, mark), at most `most` of them, and may go
 * on; those behind `after` (of that name in the answer before; at first zero). false: no more. */
struct found_part {
    struct ferry_id id;
    int attempt;
    int64_t kept, created;
};
bool index_find_part(struct index_db *db, const struct grant *g, int64_t now, int64_t most,
                     struct found_part *at);

/* --- reading --- */
bool index_get(struct index_db *db, const struct ferry_id *id, struct arena *arena, struct transfer *out);
void index_list(struct index_db *db, const struct transfer_query *q, struct arena *arena,
                struct transfer_list *out);
/* Ids that begin with `prefix`, at most max. */
size_t index_by_prefix(struct index_db *db, const char *prefix, struct ferry_id *ids, size_t max);
/* Ids of rows that are somebody's (owner or addressee), not dead. */
size_t index_of_user(struct index_db *db, const char *jid, struct ferry_id *ids, size_t max);
/* The newest living files of his that can be fetched, without the first `skip`. */
size_t index_of_user_page(struct index_db *db, const char *jid, int64_t now, size_t skip, size_t max,
                          struct arena *arena, struct transfer *rows);
/* His living rows whose ids begin so. */
size_t index_of_user_find(struct index_db *db, const char *jid, const char *prefix, struct arena *arena,
                          struct transfer *rows, size_t max);
void index_totals(struct index_db *db, int64_t now, struct storage_totals *out);

/* --- due work: at most max rows each --- */
size_t index_due(struct index_db *db, int64_t now, struct ferry_id *ids, size_t max);
int64_t index_next_due(struct index_db *db); /* wall clock; INT64_MAX: nothing expires */
/* Open rows whose lease has passed. */
size_t index_lapsed(struct index_db *db, int64_t now, struct ferry_id *ids, size_t max);
/* Tombstones older than `before` are forgotten. */
int64_t index_forget(struct index_db *db, int64_t before, int64_t max);
/* Tombstones say no longer what somebody sent, and that it was he, or that it was for him. How many. */
int64_t index_forget_user(struct index_db *db, const char *jid, int64_t max);

/* --- recovery and fsck --- */
struct index_part { /* an open row that kept bytes */
    struct ferry_id id;
    int attempt;
    int64_t kept;
};
/* All of them, by id; *out is malloc'd. */
size_t index_parts(struct index_db *db, struct index_part **out);
void index_part_lost(struct index_db *db, const struct ferry_id *id); /* it kept nothing after all */
/* After a start nobody writes: every open attempt that kept nothing is released as by index_release. The
 * number. */
int64_t index_release_all(struct index_db *db, int64_t now, bool *told);
struct index_file { /* a row that has, or had, a file */
    struct ferry_id id;
    int attempt;
    enum transfer_state state;
    int64_t size;
    bool bytes, has_sha256;
    uint8_t sha256[SHA256_BYTES];
};
/* Rows with a file whose id begins with `first`, by id; *out is malloc'd. */
size_t index_files(struct index_db *db, char first, struct index_file **out);
bool index_file(struct index_db *db, const struct ferry_id *id, struct index_file *out);
/* Dead rows with a file, by id, those behind `after`. */
size_t index_dead_files(struct index_db *db, const struct ferry_id *after, struct index_file *out,
                        size_t max);

/* --- quotas: index_usage.c --- */
struct charge {             /* what one file takes, and of whom; its texts are borrowed */
    const char *owner, *to; /* "": nobody's; to pays with his inbox unless he is the owner */
    int64_t size;
    enum purpose purpose;
    int64_t day;  /* whose daily_quota; 0 when it is given back: that of the day stays used */
    bool arrives; /* taken: it is stored with that, and counts in storage_totals */
};
/* Takes all of it, or says which limit there is: QUOTA_FULL, PURPOSE_FULL, FILES_FULL, DAY_FULL, INBOX_FULL,
 * TOTAL_FULL; FORBIDDEN, UNKNOWN_USER: the account of owner or addressee was removed. */
enum refuse index_usage_take(struct index_db *db, const struct charge *c);
void index_usage_give(struct index_db *db, const struct charge *c);
void index_usage_give_part(struct index_db *db, const struct charge *c); /* bytes of a file that stays */
/* An upload that has its reservation begins anew: its bytes count for this day instead of the one that they
 * were taken from. DAY_FULL. */
enum refuse index_usage_redate(struct index_db *db, const struct ferry_id *id, int64_t day);
void index_usage_files(struct index_db *db, int by); /* stored and held files, in all */
/* Compares the sums of all rows with what is kept, mends it; complaints are added to `out`. */
int index_usage_check(struct index_db *db, bool mend, struct buf *out);
/* One user's figures, and those of all users that a limit may soon concern (gauge_near). */
struct usage_figures {
    int64_t used, files, inbox_used, inbox_files, day, day_used;
    int64_t purpose_used[PURPOSE_COUNT];
    int64_t user_quota, inbox_quota; /* -1: the configured one */
    bool closed;                     /* his account was removed: nothing more by him or for him */
    bool broken_off;                 /* uploads of his have kept bytes, and may be sent by nobody now */
    bool room, inbox_room;           /* make_room: there are files that could go */
};
bool index_usage_get(struct index_db *db, const char *jid, struct usage_figures *out);
/* As much of them as it takes to see that no limit is near; all of them if one may be. */
void index_usage_near(struct index_db *db, const char *jid, struct usage_figures *out);
void index_usage_each(struct index_db *db, void *arg,
                      void (*fn)(void *arg, const char *jid, const struct usage_figures *f));
int64_t index_usage_total(struct index_db *db);
/* Of a user who goes: from now on nothing more is taken of him or for him; his own quotas are forgotten. The
 * next account of the name begins with index_usage_reopen. */
void index_usage_close(struct index_db *db, const char *jid, int64_t now);
void index_usage_drop(struct index_db *db, const char *jid);
void index_usage_reopen(struct index_db *db, const char *jid);

/* --- room: index_room.c --- */
struct burial;
/* What stands in the charge's way once all room has been made that can be; OK: nothing. Reads only. */
enum refuse index_room_look(struct index_db *db, const struct charge *c);
/* index_usage_take, with room made where there is none: first the owner's own uploads that broke off and that
 * nobody sends now (parked_awaits) give up what they kept, then, with make_room, files that were fetched go,
 * each the oldest first, as many as the charge needs, and none if that does not suffice. What is to be
 * deleted is added to `gone`. Sets *told when a notice was put. */
enum refuse index_room_take(struct index_db *db, const struct charge *c, int64_t now, struct burial *gone,
                            bool *told);
/* How much of the charge's size there is without making room; *why: what ends it, untouched where nothing
 * does. */
int64_t index_room_left(struct index_db *db, const struct charge *c, enum refuse *why);
/* The limit that stands in the way, and when files that expire will have made room. */
void index_room_explain(struct index_db *db, const struct charge *c, int64_t now, struct grant_limit *out);

/* --- outbox: index_outbox.c --- */
void index_outbox_add(struct index_db *db, const struct outbox_item *item);
void index_outbox_withdraw(struct index_db *db, const struct ferry_id *id, enum outbox_kind kind);
void index_outbox_mute(struct index_db *db, const char *jid); /* takes back what is mutable */
enum refuse index_outbox_done(struct index_db *db, int64_t seq, bool failed);
void index_outbox_step(struct index_db *db, int64_t seq, enum outbox_step step);
struct outbox_item *index_outbox_scan(struct index_db *db, const char *jid, int64_t after, size_t limit,
                                      struct arena *arena, size_t *n, bool *more);

#endif
