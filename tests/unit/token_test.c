/* token_test.c: ids and grants: what was made comes back whole, and nothing else is taken (row 73). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/conf.h"
#include "storage/grant_code.h"
#include "storage/id_raw.h"

#define NOW 1780000000

static struct keys *keys, *other_keys;

static struct keys *fresh_keys(void)
{
    char folder[] = "/tmp/ferry-token-XXXXXX", path[64];
    struct buf why = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key", folder);
    struct keys *k = keys_open(path, true, &why);
    assert_non_null(k);
    unlink(path);
    rmdir(folder);
    return k;
}

static int setup(void **state)
{
    char path[] = "/tmp/ferry-conf-XXXXXX";
    struct buf faults = {0};
    close(mkstemp(path));
    conf_publish(conf_load(path, &faults));
    unlink(path);
    buf_free(&faults);
    keys = fresh_keys();
    other_keys = fresh_keys();
    return 0;
}

static int teardown(void **state)
{
    keys_free(&keys);
    keys_free(&other_keys);
    return 0;
}

/* --- ids --- */

/* A path has one id for ever; it passes as one of ours and is not younger than its row. */
static void derived_ids(void **state)
{
    struct ferry_id id, again, other, out;
    id_derive(keys, "a1/b.txt", &id);
    id_derive(keys, "a1/b.txt", &again);
    id_derive(keys, "a1/c.txt", &other);
    assert_string_equal(id.text, again.text);
    assert_string_not_equal(id.text, other.text);
    assert_int_equal(id_judge(keys, NOW, id.text, ID_LEN, &out), ID_OLD);
    assert_int_equal(id_judge(other_keys, NOW, id.text, ID_LEN, &out), ID_FORGED);
    id_derive(other_keys, "a1/b.txt", &other);
    assert_string_not_equal(id.text, other.text);
    for (int i = 0; i < 1000; i++) {
        char path[16];
        snprintf(path, sizeof path, "%d/x", i);
        id_derive(keys, path, &id);
        assert_int_not_equal(id.text[0], '-');
    }
}

static void ids(void **state)
{
    struct ferry_id id, out;
    id_make(keys, NOW, &id);
    assert_int_equal(strlen(id.text), ID_LEN);
    assert_int_equal(strspn(id.text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                     ID_LEN);
    assert_int_equal(id_judge(keys, NOW, id.text, ID_LEN, &out), ID_FRESH);
    assert_string_equal(out.text, id.text);
    assert_int_equal(id_judge(keys, NOW + 299, id.text, ID_LEN, &out), ID_FRESH);
    assert_int_equal(id_judge(keys, NOW + 3600, id.text, ID_LEN, &out), ID_OLD);
    assert_int_equal(id_judge(keys, NOW - 200, id.text, ID_LEN, &out), ID_FRESH);
    assert_int_equal(id_judge(other_keys, NOW, id.text, ID_LEN, &out), ID_FORGED);
}

static void forged_ids(void **state)
{
    struct ferry_id id, out;
    id_make(keys, NOW, &id);
    for (size_t i = 0; i < ID_LEN; i++) {
        struct ferry_id bad = id;
        assert_int_equal(id_judge(keys, NOW, id.text, i, &out), ID_FORGED);
        for (const char *c = "ABz9-_=/. "; *c; c++) {
            bad.text[i] = *c;
            if (*c != id.text[i])
                assert_int_equal(id_judge(keys, NOW, bad.text, ID_LEN, &out), ID_FORGED);
        }
    }
    char longer[ID_LEN + 2];
    snprintf(longer, sizeof longer, "%sA", id.text);
    assert_int_equal(id_judge(keys, NOW, longer, ID_LEN + 1, &out), ID_FORGED);
}

/* --- grants --- */

static struct grant sample(void)
{
    struct grant g = {.size = 382,
                      .deadline = NOW + 300,
                      .name = "MiniClient.exe.config",
                      .type = "",
                      .owner = "send@localhost",
                      .to = "receive@localhost",
                      .to_raw = "Receive@localhost/",
                      .desc = "d\xc3\xa9sol\xc3\xa9",
                      .took = TOOK_SI,
                      .purpose = PURPOSE_EPHEMERAL,
                      .flags = GRANT_NOTIFY_OWNER};
    id_make(keys, NOW, &g.id);
    return g;
}

static void equal(const struct grant *a, const struct grant *b)
{
    assert_string_equal(a->id.text, b->id.text);
    assert_true(a->size == b->size && a->deadline == b->deadline && a->expires == b->expires);
    assert_true(a->took == b->took && a->purpose == b->purpose && a->flags == b->flags);
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->type, b->type);
    assert_string_equal(a->owner, b->owner);
    assert_string_equal(a->to, b->to);
    assert_string_equal(a->to_raw, b->to_raw);
    assert_string_equal(a->desc, b->desc);
}

static void seal(const struct grant *g, struct buf *token)
{
    struct buf plain = {0};
    grant_encode(g, &plain);
    token_seal(keys, plain.data, plain.len, token);
    buf_free(&plain);
}

static int open_token(const struct keys *k, const char *token, size_t n, struct arena *arena,
                      struct grant *out)
{
    uint8_t *plain;
    ptrdiff_t len = token_open(k, token, n, arena, &plain);
    return len < 0 ? -1 : grant_decode(k, plain, (size_t)len, arena, out);
}

static void grants(void **state)
{
    static const int64_t sizes[] = {0, 1, 127, 128, INT32_MAX, INT64_MAX};
    struct arena *arena = arena_get(NULL);
    struct grant g = sample(), out;
    for (size_t i = 0; i < 2 * ARRAY_LEN(sizes); i++) {
        struct buf token = {0};
        g.size = sizes[i / 2];
        g.expires = i % 2 ? NOW - 5 : 0;
        seal(&g, &token);
        assert_int_equal(
            strspn(token.data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            token.len);
        assert_null(strstr(token.data, "localhost"));
        assert_int_equal(open_token(keys, token.data, token.len, arena, &out), 0);
        equal(&g, &out);
        assert_int_equal(open_token(other_keys, token.data, token.len, arena, &out), -1);
        buf_free(&token);
    }
    arena_put(arena);
}

static void forged_grants(void **state)
{
    struct arena *arena = arena_get(NULL);
    struct grant g = sample(), out;
    struct buf token = {0};
    seal(&g, &token);
    for (size_t i = 0; i < token.len; i++) {
        char was = token.data[i];
        assert_int_equal(open_token(keys, token.data, i, arena, &out), -1);
        token.data[i] = was == 'A' ? 'B' : 'A';
        assert_int_equal(open_token(keys, token.data, token.len, arena, &out), -1);
        token.data[i] = was;
    }
    buf_addc(&token, 'A');
    assert_int_equal(open_token(keys, token.data, token.len, arena, &out), -1);
    buf_free(&token);
    buf_room(&token, 4000);
    memset(token.data, 'A', 4000);
    assert_int_equal(open_token(keys, token.data, 4000, arena, &out), -1);
    buf_free(&token);
    arena_put(arena);
}

/* Bytes that are sealed well but cut or stretched are no grant. */
static void cut_bytes(void **state)
{
    struct arena *arena = arena_get(NULL);
    struct grant g = sample(), out;
    struct buf plain = {0};
    grant_encode(&g, &plain);
    for (size_t i = 0; i < plain.len; i++)
        assert_int_equal(grant_decode(keys, (const uint8_t *)plain.data, i, arena, &out), -1);
    buf_addc(&plain, 0);
    assert_int_equal(grant_decode(keys, (const uint8_t *)plain.data, plain.len, arena, &out), -1);
    buf_free(&plain);
    arena_put(arena);
}

static void references(void **state)
{
    struct arena *arena = arena_get(NULL);
    struct grant g = sample(), out;
    struct ferry_id id;
    struct buf token = {0};
    uint8_t *plain;
    token_refer(keys, &g.id, &token);
    ptrdiff_t n = token_open(keys, token.data, token.len, arena, &plain);
    assert_true(n > 0);
    assert_true(token_refers(keys, plain, (size_t)n, &id));
    assert_string_equal(id.text, g.id.text);
    assert_int_equal(grant_decode(keys, plain, (size_t)n, arena, &out), -1);
    buf_free(&token);
    arena_put(arena);
}

static void links(void **state)
{
    struct grant g = sample();
    struct buf link = {0};
    link_set_base("http://localhost:8080/");
    link_get(&link, &g.id, "a b/\xc3\xa9.txt");
    char want[128];
    snprintf(want, sizeof want, "http://localhost:8080/f/%s/a%%20b%%2F%%C3%%A9.txt", g.id.text);
    assert_string_equal(link.data, want);
    buf_free(&link);
    link_set_base("https://x.example");
    link_put(&link, "TOKEN", "n");
    assert_string_equal(link.data, "https://x.example/u/TOKEN/n");
    buf_free(&link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids),        cmocka_unit_test(derived_ids),   cmocka_unit_test(forged_ids),
        cmocka_unit_test(grants),     cmocka_unit_test(forged_grants), cmocka_unit_test(cut_bytes),
        cmocka_unit_test(references), cmocka_unit_test(links),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
