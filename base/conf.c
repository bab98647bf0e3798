/* conf.c: the table, the file, the environment, and the configuration in force.
 *
 * Promises: a struct conf that conf_load returned has every value inside its limits; a fault is reported with
 * its file and line, all of them at once; the environment wins over the file, the file over the defaults; a
 * published configuration is never freed. Values as text: conf_value.c; what is checked across values:
 * conf_check.c; print-outs: conf_text.c. */
#include "base/conf.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf_table.h"

#define FILE_MAX_BYTES (1 << 20)
#define DEFAULT_FILE "/etc/ferryd/ferryd.conf"

const struct conf_row conf_rows[CONF_ROWS] = {
#define CONF(section, key, type, dflt, min, max, words, built, doc) \
    {#section, #key, CONF_##type, dflt, min, max, words, built, doc, offsetof(struct conf, section##_##key)},
#include "base/conf.def"
#undef CONF
};

/* --- the one in force ---------------------------------------------------------------------------- */

struct published {
    struct published *older;
    struct conf *conf;
};

static _Atomic(struct published *) in_force;
static struct conf *defaults;
static pthread_once_t defaults_once = PTHREAD_ONCE_INIT;

static struct conf_full *conf_new(void)
{
    struct conf_full *full = xcalloc(1, sizeof *full);
    char cwd[PATH_MAX];

    full->folder = xstrdup(getcwd(cwd, sizeof cwd) != NULL ? cwd : "/");
    full->conf.folder = full->folder;
    return full;
}

static void set_defaults(struct conf_full *full)
{
    struct buf why = {0};

    for (int id = 0; id < CONF_ROWS; id++)
        FERRY_ASSERT(conf_set(full, (enum conf_row_id)id, conf_rows[id].dflt, &why) == 0);
    buf_free(&why);
}

static void make_defaults(void)
{
    struct conf_full *full = conf_new();

    set_defaults(full);
    defaults = &full->conf;
}

const struct conf *conf_get(void)
{
    struct published *p = atomic_load_explicit(&in_force, memory_order_acquire);

    if (p != NULL)
        return p->conf;
    (void)pthread_once(&defaults_once, make_defaults);
    return defaults;
}

void conf_publish(struct conf *conf)
{
    struct published *p = xcalloc(1, sizeof *p);

    p->conf = conf;
    p->older =
        atomic_load_explicit(&in_force, memory_order_relaxed); /* kept reachable: readers may still look */
    atomic_store_explicit(&in_force, p, memory_order_release);
}

void conf_free(struct conf *conf)
{
    struct conf_full *full = (struct conf_full *)conf;

    if (full == NULL)
        return;
    for (int id = 0; id < CONF_ROWS; id++) {
        free(full->text[id]);
        free(full->origin[id]);
    }
    free(full->file);
    free(full->folder);
    free(full);
}

bool conf_is_set(const struct conf *conf, const char *name)
{
    const struct conf_full *full = (const struct conf_full *)conf;
    const char *dot = strchr(name, '.');

    FERRY_ASSERT(dot != NULL);
    for (int id = 0; id < CONF_ROWS; id++) {
        const struct conf_row *row = &conf_rows[id];
        size_t n = strlen(row->section);

        if (n == (size_t)(dot - name) && memcmp(row->section, name, n) == 0 && strcmp(row->key, dot + 1) == 0)
            return full->origin[id] != NULL;
    }
    FERRY_UNREACHABLE();
}

/* --- the file ------------------------------------------------------------------------------------ */

struct reader {
    struct conf_full *full;
    struct buf *faults;
    size_t fault_count;
    const char *file; /* as people named it */
    int line;
    char section[32];
    bool section_known;
};

static void fault(struct reader *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void fault(struct reader *r, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (r->line > 0)
        buf_addf(r->faults, "%s:%d: %s\n", r->file, r->line, text);
    else
        buf_addf(r->faults, "%s: %s\n", r->file, text);
    r->fault_count++;
}

static int row_of(const char *section, const char *key)
{
    for (int id = 0; id < CONF_ROWS; id++)
        if (strcmp(conf_rows[id].section, section) == 0 && strcmp(conf_rows[id].key, key) == 0)
            return id;
    return -1;
}

static bool section_exists(const char *section)
{
    for (int id = 0; id < CONF_ROWS; id++)
        if (strcmp(conf_rows[id].section, section) == 0)
            return true;
    return false;
}

/* Gives a value; origin is taken on success. */
static void give(struct reader *r, int id, const char *value, char *origin)
{
    const struct conf_row *row = &conf_rows[id];
    struct buf why = {0}, before = {0}, after = {0};

    conf_value_text(&r->full->conf, (enum conf_row_id)id, &before);
    if (conf_set(r->full, (enum conf_row_id)id, value, &why) < 0) {
        fault(r, "%s.%s: %s", row->section, row->key, why.data);
        free(origin);
    } else {
        conf_value_text(&r->full->conf, (enum conf_row_id)id, &after);
        if (!row->built && strcmp(before.data, after.data) != 0) /* a warning: not counted as a fault */
            buf_addf(r->faults, "%s: warning: %s.%s is not built yet and has no effect\n", origin,
                     row->section, row->key);
        free(r->full->origin[id]);
        r->full->origin[id] = origin;
    }
    buf_free(&why);
    buf_free(&before);
    buf_free(&after);
}

/* Cuts a comment (`;` at the start or after a blank) and the blanks at both ends; returns the start. */
static char *trim(char *s)
{
    char *end;

    for (char *p = s; *p != '\0'; p++) {
        if (*p == ';' && (p == s || p[-1] == ' ' || p[-1] == '\t')) {
            *p = '\0';
            break;
        }
    }
    while (*s == ' ' || *s == '\t')
        s++;
    end = s + strlen(s);
    while (end > s && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    *end = '\0';
    return s;
}

static void read_section(struct reader *r, char *s)
{
    size_t n = strlen(s);

    r->section_known = false;
    if (s[n - 1] != ']') {
        fault(r, "a section is written [name]");
        return;
    }
    s[n - 1] = '\0';
    s = trim(s + 1);
    if (!section_exists(s)) {
        fault(r, "there is no section [%s]", s);
        return;
    }
    (void)snprintf(r->section, sizeof r->section, "%s", s);
    r->section_known = true;
    if (strcmp(s, "component") == 0)
        r->full->conf.has_component = true;
}

static void read_line(struct reader *r, char *line)
{
    char *s = trim(line), *equals, *key, *value;
    int id;

    if (*s == '\0')
        return;
    if (*s == '[') {
        read_section(r, s);
        return;
    }
    equals = strchr(s, '=');
    if (equals == NULL) {
        fault(r, "expected `key = value` or `[section]`");
        return;
    }
    *equals = '\0';
    key = trim(s);
    value = trim(equals + 1);
    if (r->section[0] == '\0' && !r->section_known) {
        fault(r, "%s stands before any [section]", key);
        return;
    }
    if (!r->section_known) /* reported once, at its head */
        return;
    id = row_of(r->section, key);
    if (id < 0) {
        fault(r, "there is no key %s in [%s]", key, r->section);
        return;
    }
    if (r->full->origin[id] != NULL) {
        fault(r, "%s.%s is given twice (first at %s)", r->section, key, r->full->origin[id]);
        return;
    }
    give(r, id, value, xasprintf("%s:%d", r->file, r->line));
}

static void read_text(struct reader *r, char *text, size_t n)
{
    if (memchr(text, '\0', n) != NULL) {
        fault(r, "this is not a text file");
        return;
    }
    for (char *line = text; line != NULL;) {
        char *end = strchr(line, '\n');

        if (end != NULL)
            *end = '\0';
        r->line++;
        read_line(r, line);
        line = end != NULL ? end + 1 : NULL;
    }
    r->line = 0;
}

static void read_file(struct reader *r, bool may_be_missing)
{
    FILE *f = fopen(r->file, "re");
    struct buf text = {0};
    size_t got;

    if (f == NULL) {
        if (errno != ENOENT || !may_be_missing)
            fault(r, "%s", strerror(errno));
        return;
    }
    do {
        got = fread(buf_room(&text, 4096), 1, 4096, f);
        text.len += got;
    } while (got > 0 && text.len <= FILE_MAX_BYTES);
    if (ferror(f) || text.len > FILE_MAX_BYTES) {
        fault(r, "%s", ferror(f) ? strerror(errno) : "too large for a configuration");
    } else {
        char resolved[PATH_MAX];

        if (realpath(r->file, resolved) != NULL) {
            char *slash = strrchr(resolved, '/');

            free(r->full->file);
            r->full->file = xstrdup(resolved);
            r->full->conf.file = r->full->file;
            free(r->full->folder);
            r->full->folder = xstrndup(resolved, slash > resolved ? (size_t)(slash - resolved) : 1);
            r->full->conf.folder = r->full->folder;
        }
        buf_addc(&text, '\n');
        set_defaults(r->full); /* again: relative defaults are taken from the file's folder */
        read_text(r, text.data, text.len);
    }
    buf_free(&text);
    (void)fclose(f);
}

/* --- the environment ----------------------------------------------------------------------------- */

static void read_environment(struct reader *r)
{
    r->file = "environment";
    for (int id = 0; id < CONF_ROWS; id++) {
        const struct conf_row *row = &conf_rows[id];
        char name[96];
        const char *value;

        (void)snprintf(name, sizeof name, "FERRYD_%s_%s", row->section, row->key);
        for (char *p = name; *p != '\0'; p++)
            *p = (char)toupper((unsigned char)*p);
        value = getenv(name);
        if (value == NULL)
            continue;
        if (strcmp(row->section, "component") == 0)
            r->full->conf.has_component = true;
        give(r, id, value, xasprintf("environment %s", name));
    }
}

struct conf *conf_load(const char *file, struct buf *faults)
{
    struct conf_full *full = conf_new();
    struct reader r = {.full = full, .faults = faults, .file = file};
    bool named = file != NULL;

    set_defaults(full);
    if (!named) {
        const char *env = getenv("FERRYD_CONF");

        named = env != NULL && env[0] != '\0';
        r.file = named ? env : DEFAULT_FILE;
    }
    read_file(&r, !named);
    read_environment(&r);
    r.fault_count += conf_check(full, faults);
    if (r.fault_count > 0) {
        conf_free(&full->conf);
        return NULL;
    }
    return &full->conf;
}
