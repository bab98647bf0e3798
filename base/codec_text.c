/* codec_text.c: UTF-8, and names that people may see. Pure functions, any thread. */
#include "base/codec.h"

#include <ctype.h>
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

#define NAME_MAX_BYTES 255
#define EXTENSION_MAX 16 /* with its dot */

/* As much of the cleaned name as `room` bytes hold; returns how many, -1: not UTF-8. */
static ptrdiff_t clean_name(const char *in, size_t n, char *out, size_t room)
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
            if (at + 1 > room)
                break;
            out[at++] = '_';
        } else {
            if (at + len > room)
                break;
            memcpy(out + at, in + i, len);
            at += len;
        }
        i += len;
    }
    while (at > 0 && out[at - 1] == ' ')
        at--;
    return (ptrdiff_t)at;
}

/* The bytes of ".jpeg" at the end of a name; 0: no extension that programs would know. */
static size_t extension(const char *in, size_t n)
{
    size_t len = 1;

    while (len < n && len < EXTENSION_MAX && isalnum((unsigned char)in[n - len]))
        len++;
    return len > 1 && len < n && in[n - len] == '.' ? len : 0;
}

/* A name that must be cut keeps its extension: programs go by it (C36). */
int filename_clean(const char *in, size_t n, char out[256])
{
    size_t kept = n > NAME_MAX_BYTES ? extension(in, n) : 0;
    ptrdiff_t at = clean_name(in, n - kept, out, NAME_MAX_BYTES - kept);

    if (at < 0)
        return -1;
    memcpy(out + at, in + n - kept, kept);
    out[(size_t)at + kept] = '\0';
    return at > 0 ? 0 : -1;
}

void size_text(struct buf *out, int64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    double v = (double)bytes;
    size_t u = 0;

    if (bytes < 1000) {
        buf_addf(out, "%lld B", (long long)bytes);
        return;
    }
    for (v /= 1000; v >= 999.95 && u + 1 < ARRAY_LEN(units); u++)
        v /= 1000;
    buf_addf(out, "%.1f %s", v, units[u]);
}
