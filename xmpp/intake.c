/* intake.c: the filling half of a transfer.
 *
 * Blocks are decoded straight into the buffer that a worker will write, so a byte is copied once. A buffer
 * has room for one block more than a piece and leaves as soon as it holds a piece. Pieces are large as long
 * as transfers are few; thousands at once share WAITING_ALL, so that slow senders with half-filled buffers
 * and a slow disk with full ones stay within it, roughly. While calls of storage are under way the struct
 * stays, even when its owner has given up: `owner` is NULL then, and the last answer frees it.
 */
#include "xmpp/intake.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MAX ((size_t)128 << 10)
#define WAITING_ALL ((size_t)64 << 20)  /* what all of them may have in memory */
#define WAITING_MAX ((size_t)256 << 10) /* what one of them may have */
#define WAITING_MIN ((size_t)32 << 10)  /* what each of them may always have */
#define PIECES 4                        /* of what may wait, one is being filled */

enum phase { CLAIMING, OPEN, ENDING, GONE };

struct intake {
    enum phase phase;
    const struct intake_events *ev;
    void *owner;
    struct mailbox *home;
    struct incoming *in; /* OPEN, and ENDING until the commit is given to storage */
    char *buf;           /* being filled */
    size_t len, cap;
    size_t fed;        /* bytes that a worker has and has not written yet */
    unsigned calls;    /* answers that are still to come */
    int64_t received;  /* bytes placed */
    int64_t size;      /* unsized: after the claim, the most that there is room for */
    enum refuse limit; /* what a byte more is refused with */
    bool unsized, resumed, was_full;
    struct incoming_end end;
};

static size_t intakes; /* the loop's: that exist */

static size_t waiting_max(void)
{
    size_t share = WAITING_ALL / intakes;
    return share > WAITING_MAX ? WAITING_MAX : share < WAITING_MIN ? WAITING_MIN : share;
}

static size_t piece(void)
{
    return waiting_max() / PIECES;
}

static void drop(struct intake *i)
{
    if (i->phase != GONE || i->calls > 0)
        return;
    intakes--;
    free(i->buf);
    free(i->end.sums);
    free(i);
}

static void on_claimed(void *arg, enum refuse r, struct incoming *in)
{
    struct intake *i = arg;
    const struct intake_events *ev = i->ev;
    void *owner = i->owner;
    i->calls--;
    if (i->phase == GONE) {
        if (r == REFUSE_OK && i->resumed)
            incoming_keep(&in, i->home, NULL, NULL); /* what came before is still good */
        else if (r == REFUSE_OK)
            incoming_discard(&in, REFUSE_BROKEN_OFF);
        drop(i);
        return;
    }
    FERRY_ASSERT(i->phase == CLAIMING);
    i->in = in;
    if (r == REFUSE_OK)
        i->size = incoming_most(in, &i->limit);
    if (i->limit == REFUSE_FILE_TOO_LARGE)
        i->limit = REFUSE_OFFER_TOO_BIG;
    i->phase = r == REFUSE_OK ? OPEN : GONE;
    drop(i);
    ev->claimed(owner, r);
}

static struct intake *make(const struct grant *g, const uint8_t md5[MD5_BYTES], struct mailbox *home,
                           const struct intake_events *ev, void *owner)
{
    struct intake *i = xcalloc(1, sizeof *i);
    intakes++;
    i->ev = ev;
    i->owner = owner;
    i->home = home;
    i->size = g->size;
    i->unsized = g->flags & GRANT_UP_TO;
    i->end.has_md5 = md5 != NULL;
    if (md5)
        memcpy(i->end.md5, md5, MD5_BYTES);
    i->calls = 1;
    return i;
}

static unsigned flags(const struct grant *g, const uint8_t *md5)
{
    return (md5 ? INCOMING_MD5 : 0u) | (g->marked ? INCOMING_RESUMABLE : 0u);
}

struct intake *intake_new(struct storage *st, const struct grant *g, const uint8_t md5[MD5_BYTES],
                          struct mailbox *home, const struct intake_events *ev, void *owner)
{
    struct intake *i = make(g, md5, home, ev, owner);
    incoming_claim(st, g, flags(g, md5), home, on_claimed, i);
    return i;
}

struct intake *intake_resume(struct storage *st, const struct grant *g, int64_t offset,
                             const uint8_t md5[MD5_BYTES], struct mailbox *home,
                             const struct intake_events *ev, void *owner)
{
    struct intake *i = make(g, md5, home, ev, owner);
    i->received = offset;
    i->resumed = true;
    incoming_resume(st, g, offset, flags(g, md5), home, on_claimed, i);
    return i;
}

static void commit(struct intake *i);
static void feed(struct intake *i);

static void on_fed(void *arg, enum refuse r, size_t n)
{
    struct intake *i = arg;
    i->calls--;
    i->fed -= n;
    if (i->phase == GONE) {
        drop(i);
        return;
    }
    if (r != REFUSE_OK) {
        const struct intake_events *ev = i->ev;
        void *owner = i->owner;
        intake_abort(&i, ev->quiet ? REFUSE_OK : r);
        ev->ended(owner, r, NULL);
        return;
    }
    if (i->phase == ENDING)
        commit(i);
    else if (i->fed == 0 && intake_full(i))
        feed(i); /* shares are smaller by now, and the rest of a large piece would wait for ever */
    else if (i->was_full && !intake_full(i)) {
        i->was_full = false;
        i->ev->room(i->owner);
    }
}

static void feed(struct intake *i)
{
    size_t n = i->len;
    if (n == 0)
        return;
    i->calls++;
    i->fed += n;
    i->len = i->cap = 0;
    incoming_feed(i->in, TAKE(i->buf), n, i->home, on_fed, i);
}

char *intake_room(struct intake *i, size_t n)
{
    FERRY_ASSERT(i->phase == OPEN && n <= ROOM_MAX);
    if (i->len + n > i->cap) {
        /* Small files get small buffers; a large one gets its full buffer at the first block. */
        size_t cap = (i->len > piece() ? i->len : piece()) + n;
        int64_t left = i->size - i->received;
        if (left >= 0 && (size_t)left + n < cap - i->len)
            cap = i->len + (size_t)left + n;
        i->buf = xrealloc(i->buf, cap);
        i->cap = cap;
    }
    return i->buf + i->len;
}

enum refuse intake_took(struct intake *i, size_t n)
{
    FERRY_ASSERT(i->phase == OPEN && i->len + n <= i->cap);
    if ((int64_t)n > i->size - i->received)
        return i->limit;
    i->len += n;
    i->received += (int64_t)n;
    if (i->len >= piece())
        feed(i);
    if (intake_full(i))
        i->was_full = true;
    return REFUSE_OK;
}

enum refuse intake_add(struct intake *i, const void *data, size_t n)
{
    const char *at = data;
    while (n > 0) {
        size_t part = n < piece() ? n : piece();
        memcpy(intake_room(i, part), at, part);
        enum refuse r = intake_took(i, part);
        if (r != REFUSE_OK)
            return r;
        at += part;
        n -= part;
    }
    return REFUSE_OK;
}

int64_t intake_received(const struct intake *i)
{
    return i->received;
}

bool intake_whole(const struct intake *i)
{
    return !i->unsized && i->received == i->size;
}

bool intake_may_end(const struct intake *i)
{
    return i->unsized || intake_whole(i);
}

void intake_turn(struct intake *i, const struct intake_events *ev)
{
    i->ev = ev;
}

/* A piece more must still fit. Some are with a worker then, whose answer brings `room`. */
bool intake_full(const struct intake *i)
{
    return i->fed + i->len + piece() > waiting_max();
}

static void on_committed(void *arg, enum refuse r, const struct transfer *t)
{
    struct intake *i = arg;
    const struct intake_events *ev = i->ev;
    void *owner = i->owner;
    bool told = i->phase == ENDING;
    i->calls--;
    i->phase = GONE;
    drop(i);
    if (told)
        ev->ended(owner, r, t);
}

static void commit(struct intake *i)
{
    if (i->fed > 0)
        return; /* on_fed comes back here */
    i->calls++;
    incoming_commit(&i->in, &i->end, i->home, on_committed, i);
    i->end.sums = NULL; /* storage's now */
}

void intake_expect(struct intake *i, const struct sums *sums)
{
    free(i->end.sums);
    i->end.sums = xmalloc(sizeof *sums);
    *i->end.sums = *sums;
}

void intake_commit(struct intake *i)
{
    FERRY_ASSERT(i->phase == OPEN);
    feed(i);
    i->phase = ENDING;
    commit(i);
}

void intake_abort(struct intake **in, enum refuse why)
{
    struct intake *i = TAKE(*in);
    if (!i)
        return;
    FERRY_ASSERT(i->phase != GONE);
    i->phase = GONE;
    if (i->in)
        incoming_discard(&i->in, why); /* behind the pieces that are under way */
    drop(i);
}

void intake_keep(struct intake **in, incoming_kept *done, void *arg)
{
    struct intake *i = TAKE(*in);
    FERRY_ASSERT(i->phase == OPEN);
    feed(i);
    i->phase = GONE;
    incoming_keep(&i->in, i->home, done, arg); /* behind the pieces that are under way */
    drop(i);
}
