/* base.c: the end of the process when the program is wrong or memory is gone, and what a thread may do.
 *
 * Promises: a failed assertion and a failed allocation leave one log line and abort; neither returns. Memory
 * asked for with size 0 is a valid pointer. It knows nothing of what the memory is for. */
#include "base/base.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static _Thread_local bool blocking_forbidden;

_Noreturn void base_assert_failed(const char *cond, const char *file, int line, const char *func)
{
    log_error("assertion failed: %s (%s:%d, %s)", cond, file, line, func);
    abort();
}

static _Noreturn void out_of_memory(size_t n)
{
    log_error("out of memory: %zu bytes", n);
    abort();
}

void *xmalloc(size_t n)
{
    void *p = malloc(n > 0 ? n : 1);

    if (p == NULL)
        out_of_memory(n);
    return p;
}

void *xcalloc(size_t n, size_t size)
{
    void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

    if (p == NULL)
        out_of_memory(n);
    return p;
}

void *xrealloc(void *old, size_t n)
{
    void *p = realloc(old, n > 0 ? n : 1);

    if (p == NULL)
        out_of_memory(n);
    return p;
}

char *xstrdup(const char *s)
{
    return xstrndup(s, strlen(s));
}

char *xstrndup(const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *p = xmalloc(len + 1);

    memcpy(p, s, len);
    p[len] = '\0';
    return p;
}

char *xasprintf(const char *fmt, ...)
{
    va_list ap;
    char *p = NULL;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&p, fmt, ap);
    va_end(ap);
    if (n < 0)
        out_of_memory(0);
    return p;
}

void thread_name(const char *name)
{
    char short_name[16]; /* the kernel's limit */

    snprintf(short_name, sizeof short_name, "%s", name);
    (void)pthread_setname_np(pthread_self(), short_name);
}

void thread_forbid_blocking(void)
{
    blocking_forbidden = true;
}

void thread_allow_blocking(void)
{
    blocking_forbidden = false;
}

void thread_assert_may_block(void)
{
    FERRY_ASSERT(!blocking_forbidden);
}
