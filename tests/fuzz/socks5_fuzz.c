/* socks5_fuzz.c: both SOCKS5 machines with hostile bytes in a hostile segmentation. The result must not
 * depend on the segmentation. */
#include "xmpp/socks.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    enum socks_result result;
    size_t taken;
};

static struct seen run(const uint8_t *data, size_t size, size_t step, bool server)
{
    struct socks_server s;
    struct socks_client c;
    struct buf out = {0};
    struct seen seen = {SOCKS_MORE, 0};
    socks_server_init(&s);
    socks_client_init(&c, "0123456789abcdef0123456789abcdef01234567", &out);
    while (seen.taken < size && seen.result == SOCKS_MORE) {
        size_t n = step < size - seen.taken ? step : size - seen.taken, used = 0;
        seen.result = server ? socks_server_feed(&s, data + seen.taken, n, &used, &out)
                             : socks_client_feed(&c, data + seen.taken, n, &used, &out);
        FERRY_ASSERT(used <= n);
        seen.taken += used;
        if (used == 0)
            break;
    }
    if (server && seen.result == SOCKS_DONE) {
        FERRY_ASSERT(strlen(s.key) == SOCKS_KEY);
        socks_server_answer(&s, SOCKS_OK, &out);
    }
    FERRY_ASSERT(out.len < 1024);
    buf_free(&out);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    bool server = data[0] & 1;
    size_t step = 1 + data[1] % 64;
    struct seen pieces = run(data + 2, size - 2, step, server), whole = run(data + 2, size - 2, size, server);
    FERRY_ASSERT(pieces.result == whole.result || whole.result == SOCKS_REFUSED ||
                 pieces.result == SOCKS_REFUSED);
    FERRY_ASSERT((pieces.result == SOCKS_DONE) == (whole.result == SOCKS_DONE));
    return 0;
}
