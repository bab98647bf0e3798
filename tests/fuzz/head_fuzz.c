/* head_fuzz.c: the check of a first head. A head that passes at its full length must have waited at every
 * shorter one, and bytes behind it must not matter. */
#include <stdlib.h>
#include <string.h>

#include "http/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct head h, again;
    enum head_verdict v = head_check((const char *)data, size, &h);

    if (v == HEAD_OK) {
        if (h.len == 0 || h.len > size || h.len > HEAD_MAX)
            abort();
        if (head_check((const char *)data, h.len, &again) != HEAD_OK || again.len != h.len)
            abort();
        if (head_check((const char *)data, h.len / 2, &again) != HEAD_MORE)
            abort();
    } else if (v == HEAD_REFUSE && h.why == REFUSE_OK) {
        abort();
    }
    return 0;
}
