/* internal.h: the body of struct storage, for the files of storage/ alone. Each part keeps its own state
 * behind a pointer; who wants something from a part asks its header. */
#ifndef FERRY_STORAGE_INTERNAL_H
#define FERRY_STORAGE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "storage/index.h"
#include "storage/storage.h"
#include "storage/transfer.h"

struct spool;    /* spool.h: the bytes */
struct keys;     /* keys.h: sealing and signing */
struct usage;    /* usage.h: figures kept in memory */
struct begun;    /* begun.h: slots that certainly have no row */
struct live;     /* live.h: the attempts under way */
struct parked;   /* parked.h: attempts that broke off a moment ago */
struct expiry;   /* expiry.h: what is due, and how far the comparison after a start has come */
struct sniff;    /* sniff.h: libmagic's process */
struct once;     /* once.h: one-time links being fetched */
struct accounts; /* account_memory.h: passwords remembered since the start */
struct settings; /* settings.h: the users' own choices */

struct storage {
    char *dir; /* absolute */
    int dir_fd, lock_fd, poke_fd;
    struct index *index;
    struct spool *spool;
    struct workers *work; /* short things: writing, hashing, reading the index, key stretching */
    struct workers *sync; /* what waits for the disk: fsync and rename of whole files */
    struct keys *keys;
    struct usage *usage;
    struct begun *begun;
    struct live *live;
    struct parked *parked;
    struct expiry *expiry;
    struct sniff *sniff;
    struct once *once;
    struct accounts *accounts;
    struct settings *settings;
    atomic_bool read_only;
    atomic_bool started;
    pthread_mutex_t lock; /* busy */
    pthread_cond_t idle;
    int busy;
    int compared; /* shards that the comparison after the start is through with (check.c) */
};

/* After an I/O error: claims are refused until a restart; logged once, as an alarm. Any thread. */
void storage_fail(struct storage *st, const char *what);

/* Around everything that storage does on its own after a verb returned: storage_close waits for it. */
void storage_enter(struct storage *st);
void storage_leave(struct storage *st);

/* Runs a task on a worker, or at once where there are none yet (recovery, ferryctl). */
void storage_work(struct storage *st, struct task *task);
void storage_sync(struct storage *st, struct task *task);

#endif
