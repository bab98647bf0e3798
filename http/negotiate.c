/* negotiate.c: see negotiate.h. */
#include "http/negotiate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/head.h"

/* One item of a list "a;q=0.5, b": its name (trimmed) and quality in thousandths. false: at the end. */
static bool list_next(const char **at, const char **name, size_t *n, int *q)
{
    const char *p = *at + strspn(*at, ", \t"), *end = p + strcspn(p, ",");

    if (*p == 0)
        return false;
    *at = end;
    *name = p;
    *n = strcspn(p, ",; \t");
    *q = 1000;
    for (const char *s = memchr(p, ';', (size_t)(end - p)); s; s = memchr(s, ';', (size_t)(end - s))) {
        s++;
        s += strspn(s, " \t");
        if ((s[0] == 'q' || s[0] == 'Q') && s[1] == '=') {
            int whole = s[2] == '1' ? 1000 : 0, part = 0, unit = 100;
            if (s[2] && s[3] == '.')
                for (const char *d = s + 4; *d >= '0' && *d <= '9' && unit; d++, unit /= 10)
                    part += (*d - '0') * unit;
            *q = whole + part > 1000 ? 1000 : whole + part;
        }
    }
    return true;
}

bool negotiate_names(const char *accept, const char *type)
{
    const char *name;
    size_t n;
    int q;

    while (accept && list_next(&accept, &name, &n, &q))
        if (q > 0 && head_is(name, n, type))
            return true;
    return false;
}

bool negotiate_page(const struct request_fields *f)
{
    if (f->range)
        return false;
    if (f->sec_fetch_dest || f->sec_fetch_mode)
        return f->sec_fetch_dest && f->sec_fetch_mode && strcmp(f->sec_fetch_dest, "document") == 0 &&
               strcmp(f->sec_fetch_mode, "navigate") == 0;
    return negotiate_names(f->accept, "text/html");
}

/* The catalogue that serves a language tag; NULL: none. zh in every form is served in Simplified while there
 * is no Traditional catalogue (ux c0). */
static const char *catalogue(const char *tag, size_t n)
{
    if (n >= 2 && (n == 2 || tag[2] == '-')) {
        if (strncasecmp(tag, "en", 2) == 0)
            return "en";
        if (strncasecmp(tag, "zh", 2) == 0)
            return "zh-Hans";
    }
    return NULL;
}

const char *negotiate_language(const char *wish, const char *accept_language, const char *dflt)
{
    const char *best = NULL, *name;
    size_t n;
    int q, best_q = 0;

    if (wish && catalogue(wish, strlen(wish)))
        return catalogue(wish, strlen(wish));
    while (accept_language && list_next(&accept_language, &name, &n, &q)) {
        const char *c = catalogue(name, n);
        if (c && q > best_q) {
            best = c;
            best_q = q;
        }
    }
    if (best)
        return best;
    return catalogue(dflt, strlen(dflt)) ? catalogue(dflt, strlen(dflt)) : "en";
}

bool negotiate_cookie(const char *cookie, const char *name, char *out, size_t n)
{
    size_t want = strlen(name);

    for (const char *p = cookie; p && *p;) {
        p += strspn(p, "; \t");
        size_t len = strcspn(p, ";");
        if (len > want && p[want] == '=' && memcmp(p, name, want) == 0) {
            if (len - want - 1 >= n)
                return false;
            memcpy(out, p + want + 1, len - want - 1);
            out[len - want - 1] = 0;
            return true;
        }
        p += len;
    }
    return false;
}
