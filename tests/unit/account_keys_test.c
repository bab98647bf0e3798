/* account_keys_test.c: keys of a password (RFC 5802, 7677), fakes, and what is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/codec.h"
#include "storage/account_keys.h"
#include "storage/account_memory.h"
#include "storage/keys.h"

/* The exchange of RFC 7677 section 3: user "user", password "pencil". */
static void rfc_example(void **state)
{
    struct account a = {0};
    assert_int_equal(base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==", 24, a.sha256.salt), 16);
    a.sha256.rounds = 4096;
    /* StoredKey computed by Python's hashlib from the same salt. */
    assert_int_equal(
        hex_decode("586e5df283e6dceb5c3e791d8b8528ec191e664045ce971792e2e6b5bb13e2a6", 64, a.sha256.stored),
        32);
    assert_true(account_matches(&a, "pencil"));
    assert_false(account_matches(&a, "Pencil"));
}

static void derive(void **state)
{
    struct account a = {0}, b = {0};
    account_derive(&a, "secret");
    account_derive(&b, "secret");
    assert_int_equal(a.sha1.rounds, 4096);
    assert_int_equal(a.sha256.rounds, 4096);
    assert_memory_not_equal(a.sha256.salt, b.sha256.salt, 16);
    assert_memory_not_equal(a.sha1.salt, a.sha256.salt, 16);
    assert_true(account_matches(&a, "secret"));
    assert_false(account_matches(&a, "secret "));
    assert_false(account_matches(&a, ""));
}

/* Row 43: normalised, or refused; never cut. */
static void prepare(void **state)
{
    char *p = account_prepare("pass\xc2\xad"
                              "word"); /* a soft hyphen maps to nothing */
    assert_string_equal(p, "password");
    account_wipe(p);
    p = account_prepare("e\xcc\x81"); /* e and a combining accent become one character */
    assert_string_equal(p, "\xc3\xa9");
    account_wipe(p);
    assert_null(account_prepare(""));
    assert_null(account_prepare("a\x07"
                                "b"));
    assert_null(account_prepare("\xff"));
    char *full = xmalloc(65537);
    memset(full, 'x', 65536);
    full[65536] = '\0';
    assert_null(account_prepare(full));
    full[256] = '\0';
    assert_null(account_prepare(full));
    full[255] = '\0';
    p = account_prepare(full);
    assert_non_null(p);
    account_wipe(p);
    free(full);
}

/* Row 37: a name without an account has keys of the same shape, always the same ones. */
static void fakes(void **state)
{
    char folder[] = "/tmp/ferry-fake-XXXXXX", path[64];
    struct buf why = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key", folder);
    struct account a, b, c;
    struct keys *k = keys_open(path, true, &why);
    account_fake(k, "nobody@localhost", &a);
    keys_free(&k);
    k = keys_open(path, true, &why);
    account_fake(k, "nobody@localhost", &b);
    account_fake(k, "nobody2@localhost", &c);
    assert_memory_equal(&a.sha256, &b.sha256, sizeof a.sha256);
    assert_memory_equal(&a.sha1, &b.sha1, sizeof a.sha1);
    assert_memory_not_equal(a.sha256.salt, c.sha256.salt, 16);
    assert_memory_not_equal(a.sha1.salt, a.sha256.salt, 16);
    assert_int_equal(a.sha1.rounds, 4096);
    assert_false(account_matches(&a, "x"));
    keys_free(&k);
    unlink(path);
    rmdir(folder);
}

static void remembered(void **state)
{
    struct accounts *m = accounts_new();
    struct account a = {.jid = "alice@localhost"}, b = {.jid = "bob@localhost"};
    account_derive(&a, "secret");
    b.sha256 = a.sha256;
    assert_false(accounts_remembered(m, &a, "secret"));
    accounts_remember(m, &a, "secret");
    assert_true(accounts_remembered(m, &a, "secret"));
    assert_false(accounts_remembered(m, &a, "Secret"));
    assert_false(accounts_remembered(m, &b, "secret"));
    account_derive(&a, "secret"); /* the password was set anew: other salts, other keys */
    assert_false(accounts_remembered(m, &a, "secret"));
    char *huge = xmalloc(65537);
    memset(huge, 'x', 65536);
    huge[65536] = '\0';
    accounts_remember(m, &a, huge);
    assert_false(accounts_remembered(m, &a, huge));
    free(huge);
    /* Far more than fit: the newest are there, and the memory stays what it was. */
    for (int i = 0; i < 50000; i++) {
        snprintf(b.jid, sizeof b.jid, "user%d@localhost", i);
        accounts_remember(m, &b, "secret");
    }
    assert_true(accounts_remembered(m, &b, "secret"));
    accounts_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_example), cmocka_unit_test(derive),     cmocka_unit_test(prepare),
        cmocka_unit_test(fakes),       cmocka_unit_test(remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
