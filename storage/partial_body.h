/* partial_body.h: the body of a partial, for partial.c (its life, whose it is) and partial_bytes.c alone.
 *
 * Two locks. `own` guards whose it is and is never held across a wait, so that the index's thread can pass a
 * partial on at once; `io` guards file and hashes and is held while they are used.
 */
#ifndef FERRY_PARTIAL_BODY_H
#define FERRY_PARTIAL_BODY_H

#include <openssl/evp.h>

#include "storage/partial.h"
#include "storage/spool.h"

struct partial {
    struct task task; /* the closing */
    struct storage *st;
    struct ferry_id id;
    int attempt;
    int64_t size;
    bool unsized; /* it is the most that may come: no blocks are asked for beforehand */
    atomic_int refs;

    pthread_mutex_t own; /* owner, sealed */
    const void *owner;
    bool sealed;

    pthread_mutex_t io; /* the rest */
    struct spool_writer *file;
    EVP_MD_CTX *sha256, *md5;
    _Atomic int64_t received;
    atomic_bool promised; /* the row says that bytes of it are kept */
    int64_t hashed;       /* less than received: it was just opened again */
    int64_t checked;      /* received when it was last synced */
    enum { SYNC_NONE, SYNC_DUE, SYNC_RUNNING } sync;
    pthread_cond_t synced;
    int64_t owed;
    bool gone;          /* published, dropped or left: no bytes here any more */
    bool left;          /* gone, and what was promised of it lies under tmp/ */
    enum refuse failed; /* the first failure */
};

/* partial.c: what the disk has yet to take. With `io` held by the owner's side; by the index's thread only
 * before or after the owner's time. */
void partial_set_owed(struct partial *p, int64_t owed);

#endif
