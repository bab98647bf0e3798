/* stanza_test.c: the promises of xmpp/stanza.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "xmpp/ns.h"
#include "xmpp/stanza.h"

static struct arena *arena;

static int set_up(void **state)
{
    arena = arena_get(NULL);
    return 0;
}

static int tear_down(void **state)
{
    arena_put(arena);
    return 0;
}

static void expect_text(const struct stanza *el, const char *want)
{
    struct buf b = {0};
    stanza_write(el, NS_CLIENT, &b);
    assert_string_equal(b.data, want);
    buf_free(&b);
}

static void namespaces_are_declared_where_they_change(void **state)
{
    struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
    struct stanza *q = stanza_child(iq, "urn:a", "q");
    stanza_child(q, NULL, "same");
    stanza_child(stanza_child(q, "urn:b", "other"), "urn:a", "back");
    expect_text(iq,
                "<iq><q xmlns='urn:a'><same/><other xmlns='urn:b'><back xmlns='urn:a'/></other></q></iq>");
    struct stanza *f = stanza_new(arena, NS_STREAM, "features");
    stanza_child(f, "urn:a", "x");
    expect_text(f, "<stream:features><x xmlns='urn:a'/></stream:features>");
}

static void attributes_are_kept_apart_and_escaped(void **state)
{
    struct stanza *el = stanza_new(arena, NS_CLIENT, "a");
    stanza_set(el, "id", "<'\"&>");
    stanza_set(el, "t", "a\tb\nc\rd");
    stanza_set_ns(el, NS_XML, "lang", "en");
    stanza_set_ns(el, "urn:n", "id", "2");
    expect_text(el, "<a id='&lt;&#39;&quot;&amp;&gt;' t='a&#9;b&#10;c&#13;d' xml:lang='en' xmlns:n0='urn:n' "
                    "n0:id='2'/>");
    stanza_set(el, "id", "1");
    stanza_set(el, "t", NULL);
    assert_string_equal(stanza_get(el, "id"), "1");
    assert_null(stanza_get(el, "lang"));
    assert_string_equal(stanza_lang(el), "en");
    assert_string_equal(stanza_lang(stanza_child(el, NULL, "c")), "en");
    expect_text(el, "<a id='1' xml:lang='en' xmlns:n0='urn:n' n0:id='2'><c/></a>");
}

static void texts_are_joined(void **state)
{
    struct stanza *el = stanza_new(arena, NS_CLIENT, "a");
    assert_string_equal(stanza_text(el), "");
    assert_string_equal(stanza_text(NULL), "");
    stanza_add_text(el, "one", 3);
    assert_string_equal(stanza_text(el), "one");
    struct stanza *c = stanza_child_text(el, NULL, "b", "inner");
    stanza_add_text(el, "two\r", 4);
    assert_string_equal(stanza_text(el), "onetwo\r");
    expect_text(el, "<a>one<b>inner</b>two&#13;</a>");
    assert_ptr_equal(stanza_first_element(el), c);
    assert_null(stanza_next_element(c));
    stanza_unlink(c);
    expect_text(el, "<a>onetwo&#13;</a>");
}

static void children_are_found_by_namespace(void **state)
{
    struct stanza *el = stanza_new(arena, NS_CLIENT, "a");
    stanza_child(el, "urn:x", "b");
    struct stanza *mine = stanza_child(el, NULL, "b"), *second = stanza_child(el, NULL, "b");
    assert_ptr_equal(stanza_find(el, NULL, "b"), mine);
    assert_ptr_equal(stanza_next(mine, NULL, "b"), second);
    assert_non_null(stanza_find(el, "urn:x", "b"));
    assert_null(stanza_find(el, "urn:y", "b"));
    assert_null(stanza_find(NULL, NULL, "b"));
}

static void a_copy_is_equal_and_apart(void **state)
{
    struct arena *other = arena_get(NULL);
    struct stanza *el = stanza_new(other, NS_CLIENT, "message");
    stanza_set(el, "to", "x@y");
    stanza_child_text(el, NULL, "body", "hi");
    stanza_child(el, "urn:z", "z");
    struct stanza *copy = stanza_copy(arena, el);
    arena_put(other);
    expect_text(copy, "<message to='x@y'><body>hi</body><z xmlns='urn:z'/></message>");
}

static void answers_come_from_the_address_asked(void **state)
{
    struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
    stanza_set(iq, "type", "set");
    stanza_set(iq, "id", "7");
    stanza_set(iq, "from", "a@b/c");
    stanza_set(iq, "to", "Receive@localhost/");
    stanza_child(iq, NS_SI, "si");
    expect_text(stanza_result(arena, iq), "<iq type='result' id='7' to='a@b/c' from='Receive@localhost/'/>");
    struct stanza *e = stanza_error(arena, iq, REFUSE_NO_VALID_STREAMS, "x");
    assert_string_equal(stanza_get(e, "type"), "error");
    assert_string_equal(stanza_get(e, "from"), "Receive@localhost/");
    struct stanza *error = stanza_first_element(e);
    assert_true(stanza_is(error, NS_CLIENT, "error"));
    assert_null(stanza_next_element(error)); /* what was asked is not sent back */
    assert_string_equal(stanza_get(error, "code"), "400");
    assert_non_null(stanza_find(error, NS_STANZAS, "bad-request"));
    assert_non_null(stanza_find(error, NS_SI, "no-valid-streams"));
    assert_non_null(strstr(stanza_text(stanza_find(error, NS_STANZAS, "text")), "(x)"));
    stanza_set_ns(iq, NS_XML, "lang", "zh-CN");
    error = stanza_first_element(stanza_error(arena, iq, REFUSE_UNKNOWN_USER, NULL));
    assert_string_equal(stanza_text(stanza_find(error, NS_STANZAS, "text")),
                        refuse_text(REFUSE_UNKNOWN_USER, "zh"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(namespaces_are_declared_where_they_change),
        cmocka_unit_test(attributes_are_kept_apart_and_escaped),
        cmocka_unit_test(texts_are_joined),
        cmocka_unit_test(children_are_found_by_namespace),
        cmocka_unit_test(a_copy_is_equal_and_apart),
        cmocka_unit_test(answers_come_from_the_address_asked),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
