/* sums.c: see sums.h. */
#include "base/sums.h"

#include <string.h>

#include "base/codec.h"

static const struct {
    const char *name, *digest; /* as XEP-0300 and as OpenSSL call it */
} functions[SUM_COUNT] = {
    [SUM_MD5] = {"md5", "MD5"},
    [SUM_SHA1] = {"sha-1", "SHA1"},
    [SUM_SHA224] = {"sha-224", "SHA224"},
    [SUM_SHA256] = {"sha-256", "SHA256"},
    [SUM_SHA384] = {"sha-384", "SHA384"},
    [SUM_SHA512] = {"sha-512", "SHA512"},
    [SUM_SHA3_256] = {"sha3-256", "SHA3-256"},
    [SUM_SHA3_512] = {"sha3-512", "SHA3-512"},
    [SUM_BLAKE2B_512] = {"blake2b-512", "BLAKE2b512"},
};

const char *sums_name(enum sum s)
{
    return functions[s].name;
}

const EVP_MD *sums_md(enum sum s)
{
    return EVP_get_digestbyname(functions[s].digest);
}

size_t sums_size(enum sum s)
{
    const EVP_MD *md = sums_md(s);
    int n = md ? EVP_MD_size(md) : 0;
    return n > 0 && n <= SUM_MAX ? (size_t)n : 0;
}

int sums_find(const char *name)
{
    for (int s = 0; s < SUM_COUNT; s++)
        if (strcmp(functions[s].name, name) == 0)
            return sums_size((enum sum)s) > 0 ? s : -1;
    return -1;
}

bool sums_read(struct sums *out, enum sum s, const char *base64)
{
    enum { TEXT_MAX = (SUM_MAX + 2) / 3 * 4 };
    uint8_t raw[base64_max(TEXT_MAX)];
    size_t n = strlen(base64), size = sums_size(s);
    if (size == 0 || n == 0 || n > TEXT_MAX || base64_decode(base64, n, raw) != (ptrdiff_t)size)
        return false;
    memcpy(out->value[s], raw, size);
    out->has |= 1u << s;
    return true;
}

void sums_digest(const struct sums *sums, uint8_t out[32])
{
    struct buf all = {0};
    for (int s = 0; s < SUM_COUNT; s++) {
        if (!sums_has(sums, (enum sum)s))
            continue;
        buf_addc(&all, (char)s);
        buf_add(&all, sums->value[s], sums_size((enum sum)s));
    }
    FERRY_ASSERT(EVP_Digest(all.data, all.len, out, NULL, EVP_sha256(), NULL) == 1);
    buf_free(&all);
}
