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
struct live;     /* incoming.c: the attempts under way */
struct accounts; /* account.c: passwords remembered since the start */

struct storage {
    char *dir; /* absolute */
    int dir_fd, lock_fd, poke_fd;
    struct index *index;
    struct spool *spool;
    struct workers *work; /* short things: writing, hashing, reading the index, key stretching */
    struct workers *sync; /* what waits for the disk: fsync and rename of whole files */
    struct keys *keys;
    struct usage *usage;
    struct live *live;
    struct accounts *accounts;
    atomic_bool read_only;
};

/* After an I/O error: claims are refused until a restart; logged once, as an alarm. Any thread. */
void storage_fail(struct storage *st, const char *what);

#endif
