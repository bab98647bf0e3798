/* account_keys.c: stretching passwords by OpenSSL (account_keys.h). */
#include "storage/account_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/jid.h"
#include "storage/keys.h"

void account_wipe(char *secret)
{
    if (secret)
        OPENSSL_cleanse(secret, strlen(secret));
    free(secret);
}

char *account_prepare(const char *password)
{
    /* Preparing makes a text shorter by at most the factor of a composed character; what is longer than this
     * cannot become short enough, and is not worth preparing. */
    if (strlen(password) > 4 * PASSWORD_BYTES_MAX)
        return NULL;
    char *prepared = jid_saslprep(password);
    if (prepared && (!*prepared || strlen(prepared) > PASSWORD_BYTES_MAX)) {
        account_wipe(prepared);
        return NULL;
    }
    return prepared;
}

/* SaltedPassword, then StoredKey = H(HMAC(it, "Client Key")) and ServerKey = HMAC(it, "Server Key"). */
static void stretch(const EVP_MD *md, const char *prepared, const struct account_keys *in, uint8_t stored[32],
                    uint8_t server[32])
{
    uint8_t salted[32], client[32];
    unsigned len = (unsigned)EVP_MD_get_size(md);
    FERRY_ASSERT(
        PKCS5_PBKDF2_HMAC(prepared, -1, in->salt, sizeof in->salt, in->rounds, md, (int)len, salted) == 1);
    FERRY_ASSERT(HMAC(md, salted, (int)len, (const uint8_t *)"Client Key", 10, client, NULL));
    FERRY_ASSERT(EVP_Digest(client, len, stored, NULL, md, NULL) == 1);
    if (server)
        FERRY_ASSERT(HMAC(md, salted, (int)len, (const uint8_t *)"Server Key", 10, server, NULL));
    OPENSSL_cleanse(salted, sizeof salted);
    OPENSSL_cleanse(client, sizeof client);
}

static void derive_one(const EVP_MD *md, const char *prepared, struct account_keys *k)
{
    *k = (struct account_keys){.rounds = ACCOUNT_ROUNDS};
    random_bytes(k->salt, sizeof k->salt);
    stretch(md, prepared, k, k->stored, k->server);
}

void account_derive(struct account *a, const char *prepared)
{
    derive_one(EVP_sha1(), prepared, &a->sha1);
    derive_one(EVP_sha256(), prepared, &a->sha256);
}

bool account_matches(const struct account *a, const char *prepared)
{
    /* One hash is enough, both were made of one password. */
    uint8_t stored[32];
    stretch(EVP_sha256(), prepared, &a->sha256, stored, NULL);
    return secret_equal(stored, a->sha256.stored, sizeof stored);
}

static void fake_part(const struct keys *k, const char *what, const char *bare, uint8_t *out, size_t n)
{
    uint8_t mac[32];
    char *text = xasprintf("%s %s", what, bare);
    keys_mac(k, KEYS_FAKE_SALT, text, strlen(text), mac);
    memcpy(out, mac, n);
    free(text);
}

void account_fake(const struct keys *k, const char *bare, struct account *out)
{
    *out = (struct account){0};
    strncat(out->jid, bare, sizeof out->jid - 1);
    out->sha1.rounds = out->sha256.rounds = ACCOUNT_ROUNDS;
    fake_part(k, "sha-1 salt", bare, out->sha1.salt, 16);
    fake_part(k, "sha-1 key", bare, out->sha1.stored, 20);
    fake_part(k, "sha-1 server", bare, out->sha1.server, 20);
    fake_part(k, "sha-256 salt", bare, out->sha256.salt, 16);
    fake_part(k, "sha-256 key", bare, out->sha256.stored, 32);
    fake_part(k, "sha-256 server", bare, out->sha256.server, 32);
}
