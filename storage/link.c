/* link.c: the links that people get: always BASE/f/ID/NAME, with a base that comes from the configuration. */
#include <string.h>

#include "base/codec.h"
#include "storage/grant.h"

/* Set when the listeners stand and again at a reload, read by every thread: old values stay allocated and
 * reachable, like configurations do (conf.h). */
struct base {
    struct base *older;
    const char *path; /* in text */
    char text[];
};
static _Atomic(struct base *) newest;

void link_set_base(const char *public_url)
{
    size_t n = strlen(public_url);
    while (n > 0 && public_url[n - 1] == '/')
        n--;
    struct base *old = newest;
    if (old && strlen(old->text) == n && memcmp(old->text, public_url, n) == 0)
        return;
    struct base *b = xmalloc(sizeof *b + n + 1);
    b->older = old;
    memcpy(b->text, public_url, n);
    b->text[n] = '\0';
    const char *host = strstr(b->text, "://");
    host = host ? host + 3 : b->text;
    b->path = host + strcspn(host, "/");
    newest = b;
}

const char *link_base(void)
{
    const struct base *b = newest;
    return b ? b->text : "";
}

const char *link_path(void)
{
    const struct base *b = newest;
    return b ? b->path : "";
}

static void put_name(struct buf *out, const char *name)
{
    buf_addc(out, '/');
    percent_encode(out, name);
}

void link_get(struct buf *out, const struct ferry_id *id, const char *name)
{
    buf_adds(out, link_base());
    buf_adds(out, "/f/");
    buf_adds(out, id->text);
    put_name(out, name);
}

void link_put(struct buf *out, const char *token, const char *name)
{
    buf_adds(out, link_base());
    buf_adds(out, "/u/");
    buf_adds(out, token);
    put_name(out, name);
}
