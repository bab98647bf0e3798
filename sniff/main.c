/* main.c: ferry-sniff, the process that lets libmagic look at strangers' bytes. ferryd starts it, talks to it
 * as wire.h says, and kills it when it takes too long; nobody else has a use for it. It loads the database,
 * locks itself in (sandbox.h), and answers until the other end is closed.
 *
 * libmagic looks never inside archives, and with limits below its own on recursion and work. */
#include <errno.h>
#include <magic.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sniff/sandbox.h"
#include "sniff/wire.h"

static magic_t load(char *why, size_t size)
{
    static const struct {
        int what;
        size_t most;
    } limits[] = {
        {MAGIC_PARAM_BYTES_MAX, SNIFF_BYTES}, {MAGIC_PARAM_INDIR_MAX, 15},
        {MAGIC_PARAM_NAME_MAX, 50},           {MAGIC_PARAM_ELF_PHNUM_MAX, 64},
        {MAGIC_PARAM_ELF_SHNUM_MAX, 256},     {MAGIC_PARAM_ELF_NOTES_MAX, 64},
        {MAGIC_PARAM_REGEX_MAX, 4096},
    };
    magic_t m = magic_open(MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_COMPRESS);
    if (!m) {
        snprintf(why, size, "libmagic: %s", strerror(errno));
        return NULL;
    }
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        magic_setparam(m, limits[i].what, &limits[i].most);
    if (magic_load(m, NULL) == 0)
        return m;
    snprintf(why, size, "database: %s", magic_error(m));
    magic_close(m);
    return NULL;
}

/* One packet. */
static bool say(const char *text)
{
    ssize_t n;
    do
        n = write(0, text, strlen(text));
    while (n < 0 && errno == EINTR);
    return n > 0;
}

static bool greet(const char *word, const char *detail)
{
    char line[SNIFF_MAX];
    snprintf(line, sizeof line, "%s %s", word, detail);
    return say(line);
}

static const char *look(magic_t m, const void *head, size_t n)
{
    sandbox_look_begins();
    const char *type = magic_buffer(m, head, n);
    return type && sniff_is_type(type, strlen(type)) ? type : "application/octet-stream";
}

int main(void)
{
    static char head[SNIFF_BYTES];
    char words[SNIFF_MAX - sizeof SNIFF_CANNOT];
    if (isatty(0)) {
        fputs("ferry-sniff is ferryd's helper: it is started by ferryd.\n", stderr);
        return 2;
    }
    (void)setenv("TZ", "UTC0", 1); /* or the first date would want a file */
    magic_t m = load(words, sizeof words);
    if (!m || !sandbox_enter(words, sizeof words)) {
        greet(SNIFF_CANNOT, words);
        return 1;
    }
    if (!greet(SNIFF_READY, words))
        return 1;
    for (;;) {
        ssize_t n = read(0, head, sizeof head);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || !say(look(m, head, (size_t)n)))
            return 0;
    }
}
