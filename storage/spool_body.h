/* spool_body.h: the body of the byte store, for spool.c (folders, whole files) and spool_writer.c (files that
 * are being written) alone. */
#ifndef FERRY_SPOOL_BODY_H
#define FERRY_SPOOL_BODY_H

#include <errno.h>
#include <stdatomic.h>

#include "storage/hot.h"
#include "storage/spool.h"

enum { SPOOL_NAME = ID_LEN + 16 /* "ID.ATTEMPT" and a NUL */ };

struct spool {
    int tmp, data, quarantine;
    int shard[SPOOL_SHARDS];
    atomic_int sync_us; /* what syncing a small file and its folder took lately, on average */
    struct hot *hot;
};

#define RETRY(call) TEMP_FAILURE_RETRY(call)

void spool_name(char name[SPOOL_NAME], const struct ferry_id *id, int attempt);
/* What a failed call means; logs it. */
enum refuse spool_refuse(int err, const char *what, const struct ferry_id *id);

#endif
