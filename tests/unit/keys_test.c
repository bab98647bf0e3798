/* keys_test.c: the key file is made once, whole, 0600; sealing binds, and opens nothing but what was sealed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/codec.h"
#include "storage/keys.h"

static char folder[] = "/tmp/ferry-keys-XXXXXX";
static char path[64];

static int setup(void **state)
{
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key", folder);
    return 0;
}

static int teardown(void **state)
{
    unlink(path);
    return rmdir(folder);
}

static struct keys *open_or_fail(bool make)
{
    struct buf why = {0};
    struct keys *k = keys_open(path, make, &why);
    if (!k)
        print_message("%s\n", why.data);
    assert_non_null(k);
    buf_free(&why);
    return k;
}

static void read_file(char *text, size_t size)
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, size - 1, f)] = '\0';
    fclose(f);
}

static void write_file(const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void refused(const char *words)
{
    struct buf why = {0};
    assert_null(keys_open(path, false, &why));
    assert_non_null(strstr(why.data, words));
    buf_free(&why);
}

static void made_once(void **state)
{
    refused("missing");
    struct keys *k = open_or_fail(true);
    struct stat sb;
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_mode & 0777, 0600);
    uint8_t before[32], after[32];
    keys_mac(k, KEYS_ID, "x", 1, before);
    keys_free(&k);
    k = open_or_fail(true);
    keys_mac(k, KEYS_ID, "x", 1, after);
    assert_memory_equal(before, after, 32);
    keys_mac(k, KEYS_DELETE, "x", 1, after);
    assert_memory_not_equal(before, after, 32);
    keys_free(&k);
}

static void sealing(void **state)
{
    struct keys *k = open_or_fail(true);
    uint8_t sealed[5 + SEAL_OVERHEAD], again[5 + SEAL_OVERHEAD], plain[5 + SEAL_OVERHEAD];
    keys_seal(k, KEYS_SLOT, "a", "hello", 5, sealed);
    keys_seal(k, KEYS_SLOT, "a", "hello", 5, again);
    assert_memory_not_equal(sealed, again, sizeof sealed);
    assert_int_equal(keys_unseal(k, KEYS_SLOT, "a", sealed, sizeof sealed, plain), 5);
    assert_memory_equal(plain, "hello", 5);
    assert_int_equal(keys_unseal(k, KEYS_SLOT, "b", sealed, sizeof sealed, plain), -1);
    assert_int_equal(keys_unseal(k, KEYS_PASSWORD, "a", sealed, sizeof sealed, plain), -1);
    for (size_t n = 0; n < sizeof sealed; n++) {
        assert_int_equal(keys_unseal(k, KEYS_SLOT, "a", sealed, n, plain), -1);
        for (int bit = 0; bit < 8; bit++) {
            sealed[n] ^= (uint8_t)(1 << bit);
            assert_int_equal(keys_unseal(k, KEYS_SLOT, "a", sealed, sizeof sealed, plain), -1);
            sealed[n] ^= (uint8_t)(1 << bit);
        }
    }
    keys_free(&k);
}

/* A second seal line: it seals from now on, and what the first one sealed still opens. */
static void rotation(void **state)
{
    char text[4096], more[5000];
    struct keys *k = open_or_fail(true);
    uint8_t old[3 + SEAL_OVERHEAD], fresh[3 + SEAL_OVERHEAD], plain[3];
    keys_seal(k, KEYS_SLOT, "", "abc", 3, old);
    keys_free(&k);
    read_file(text, sizeof text);
    snprintf(more, sizeof more, "%sseal 01020304 %064d\n", text, 7);
    write_file(more);
    k = open_or_fail(false);
    keys_seal(k, KEYS_SLOT, "", "abc", 3, fresh);
    assert_memory_equal(fresh, "\1\2\3\4", 4);
    assert_int_equal(keys_unseal(k, KEYS_SLOT, "", old, sizeof old, plain), 3);
    assert_int_equal(keys_unseal(k, KEYS_SLOT, "", fresh, sizeof fresh, plain), 3);
    keys_free(&k);
    write_file(text);
}

static void faulty_files(void **state)
{
    char text[4096];
    struct keys *k = open_or_fail(true);
    keys_free(&k);
    read_file(text, sizeof text);
    write_file("");
    refused("version");
    write_file("ferry-keys 2\n");
    refused("version");
    write_file("ferry-keys 1\nid-mac 00\n");
    refused(":2:");
    write_file("ferry-keys 1\n");
    refused("a key is missing");
    char *cut = xstrndup(text, strlen(text) - 3);
    write_file(cut);
    refused("not a key");
    free(cut);
    write_file(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_once),
        cmocka_unit_test(sealing),
        cmocka_unit_test(rotation),
        cmocka_unit_test(faulty_files),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
