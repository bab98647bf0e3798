/* check.h: comparing index and files, both ways (internal to storage/): at the start, and as fsck. */
#ifndef FERRY_CHECK_H
#define FERRY_CHECK_H

#include "storage/storage.h"

struct check_report {
    int64_t files, bytes;     /* compared; with hashes: read */
    int64_t tmp, orphans;     /* leftovers removed; files without a row, moved to quarantine/ */
    int64_t parts;            /* bytes of broken uploads that may go on */
    int64_t missing, damaged; /* rows whose file is gone, or not the one that was stored: now held */
    int64_t restored;         /* held rows whose file is whole again: now stored */
    int64_t foreign;          /* names in data/ that are none of ours: left alone */
    int64_t figures;          /* sums that were wrong, mended */
    int64_t index;            /* complaints of the index itself */
    struct buf detail;        /* the last two in words; the caller frees it */
};

/* storage_open: after a kill or a power cut nobody is asked. -1: `why`. */
int check_recover(struct storage *st, struct buf *why);
/* storage_start: what check_recover left for later on a large spool goes on in the background. */
void check_continue(struct storage *st);
/* fsck: everything, and the SHA-256 of every file. Blocks, for as long as reading all files takes. */
void check_all(struct storage *st, struct check_report *out);

#endif
