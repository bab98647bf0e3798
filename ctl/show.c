/* show.c: answers for people and for programs: a table on a terminal, TSV without a header in a pipe, with
 * --json one object a line.
 *
 * Numbers are exact in a pipe; on a terminal the sizes among them are written as people write them. Control
 * characters never reach a terminal: in tables and TSV they are written as \xHH, tab and newline as \t, \n.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "ctl/ctl.h"

static const char *const sizes[] = {"size",
                                    "used",
                                    "inbox_used",
                                    "user_quota",
                                    "inbox_quota",
                                    "bytes",
                                    "disk_free",
                                    "disk_size",
                                    "received",
                                    "reserved",
                                    "queue",
                                    "day_used",
                                    "daily_quota",
                                    "total_quota",
                                    "message_used",
                                    "message_quota",
                                    "profile_used",
                                    "profile_quota",
                                    "ephemeral_used",
                                    "ephemeral_quota",
                                    "permanent_used",
                                    "permanent_quota",
                                    "kept"};

static bool is_size(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        if (strcmp(sizes[i], key) == 0)
            return true;
    return false;
}

static void add_text(struct buf *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '\t')
            buf_adds(out, "\\t");
        else if (*s == '\n')
            buf_adds(out, "\\n");
        else if ((unsigned char)*s < 0x20 || *s == 0x7f)
            buf_addf(out, "\\x%02x", (unsigned char)*s);
        else
            buf_addc(out, *s);
    }
}

void show_size(int64_t bytes, struct buf *out)
{
    static const char units[] = "KMGT";
    int64_t tenths = bytes; /* of the unit, from K on */
    int unit = -1;
    while (unit < 3 && tenths >= (unit < 0 ? 1024 : 10240)) {
        tenths = unit < 0 ? bytes / 1024 * 10 + (bytes % 1024 * 10 + 512) / 1024 : (tenths + 512) / 1024;
        unit++;
    }
    if (unit < 0)
        buf_addf(out, "%lld", (long long)bytes);
    else if (tenths % 10)
        buf_addf(out, "%lld.%lld%c", (long long)(tenths / 10), (long long)(tenths % 10), units[unit]);
    else
        buf_addf(out, "%lld%c", (long long)(tenths / 10), units[unit]);
}

static void add_value(struct buf *out, const char *key, const json_t *v, bool people)
{
    char *text;
    switch (json_typeof(v)) {
    case JSON_STRING:
        add_text(out, json_string_value(v));
        break;
    case JSON_INTEGER:
        if (people && is_size(key) && json_integer_value(v) >= 0)
            show_size(json_integer_value(v), out);
        else
            buf_addf(out, "%lld", (long long)json_integer_value(v));
        break;
    case JSON_TRUE:
        buf_adds(out, "yes");
        break;
    case JSON_FALSE:
        buf_adds(out, people ? "" : "no");
        break;
    case JSON_NULL:
        break;
    default:
        text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
        add_text(out, text);
        free(text);
    }
}

static char *cell(const json_t *row, const char *key, bool people)
{
    struct buf out = {0};
    const json_t *v = json_object_get(row, key);
    buf_adds(&out, "");
    if (v)
        add_value(&out, key, v, people);
    return buf_take(&out);
}

/* Columns that a text takes on a terminal. */
static int width(const char *s)
{
    int total = 0;
    mbstate_t state = {0};
    while (*s) {
        wchar_t c;
        size_t n = mbrtowc(&c, s, strlen(s), &state);
        if (n == (size_t)-1 || n == (size_t)-2) { /* another locale than UTF-8: bytes */
            state = (mbstate_t){0};
            n = 1;
            c = L'?';
        }
        int w = wcwidth(c);
        total += w > 0 ? w : 0;
        s += n;
    }
    return total;
}

static void pad(const char *s, int to)
{
    printf("%s%*s", s, to - width(s), "");
}

static bool is_number(const json_t *rows, const char *key)
{
    return json_is_integer(json_object_get(json_array_get(rows, 0), key));
}

/* One line of the table; cells are freed. Numbers stand at the right. */
static void table_line(char **cells, size_t n, const int *widths, const bool *right)
{
    for (size_t i = 0; i < n; i++) {
        if (right[i])
            printf("%*s%s", widths[i] - width(cells[i]), "", cells[i]);
        else if (i + 1 < n)
            pad(cells[i], widths[i]);
        else
            fputs(cells[i], stdout);
        fputs(i + 1 < n ? "  " : "\n", stdout);
        free(cells[i]);
    }
}

static void table(const char *const *columns, size_t n, const json_t *rows)
{
    size_t count = json_array_size(rows);
    char **cells = xcalloc((count + 1) * n, sizeof *cells);
    int *widths = xcalloc(n, sizeof *widths);
    bool *right = xcalloc(n, sizeof *right);
    for (size_t c = 0; c < n; c++) {
        struct buf head = {0};
        for (const char *s = columns[c]; *s; s++)
            buf_addc(&head, *s == '_' ? ' ' : *s >= 'a' && *s <= 'z' ? (char)(*s - 'a' + 'A') : *s);
        cells[c] = buf_take(&head);
        widths[c] = width(cells[c]);
        right[c] = is_number(rows, columns[c]);
    }
    for (size_t r = 0; r < count; r++) {
        for (size_t c = 0; c < n; c++) {
            char *text = cell(json_array_get(rows, r), columns[c], true);
            cells[(r + 1) * n + c] = text;
            widths[c] = width(text) > widths[c] ? width(text) : widths[c];
        }
    }
    for (size_t r = 0; r <= count; r++)
        table_line(cells + r * n, n, widths, right);
    free(cells);
    free(widths);
    free(right);
}

static void tsv(const char *const *columns, size_t n, const json_t *rows)
{
    for (size_t r = 0; r < json_array_size(rows); r++) {
        for (size_t c = 0; c < n; c++) {
            char *text = cell(json_array_get(rows, r), columns[c], false);
            printf("%s%s", text, c + 1 < n ? "\t" : "\n");
            free(text);
        }
    }
}

/* What is said on stderr and not among the data. */
static bool is_talk(const char *key)
{
    return strcmp(key, "warning") == 0 || strcmp(key, "hint") == 0;
}

static void key_values(const json_t *object, bool people)
{
    const char *key;
    json_t *value;
    int widest = 0;
    json_object_foreach((json_t *)object, key, value) if (!is_talk(key) && width(key) > widest) widest =
        width(key);
    json_object_foreach((json_t *)object, key, value)
    {
        if (is_talk(key))
            continue;
        char *text = cell(object, key, people);
        if (people)
            printf("%-*s  %s\n", widest, key, text);
        else
            printf("%s\t%s\n", key, text);
        free(text);
    }
}

static void json_line(const json_t *v)
{
    char *text = json_dumps(v, JSON_COMPACT);
    puts(text);
    free(text);
}

static void show_rows(const struct ctl *ctl, const struct command *cmd, const json_t *rows, bool people)
{
    size_t n = 0;
    while (cmd->columns && cmd->columns[n])
        n++;
    if (ctl->json || n == 0) {
        for (size_t i = 0; i < json_array_size(rows); i++)
            json_line(json_array_get(rows, i));
    } else if (people && json_array_size(rows) > 0) {
        table(cmd->columns, n, rows);
    } else {
        tsv(cmd->columns, n, rows);
    }
}

/* One object: its columns as one line, or everything as keys and values. */
static void show_object(const struct command *cmd, const json_t *object, bool people)
{
    if (!cmd->columns) {
        key_values(object, people);
        return;
    }
    for (size_t i = 0; cmd->columns[i]; i++) {
        char *text = cell(object, cmd->columns[i], people);
        printf("%s%s", i ? "\t" : "", text);
        free(text);
    }
    putchar('\n');
}

void show_answer(const struct ctl *ctl, const struct command *cmd, const json_t *answer)
{
    bool people = isatty(STDOUT_FILENO);
    if (json_is_array(answer)) {
        show_rows(ctl, cmd, answer, people);
        return;
    }
    const char *warning = json_string_value(json_object_get(answer, "warning"));
    const char *hint = json_string_value(json_object_get(answer, "hint"));
    if (ctl->json)
        json_line(answer);
    else
        show_object(cmd, answer, people);
    fflush(stdout);
    if (warning)
        ctl_error("warning: %s", warning);
    if (hint)
        ctl_hint("%s", hint);
}
