/* uri.c: the raw request target, taken apart and decoded by ourselves: libmicrohttpd decodes in place, so
 * that %2f and %00 are no longer to be told from what they stand for. Pure. Row 83.
 */
#include "http/request.h"

#include <string.h>

#include "base/codec.h"

static bool escapes_ok(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t byte;
        if ((unsigned char)p[i] <= 0x20 || (unsigned char)p[i] >= 0x7f)
            return false; /* RFC 3986: percent-encoded or not at all */
        if (p[i] != '%')
            continue;
        if (n - i < 3 || hex_decode(p + i + 1, 2, &byte) != 1 || byte == 0)
            return false;
        i += 2;
    }
    return true;
}

enum refuse uri_parse(const char *target, struct uri *out)
{
    const char *p = target, *end, *q;

    memset(out, 0, sizeof *out);
    if (strcmp(p, "*") == 0) {
        out->asterisk = true;
        return REFUSE_OK;
    }
    if (strncasecmp(p, "http://", 7) == 0 || strncasecmp(p, "https://", 8) == 0) {
        out->host = strstr(p, "//") + 2;
        out->host_len = strcspn(out->host, "/?#");
        p = out->host + out->host_len;
        if (*p == 0)
            p = "/";
    }
    if (*p != '/' || strchr(p, '#') != NULL || !escapes_ok(p, strlen(p)))
        return REFUSE_BAD_REQUEST;
    q = strchr(p, '?');
    end = q ? q : p + strlen(p);
    out->query = q ? q + 1 : NULL;
    while (p < end) { /* *p is the slash before a segment; an empty last one is not counted */
        const char *slash = memchr(p + 1, '/', (size_t)(end - p - 1));
        const char *stop = slash ? slash : end;
        if (stop == p + 1 && stop == end)
            break;
        if (out->n == URI_SEGMENTS) {
            out->too_deep = true;
            break;
        }
        out->seg[out->n].p = p + 1;
        out->seg[out->n++].n = (size_t)(stop - p - 1);
        p = stop;
    }
    return REFUSE_OK;
}

void uri_strip(struct uri *u, const char *path)
{
    size_t i = 0;

    for (const char *p = path; *p == '/'; i++) {
        size_t n = strcspn(++p, "/");
        if (i == u->n || u->seg[i].n != n || memcmp(u->seg[i].p, p, n) != 0)
            return;
        p += n;
    }
    u->n -= i;
    memmove(u->seg, u->seg + i, u->n * sizeof u->seg[0]);
}

enum refuse uri_segment(const struct uri *u, size_t i, struct arena *arena, const char **out)
{
    struct buf b = {0};
    enum refuse r = REFUSE_OK;

    *out = "";
    if (i >= u->n)
        return REFUSE_OK;
    if (percent_decode(u->seg[i].p, u->seg[i].n, &b) < 0)
        r = REFUSE_BAD_REQUEST;
    else if (b.len > 0 && (strcmp(b.data, ".") == 0 || strcmp(b.data, "..") == 0 || strpbrk(b.data, "/\\") ||
                           !utf8_valid(b.data, b.len)))
        r = REFUSE_NOT_FOUND;
    else if (b.len > 0)
        *out = arena_strndup(arena, b.data, b.len);
    buf_free(&b);
    return r;
}

bool uri_is(const struct uri *u, size_t i, const char *word)
{
    return i < u->n && u->seg[i].n == strlen(word) && memcmp(u->seg[i].p, word, u->seg[i].n) == 0;
}

const char *uri_param(const char *query, const char *name, struct arena *arena)
{
    size_t want = strlen(name);

    for (const char *p = query; p && *p; p = *p ? p + 1 : p) {
        size_t n = strcspn(p, "&");
        if (n > want && p[want] == '=' && memcmp(p, name, want) == 0) {
            char *plain = arena_strndup(arena, p + want + 1, n - want - 1);
            struct buf b = {0};
            const char *v = NULL;
            for (char *c = plain; *c; c++)
                if (*c == '+')
                    *c = ' ';
            if (percent_decode(plain, strlen(plain), &b) == 0)
                v = arena_strndup(arena, b.data ? b.data : "", b.len);
            buf_free(&b);
            return v;
        }
        p += n;
    }
    return NULL;
}
