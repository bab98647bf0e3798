/* head.c: bytes of a head -> verdict. Every rule here exists because libmicrohttpd 0.9.75 is lax about
 * it or hides it from the handler; see head.h and doc/HTTP.md. It parses from the start each time it is
 * asked: a head is at most 16 KiB, and it nearly always comes in one piece.
 */
#include "http/head.h"

#include <string.h>

#define PER_FIELD 64 /* libmicrohttpd's record of a field or a cookie */

enum { BYTE_TOKEN = 1, BYTE_VALUE = 2, BYTE_HOST = 4 };

static unsigned byte_class(unsigned char c)
{
    unsigned k = 0;
    bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

    if (alnum || (c != 0 && strchr("!#$%&'*+-.^_`|~", c)))
        k |= BYTE_TOKEN;
    if (c == '\t' || (c >= 0x20 && c != 0x7f))
        k |= BYTE_VALUE;
    if (alnum || (c != 0 && strchr("-._~:[]", c)))
        k |= BYTE_HOST;
    return k;
}

static bool all(const char *s, size_t n, unsigned klass)
{
    for (size_t i = 0; i < n; i++)
        if (!(byte_class((unsigned char)s[i]) & klass))
            return false;
    return true;
}

bool head_is_token(const char *s, size_t n)
{
    return n > 0 && all(s, n, BYTE_TOKEN);
}

bool head_is_value(const char *s, size_t n)
{
    return all(s, n, BYTE_VALUE);
}

bool head_is(const char *s, size_t n, const char *word)
{
    if (strlen(word) != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned char a = (unsigned char)s[i], b = (unsigned char)word[i];
        if (a >= 'A' && a <= 'Z')
            a += 32;
        if (b >= 'A' && b <= 'Z')
            b += 32;
        if (a != b)
            return false;
    }
    return true;
}

int head_host_ok(const char *s, size_t n)
{
    return n > 0 && n <= 260 && all(s, n, BYTE_HOST) ? 0 : -1;
}

enum refuse head_length(const char *s, size_t n, int64_t *out)
{
    int64_t v = 0;
    bool over = false;

    if (n == 0)
        return REFUSE_BAD_REQUEST;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return REFUSE_BAD_REQUEST;
        if (!over && (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, s[i] - '0', &v)))
            over = true;
    }
    if (over)
        return REFUSE_FILE_TOO_LARGE;
    *out = v;
    return REFUSE_OK;
}

struct scan { /* what the lines seen so far amount to */
    int fields, hosts, lengths, codings;
    size_t cookies; /* bytes of Cookie, and what each pair costs */
    bool chunked, http10, close, keep;
    const char *begin;
};

static enum head_verdict refuse(struct head *out, enum refuse why, const char *detail)
{
    out->why = why;
    out->detail = detail;
    return HEAD_REFUSE;
}

/* Whether what should be a request line begins like another protocol, TLS or SOCKS. */
static bool binary(const char *p, size_t n)
{
    return n > 0 && ((unsigned char)p[0] < 0x20 || (unsigned char)p[0] >= 0x7f);
}

/* The request line without its CRLF. */
static enum head_verdict request_line(const char *p, size_t n, struct scan *sc, struct head *out)
{
    out->not_http = binary(p, n);
    const char *sp1 = memchr(p, ' ', n);
    const char *sp2 = sp1 ? memchr(sp1 + 1, ' ', n - (size_t)(sp1 + 1 - p)) : NULL;
    size_t method, uri, version;

    if (!sp1 || !sp2)
        return refuse(out, REFUSE_BAD_REQUEST, "The request line has not three parts.");
    method = (size_t)(sp1 - p);
    uri = (size_t)(sp2 - sp1 - 1);
    version = n - (size_t)(sp2 + 1 - p);
    if (method > HEAD_METHOD_MAX || !head_is_token(p, method))
        return refuse(out, REFUSE_BAD_REQUEST, "The method is not a token.");
    if (uri > HEAD_URI_MAX)
        return refuse(out, REFUSE_URI_TOO_LONG, "The address is longer than 8192 bytes.");
    if (uri == 0)
        return refuse(out, REFUSE_BAD_REQUEST, "The address is empty.");
    for (size_t i = 0; i < uri; i++)
        if ((unsigned char)sp1[1 + i] <= 0x20 || (unsigned char)sp1[1 + i] >= 0x7f)
            return refuse(out, REFUSE_BAD_REQUEST, "The address holds bytes that must be percent-encoded.");
    if (version != 8 || memcmp(sp2 + 1, "HTTP/1.", 7) != 0 || (sp2[8] != '0' && sp2[8] != '1'))
        return refuse(out, REFUSE_BAD_REQUEST, "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
    sc->http10 = sp2[8] == '0';
    out->is_head = method == 4 && memcmp(p, "HEAD", 4) == 0;
    out->upload = (method == 3 && memcmp(p, "PUT", 3) == 0) || (method == 4 && memcmp(p, "POST", 4) == 0) ||
                  (method == 5 && memcmp(p, "PATCH", 5) == 0);
    return HEAD_OK;
}

/* Whether a list of options names one. */
static bool names_option(const char *v, size_t n, const char *word)
{
    while (n > 0) {
        const char *comma = memchr(v, ',', n);
        size_t len = comma ? (size_t)(comma - v) : n, skip = comma ? len + 1 : n;

        while (len > 0 && (*v == ' ' || *v == '\t'))
            v++, len--, n--, skip--;
        while (len > 0 && (v[len - 1] == ' ' || v[len - 1] == '\t'))
            len--;
        if (head_is(v, len, word))
            return true;
        v += skip;
        n -= skip;
    }
    return false;
}

static enum head_verdict field_meaning(const char *name, size_t nn, const char *v, size_t nv, struct scan *sc,
                                       struct head *out)
{
    if (head_is(name, nn, "Host")) {
        if (++sc->hosts > 1)
            return refuse(out, REFUSE_BAD_REQUEST, "There is more than one Host.");
        if (head_host_ok(v, nv) < 0)
            return refuse(out, REFUSE_BAD_REQUEST, "The Host is not a host name.");
    } else if (head_is(name, nn, "Content-Length")) {
        enum refuse r = head_length(v, nv, &out->body);

        out->length_at = (size_t)(name - sc->begin);
        if (++sc->lengths > 1)
            return refuse(out, REFUSE_BAD_REQUEST, "There is more than one Content-Length.");
        if (r == REFUSE_FILE_TOO_LARGE)
            return refuse(out, r, "The Content-Length is beyond all limits.");
        if (r != REFUSE_OK)
            return refuse(out, r, "The Content-Length is not a number.");
    } else if (head_is(name, nn, "Transfer-Encoding")) {
        if (++sc->codings > 1)
            return refuse(out, REFUSE_BAD_REQUEST, "There is more than one Transfer-Encoding.");
        if (!head_is(v, nv, "chunked"))
            return refuse(out, REFUSE_CODING, "The only transfer coding is chunked.");
        sc->chunked = true;
    } else if (head_is(name, nn, "Cookie")) {
        sc->cookies += nv;
        for (size_t i = 0; i < nv; i++)
            sc->cookies += v[i] == ';' ? PER_FIELD : 0;
    } else if (head_is(name, nn, "Connection")) {
        sc->close |= names_option(v, nv, "close");
        sc->keep |= names_option(v, nv, "keep-alive");
    }
    return HEAD_OK;
}

static enum head_verdict field_line(const char *p, size_t n, struct scan *sc, struct head *out)
{
    const char *colon = memchr(p, ':', n), *v, *end = p + n;

    if (++sc->fields > HEAD_FIELDS_MAX)
        return refuse(out, REFUSE_HEAD_TOO_LARGE, "There are more than 100 header lines.");
    if (p[0] == ' ' || p[0] == '\t')
        return refuse(out, REFUSE_BAD_REQUEST, "A header line is folded.");
    if (!colon || !head_is_token(p, (size_t)(colon - p)))
        return refuse(out, REFUSE_BAD_REQUEST, "A header name is not a token.");
    v = colon + 1;
    while (v < end && (*v == ' ' || *v == '\t'))
        v++;
    while (end > v && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (!all(v, (size_t)(end - v), BYTE_VALUE))
        return refuse(out, REFUSE_BAD_REQUEST, "A header value holds a control character.");
    if (end < p + n &&
        (head_is(p, (size_t)(colon - p), "Content-Length") ||
         head_is(p, (size_t)(colon - p), "Transfer-Encoding"))) /* for libmicrohttpd it is a part of it */
        return refuse(out, REFUSE_BAD_REQUEST, "A blank stands behind the length or the coding.");
    return field_meaning(p, (size_t)(colon - p), v, (size_t)(end - v), sc, out);
}

/* What only the whole head can tell. */
static enum head_verdict whole(const struct scan *sc, struct head *out)
{
    if (sc->hosts != 1)
        return refuse(out, REFUSE_BAD_REQUEST, "There is no Host.");
    if (sc->codings && sc->lengths)
        return refuse(out, REFUSE_BAD_REQUEST, "Content-Length and Transfer-Encoding exclude each other.");
    if (sc->codings && sc->http10)
        return refuse(out, REFUSE_BAD_REQUEST, "HTTP/1.0 has no Transfer-Encoding.");
    if (sc->chunked)
        out->body = -1;
    out->last = sc->close || (sc->http10 && !sc->keep);
    return HEAD_OK;
}

/* The first bytes, before there is a line: say early what can never become HTTP. */
static enum head_verdict unfinished(const char *p, size_t n, bool first_line, struct head *out)
{
    if (!first_line)
        return HEAD_MORE;
    const char *sp = memchr(p, ' ', n);
    size_t method = sp ? (size_t)(sp - p) : n;
    if (method > HEAD_METHOD_MAX || (method > 0 && !head_is_token(p, method))) {
        out->not_http = binary(p, n);
        return refuse(out, REFUSE_BAD_REQUEST, "This is not HTTP.");
    }
    if (n > HEAD_METHOD_MAX + HEAD_URI_MAX + 16)
        return refuse(out, REFUSE_URI_TOO_LONG, "The address is longer than 8192 bytes.");
    return HEAD_MORE;
}

enum head_verdict head_check(const char *p, size_t n, struct head *out)
{
    struct scan sc = {.begin = p};
    size_t at = 0;
    bool first = true;

    memset(out, 0, sizeof *out);
    if (n >= 2 && p[0] == '\r' && p[1] == '\n')
        at = 2; /* RFC 9112 2.2: one empty line before the request line is ignored */
    else if (n == 1 && p[0] == '\r')
        return HEAD_MORE;
    while (at < n && at < HEAD_MAX) {
        size_t left = (n < HEAD_MAX ? n : HEAD_MAX) - at;
        const char *line = p + at, *lf = memchr(line, '\n', left), *cr = memchr(line, '\r', left);
        size_t len;
        enum head_verdict v;

        if (memchr(line, 0, lf ? (size_t)(lf - line) : left) && !first)
            return refuse(out, REFUSE_BAD_REQUEST, "The head holds a NUL.");
        if (cr && cr + 1 < line + left && cr[1] != '\n')
            return refuse(out, REFUSE_BAD_REQUEST, "The head holds a bare CR.");
        if (lf && (!cr || cr + 1 != lf))
            return unfinished(line, (size_t)(lf - line), first, out) == HEAD_REFUSE
                       ? HEAD_REFUSE
                       : refuse(out, REFUSE_BAD_REQUEST, "The head holds a bare LF.");
        if (!lf) {
            v = unfinished(line, left, first, out);
            if (v == HEAD_REFUSE)
                return v;
            break;
        }
        len = (size_t)(cr - line);
        at += len + 2;
        if (len == 0 && !first) {
            out->len = at;
            out->memory = at + sc.cookies + (size_t)sc.fields * PER_FIELD;
            return whole(&sc, out);
        }
        v = first ? request_line(line, len, &sc, out) : field_line(line, len, &sc, out);
        if (v != HEAD_OK)
            return v;
        first = false;
    }
    if (n >= HEAD_MAX)
        return refuse(out, first ? REFUSE_URI_TOO_LONG : REFUSE_HEAD_TOO_LARGE,
                      "The head is larger than 16384 bytes.");
    return HEAD_MORE;
}
