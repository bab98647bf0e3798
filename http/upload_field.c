/* upload_field.c: see upload_field.h. A small reader of structured fields (RFC 9651 section 4.2): bare items,
 * parameters and dictionaries of items; inner lists and display strings are in no field that is read here.
 */
#include "http/upload_field.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/conf.h"

#define INTEGER_DIGITS 15
#define DECIMAL_DIGITS 12
#define FRACTION_DIGITS 3

enum item_type { ITEM_INTEGER, ITEM_BOOLEAN, ITEM_BYTES, ITEM_OTHER };

struct item {
    enum item_type type;
    int64_t number;    /* INTEGER, BOOLEAN */
    const char *bytes; /* BYTES: base64, not decoded */
    size_t n;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_alpha(char c)
{
    return is_lower((char)(c | 0x20));
}

static void skip(const char **p, const char *chars)
{
    *p += strspn(*p, chars);
}

/* An Integer, or a Decimal, whose value nobody asks for. */
static bool number(const char **p, struct item *it)
{
    bool minus = **p == '-';
    size_t digits = 0, fraction = 0;
    int64_t v = 0;

    for (*p += minus; is_digit(**p); (*p)++, digits++) {
        if (digits == INTEGER_DIGITS)
            return false;
        v = v * 10 + (**p - '0');
    }
    it->type = ITEM_INTEGER;
    it->number = minus ? -v : v;
    if (digits == 0 || **p != '.')
        return digits > 0;
    for ((*p)++; is_digit(**p); (*p)++)
        fraction++;
    it->type = ITEM_OTHER;
    return digits <= DECIMAL_DIGITS && fraction >= 1 && fraction <= FRACTION_DIGITS;
}

static bool string(const char **p)
{
    for ((*p)++; **p != '"'; (*p)++) {
        if (**p == '\\' && *++*p != '"' && **p != '\\')
            return false;
        if (**p < ' ' || **p > '~')
            return false;
    }
    (*p)++;
    return true;
}

static bool bytes(const char **p, struct item *it)
{
    it->type = ITEM_BYTES;
    it->bytes = ++*p;
    while (is_alpha(**p) || is_digit(**p) || (**p && strchr("+/=", **p)))
        (*p)++;
    it->n = (size_t)(*p - it->bytes);
    return *(*p)++ == ':';
}

static bool token(const char **p)
{
    (*p)++;
    while (is_alpha(**p) || is_digit(**p) || (**p && strchr("!#$%&'*+-.^_`|~:/", **p)))
        (*p)++;
    return true;
}

static bool bare_item(const char **p, struct item *it)
{
    it->type = ITEM_OTHER;
    switch (**p) {
    case '?':
        it->type = ITEM_BOOLEAN;
        it->number = (*p)[1] == '1';
        if ((*p)[1] != '0' && (*p)[1] != '1')
            return false;
        *p += 2;
        return true;
    case ':':
        return bytes(p, it);
    case '"':
        return string(p);
    case '@': /* a date */
        (*p)++;
        if (!number(p, it) || it->type != ITEM_INTEGER)
            return false;
        it->type = ITEM_OTHER;
        return true;
    default:
        if (is_digit(**p) || **p == '-')
            return number(p, it);
        return (is_alpha(**p) || **p == '*') && token(p);
    }
}

static bool key(const char **p, size_t *n)
{
    const char *begin = *p;

    if (!is_lower(**p) && **p != '*')
        return false;
    while (is_lower(**p) || is_digit(**p) || (**p && strchr("_-.*", **p)))
        (*p)++;
    *n = (size_t)(*p - begin);
    return true;
}

static bool parameters(const char **p)
{
    struct item ignored;
    size_t n;

    while (**p == ';') {
        (*p)++;
        skip(p, " ");
        if (!key(p, &n))
            return false;
        if (**p == '=' && ((*p)++, !bare_item(p, &ignored)))
            return false;
    }
    return true;
}

/* A whole field that is one Item. */
static enum field item(const char *value, enum item_type type, int64_t *out)
{
    struct item it;

    if (!value)
        return FIELD_ABSENT;
    skip(&value, " \t");
    if (!bare_item(&value, &it) || !parameters(&value))
        return FIELD_FAULTY;
    skip(&value, " \t");
    if (*value || it.type != type || it.number < 0)
        return FIELD_FAULTY;
    *out = it.number;
    return FIELD_OK;
}

enum field upload_field_boolean(const char *value, bool *out)
{
    int64_t v = 0;
    enum field f = item(value, ITEM_BOOLEAN, &v);

    if (f == FIELD_OK)
        *out = v == 1;
    return f;
}

enum field upload_field_integer(const char *value, int64_t *out)
{
    return item(value, ITEM_INTEGER, out);
}

/* Digits and what stands behind them. */
static bool digits_before(const char **p, char end, int64_t *out)
{
    const char *begin = *p;
    int64_t v = 0;

    for (; is_digit(**p); (*p)++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, **p - '0', &v))
            return false;
    if (*p == begin || **p != end)
        return false;
    *p += end != 0;
    *out = v;
    return true;
}

enum field upload_field_digits(const char *value, int64_t *out)
{
    if (!value)
        return FIELD_ABSENT;
    return digits_before(&value, 0, out) ? FIELD_OK : FIELD_FAULTY;
}

/* One member of a digest field: its key, and the value behind it. */
static bool digest_member(const char **p, const char **name, size_t *n, struct item *it)
{
    *name = *p;
    return key(p, n) && *(*p)++ == '=' && bare_item(p, it) && it->type == ITEM_BYTES && parameters(p);
}

enum field upload_field_sha256(const char *value, uint8_t out[SHA256_BYTES])
{
    uint8_t sum[base64_max(44)];
    enum field found = FIELD_ABSENT;
    const char *name;
    struct item it;
    size_t n;

    if (!value)
        return FIELD_ABSENT;
    for (skip(&value, " \t");; skip(&value, " \t")) {
        if (!digest_member(&value, &name, &n, &it))
            return FIELD_FAULTY;
        if (n == 7 && memcmp(name, "sha-256", 7) == 0) {
            if (it.n != 44 || base64_decode(it.bytes, it.n, sum) != SHA256_BYTES)
                return FIELD_FAULTY;
            memcpy(out, sum, SHA256_BYTES); /* said twice: the last counts */
            found = FIELD_OK;
        }
        skip(&value, " \t");
        if (!*value)
            return found;
        if (*value++ != ',')
            return FIELD_FAULTY;
    }
}

enum field upload_field_expires(const char *value, int64_t now, int64_t *out)
{
    int64_t ms, at;

    if (!value)
        return FIELD_ABSENT;
    if (conf_parse_duration(value, &ms) == 0) {
        if (__builtin_add_overflow(now, ms / 1000, &at))
            return FIELD_FAULTY;
    } else if (clock_parse_http(value, &at) < 0) {
        return FIELD_FAULTY;
    }
    if (at <= now)
        return FIELD_FAULTY;
    *out = at;
    return FIELD_OK;
}

enum field upload_field_range(const char *value, struct upload_range *out)
{
    struct upload_range r;

    if (!value)
        return FIELD_ABSENT;
    if (strncasecmp(value, "bytes ", 6) != 0)
        return FIELD_FAULTY;
    value += 6;
    if (!digits_before(&value, '-', &r.first) || !digits_before(&value, '/', &r.last) ||
        !digits_before(&value, 0, &r.size) || r.first > r.last || r.last >= r.size)
        return FIELD_FAULTY;
    *out = r;
    return FIELD_OK;
}

bool upload_field_is_type(const char *value, const char *type)
{
    size_t n = strlen(type);

    return value && strcspn(value, "; \t") == n && strncasecmp(value, type, n) == 0;
}
