/* mine.h: what a user may see of the files that are his: those he sent and those that were left for him. For
 * the loop: every verb is asynchronous. jid is bare and prepared.
 */
#ifndef FERRY_MINE_H
#define FERRY_MINE_H

#include "storage/transfer.h"

/* Files that can be fetched now, newest first, without the first `skip`. Rows are valid during the call. */
struct mine_page {
    const struct transfer *rows;
    size_t n;
    bool more;
};
typedef void mine_listed(void *arg, enum refuse r, const struct mine_page *page);
void mine_list(struct storage *st, const char *jid, size_t skip, size_t limit, struct mailbox *home,
               mine_listed *done, void *arg);

/* The one file of his whose id begins so: NOT_FOUND (also for everybody else's), CONFLICT (several),
 * BAD_REQUEST (fewer than MINE_PREFIX characters, or what no id has), DAMAGED, NOT_YET. *t is valid during
 * the call, and then only with REFUSE_OK. */
#define MINE_PREFIX 6
typedef void mine_found(void *arg, enum refuse r, const struct transfer *t);
void mine_find(struct storage *st, const char *jid, const char *beginning, struct mailbox *home,
               mine_found *done, void *arg);

struct mine_usage { /* bytes, and numbers of files */
    int64_t used, quota, inbox_used, inbox_quota, files, inbox_files;
};
typedef void mine_measured(void *arg, enum refuse r, const struct mine_usage *u);
void mine_measure(struct storage *st, const char *jid, struct mailbox *home, mine_measured *done, void *arg);

#endif
