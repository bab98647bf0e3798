/* announce_test.c: the words of the outbox. */
#include "xmpp/announce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "xmpp/ns.h"

#define ID "abcdefghijklmnopqrstuvwxyz0123456789AB"

static struct outbox_item item_of(enum outbox_kind kind)
{
    struct outbox_item item = {
        .seq = 7,
        .kind = kind,
        .jid = "bob@localhost",
        .peer = "alice@localhost",
        .peer_raw = "",
        .name = "a <b> & c.txt",
        .desc = "",
        .type = "",
        .size = 382,
        .why = REFUSE_QUOTA_FULL,
    };
    memcpy(item.id.text, ID, sizeof ID);
    return item;
}

static char *written(struct arena *a, const struct stanza *st)
{
    struct buf out = {0};
    stanza_write(st, NS_CLIENT, &out);
    char *copy = arena_strdup(a, out.data);
    buf_free(&out);
    return copy;
}

static void test_file(void **state)
{
    struct arena *a = arena_get(NULL);
    struct outbox_item item = item_of(OUTBOX_FILE);
    struct stanza *m = announce_file(a, &item, "http://h/f/x/a", "upload.localhost", NULL);
    assert_string_equal(stanza_get(m, "id"), "ferry-" ID);
    assert_string_equal(stanza_get(m, "from"), "alice@localhost");
    assert_string_equal(stanza_text(stanza_find(m, NULL, "body")), "http://h/f/x/a");
    assert_string_equal(stanza_text(stanza_find(stanza_find(m, NS_OOB_X, "x"), NULL, "url")),
                        "http://h/f/x/a");
    char *xml = written(a, m);
    assert_null(strstr(xml, "<delay"));
    assert_null(strstr(xml, "sha-256"));
    assert_non_null(strstr(xml, "a &lt;b&gt; &amp; c.txt"));
    assert_non_null(strstr(xml, "<media-type>application/octet-stream</media-type>"));
    item.has_sha256 = true;
    item.peer = "";
    m = announce_file(a, &item, "http://h/f/x/a", "upload.localhost", "2026-11-22T08:00:00Z");
    assert_string_equal(stanza_get(m, "from"), "upload.localhost");
    xml = written(a, m);
    assert_non_null(strstr(xml, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    assert_non_null(strstr(xml, "stamp='2026-11-22T08:00:00Z'"));
    arena_put(a);
}

static void test_notices(void **state)
{
    static const enum outbox_kind kinds[] = {OUTBOX_STORED, OUTBOX_NOT_STORED, OUTBOX_FETCHED, OUTBOX_UNREAD,
                                             OUTBOX_REMIND};
    struct arena *a = arena_get(NULL);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct outbox_item item = item_of(kinds[i]);
        struct stanza *en = announce_notice(a, &(const struct outbox_item *){&item}, 1, "http://h/f/x/a",
                                            "upload.localhost", "en", NULL);
        struct stanza *zh = announce_notice(a, &(const struct outbox_item *){&item}, 1, "http://h/f/x/a",
                                            "upload.localhost", "zh-Hans", NULL);
        const struct stanza *t = stanza_find(en, NS_FERRY, "transfer");
        assert_string_equal(stanza_get(t, "state"), outbox_kind_name(kinds[i]));
        assert_string_equal(stanza_get(t, "id"), ID);
        const char *words = stanza_text(stanza_find(en, NULL, "body"));
        assert_non_null(strstr(words, "alice@localhost"));
        assert_non_null(strstr(words, "a <b> & c.txt"));
        assert_string_not_equal(words, stanza_text(stanza_find(zh, NULL, "body")));
        if (kinds[i] == OUTBOX_NOT_STORED) {
            assert_non_null(strstr(words, refuse_text(REFUSE_QUOTA_FULL, "en")));
            assert_string_equal(stanza_get(t, "why"), "quota-full");
        }
    }
    arena_put(a);
}

static void test_many_stored(void **state)
{
    struct arena *a = arena_get(NULL);
    struct outbox_item rows[12];
    const struct outbox_item *items[12];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        rows[i] = item_of(OUTBOX_STORED);
        rows[i].name = arena_printf(a, "%zu.txt", i);
        rows[i].id.text[0] = (char)('A' + i);
        items[i] = &rows[i];
    }
    for (int zh = 0; zh < 2; zh++) {
        struct stanza *m =
            announce_notice(a, items, ARRAY_LEN(rows), NULL, "upload.localhost", zh ? "zh" : "en", NULL);
        const char *words = stanza_text(stanza_find(m, NULL, "body"));
        assert_non_null(strstr(words, "12 "));
        assert_non_null(strstr(words, "alice@localhost"));
        assert_non_null(strstr(words, "9.txt"));
        assert_null(strstr(words, "10.txt")); /* a sentence has an end; the elements are all there */
        size_t n = 0;
        for (const struct stanza *t = stanza_find(m, NS_FERRY, "transfer"); t;
             t = stanza_next(t, NS_FERRY, "transfer"))
            assert_string_equal(stanza_get(t, "id"), rows[n++].id.text);
        assert_int_equal(n, ARRAY_LEN(rows));
    }
    rows[3].peer = "carol@localhost";
    struct stanza *m = announce_notice(a, items, ARRAY_LEN(rows), NULL, "upload.localhost", "en", NULL);
    assert_null(strstr(stanza_text(stanza_find(m, NULL, "body")), "@localhost"));
    arena_put(a);
}

static void test_many_of_each_kind(void **state)
{
    static const enum outbox_kind kinds[] = {OUTBOX_STORED, OUTBOX_FETCHED, OUTBOX_UNREAD};
    struct arena *a = arena_get(NULL);
    const char *before = "";
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        for (int zh = 0; zh < 2; zh++) {
            struct outbox_item one = item_of(kinds[i]);
            const struct outbox_item *both[] = {&one, &one};
            struct stanza *m = announce_notice(a, both, 2, NULL, "upload.localhost", zh ? "zh" : "en", NULL);
            const char *words = stanza_text(stanza_find(m, NULL, "body"));
            assert_non_null(strstr(words, "2 "));
            assert_non_null(strstr(words, "alice@localhost"));
            assert_string_not_equal(words, before);
            assert_string_equal(stanza_get(stanza_find(m, NS_FERRY, "transfer"), "state"),
                                outbox_kind_name(kinds[i]));
            before = words;
        }
    arena_put(a);
}

static void test_ids_differ(void **state)
{
    struct arena *a = arena_get(NULL);
    struct outbox_item file = item_of(OUTBOX_FILE), stored = item_of(OUTBOX_STORED),
                       none = item_of(OUTBOX_NOT_STORED);
    none.id.text[0] = 0;
    assert_string_not_equal(announce_id(a, &file, 1), announce_id(a, &stored, 1));
    assert_string_equal(announce_id(a, &none, 1), "ferry-7-failed");
    struct stanza *m =
        announce_notice(a, &(const struct outbox_item *){&none}, 1, NULL, "upload.localhost", "en", NULL);
    assert_null(stanza_get(stanza_find(m, NS_FERRY, "transfer"), "id"));
    arena_put(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),        cmocka_unit_test(test_notices),
        cmocka_unit_test(test_many_stored), cmocka_unit_test(test_many_of_each_kind),
        cmocka_unit_test(test_ids_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
