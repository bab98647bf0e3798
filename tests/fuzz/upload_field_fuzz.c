/* upload_field_fuzz.c: the header fields of uploads: no byte outside the value is read, and what is taken
 * keeps its promises. */
#include <stdlib.h>
#include <string.h>

#include "http/upload_field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int64_t now = INT64_C(1790000000);
    char *text = malloc(size + 1);
    uint8_t sum[SHA256_BYTES];
    struct upload_range r;
    int64_t v = 0;
    bool yes;

    memcpy(text, data, size);
    text[size] = 0;
    upload_field_boolean(text, &yes);
    upload_field_sha256(text, sum);
    upload_field_is_type(text, "application/partial-upload");
    if (upload_field_integer(text, &v) == FIELD_OK && (v < 0 || v > INT64_C(999999999999999)))
        abort();
    if (upload_field_digits(text, &v) == FIELD_OK && v < 0)
        abort();
    if (upload_field_expires(text, now, &v) == FIELD_OK && v <= now)
        abort();
    if (upload_field_range(text, &r) == FIELD_OK && (r.first < 0 || r.last < r.first || r.last >= r.size))
        abort();
    free(text);
    return 0;
}
