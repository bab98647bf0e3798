/* keys.c: the keys of keys.h in memory: using them, and putting a new one in force.
 *
 * The keys that seal slots stand in a ring that never changes: a rotation publishes a new ring, and the old
 * ones stay reachable until keys_free, like configurations do, so that nobody who seals or opens needs a
 * lock. */
#include "storage/keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/log.h"
#include "storage/keys_file.h"

#define NONCE_BYTES 12
#define TAG_BYTES 16
#define SPARE_MACS 4 /* as many as threads mostly ask at once */

struct macs {
    pthread_mutex_t lock;
    EVP_MAC_CTX *keyed; /* copied when none is spare: HMAC() would look its algorithms up at each call */
    EVP_MAC_CTX *spare[SPARE_MACS]; /* beginning one of these again costs less than half of a copy */
    size_t n;
};

struct ring {
    struct ring *older;
    size_t n;
    struct seal_key key[]; /* oldest first: the last one seals */
};

struct keys {
    char *path;
    uint8_t mac[3][KEY_BYTES]; /* by enum keys_mac */
    struct macs *macs;         /* one for each */
    EVP_CIPHER *cipher;        /* EVP_aes_256_gcm() would be looked up at each call */
    struct seal_key password;
    _Atomic(struct ring *) ring;
    pthread_mutex_t rotating; /* one rotation at a time */
};

/* --- opening -------------------------------------------------------------------------------------------- */

static void prepare(struct keys *k)
{
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0), OSSL_PARAM_construct_end()};

    FERRY_ASSERT(hmac != NULL);
    k->macs = xcalloc(ARRAY_LEN(k->mac), sizeof *k->macs);
    for (size_t i = 0; i < ARRAY_LEN(k->mac); i++) {
        struct macs *m = &k->macs[i];
        pthread_mutex_init(&m->lock, NULL);
        m->keyed = EVP_MAC_CTX_new(hmac);
        FERRY_ASSERT(m->keyed != NULL && EVP_MAC_init(m->keyed, k->mac[i], KEY_BYTES, params) == 1);
    }
    EVP_MAC_free(hmac);
    k->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    FERRY_ASSERT(k->cipher != NULL);
}

static void macs_free(struct macs *m)
{
    while (m->n > 0)
        EVP_MAC_CTX_free(m->spare[--m->n]);
    EVP_MAC_CTX_free(m->keyed);
    pthread_mutex_destroy(&m->lock);
}

static void publish(struct keys *k, const struct seal_key *key, size_t n)
{
    struct ring *r = xmalloc(sizeof *r + n * sizeof *key);
    r->older = k->ring;
    r->n = n;
    memcpy(r->key, key, n * sizeof *key);
    k->ring = r;
}

/* What a link stands for, so that a file beside the link is replaced and not the link. */
static char *real_path(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : xstrdup(path);
}

struct keys *keys_open(const char *path, bool make, struct buf *why)
{
    struct keys_file file;
    struct keys *k = NULL;
    int r = keys_file_read(path, &file, why);
    if (r == 1 && !make) {
        buf_addf(why,
                 "the key file %s is missing, but the spool is not new: put the file back (new keys would "
                 "make every link invalid)",
                 path);
        return NULL;
    }
    if (r == 1 && keys_file_make(path, clock_wall(), why) == 0)
        r = keys_file_read(path, &file, why);
    if (r == 0) {
        k = xcalloc(1, sizeof *k);
        pthread_mutex_init(&k->rotating, NULL);
        k->path = real_path(path);
        memcpy(k->mac, file.mac, sizeof k->mac);
        k->password = file.password;
        publish(k, file.seal, file.n_seal);
        prepare(k);
    }
    OPENSSL_cleanse(&file, sizeof file);
    return k;
}

static void ring_free(struct ring *r)
{
    while (r) {
        struct ring *older = r->older;
        OPENSSL_cleanse(r, sizeof *r + r->n * sizeof r->key[0]);
        free(r);
        r = older;
    }
}

void keys_free(struct keys **k)
{
    if (*k) {
        for (size_t i = 0; i < ARRAY_LEN((*k)->mac); i++)
            macs_free(&(*k)->macs[i]);
        free((*k)->macs);
        EVP_CIPHER_free((*k)->cipher);
        ring_free((*k)->ring);
        pthread_mutex_destroy(&(*k)->rotating);
        free((*k)->path);
        OPENSSL_cleanse(*k, sizeof **k);
    }
    free(TAKE(*k));
}

/* --- using them ----------------------------------------------------------------------------------------- */

/* Any thread may ask. */
static EVP_MAC_CTX *mac_take(struct macs *m)
{
    EVP_MAC_CTX *ctx = NULL;

    pthread_mutex_lock(&m->lock);
    if (m->n > 0)
        ctx = m->spare[--m->n];
    pthread_mutex_unlock(&m->lock);
    return ctx ? ctx : EVP_MAC_CTX_dup(m->keyed);
}

static void mac_give(struct macs *m, EVP_MAC_CTX *ctx)
{
    pthread_mutex_lock(&m->lock);
    if (m->n < SPARE_MACS)
        m->spare[m->n++] = TAKE(ctx);
    pthread_mutex_unlock(&m->lock);
    EVP_MAC_CTX_free(ctx);
}

void keys_mac(const struct keys *k, enum keys_mac which, const void *in, size_t n, uint8_t out[32])
{
    EVP_MAC_CTX *ctx = mac_take(&k->macs[which]);
    size_t len = 0;

    FERRY_ASSERT(ctx != NULL && EVP_MAC_init(ctx, NULL, 0, NULL) == 1 && EVP_MAC_update(ctx, in, n) == 1 &&
                 EVP_MAC_final(ctx, out, &len, 32) == 1 && len == 32);
    mac_give(&k->macs[which], ctx);
}

static const struct seal_key *newest(const struct keys *k, enum keys_use use)
{
    const struct ring *r = k->ring;
    return use == KEYS_PASSWORD ? &k->password : &r->key[r->n - 1];
}

static const struct seal_key *by_id(const struct keys *k, enum keys_use use, const uint8_t *id)
{
    if (use == KEYS_PASSWORD)
        return memcmp(k->password.id, id, KEYID_BYTES) == 0 ? &k->password : NULL;
    const struct ring *r = k->ring;
    for (size_t i = r->n; i-- > 0;)
        if (memcmp(r->key[i].id, id, KEYID_BYTES) == 0)
            return &r->key[i];
    return NULL;
}

void keys_seal(const struct keys *k, enum keys_use use, const char *bound, const void *plain, size_t n,
               uint8_t *out)
{
    FERRY_ASSERT(n <= INT32_MAX);
    const struct seal_key *key = newest(k, use);
    uint8_t *nonce = out + KEYID_BYTES, *body = nonce + NONCE_BYTES;
    memcpy(out, key->id, KEYID_BYTES);
    random_bytes(nonce, NONCE_BYTES);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int len = 0;
    FERRY_ASSERT(c && EVP_EncryptInit_ex(c, k->cipher, NULL, key->key, nonce) == 1);
    FERRY_ASSERT(EVP_EncryptUpdate(c, NULL, &len, (const uint8_t *)bound, (int)strlen(bound)) == 1);
    FERRY_ASSERT(EVP_EncryptUpdate(c, body, &len, plain, (int)n) == 1 && len == (int)n);
    FERRY_ASSERT(EVP_EncryptFinal_ex(c, body + n, &len) == 1 && len == 0);
    FERRY_ASSERT(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, body + n) == 1);
    EVP_CIPHER_CTX_free(c);
}

ptrdiff_t keys_unseal(const struct keys *k, enum keys_use use, const char *bound, const void *in, size_t n,
                      uint8_t *out)
{
    static const uint8_t nothing[SEAL_OVERHEAD];
    const uint8_t *sealed = in;
    bool good = n >= SEAL_OVERHEAD && n <= INT32_MAX;
    if (!good) {
        sealed = nothing;
        n = SEAL_OVERHEAD;
    }
    const struct seal_key *key = by_id(k, use, sealed);
    if (!key) {
        good = false;
        key = newest(k, use);
    }
    int len = 0, plain = (int)(n - SEAL_OVERHEAD);
    uint8_t tag[TAG_BYTES];
    memcpy(tag, sealed + n - TAG_BYTES, TAG_BYTES);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    FERRY_ASSERT(c && EVP_DecryptInit_ex(c, k->cipher, NULL, key->key, sealed + KEYID_BYTES) == 1);
    FERRY_ASSERT(EVP_DecryptUpdate(c, NULL, &len, (const uint8_t *)bound, (int)strlen(bound)) == 1);
    FERRY_ASSERT(EVP_DecryptUpdate(c, out, &len, sealed + KEYID_BYTES + NONCE_BYTES, plain) == 1);
    FERRY_ASSERT(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1);
    if (EVP_DecryptFinal_ex(c, out + plain, &len) != 1)
        good = false;
    EVP_CIPHER_CTX_free(c);
    if (!good && plain > 0)
        OPENSSL_cleanse(out, (size_t)plain);
    return good ? plain : -1;
}

/* --- rotating ------------------------------------------------------------------------------------------- */

/* When the next key took over: the first one after it whose date is known. 0: it seals, or nobody knows. */
static int64_t superseded(const struct seal_key *key, size_t n, size_t i)
{
    while (++i < n)
        if (key[i].made)
            return key[i].made;
    return 0;
}

static void fill_info(struct key_info *info, enum keys_use use, const struct seal_key *key)
{
    info->use = use;
    hex_encode(info->id, key->id, KEYID_BYTES);
    info->made = key->made;
}

size_t keys_list(const struct keys *k, struct key_info out[KEYS_SEAL_MAX + 1])
{
    const struct ring *r = k->ring;
    for (size_t i = 0; i < r->n; i++) {
        fill_info(&out[i], KEYS_SLOT, &r->key[i]);
        out[i].seals = i + 1 == r->n;
        out[i].superseded = superseded(r->key, r->n, i);
    }
    fill_info(&out[r->n], KEYS_PASSWORD, &k->password);
    out[r->n].seals = true;
    out[r->n].superseded = 0;
    return r->n + 1;
}

static const struct seal_key *find_key(const struct seal_key *key, size_t n, const struct seal_key *wanted)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(key[i].id, wanted->id, KEYID_BYTES) == 0)
            return &key[i];
    return NULL;
}

/* Is the file still the one that is in use? It may know more keys that seal (a rotation that was cut short
 * after the file was written), never fewer, and no others. */
static bool same_keys(const struct keys *k, const struct keys_file *file)
{
    const struct ring *r = k->ring;
    bool same = memcmp(k->mac, file->mac, sizeof k->mac) == 0 &&
                memcmp(k->password.key, file->password.key, KEY_BYTES) == 0 &&
                memcmp(k->password.id, file->password.id, KEYID_BYTES) == 0;
    for (size_t i = 0; same && i < r->n; i++) {
        const struct seal_key *there = find_key(file->seal, file->n_seal, &r->key[i]);
        same = there && memcmp(there->key, r->key[i].key, KEY_BYTES) == 0;
    }
    return same;
}

/* Takes the keys that no slot can be of any more out of `file`, into past; returns how many. */
static size_t drop_past(struct keys_file *file, int64_t before, struct seal_key past[KEYS_SEAL_MAX])
{
    struct seal_key all[KEYS_SEAL_MAX];
    size_t n = file->n_seal, dropped = 0;
    memcpy(all, file->seal, sizeof all);
    file->n_seal = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t end = superseded(all, n, i);
        if (end && end < before)
            past[dropped++] = all[i];
        else
            file->seal[file->n_seal++] = all[i];
    }
    OPENSSL_cleanse(all, sizeof all);
    return dropped;
}

static enum refuse rotate(struct keys *k, int64_t now, int64_t before, struct keys_file *file,
                          struct keys_rotated *out, struct buf *why)
{
    struct seal_key past[KEYS_SEAL_MAX], fresh = {.made = now};
    if (keys_file_read(k->path, file, why) != 0 || !same_keys(k, file)) {
        if (why->len == 0)
            buf_addf(why, "the key file %s is not the one that is in use: put it back, or restart", k->path);
        return REFUSE_CONFLICT;
    }
    out->dropped = drop_past(file, before, past);
    if (file->n_seal == KEYS_SEAL_MAX) {
        buf_addf(why, "%d keys are in use, and slots of each may still be", KEYS_SEAL_MAX);
        return REFUSE_CONFLICT;
    }
    do
        random_bytes(fresh.id, sizeof fresh.id);
    while (find_key(file->seal, file->n_seal, &fresh) || find_key(past, out->dropped, &fresh));
    random_bytes(fresh.key, sizeof fresh.key);
    int r = keys_file_rotate(k->path, &fresh, past, out->dropped, why);
    if (r == 0) {
        file->seal[file->n_seal++] = fresh;
        publish(k, file->seal, file->n_seal);
        fill_info(&out->fresh, KEYS_SLOT, &fresh);
        out->kept = file->n_seal - 1;
        log_info("keys rotated key=%s kept=%zu dropped=%zu", out->fresh.id, out->kept, out->dropped);
    }
    OPENSSL_cleanse(&fresh, sizeof fresh);
    OPENSSL_cleanse(past, sizeof past);
    return r == 0 ? REFUSE_OK : REFUSE_INTERNAL;
}

enum refuse keys_rotate(struct keys *k, int64_t now, int64_t before, struct keys_rotated *out,
                        struct buf *why)
{
    struct keys_file file;
    *out = (struct keys_rotated){0};
    pthread_mutex_lock(&k->rotating);
    enum refuse r = rotate(k, now, before, &file, out, why);
    pthread_mutex_unlock(&k->rotating);
    OPENSSL_cleanse(&file, sizeof file);
    return r;
}
