/* live.h: the attempts under way in this process (internal to storage/). A newer claim, a removal or an
 * expiry of a transfer reaches its open attempt through here: the next write or commit of it is refused. Who
 * reads the bytes while they come (tail.c) follows the attempt here, and is woken. Any thread.
 */
#ifndef FERRY_LIVE_H
#define FERRY_LIVE_H

#include <stdatomic.h>

#include "storage/id.h"

struct follower;
struct partial;

struct live_entry { /* embedded in the attempt */
    struct live_entry *next;
    struct ferry_id id;
    int attempt;          /* set before live_add */
    struct partial *part; /* valid as long as the entry is in the table */
    bool early, claiming; /* in the table, but with nothing to be read or taken over yet */
    atomic_int fenced;    /* enum refuse; REFUSE_OK: goes on */
    atomic_bool opening;  /* what an earlier upload left is looked at: not to be followed yet */
    _Atomic(struct follower *) followers;
};

enum follow { FOLLOW_COMING, FOLLOW_WHOLE, FOLLOW_LOST };
struct follower { /* embedded in the reader; zero before live_follow */
    struct follower *next;
    struct live_entry *of; /* NULL: it has ended */
    int attempt;
    enum follow state;
    bool news; /* something happened since live_look */
    void (*wake)(void *arg);
    void *arg;
};

struct live;
struct live *live_new(void);
void live_free(struct live *l);
/* Before anything is claimed: attempt 1 is e's own until live_remove. false: somebody is at this id. */
bool live_early(struct live *l, struct live_entry *e);
/* A claim begins; live_add or live_remove follows. true: attempt 1 is taken (live_early). */
bool live_claims(struct live *l, struct live_entry *e);
/* Enters an attempt; an earlier one of the same id is fenced with SLOT_BUSY. Who follows an upload that
 * brings the same attempt goes on with this one. */
void live_add(struct live *l, struct live_entry *e);
/* It will come to nothing: fenced, and nobody can follow it any more. */
void live_give_up(struct live *l, struct live_entry *e);
/* The attempt is over; whole: it was committed. Also one that was never entered. */
void live_remove(struct live *l, struct live_entry *e, bool whole);
void live_fence(struct live *l, const struct ferry_id *id, enum refuse why);
bool live_has(struct live *l, const struct ferry_id *id);
/* A new reference to what an attempt has received; NULL: nobody brings it. attempt 0: the newest. */
struct partial *live_partial(struct live *l, const struct ferry_id *id, int attempt);

/* --- following --- */
/* The newest attempt of an id. false: none is under way. */
bool live_follow(struct live *l, const struct ferry_id *id, struct follower *f);
void live_unfollow(struct live *l, struct follower *f); /* no wake comes afterwards */
/* How it stands with the attempt; *received: how many of its bytes are certain (COMING). What happens from
 * now on is news. */
enum follow live_look(struct live *l, struct follower *f, int64_t *received);
/* Calls wake(arg) once at the next news. It is called under the lock, by whoever makes the news: it may only
 * mark and wake. false: there were news since live_look; nothing will be called. */
bool live_wait(struct live *l, struct follower *f, void (*wake)(void *arg), void *arg);
/* The attempt has more bytes. As good as free when nobody follows. */
void live_grew(struct live *l, struct live_entry *e);

#endif
