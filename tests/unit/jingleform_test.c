/* jingleform_test.c: the words of a Jingle file offer: what is read, what is refused and as what. */
#include "xmpp/jingleform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "xmpp/ns.h"

struct parts {
    struct stanza *jingle, *content, *description, *file, *transport;
};

static struct parts offer(struct arena *a, const char *app, const char *size)
{
    struct parts p;
    p.jingle = stanza_new(a, NS_JINGLE, "jingle");
    stanza_set(p.jingle, "sid", "session");
    p.content = stanza_child(p.jingle, NULL, "content");
    stanza_set(p.content, "creator", "initiator");
    stanza_set(p.content, "name", "offer");
    p.description = stanza_child(p.content, app, "description");
    p.file = stanza_child(p.description, NULL, "file");
    stanza_child_text(p.file, NULL, "name", "dir/a.txt");
    if (size)
        stanza_child_text(p.file, NULL, "size", size);
    p.transport = stanza_child(p.content, NS_JINGLE_IBB, "transport");
    stanza_set(p.transport, "sid", "stream");
    return p;
}

static enum refuse read_offer(const struct parts *p, struct jingleform *out)
{
    const char *detail;
    return jingleform_read(p->jingle, out, &detail);
}

static void test_reads(void **state)
{
    static const char *const apps[] = {NS_JINGLE_FT4, NS_JINGLE_FT5};
    for (size_t i = 0; i < ARRAY_LEN(apps); i++) {
        struct arena *a = arena_get(NULL);
        struct jingleform form;
        struct parts p = offer(a, apps[i], "12");
        stanza_child_text(p.file, NULL, "date", "Thu Nov  5 12:00:00 2026");
        assert_true(jingleform_is_file(p.jingle));
        assert_int_equal(read_offer(&p, &form), REFUSE_OK);
        assert_string_equal(form.app, apps[i]);
        assert_string_equal(form.sid, "session");
        assert_string_equal(form.file.sid, "stream");
        assert_string_equal(form.name, "dir/a.txt");
        assert_string_equal(form.file.clean, "dir_a.txt");
        assert_int_equal(form.file.size, 12);
        assert_int_equal(form.file.methods, METHOD_IBB);
        assert_int_equal(form.block, JINGLEFORM_BLOCK);
        arena_put(a);
    }
}

static void test_refuses(void **state)
{
    static const char *const sizes[] = {"-1", "", "1 ", "0x10", "9223372036854775808"};
    struct jingleform form;
    struct arena *a = arena_get(NULL);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct parts p = offer(a, NS_JINGLE_FT5, sizes[i]);
        assert_int_equal(read_offer(&p, &form), REFUSE_BAD_REQUEST);
    }
    struct parts p = offer(a, NS_JINGLE_FT5, NULL);
    assert_int_equal(read_offer(&p, &form), REFUSE_OK);
    assert_true(form.file.unsized && form.file.size == 0);
    stanza_set(stanza_child(p.file, NULL, "range"), "offset", "1"); /* the end of what? */
    assert_int_equal(read_offer(&p, &form), REFUSE_ONE_FILE);
    p = offer(a, NS_JINGLE_FT "3", "1");
    assert_true(jingleform_is_file(p.jingle));
    assert_int_equal(read_offer(&p, &form), REFUSE_BAD_PROFILE);
    p = offer(a, "urn:xmpp:jingle:apps:rtp:1", "1");
    assert_false(jingleform_is_file(p.jingle));
    p = offer(a, NS_JINGLE_FT5, "1");
    stanza_set(p.content, "senders", "both");
    assert_int_equal(read_offer(&p, &form), REFUSE_NO_REQUESTS);
    p = offer(a, NS_JINGLE_FT5, "1");
    stanza_child(p.jingle, NULL, "content");
    assert_int_equal(read_offer(&p, &form), REFUSE_ONE_FILE);
    p = offer(a, NS_JINGLE_FT5, "1");
    stanza_child(p.content, "urn:xmpp:jingle:jet:0", "security");
    assert_int_equal(read_offer(&p, &form), REFUSE_FILE_ENCRYPTED);
    char *name = arena_alloc(a, SIFORM_NAME_MAX + 2);
    memset(name, 'n', SIFORM_NAME_MAX + 1);
    name[SIFORM_NAME_MAX + 1] = '\0';
    static const char *const attrs[] = {"name", "creator"};
    for (size_t i = 0; i < ARRAY_LEN(attrs); i++) {
        p = offer(a, NS_JINGLE_FT5, "1");
        stanza_set(p.content, attrs[i], name);
        assert_int_equal(read_offer(&p, &form), REFUSE_BAD_REQUEST);
        stanza_set(p.content, attrs[i], name + 1);
        assert_int_equal(read_offer(&p, &form), REFUSE_OK);
    }
    p = offer(a, NS_JINGLE_FT5, "1");
    p.transport->ns = "urn:xmpp:jingle:transports:ice-udp:1";
    assert_int_equal(read_offer(&p, &form), REFUSE_NO_VALID_STREAMS);
    p = offer(a, NS_JINGLE_FT5, "1");
    stanza_unlink(p.transport);
    assert_int_equal(read_offer(&p, &form), REFUSE_BAD_REQUEST);
    arena_put(a);
}

/* The SHA-256 and MD5 of the empty file. */
#define SHA256_EMPTY "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define MD5_EMPTY "1B2M2Y8AsgTpgAmY7PhCfg=="

static struct stanza *add_hash(struct stanza *file, const char *name, const char *algo, const char *value)
{
    struct stanza *el = stanza_child_text(file, NS_HASHES, name, value);
    stanza_set(el, "algo", algo);
    return el;
}

static void test_sums(void **state)
{
    struct arena *a = arena_get(NULL);
    struct stanza *file = stanza_new(a, NS_JINGLE_FT5, "file");
    struct jinglesum sum = {0};
    add_hash(file, "hash", "sha-512", SHA256_EMPTY); /* of another length */
    add_hash(file, "hash", "sha-256", "bm90IGEgaGFzaA==");
    add_hash(file, "hash", "sha-256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    add_hash(file, "hash", "sha-256", "");
    add_hash(file, "hash-used", "blake9", "");
    stanza_child(file, NS_HASHES, "hash");
    jingleform_sum(file, &sum);
    assert_int_equal(sum.sums.has, 0);
    assert_int_equal(sum.promised, 1u << SUM_SHA256);
    assert_true(jingleform_sum_awaited(&sum));
    add_hash(file, "hash", "sha-256", SHA256_EMPTY);
    add_hash(file, "hash", "sha-256", "AAAAQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="); /* the first stands */
    add_hash(file, "hash", "md5", MD5_EMPTY);
    jingleform_sum(file, &sum);
    assert_int_equal(sum.sums.has, 1u << SUM_SHA256 | 1u << SUM_MD5);
    assert_int_equal(sum.sums.value[SUM_SHA256][0], 0xE3);
    assert_int_equal(sum.sums.value[SUM_MD5][0], 0xD4);
    assert_false(jingleform_sum_awaited(&sum));
    arena_put(a);
}

static void test_ranges(void **state)
{
    static const struct {
        const char *offset, *length;
        enum refuse r;
        int64_t begins;
    } cases[] = {
        {NULL, NULL, REFUSE_OK, 0},
        {"0", NULL, REFUSE_OK, 0},
        {"0", "12", REFUSE_OK, 0},
        {"5", NULL, REFUSE_OK, 5},
        {"5", "7", REFUSE_OK, 5},
        {"12", NULL, REFUSE_ONE_FILE, 0},
        {"5", "6", REFUSE_ONE_FILE, 0},
        {NULL, "11", REFUSE_ONE_FILE, 0},
        {"-1", NULL, REFUSE_ONE_FILE, 0},
        {"x", NULL, REFUSE_ONE_FILE, 0},
        {"99999999999999999999", NULL, REFUSE_ONE_FILE, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *a = arena_get(NULL);
        struct jingleform form;
        struct parts p = offer(a, NS_JINGLE_FT5, "12");
        struct stanza *range = stanza_child(p.file, NULL, "range");
        if (cases[i].offset)
            stanza_set(range, "offset", cases[i].offset);
        if (cases[i].length)
            stanza_set(range, "length", cases[i].length);
        assert_int_equal(read_offer(&p, &form), cases[i].r);
        if (cases[i].r == REFUSE_OK)
            assert_int_equal(form.offset, cases[i].begins);
        assert_true(form.file.ranged);
        arena_put(a);
    }
}

/* Each reason is one of XEP-0166's. */
static void test_reasons(void **state)
{
    static const char known[] =
        " alternative-session busy cancel connectivity-error decline expired "
        "failed-application failed-transport general-error gone incompatible-parameters "
        "media-error security-error success timeout unsupported-applications "
        "unsupported-transports ";
    for (enum refuse r = REFUSE_OK; r < REFUSE_COUNT; r++) {
        char word[64];
        snprintf(word, sizeof word, " %s ", jingleform_reason(r));
        assert_non_null(strstr(known, word));
    }
    assert_string_equal(jingleform_reason(REFUSE_HASH_MISMATCH), "media-error");
    assert_string_equal(jingleform_reason(REFUSE_TOO_MANY_OFFERS), "busy");
    assert_string_equal(jingleform_reason(REFUSE_OFFER_NOT_TAKEN), "decline");
    assert_string_equal(jingleform_reason(REFUSE_BROKEN_OFF), "failed-transport");
}

static void test_says(void **state)
{
    static const struct jingleform_line line = {
        .from = "Bob@host/", .to = "alice@host/r", .initiator = "alice@host/r", .sid = "s<1"};
    struct arena *a = arena_get(NULL);
    struct buf out = {0};
    struct stanza *jingle = jingleform_say(a, &line, "transport-info");
    assert_ptr_equal(jingle->arena, a);
    (void)jingleform_content(jingle, "responder", "file");
    stanza_write(jingle->parent, NS_CLIENT, &out);
    assert_string_equal(out.data,
                        "<iq type='set' from='Bob@host/' to='alice@host/r'><jingle xmlns='" NS_JINGLE
                        "' action='transport-info' initiator='alice@host/r' sid='s&lt;1'>"
                        "<content creator='responder' name='file'/></jingle></iq>");
    buf_free(&out);
    arena_put(a);
}

static void test_names(void **state)
{
    struct arena *a = arena_get(NULL);
    struct stanza *jingle = stanza_new(a, NS_JINGLE, "jingle");
    assert_false(jingleform_names(jingle, "initiator", "file"));
    (void)stanza_child(jingle, NULL, "content");
    (void)jingleform_content(jingle, "responder", "file");
    (void)jingleform_content(jingle, "initiator", "other");
    assert_false(jingleform_names(jingle, "initiator", "file"));
    assert_true(jingleform_names(jingle, "responder", "file"));
    stanza_set(stanza_child(jingle, NULL, "content"), "name", "file");
    assert_true(jingleform_names(jingle, "initiator", "file"));
    arena_put(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),  cmocka_unit_test(test_refuses), cmocka_unit_test(test_sums),
        cmocka_unit_test(test_ranges), cmocka_unit_test(test_reasons), cmocka_unit_test(test_says),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
