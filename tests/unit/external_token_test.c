/* external_token_test.c: what other servers sign (http/external_token.h), and that nothing else
 * is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/codec.h"
#include "http/external_token.h"

static struct arena *arena;

static int setup(void **state)
{
    arena = arena_get(NULL);
    return 0;
}

static int teardown(void **state)
{
    arena_put(arena);
    return 0;
}

static enum refuse judge(const struct external_ask *ask, const char *secret, struct external_slot *slot)
{
    return external_token_open(ask, secret, strlen(secret), arena, slot);
}

static const uint8_t *mac_of(const char *secret, const char *text, size_t n)
{
    static uint8_t mac[SHA256_BYTES];

    assert_non_null(HMAC(EVP_sha256(), secret, (int)strlen(secret), (const uint8_t *)text, n, mac, NULL));
    return mac;
}

static const char *hex_of(const char *secret, const char *text, size_t n)
{
    char hex[2 * SHA256_BYTES + 1];

    hex_encode(hex, mac_of(secret, text, n), SHA256_BYTES);
    return arena_strdup(arena, hex);
}

/* A token of these two JSON texts, as mod_http_file_share makes them. */
static const char *bearer(const char *secret, const char *head, const char *claims)
{
    char a[512], b[1024], c[64], *signed_text;

    base64url_encode(a, head, strlen(head));
    base64url_encode(b, claims, strlen(claims));
    signed_text = arena_printf(arena, "%s.%s", a, b);
    base64url_encode(c, mac_of(secret, signed_text, strlen(signed_text)), SHA256_BYTES);
    return arena_printf(arena, "Bearer %s.%s", signed_text, c);
}

/* The example of the module's document. */
static void v_signs_path_and_size(void **state)
{
    struct external_ask ask = {.path = "foo/bar.jpg", .size = 1048576};
    struct external_slot slot;

    ask.v = hex_of("secret string", "foo/bar.jpg 1048576", 19);
    assert_int_equal(judge(&ask, "secret string", &slot), REFUSE_OK);
    assert_int_equal(slot.size, 1048576);
    assert_string_equal(slot.type, "");
    assert_string_equal(slot.owner, "");
    assert_int_equal(judge(&ask, "secret strinG", &slot), REFUSE_BAD_TOKEN);
    ask.size++;
    assert_int_equal(judge(&ask, "secret string", &slot), REFUSE_BAD_TOKEN);
    ask.size--;
    ask.path = "foo/bar.jpeg";
    assert_int_equal(judge(&ask, "secret string", &slot), REFUSE_BAD_TOKEN);
}

static void a_signature_is_64_hex_digits(void **state)
{
    static const char *const bad[] = {"", "0", "zz",
                                      ("00000000000000000000000000000000"
                                       "00000000000000000000000000000000")};
    struct external_ask ask = {.path = "a/b", .size = 1};
    struct external_slot slot;
    char *good = arena_strdup(arena, hex_of("s", "a/b 1", 5));

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        ask.v = bad[i];
        assert_int_equal(judge(&ask, "s", &slot), REFUSE_BAD_TOKEN);
    }
    ask.v = good;
    assert_int_equal(judge(&ask, "s", &slot), REFUSE_OK);
    ask.v = arena_printf(arena, "%s0", good);
    assert_int_equal(judge(&ask, "s", &slot), REFUSE_BAD_TOKEN);
    ask.v = arena_printf(arena, "%.*sg", 63, good);
    assert_int_equal(judge(&ask, "s", &slot), REFUSE_BAD_TOKEN);
}

static void v2_signs_the_type(void **state)
{
    struct external_ask ask = {.path = "a/b.png", .size = 7, .type = "image/png"};
    struct external_slot slot;

    ask.v2 = hex_of("s",
                    "a/b.png\0"
                    "7\0"
                    "image/png",
                    19);
    assert_int_equal(judge(&ask, "s", &slot), REFUSE_OK);
    assert_string_equal(slot.type, "image/png");
    ask.type = "image/PNG";
    assert_int_equal(judge(&ask, "s", &slot), REFUSE_BAD_TOKEN);
    ask.type = NULL; /* stands for what a client without a type is signed as */
    assert_int_equal(judge(&ask, "s", &slot), REFUSE_BAD_TOKEN);
    ask.v2 = hex_of("s",
                    "a/b.png\0"
                    "7\0"
                    "application/octet-stream",
                    34);
    assert_int_equal(judge(&ask, "s", &slot), REFUSE_OK);
}

#define HEAD "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define CLAIMS(more)                                                                               \
    "{\"sub\":\"Romeo@Montague.lit/balcony\",\"exp\":1780000300,\"slot\":\"S1\",\"filename\":\"a " \
    "b.txt\"," more "}"

static void jwt_claims_are_read(void **state)
{
    struct external_ask ask = {.path = "S1/a b.txt", .size = 5};
    struct external_slot slot;

    ask.authorization = bearer(
        "s", HEAD,
        CLAIMS("\"filesize\":12,\"filetype\":\"text/plain\",\"expires\":1780086400,\"iat\":1780000000"));
    assert_int_equal(judge(&ask, "s", &slot), REFUSE_OK);
    assert_int_equal(slot.size, 12); /* not what the request says */
    assert_int_equal(slot.deadline, 1780000300);
    assert_int_equal(slot.expires, 1780086400);
    assert_string_equal(slot.type, "text/plain");
    assert_string_equal(slot.owner, "romeo@montague.lit");
    /* "no type was named" is no type; a Lua that writes numbers with an exponent */
    ask.authorization =
        bearer("s", HEAD, CLAIMS("\"filesize\":1.2e+10,\"filetype\":\"application/octet-stream\""));
    assert_int_equal(judge(&ask, "s", &slot), REFUSE_OK);
    assert_int_equal(slot.size, INT64_C(12000000000));
    assert_string_equal(slot.type, "");
    assert_int_equal(slot.expires, 0);
}

static void jwt_that_is_not_taken(void **state)
{
    static const struct {
        const char *head, *claims;
    } bad[] = {
        {"{\"alg\":\"none\"}", CLAIMS("\"filesize\":12")},
        {"{\"alg\":\"HS384\"}", CLAIMS("\"filesize\":12")},
        {"{}", CLAIMS("\"filesize\":12")},
        {"[]", CLAIMS("\"filesize\":12")},
        {HEAD, "[]"},
        {HEAD, "{"},
        {HEAD, CLAIMS("\"filesize\":-1")},
        {HEAD, CLAIMS("\"filesize\":1.5")},
        {HEAD, CLAIMS("\"filesize\":1e300")},
        {HEAD, CLAIMS("\"filesize\":\"12\"")},
        {HEAD, CLAIMS("\"filesize\":12,\"slot\":\"S2\"")}, /* a claim twice */
        {HEAD, "{\"exp\":1780000300,\"slot\":\"S1\",\"filename\":\"b.txt\",\"filesize\":12}"},
        {HEAD, "{\"exp\":1780000300,\"slot\":\"S1/a b.txt\",\"filename\":\"\",\"filesize\":12}"},
        {HEAD, "{\"slot\":\"S1\",\"filename\":\"a b.txt\",\"filesize\":12}"},
        {HEAD, "{\"exp\":1780000300,\"slot\":\"S1\",\"filename\":\"a b.txt\",\"filesize\":12,\"sub\":\"@\"}"},
    };
    struct external_ask ask = {.path = "S1/a b.txt", .size = 12};
    struct external_slot slot;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        ask.authorization = bearer("s", bad[i].head, bad[i].claims);
        if (judge(&ask, "s", &slot) != REFUSE_BAD_TOKEN)
            fail_msg("taken: %s %s", bad[i].head, bad[i].claims);
    }
    ask.authorization = bearer("s", HEAD, CLAIMS("\"filesize\":12"));
    assert_int_equal(judge(&ask, "s", &slot), REFUSE_OK);
    assert_int_equal(judge(&ask, "S", &slot), REFUSE_BAD_TOKEN);
    for (size_t n = strlen(ask.authorization); n-- > 0;) { /* cut anywhere */
        struct external_ask cut = ask;
        cut.authorization = arena_strndup(arena, ask.authorization, n);
        assert_int_equal(judge(&cut, "s", &slot), REFUSE_BAD_TOKEN);
    }
}

static void nothing_signed(void **state)
{
    struct external_ask ask = {.path = "a/b", .size = 1};
    struct external_slot slot;

    assert_int_equal(judge(&ask, "s", &slot), REFUSE_BAD_TOKEN);
    ask.authorization = "Basic YTpi";
    assert_int_equal(judge(&ask, "s", &slot), REFUSE_BAD_TOKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v_signs_path_and_size), cmocka_unit_test(a_signature_is_64_hex_digits),
        cmocka_unit_test(v2_signs_the_type),     cmocka_unit_test(jwt_claims_are_read),
        cmocka_unit_test(jwt_that_is_not_taken), cmocka_unit_test(nothing_signed),
    };

    return cmocka_run_group_tests_name("external_token", tests, setup, teardown);
}
