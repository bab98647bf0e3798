/* refuse.c: the table of refuse.def as data. Any thread. */
#include "base/refuse.h"

#include <ctype.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

static struct refusal table[REFUSE_COUNT] = {
#define REFUSE(name, type, cond, code, http, app, app_ns, title, en, zh) \
    [REFUSE_##name] = {#name, type, cond, code, http, app, app_ns, title, en, zh},
#include "base/refuse.def"
#undef REFUSE
};
static char names[REFUSE_COUNT][32];
static pthread_once_t names_once = PTHREAD_ONCE_INIT;

/* QUOTA_FULL is "quota-full" to people and programs. */
static void make_names(void)
{
    for (size_t i = 1; i < REFUSE_COUNT; i++) {
        size_t n = strlen(table[i].name);

        FERRY_ASSERT(n < sizeof names[i]);
        for (size_t k = 0; k < n; k++)
            names[i][k] = table[i].name[k] == '_' ? '-' : (char)tolower((unsigned char)table[i].name[k]);
        table[i].name = names[i];
    }
}

const struct refusal *refuse_get(enum refuse r)
{
    FERRY_ASSERT(r > REFUSE_OK && r < REFUSE_COUNT);
    (void)pthread_once(&names_once, make_names);
    return &table[r];
}

const char *refuse_text(enum refuse r, const char *lang)
{
    const struct refusal *row = refuse_get(r);

    return lang != NULL && strncasecmp(lang, "zh", 2) == 0 && (lang[2] == '\0' || lang[2] == '-') ? row->zh
                                                                                                  : row->en;
}

enum refuse refuse_by_name(const char *name)
{
    for (enum refuse r = REFUSE_OK + 1; r < REFUSE_COUNT; r++)
        if (strcmp(refuse_get(r)->name, name) == 0)
            return r;
    return REFUSE_OK;
}
