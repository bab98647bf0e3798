/* framing_fuzz.c: requests in a stream. The same bytes in one piece and byte by byte must be let through to
 * the same place with the same verdict, and no more than there are. */
#include <stdlib.h>
#include <string.h>

#include "http/framing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns how many bytes were let through, shown `piece` more at a time. */
static size_t feed(struct framing *f, const char *p, size_t n, size_t piece, enum framing_verdict *v)
{
    size_t at = 0, shown = 0;

    memset(f, 0, sizeof *f);
    *v = FRAMING_MORE;
    while (shown < n) {
        shown = n - shown > piece ? shown + piece : n;
        do {
            size_t took = framing_step(f, p + at, shown - at, v);
            if (took > shown - at || (took == 0) != (*v != FRAMING_PASS && *v != FRAMING_BEGUN))
                abort();
            at += took;
        } while (at < shown && (*v == FRAMING_PASS || *v == FRAMING_BEGUN));
        if (*v == FRAMING_REFUSE || *v == FRAMING_ENDED)
            break;
    }
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct framing whole, bytes;
    enum framing_verdict v, w;
    size_t a, b;

    if (size > 4096) /* the one by one is quadratic in a head */
        size = 4096;
    a = feed(&whole, (const char *)data, size, size, &v);
    b = feed(&bytes, (const char *)data, size, 1, &w);
    if (a != b || whole.state != bytes.state || whole.left != bytes.left || whole.begun != bytes.begun ||
        whole.whole != bytes.whole || (v == FRAMING_REFUSE) != (w == FRAMING_REFUSE))
        abort();
    if (v == FRAMING_REFUSE && whole.head.why != bytes.head.why)
        abort();
    if (whole.whole > whole.begun || whole.begun > whole.whole + 1)
        abort();
    return 0;
}
