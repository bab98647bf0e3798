/* reading.c: see reading.h. The struct is either its owner's or a worker's; an owner who leaves while it is
 * the worker's marks it, and it goes when it comes home.
 */
#include "storage/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "storage/internal.h"

struct reading {
    struct task task;
    struct storage *st;
    struct mailbox *home;
    struct ferry_id id;
    int fd; /* -1: not open yet */
    off_t at;
    enum refuse result;
    size_t n;
    bool away, orphan, look;
    reading_done *done;
    void *arg;
    char data[READING_PIECE];
};

static void destroy(struct reading *f)
{
    if (f->fd >= 0)
        (void)close(f->fd);
    free(f);
}

static void come_home(struct task *task)
{
    struct reading *f = INDEX_OP_OF(task, struct reading, task);
    f->away = false;
    if (f->orphan)
        destroy(f);
    else
        f->done(f->arg, f->result, f->data, f->n);
}

/* Is it there, and still? */
static enum refuse look_up(struct reading *f)
{
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    enum refuse r = transfer_lookup(f->st, &f->id, arena, &t);
    if (r == REFUSE_OK && !f->look && f->fd < 0)
        r = transfer_open(f->st, &t, &f->fd);
    arena_put(arena);
    return r;
}

static enum refuse read_piece(struct reading *f)
{
    while (f->n < sizeof f->data) {
        ssize_t got = pread(f->fd, f->data + f->n, sizeof f->data - f->n, f->at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return REFUSE_READ_ONLY;
        if (got == 0)
            break;
        f->n += (size_t)got;
        f->at += got;
    }
    return REFUSE_OK;
}

static void work(struct task *task)
{
    struct reading *f = INDEX_OP_OF(task, struct reading, task);
    struct storage *st = f->st;
    f->n = 0;
    f->result = look_up(f);
    if (f->result == REFUSE_OK && !f->look)
        f->result = read_piece(f);
    f->task.run = come_home;
    mailbox_keep(f->home, &f->task);
    storage_leave(st);
}

struct reading *reading_new(struct storage *st, const struct ferry_id *id, int64_t offset,
                            struct mailbox *home)
{
    struct reading *f = xmalloc(sizeof *f);
    f->st = st;
    f->home = home;
    f->id = *id;
    f->fd = -1;
    f->at = (off_t)offset;
    f->away = f->orphan = f->look = false;
    return f;
}

static void begin(struct reading *f, reading_done *done, void *arg)
{
    FERRY_ASSERT(!f->away);
    f->away = true;
    f->done = done;
    f->arg = arg;
    f->task.run = work;
    mailbox_promise(f->home);
    storage_enter(f->st);
    storage_work(f->st, &f->task);
}

void reading_next(struct reading *f, reading_done *done, void *arg)
{
    f->look = false;
    begin(f, done, arg);
}

void reading_look(struct reading *f, reading_done *done, void *arg)
{
    f->look = true;
    begin(f, done, arg);
}

void reading_free(struct reading **at)
{
    struct reading *f = TAKE(*at);
    if (f && f->away)
        f->orphan = true;
    else if (f)
        destroy(f);
}
