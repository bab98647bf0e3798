/* Rows that are kept from the last look: the same as those of the index, until the next COMMIT by anybody. */
#include "tests/unit/storage_fixture.h"

#include "storage/recent.h"

static struct transfer row(const char *id, const char *name)
{
    struct transfer t = {.size = 5, .attempt = 2, .expires = 77, .has_sha256 = true, .sha256 = {1, 2, 3}};
    t.owner = "alice@localhost";
    t.name = name;
    t.type = "a/b";
    t.found_type = "c/d";
    t.to = t.desc = t.reason = "";
    snprintf(t.id.text, sizeof t.id.text, "%s", id);
    return t;
}

static void a_row_comes_back_whole(void **state)
{
    struct recent *r = recent_new();
    struct arena *arena = arena_get(NULL);
    struct transfer t = row("abcdefghijklmnopqrstuvwxyzabcdefghijkl", "n"), got;
    assert_false(recent_find(r, &t.id, 1, arena, &got));
    recent_keep(r, &t, 1);
    assert_true(recent_find(r, &t.id, 1, arena, &got));
    recent_free(r); /* what was found is the arena's */
    assert_string_equal(got.id.text, t.id.text);
    assert_string_equal(got.owner, "alice@localhost");
    assert_string_equal(got.name, "n");
    assert_string_equal(got.type, "a/b");
    assert_string_equal(got.found_type, "c/d");
    assert_string_equal(got.to, "");
    assert_string_equal(got.reason, "");
    assert_int_equal(got.expires, 77);
    assert_memory_equal(got.sha256, t.sha256, SHA256_BYTES);
    arena_put(arena);
}

static void none_of_another_commit_or_id(void **state)
{
    struct recent *r = recent_new();
    struct arena *arena = arena_get(NULL);
    struct transfer a = row("abcdefghijklmnopqrstuvwxyzabcdefghijkl", "a"), got;
    struct transfer b = row("abcdefghijklmnopqrstuvwxyzabcdefghijkM", "b"); /* the same chain */
    recent_keep(r, &a, 1);
    assert_false(recent_find(r, &a.id, 2, arena, &got));
    assert_false(recent_find(r, &b.id, 1, arena, &got));
    recent_keep(r, &b, 1);
    assert_true(recent_find(r, &b.id, 1, arena, &got));
    assert_string_equal(got.name, "b");
    assert_true(recent_find(r, &a.id, 1, arena, &got));
    a.name = "a, later";
    recent_keep(r, &a, 2);
    assert_false(recent_find(r, &a.id, 1, arena, &got));
    assert_true(recent_find(r, &a.id, 2, arena, &got));
    assert_string_equal(got.name, "a, later");
    recent_free(r);
    arena_put(arena);
}

static struct transfer nth_row(int i)
{
    char id[ID_LEN + 1];
    snprintf(id, sizeof id, "x%04dabcdefghijklmnopqrstuvwxyzabcdefg", i);
    return row(id, "n");
}

static bool has(struct recent *r, int i)
{
    struct arena *arena = arena_get(NULL);
    struct transfer t = nth_row(i), got;
    bool found = recent_find(r, &t.id, 1, arena, &got);
    arena_put(arena);
    return found;
}

static void the_one_not_asked_for_makes_room(void **state)
{
    struct recent *r = recent_new();
    for (int i = 0; i < 1024; i++) {
        struct transfer t = nth_row(i);
        recent_keep(r, &t, 1);
    }
    for (int i = 0; i < 1024; i++)
        assert_true(has(r, i));
    assert_true(has(r, 0));
    struct transfer one_more = nth_row(1024);
    recent_keep(r, &one_more, 1);
    assert_true(has(r, 1024));
    assert_true(has(r, 0));
    assert_false(has(r, 1));
    assert_true(has(r, 2));
    recent_free(r);
}

static void long_texts_are_not_kept(void **state)
{
    struct recent *r = recent_new();
    struct arena *arena = arena_get(NULL);
    char name[2000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct transfer t = row("abcdefghijklmnopqrstuvwxyzabcdefghijkl", name), got;
    recent_keep(r, &t, 1);
    assert_false(recent_find(r, &t.id, 1, arena, &got));
    recent_free(r);
    arena_put(arena);
}

struct reader {
    struct fixture *f;
    struct ferry_id id;
    pthread_barrier_t turn;
    enum refuse before, after;
};

static void *read_twice(void *arg)
{
    struct reader *r = arg;
    r->before = lookup(r->f, &r->id);
    r->before = lookup(r->f, &r->id); /* from what is kept */
    pthread_barrier_wait(&r->turn);
    pthread_barrier_wait(&r->turn);
    r->after = lookup(r->f, &r->id);
    return NULL;
}

static void a_removal_is_seen_by_all(void **state)
{
    struct fixture *f = *state;
    struct grant g = fixture_grant(f, 3);
    struct reader r = {.f = f};
    pthread_t thread;
    assert_int_equal(store(f, &g, "abc"), REFUSE_OK);
    r.id = g.id;
    pthread_barrier_init(&r.turn, NULL, 2);
    assert_int_equal(lookup(f, &g.id), REFUSE_OK);
    assert_int_equal(lookup(f, &g.id), REFUSE_OK);
    assert_int_equal(pthread_create(&thread, NULL, read_twice, &r), 0);
    pthread_barrier_wait(&r.turn);
    assert_int_equal(removed(f, &g.id), REFUSE_OK);
    pthread_barrier_wait(&r.turn);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&r.turn);
    assert_int_equal(lookup(f, &g.id), REFUSE_REMOVED);
    assert_int_equal(r.before, REFUSE_OK);
    assert_int_equal(r.after, REFUSE_REMOVED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_comes_back_whole),
        cmocka_unit_test(none_of_another_commit_or_id),
        cmocka_unit_test(the_one_not_asked_for_makes_room),
        cmocka_unit_test(long_texts_are_not_kept),
        cmocka_unit_test_setup_teardown(a_removal_is_seen_by_all, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
