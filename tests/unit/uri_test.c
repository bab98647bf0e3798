/* uri_test.c: request targets (row 83). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/request.h"

static struct uri u;

static void paths(void **state)
{
    assert_int_equal(uri_parse("/f/ID/a%20b?x=1&lang=zh", &u), REFUSE_OK);
    assert_int_equal(u.n, 3);
    assert_true(uri_is(&u, 0, "f"));
    assert_true(uri_is(&u, 2, "a%20b"));
    assert_string_equal(u.query, "x=1&lang=zh");
    assert_int_equal(uri_parse("/", &u), REFUSE_OK);
    assert_int_equal(u.n, 0);
    assert_int_equal(uri_parse("/admin/", &u), REFUSE_OK);
    assert_int_equal(u.n, 1);
    assert_int_equal(uri_parse("//f", &u), REFUSE_OK);
    assert_int_equal(u.n, 2);
    assert_int_equal(uri_parse("/a/b/c/d/e/f/g/h/i", &u), REFUSE_OK);
    assert_true(u.too_deep);
    assert_int_equal(uri_parse("*", &u), REFUSE_OK);
    assert_true(u.asterisk);
    assert_int_equal(uri_parse("http://host:80/f/x", &u), REFUSE_OK);
    assert_int_equal(u.host_len, 7);
    assert_true(uri_is(&u, 1, "x"));
}

static void faults(void **state)
{
    static const char *const bad[] = {"",         "f/x",  "/a%",       "/a%2", "/a%zz", "/a%00b",
                                      "/a?b=%00", "/a#b", "/\xc3\xa9", "/a b", "/a\x7f"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (uri_parse(bad[i], &u) != REFUSE_BAD_REQUEST)
            fail_msg("taken: %s", bad[i]);
}

static void names(void **state)
{
    static const char *const none[] = {"/f/x/..",    "/f/x/%2e%2e", "/f/x/%2e", "/f/x/a%2fb",
                                       "/f/x/a%5cb", "/f/x/%c0%af", "/f/x/%ff", "/f/x/%ed%a0%80"};
    struct arena *arena = arena_get(NULL);
    const char *name;

    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        assert_int_equal(uri_parse(none[i], &u), REFUSE_OK);
        if (uri_segment(&u, 2, arena, &name) != REFUSE_NOT_FOUND)
            fail_msg("taken: %s", none[i]);
    }
    assert_int_equal(uri_parse("/f/x/%252e%e6%8a%a5", &u), REFUSE_OK);
    assert_int_equal(uri_segment(&u, 2, arena, &name), REFUSE_OK);
    assert_string_equal(name, "%2e报");
    arena_put(arena);
}

static void params(void **state)
{
    struct arena *arena = arena_get(NULL);

    assert_string_equal(uri_param("a=1&csrf=x%2By+z&b", "csrf", arena), "x+y z");
    assert_string_equal(uri_param("csrf=", "csrf", arena), "");
    assert_null(uri_param("xcsrf=1&csrf", "csrf", arena));
    assert_null(uri_param("csrf=%zz", "csrf", arena));
    assert_null(uri_param(NULL, "csrf", arena));
    arena_put(arena);
}

/* What a proxy may have cut off is taken off where it is still there, once and only whole. */
static void a_base_path_is_taken_off(void **state)
{
    static const struct {
        const char *target, *path, *first;
        size_t n;
    } rows[] = {{"/ferry/f/x", "/ferry", "f", 2},
                {"/f/x", "/ferry", "f", 2},
                {"/ferry/ferry/x", "/ferry", "ferry", 2},
                {"/ferryx/f", "/ferry", "ferryx", 2},
                {"/a/b/f/x", "/a/b", "f", 2},
                {"/a/f/x", "/a/b", "a", 3},
                {"/f/x", "", "f", 2},
                {"/ferry", "/ferry", NULL, 0}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(uri_parse(rows[i].target, &u), REFUSE_OK);
        uri_strip(&u, rows[i].path);
        assert_int_equal(u.n, rows[i].n);
        if (rows[i].first)
            assert_true(uri_is(&u, 0, rows[i].first));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(faults),
        cmocka_unit_test(names),
        cmocka_unit_test(params),
        cmocka_unit_test(a_base_path_is_taken_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
