/* capsform_test.c: the hash of capabilities: XEP-0115's own examples, and what must not be believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "xmpp/capsform.h"
#include "xmpp/ns.h"

static struct arena *arena;
static char ver[CAPSFORM_VER + 1];

static struct stanza *query(void)
{
    return stanza_new(arena, NS_DISCO_INFO, "query");
}

static struct stanza *identity(struct stanza *q, const char *lang, const char *name)
{
    struct stanza *i = stanza_child(q, NULL, "identity");
    stanza_set(i, "category", "client");
    stanza_set(i, "type", "pc");
    stanza_set(i, "name", name);
    if (lang)
        stanza_set_ns(i, NS_XML, "lang", lang);
    return i;
}

static void features(struct stanza *q)
{
    static const char *const vars[] = {"http://jabber.org/protocol/muc", NS_DISCO_INFO, NS_CAPS,
                                       NS_DISCO_ITEMS};
    for (size_t i = 0; i < ARRAY_LEN(vars); i++)
        stanza_set(stanza_child(q, NULL, "feature"), "var", vars[i]);
}

static void field(struct stanza *x, const char *var, const char *type, const char *a, const char *b)
{
    struct stanza *f = stanza_child(x, NULL, "field");
    stanza_set(f, "var", var);
    stanza_set(f, "type", type);
    stanza_child_text(f, NULL, "value", a);
    if (b)
        stanza_child_text(f, NULL, "value", b);
}

static struct stanza *complex_query(void)
{
    struct stanza *q = query();
    identity(q, "en", "Psi 0.11");
    identity(q, "el", "\xce\xa8 0.11");
    features(q);
    struct stanza *x = stanza_child(q, NS_DATA, "x");
    field(x, "FORM_TYPE", "hidden", "urn:xmpp:dataforms:softwareinfo", NULL);
    field(x, "ip_version", NULL, "ipv6", "ipv4");
    field(x, "os", NULL, "Mac", NULL);
    field(x, "os_version", NULL, "10.5.1", NULL);
    field(x, "software", NULL, "Psi", NULL);
    field(x, "software_version", NULL, "0.11", NULL);
    return q;
}

static void test_examples(void **state)
{
    struct stanza *q = query();
    identity(q, NULL, "Exodus 0.9.1");
    features(q);
    assert_true(capsform_ver(q, ver));
    assert_string_equal(ver, "QgayPKawpkPSDYmwT/WM94uAlu0=");
    assert_true(capsform_ver(complex_query(), ver));
    assert_string_equal(ver, "q07IKJEyjvHSyhy//CH0CxmKi8w=");
    assert_true(capsform_ver(query(), ver)); /* nothing at all has a hash too */
}

/* Pidgin 2.14.12: some of its features begin like others. */
static void test_real_client(void **state)
{
    static const char *const vars[] = {
        "jabber:iq:last",
        NS_OOB_IQ,
        "urn:xmpp:time",
        "jabber:iq:version",
        "jabber:x:conference",
        NS_BYTESTREAMS,
        NS_CAPS,
        "http://jabber.org/protocol/chatstates",
        NS_DISCO_INFO,
        NS_DISCO_ITEMS,
        "http://jabber.org/protocol/muc",
        "http://jabber.org/protocol/muc#user",
        NS_SI,
        NS_SI_FT,
        "http://jabber.org/protocol/xhtml-im",
        "urn:xmpp:ping",
        "urn:xmpp:attention:0",
        "urn:xmpp:bob",
        "urn:xmpp:jingle:1",
        "urn:xmpp:jingle:apps:rtp:1",
        "urn:xmpp:jingle:transports:raw-udp:1",
        "urn:xmpp:jingle:transports:ice-udp:1",
        "urn:xmpp:avatar:metadata+notify",
        "http://jabber.org/protocol/mood+notify",
        "http://jabber.org/protocol/tune+notify",
        "http://jabber.org/protocol/nick+notify",
        NS_IBB,
    };
    struct stanza *q = query();
    identity(q, NULL, "pidgin");
    for (size_t i = 0; i < ARRAY_LEN(vars); i++)
        stanza_set(stanza_child(q, NULL, "feature"), "var", vars[i]);
    assert_true(capsform_ver(q, ver));
    assert_string_equal(ver, "b4KQtXuWWUqvn1MK0JaOho2ftXw=");
}

static void test_forms_that_do_not_count(void **state)
{
    struct stanza *q = complex_query();
    field(stanza_child(q, NS_DATA, "x"), "os", NULL, "Mac", NULL);
    field(stanza_child(q, NS_DATA, "x"), "FORM_TYPE", "text-single", "x", NULL);
    assert_true(capsform_ver(q, ver));
    assert_string_equal(ver, "q07IKJEyjvHSyhy//CH0CxmKi8w=");
}

static void test_ill_formed(void **state)
{
    struct stanza *q = complex_query();
    identity(q, "en", "Psi 0.11");
    assert_false(capsform_ver(q, ver));
    q = complex_query();
    stanza_set(stanza_child(q, NULL, "feature"), "var", NS_CAPS);
    assert_false(capsform_ver(q, ver));
    q = complex_query();
    stanza_child(q, NULL, "feature");
    assert_false(capsform_ver(q, ver));
    q = complex_query();
    field(stanza_child(q, NS_DATA, "x"), "FORM_TYPE", "hidden", "urn:xmpp:dataforms:softwareinfo", NULL);
    assert_false(capsform_ver(q, ver));
    q = complex_query();
    field(stanza_child(q, NS_DATA, "x"), "FORM_TYPE", "hidden", "one", "two");
    assert_false(capsform_ver(q, ver));
    q = query();
    identity(q, NULL, "Exodus<http://jabber.org/protocol/si");
    assert_false(capsform_ver(q, ver));
    q = query();
    field(stanza_child(q, NS_DATA, "x"), "FORM_TYPE", "hidden", "a<b", NULL);
    assert_false(capsform_ver(q, ver));
}

static int setup(void **state)
{
    arena = arena_get(NULL);
    return 0;
}

static int teardown(void **state)
{
    arena_put(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_examples, setup, teardown),
        cmocka_unit_test_setup_teardown(test_real_client, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forms_that_do_not_count, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ill_formed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
