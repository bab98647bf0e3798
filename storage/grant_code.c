/* grant_code.c: a grant as bytes, and those bytes as a token. grant_code.h has the format.
 *
 * Only bytes that we sealed ourselves reach grant_decode, but it trusts none of them: an old token may be of
 * a format that a later Ferry writes otherwise. */
#include "storage/grant_code.h"

#include <string.h>

#include "base/codec.h"
#include "storage/id_raw.h"

#define FORMAT_GRANT 1
#define FORMAT_STORED 2
#define BOUND "ferry slot"
#define TEXT_MAX 65536

/* --- writing -------------------------------------------------------------------------------------------- */

static void put_number(struct buf *out, uint64_t v)
{
    while (v >= 0x80) {
        buf_addc(out, (char)(v | 0x80));
        v >>= 7;
    }
    buf_addc(out, (char)v);
}

static void put_signed(struct buf *out, int64_t v)
{
    put_number(out, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

static void put_text(struct buf *out, const char *s)
{
    size_t n = s ? strlen(s) : 0;
    FERRY_ASSERT(n <= TEXT_MAX);
    put_number(out, n);
    buf_add(out, s ? s : "", n);
}

void grant_encode(const struct grant *g, struct buf *out)
{
    uint8_t raw[ID_RAW_OPEN];
    id_to_raw(&g->id, raw);
    int64_t base = id_granted(raw);
    buf_addc(out, FORMAT_GRANT);
    buf_add(out, raw, sizeof raw);
    buf_addc(out, (char)g->took);
    buf_addc(out, (char)g->purpose);
    put_number(out, g->flags);
    put_number(out, (uint64_t)g->size);
    put_signed(out, g->deadline - base);
    put_signed(out, g->expires ? g->expires - base : 0);
    buf_addc(out, g->expires ? 1 : 0);
    put_text(out, g->name);
    put_text(out, g->type);
    put_text(out, g->owner);
    put_text(out, g->to);
    put_text(out, g->to_raw);
    put_text(out, g->desc);
}

/* --- reading -------------------------------------------------------------------------------------------- */

struct reader { /* a cursor that goes bad once and stays so */
    const uint8_t *at, *end;
    bool bad;
};

static const uint8_t *take(struct reader *r, size_t n)
{
    if (r->bad || (size_t)(r->end - r->at) < n) {
        r->bad = true;
        return NULL;
    }
    r->at += n;
    return r->at - n;
}

static uint8_t take_byte(struct reader *r)
{
    const uint8_t *p = take(r, 1);
    return p ? *p : 0;
}

static uint64_t take_number(struct reader *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b = take_byte(r);
        if (shift == 63 && b > 1)
            break;
        v |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            return v;
    }
    r->bad = true;
    return 0;
}

static int64_t take_signed(struct reader *r)
{
    uint64_t v = take_number(r);
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

static const char *take_text(struct reader *r, struct arena *arena)
{
    uint64_t n = take_number(r);
    const uint8_t *p = n <= TEXT_MAX ? take(r, (size_t)n) : NULL;
    if (!p || memchr(p, '\0', (size_t)n)) {
        r->bad = true;
        return "";
    }
    return arena_strndup(arena, (const char *)p, (size_t)n);
}

int grant_decode(const struct keys *k, const uint8_t *in, size_t n, struct arena *arena, struct grant *out)
{
    struct reader r = {.at = in, .end = in + n};
    if (take_byte(&r) != FORMAT_GRANT)
        return -1;
    const uint8_t *raw = take(&r, ID_RAW_OPEN);
    if (!raw)
        return -1;
    *out = (struct grant){0};
    id_from_raw(k, raw, &out->id);
    int64_t base = id_granted(raw);
    uint8_t took = take_byte(&r), purpose = take_byte(&r);
    uint64_t flags = take_number(&r), size = take_number(&r);
    int64_t deadline = take_signed(&r), expires = take_signed(&r);
    bool has_expires = take_byte(&r) != 0;
    out->name = take_text(&r, arena);
    out->type = take_text(&r, arena);
    out->owner = take_text(&r, arena);
    out->to = take_text(&r, arena);
    out->to_raw = take_text(&r, arena);
    out->desc = take_text(&r, arena);
    if (r.bad || r.at != r.end || took >= TOOK_COUNT || purpose >= PURPOSE_COUNT || size > INT64_MAX ||
        flags > UINT32_MAX || __builtin_add_overflow(base, deadline, &out->deadline) ||
        (has_expires && __builtin_add_overflow(base, expires, &out->expires)))
        return -1;
    out->took = (enum took)took;
    out->purpose = (enum purpose)purpose;
    out->flags = (unsigned)flags;
    out->size = (int64_t)size;
    return 0;
}

/* --- tokens --------------------------------------------------------------------------------------------- */

void token_seal(const struct keys *k, const void *plain, size_t n, struct buf *token)
{
    struct buf sealed = {0};
    keys_seal(k, KEYS_SLOT, BOUND, plain, n, (uint8_t *)buf_room(&sealed, n + SEAL_OVERHEAD));
    size_t chars = ((n + SEAL_OVERHEAD) * 4 + 2) / 3;
    base64url_encode(buf_room(token, chars + 1), sealed.data, n + SEAL_OVERHEAD);
    token->len += chars;
    buf_free(&sealed);
}

ptrdiff_t token_open(const struct keys *k, const char *token, size_t n, struct arena *arena, uint8_t **plain)
{
    /* Longer than any we make: cheap to refuse, and it tells nothing that the sender does not know. */
    if (n > TOKEN_MAX)
        return -1;
    uint8_t *sealed = arena_alloc(arena, base64_max(n) + 2);
    ptrdiff_t len = base64url_decode(token, n, sealed);
    *plain = arena_alloc(arena, len > 0 ? (size_t)len : 1);
    return keys_unseal(k, KEYS_SLOT, BOUND, sealed, len > 0 ? (size_t)len : 0, *plain);
}

void token_refer(const struct keys *k, const struct ferry_id *id, struct buf *token)
{
    uint8_t plain[1 + ID_RAW_OPEN] = {FORMAT_STORED};
    id_to_raw(id, plain + 1);
    token_seal(k, plain, sizeof plain, token);
}

bool token_refers(const struct keys *k, const uint8_t *plain, size_t n, struct ferry_id *id)
{
    if (n != 1 + ID_RAW_OPEN || plain[0] != FORMAT_STORED)
        return false;
    id_from_raw(k, plain + 1, id);
    return true;
}
