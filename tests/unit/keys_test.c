/* keys_test.c: the key file is made once, whole, 0600; sealing binds, and opens nothing but what was sealed;
 * a rotation adds to the file and changes nothing else, and those who seal meanwhile notice nothing.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
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

/* Links live as long as the key file does: any release has to come to the same. */
static void macs_are_hmac_sha256(void **state)
{
    struct keys *k = open_or_fail(true);
    char text[4096], in[200] = "ferry";
    uint8_t key[32], mac[32], want[EVP_MAX_MD_SIZE];
    read_file(text, sizeof text);
    const char *line = strstr(text, "id-mac ");
    assert_non_null(line);
    assert_int_equal(hex_decode(line + strlen("id-mac "), 64, key), 32);
    for (size_t n = 0; n <= sizeof in; n += 20) {
        assert_non_null(HMAC(EVP_sha256(), key, sizeof key, (const uint8_t *)in, n, want, NULL));
        keys_mac(k, KEYS_ID, in, n, mac);
        assert_memory_equal(mac, want, sizeof mac);
    }
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

/* A second seal line, written by hand: it seals from now on, and what the first one sealed still opens. */
static void second_line(void **state)
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

/* --- rotation ------------------------------------------------------------------------------------------- */

#define NOW 1700000000

static enum refuse rotated(struct keys *k, int64_t now, int64_t before, struct keys_rotated *out)
{
    struct buf why = {0};
    enum refuse r = keys_rotate(k, now, before, out, &why);
    assert_int_equal(r == REFUSE_OK, why.len == 0);
    buf_free(&why);
    return r;
}

static void rotation(void **state)
{
    char text[4096], more[5000];
    struct keys_rotated out;
    struct key_info info[KEYS_SEAL_MAX + 1];
    uint8_t old[3 + SEAL_OVERHEAD], fresh[3 + SEAL_OVERHEAD], plain[3], password[3 + SEAL_OVERHEAD];
    struct keys *k = open_or_fail(true);
    keys_free(&k);
    read_file(text, sizeof text);
    snprintf(more, sizeof more, "%s# a remark", text); /* no line end */
    write_file(more);
    k = open_or_fail(false);
    keys_seal(k, KEYS_SLOT, "", "abc", 3, old);
    keys_seal(k, KEYS_PASSWORD, "", "abc", 3, password);
    assert_int_equal(rotated(k, NOW, 0, &out), REFUSE_OK);
    assert_int_equal(out.kept, 1);
    assert_int_equal(out.dropped, 0);
    for (int again = 0; again < 2; again++) { /* at once, and after a start */
        keys_seal(k, KEYS_SLOT, "", "abc", 3, fresh);
        assert_memory_not_equal(fresh, old, 4);
        assert_int_equal(keys_unseal(k, KEYS_SLOT, "", old, sizeof old, plain), 3);
        assert_int_equal(keys_unseal(k, KEYS_SLOT, "", fresh, sizeof fresh, plain), 3);
        assert_int_equal(keys_unseal(k, KEYS_PASSWORD, "", password, sizeof password, plain), 3);
        assert_int_equal(keys_list(k, info), 3);
        assert_int_equal(info[0].superseded, NOW);
        assert_false(info[0].seals);
        assert_string_equal(info[1].id, out.fresh.id);
        assert_int_equal(info[1].made, NOW);
        assert_true(info[1].seals);
        assert_int_equal(info[2].use, KEYS_PASSWORD);
        keys_free(&k);
        k = open_or_fail(false);
    }
    read_file(more, sizeof more);
    assert_memory_equal(more, text, strlen(text)); /* and behind it: */
    assert_memory_equal(more + strlen(text), "# a remark\nseal ", 16);
    struct stat sb;
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_mode & 0777, 0600);
    keys_free(&k);
    write_file(text);
}

static void past_keys_go(void **state)
{
    char text[4096];
    struct keys_rotated out;
    struct key_info info[KEYS_SEAL_MAX + 1];
    uint8_t old[3 + SEAL_OVERHEAD], newer[3 + SEAL_OVERHEAD], plain[3];
    struct keys *k = open_or_fail(true);
    read_file(text, sizeof text);
    keys_seal(k, KEYS_SLOT, "", "abc", 3, old);
    assert_int_equal(rotated(k, NOW, NOW, &out), REFUSE_OK);
    keys_seal(k, KEYS_SLOT, "", "abc", 3, newer);
    assert_int_equal(rotated(k, NOW + 10, NOW, &out), REFUSE_OK); /* the first was superseded at NOW */
    assert_int_equal(out.dropped, 0);
    assert_int_equal(keys_unseal(k, KEYS_SLOT, "", old, sizeof old, plain), 3);
    assert_int_equal(rotated(k, NOW + 20, NOW + 1, &out), REFUSE_OK);
    assert_int_equal(out.dropped, 1);
    assert_int_equal(out.kept, 2);
    keys_free(&k);
    k = open_or_fail(false);
    assert_int_equal(keys_unseal(k, KEYS_SLOT, "", old, sizeof old, plain), -1);
    assert_int_equal(keys_unseal(k, KEYS_SLOT, "", newer, sizeof newer, plain), 3);
    while (rotated(k, NOW + 30, 0, &out) == REFUSE_OK)
        assert_true(out.kept < KEYS_SEAL_MAX);
    assert_int_equal(keys_list(k, info), KEYS_SEAL_MAX + 1);
    assert_int_equal(keys_unseal(k, KEYS_SLOT, "", newer, sizeof newer, plain), 3);
    keys_free(&k);
    write_file(text);
}

/* What is in force is never replaced by something else, whatever has happened to the file. */
static void only_the_file_in_use(void **state)
{
    char text[4096], more[5000];
    struct keys_rotated out;
    struct keys *k = open_or_fail(true);
    uint8_t sealed[3 + SEAL_OVERHEAD], plain[3];
    read_file(text, sizeof text);
    snprintf(more, sizeof more, "%sseal 01020304 %064d\n", text, 7); /* cut short before it was in force */
    write_file(more);
    assert_int_equal(rotated(k, NOW, 0, &out), REFUSE_OK);
    assert_int_equal(out.kept, 2);
    keys_seal(k, KEYS_SLOT, "", "abc", 3, sealed);
    write_file(text);
    assert_int_equal(rotated(k, NOW, 0, &out), REFUSE_CONFLICT); /* a key that is in use is not in it */
    write_file("ferry-keys 1\n");
    assert_int_equal(rotated(k, NOW, 0, &out), REFUSE_CONFLICT);
    char *mac = strstr(more, "id-mac ");
    mac[8] = mac[8] == '0' ? '1' : '0';
    write_file(more);
    assert_int_equal(rotated(k, NOW, 0, &out), REFUSE_CONFLICT);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rotated(k, NOW, 0, &out), REFUSE_CONFLICT);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(keys_unseal(k, KEYS_SLOT, "", sealed, sizeof sealed, plain), 3);
    keys_free(&k);
    write_file(text);
}

/* A key file may be a link into another folder: what it points to is replaced. */
static void through_a_link(void **state)
{
    struct keys_rotated out;
    struct stat sb;
    char real[80];
    struct keys *k = open_or_fail(true);
    keys_free(&k);
    snprintf(real, sizeof real, "%s.real", path);
    assert_int_equal(rename(path, real), 0);
    assert_int_equal(symlink("key.real", path), 0);
    k = open_or_fail(false);
    assert_int_equal(rotated(k, NOW, 0, &out), REFUSE_OK);
    keys_free(&k);
    assert_int_equal(lstat(path, &sb), 0);
    assert_true(S_ISLNK(sb.st_mode));
    k = open_or_fail(false);
    struct key_info info[KEYS_SEAL_MAX + 1];
    assert_int_equal(keys_list(k, info), 3);
    keys_free(&k);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rename(real, path), 0);
}

static atomic_bool stop_sealing;

static void *seal_on(void *arg)
{
    struct keys *k = arg;
    uint8_t sealed[5 + SEAL_OVERHEAD], plain[5];
    while (!atomic_load(&stop_sealing)) {
        keys_seal(k, KEYS_SLOT, "x", "hello", 5, sealed);
        if (keys_unseal(k, KEYS_SLOT, "x", sealed, sizeof sealed, plain) != 5)
            return arg;
    }
    return NULL;
}

static void while_others_seal(void **state)
{
    char text[4096];
    struct keys_rotated out;
    pthread_t threads[3];
    struct keys *k = open_or_fail(true);
    read_file(text, sizeof text);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, seal_on, k), 0);
    for (int i = 0; i < 30; i++)
        assert_int_equal(rotated(k, NOW + i, NOW, &out), REFUSE_OK);
    atomic_store(&stop_sealing, true);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
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
        cmocka_unit_test(macs_are_hmac_sha256),
        cmocka_unit_test(sealing),
        cmocka_unit_test(second_line),
        cmocka_unit_test(rotation),
        cmocka_unit_test(past_keys_go),
        cmocka_unit_test(only_the_file_in_use),
        cmocka_unit_test(through_a_link),
        cmocka_unit_test(while_others_seal),
        cmocka_unit_test(faulty_files),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
