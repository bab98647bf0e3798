/* account_memory.c: the passwords that were right since the start (account_memory.h).
 *
 * A set of MACs over (name, password, stored key) in a table of fixed size: a changed password has another
 * stored key, so nothing needs to be forgotten by hand; a full bucket gives up one of its own. Where an entry
 * stands depends on its MAC alone, which nobody outside can aim. */
#include "storage/account_memory.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

#define BUCKETS 2048
#define WAYS 4
#define PASSWORD_MAX 1024 /* what account_check looks at */

struct accounts {
    pthread_mutex_t lock;
    uint8_t key[32];
    uint8_t next[BUCKETS]; /* the way that is given up next */
    uint8_t mac[BUCKETS][WAYS][SHA256_BYTES];
};

struct accounts *accounts_new(void)
{
    struct accounts *m = xcalloc(1, sizeof *m); /* pages appear as they are used */
    pthread_mutex_init(&m->lock, NULL);
    random_bytes(m->key, sizeof m->key);
    return m;
}

void accounts_free(struct accounts **m)
{
    if (!*m)
        return;
    pthread_mutex_destroy(&(*m)->lock);
    OPENSSL_cleanse((*m)->key, sizeof(*m)->key);
    free(TAKE(*m));
}

/* False: nothing that could have been remembered. */
static bool mac_of(const struct accounts *m, const struct account *a, const char *password, uint8_t out[32])
{
    uint8_t text[sizeof a->jid + PASSWORD_MAX + 2 + SHA256_BYTES];
    size_t jid = strlen(a->jid) + 1, pass = strlen(password) + 1;
    unsigned len;
    if (pass > PASSWORD_MAX + 1)
        return false;
    memcpy(text, a->jid, jid);
    memcpy(text + jid, password, pass);
    memcpy(text + jid + pass, a->sha256.stored, SHA256_BYTES);
    bool good = HMAC(EVP_sha256(), m->key, sizeof m->key, text, jid + pass + SHA256_BYTES, out, &len) != NULL;
    OPENSSL_cleanse(text + jid, pass);
    return good;
}

static size_t bucket_of(const uint8_t mac[32])
{
    return (size_t)(mac[0] << 8 | mac[1]) % BUCKETS;
}

static bool holds(struct accounts *m, size_t b, const uint8_t mac[32])
{
    bool found = false;
    for (int w = 0; w < WAYS; w++)
        found |= secret_equal(m->mac[b][w], mac, SHA256_BYTES);
    return found;
}

void accounts_remember(struct accounts *m, const struct account *a, const char *password)
{
    uint8_t mac[32];
    if (!mac_of(m, a, password, mac))
        return;
    size_t b = bucket_of(mac);
    pthread_mutex_lock(&m->lock);
    if (!holds(m, b, mac))
        memcpy(m->mac[b][m->next[b]++ % WAYS], mac, sizeof mac);
    pthread_mutex_unlock(&m->lock);
}

bool accounts_remembered(struct accounts *m, const struct account *a, const char *password)
{
    uint8_t mac[32];
    if (!mac_of(m, a, password, mac))
        return false;
    pthread_mutex_lock(&m->lock);
    bool found = holds(m, bucket_of(mac), mac);
    pthread_mutex_unlock(&m->lock);
    return found;
}
