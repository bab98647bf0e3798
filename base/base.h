/* base.h: what every file of Ferry may assume.
 *
 * FERRY_ASSERT checks the program, never the world: no byte that a peer, a disk or an operator chose may
 * reach one. It stays on in release builds. Memory: xmalloc and friends end the process when memory is gone
 * (with a log line); they are for small, bounded objects. What a peer makes large (bodies, queues) is capped
 * before it is allocated.
 */
#ifndef FERRY_BASE_H
#define FERRY_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FERRY_ASSERT(cond) ((cond) ? (void)0 : base_assert_failed(#cond, __FILE__, __LINE__, __func__))
#define FERRY_UNREACHABLE() base_assert_failed("not reached", __FILE__, __LINE__, __func__)
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NONNULL __attribute__((nonnull))
#define MUST_USE __attribute__((warn_unused_result))

/* Take the value of an owning variable and clear it: ownership moves visibly. */
#define TAKE(p)                     \
    __extension__({                 \
        __typeof__(p) taken_ = (p); \
        (p) = NULL;                 \
        taken_;                     \
    })

_Noreturn void base_assert_failed(const char *cond, const char *file, int line, const char *func);

void *xmalloc(size_t n) MUST_USE __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) MUST_USE __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t n) MUST_USE __attribute__((returns_nonnull));
char *xstrdup(const char *s) MUST_USE __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t n) MUST_USE __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2) MUST_USE __attribute__((returns_nonnull));

/* The threads that serve many sockets call this once; storage asserts that such a thread never enters a call
 * that may wait for a disk or another thread. */
void thread_name(const char *name);
void thread_forbid_blocking(void); /* loop_run does it, and allows it again at its end */
void thread_allow_blocking(void);
void thread_assert_may_block(void);

#endif
