/* SCRAM: the first message is read as RFC 5802 writes it and no other way; an exchange with GNU SASL's own
 * client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <gsasl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/codec.h"
#include "xmpp/mod/scram.h"

static void first_messages(void **state)
{
    static const struct {
        const char *text;
        enum scram_result result;
        const char *user, *authzid;
    } table[] = {
        {"n,,n=user,r=x", SCRAM_GO_ON, "user", ""},
        {"y,,n=user,r=x,ext=1", SCRAM_GO_ON, "user", ""},
        {"n,a=me@here,n=user,r=x", SCRAM_GO_ON, "user", "me@here"},
        {"n,a=a=2Cb=3D,n=u=3Ds=2Cer,r=x", SCRAM_GO_ON, "u=s,er", "a,b="},
        {"n,,n=,r=x", SCRAM_GO_ON, "", ""},
        {"p=tls-unique,,n=user,r=x", SCRAM_WRONG, NULL, NULL},
        {"n,,m=more,n=user,r=x", SCRAM_WRONG, NULL, NULL},
        {"", SCRAM_MALFORMED, NULL, NULL},
        {"n", SCRAM_MALFORMED, NULL, NULL},
        {"n,,", SCRAM_MALFORMED, NULL, NULL},
        {"n,,n=", SCRAM_MALFORMED, NULL, NULL},
        {"n,,n=user", SCRAM_MALFORMED, NULL, NULL},
        {"n,,n=user,", SCRAM_MALFORMED, NULL, NULL},
        {"n,,n=user,r=", SCRAM_MALFORMED, NULL, NULL},
        {"n,,n=us=er,r=x", SCRAM_MALFORMED, NULL, NULL},
        {"n,,n=us=2,r=x", SCRAM_MALFORMED, NULL, NULL},
        {"n,,n=us=", SCRAM_MALFORMED, NULL, NULL},
        {"n,a=x", SCRAM_MALFORMED, NULL, NULL},
        {"n,b=x,n=user,r=x", SCRAM_MALFORMED, NULL, NULL},
        {"x,,n=user,r=x", SCRAM_MALFORMED, NULL, NULL},
        {"nn,,n=user,r=x", SCRAM_MALFORMED, NULL, NULL},
        {"p,,n=user,r=x", SCRAM_MALFORMED, NULL, NULL},
        {"n,,r=x,n=user", SCRAM_MALFORMED, NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct buf user = {0}, authzid = {0};
        /* no NUL behind it: a reader that goes too far is seen by the sanitizer */
        size_t n = strlen(table[i].text);
        char *message = xmalloc(n ? n : 1);
        memcpy(message, table[i].text, n);
        assert_int_equal(scram_read_first(message, n, &user, &authzid), table[i].result);
        if (table[i].user) {
            assert_string_equal(user.data ? user.data : "", table[i].user);
            assert_string_equal(authzid.data ? authzid.data : "", table[i].authzid);
        }
        buf_free(&user);
        buf_free(&authzid);
        free(message);
    }
}

static void make_keys(const char *password, struct account_keys *k)
{
    unsigned char salted[32], client[32];
    memset(k, 0, sizeof *k);
    memcpy(k->salt, "sixteen bytes..", 16);
    k->rounds = 4096;
    assert_true(
        PKCS5_PBKDF2_HMAC(password, (int)strlen(password), k->salt, 16, k->rounds, EVP_sha256(), 32, salted));
    HMAC(EVP_sha256(), salted, 32, (const unsigned char *)"Client Key", 10, client, NULL);
    HMAC(EVP_sha256(), salted, 32, (const unsigned char *)"Server Key", 10, k->server, NULL);
    SHA256(client, 32, k->stored);
}

/* One exchange; the result of the proof, and whether the client believes the server. */
static enum scram_result exchange(const char *password, bool *believed)
{
    struct account_keys keys;
    make_keys("secret", &keys);
    Gsasl *g;
    Gsasl_session *client;
    assert_int_equal(gsasl_init(&g), GSASL_OK);
    assert_int_equal(gsasl_client_start(g, "SCRAM-SHA-256", &client), GSASL_OK);
    gsasl_property_set(client, GSASL_AUTHID, "user");
    gsasl_property_set(client, GSASL_PASSWORD, password);
    struct scram *x = scram_new(true, &keys);
    char *said;
    size_t n;
    struct buf out = {0};
    assert_int_equal(gsasl_step(client, NULL, 0, &said, &n), GSASL_NEEDS_MORE);
    assert_int_equal(scram_step(x, said, n, &out), SCRAM_GO_ON);
    gsasl_free(said);
    assert_int_equal(gsasl_step(client, out.data, out.len, &said, &n), GSASL_NEEDS_MORE);
    buf_free(&out);
    enum scram_result r = scram_step(x, said, n, &out);
    gsasl_free(said);
    *believed = false;
    if (r == SCRAM_RIGHT) {
        *believed = gsasl_step(client, out.data, out.len, &said, &n) == GSASL_OK;
        gsasl_free(said);
    }
    buf_free(&out);
    scram_free(x);
    gsasl_finish(client);
    gsasl_done(g);
    return r;
}

static void exchanges(void **state)
{
    bool believed;
    assert_int_equal(exchange("secret", &believed), SCRAM_RIGHT);
    assert_true(believed);
    assert_int_equal(exchange("secreT", &believed), SCRAM_WRONG);
}

static void a_step_too_many(void **state)
{
    struct account_keys keys;
    make_keys("secret", &keys);
    struct scram *x = scram_new(false, &keys);
    struct buf out = {0};
    assert_int_equal(scram_step(x, "n,,n=user,r=abc", 15, &out), SCRAM_GO_ON);
    assert_int_equal(scram_step(x, "n,,n=user,r=abc", 15, &out), SCRAM_WRONG);
    assert_int_equal(scram_step(x, "", 0, &out), SCRAM_WRONG);
    buf_free(&out);
    scram_free(x);
}

static int begin(void **state)
{
    return scram_start();
}

static int end(void **state)
{
    scram_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(first_messages), cmocka_unit_test(exchanges),
                                       cmocka_unit_test(a_step_too_many)};
    return cmocka_run_group_tests(tests, begin, end);
}
