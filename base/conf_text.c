/* conf_text.c: the table and the values in force as text for people: --print-config, the sample file,
 * ferryd.conf(5). */
#include <string.h>

#include "base/conf_table.h"

static bool new_section(int id)
{
    return id == 0 || strcmp(conf_rows[id].section, conf_rows[id - 1].section) != 0;
}

void conf_print(const struct conf *conf, struct buf *out)
{
    const struct conf_full *full = (const struct conf_full *)conf;

    for (int id = 0; id < CONF_ROWS; id++) {
        size_t start;

        if (new_section(id))
            buf_addf(out, "%s%s[%s]\n", id > 0 ? "\n" : "",
                     strcmp(conf_rows[id].section, "component") == 0 && !conf->has_component ? ";" : "",
                     conf_rows[id].section);
        start = out->len;
        if (strcmp(conf_rows[id].section, "component") == 0 && !conf->has_component)
            buf_addc(out, ';'); /* the section alone would switch to component mode */
        buf_addf(out, "%s = ", conf_rows[id].key);
        conf_value_text(conf, (enum conf_row_id)id, out);
        while (out->len - start < 40)
            buf_addc(out, ' ');
        buf_addf(out, " ; %s\n", full->origin[id] != NULL ? full->origin[id] : "default");
    }
}

/* Breaks a paragraph into lines of at most `width` characters, each behind a prefix. */
static void wrap(struct buf *out, const char *text, const char *prefix, size_t width)
{
    while (*text != '\0') {
        size_t n = strlen(text);

        if (n > width) {
            n = width;
            while (n > 0 && text[n] != ' ')
                n--;
            if (n == 0)
                n = strcspn(text, " ");
        }
        buf_adds(out, prefix);
        buf_add(out, text, n);
        buf_addc(out, '\n');
        text += n;
        while (*text == ' ')
            text++;
    }
}

void conf_print_sample(struct buf *out)
{
    buf_adds(out, "; ferryd.conf: every key is optional; what stands here are the defaults.\n"
                  "; Sizes take K M G T (powers of 1024), durations s m h d w. A comment begins at a line's "
                  "start or after a blank.\n"
                  "; FERRYD_SECTION_KEY in the environment overrides a key. See ferryd.conf(5).\n");
    for (int id = 0; id < CONF_ROWS; id++) {
        const struct conf_row *row = &conf_rows[id];

        if (new_section(id))
            buf_addf(out, "\n%s[%s]\n", strcmp(row->section, "component") == 0 ? ";" : "", row->section);
        wrap(out, row->doc, "; ", 108);
        if (!row->built)
            buf_adds(out, "; (not built yet)\n");
        buf_addf(out, ";%s =%s%s\n", row->key, row->dflt[0] != '\0' ? " " : "", row->dflt);
    }
}

/* Text for mdoc: a line must not begin with a control character, a backslash is \e. */
static void mdoc_text(struct buf *out, const char *text)
{
    bool start = true;

    for (; *text != '\0'; text++) {
        if (start && (*text == '.' || *text == '\''))
            buf_adds(out, "\\&");
        if (*text == '\\') {
            buf_adds(out, "\\e");
        } else if (text[0] == '.' && text[1] == ' ' && text[2] >= 'A' && text[2] <= 'Z') {
            buf_adds(out, ".\n"); /* a new sentence begins a new line */
            text++;
            start = true;
            continue;
        } else {
            buf_addc(out, *text);
        }
        start = false;
    }
    buf_addc(out, '\n');
}

static const char *type_name(const struct conf_row *row)
{
    switch (row->type) {
    case CONF_BOOL:
        return "yes | no";
    case CONF_INT:
        return "number";
    case CONF_SIZE:
        return "size";
    case CONF_DURATION:
        return "duration";
    case CONF_RESERVE:
        return "share | size";
    case CONF_PATH:
        return "path";
    case CONF_PATHS:
        return "path, ...";
    case CONF_WORD:
        return row->words;
    default:
        return "text";
    }
}

static void man_limits(struct buf *out, const struct conf_row *row)
{
    struct buf low = {0}, high = {0};

    if (row->min == 0 && row->max == 0)
        return;
    (row->type == CONF_DURATION ? conf_format_duration : conf_format_size)(row->min, &low);
    (row->type == CONF_DURATION ? conf_format_duration : conf_format_size)(row->max, &high);
    if (row->max > 0)
        buf_addf(out, "From %s to %s.\n", low.data, high.data);
    else
        buf_addf(out, "At least %s.\n", low.data);
    buf_free(&low);
    buf_free(&high);
}

void conf_print_man(struct buf *out)
{
    for (int id = 0; id < CONF_ROWS; id++) {
        const struct conf_row *row = &conf_rows[id];

        if (new_section(id)) {
            if (id > 0)
                buf_adds(out, ".El\n");
            buf_addf(out, ".Ss [%s]\\&\n.Bl -tag -width Ds\n", row->section);
        }
        buf_addf(out, ".It Ic %s No = Ar ", row->key);
        for (const char *p = type_name(row); *p != '\0'; p++) {
            if (*p == '|')
                buf_adds(out, p[1] == ' ' ? "No \\(ba Ar" : " No \\(ba Ar ");
            else
                buf_addc(out, *p);
        }
        buf_addc(out, '\n');
        mdoc_text(out, row->doc);
        man_limits(out, row);
        if (row->dflt[0] != '\0')
            buf_addf(out, "The default is\n.Ql %s .\n", row->dflt);
        if (!row->built)
            buf_adds(out, "Not built yet: given, it is answered with a warning.\n");
    }
    buf_adds(out, ".El\n");
}
