/* keys.c: reading, making and using the key file. keys.h describes the file.
 *
 * A file that others may read or write is taken, with a warning at every start: refusing would take the
 * service down over something that a restart does not mend. A file that does not parse is never taken and
 * never replaced. */
#include "storage/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/log.h"

#define MAX_SEAL_KEYS 64
#define MAX_FILE 16384
#define NONCE_BYTES 12
#define TAG_BYTES 16
#define KEYID_BYTES 4

struct seal_key {
    uint8_t id[KEYID_BYTES];
    uint8_t key[KEY_BYTES];
};

struct keys {
    uint8_t mac[3][KEY_BYTES]; /* by enum keys_mac */
    bool has_mac[3];
    EVP_MAC_CTX *ready[3]; /* keyed once: HMAC() would look its algorithms up at each call */
    struct seal_key password;
    bool has_password;
    struct seal_key seal[MAX_SEAL_KEYS];
    size_t n_seal;
};

static const char *const mac_names[3] = {
    [KEYS_ID] = "id-mac", [KEYS_DELETE] = "delete", [KEYS_FAKE_SALT] = "fake-salt"};

/* --- the file ------------------------------------------------------------------------------------------- */

static int read_seal_key(const char *id, const char *hex, struct seal_key *out)
{
    if (!id || !hex || strlen(id) != 2 * KEYID_BYTES || strlen(hex) != 2 * KEY_BYTES)
        return -1;
    if (hex_decode(id, 2 * KEYID_BYTES, out->id) != KEYID_BYTES)
        return -1;
    return hex_decode(hex, 2 * KEY_BYTES, out->key) == KEY_BYTES ? 0 : -1;
}

static int read_line(struct keys *k, char *line)
{
    char *save = NULL;
    const char *word = strtok_r(line, " ", &save);
    const char *a = strtok_r(NULL, " ", &save);
    const char *b = strtok_r(NULL, " ", &save);
    if (!word || word[0] == '#')
        return 0;
    if (strcmp(word, "password") == 0) {
        k->has_password = true;
        return read_seal_key(a, b, &k->password);
    }
    if (strcmp(word, "seal") == 0)
        return k->n_seal < MAX_SEAL_KEYS ? read_seal_key(a, b, &k->seal[k->n_seal++]) : -1;
    for (int i = 0; i < 3; i++) {
        if (strcmp(word, mac_names[i]) != 0)
            continue;
        k->has_mac[i] = true;
        return a && strlen(a) == 2 * KEY_BYTES && hex_decode(a, 2 * KEY_BYTES, k->mac[i]) == KEY_BYTES ? 0
                                                                                                       : -1;
    }
    return -1; /* a newer Ferry's key: guessing would lose what it protects */
}

static int parse(struct keys *k, char *text, const char *path, struct buf *why)
{
    char *save = NULL;
    int number = 1;
    char *line = strtok_r(text, "\n", &save);
    if (!line || strcmp(line, "ferry-keys 1") != 0) {
        buf_addf(why, "%s is not a key file of this version", path);
        return -1;
    }
    while ((line = strtok_r(NULL, "\n", &save))) {
        number++;
        if (read_line(k, line) < 0) {
            buf_addf(why, "%s:%d: not a key", path, number);
            return -1;
        }
    }
    if (!k->has_mac[0] || !k->has_mac[1] || !k->has_mac[2] || !k->has_password || k->n_seal == 0) {
        buf_addf(why, "%s: a key is missing", path);
        return -1;
    }
    return 0;
}

/* A random key as a line; the text is cleansed with the buffer it stands in. */
static void make_line(struct buf *out, const char *name, bool with_id)
{
    uint8_t key[KEY_BYTES], id[KEYID_BYTES];
    char hex[2 * KEY_BYTES + 1], id_hex[2 * KEYID_BYTES + 1];
    random_bytes(key, sizeof key);
    random_bytes(id, sizeof id);
    hex_encode(hex, key, sizeof key);
    hex_encode(id_hex, id, sizeof id);
    buf_addf(out, "%s %s%s%s\n", name, with_id ? id_hex : "", with_id ? " " : "", hex);
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(hex, sizeof hex);
}

static int sync_folder(const char *path)
{
    char *copy = xstrdup(path);
    int fd = TEMP_FAILURE_RETRY(open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    free(copy);
    if (fd < 0)
        return -1;
    int r = TEMP_FAILURE_RETRY(fsync(fd));
    close(fd);
    return r;
}

static int write_all(int fd, const char *data, size_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, data, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return -1;
        data += w;
        n -= (size_t)w;
    }
    return 0;
}

/* Whole and durable under its name, or not there: a half key file would end every later start. */
static int write_durably(const char *path, const struct buf *text)
{
    char *tmp = xasprintf("%s.new", path);
    int fd = TEMP_FAILURE_RETRY(open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    int r = -1;
    if (fd >= 0) {
        r = fchmod(fd, 0600);
        if (r == 0)
            r = write_all(fd, text->data, text->len);
        if (r == 0)
            r = TEMP_FAILURE_RETRY(fsync(fd));
        if (close(fd) < 0)
            r = -1;
    }
    if (r == 0)
        r = renameat2(AT_FDCWD, tmp, AT_FDCWD, path, RENAME_NOREPLACE);
    if (r == 0)
        r = sync_folder(path);
    else if (fd >= 0) {
        int e = errno;
        unlink(tmp);
        errno = e;
    }
    free(tmp);
    return r;
}

static int make_file(const char *path, struct buf *why)
{
    struct buf text = {0};
    buf_room(&text, 1024); /* no growing: a copy of the keys left in freed memory */
    buf_adds(&text, "ferry-keys 1\n");
    for (int i = 0; i < 3; i++)
        make_line(&text, mac_names[i], false);
    make_line(&text, "password", true);
    make_line(&text, "seal", true);
    int r = write_durably(path, &text);
    if (r < 0)
        buf_addf(why, "cannot make the key file %s: %s", path, strerror(errno));
    else
        log_info("keys made file=\"%s\"", path);
    OPENSSL_cleanse(text.data, text.len);
    buf_free(&text);
    return r;
}

static int read_whole(int fd, char *text, size_t max)
{
    size_t n = 0;
    for (;;) {
        ssize_t r = read(fd, text + n, max - n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -1;
        n += (size_t)r;
        if (r == 0 || n == max)
            break;
    }
    text[n] = '\0';
    return 0;
}

static void prepare_macs(struct keys *k)
{
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0), OSSL_PARAM_construct_end()};

    FERRY_ASSERT(hmac != NULL);
    for (size_t i = 0; i < 3; i++) {
        k->ready[i] = EVP_MAC_CTX_new(hmac);
        FERRY_ASSERT(k->ready[i] != NULL && EVP_MAC_init(k->ready[i], k->mac[i], KEY_BYTES, params) == 1);
    }
    EVP_MAC_free(hmac);
}

struct keys *keys_open(const char *path, bool make, struct buf *why)
{
    int fd = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC));
    if (fd < 0 && errno == ENOENT && !make) {
        buf_addf(why,
                 "the key file %s is missing, but the spool is not new: put the file back (new keys would "
                 "make every link invalid)",
                 path);
        return NULL;
    }
    if (fd < 0 && errno == ENOENT) {
        if (make_file(path, why) < 0)
            return NULL;
        fd = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC));
    }
    if (fd < 0) {
        buf_addf(why, "cannot read the key file %s: %s", path, strerror(errno));
        return NULL;
    }
    struct stat sb;
    if (fstat(fd, &sb) == 0 && (sb.st_mode & 077))
        log_warn("the key file is open to others file=\"%s\" mode=%03o; it should be 600", path,
                 sb.st_mode & 0777);
    struct keys *k = xcalloc(1, sizeof *k);
    char text[MAX_FILE + 1];
    int r = read_whole(fd, text, MAX_FILE);
    close(fd);
    if (r < 0)
        buf_addf(why, "cannot read the key file %s: %s", path, strerror(errno));
    else
        r = parse(k, text, path, why);
    OPENSSL_cleanse(text, sizeof text);
    if (r < 0)
        keys_free(&k);
    else
        prepare_macs(k);
    return k;
}

void keys_free(struct keys **k)
{
    if (*k) {
        for (size_t i = 0; i < 3; i++)
            EVP_MAC_CTX_free((*k)->ready[i]);
        OPENSSL_cleanse(*k, sizeof **k);
    }
    free(TAKE(*k));
}

/* --- using them ----------------------------------------------------------------------------------------- */

void keys_mac(const struct keys *k, enum keys_mac which, const void *in, size_t n, uint8_t out[32])
{
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(k->ready[which]); /* any thread may ask */
    size_t len = 0;

    FERRY_ASSERT(ctx != NULL && EVP_MAC_update(ctx, in, n) == 1 && EVP_MAC_final(ctx, out, &len, 32) == 1);
    FERRY_ASSERT(len == 32);
    EVP_MAC_CTX_free(ctx);
}

static const struct seal_key *newest(const struct keys *k, enum keys_use use)
{
    return use == KEYS_PASSWORD ? &k->password : &k->seal[k->n_seal - 1];
}

static const struct seal_key *by_id(const struct keys *k, enum keys_use use, const uint8_t *id)
{
    if (use == KEYS_PASSWORD)
        return memcmp(k->password.id, id, KEYID_BYTES) == 0 ? &k->password : NULL;
    for (size_t i = k->n_seal; i-- > 0;)
        if (memcmp(k->seal[i].id, id, KEYID_BYTES) == 0)
            return &k->seal[i];
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
    FERRY_ASSERT(c && EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key->key, nonce) == 1);
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
    FERRY_ASSERT(c && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key->key, sealed + KEYID_BYTES) == 1);
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
