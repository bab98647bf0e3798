/* buf.c: the growing byte buffer, and text escaped for XML and HTML.
 *
 * Promises: a NUL stands behind the bytes whenever data is not NULL; growth doubles, so adding n bytes one by
 * one is O(n). The caller caps what comes from a peer. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *buf_room(struct buf *b, size_t n)
{
    if (b->cap - b->len <= n) { /* one more for the NUL */
        size_t cap = b->cap < 64 ? 64 : b->cap;

        FERRY_ASSERT(n < SIZE_MAX / 4 && b->len < SIZE_MAX / 4);
        while (cap - b->len <= n)
            cap *= 2;
        b->data = xrealloc(b->data, cap);
        b->cap = cap;
    }
    return b->data + b->len;
}

void buf_add(struct buf *b, const void *data, size_t n)
{
    char *at = buf_room(b, n);

    if (n > 0)
        memcpy(at, data, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_keep(struct buf *b, const void *data, size_t n)
{
    FERRY_ASSERT(b->data == NULL);
    b->cap = n + 1;
    b->data = xmalloc(b->cap);
    memcpy(b->data, data, n);
    b->data[n] = '\0';
    b->len = n;
}

void buf_adds(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    FERRY_ASSERT(n >= 0);
    va_start(ap, fmt);
    (void)vsnprintf(buf_room(b, (size_t)n), (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
}

void buf_drop(struct buf *b, size_t n)
{
    FERRY_ASSERT(n <= b->len);
    if (n == 0)
        return;
    b->len -= n;
    memmove(b->data, b->data + n, b->len + 1);
}

char *buf_take(struct buf *b)
{
    char *data = b->data != NULL ? b->data : xstrdup("");

    data[b->len] = '\0';
    *b = (struct buf){0};
    return data;
}

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}

/* What stands for a character in XML and HTML text; NULL: itself. */
static const char *entity(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\t':
    case '\n':
        return NULL;
    case '\r':
        return "&#13;"; /* a parser would fold it into a line feed */
    default:
        return c < 0x20 ? "\xEF\xBF\xBD" : NULL;
    }
}

/* U+FFFE and U+FFFF are the only forbidden characters above the controls that UTF-8 text can still hold. */
static bool forbidden3(const char *s, size_t n)
{
    return n >= 3 && memcmp(s, "\xEF\xBF", 2) == 0 &&
           ((unsigned char)s[2] == 0xBE || (unsigned char)s[2] == 0xBF);
}

/* Bytes that may need something else to stand for them; most of a file's base64 and of any text needs none.
 */
static const bool special[256] = {
    [0] = true,   [1] = true,   [2] = true,   [3] = true,   [4] = true,    [5] = true,
    [6] = true,   [7] = true,   [8] = true,   [11] = true,  [12] = true,   [13] = true,
    [14] = true,  [15] = true,  [16] = true,  [17] = true,  [18] = true,   [19] = true,
    [20] = true,  [21] = true,  [22] = true,  [23] = true,  [24] = true,   [25] = true,
    [26] = true,  [27] = true,  [28] = true,  [29] = true,  [30] = true,   [31] = true,
    ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true, [0xEF] = true,
};

/* Where the next byte that is not plain stands; n: nowhere. Eight at a time: a branch for each byte would be
 * a sixth of what a relayed block costs. */
static size_t plain_until(const char *text, size_t i, size_t n)
{
    const unsigned char *at = (const unsigned char *)text;

    while (n - i >= 8 && !(special[at[i]] | special[at[i + 1]] | special[at[i + 2]] | special[at[i + 3]] |
                           special[at[i + 4]] | special[at[i + 5]] | special[at[i + 6]] | special[at[i + 7]]))
        i += 8;
    while (i < n && !special[at[i]])
        i++;
    return i;
}

void buf_add_xml(struct buf *b, const char *text, size_t n)
{
    size_t start = 0;

    for (size_t i = plain_until(text, 0, n); i < n; i = plain_until(text, i + 1, n)) {
        unsigned char c = (unsigned char)text[i];
        const char *with = NULL;
        size_t skip = 1;

        if (c == 0xEF && forbidden3(text + i, n - i)) {
            with = "\xEF\xBF\xBD";
            skip = 3;
        } else if (c < '?') {
            with = entity(c);
        }
        if (with == NULL)
            continue;
        if (i > start)
            buf_add(b, text + start, i - start);
        buf_adds(b, with);
        i += skip - 1;
        start = i + 1;
    }
    if (n > start)
        buf_add(b, text + start, n - start);
}

void buf_add_html(struct buf *b, const char *text)
{
    buf_add_xml(b, text, strlen(text));
}
