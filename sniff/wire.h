/* wire.h: what ferryd and ferry-sniff say to each other, over a SOCK_SEQPACKET pair that is the helper's
 * descriptor 0: a packet is a message, so no length has to be believed.
 *
 *   helper, once       "ready" and the layers of the sandbox it stands in, or "cannot" and why, then its end
 *   ferryd             the first bytes of a file, 1 to SNIFF_BYTES
 *   helper, to each    a media type: sniff_is_type()
 *
 * One question at a time. An end of file ends the helper. */
#ifndef FERRY_SNIFF_WIRE_H
#define FERRY_SNIFF_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#define SNIFF_BYTES 65536 /* how much of a file's beginning is looked at */
#define SNIFF_MAX 128     /* a media type with its end */
#define SNIFF_READY "ready"
#define SNIFF_CANNOT "cannot"

/* A media type without parameters, of the letters RFC 6838 allows: fit to stand in a header. The helper asks
 * before it answers, ferryd because the helper may be anybody's by then. */
static inline bool sniff_is_type(const char *s, size_t n)
{
    size_t slashes = 0;
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        bool mark = c == '!' || c == '#' || c == '$' || c == '&' || c == '-' || c == '^' || c == '_' ||
                    c == '.' || c == '+';
        if (c == '/')
            slashes++;
        else if (!alnum && !mark)
            return false;
    }
    return slashes == 1 && n > 2 && n < SNIFF_MAX && s[0] != '/' && s[n - 1] != '/';
}

#endif
