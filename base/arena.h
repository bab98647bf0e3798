/* arena.h: memory that is given back at once.
 *
 * An arena is a list of chunks taken from a pool; the pool keeps a bounded free list of chunks (recipe: give
 * back after every stanza, never "keep, then sweep"). Neither locks: a pool belongs to one thread. Memory is
 * aligned to 16 bytes and not cleared, except by arena_zalloc. Allocation never fails (see base.h); who feeds
 * an arena from a peer caps the bytes: arena_used() tells how many were handed out.
 */
#ifndef FERRY_ARENA_H
#define FERRY_ARENA_H

#include "base/base.h"

struct arena;
struct arena_pool;

struct arena_pool *arena_pool_new(size_t chunk_bytes, size_t max_free_chunks);
void arena_pool_free(struct arena_pool *pool); /* all its arenas were given back */

/* An arena borrowed from a pool, or, with pool NULL, a free-standing one (tests, HTTP requests). */
struct arena *arena_get(struct arena_pool *pool);
void arena_put(struct arena *arena); /* NULL is fine; everything allocated from it is gone */

void *arena_alloc(struct arena *arena, size_t n) __attribute__((malloc, returns_nonnull));
void *arena_zalloc(struct arena *arena, size_t n) __attribute__((malloc, returns_nonnull));
char *arena_strdup(struct arena *arena, const char *s) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *arena, const char *s, size_t n) __attribute__((returns_nonnull));
char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3)
    __attribute__((returns_nonnull));
size_t arena_used(const struct arena *arena);

#endif
