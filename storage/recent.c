/* recent.c: see recent.h. A table without chains: an id's own random beginning is its place, and who comes
 * later has it. A row and its texts are one block, so that a copy is one memcpy and seven pointers. */
#include "storage/recent.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 1024,
    TEXT_MOST = 1024, /* bytes of all texts of a row */
};

struct kept {
    uint64_t commit;
    size_t size; /* of the row with its texts */
    struct transfer row;
    char texts[];
};

struct recent {
    struct kept *rows[ROWS];
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
    return xcalloc(1, sizeof(struct recent));
}

void recent_free(struct recent *r)
{
    for (size_t i = 0; r && i < ROWS; i++)
        free(r->rows[i]);
    free(r);
}

static struct kept **place(struct recent *r, const struct ferry_id *id)
{
    uint32_t begins;
    memcpy(&begins, id->text + 1, sizeof begins);
    return &r->rows[begins * 0x9E3779B1u >> 22];
}

bool recent_find(struct recent *r, const struct ferry_id *id, uint64_t commit, struct arena *arena,
                 struct transfer *out)
{
    struct kept *k = *place(r, id);
    if (!k || k->commit != commit || memcmp(k->row.id.text, id->text, ID_LEN) != 0)
        return false;
    char *texts = arena_alloc(arena, k->size);
    memcpy(texts, k->texts, k->size);
    *out = k->row;
    for (size_t i = 0; i < TEXTS; i++)
        *text_of(out, i) = texts + (*text_of(&k->row, i) - k->texts);
    return true;
}

void recent_keep(struct recent *r, const struct transfer *t, uint64_t commit)
{
    struct kept **at = place(r, &t->id);
    struct transfer row = *t;
    size_t lengths[TEXTS], all = 0;
    for (size_t i = 0; i < TEXTS; i++)
        all += lengths[i] = strlen(*text_of(&row, i)) + 1;
    if (all > TEXT_MOST)
        return;
    struct kept *k = *at = xrealloc(*at, sizeof *k + all);
    k->commit = commit;
    k->size = all;
    char *text = k->texts;
    for (size_t i = 0; i < TEXTS; i++) {
        memcpy(text, *text_of(&row, i), lengths[i]);
        *text_of(&row, i) = text;
        text += lengths[i];
    }
    k->row = row;
}
