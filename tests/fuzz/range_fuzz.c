/* range_fuzz.c: Range headers: a part always lies inside the file. */
#include <stdlib.h>
#include <string.h>

#include "http/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct range r;
    int64_t length;
    char *text;

    if (size < sizeof length)
        return 0;
    memcpy(&length, data, sizeof length);
    length &= INT64_MAX;
    text = malloc(size - sizeof length + 1);
    memcpy(text, data + sizeof length, size - sizeof length);
    text[size - sizeof length] = 0;
    if (range_parse(text, length, &r) == RANGE_PART && (r.first < 0 || r.last < r.first || r.last >= length))
        abort();
    free(text);
    return 0;
}
