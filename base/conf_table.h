/* conf_table.h: how conf*.c see the table of conf.def: rows with an offset into struct conf. Private to them.
 */
#ifndef FERRY_CONF_TABLE_H
#define FERRY_CONF_TABLE_H

#include "base/conf.h"

struct conf_row {
    const char *section, *key;
    enum conf_type type;
    const char *dflt;
    int64_t min, max;  /* 0, 0: no limits; max 0: none above */
    const char *words; /* of a CONF_WORD: "a|b" */
    bool built;
    const char *doc;
    size_t offset;
};

enum conf_row_id {
#define CONF(section, key, type, dflt, min, max, words, built, doc) CONF_ROW_##section##_##key,
#include "base/conf.def"
#undef CONF
    CONF_ROWS
};

extern const struct conf_row conf_rows[CONF_ROWS];

/* A loaded configuration: the values, and for each where it came from. */
struct conf_full {
    struct conf conf;        /* first: a struct conf is one of these */
    char *text[CONF_ROWS];   /* owned values of the text types; NULL: not one */
    char *origin[CONF_ROWS]; /* "FILE:LINE", "environment NAME"; NULL: default */
    char *file, *folder;
};

/* Reads one value into full; -1 with the reason in why. */
int conf_set(struct conf_full *full, enum conf_row_id id, const char *value, struct buf *why);
/* What no single value shows: addresses, lists, pairs. Each fault is a line in faults; returns how many. */
size_t conf_check(struct conf_full *full, struct buf *faults);
/* A value as it would stand in a file. */
void conf_value_text(const struct conf *conf, enum conf_row_id id, struct buf *out);

#endif
