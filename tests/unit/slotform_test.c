/* slotform_test.c: asking for an upload slot in three dialects, with a purpose or none (row 49, C28, C33,
 * C34).
 */
#include "xmpp/slotform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "xmpp/ns.h"

#define NOW 1700000000 /* 2023-11-14T22:13:20Z */

static struct stanza *ask(struct arena *a, const char *name, const char *size)
{
    struct stanza *request = stanza_new(a, NS_UPLOAD, "request");
    stanza_set(request, "filename", name);
    stanza_set(request, "size", size);
    return request;
}

static enum refuse read_it(const struct stanza *request, struct slotform *f, const char *wanted_detail)
{
    const char *detail = NULL;
    enum refuse r = slotform_read(request, NOW, f, &detail);
    if (wanted_detail)
        assert_string_equal(detail, wanted_detail);
    return r;
}

static void attributes(void **state)
{
    struct arena *a = arena_get(NULL);
    struct slotform f;
    struct stanza *request = ask(a, "tr\u00e8s cool.jpg", "23456");
    assert_int_equal(read_it(request, &f, NULL), REFUSE_OK);
    assert_string_equal(f.name, "tr\u00e8s cool.jpg");
    assert_string_equal(f.type, "");
    assert_int_equal(f.size, 23456);
    assert_int_equal(f.purpose, PURPOSE_MESSAGE);
    assert_int_equal(f.expires, 0);
    assert_int_equal(f.dialect, DIALECT_ATTRIBUTES);
    stanza_set(request, "content-type", "");
    assert_int_equal(read_it(request, &f, NULL), REFUSE_OK);
    assert_string_equal(f.type, "");
    stanza_set(request, "content-type", "image/jpeg");
    assert_int_equal(read_it(request, &f, NULL), REFUSE_OK);
    assert_string_equal(f.type, "image/jpeg");
    arena_put(a);
}

/* The words of one dialect mean nothing in another. */
static void children(void **state)
{
    static const char *const ns[] = {NS_UPLOAD_CHILDREN, NS_UPLOAD_SIACS};
    for (size_t i = 0; i < ARRAY_LEN(ns); i++) {
        struct arena *a = arena_get(NULL);
        struct slotform f;
        struct stanza *request = stanza_new(a, ns[i], "request");
        stanza_set(request, "filename", "wrong.txt");
        stanza_set(request, "size", "1");
        assert_int_equal(read_it(request, &f, "filename"), REFUSE_BAD_REQUEST);
        stanza_child_text(request, NULL, "filename", "\n    my juliet.png\n  ");
        stanza_child_text(request, NULL, "size", " 23456\n");
        stanza_child_text(request, NULL, "content-type", "\nimage/png ");
        assert_int_equal(read_it(request, &f, NULL), REFUSE_OK);
        assert_string_equal(f.name, "my juliet.png");
        assert_string_equal(f.type, "image/png");
        assert_int_equal(f.size, 23456);
        assert_int_equal(f.dialect, i == 0 ? DIALECT_CHILDREN : DIALECT_SIACS);
        arena_put(a);
    }
}

static void bad_words(void **state)
{
    struct arena *a = arena_get(NULL);
    struct slotform f;
    static const char *const names[] = {NULL, "", "a/b", "a\\b", "/etc/passwd", "..", "\x01\xff"};
    static const char *const sizes[] = {NULL, "", "0", "-1", "+1", "1.0", "0x1", " 5", "five"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(read_it(ask(a, names[i], "5"), &f, "filename"), REFUSE_BAD_REQUEST);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        assert_int_equal(read_it(ask(a, "a.txt", sizes[i]), &f, "size"), REFUSE_BAD_REQUEST);
    assert_int_equal(read_it(ask(a, "a.txt", "9223372036854775808"), &f, NULL), REFUSE_FILE_TOO_LARGE);
    assert_int_equal(read_it(ask(a, "a.txt", "9223372036854775807"), &f, NULL), REFUSE_OK);
    assert_true(f.size == INT64_MAX);
    arena_put(a);
}

static enum refuse with_purpose(const char *name, const char *expire_before, struct slotform *f)
{
    struct arena *a = arena_get(NULL);
    struct stanza *request = ask(a, "a.txt", "5");
    struct stanza *el = stanza_child(request, NS_UPLOAD_PURPOSE, name);
    if (expire_before)
        stanza_set(el, "expire-before", expire_before);
    enum refuse r = read_it(request, f, NULL);
    arena_put(a);
    return r;
}

static void purposes(void **state)
{
    struct slotform f;
    assert_int_equal(with_purpose("message", NULL, &f), REFUSE_OK);
    assert_int_equal(f.purpose, PURPOSE_MESSAGE);
    assert_int_equal(with_purpose("profile", NULL, &f), REFUSE_OK);
    assert_int_equal(f.purpose, PURPOSE_PROFILE);
    assert_int_equal(with_purpose("permanent", NULL, &f), REFUSE_OK);
    assert_int_equal(f.purpose, PURPOSE_PERMANENT);
    assert_int_equal(with_purpose("heirloom", NULL, &f), REFUSE_OK);
    assert_int_equal(f.purpose, PURPOSE_MESSAGE);
    assert_int_equal(with_purpose("ephemeral", "2023-11-14T22:14:20Z", &f), REFUSE_OK);
    assert_int_equal(f.purpose, PURPOSE_EPHEMERAL);
    assert_int_equal(f.expires, NOW + 60);
    assert_int_equal(with_purpose("ephemeral", "2023-11-14T22:13:21.9Z", &f), REFUSE_OK);
    assert_int_equal(f.expires, NOW + 1);
    static const char *const bad[] = {NULL,
                                      "",
                                      "tomorrow",
                                      "2023-11-14T22:13:20Z",
                                      "2023-11-14T22:13:20.5Z",
                                      "2023-11-14",
                                      "1999-01-01T00:00:00Z"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(with_purpose("ephemeral", bad[i], &f), REFUSE_BAD_REQUEST);
}

/* In every dialect; beside other children; not twice. */
static void purpose_among_others(void **state)
{
    struct arena *a = arena_get(NULL);
    struct slotform f;
    struct stanza *request = stanza_new(a, NS_UPLOAD_CHILDREN, "request");
    stanza_child_text(request, NULL, "filename", "me.png");
    stanza_child(request, "urn:example:other", "permanent");
    stanza_child(request, NS_UPLOAD_PURPOSE, "profile");
    stanza_child_text(request, NULL, "size", "5");
    assert_int_equal(read_it(request, &f, NULL), REFUSE_OK);
    assert_int_equal(f.purpose, PURPOSE_PROFILE);
    stanza_child(request, NS_UPLOAD_PURPOSE, "permanent");
    assert_int_equal(read_it(request, &f, "purpose"), REFUSE_BAD_REQUEST);
    arena_put(a);
}

static void answers(void **state)
{
    struct arena *a = arena_get(NULL);
    struct stanza *s = slotform_slot(a, DIALECT_ATTRIBUTES, "http://h/u/t/n", "http://h/f/i/n");
    assert_string_equal(stanza_get(stanza_find(s, NULL, "put"), "url"), "http://h/u/t/n");
    assert_string_equal(stanza_get(stanza_find(s, NULL, "get"), "url"), "http://h/f/i/n");
    s = slotform_slot(a, DIALECT_SIACS, "http://h/u/t/n", "http://h/f/i/n");
    assert_true(stanza_is(s, NS_UPLOAD_SIACS, "slot"));
    assert_string_equal(stanza_text(stanza_find(s, NULL, "put")), "http://h/u/t/n");
    assert_string_equal(stanza_text(stanza_find(s, NULL, "get")), "http://h/f/i/n");
    struct stanza *error = stanza_new(a, NS_CLIENT, "error");
    stanza_child(error, NS_UPLOAD, "file-too-large"); /* as stanza_error() leaves it */
    slotform_too_large(error, DIALECT_CHILDREN, 20000);
    assert_null(stanza_find(error, NS_UPLOAD, "file-too-large"));
    s = stanza_find(error, NS_UPLOAD_CHILDREN, "file-too-large");
    assert_string_equal(stanza_text(stanza_find(s, NULL, "max-file-size")), "20000");
    slotform_retry(error, DIALECT_ATTRIBUTES, NOW);
    assert_string_equal(stanza_get(stanza_find(error, NS_UPLOAD, "retry"), "stamp"), "2023-11-14T22:13:20Z");
    arena_put(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes),
        cmocka_unit_test(children),
        cmocka_unit_test(bad_words),
        cmocka_unit_test(purposes),
        cmocka_unit_test(purpose_among_others),
        cmocka_unit_test(answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
