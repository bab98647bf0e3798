/* people_test.c: accounts, rosters, block lists, offline messages and grants on a real spool in a temporary
 * folder. The threads are not started, so every answer comes inside the call (storage/index.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/log.h"
#include "storage/account.h"
#include "storage/grant.h"
#include "storage/roster.h"

static char folder[] = "/tmp/ferry-people-XXXXXX";
static struct storage *st;

static void write_conf(const char *accept_from)
{
    char path[64];
    struct buf faults = {0};
    snprintf(path, sizeof path, "%s/ferryd.conf", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f,
            "[xmpp]\ndomain = Localhost, second.example\n[storage]\nreserve = 0\nmax_file_size = "
            "1M\n[offers]\naccept_from = %s\n",
            accept_from);
    fclose(f);
    struct conf *conf = conf_load(path, &faults);
    assert_non_null(conf);
    conf_publish(conf);
    buf_free(&faults);
}

static int setup(void **state)
{
    struct buf why = {0};
    int code = 0;
    log_set_level(LOG_ERROR);
    assert_non_null(mkdtemp(folder));
    write_conf("domain");
    st = storage_open(&why, &code);
    if (!st)
        print_message("%s\n", why.data);
    assert_non_null(st);
    assert_int_equal(account_create(st, "alice@localhost", "a", 0), REFUSE_OK);
    assert_int_equal(account_create(st, "bob@localhost", "b", 0), REFUSE_OK);
    return 0;
}

static int teardown(void **state)
{
    char command[128];
    storage_close(&st);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* --- what came back --- */

static enum refuse last;
static struct {
    bool changed;
    enum subscription before, sub;
    bool ask, pending_in, in_roster;
    size_t n;
    bool more;
    int64_t seq;
    char text[256];
} got;

static void on_refuse(void *arg, enum refuse r)
{
    last = r;
}

static void on_roster(void *arg, enum refuse r, const struct roster_item *item, bool changed,
                      enum subscription before)
{
    last = r;
    got.changed = changed;
    got.before = before;
    got.sub = item->sub;
    got.ask = item->ask;
    got.pending_in = item->pending_in;
    got.in_roster = item->in_roster;
    got.n = item->n_groups;
    snprintf(got.text, sizeof got.text, "%s|%s|%s", item->jid, item->name,
             item->n_groups ? item->groups[0] : "");
}

static void on_loaded(void *arg, const struct roster_item *items, size_t n)
{
    got.n = n;
}

static void on_messages(void *arg, const struct offline_message *m, size_t n, bool more)
{
    got.n = n;
    got.more = more;
    got.seq = n ? m[n - 1].seq : 0;
    snprintf(got.text, sizeof got.text, "%.200s", n ? m[0].xml : "");
}

static void on_account(void *arg, enum refuse r, const struct account *a)
{
    last = r;
    *(struct account *)arg = *a;
}

static void on_checked(void *arg, bool right)
{
    *(bool *)arg = right;
}

/* --- accounts --- */

static enum refuse find(const char *bare, struct account *out)
{
    account_lookup(st, bare, NULL, on_account, out);
    return last;
}

static bool check(const struct account *a, const char *password)
{
    bool right = false;
    account_check(st, a, password, NULL, on_checked, &right);
    return right;
}

static void accounts(void **state)
{
    struct account a, again;
    assert_int_equal(account_create(st, "Alice@LOCALHOST", "x", 0), REFUSE_CONFLICT);
    assert_int_equal(account_create(st, "c@second.example", "x", 0), REFUSE_OK);
    assert_int_equal(account_create(st, "c@third.example", "x", 0), REFUSE_UNKNOWN_HOST);
    assert_int_equal(account_create(st, "localhost", "x", 0), REFUSE_JID_MALFORMED);
    assert_int_equal(account_create(st, "c@localhost/r", "x", 0), REFUSE_JID_MALFORMED);
    assert_int_equal(account_create(st, "c@localhost", "", 0), REFUSE_BAD_REQUEST);
    assert_int_equal(find("alice@localhost", &a), REFUSE_OK);
    assert_false(account_remembered(st, &a, "a"));
    assert_true(check(&a, "a"));
    assert_true(account_remembered(st, &a, "a"));
    assert_false(check(&a, "b"));
    assert_false(check(&a, ""));
    assert_int_equal(account_password(st, "alice@localhost", "new"), REFUSE_OK);
    assert_int_equal(find("alice@localhost", &again), REFUSE_OK);
    assert_false(account_remembered(st, &again, "a"));
    assert_false(check(&again, "a"));
    assert_true(check(&again, "new"));
    assert_int_equal(account_disable(st, "alice@localhost", true), REFUSE_OK);
    assert_int_equal(find("alice@localhost", &a), REFUSE_OK);
    assert_true(a.disabled);
    assert_int_equal(account_disable(st, "alice@localhost", false), REFUSE_OK);
    assert_int_equal(find("ghost@localhost", &a), REFUSE_NOT_FOUND);
    assert_int_equal(a.sha256.rounds, 4096);
    assert_false(check(&a, "new"));
}

static void digests(void **state)
{
    struct account a;
    char out[41], want[41];
    assert_int_equal(account_create(st, "old@localhost", "caf\xc3\xa9", ACCOUNT_LEGACY_DIGEST), REFUSE_OK);
    assert_int_equal(find("old@localhost", &a), REFUSE_OK);
    sha1_hex("3EE948B0caf\xc3\xa9", 13, want);
    assert_true(account_legacy_digest(st, &a, "3EE948B0", out));
    assert_string_equal(out, want);
    strcpy(a.jid, "other@localhost"); /* a sealed password moved to another row opens nothing */
    assert_false(account_legacy_digest(st, &a, "3EE948B0", out));
    assert_int_equal(find("bob@localhost", &a), REFUSE_OK);
    assert_false(account_legacy_digest(st, &a, "3EE948B0", out));
    assert_int_equal(account_password(st, "old@localhost", "tea"), REFUSE_OK);
    assert_int_equal(find("old@localhost", &a), REFUSE_OK);
    sha1_hex("xtea", 4, want);
    assert_true(account_legacy_digest(st, &a, "x", out));
    assert_string_equal(out, want);
}

static void removal(void **state)
{
    struct account_row *rows;
    size_t n;
    assert_int_equal(account_create(st, "carol@localhost", "c", ACCOUNT_ADMIN), REFUSE_OK);
    assert_int_equal(account_quota(st, "carol@localhost", 1000, -1), REFUSE_OK);
    roster_event(st, "bob@localhost", "carol@localhost", OUT_SUBSCRIBE, NULL, on_roster, NULL);
    roster_event(st, "bob@localhost", "carol@localhost", IN_SUBSCRIBED, NULL, on_roster, NULL);
    assert_int_equal(got.sub, SUB_TO);
    roster_event(st, "carol@localhost", "bob@localhost", IN_SUBSCRIBE, NULL, on_roster, NULL);
    assert_int_equal(account_remove(st, "carol@localhost"), REFUSE_OK);
    assert_int_equal(account_remove(st, "carol@localhost"), REFUSE_NOT_FOUND);
    /* The next of that name is a stranger to all, and has nothing of hers. */
    assert_int_equal(account_create(st, "carol@localhost", "c2", 0), REFUSE_OK);
    roster_load(st, "carol@localhost", NULL, on_loaded, NULL);
    assert_int_equal(got.n, 0);
    roster_event(st, "bob@localhost", "carol@localhost", IN_UNSUBSCRIBED, NULL, on_roster, NULL);
    assert_false(got.changed);
    assert_int_equal(got.sub, SUB_NONE);
    account_list(st, &rows, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].jid, "carol@localhost") == 0)
            assert_true(rows[i].user_quota == -1 && !rows[i].admin);
    free(rows);
}

/* --- rosters --- */

static void set_item(const char *jid, const char *name, const char *const *groups, size_t n)
{
    struct roster_item item = {.jid = jid, .name = name, .groups = groups, .n_groups = n};
    roster_set(st, "alice@localhost", &item, NULL, on_roster, NULL);
}

static void rosters(void **state)
{
    const char *groups[ROSTER_MAX_GROUPS + 1];
    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        groups[i] = "Friends & \"foes\"";
    set_item("bob@localhost", "Bob", groups, 2);
    assert_int_equal(last, REFUSE_OK);
    assert_string_equal(got.text, "bob@localhost|Bob|Friends & \"foes\"");
    roster_event(st, "alice@localhost", "bob@localhost", OUT_SUBSCRIBE, NULL, on_roster, NULL);
    assert_true(got.changed && got.ask && got.in_roster);
    set_item("bob@localhost", "Robert", NULL, 0); /* name and groups; the states stay */
    assert_true(got.ask);
    assert_int_equal(got.n, 0);
    set_item("x@localhost", "", groups, ROSTER_MAX_GROUPS + 1);
    assert_int_equal(last, REFUSE_TOO_MANY);
    roster_remove(st, "alice@localhost", "bob@localhost", NULL, on_roster, NULL);
    assert_int_equal(last, REFUSE_OK);
    assert_int_equal(got.sub, SUB_REMOVE);
    roster_remove(st, "alice@localhost", "bob@localhost", NULL, on_roster, NULL);
    assert_int_equal(last, REFUSE_NOT_FOUND);
    roster_event(st, "ghost@localhost", "bob@localhost", IN_SUBSCRIBE, NULL, on_roster, NULL);
    assert_int_equal(last, REFUSE_UNKNOWN_USER);
}

/* A stranger's request is no roster item until it is granted. */
static void requests(void **state)
{
    roster_event(st, "alice@localhost", "eve@localhost", IN_SUBSCRIBE, NULL, on_roster, NULL);
    assert_true(got.changed && got.pending_in && !got.in_roster);
    roster_event(st, "alice@localhost", "eve@localhost", IN_SUBSCRIBE, NULL, on_roster, NULL);
    assert_false(got.changed);
    roster_remove(st, "alice@localhost", "eve@localhost", NULL, on_roster, NULL);
    assert_int_equal(last, REFUSE_NOT_FOUND);
    roster_event(st, "alice@localhost", "eve@localhost", OUT_SUBSCRIBED, NULL, on_roster, NULL);
    assert_true(got.changed && got.in_roster && !got.pending_in);
    assert_int_equal(got.sub, SUB_FROM);
    assert_int_equal(got.before, SUB_NONE);
    roster_event(st, "alice@localhost", "mallory@localhost", IN_SUBSCRIBE, NULL, on_roster, NULL);
    roster_event(st, "alice@localhost", "mallory@localhost", IN_UNSUBSCRIBE, NULL, on_roster, NULL);
    assert_true(got.changed && !got.pending_in);
    roster_load(st, "alice@localhost", NULL, on_loaded, NULL);
    assert_int_equal(got.n, 1); /* eve */
}

/* --- blocking --- */

static enum refuse store_from(const char *from)
{
    offline_store(st, "bob@localhost", from, "<message/>", NULL, on_refuse, NULL);
    return last;
}

static void blocks(void **state)
{
    static const char *const list[] = {"eve@localhost", "mallory@localhost/phone", "bad.example",
                                       "worse.example/bot"};
    block_add(st, "bob@localhost", list, ARRAY_LEN(list), NULL, on_refuse, NULL);
    assert_int_equal(last, REFUSE_OK);
    assert_int_equal(store_from("eve@localhost"), REFUSE_BLOCKED);
    assert_int_equal(store_from("eve@localhost/any/where@all"), REFUSE_BLOCKED);
    assert_int_equal(store_from("mallory@localhost/phone"), REFUSE_BLOCKED);
    assert_int_equal(store_from("mallory@localhost/desk"), REFUSE_OK);
    assert_int_equal(store_from("who@bad.example/x"), REFUSE_BLOCKED);
    assert_int_equal(store_from("bad.example"), REFUSE_BLOCKED);
    assert_int_equal(store_from("worse.example/bot"), REFUSE_BLOCKED);
    assert_int_equal(store_from("worse.example"), REFUSE_OK);
    assert_int_equal(store_from("not.bad.example"), REFUSE_OK);
    roster_event(st, "bob@localhost", "eve@localhost", IN_SUBSCRIBE, NULL, on_roster, NULL);
    assert_int_equal(last, REFUSE_BLOCKED);
    grant_ask(st, "eve@localhost", "bob@localhost", 10, NULL, on_refuse, NULL);
    assert_int_equal(last, REFUSE_BLOCKED);
    block_remove(st, "bob@localhost", list, 1, NULL, on_refuse, NULL);
    assert_int_equal(store_from("eve@localhost"), REFUSE_OK);
    block_remove(st, "bob@localhost", NULL, 0, NULL, on_refuse, NULL);
    assert_int_equal(store_from("who@bad.example/x"), REFUSE_OK);
    offline_drop(st, "bob@localhost", INT64_MAX, NULL, NULL, NULL);
}

/* --- offline messages --- */

static void messages(void **state)
{
    assert_int_equal(account_create(st, "full@localhost", "x", 0), REFUSE_OK);
    for (int i = 0; i < OFFLINE_MAX_MESSAGES; i++) {
        char xml[64];
        snprintf(xml, sizeof xml, "<message id='%d'/>", i);
        offline_store(st, "full@localhost", "alice@localhost", xml, NULL, on_refuse, NULL);
        assert_int_equal(last, REFUSE_OK);
    }
    offline_store(st, "full@localhost", "alice@localhost", "<message/>", NULL, on_refuse, NULL);
    assert_int_equal(last, REFUSE_TOO_MANY);
    offline_store(st, "ghost@localhost", "alice@localhost", "<message/>", NULL, on_refuse, NULL);
    assert_int_equal(last, REFUSE_UNKNOWN_USER);
    offline_load(st, "full@localhost", 0, NULL, on_messages, NULL);
    assert_int_equal(got.n, OFFLINE_MAX_MESSAGES);
    assert_string_equal(got.text, "<message id='0'/>");
    offline_drop(st, "full@localhost", got.seq - 1, NULL, NULL, NULL);
    offline_load(st, "full@localhost", 0, NULL, on_messages, NULL);
    assert_int_equal(got.n, 1);
    assert_string_equal(got.text, "<message id='99'/>");
    offline_drop(st, "full@localhost", got.seq, NULL, NULL, NULL);
}

static void large_messages(void **state)
{
    char *big = xmalloc(200001);
    memset(big, 'x', 200000);
    big[200000] = '\0';
    for (int i = 0; i < 5; i++) {
        offline_store(st, "full@localhost", "alice@localhost", big, NULL, on_refuse, NULL);
        assert_int_equal(last, REFUSE_OK);
    }
    offline_store(st, "full@localhost", "alice@localhost", big, NULL, on_refuse, NULL);
    assert_int_equal(last, REFUSE_TOO_MANY);
    free(big);
    size_t seen = 0;
    int64_t after = 0;
    do {
        offline_load(st, "full@localhost", after, NULL, on_messages, NULL);
        assert_true(got.n > 0 && got.n < 5);
        seen += got.n;
        after = got.seq;
    } while (got.more);
    assert_int_equal(seen, 5);
}

/* --- leave to store --- */

static enum refuse ask(const char *from, const char *to, int64_t size)
{
    grant_ask(st, from, to, size, NULL, on_refuse, NULL);
    return last;
}

static void asking(void **state)
{
    assert_int_equal(ask("alice@localhost", "ghost@localhost", 10), REFUSE_UNKNOWN_USER);
    assert_int_equal(ask("alice@localhost", "bob@localhost", 10), REFUSE_OK);
    assert_int_equal(ask("alice@elsewhere", "bob@localhost", 10), REFUSE_OFFER_NOT_TAKEN);
    assert_int_equal(ask("alice@localhost", "bob@localhost", (1 << 20) + GRANT_SLACK + 1),
                     REFUSE_FILE_TOO_LARGE);
    assert_int_equal(account_quota(st, "bob@localhost", -1, 100), REFUSE_OK);
    assert_int_equal(ask("alice@localhost", "bob@localhost", 101), REFUSE_INBOX_FULL);
    assert_int_equal(ask("bob@localhost", "bob@localhost", 101), REFUSE_OK);
    assert_int_equal(account_quota(st, "bob@localhost", 50, -1), REFUSE_OK);
    assert_int_equal(ask("bob@localhost", "alice@localhost", 51), REFUSE_QUOTA_FULL);
    assert_int_equal(account_quota(st, "bob@localhost", -1, -1), REFUSE_OK);
    write_conf("contacts");
    assert_int_equal(ask("alice@localhost", "bob@localhost", 10), REFUSE_OFFER_NOT_TAKEN);
    roster_event(st, "bob@localhost", "alice@localhost", IN_SUBSCRIBE, NULL, on_roster, NULL);
    assert_int_equal(ask("alice@localhost", "bob@localhost", 10),
                     REFUSE_OFFER_NOT_TAKEN); /* asked, not granted */
    roster_event(st, "bob@localhost", "alice@localhost", OUT_SUBSCRIBED, NULL, on_roster, NULL);
    assert_int_equal(ask("alice@localhost", "bob@localhost", 10), REFUSE_OK);
    write_conf("any");
    assert_int_equal(ask("eve@elsewhere", "bob@localhost", 10), REFUSE_OK);
    write_conf("domain");
}

static char stored_token[256];

static void on_stored(void *arg, enum refuse r, const char *token)
{
    last = r;
    snprintf(stored_token, sizeof stored_token, "%s", token ? token : "");
}

static void grants(void **state)
{
    char *desc = xmalloc(4001);
    memset(desc, 'd', 4000);
    desc[4000] = '\0';
    struct arena *arena = arena_get(NULL);
    struct grant g = {.size = 5,
                      .name = "n",
                      .type = "",
                      .owner = "alice@localhost",
                      .to = "",
                      .to_raw = "",
                      .desc = ""},
                 out;
    struct buf token = {0};
    assert_int_equal(grant_new(st, &g), REFUSE_OK);
    assert_int_equal(grant_seal(st, &g, &token), 0);
    assert_true(token.len < 250);
    assert_int_equal(grant_open(st, token.data, token.len, arena, &out), REFUSE_OK);
    assert_string_equal(out.owner, "alice@localhost");
    g.desc = desc;
    buf_free(&token);
    assert_int_equal(grant_seal(st, &g, &token), -1);
    assert_int_equal(token.len, 0);
    grant_store(st, &g, NULL, on_stored, NULL);
    assert_int_equal(last, REFUSE_OK);
    assert_int_equal(grant_open(st, stored_token, strlen(stored_token), arena, &out), REFUSE_OK);
    assert_string_equal(out.desc, desc);
    assert_string_equal(out.id.text, g.id.text);
    stored_token[10] ^= 1;
    assert_int_equal(grant_open(st, stored_token, strlen(stored_token), arena, &out), REFUSE_BAD_TOKEN);
    arena_put(arena);
    free(desc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts), cmocka_unit_test(digests),        cmocka_unit_test(removal),
        cmocka_unit_test(rosters),  cmocka_unit_test(requests),       cmocka_unit_test(blocks),
        cmocka_unit_test(messages), cmocka_unit_test(large_messages), cmocka_unit_test(asking),
        cmocka_unit_test(grants),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
