/* siform_test.c: the words of a file offer and in-band blocks (rows 44 to 46, 66, 68, 69). */
#include "xmpp/siform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "xmpp/inband.h"
#include "xmpp/ns.h"

static struct stanza *offer(struct arena *a, const char *name, const char *size)
{
    struct stanza *si = stanza_new(a, NS_SI, "si");
    stanza_set(si, "id", "sid1");
    stanza_set(si, "profile", NS_SI_FT);
    struct stanza *file = stanza_child(si, NS_SI_FT, "file");
    stanza_set(file, "name", name);
    stanza_set(file, "size", size);
    struct stanza *x = stanza_child(stanza_child(si, NS_FEATURE_NEG, "feature"), NS_DATA, "x");
    struct stanza *field = stanza_child(x, NULL, "field");
    stanza_set(field, "var", "stream-method");
    stanza_child_text(stanza_child(field, NULL, "option"), NULL, "value", NS_IBB);
    stanza_child_text(stanza_child(field, NULL, "option"), NULL, "value", "urn:other");
    return si;
}

static enum refuse read_offer(const struct stanza *si, struct siform *out)
{
    const char *detail;
    return siform_read(si, out, &detail);
}

static void test_numbers(void **state)
{
    assert_int_equal(siform_number("0", 10), 0);
    assert_int_equal(siform_number("0010", 10), 10);
    assert_int_equal(siform_number("11", 10), -1);
    assert_true(siform_number("9223372036854775807", INT64_MAX) == INT64_MAX);
    static const char *const bad[] = {
        "", "-1", "+1", " 1", "1 ", "0x1", "1.0", "9223372036854775808", "18446744073709551617"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(siform_number(bad[i], INT64_MAX), -1);
    assert_int_equal(siform_number(NULL, 10), -1);
}

static void test_offer(void **state)
{
    struct arena *a = arena_get(NULL);
    struct siform f;
    struct stanza *si = offer(a, "../x.txt", "382");
    struct stanza *file = stanza_find(si, NS_SI_FT, "file");
    stanza_child(file, NULL, "range");
    stanza_set(file, "hash", "D41D8CD98F00B204E9800998ECF8427E");
    assert_int_equal(read_offer(si, &f), REFUSE_OK);
    assert_int_equal(f.size, 382);
    assert_string_equal(f.sid, "sid1");
    assert_null(strchr(f.clean, '/'));
    assert_true(f.ranged && f.has_md5);
    assert_int_equal(f.md5[0], 0xd4);
    assert_int_equal(f.methods, METHOD_IBB);
    stanza_set(file, "hash", "no md5 at all");
    assert_int_equal(read_offer(si, &f), REFUSE_OK);
    assert_false(f.has_md5);
    arena_put(a);
}

static void test_offer_refused(void **state)
{
    struct arena *a = arena_get(NULL);
    struct siform f;
    struct stanza *si = offer(a, "a", "1");
    stanza_set(si, "profile", NULL);
    assert_int_equal(read_offer(si, &f), REFUSE_BAD_PROFILE);
    si = offer(a, "a", "1");
    stanza_set(si, "id", NULL);
    assert_int_equal(read_offer(si, &f), REFUSE_BAD_REQUEST);
    si = offer(a, "a", "1");
    stanza_unlink(stanza_find(si, NS_FEATURE_NEG, "feature"));
    assert_int_equal(read_offer(si, &f), REFUSE_NO_VALID_STREAMS);
    si = offer(a, "a", "1");
    stanza_unlink(stanza_find(si, NS_SI_FT, "file"));
    assert_int_equal(read_offer(si, &f), REFUSE_BAD_REQUEST);
    assert_int_equal(read_offer(offer(a, "", "1"), &f), REFUSE_BAD_REQUEST);
    assert_int_equal(read_offer(offer(a, NULL, "1"), &f), REFUSE_BAD_REQUEST);
    assert_int_equal(read_offer(offer(a, "a", "-1"), &f), REFUSE_BAD_REQUEST);
    assert_int_equal(read_offer(offer(a, "a", NULL), &f), REFUSE_BAD_REQUEST);
    arena_put(a);
}

static void test_description_is_cut_on_an_edge(void **state)
{
    struct arena *a = arena_get(NULL);
    struct siform f;
    char desc[SIFORM_DESC_MAX + 100];
    struct stanza *si = offer(a, "a", "1");
    for (size_t i = 0; i + 2 < sizeof desc; i += 3)
        memcpy(desc + i, "\xe6\x96\x87", 3);
    desc[(sizeof desc - 1) / 3 * 3] = 0;
    stanza_child_text(stanza_find(si, NS_SI_FT, "file"), NULL, "desc", desc);
    assert_int_equal(read_offer(si, &f), REFUSE_OK);
    assert_true(strlen(f.desc) <= SIFORM_DESC_MAX && strlen(f.desc) % 3 == 0);
    assert_true(utf8_valid(f.desc, strlen(f.desc)));
    arena_put(a);
}

static void test_answer(void **state)
{
    struct arena *a = arena_get(NULL);
    struct buf out = {0};
    stanza_write(siform_answer(a, METHOD_S5B, 0), NS_CLIENT, &out);
    assert_non_null(strstr(out.data, "<value>" NS_BYTESTREAMS "</value>"));
    assert_null(strstr(out.data, " id="));
    assert_null(strstr(out.data, "profile="));
    buf_free(&out);
    arena_put(a);
}

static enum refuse open_stream(struct arena *a, struct inband *b, const char *block, const char *kind,
                               uint32_t max)
{
    struct stanza *el = stanza_new(a, NS_IBB, "open");
    stanza_set(el, "block-size", block);
    stanza_set(el, "stanza", kind);
    return inband_open(b, el, max);
}

static void test_open(void **state)
{
    struct arena *a = arena_get(NULL);
    struct inband b;
    assert_int_equal(open_stream(a, &b, "4096", NULL, 65535), REFUSE_OK);
    assert_false(b.message);
    assert_int_equal(open_stream(a, &b, "65535", "message", 65535), REFUSE_OK);
    assert_true(b.message);
    assert_int_equal(open_stream(a, &b, "4096", "iq", 1000), REFUSE_BLOCK_TOO_BIG);
    static const char *const bad[] = {NULL, "", "0", "-1", "65536", "x"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(open_stream(a, &b, bad[i], NULL, 65535), REFUSE_BAD_REQUEST);
    assert_int_equal(open_stream(a, &b, "1", "presence", 65535), REFUSE_BAD_REQUEST);
    arena_put(a);
}

static enum refuse block(struct arena *a, struct inband *b, const char *seq, const char *text, size_t *n)
{
    uint8_t out[128];
    struct stanza *el = stanza_new(a, NS_IBB, "data");
    stanza_set(el, "seq", seq);
    stanza_add_text(el, text, strlen(text));
    assert_true(inband_room(b) <= sizeof out);
    return inband_data(b, el, out, n);
}

static void test_data(void **state)
{
    struct arena *a = arena_get(NULL);
    struct inband b = {.block = 6};
    size_t n;
    assert_int_equal(block(a, &b, "0", "MTIzNDU2", &n), REFUSE_OK);
    assert_int_equal(n, 6);
    assert_int_equal(block(a, &b, "0", "MTIz", &n), REFUSE_UNEXPECTED);
    assert_int_equal(block(a, &b, "2", "MTIz", &n), REFUSE_UNEXPECTED);
    assert_int_equal(block(a, &b, "1", "MTIzNDU2Nw==", &n), REFUSE_BAD_REQUEST);
    assert_int_equal(block(a, &b, NULL, "MTIz", &n), REFUSE_BAD_REQUEST);
    assert_int_equal(block(a, &b, "1", "MTI", &n), REFUSE_BAD_REQUEST);
    assert_int_equal(block(a, &b, "1", "MT\nIz", &n), REFUSE_BAD_REQUEST);
    assert_int_equal(block(a, &b, "1", "MQ==MQ==", &n), REFUSE_BAD_REQUEST);
    assert_int_equal(block(a, &b, "1", "", &n), REFUSE_OK);
    assert_int_equal(n, 0);
    b.next = 65535;
    assert_int_equal(block(a, &b, "65535", "MQ==", &n), REFUSE_OK);
    assert_int_equal(block(a, &b, "0", "MQ==", &n), REFUSE_OK);
    assert_int_equal(b.next, 1);
    arena_put(a);
}

static struct stanza *error(struct arena *a, const char *condition, const char *code, const char *app)
{
    struct stanza *e = stanza_new(a, NS_CLIENT, "error");
    if (code)
        stanza_set(e, "code", code);
    if (condition)
        stanza_child(e, NS_STANZAS, condition);
    stanza_child(e, NS_STANZAS, "text");
    if (app)
        stanza_child(e, NS_SI, app);
    return e;
}

/* A condition decides; a code only where there is none. */
static void test_errors(void **state)
{
    static const struct {
        const char *condition, *code, *app;
        bool unknown, cannot, unreachable;
    } cases[] = {
        {"feature-not-implemented", NULL, NULL, true, true, false},
        {"service-unavailable", "403", NULL, true, true, false},
        {NULL, "501", NULL, true, true, false},
        {NULL, "503", NULL, true, true, false},
        {"not-acceptable", NULL, NULL, false, true, false},
        {NULL, "406", NULL, false, true, false},
        {"bad-request", NULL, "no-valid-streams", false, true, false},
        {"bad-request", "400", "bad-profile", false, true, false},
        {NULL, "400", "bad-profile", false, true, false},
        {NULL, "400", NULL, false, false, false},
        {"bad-request", "501", NULL, false, false, false},
        {"forbidden", "503", "no-valid-streams", false, false, false},
        {"item-not-found", NULL, NULL, false, false, true},
        {NULL, "404", NULL, false, false, true},
        {"not-acceptable", "404", NULL, false, true, false},
        {NULL, NULL, NULL, false, false, false},
    };
    struct arena *a = arena_get(NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct stanza *e = error(a, cases[i].condition, cases[i].code, cases[i].app);
        assert_int_equal(siform_unknown(e), cases[i].unknown);
        assert_int_equal(siform_cannot(e), cases[i].cannot);
        assert_int_equal(siform_unreachable(e), cases[i].unreachable);
    }
    arena_put(a);
}

/* What we offer is read as it was meant. */
static void test_our_offer(void **state)
{
    struct arena *a = arena_get(NULL);
    struct siform read, form = {.sid = "s1",
                                .type = "text/plain",
                                .name = "a & b.txt",
                                .desc = "words",
                                .size = 382,
                                .methods = METHOD_S5B | METHOD_IBB | METHOD_OOB};
    assert_int_equal(read_offer(siform_offer(a, &form), &read), REFUSE_OK);
    assert_string_equal(read.sid, form.sid);
    assert_string_equal(read.type, form.type);
    assert_string_equal(read.name, form.name);
    assert_string_equal(read.desc, form.desc);
    assert_int_equal(read.size, form.size);
    assert_int_equal(read.methods, form.methods);
    assert_false(read.ranged || read.has_md5);
    form.type = form.desc = "";
    form.methods = METHOD_IBB;
    assert_int_equal(read_offer(siform_offer(a, &form), &read), REFUSE_OK);
    assert_string_equal(read.type, "");
    assert_int_equal(read.methods, METHOD_IBB);
    arena_put(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),       cmocka_unit_test(test_offer),
        cmocka_unit_test(test_offer_refused), cmocka_unit_test(test_description_is_cut_on_an_edge),
        cmocka_unit_test(test_answer),        cmocka_unit_test(test_open),
        cmocka_unit_test(test_data),          cmocka_unit_test(test_errors),
        cmocka_unit_test(test_our_offer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
