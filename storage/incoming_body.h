/* incoming_body.h: the body of an attempt, for incoming.c (claim, bytes, the strand) and incoming_end.c
 * (commit, discard) alone. */
#ifndef FERRY_INCOMING_BODY_H
#define FERRY_INCOMING_BODY_H

#include <openssl/evp.h>
#include <pthread.h>

#include "storage/index_transfer.h"
#include "storage/internal.h"
#include "storage/live.h"
#include "storage/sniff.h"
#include "storage/spool.h"
#include "storage/usage.h"

enum job_kind { JOB_FEED, JOB_COMMIT, JOB_DISCARD };

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
    struct live_entry live; /* first: the id is here */
    struct storage *st;
    struct grant g; /* its texts stand behind the struct */
    unsigned flags;
    int attempt;
    struct spool_writer *file;
    EVP_MD_CTX *sha256, *md5;
    int64_t received; /* the caller's count */
    int64_t owed;     /* bytes promised to the disk and not written yet */
    bool owes;
    enum refuse failed; /* the first failure: every later step answers it */

    pthread_mutex_t lock; /* jobs, running */
    struct job *jobs, **jobs_tail;
    bool running;
    struct task task; /* the strand's turn, or the answer */
    struct job last;  /* commit or discard */

    struct index_op op; /* claim, commit or release */
    struct mailbox *home;
    incoming_claimed *claimed;
    incoming_committed *committed;
    void *arg;
    enum refuse result;
    struct incoming_end end;
    struct commit_facts facts;
    uint8_t sum[SHA256_BYTES];
    char found_type[SNIFF_MAX];
    struct transfer row;
};

/* incoming.c */
void incoming_free(struct incoming *in);
enum refuse incoming_bytes(struct incoming *in, const void *data, size_t n); /* n 0: makes an empty file */
enum refuse incoming_fail(struct incoming *in, enum refuse why); /* the first failure; the file goes */
void incoming_push(struct incoming *in, struct job *job);
void incoming_answer(struct incoming *in, void (*run)(struct task *task)); /* at its home */
int64_t incoming_seconds(int64_t ms);
/* incoming_end.c: the last job of a strand; the attempt may be gone when they return */
void incoming_finish(struct incoming *in);
void incoming_give_up(struct incoming *in);

#endif
