/* stream_test.c: the promises of xmpp/stream.h, rows 1 to 8 of the fault table: bytes in, events out, in one
 * piece and byte by byte, which must come to the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "xmpp/ns.h"
#include "xmpp/stream.h"

#define MAX 262144
#define OPEN                                                     \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' " \
    "xmlns:stream='http://etherx.jabber.org/streams' "           \
    "to='localhost' version='1.0'>"

struct seen {
    struct buf log; /* one word or element an event */
    struct stream *stream;
    bool stop_each, free_now, restart_now;
};

static void opened(void *owner, const struct stream_header *h)
{
    struct seen *s = owner;
    buf_addf(&s->log, "open(%s,%s,%s)", h->to ? h->to : "-", h->version ? h->version : "-",
             h->lang ? h->lang : "-");
}

static void stanza(void *owner, struct stanza *st)
{
    struct seen *s = owner;
    stanza_write(st, NS_CLIENT, &s->log);
    if (s->stop_each)
        stream_stop(s->stream);
    if (s->restart_now)
        stream_restart(s->stream);
    s->restart_now = false;
    if (s->free_now)
        stream_free(s->stream);
}

static void closed(void *owner)
{
    buf_adds(&((struct seen *)owner)->log, "closed");
}

static void fault(void *owner, enum stream_fault f, const char *detail)
{
    buf_addf(&((struct seen *)owner)->log, "!%s", stream_fault_name(f));
}

static const struct stream_events events = {opened, stanza, closed, fault};
static struct stream_pool *pool;

static int set_up(void **state)
{
    pool = stream_pool_new();
    return 0;
}

static int tear_down(void **state)
{
    stream_pool_free(pool);
    return 0;
}

/* All events of the bytes, fed `piece` at a time. */
static char *run(const char *bytes, size_t n, size_t piece)
{
    struct seen s = {0};
    size_t unused;
    s.stream = stream_new(pool, &events, &s, MAX);
    for (size_t at = 0; at < n; at += piece)
        if (!stream_feed(s.stream, bytes + at, n - at < piece ? n - at : piece, &unused))
            break;
    stream_free(s.stream);
    buf_adds(&s.log, "");
    return buf_take(&s.log);
}

static void expect_n(const char *bytes, size_t n, const char *want)
{
    static const size_t pieces[] = {1u << 20, 1, 2, 7, 100};
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        char *got = run(bytes, n, pieces[i]);
        if (strcmp(got, want))
            fail_msg("in pieces of %zu: got %s, want %s", pieces[i], got, want);
        free(got);
    }
}

static void expect(const char *bytes, const char *want)
{
    expect_n(bytes, strlen(bytes), want);
}

#define OPENED "open(localhost,1.0,-)"

static void stanzas_come_whole(void **state)
{
    expect(OPEN "<message to='a@b'><body>x &amp; y</body></message><presence/> \n<iq/></stream:stream>",
           OPENED "<message to='a@b'><body>x &amp; y</body></message><presence/><iq/>closed");
    expect("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='h' "
           "xml:lang='zh'><a xmlns='u'/><message/><message xml:lang='en'/>",
           "open(h,-,zh)<a xmlns='u' xml:lang='zh'/><message xml:lang='zh'/><message xml:lang='en'/>");
}

static void row01_no_doctype(void **state)
{
    expect("<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><x>&b;</x>", "!restricted-xml");
    expect("<?xml version='1.0'?>\n<!DOCTYPE html>", "!restricted-xml");
    expect(OPEN "<!DOCTYPE x>", OPENED "!not-well-formed");
}

static void row02_no_comment_instruction_or_entity(void **state)
{
    expect(OPEN "<!-- x -->", OPENED "!restricted-xml");
    expect(OPEN "<message><!-- x --></message>", OPENED "!restricted-xml");
    expect(OPEN "<?php x ?>", OPENED "!restricted-xml");
    expect(OPEN "<message><body>&lol;</body></message>", OPENED "!not-well-formed");
    expect(OPEN "<message><body><![CDATA[<b>&amp;]]></body></message>",
           OPENED "<message><body>&lt;b&gt;&amp;amp;</body></message>");
}

/* A stanza of `n` bytes, its end tag too, behind the header. */
static char *stanza_of(size_t n, size_t *len)
{
    static const char head[] = "<message><body>", tail[] = "</body></message>";
    struct buf b = {0};
    buf_adds(&b, OPEN);
    buf_adds(&b, head);
    while (b.len < strlen(OPEN) + n - strlen(tail))
        buf_addc(&b, 'x');
    buf_adds(&b, tail);
    *len = b.len;
    return buf_take(&b);
}

static void row03_the_byte_beyond_the_limit(void **state)
{
    size_t n;
    char *fits = stanza_of(MAX, &n), *got = run(fits, n, 4096);
    assert_int_equal(strlen(got), strlen(OPENED) + MAX);
    free(got);
    free(fits);
    char *over = stanza_of(MAX + 1, &n);
    for (size_t piece = 4096; piece <= n; piece *= 8) {
        got = run(over, n, piece);
        assert_string_equal(got, OPENED "!policy-violation");
        free(got);
    }
    free(over);
    /* Never closed: told with the byte beyond the limit, not before. */
    struct seen s = {0};
    size_t unused;
    s.stream = stream_new(pool, &events, &s, 2000);
    assert_true(stream_feed(s.stream, OPEN "<m>", strlen(OPEN) + 3, &unused));
    for (int i = 3; i < 2000; i++)
        assert_true(stream_feed(s.stream, "y", 1, &unused));
    assert_false(stream_feed(s.stream, "y", 1, &unused));
    assert_string_equal(s.log.data, OPENED "!policy-violation");
    buf_free(&s.log);
    stream_free(s.stream);
}

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void row04_a_huge_attribute_byte_by_byte(void **state)
{
    struct buf b = {0};
    buf_adds(&b, OPEN "<message id='");
    while (b.len < 250 * 1024)
        buf_addc(&b, 'x');
    double before = cpu();
    char *got = run(b.data, b.len, 1);
    double took = cpu() - before;
    assert_string_equal(got, OPENED "!policy-violation");
#ifndef __SANITIZE_ADDRESS__
    assert_true(took < 0.05);
#else
    assert_true(took < 1);
#endif
    free(got);
    buf_free(&b);
}

/* before, n times "open NUMBER close", after. */
static char *many(const char *before, const char *open, const char *close, int n, const char *after)
{
    struct buf b = {0};
    buf_adds(&b, before);
    for (int i = 0; i < n; i++)
        buf_addf(&b, "%s%d%s", open, i, close);
    buf_adds(&b, after);
    return buf_take(&b);
}

static void row05_depth_attributes_namespaces(void **state)
{
    char *text = many(OPEN, "<a", ">", 63, ""); /* the header is the first of 64 */
    expect(text, OPENED);
    free(text);
    text = many(OPEN, "<a", ">", 64, "");
    expect(text, OPENED "!policy-violation");
    free(text);
    text = many(OPEN "<a", " a", "=''", 64, "/>");
    char *got = run(text, strlen(text), 999);
    assert_null(strchr(got, '!'));
    free(got);
    free(text);
    text = many(OPEN "<a", " a", "=''", 65, "/>");
    expect(text, OPENED "!policy-violation");
    free(text);
    text = many(OPEN "<a", " xmlns:n", "='u'", 65, "/>");
    expect(text, OPENED "!policy-violation");
    free(text);
    text = many(OPEN "<a", " a", "=''", 10000, "/>");
    expect(text, OPENED "!policy-violation");
    free(text);
    text = many(OPEN "<a>", "<b", "/>", 30000, "</a>"); /* a tree far larger than its text */
    got = run(text, strlen(text), 65536);
    assert_string_equal(got, OPENED "!policy-violation");
    free(got);
    free(text);
}

static void row06_bytes_that_are_no_text(void **state)
{
    static const char *const bad[] = {
        "<a xmlns='x\1y'/>",
        "<a>\xC0\xAF</a>",
        "<a>\xED\xA0\x80</a>",
        "<a>\xE2\x82</a>",
        "<a>\xEF\xBF\xBE</a>",
        "<a>&#0;</a>",
        "<a>&#xFFFE;</a>",
        "<a>\x0C</a>",
        "<a>&#1;</a>",
        "<a b='\xFF'/>",
        "<a b='1' b='2'/>",
        "<a xmlns:b=''/>",
        "<b:a/>",
        "<a></b>",
        "<a <b/>",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct buf b = {0};
        buf_adds(&b, OPEN);
        buf_adds(&b, bad[i]);
        char *got = run(b.data, b.len, 4096);
        if (strcmp(got, OPENED "!not-well-formed"))
            fail_msg("%s: %s", bad[i], got);
        free(got);
        got = run(b.data, b.len, 1);
        assert_string_equal(got, OPENED "!not-well-formed");
        free(got);
        buf_free(&b);
    }
    static const char nul[] = OPEN "<a>\0</a>";
    expect_n(nul, sizeof(nul) - 1, OPENED "!not-well-formed");
}

static void row07_only_utf8(void **state)
{
    expect("\xFE\xFF\0<", "!unsupported-encoding");
    expect("\xFF\xFE<", "!unsupported-encoding");
    static const char utf16[] = "<\0s\0";
    char *got = run(utf16, sizeof(utf16) - 1, 4);
    assert_string_equal(got, "!unsupported-encoding");
    free(got);
    expect("<?xml version='1.0' encoding='ISO-8859-1'?>" OPEN, "!unsupported-encoding");
    expect("<?xml version='1.0' encoding='utf-8'?><stream:stream xmlns='jabber:client' "
           "xmlns:stream='http://etherx.jabber.org/streams' to='x'>",
           "open(x,-,-)");
}

static void row08_namespaces_and_roots(void **state)
{
    expect("<stream:stream xmlns='jabber:client' xmlns:stream='urn:other' to='x'>", "!invalid-namespace");
    expect("<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='x'>",
           "!invalid-namespace");
    expect("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' to='x'>", "!invalid-namespace");
    expect("<stream xmlns='http://etherx.jabber.org/streams' to='x'>", "!invalid-namespace");
    expect("<stream:other xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
           "!bad-format");
    expect("<stream:stream to='x'>", "!not-well-formed");
    expect(OPEN "</stream:stream><again/>", OPENED "closed!not-well-formed");
    expect(OPEN "text", OPENED "!bad-format");
}

static void an_odd_header_keeps_its_prefixes(void **state)
{
    struct seen s = {0};
    size_t unused;
    static const char head[] = "<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' "
                               "xmlns:q='urn:q&amp;' to='h'>";
    s.stream = stream_new(pool, &events, &s, MAX);
    assert_true(stream_feed(s.stream, head, strlen(head), &unused));
    struct buf b = {0};
    buf_adds(&b, "<message><q:x/><body>");
    while (b.len < 200000)
        buf_addc(&b, 'x');
    buf_adds(&b, "</body></message>");
    for (int i = 0; i < 4; i++) { /* enough for its parser to be changed on the way */
        s.log.len = 0;
        assert_true(stream_feed(s.stream, b.data, b.len, &unused));
        assert_non_null(strstr(s.log.data, "<x xmlns='urn:q&amp;'/>"));
        assert_true(stream_idle(s.stream));
    }
    s.log.len = 0;
    stream_feed(s.stream, "</s:stream>", 11, &unused);
    assert_string_equal(s.log.data, "closed");
    stream_free(s.stream);
    buf_free(&b);
    buf_free(&s.log);
}

/* A stanza may be cut anywhere while other streams use the pool. */
static void parsers_are_shared(void **state)
{
    struct seen s[3] = {{.free_now = false}};
    size_t unused;
    for (int i = 0; i < 3; i++) {
        s[i].stream = stream_new(pool, &events, &s[i], MAX);
        stream_feed(s[i].stream, OPEN, strlen(OPEN), &unused);
        s[i].log.len = 0;
    }
    static const char text[] = "<message><body>hello</body></message>";
    for (size_t cut = 0; cut < strlen(text); cut++) {
        for (int i = 0; i < 3; i++)
            assert_true(stream_feed(s[i].stream, text, cut, &unused));
        for (int i = 2; i >= 0; i--) {
            assert_true(stream_feed(s[i].stream, text + cut, strlen(text) - cut, &unused));
            assert_true(stream_idle(s[i].stream));
            assert_string_equal(s[i].log.data, text);
            s[i].log.len = 0;
        }
    }
    for (int i = 0; i < 3; i++) {
        stream_free(s[i].stream);
        buf_free(&s[i].log);
    }
}

static void a_flood_changes_parsers(void **state)
{
    struct seen s = {0};
    struct buf b = {0};
    size_t unused;
    s.stream = stream_new(pool, &events, &s, MAX);
    stream_feed(s.stream, OPEN, strlen(OPEN), &unused);
    s.log.len = 0;
    for (int i = 0; i < 50000; i++)
        buf_addf(&b, "<a%d/>", i);
    for (size_t at = 0; at < b.len; at += 5000) /* never at a boundary */
        assert_true(stream_feed(s.stream, b.data + at, b.len - at < 5000 ? b.len - at : 5000, &unused));
    assert_int_equal(s.log.len, b.len);
    assert_string_equal(s.log.data, b.data);
    stream_free(s.stream);
    buf_free(&b);
    buf_free(&s.log);
}

static void stopping_leaves_the_rest(void **state)
{
    struct seen s = {.stop_each = true};
    size_t unused;
    s.stream = stream_new(pool, &events, &s, MAX);
    assert_true(stream_feed(s.stream, OPEN "<a/><b/><c>", strlen(OPEN) + 11, &unused));
    assert_int_equal(unused, 7);
    assert_string_equal(s.log.data, OPENED "<a/>");
    assert_true(stream_feed(s.stream, "<b/><c>", 7, &unused));
    assert_int_equal(unused, 3);
    stream_free(s.stream);
    buf_free(&s.log);
}

static void a_restart_takes_a_new_header(void **state)
{
    struct seen s = {.restart_now = true};
    size_t unused;
    s.stream = stream_new(pool, &events, &s, MAX);
    assert_true(stream_feed(s.stream, OPEN "<auth/>\n " OPEN "<b/>", 2 * strlen(OPEN) + 13, &unused));
    assert_string_equal(s.log.data, OPENED "<auth/>" OPENED "<b/>");
    stream_free(s.stream);
    buf_free(&s.log);
}

static void it_may_be_freed_by_its_own_event(void **state)
{
    for (size_t piece = 1; piece < 64; piece += 62) {
        struct seen s = {.free_now = true};
        static const char text[] = OPEN "<a/><b/>";
        size_t unused;
        bool alive = true;
        s.stream = stream_new(pool, &events, &s, MAX);
        for (size_t at = 0; alive && at < strlen(text); at += piece)
            alive = stream_feed(s.stream, text + at, strlen(text) - at < piece ? strlen(text) - at : piece,
                                &unused);
        assert_false(alive);
        assert_string_equal(s.log.data, OPENED "<a/>");
        buf_free(&s.log);
    }
}

static void the_header_has_its_own_limit(void **state)
{
    char *text = many("<stream:stream", " a", "='xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'", 200, ">");
    expect(text, "!policy-violation");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stanzas_come_whole),
        cmocka_unit_test(row01_no_doctype),
        cmocka_unit_test(row02_no_comment_instruction_or_entity),
        cmocka_unit_test(row03_the_byte_beyond_the_limit),
        cmocka_unit_test(row04_a_huge_attribute_byte_by_byte),
        cmocka_unit_test(row05_depth_attributes_namespaces),
        cmocka_unit_test(row06_bytes_that_are_no_text),
        cmocka_unit_test(row07_only_utf8),
        cmocka_unit_test(row08_namespaces_and_roots),
        cmocka_unit_test(an_odd_header_keeps_its_prefixes),
        cmocka_unit_test(parsers_are_shared),
        cmocka_unit_test(a_flood_changes_parsers),
        cmocka_unit_test(stopping_leaves_the_rest),
        cmocka_unit_test(a_restart_takes_a_new_header),
        cmocka_unit_test(it_may_be_freed_by_its_own_event),
        cmocka_unit_test(the_header_has_its_own_limit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
