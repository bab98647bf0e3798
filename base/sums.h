/* sums.h: checksums that others declare of a file, by the names of XEP-0300. Those that OpenSSL can compute
 * here are known; SHA-256 and MD5 always are. Pure, any thread.
 */
#ifndef FERRY_SUMS_H
#define FERRY_SUMS_H

#include <openssl/evp.h>

#include "base/base.h"

enum sum {
    SUM_MD5,
    SUM_SHA1,
    SUM_SHA224,
    SUM_SHA256,
    SUM_SHA384,
    SUM_SHA512,
    SUM_SHA3_256,
    SUM_SHA3_512,
    SUM_BLAKE2B_512,
    SUM_COUNT
};
#define SUM_MAX 64 /* bytes of the longest */

struct sums {
    unsigned has; /* a bit of each that is there */
    uint8_t value[SUM_COUNT][SUM_MAX];
};

int sums_find(const char *name); /* enum sum, or -1: not known here */
const char *sums_name(enum sum s);
const EVP_MD *sums_md(enum sum s); /* NULL: not known here */
size_t sums_size(enum sum s);      /* bytes; 0: not known here */
/* Adds the value, in base64. false: it is none of that function's; nothing is added. */
bool sums_read(struct sums *out, enum sum s, const char *base64);
/* One SHA-256 of all that is declared. */
void sums_digest(const struct sums *sums, uint8_t out[32]);
static inline bool sums_has(const struct sums *sums, enum sum s)
{
    return sums->has >> s & 1;
}

#endif
