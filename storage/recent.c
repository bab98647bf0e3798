/* recent.c: see recent.h. A table of chains, and all rows in the order of their last use: who comes later has
 * the room of the one that was not asked for the longest. A row and its texts are one block, so that a copy
 * is one memcpy and seven pointers. */
#include "storage/recent.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum {
    ROWS = 1024,
    TEXT_MOST = 1024, /* bytes of all texts of a row */
};

struct kept {
    TAILQ_ENTRY(kept) by_use;
    LIST_ENTRY(kept) in_chain;
    uint64_t commit;
    size_t size; /* of the row with its texts */
    struct transfer row;
    char texts[];
};

TAILQ_HEAD(kept_uses, kept);
LIST_HEAD(kept_chain, kept);

struct recent {
    size_t n;
    struct kept_uses uses; /* the last used is the last */
    struct kept_chain chains[ROWS];
};

#define TEXTS 7
static const size_t texts_at[TEXTS] = {
    offsetof(struct transfer, owner),      offsetof(struct transfer, to),   offsetof(struct transfer, name),
    offsetof(struct transfer, type),       offsetof(struct transfer, desc), offsetof(struct transfer, reason),
    offsetof(struct transfer, found_type),
};

static const char **text_of(struct transfer *t, size_t i)
{
    return (const char **)(void *)((char *)t + texts_at[i]);
}

struct recent *recent_new(void)
{
    struct recent *r = xcalloc(1, sizeof *r);
    TAILQ_INIT(&r->uses);
    return r;
}

void recent_free(struct recent *r)
{
    struct kept *k;
    while (r && (k = TAILQ_FIRST(&r->uses))) {
        TAILQ_REMOVE(&r->uses, k, by_use);
        free(k);
    }
    free(r);
}

/* An id begins with random characters. */
static struct kept_chain *chain_of(struct recent *r, const struct ferry_id *id)
{
    uint32_t begins;
    memcpy(&begins, id->text + 1, sizeof begins);
    return &r->chains[begins * 0x9E3779B1u >> 22];
}

static struct kept *find(struct recent *r, const struct ferry_id *id)
{
    struct kept *k;
    LIST_FOREACH(k, chain_of(r, id), in_chain)
    if (memcmp(k->row.id.text, id->text, ID_LEN) == 0)
        return k;
    return NULL;
}

bool recent_find(struct recent *r, const struct ferry_id *id, uint64_t commit, struct arena *arena,
                 struct transfer *out)
{
    struct kept *k = find(r, id);
    if (!k || k->commit != commit)
        return false;
    TAILQ_REMOVE(&r->uses, k, by_use);
    TAILQ_INSERT_TAIL(&r->uses, k, by_use);
    char *texts = arena_alloc(arena, k->size);
    memcpy(texts, k->texts, k->size);
    *out = k->row;
    for (size_t i = 0; i < TEXTS; i++)
        *text_of(out, i) = texts + (*text_of(&k->row, i) - k->texts);
    return true;
}

/* Out of the table: the older state of the same row, or the one that makes room. NULL: there is room. */
static struct kept *take_out(struct recent *r, const struct ferry_id *id)
{
    struct kept *k = find(r, id);
    if (!k && r->n == ROWS)
        k = TAILQ_FIRST(&r->uses);
    if (!k)
        return NULL;
    LIST_REMOVE(k, in_chain);
    TAILQ_REMOVE(&r->uses, k, by_use);
    r->n--;
    return k;
}

void recent_keep(struct recent *r, const struct transfer *t, uint64_t commit)
{
    struct transfer row = *t;
    size_t lengths[TEXTS], all = 0;
    for (size_t i = 0; i < TEXTS; i++)
        all += lengths[i] = strlen(*text_of(&row, i)) + 1;
    if (all > TEXT_MOST)
        return;
    struct kept *k = xrealloc(take_out(r, &t->id), sizeof *k + all);
    k->commit = commit;
    k->size = all;
    char *text = k->texts;
    for (size_t i = 0; i < TEXTS; i++) {
        memcpy(text, *text_of(&row, i), lengths[i]);
        *text_of(&row, i) = text;
        text += lengths[i];
    }
    k->row = row;
    LIST_INSERT_HEAD(chain_of(r, &t->id), k, in_chain);
    TAILQ_INSERT_TAIL(&r->uses, k, by_use);
    r->n++;
}
