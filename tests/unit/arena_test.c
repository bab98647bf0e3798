/* arena_test.c: the promises of base/arena.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static void memory_is_aligned_and_apart(void **state)
{
    struct arena_pool *pool = arena_pool_new(4096, 4);
    struct arena *a = arena_get(pool);
    char *blocks[200];

    for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
        size_t n = i * 7 + 1;

        blocks[i] = arena_alloc(a, n);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        memset(blocks[i], (int)i, n);
    }
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
        for (size_t k = 0; k < i * 7 + 1; k++)
            assert_int_equal((unsigned char)blocks[i][k], i);
    assert_true(arena_used(a) >= 139500);
    arena_put(a);
    arena_pool_free(pool);
}

static void large_block_leaves_the_chunk_in_use(void **state)
{
    struct arena_pool *pool = arena_pool_new(4096, 4);
    struct arena *a = arena_get(pool);
    char *before = arena_alloc(a, 16), *large = arena_zalloc(a, 100000), *after = arena_alloc(a, 16);

    assert_int_equal(large[99999], 0);
    assert_ptr_equal(after, before + 16);
    arena_put(a);
    arena_pool_free(pool);
}

static void strings_are_copied(void **state)
{
    struct arena *a = arena_get(NULL);

    assert_string_equal(arena_strdup(a, "ferry"), "ferry");
    assert_string_equal(arena_strndup(a, "ferry", 2), "fe");
    assert_string_equal(arena_strndup(a, "ferry", 99), "ferry");
    assert_string_equal(arena_printf(a, "%d %s", 7, "seas"), "7 seas");
    arena_put(a);
    arena_put(NULL);
}

static void one_pool_serves_many(void **state)
{
    struct arena_pool *pool = arena_pool_new(1024, 2);
    struct arena *a[8];

    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < ARRAY_LEN(a); i++) {
            a[i] = arena_get(pool);
            memset(arena_alloc(a[i], 3000), 'x', 3000);
        }
        for (size_t i = 0; i < ARRAY_LEN(a); i++)
            arena_put(a[i]);
    }
    arena_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_and_apart),
        cmocka_unit_test(large_block_leaves_the_chunk_in_use),
        cmocka_unit_test(strings_are_copied),
        cmocka_unit_test(one_pool_serves_many),
    };

    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
