/* hot.c: see hot.h. A table without chains: an id's own random beginning is its place. The first to ask for a
 * place leaves its name there; who finds its own name keeps the file open. A stream of different files so
 * costs no duplicates. */
#include "storage/hot.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"

enum { PLACES = 32 };

struct place {
    struct ferry_id id; /* who asked last; empty: nobody */
    int attempt;
    int fd; /* -1: asked for once */
};

struct hot {
    pthread_mutex_t lock;
    unsigned drops; /* of any file: a ticket from before one is void */
    struct place places[PLACES];
};

struct hot *hot_new(void)
{
    struct hot *h = xcalloc(1, sizeof *h);

    pthread_mutex_init(&h->lock, NULL);
    for (size_t i = 0; i < PLACES; i++)
        h->places[i].fd = -1;
    return h;
}

static void empty(struct place *p)
{
    if (p->fd >= 0)
        close(p->fd);
    *p = (struct place){.fd = -1};
}

void hot_free(struct hot *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < PLACES; i++)
        empty(&h->places[i]);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

static struct place *place_of(struct hot *h, const struct ferry_id *id)
{
    uint32_t begins;

    memcpy(&begins, id->text + 1, sizeof begins);
    return &h->places[begins * 0x9E3779B1u >> 27];
}

static bool is(const struct place *p, const struct ferry_id *id, int attempt)
{
    return p->attempt == attempt && memcmp(p->id.text, id->text, ID_LEN) == 0;
}

int hot_take(struct hot *h, const struct ferry_id *id, int attempt, unsigned *ticket)
{
    struct place *p = place_of(h, id);
    int fd = -1;

    pthread_mutex_lock(&h->lock);
    *ticket = h->drops;
    if (is(p, id, attempt) && p->fd >= 0)
        fd = fcntl(p->fd, F_DUPFD_CLOEXEC, 3);
    pthread_mutex_unlock(&h->lock);
    return fd;
}

void hot_keep(struct hot *h, const struct ferry_id *id, int attempt, int fd, unsigned ticket)
{
    struct place *p = place_of(h, id);

    pthread_mutex_lock(&h->lock);
    if (!is(p, id, attempt)) {
        empty(p);
        p->id = *id;
        p->attempt = attempt;
    } else if (p->fd < 0 && ticket == h->drops) {
        p->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    }
    pthread_mutex_unlock(&h->lock);
}

void hot_drop(struct hot *h, const struct ferry_id *id, int attempt)
{
    struct place *p = place_of(h, id);

    pthread_mutex_lock(&h->lock);
    h->drops++;
    if (is(p, id, attempt))
        empty(p);
    pthread_mutex_unlock(&h->lock);
}
