/* sniff.c: libmagic behind one lock: its handle serves one caller at a time. It looks at the first 64 KiB and
 * never inside archives, with limits below the library's own on recursion and work. The answer is checked
 * before it may become a header: what is not a plain type/subtype is octet-stream. */
#include "storage/sniff.h"

#include <magic.h>
#include <pthread.h>
#include <string.h>

#include "base/log.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static magic_t cookie;
static bool tried;

static void load(void)
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
    tried = true;
    cookie = magic_open(MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_COMPRESS);
    if (!cookie)
        return;
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        magic_setparam(cookie, limits[i].what, &limits[i].most);
    if (magic_load(cookie, NULL) != 0) {
        log_error("sniff no database: %s", magic_error(cookie));
        magic_close(cookie);
        cookie = NULL;
    }
}

static bool is_type(const char *s)
{
    size_t slashes = 0, n = strlen(s);
    for (const char *c = s; *c; c++) {
        if (*c == '/')
            slashes++;
        else if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                   strchr("!#$&-^_.+", *c)))
            return false;
    }
    return slashes == 1 && n > 2 && n < SNIFF_MAX && s[0] != '/' && s[n - 1] != '/';
}

void sniff(const void *head, size_t n, char type[SNIFF_MAX])
{
    thread_assert_may_block();
    pthread_mutex_lock(&lock);
    if (!tried)
        load();
    const char *found = cookie && n > 0 ? magic_buffer(cookie, head, n) : NULL;
    if (!found || !is_type(found))
        found = "application/octet-stream";
    memcpy(type, found, strlen(found) + 1);
    pthread_mutex_unlock(&lock);
}

void sniff_unload(void)
{
    pthread_mutex_lock(&lock);
    if (cookie)
        magic_close(cookie);
    cookie = NULL;
    tried = false;
    pthread_mutex_unlock(&lock);
}
