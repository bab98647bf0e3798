/* begun.c: see begun.h. */
#include "storage/begun.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "storage/id_raw.h"
#include "storage/index_transfer.h"

enum {
    BITS = 1 << 19, /* of a set: one in a hundred strangers is mistaken at 50,000 ids */
    WORDS = BITS / 64,
    LOAD_MOST = 10000, /* rows that a start reads, which takes a tenth of a second */
    SLACK_S = 120,     /* a set is asked for so much longer than a slot may be begun with */
};

struct set {
    _Atomic uint64_t words[WORDS];
};

struct begun {
    int64_t span, renewed; /* seconds a set fills for; since when this one does (monotonic ms): the index's */
    _Atomic int64_t covers; /* rows of what was granted in the last so many seconds are all noted */
    atomic_int current;
    struct set sets[2];
};

static int64_t span_now(void)
{
    return conf_get()->slots_put_deadline / 1000 + SLACK_S;
}

struct begun *begun_new(void)
{
    struct begun *b = xcalloc(1, sizeof *b);
    b->span = span_now();
    b->renewed = clock_mono_ms();
    atomic_init(&b->covers, b->span);
    return b;
}

void begun_free(struct begun *b)
{
    free(b);
}

/* An id begins with random bytes: two places in the set are two pieces of them. */
static void places(const struct ferry_id *id, uint32_t at[2])
{
    uint64_t piece;
    memcpy(&piece, id->text, sizeof piece);
    piece *= 0x9E3779B97F4A7C15u;
    at[0] = (uint32_t)(piece >> 45);
    memcpy(&piece, id->text + sizeof piece, sizeof piece);
    piece *= 0x9E3779B97F4A7C15u;
    at[1] = (uint32_t)(piece >> 45);
    _Static_assert(BITS == 1 << (64 - 45), "the shifts keep so many bits");
}

static void renew(struct begun *b)
{
    int other = 1 - atomic_load(&b->current);
    for (size_t i = 0; i < WORDS; i++)
        atomic_store_explicit(&b->sets[other].words[i], 0, memory_order_relaxed);
    atomic_store(&b->covers, b->span);
    atomic_store(&b->current, other);
    b->span = span_now();
    b->renewed = clock_mono_ms();
}

void begun_note(struct begun *b, const struct ferry_id *id)
{
    uint32_t at[2];
    if (clock_mono_ms() - b->renewed > b->span * 1000)
        renew(b);
    places(id, at);
    struct set *s = &b->sets[atomic_load(&b->current)];
    for (size_t i = 0; i < 2; i++)
        atomic_fetch_or(&s->words[at[i] / 64], (uint64_t)1 << at[i] % 64);
}

static void note(void *arg, const struct ferry_id *id)
{
    begun_note(arg, id);
}

static bool has(struct set *s, const uint32_t at[2])
{
    return atomic_load(&s->words[at[0] / 64]) >> at[0] % 64 &
           atomic_load(&s->words[at[1] / 64]) >> at[1] % 64 & 1;
}

/* Were there more, nobody is told "never" until the sets were renewed. */
void begun_load(struct begun *b, struct index_db *db)
{
    if (index_begun(db, clock_wall() - b->span, LOAD_MOST, b, note) == LOAD_MOST)
        for (size_t i = 0; i < WORDS; i++)
            atomic_store(&b->sets[atomic_load(&b->current)].words[i], UINT64_MAX);
}

bool begun_never(struct begun *b, const struct ferry_id *id)
{
    uint8_t raw[ID_RAW_OPEN];
    uint32_t at[2];
    id_to_raw(id, raw);
    if (clock_wall() - id_granted(raw) > atomic_load(&b->covers))
        return false;
    places(id, at);
    return !has(&b->sets[0], at) && !has(&b->sets[1], at);
}
