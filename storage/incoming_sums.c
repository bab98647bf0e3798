/* incoming_sums.c: checksums that a sender has declared beside those that are hashed on the way: few senders
 * do, and some only at the end. The file is read once more for all of them, on the thread that is about to
 * sync it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "storage/incoming_body.h"

enum { READ_BYTES = 256 * 1024 };

struct hashing {
    EVP_MD_CTX *ctx[SUM_COUNT]; /* NULL: not declared */
};

static bool begin(struct hashing *h, const struct sums *sums)
{
    for (int s = 0; s < SUM_COUNT; s++)
        if (sums_has(sums, (enum sum)s) && (!(h->ctx[s] = EVP_MD_CTX_new()) ||
                                            EVP_DigestInit_ex(h->ctx[s], sums_md((enum sum)s), NULL) != 1))
            return false;
    return true;
}

static bool update(struct hashing *h, const void *data, size_t n)
{
    for (int s = 0; s < SUM_COUNT; s++)
        if (h->ctx[s] && EVP_DigestUpdate(h->ctx[s], data, n) != 1)
            return false;
    return true;
}

static enum refuse read_all(struct incoming *in, struct hashing *h)
{
    char *block = xmalloc(READ_BYTES);
    enum refuse r = REFUSE_OK;
    for (int64_t at = 0; at < in->g.size && r == REFUSE_OK;) {
        ptrdiff_t n = partial_read(in->live.part, in, at, block, READ_BYTES);
        if (n <= 0)
            r = REFUSE_READ_ONLY;
        else if (!update(h, block, (size_t)n))
            r = REFUSE_INTERNAL;
        at += n;
    }
    free(block);
    return r;
}

static enum refuse compare(const struct incoming *in, const struct hashing *h)
{
    uint8_t value[EVP_MAX_MD_SIZE];
    for (int s = 0; s < SUM_COUNT; s++) {
        if (!h->ctx[s])
            continue;
        if (EVP_DigestFinal_ex(h->ctx[s], value, NULL) != 1)
            return REFUSE_INTERNAL;
        if (memcmp(value, in->end.sums->value[s], sums_size((enum sum)s)) != 0) {
            log_info(ID_SHOWN " transfer wrong checksum function=%s", in->g.id.text, sums_name((enum sum)s));
            return REFUSE_HASH_MISMATCH;
        }
    }
    return REFUSE_OK;
}

enum refuse incoming_check_sums(struct incoming *in)
{
    struct hashing h = {0};
    enum refuse r = begin(&h, in->end.sums) ? read_all(in, &h) : REFUSE_INTERNAL;
    if (r == REFUSE_OK)
        r = compare(in, &h);
    for (int s = 0; s < SUM_COUNT; s++)
        EVP_MD_CTX_free(h.ctx[s]);
    return r;
}
