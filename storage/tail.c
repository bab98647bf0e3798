/* tail.c: reading a file that is still coming in (contract in transfer.h).
 *
 * A reader has a descriptor of its own on the attempt's file and takes what the attempt says has come: beyond
 * that there may be bytes that a crash has left and that will be cut off. Which attempt, how it ends and the
 * wakes are live.h's. The descriptor outlives the move from tmp/ to data/: it is the same file.
 *
 * What was read is given out only when the attempt is still the one that is followed after the read: an
 * upload that goes on elsewhere in the same file fences the old one before it writes (live_add), so bytes of
 * the two are never mixed.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "storage/internal.h"
#include "storage/live.h"
#include "storage/spool.h"

struct tail {
    struct follower follower;
    struct storage *st;
    struct ferry_id id;
    int64_t size;
    int fd; /* -1: nothing was there to open yet */
};

enum refuse tail_open(struct storage *st, const struct ferry_id *id, struct arena *arena, struct tail **out,
                      struct transfer *t)
{
    struct tail *tl = xcalloc(1, sizeof *tl);
    *tl = (struct tail){.st = st, .id = *id, .fd = -1};
    bool coming = live_follow(st->live, id, &tl->follower);
    transfer_lookup(st, id, arena, t); /* afterwards: it may have been stored by now, which is no harm */
    tl->size = t->size;
    *out = tl;
    bool coming_in = t->state == TRANSFER_RECEIVING;
    /* Of an empty file, and of one of unknown size, there is nothing to read before its commit. */
    if (coming && t->size > 0 && ((coming_in && !t->up_to) || t->state == TRANSFER_STORED))
        return REFUSE_OK;
    tail_close(out);
    return REFUSE_NOT_YET;
}

static enum refuse open_file(struct tail *tl)
{
    struct spool *sp = tl->st->spool;
    enum refuse r = REFUSE_OK;
    if (tl->fd < 0)
        r = spool_read_coming(sp, &tl->id, tl->follower.attempt, &tl->fd);
    if (r == REFUSE_NOT_FOUND) /* not begun, or moved already */
        r = spool_read(sp, &tl->id, tl->follower.attempt, tl->size, &tl->fd);
    return r;
}

/* What is there between at and end. 0: nothing yet; -1: it cannot be read. */
static ptrdiff_t read_some(struct tail *tl, int64_t at, int64_t end, void *out, size_t n)
{
    enum refuse r = open_file(tl);
    if (r == REFUSE_NOT_FOUND || at >= end)
        return 0;
    if (r != REFUSE_OK)
        return -1;
    if ((int64_t)n > end - at)
        n = (size_t)(end - at);
    return TEMP_FAILURE_RETRY(pread(tl->fd, out, n, at));
}

ptrdiff_t tail_read(struct tail *tl, int64_t at, void *out, size_t n, void (*wake)(void *arg), void *arg)
{
    thread_assert_may_block();
    int64_t end, then;
    for (;;) {
        enum follow state = live_look(tl->st->live, &tl->follower, &end);
        if (state == FOLLOW_LOST)
            return -1;
        bool whole = state == FOLLOW_WHOLE;
        if (whole)
            end = tl->size;
        else if (end == tl->size) /* all of it, and not yet committed */
            end--;
        ptrdiff_t got = read_some(tl, at, end, out, n);
        if (got < 0 || (got == 0 && whole))
            return -1;
        if (got > 0)
            return whole || live_look(tl->st->live, &tl->follower, &then) != FOLLOW_LOST ? got : -1;
        if (!wake || live_wait(tl->st->live, &tl->follower, wake, arg))
            return 0;
    }
}

void tail_close(struct tail **tlp)
{
    struct tail *tl = TAKE(*tlp);
    if (!tl)
        return;
    live_unfollow(tl->st->live, &tl->follower);
    if (tl->fd >= 0)
        close(tl->fd);
    free(tl);
}
