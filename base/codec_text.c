/* codec_text.c: UTF-8, and names that people may see. Pure functions, any thread. */
#include "base/codec.h"

#include <string.h>

size_t utf8_next(const char *s, size_t n, uint32_t *cp)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t len;
    uint32_t v, least;

    if (n == 0)
        return 0;
    if (p[0] < 0x80) {
        *cp = p[0];
        return 1;
    }
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        len = 2, v = p[0] & 0x1F, least = 0x80;
    } else if ((p[0] & 0xF0) == 0xE0) {
        len = 3, v = p[0] & 0x0F, least = 0x800;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        len = 4, v = p[0] & 0x07, least = 0x10000;
    } else {
        return 0;
    }
    if (n < len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        v = v << 6 | (p[i] & 0x3F);
    }
    if (v < least || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF))
        return 0;
    *cp = v;
    return len;
}

bool utf8_valid(const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t cp;
        size_t len = utf8_next(s + i, n - i, &cp);

        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

bool unicode_is_unsafe(uint32_t cp)
{
    if (cp < 0x20 || (cp >= 0x7F && cp <= 0x9F))
        return true;
    return cp == 0x061C || cp == 0x200E || cp == 0x200F || (cp >= 0x2028 && cp <= 0x202E) ||
           (cp >= 0x2066 && cp <= 0x206F) || cp == 0xFEFF || (cp >= 0xFFF9 && cp <= 0xFFFB) ||
           (cp & 0xFFFE) == 0xFFFE;
}

int filename_clean(const char *in, size_t n, char out[256])
{
    size_t at = 0;

    for (size_t i = 0; i < n;) {
        uint32_t cp = 0;
        size_t len = utf8_next(in + i, n - i, &cp);

        if (len == 0)
            return -1;
        if (at == 0 && (cp == '.' || cp == ' ' || cp == 0xA0 || cp == 0x3000)) { /* leading: left out */
            i += len;
            continue;
        }
        if (cp == '/' || cp == '\\' || cp == 0x2215 || cp == 0x2044 || cp == 0x29F8 ||
            unicode_is_unsafe(cp)) {
            if (at + 1 > 255)
                break;
            out[at++] = '_';
        } else {
            if (at + len > 255)
                break;
            memcpy(out + at, in + i, len);
            at += len;
        }
        i += len;
    }
    while (at > 0 && out[at - 1] == ' ')
        at--;
    out[at] = '\0';
    return at > 0 ? 0 : -1;
}
