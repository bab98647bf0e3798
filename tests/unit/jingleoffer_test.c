/* jingleoffer_test.c: the words of Ferry's own Jingle offers, and what is made of the answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "xmpp/jingleoffer.h"
#include "xmpp/ns.h"

static struct stanza *jingle_with(struct arena *a, const char *ns, const char *offset, const char *length)
{
    struct stanza *jingle = stanza_new(a, NS_JINGLE, "jingle");
    struct stanza *content = stanza_child(jingle, NULL, "content");
    struct stanza *file = stanza_child(stanza_child(content, ns, "description"), NULL, "file");
    struct stanza *range = stanza_child(file, NULL, "range");
    stanza_set(range, "offset", offset);
    stanza_set(range, "length", length);
    return jingle;
}

static void test_part(void **state)
{
    static const struct {
        const char *offset, *length;
        int64_t from, size; /* from -1: there is no such part */
    } cases[] = {
        {NULL, NULL, 0, 1000},
        {"0", NULL, 0, 1000},
        {"10", NULL, 10, 990},
        {"1000", NULL, 1000, 0},
        {"1001", NULL, -1, 0},
        {"10", "20", 10, 20},
        {"10", "9999", 10, 990},
        {NULL, "7", 0, 7},
        {NULL, "0", 0, 0},
        {"-1", NULL, -1, 0},
        {"x", NULL, -1, 0},
        {"", NULL, -1, 0},
        {NULL, "-1", -1, 0},
        {NULL, "1e3", -1, 0},
        {"99999999999999999999", NULL, -1, 0},
        {"9223372036854775807", "9223372036854775807", -1, 0},
    };
    struct arena *a = arena_get(NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t offset = 0, size = 1000;
        bool good =
            jingleoffer_part(jingle_with(a, NS_JINGLE_FT5, cases[i].offset, cases[i].length), &offset, &size);
        assert_int_equal(good, cases[i].from >= 0);
        if (good) {
            assert_int_equal(offset, cases[i].from);
            assert_int_equal(size, cases[i].size);
        }
    }
    int64_t offset = 5, size = 1000;
    assert_true(jingleoffer_part(stanza_new(a, NS_JINGLE, "jingle"), &offset, &size)); /* says nothing: all */
    assert_int_equal(offset, 0);
    assert_int_equal(size, 1000);
    arena_put(a);
}

static void test_why(void **state)
{
    static const struct {
        const char *name;
        enum jingleoffer_why why;
    } cases[] = {
        {"success", JINGLEOFFER_SUCCESS},
        {"decline", JINGLEOFFER_NO},
        {"busy", JINGLEOFFER_NO},
        {"cancel", JINGLEOFFER_NO},
        {"gone", JINGLEOFFER_NO},
        {"alternative-session", JINGLEOFFER_NO},
        {"timeout", JINGLEOFFER_LATE},
        {"unsupported-applications", JINGLEOFFER_CANNOT},
        {"media-error", JINGLEOFFER_CANNOT},
    };
    struct arena *a = arena_get(NULL);
    assert_int_equal(jingleoffer_why(NULL), JINGLEOFFER_NO);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct stanza *reason = stanza_new(a, NS_JINGLE, "reason");
        stanza_child_text(reason, NULL, "text", "success");
        stanza_child(reason, NULL, cases[i].name);
        assert_int_equal(jingleoffer_why(reason), cases[i].why);
    }
    static const char *const errors[] = {"service-unavailable", "feature-not-implemented", "bad-request",
                                         "not-acceptable"};
    for (size_t i = 0; i <= ARRAY_LEN(errors); i++) {
        struct stanza *error = stanza_new(a, NS_CLIENT, "error");
        stanza_child(error, NS_STANZAS, i < ARRAY_LEN(errors) ? errors[i] : "forbidden");
        assert_int_equal(jingleoffer_error(error),
                         i < ARRAY_LEN(errors) ? JINGLEOFFER_CANNOT : JINGLEOFFER_NO);
    }
    arena_put(a);
}

/* What Ferry offers, Ferry's own strict reading of offers takes, in both versions and transports. */
static void test_read_back(void **state)
{
    static const char *const versions[] = {NS_JINGLE_FT5, NS_JINGLE_FT4};
    uint8_t sum[SHA256_BYTES];
    memset(sum, 7, sizeof sum);
    for (size_t i = 0; i < 4; i++) {
        struct arena *a = arena_get(NULL);
        const struct jingleoffer offer = {.app = versions[i % 2],
                                          .name = "a <b> & c.txt",
                                          .type = i < 2 ? "text/plain" : "",
                                          .desc = i < 2 ? "words" : "",
                                          .size = 5000000000,
                                          .date = 1700000000,
                                          .sha256 = sum};
        struct stanza *jingle = stanza_new(a, NS_JINGLE, "jingle");
        struct stanza *content = stanza_child(jingle, NULL, "content");
        stanza_set(jingle, "sid", "s1");
        stanza_set(content, "creator", "initiator");
        stanza_set(content, "name", "file");
        jingleoffer_describe(content, &offer);
        if (i < 2)
            (void)jingleoffer_ibb(content, "s1", 512);
        else
            (void)jingleoffer_s5b(content, "s1", "00", "proxy.localhost", "127.0.0.1", 7777);
        struct jingleform form;
        const char *detail;
        assert_int_equal(jingleform_read(jingle, &form, &detail), REFUSE_OK);
        assert_string_equal(form.app, offer.app);
        assert_string_equal(form.name, offer.name);
        assert_string_equal(form.file.type, offer.type);
        assert_string_equal(form.file.desc, offer.desc);
        assert_int_equal(form.file.size, offer.size);
        assert_int_equal(form.sum.sums.has, 1u << SUM_SHA256);
        assert_memory_equal(form.sum.sums.value[SUM_SHA256], sum, sizeof sum);
        assert_int_equal(form.file.methods, i < 2 ? METHOD_IBB : METHOD_S5B);
        assert_string_equal(form.file.sid, "s1");
        arena_put(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_part),
        cmocka_unit_test(test_why),
        cmocka_unit_test(test_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
