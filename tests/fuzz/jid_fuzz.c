/* jid_fuzz.c: any bytes as an address. What is accepted is canonical: its parts fit together, and preparing
 * it again changes nothing. */
#include <string.h>

#include "base/codec.h"
#include "base/jid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_get(NULL);
    struct jid j, again;
    char name[256];

    if (jid_parse(arena, (const char *)data, size, &j) == 0) {
        FERRY_ASSERT(strlen(j.text) == j.len && j.len <= JID_MAX && utf8_valid(j.text, j.len));
        FERRY_ASSERT(j.bare_len <= j.len && (j.node_len == 0 || j.text[j.node_len] == '@'));
        FERRY_ASSERT(j.len == j.bare_len || j.text[j.bare_len] == '/');
        FERRY_ASSERT(memchr(jid_domain(&j), '@', (size_t)(j.text + j.bare_len - jid_domain(&j))) == NULL);
        FERRY_ASSERT(jid_parse(arena, j.text, j.len, &again) == 0 && jid_equal(&j, &again));
    }
    if (filename_clean((const char *)data, size, name) == 0)
        FERRY_ASSERT(name[0] != '\0' && strchr(name, '/') == NULL && utf8_valid(name, strlen(name)));
    arena_put(arena);
    return 0;
}
