/* range.c: see range.h. Several ranges are joined when they overlap or touch; when that leaves more than one,
 * the whole file is the answer, which the RFC allows: multipart/byteranges is of use to nobody here.
 */
#include "http/range.h"

#include <string.h>
#include <strings.h>

/* Digits at *p; false: none. What is beyond int64 is INT64_MAX: past every end. */
static bool number(const char **p, int64_t *out)
{
    const char *s = *p;
    int64_t v = 0;
    bool over = false;

    for (; **p >= '0' && **p <= '9'; (*p)++)
        over = over || __builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, **p - '0', &v);
    *out = over ? INT64_MAX : v;
    return *p > s;
}

/* One range spec at *p. -1: faulty; 0: fine but outside the file; 1: *r. */
static int spec(const char **p, int64_t size, struct range *r)
{
    int64_t a = 0, b = 0;
    bool has_a, has_b;

    has_a = number(p, &a);
    if (**p != '-')
        return -1;
    (*p)++;
    has_b = number(p, &b);
    if (!has_a && !has_b)
        return -1;
    if (!has_a) { /* the last b bytes; of an empty file that is all of it */
        r->first = b >= size ? 0 : size - b;
        r->last = size - 1;
        return b > 0;
    }
    if (has_b && b < a)
        return -1;
    if (a >= size)
        return 0;
    r->first = a;
    r->last = has_b && b < size ? b : size - 1;
    return 1;
}

/* Joins r into the set. */
static void join(struct range *set, size_t *n, struct range r)
{
    for (size_t i = 0; i < *n;) {
        if (r.first <= set[i].last + 1 && set[i].first <= r.last + 1) {
            if (set[i].first < r.first)
                r.first = set[i].first;
            if (set[i].last > r.last)
                r.last = set[i].last;
            set[i] = set[--*n];
            i = 0;
        } else {
            i++;
        }
    }
    set[(*n)++] = r;
}

enum range_answer range_parse(const char *value, int64_t size, struct range *out)
{
    struct range set[RANGES_MAX], r;
    size_t n = 0, specs = 0;
    const char *p = value;

    if (!p || strncasecmp(p, "bytes=", 6) != 0)
        return RANGE_WHOLE;
    p += 6;
    for (;;) {
        p += strspn(p, ", \t"); /* empty list elements are allowed */
        if (*p == 0)
            break;
        if (++specs > RANGES_MAX)
            return RANGE_WHOLE;
        int ok = spec(&p, size, &r);
        if (ok < 0)
            return RANGE_WHOLE;
        if (ok > 0)
            join(set, &n, r);
        p += strspn(p, " \t");
        if (*p != ',' && *p != 0)
            return RANGE_WHOLE;
    }
    if (specs == 0)
        return RANGE_WHOLE;
    if (n == 0)
        return RANGE_UNSATISFIABLE;
    if (n > 1 || size == 0)
        return RANGE_WHOLE;
    *out = set[0];
    return RANGE_PART;
}
