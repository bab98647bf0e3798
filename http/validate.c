/* validate.c: see validate.h. */
#include "http/validate.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/codec.h"

void validate_transfer(const struct transfer *t, struct validators *v)
{
    char b64[48];

    v->modified_at = t->stored;
    clock_format_http(t->stored, v->modified);
    if (t->has_sha256) {
        base64url_encode(b64, t->sha256, SHA256_BYTES);
        snprintf(v->etag, sizeof v->etag, "\"%s\"", b64);
    } else {
        snprintf(v->etag, sizeof v->etag, "\"%s-%d\"", t->id.text, t->attempt);
    }
}

/* Whether a list of entity tags names etag; weak comparison when `weak`. */
static bool names_etag(const char *list, const char *etag, bool weak)
{
    size_t n = strlen(etag);

    for (const char *p = list; *p;) {
        p += strspn(p, ", \t");
        if (*p == '*')
            return true;
        bool w = p[0] == 'W' && p[1] == '/';
        if (w)
            p += 2;
        if (*p != '"')
            return false;
        const char *end = strchr(p + 1, '"');
        if (!end)
            return false;
        if ((size_t)(end + 1 - p) == n && memcmp(p, etag, n) == 0 && (weak || !w))
            return true;
        p = end + 1;
    }
    return false;
}

/* If-Match, or else If-Unmodified-Since. */
static bool is_another(const struct request_fields *f, const struct validators *v)
{
    int64_t at;

    if (f->if_match)
        return !names_etag(f->if_match, v->etag, false);
    return f->if_unmodified_since && clock_parse_http(f->if_unmodified_since, &at) == 0 &&
           v->modified_at > at;
}

int validate_change(const struct request_fields *f, const struct validators *v)
{
    return is_another(f, v) || (f->if_none_match && names_etag(f->if_none_match, v->etag, true)) ? 412 : 0;
}

int validate_request(const struct request_fields *f, const struct validators *v)
{
    int64_t at;

    if (is_another(f, v))
        return 412;
    if (f->if_none_match)
        return names_etag(f->if_none_match, v->etag, true) ? 304 : 0;
    if (f->if_modified_since && clock_parse_http(f->if_modified_since, &at) == 0 && v->modified_at <= at)
        return 304;
    return 0;
}

/* A date is a strong validator here: a stored file never changes. */
bool validate_range(const char *if_range, const struct validators *v)
{
    int64_t at;

    if (!if_range)
        return true;
    if (if_range[0] == '"')
        return strcmp(if_range, v->etag) == 0;
    return clock_parse_http(if_range, &at) == 0 && at == v->modified_at;
}
