/* conf_value.c: values of the configuration as text and back. Pure functions, any thread. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/conf_table.h"

struct unit {
    char letter;
    int64_t factor;
};

static const struct unit size_units[] = {{'T', INT64_C(1) << 40},
                                         {'G', INT64_C(1) << 30},
                                         {'M', INT64_C(1) << 20},
                                         {'K', INT64_C(1) << 10},
                                         {'\0', 0}};
static const struct unit duration_units[] = {{'w', INT64_C(604800000)}, {'d', INT64_C(86400000)},
                                             {'h', INT64_C(3600000)},   {'m', INT64_C(60000)},
                                             {'s', INT64_C(1000)},      {'\0', 0}};

/* Digits, then at most one letter; plain digits are multiplied by `bare`. */
static int parse_unit(const char *s, const struct unit *units, int64_t bare, bool any_case, int64_t *out)
{
    int64_t n = 0, factor = bare;
    const char *p = s;

    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(n, (int64_t)10, &n) || __builtin_add_overflow(n, (int64_t)(*p - '0'), &n))
            return -1;
    if (p == s)
        return -1;
    if (*p != '\0') {
        char letter = any_case && *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;

        while (units->letter != '\0' && units->letter != letter)
            units++;
        if (units->letter == '\0' || p[1] != '\0')
            return -1;
        factor = units->factor;
    }
    return __builtin_mul_overflow(n, factor, out) ? -1 : 0;
}

int conf_parse_size(const char *s, int64_t *out)
{
    return parse_unit(s, size_units, 1, true, out);
}

/* A bare number means seconds. */
int conf_parse_duration(const char *s, int64_t *ms)
{
    size_t n = strlen(s);

    if (n > 2 && n < 16 && strcmp(s + n - 2, "ms") == 0) { /* for tests: no operator thinks in milliseconds */
        char number[16];

        memcpy(number, s, n - 2);
        number[n - 2] = '\0';
        return parse_unit(number, &(struct unit){'\0', 0}, 1, false, ms);
    }
    return parse_unit(s, duration_units, 1000, false, ms);
}

static void format_unit(int64_t v, const struct unit *units, struct buf *out)
{
    for (; units->letter != '\0'; units++) {
        if (v != 0 && v % units->factor == 0) {
            buf_addf(out, "%lld%c", (long long)(v / units->factor), units->letter);
            return;
        }
    }
    buf_addf(out, "%lld", (long long)v);
}

void conf_format_size(int64_t bytes, struct buf *out)
{
    format_unit(bytes, size_units, out);
}

void conf_format_duration(int64_t ms, struct buf *out)
{
    format_unit(ms, duration_units, out);
    if (ms % 1000 != 0)
        buf_adds(out, "ms");
}

/* "5%", "2.5%", or a size. */
static int parse_reserve(const char *s, int64_t *out)
{
    size_t n = strlen(s);
    char *end;
    double percent;

    if (n == 0 || s[n - 1] != '%')
        return conf_parse_size(s, out);
    if (s[0] < '0' || s[0] > '9')
        return -1;
    percent = strtod(s, &end);
    if (end != s + n - 1 || !(percent >= 0 && percent < 100))
        return -1;
    *out = -(int64_t)(percent * 10 + 0.5);
    return 0;
}

static int parse_bool(const char *s, bool *out)
{
    static const char *const yes[] = {"yes", "on", "true"}, *const no[] = {"no", "off", "false"};

    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        if (strcasecmp(s, yes[i]) == 0 || strcasecmp(s, no[i]) == 0) {
            *out = strcasecmp(s, yes[i]) == 0;
            return 0;
        }
    }
    return -1;
}

static bool word_allowed(const char *words, const char *word)
{
    size_t n = strlen(word);

    for (const char *p = words; p != NULL && n > 0; p = strchr(p, '|')) {
        if (*p == '|')
            p++;
        if (strncmp(p, word, n) == 0 && (p[n] == '\0' || p[n] == '|'))
            return true;
    }
    return false;
}

static int parse_int(const char *s, int64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoll(s, &end, 10);
    return errno == 0 && end != s && *end == '\0' ? 0 : -1;
}

/* Number types: parse, then the table's limits. */
static int set_number(const struct conf_row *row, const char *value, int64_t *out, struct buf *why)
{
    int bad;

    switch (row->type) {
    case CONF_SIZE:
        bad = conf_parse_size(value, out);
        break;
    case CONF_DURATION:
        bad = conf_parse_duration(value, out);
        break;
    case CONF_RESERVE:
        bad = parse_reserve(value, out);
        break;
    default:
        bad = parse_int(value, out);
        break;
    }
    if (bad) {
        buf_addf(why, "\"%s\" is not %s", value,
                 row->type == CONF_SIZE       ? "a size such as 100M"
                 : row->type == CONF_DURATION ? "a duration such as 30s or 7d"
                 : row->type == CONF_RESERVE  ? "a share such as 5% or a size such as 2G"
                                              : "a number");
        return -1;
    }
    if (row->type == CONF_RESERVE)
        return 0;
    if (*out < row->min || (row->max > 0 && *out > row->max)) {
        struct buf low = {0}, high = {0};

        (row->type == CONF_DURATION ? conf_format_duration : conf_format_size)(row->min, &low);
        (row->type == CONF_DURATION ? conf_format_duration : conf_format_size)(row->max, &high);
        if (*out < row->min)
            buf_addf(why, "%s is too small (at least %s)", value, low.data);
        else
            buf_addf(why, "%s is too large (at most %s)", value, high.data);
        buf_free(&low);
        buf_free(&high);
        return -1;
    }
    return 0;
}

static char *absolute_paths(const char *folder, const char *list)
{
    struct buf out = {0};
    char item[4096];

    while (conf_list_next(&list, item, sizeof item)) {
        if (out.len > 0)
            buf_addc(&out, ',');
        if (item[0] != '/')
            buf_addf(&out, "%s/", folder);
        buf_adds(&out, item);
    }
    return out.len > 0 ? buf_take(&out) : xstrdup("");
}

int conf_set(struct conf_full *full, enum conf_row_id id, const char *value, struct buf *why)
{
    const struct conf_row *row = &conf_rows[id];
    char *field = (char *)&full->conf + row->offset;
    char *text = NULL;
    int64_t number;

    switch (row->type) {
    case CONF_BOOL:
        if (parse_bool(value, (bool *)(void *)field) == 0)
            return 0;
        buf_addf(why, "\"%s\" is not yes or no", value);
        return -1;
    case CONF_INT:
    case CONF_SIZE:
    case CONF_DURATION:
    case CONF_RESERVE:
        if (set_number(row, value, &number, why) < 0)
            return -1;
        memcpy(field, &number, sizeof number);
        return 0;
    case CONF_WORD:
        if (!word_allowed(row->words, value)) {
            buf_addf(why, "\"%s\" is not one of %s", value, row->words);
            return -1;
        }
        text = xstrdup(value);
        break;
    case CONF_TEXT:
        text = xstrdup(value);
        break;
    case CONF_PATH:
        text = value[0] == '\0' || value[0] == '/' ? xstrdup(value)
                                                   : xasprintf("%s/%s", full->conf.folder, value);
        break;
    case CONF_PATHS:
        text = absolute_paths(full->conf.folder, value);
        break;
    }
    free(full->text[id]);
    full->text[id] = text;
    memcpy(field, &text, sizeof text);
    return 0;
}

void conf_value_text(const struct conf *conf, enum conf_row_id id, struct buf *out)
{
    const struct conf_row *row = &conf_rows[id];
    const char *field = (const char *)conf + row->offset, *text;
    int64_t number;
    bool yes;

    switch (row->type) {
    case CONF_BOOL:
        memcpy(&yes, field, sizeof yes);
        buf_adds(out, yes ? "yes" : "no");
        break;
    case CONF_TEXT:
    case CONF_WORD:
    case CONF_PATH:
    case CONF_PATHS:
        memcpy(&text, field, sizeof text);
        buf_adds(out, text);
        break;
    default:
        memcpy(&number, field, sizeof number);
        if (row->type == CONF_RESERVE && number < 0)
            buf_addf(out, -number % 10 != 0 ? "%lld.%lld%%" : "%lld%%", (long long)(-number / 10),
                     (long long)(-number % 10));
        else if (row->type == CONF_SIZE || row->type == CONF_RESERVE)
            conf_format_size(number, out);
        else if (row->type == CONF_DURATION)
            conf_format_duration(number, out);
        else
            buf_addf(out, "%lld", (long long)number);
    }
}

bool conf_list_next(const char **at, char *item, size_t n)
{
    const char *s = *at, *end;
    size_t len;

    while (*s == ',' || *s == ' ' || *s == '\t')
        s++;
    if (*s == '\0') {
        *at = s;
        return false;
    }
    end = s + strcspn(s, ",");
    *at = end;
    while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    len = (size_t)(end - s) < n - 1 ? (size_t)(end - s) : n - 1;
    memcpy(item, s, len);
    item[len] = '\0';
    return true;
}

bool conf_list_has(const char *list, const char *word)
{
    char item[4096];

    while (conf_list_next(&list, item, sizeof item))
        if (strcmp(item, word) == 0)
            return true;
    return false;
}
