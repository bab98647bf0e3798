/* conf.h: the parameters, from one table (conf.def). The table feeds the parser, `ferryd -t`, --print-config,
 * the sample file and ferryd.conf(5).
 *
 * A struct conf is read-only once loaded. conf_get() is the one in force: any thread, any time; a reload
 * publishes a new one and keeps the old (pointers taken before stay valid until the process ends). Names:
 * conf_get()->SECTION_KEY. Units: sizes are bytes, durations are milliseconds, percentages of `reserve` are
 * negative per-mille (-50 = 5 %).
 */
#ifndef FERRY_CONF_H
#define FERRY_CONF_H

#include "base/buf.h"

enum conf_type {
    CONF_TEXT,     /* const char *, never NULL */
    CONF_BOOL,     /* yes no on off true false */
    CONF_INT,      /* int64_t */
    CONF_SIZE,     /* int64_t bytes: K M G T, powers of 1024 */
    CONF_DURATION, /* int64_t milliseconds: s m h d w */
    CONF_RESERVE,  /* int64_t: bytes, or negative per-mille of the disk */
    CONF_WORD,     /* const char *, one of the words in `limits` */
    CONF_PATH,     /* const char *: made absolute from the config file's folder; empty stays empty */
    CONF_PATHS,    /* const char *: the same for each item of a comma-separated list */
};

#define CONF_C_TEXT const char *
#define CONF_C_BOOL bool
#define CONF_C_INT int64_t
#define CONF_C_SIZE int64_t
#define CONF_C_DURATION int64_t
#define CONF_C_RESERVE int64_t
#define CONF_C_WORD const char *
#define CONF_C_PATH const char *
#define CONF_C_PATHS const char *

struct conf {
#define CONF(section, key, type, dflt, min, max, words, built, doc) CONF_C_##type section##_##key;
#include "base/conf.def"
#undef CONF
    const char *file;   /* absolute path of the config file, or NULL */
    const char *folder; /* where relative paths start */
    bool has_component; /* a [component] section was given */
};

/* Before anything was published: the defaults (tests). */
const struct conf *conf_get(void);
/* Was the key given, in the file or the environment (not left at its default)? name: "http.public_url". */
bool conf_is_set(const struct conf *conf, const char *name);

/* Reads FILE (NULL: $FERRYD_CONF, else /etc/ferryd/ferryd.conf; a missing file is an error unless file was
 * not named), then the environment FERRYD_SECTION_KEY. Every fault goes to `faults`, one line "FILE:LINE:
 * what" each. NULL: faulty. Warnings (a key of a feature that is not built yet) go there too but do not fail.
 */
struct conf *conf_load(const char *file, struct buf *faults);
void conf_publish(struct conf *conf); /* takes it; it is what conf_get() answers from now on */
void conf_free(struct conf *conf);    /* only one that was never published */

/* Every value in force as a config file, each with a comment that says where it came from (default,
 * FILE:LINE, environment). */
void conf_print(const struct conf *conf, struct buf *out);
void conf_print_sample(struct buf *out);
void conf_print_man(struct buf *out); /* the sections of ferryd.conf(5), mdoc */

/* One value as text ("100M", "30d"); any value of the type. For pages, commands and the two above. */
void conf_format_size(int64_t bytes, struct buf *out);
void conf_format_duration(int64_t ms, struct buf *out);
int conf_parse_size(const char *s, int64_t *out);
int conf_parse_duration(const char *s, int64_t *ms);

/* Walks a comma separated list: copies the next item, trimmed, into item (n bytes); *at starts as the text.
 * false: at the end. */
bool conf_list_next(const char **at, char *item, size_t n);
bool conf_list_has(const char *list, const char *word);

#endif
