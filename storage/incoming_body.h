/* incoming_body.h: the body of an attempt, for incoming.c (claim, bytes, the strand), incoming_end.c (commit,
 * discard), at_once.c, resume.c (keep, resume) and checkpoint.c alone. */
#ifndef FERRY_INCOMING_BODY_H
#define FERRY_INCOMING_BODY_H

#include <pthread.h>

#include "storage/expiry.h"
#include "storage/index_transfer.h"
#include "storage/internal.h"
#include "storage/live.h"
#include "storage/partial.h"
#include "storage/sniff.h"
#include "storage/spool.h"
#include "storage/usage.h"

enum job_kind { JOB_FEED, JOB_COMMIT, JOB_KEEP, JOB_DISCARD };

struct job {
    struct task task; /* carries a piece's answer home */
    struct job *next;
    enum job_kind kind;
    char *data;
    size_t n;
    struct mailbox *home;
    incoming_fed *done;
    void *arg;
    enum refuse result;
};

struct incoming {
    struct live_entry live; /* attempt and what has come of it too; the latter ours until deliver */
    struct storage *st;
    struct grant g; /* its texts stand behind the struct */
    unsigned flags;
    int64_t received;   /* the caller's count */
    enum refuse limit;  /* what a byte beyond g.size is refused with */
    const void *whole;  /* at_once.c: all bytes, the caller's until the answer */
    bool written;       /* the same: the file is ours to take away */
    bool here;          /* the same: on the caller's thread, who waits */
    enum refuse failed; /* the first failure: every later step answers it */

    pthread_mutex_t lock; /* jobs, running */
    struct job *jobs, **jobs_tail;
    bool running;
    struct task task; /* the strand's turn, or the answer */
    struct job last;  /* commit, keep or discard */

    struct index_op op; /* claim, commit, keep or release */
    int left;           /* claim_won's */
    int64_t offset;     /* resume's */
    bool passed;        /* resume: what has come is another's, or the row's */
    int64_t row_kept, durable;
    bool recorded; /* keep: the row says it already */
    void (*answer)(struct task *task);
    struct mailbox *home;
    incoming_claimed *claimed;
    incoming_committed *committed;
    incoming_kept *kept;
    void *arg;
    enum refuse result;
    struct incoming_end end;
    struct burial *gone; /* during the claim: what makes room for it */
    struct commit_facts facts;
    uint8_t sum[SHA256_BYTES];
    char found_type[SNIFF_MAX];
    struct transfer row;
};

static inline bool incoming_md5(const struct incoming *in)
{
    return in->flags & INCOMING_MD5;
}

/* incoming.c */
struct incoming *incoming_new(struct storage *st, const struct grant *g, unsigned flags);
void incoming_free(struct incoming *in);
enum refuse incoming_run_claim(struct index_db *db, struct incoming *in);
void incoming_terms(const struct incoming *in, struct claim_terms *terms);
void incoming_claim_done(struct incoming *in); /* on the index's thread; answers */
void incoming_answer_claim(struct task *task);
enum refuse incoming_bytes(struct incoming *in, const void *data, size_t n); /* n 0: makes an empty file */
enum refuse incoming_fail(struct incoming *in, enum refuse why); /* the first failure; the file goes */
void incoming_push(struct incoming *in, struct job *job);
void incoming_answer(struct incoming *in); /* at its home */
void incoming_deliver(
    struct incoming *in,
    bool whole); /* it is over: out of the table, the answer at its home; whole: committed */
int64_t incoming_seconds(int64_t ms);
/* incoming_end.c: what a file that is whole goes through, however it came */
void incoming_ends(struct incoming *in, const struct incoming_end *end, struct mailbox *home,
                   incoming_committed *done, void *arg);
enum refuse incoming_judge(const struct incoming *in, const uint8_t *md5); /* in->sum, and the time */
void incoming_find_type(struct incoming *in, const void *head, size_t n);
bool incoming_believes(const struct incoming *in); /* the sender's type: incoming_find_type takes no time */
void incoming_set_facts(struct incoming *in);
void incoming_stored(struct incoming *in); /* after the COMMIT; answers */
/* incoming_end.c: the last job of a strand; the attempt may be gone when they return */
void incoming_finish(struct incoming *in);
void incoming_give_up(struct incoming *in);
/* incoming_sums.c: end.sums against the bytes. HASH_MISMATCH; READ_ONLY, INTERNAL: they cannot be read. */
enum refuse incoming_check_sums(struct incoming *in);
/* resume.c: the same */
void incoming_hold(struct incoming *in);
/* checkpoint.c: bytes have come */
void incoming_checkpoint(struct incoming *in);

#endif
