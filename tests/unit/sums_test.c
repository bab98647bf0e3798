/* sums_test.c: the functions of XEP-0300 by their names, their lengths, and what is read of them. */
#include "base/sums.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *name;
    size_t bytes;
    const char *of_nothing; /* in base64 */
} known[] = {
    {"md5", 16, "1B2M2Y8AsgTpgAmY7PhCfg=="},
    {"sha-1", 20, "2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
    {"sha-224", 28, "0UoCjCo6K8lHYQK7KII0xBWisB+CjqYqxbPkLw=="},
    {"sha-256", 32, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
    {"sha-512", 64,
     "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="},
    {"sha3-256", 32, "p//G+L8e12ZRwUdWoGHWYvWA/03kO0n6gtgKS4D4Q0o="},
    {"blake2b-512", 64,
     "eGoC90IBWQPGxv2FJVLScpEvR0DhWEdhiobiF/cfVBnSXhAxr+5YUxOJZESTTrBLkDpoWxRIt1XVb3Aa/pvizg=="},
};

static void values_of_their_length_alone(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        struct sums sums = {0};
        int s = sums_find(known[i].name);
        uint8_t sum[EVP_MAX_MD_SIZE];
        assert_true(s >= 0);
        assert_string_equal(sums_name((enum sum)s), known[i].name);
        assert_int_equal(sums_size((enum sum)s), known[i].bytes);
        assert_true(sums_read(&sums, (enum sum)s, known[i].of_nothing));
        assert_int_equal(sums.has, 1u << s);
        assert_true(EVP_Digest("", 0, sum, NULL, sums_md((enum sum)s), NULL) == 1);
        assert_memory_equal(sums.value[s], sum, known[i].bytes);
        sums.has = 0;
        assert_false(sums_read(&sums, (enum sum)s, "AAAA"));
        assert_false(sums_read(&sums, (enum sum)s, ""));
        assert_false(sums_read(&sums, (enum sum)s, "e3b0c44298fc1c149afbf4c8996fb924"));
        assert_int_equal(sums.has, 0);
    }
    assert_int_equal(sums_find("md17"), -1);
    assert_int_equal(sums_find("SHA-1"), -1);
    assert_int_equal(sums_find(""), -1);
}

static void a_digest_of_all_that_is_declared(void **state)
{
    struct sums a = {0}, b = {0};
    uint8_t x[32], y[32];
    assert_true(sums_read(&a, SUM_MD5, known[0].of_nothing) && sums_read(&a, SUM_SHA1, known[1].of_nothing));
    assert_true(sums_read(&b, SUM_SHA1, known[1].of_nothing));
    sums_digest(&a, x);
    sums_digest(&b, y);
    assert_memory_not_equal(x, y, sizeof x);
    assert_true(sums_read(&b, SUM_MD5, known[0].of_nothing)); /* in whatever order they came */
    sums_digest(&b, y);
    assert_memory_equal(x, y, sizeof x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_their_length_alone),
        cmocka_unit_test(a_digest_of_all_that_is_declared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
