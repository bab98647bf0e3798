/* external_fuzz.c: what other servers sign. Each input is tried unsigned (nothing of it may be taken) and as
 * the claims of a token that is signed rightly: then whatever JSON it is, what comes out keeps its promises.
 * And as a list of X-Forwarded-For. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/conf.h"
#include "http/external_token.h"
#include "http/forwarded.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD "eyJhbGciOiJIUzI1NiJ9." /* {"alg":"HS256"} */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct buf faults = {0};

    setenv("FERRYD_HTTP_TRUSTED_PROXIES", "127.0.0.0/8,2001:db8::/32", 1);
    conf_publish(conf_load("/dev/null", &faults));
    buf_free(&faults);
    forwarded_load();
    return 0;
}

static void sign(const uint8_t *claims, size_t n, struct arena *arena, struct buf *out)
{
    char *part = arena_alloc(arena, n * 4 / 3 + 4), end[64];
    uint8_t mac[SHA256_BYTES];

    base64url_encode(part, claims, n);
    buf_addf(out, HEAD "%s", part);
    HMAC(EVP_sha256(), "s", 1, (const uint8_t *)out->data, out->len, mac, NULL);
    base64url_encode(end, mac, sizeof mac);
    buf_addf(out, ".%s", end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_get(NULL);
    const char *text = arena_strndup(arena, (const char *)data, strnlen((const char *)data, size));
    struct external_ask ask = {
        .path = "S1/a.txt", .size = 3, .authorization = arena_printf(arena, "Bearer %s", text)};
    struct external_slot slot;
    struct net_addr peer, client;
    struct buf token = {0};

    if (external_token_open(&ask, "s", 1, arena, &slot) == REFUSE_OK)
        abort();
    ask.v = text;
    if (external_token_open(&ask, "s", 1, arena, &slot) == REFUSE_OK)
        abort();
    ask.v2 = text;
    if (external_token_open(&ask, "s", 1, arena, &slot) == REFUSE_OK)
        abort();
    sign(data, size, arena, &token);
    ask = (struct external_ask){.path = "S1/a.txt",
                                .authorization = arena_printf(arena, "Bearer %s", token.data)};
    if (external_token_open(&ask, "s", 1, arena, &slot) == REFUSE_OK &&
        (slot.size < 0 || slot.deadline <= 0 || slot.expires < 0 || !slot.type || !slot.owner))
        abort();
    net_parse_host("127.0.0.1", 0, &peer);
    forwarded_client(&peer, text, &client);
    buf_free(&token);
    arena_put(arena);
    return 0;
}
