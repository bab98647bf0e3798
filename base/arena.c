/* arena.c: chunks of one size from a pool's free list, larger blocks from malloc.
 *
 * Promises: alignment 16; arena_put gives every chunk back at once (to the pool up to its bound, else to
 * malloc); an arena that was never allocated from holds no chunk. The arena's own header is the first thing
 * in its first chunk, so that an idle owner with no arena costs nothing. Who caps the bytes is the caller's
 * affair. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under ASan a chunk goes back to malloc at once and its unused part is poisoned, so that a pointer kept too
 * long is found. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define KEEP_CHUNKS 0
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)0)
#define KEEP_CHUNKS 1
#endif

#define ALIGN 16
#define ROUND_UP(n) (((n) + (ALIGN - 1)) & ~(size_t)(ALIGN - 1))
#define LONE_CHUNK 4096 /* of an arena without a pool */

struct chunk {
    struct chunk *next;
    size_t size; /* of the bytes behind the header */
    _Alignas(ALIGN) char bytes[];
};

struct arena_pool {
    size_t chunk_bytes, max_free, free_count, arenas;
    struct chunk *free;
};

struct arena {
    struct arena_pool *pool;
    struct chunk *chunks; /* newest first; the arena itself lives in the last */
    char *at, *end;       /* free part of the chunk that is being filled */
    size_t used;
};

struct arena_pool *arena_pool_new(size_t chunk_bytes, size_t max_free_chunks)
{
    struct arena_pool *pool = xcalloc(1, sizeof *pool);

    FERRY_ASSERT(chunk_bytes >= 256);
    pool->chunk_bytes = ROUND_UP(chunk_bytes) - sizeof(struct chunk);
    pool->max_free = max_free_chunks;
    return pool;
}

void arena_pool_free(struct arena_pool *pool)
{
    if (pool == NULL)
        return;
    FERRY_ASSERT(pool->arenas == 0);
    while (pool->free != NULL) {
        struct chunk *c = pool->free;
        pool->free = c->next;
        free(c);
    }
    free(pool);
}

static struct chunk *chunk_get(struct arena_pool *pool, size_t size)
{
    size_t normal = pool != NULL ? pool->chunk_bytes : LONE_CHUNK - sizeof(struct chunk);
    struct chunk *c;

    if (pool != NULL && size <= normal && pool->free != NULL) {
        c = pool->free;
        pool->free = c->next;
        pool->free_count--;
        return c;
    }
    if (size < normal)
        size = normal;
    c = xmalloc(sizeof *c + size);
    c->size = size;
    return c;
}

static void chunk_put(struct arena_pool *pool, struct chunk *c)
{
    if (pool != NULL && KEEP_CHUNKS && c->size == pool->chunk_bytes && pool->free_count < pool->max_free) {
        c->next = pool->free;
        pool->free = c;
        pool->free_count++;
    } else {
        free(c);
    }
}

struct arena *arena_get(struct arena_pool *pool)
{
    struct chunk *c = chunk_get(pool, 0);
    struct arena *a = (struct arena *)(void *)c->bytes;

    c->next = NULL;
    a->pool = pool;
    a->chunks = c;
    a->at = c->bytes + ROUND_UP(sizeof *a);
    a->end = c->bytes + c->size;
    a->used = 0;
    ASAN_POISON_MEMORY_REGION(a->at, (size_t)(a->end - a->at));
    if (pool != NULL)
        pool->arenas++;
    return a;
}

void arena_put(struct arena *a)
{
    struct arena_pool *pool;
    struct chunk *c, *next;

    if (a == NULL)
        return;
    pool = a->pool;
    if (pool != NULL)
        pool->arenas--;
    for (c = a->chunks; c != NULL; c = next) {
        next = c->next;
        chunk_put(pool, c);
    }
}

/* A block that would waste most of a fresh chunk gets a chunk of its own, and the half-filled one stays in
 * use. */
static void *alloc_slow(struct arena *a, size_t n)
{
    struct chunk *c = chunk_get(a->pool, n);
    size_t left = (size_t)(a->end - a->at);

    c->next = a->chunks;
    a->chunks = c;
    if (c->size - n > left) {
        a->at = c->bytes + n;
        a->end = c->bytes + c->size;
        ASAN_POISON_MEMORY_REGION(a->at, (size_t)(a->end - a->at));
    }
    return c->bytes;
}

void *arena_alloc(struct arena *a, size_t n)
{
    size_t asked = n;
    void *p;

    FERRY_ASSERT(n < SIZE_MAX / 2);
    n = ROUND_UP(n > 0 ? n : 1);
    a->used += n;
    (void)asked; /* only ASan looks */
    if (n > (size_t)(a->end - a->at))
        return alloc_slow(a, n);
    p = a->at;
    a->at += n;
    ASAN_UNPOISON_MEMORY_REGION(p, asked);
    return p;
}

void *arena_zalloc(struct arena *a, size_t n)
{
    return memset(arena_alloc(a, n), 0, n);
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *p = arena_alloc(a, len + 1);

    memcpy(p, s, len);
    p[len] = '\0';
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    char *p;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    FERRY_ASSERT(n >= 0);
    p = arena_alloc(a, (size_t)n + 1);
    va_start(ap, fmt);
    (void)vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}
