/* external_token.c: see external_token.h. */
#include "http/external_token.h"

#include <jansson.h>
#include <math.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <strings.h>

#include "base/codec.h"
#include "base/jid.h"

#define NO_TYPE "application/octet-stream" /* what servers sign when the client named none */

static void mac_of(const void *secret, size_t n, const void *text, size_t len, uint8_t out[SHA256_BYTES])
{
    unsigned got = 0;

    FERRY_ASSERT(HMAC(EVP_sha256(), secret, (int)n, text, len, out, &got) != NULL && got == SHA256_BYTES);
}

/* --- the signatures of the query ------------------------------------------------------------------------ */

/* Whether hex is the MAC of the text, which is freed. */
static bool signs(const char *hex, const void *secret, size_t n, struct buf *text)
{
    uint8_t given[SHA256_BYTES + 1], wanted[SHA256_BYTES];
    bool whole = strlen(hex) == 2 * (size_t)SHA256_BYTES &&
                 hex_decode(hex, 2 * (size_t)SHA256_BYTES, given) == SHA256_BYTES;

    if (!whole)
        memset(given, 0, sizeof given);
    mac_of(secret, n, text->data, text->len, wanted);
    buf_free(text);
    return secret_equal(given, wanted, SHA256_BYTES) && whole;
}

static enum refuse open_v(const struct external_ask *ask, const void *secret, size_t n)
{
    struct buf text = {0};

    buf_addf(&text, "%s %lld", ask->path, (long long)ask->size);
    return signs(ask->v, secret, n, &text) ? REFUSE_OK : REFUSE_BAD_TOKEN;
}

static enum refuse open_v2(const struct external_ask *ask, const void *secret, size_t n,
                           struct external_slot *out)
{
    const char *type = ask->type ? ask->type : NO_TYPE;
    struct buf text = {0};

    buf_addf(&text, "%s%c%lld%c%s", ask->path, 0, (long long)ask->size, 0, type);
    out->type = type;
    return signs(ask->v2, secret, n, &text) ? REFUSE_OK : REFUSE_BAD_TOKEN;
}

/* --- the JSON web token --------------------------------------------------------------------------------- */

/* The JSON object in one part of the token; NULL: it is none. */
static json_t *part_open(const char *part, size_t n, struct arena *arena)
{
    uint8_t *text = arena_alloc(arena, base64_max(n) + 2);
    ptrdiff_t len = base64url_decode(part, n, text);
    json_t *v = len > 0 ? json_loadb((const char *)text, (size_t)len, JSON_REJECT_DUPLICATES, NULL) : NULL;

    if (json_is_object(v))
        return v;
    json_decref(v);
    return NULL;
}

static const char *text_of(const json_t *claims, const char *name)
{
    const char *s = json_string_value(json_object_get(claims, name));

    return s ? s : "";
}

/* A number of the claims that is a whole one and not negative; -1: it is not there or something else. Lua
 * writes large ones with an exponent. */
static int64_t number_of(const json_t *claims, const char *name)
{
    const json_t *v = json_object_get(claims, name);
    double d = json_number_value(v);

    if (json_is_integer(v))
        return json_integer_value(v) >= 0 ? json_integer_value(v) : -1;
    return json_is_real(v) && d >= 0 && d < 9e15 && floor(d) == d ? (int64_t)d : -1;
}

/* The token names its slot and file, which together are the path. */
static bool names_path(const json_t *claims, const char *path)
{
    const char *slot = text_of(claims, "slot"), *name = text_of(claims, "filename");
    size_t n = strlen(slot);

    return n > 0 && strncmp(path, slot, n) == 0 && path[n] == '/' && strcmp(path + n + 1, name) == 0;
}

static const char *owner_of(const json_t *claims, struct arena *arena)
{
    const char *sub = text_of(claims, "sub");
    struct jid jid;

    if (sub[0] == 0)
        return "";
    return jid_parse(arena, sub, strlen(sub), &jid) == 0 ? jid_bare(arena, &jid) : NULL;
}

static enum refuse read_claims(const json_t *claims, const char *path, struct arena *arena,
                               struct external_slot *out)
{
    int64_t expires = number_of(claims, "expires");
    const char *type = text_of(claims, "filetype");

    out->size = number_of(claims, "filesize");
    out->deadline = number_of(claims, "exp");
    out->expires = expires > 0 ? expires : 0;
    out->owner = owner_of(claims, arena);
    out->type = strcasecmp(type, NO_TYPE) == 0 ? "" : arena_strdup(arena, type);
    return out->size >= 0 && out->deadline > 0 && out->owner && names_path(claims, path) ? REFUSE_OK
                                                                                         : REFUSE_BAD_TOKEN;
}

static enum refuse open_jwt(const char *jwt, const char *path, const void *secret, size_t n,
                            struct arena *arena, struct external_slot *out)
{
    const char *dot1 = strchr(jwt, '.'), *dot2 = dot1 ? strchr(dot1 + 1, '.') : NULL;
    uint8_t wanted[SHA256_BYTES], *given;
    enum refuse r = REFUSE_BAD_TOKEN;
    json_t *head, *claims;
    size_t len;

    if (!dot2)
        return REFUSE_BAD_TOKEN;
    len = strlen(dot2 + 1);
    given = arena_alloc(arena, base64_max(len) + 2);
    if (base64url_decode(dot2 + 1, len, given) != SHA256_BYTES)
        return REFUSE_BAD_TOKEN;
    mac_of(secret, n, jwt, (size_t)(dot2 - jwt), wanted);
    if (!secret_equal(given, wanted, SHA256_BYTES)) /* nothing of it is parsed before */
        return REFUSE_BAD_TOKEN;
    head = part_open(jwt, (size_t)(dot1 - jwt), arena);
    claims = part_open(dot1 + 1, (size_t)(dot2 - dot1 - 1), arena);
    if (head && claims && strcmp(text_of(head, "alg"), "HS256") == 0)
        r = read_claims(claims, path, arena, out);
    json_decref(head);
    json_decref(claims);
    return r;
}

enum refuse external_token_open(const struct external_ask *ask, const void *secret, size_t n,
                                struct arena *arena, struct external_slot *out)
{
    const char *bearer = ask->authorization;

    *out = (struct external_slot){.size = ask->size, .type = "", .owner = ""};
    if (ask->v2)
        return open_v2(ask, secret, n, out);
    if (ask->v)
        return open_v(ask, secret, n);
    if (!bearer || strncasecmp(bearer, "Bearer ", 7) != 0)
        return REFUSE_BAD_TOKEN;
    return open_jwt(bearer + 7 + strspn(bearer + 7, " "), ask->path, secret, n, arena, out);
}
