/* uri_fuzz.c: everything that reads a request's target, its query, a form, and the header values that choose
 * page, language and file name. A decoded segment is never a path. */
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "http/disposition.h"
#include "http/negotiate.h"
#include "http/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_target(const char *text, struct arena *arena)
{
    struct uri u;
    const char *s;

    if (uri_parse(text, &u) != REFUSE_OK)
        return;
    for (size_t i = 0; i < u.n; i++)
        if (uri_segment(&u, i, arena, &s) == REFUSE_OK &&
            (strpbrk(s, "/\\") || strcmp(s, "..") == 0 || strcmp(s, ".") == 0 || !utf8_valid(s, strlen(s))))
            abort();
    (void)uri_param(u.query, "lang", arena);
}

static void check_disposition(const char *text)
{
    struct buf b = {0};

    disposition_header(&b, true, text);
    for (size_t i = 0; i < b.len; i++)
        if ((unsigned char)b.data[i] < 0x20 || (unsigned char)b.data[i] > 0x7e)
            abort();
    if (strcspn(strchr(b.data, '"') + 1, "\"\\") + (size_t)(strchr(b.data, '"') + 1 - b.data) >= b.len)
        abort(); /* the quoted name must end */
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_get(NULL);
    char *text = arena_strndup(arena, (const char *)data, size ? strnlen((const char *)data, size) : 0),
         cookie[16];
    struct request_fields f = {.accept = text};

    check_target(text, arena);
    check_disposition(text);
    (void)uri_param(text, "csrf", arena);
    (void)negotiate_page(&f);
    (void)negotiate_cookie(text, "lang", cookie, sizeof cookie);
    if (strcmp(negotiate_language(text, text, text), "en") != 0 &&
        strcmp(negotiate_language(text, text, text), "zh-Hans") != 0)
        abort();
    arena_put(arena);
    return 0;
}
