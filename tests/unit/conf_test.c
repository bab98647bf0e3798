/* conf_test.c: the promises of base/conf.h and of the table conf.def. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "base/conf.h"

static char dir[] = "/tmp/ferry-conf-XXXXXX";
static struct buf faults;

static int setup(void **state)
{
    assert_non_null(mkdtemp(dir));
    return 0;
}

static int teardown(void **state)
{
    char file[64];

    (void)snprintf(file, sizeof file, "%s/f.conf", dir);
    (void)unlink(file);
    buf_free(&faults);
    return rmdir(dir);
}

/* Loads a file with this text. */
static struct conf *load(const char *text)
{
    char file[64];
    FILE *f;

    (void)snprintf(file, sizeof file, "%s/f.conf", dir);
    f = fopen(file, "w");
    assert_non_null(f);
    (void)fputs(text, f);
    (void)fclose(f);
    buf_free(&faults);
    return conf_load(file, &faults);
}

static void every_default_is_good(void **state)
{
    struct conf *c = load("");

    assert_non_null(c);
    assert_string_equal(c->xmpp_domain, "localhost");
    assert_true(c->xmpp_require_tls);
    assert_int_equal(c->storage_max_file_size, 100 << 20);
    assert_int_equal(c->storage_reserve, -50);
    assert_int_equal(c->limits_handshake, 10000);
    assert_false(c->has_component);
    assert_false(conf_is_set(c, "http.public_url"));
    conf_free(c);
}

static void values_are_read(void **state)
{
    struct conf *c =
        load("; a comment\n[xmpp]\n domain = Example.ORG , b\xC3\xBC"
             "cher.de ; two\nrequire_tls=off\n"
             "[storage]\nreserve = 2.5%\nmax_file_size = 3g\n[limits]\nstall = 90m\nhandshake = 2\n"
             "[http]\npublic_url = https://x.example/a;b/\n");

    assert_non_null(c);
    assert_string_equal(c->xmpp_domain, "example.org,b\xC3\xBC"
                                        "cher.de");
    assert_false(c->xmpp_require_tls);
    assert_int_equal(c->storage_reserve, -25);
    assert_int_equal(c->storage_max_file_size, INT64_C(3) << 30);
    assert_int_equal(c->limits_stall, 90 * 60 * 1000);
    assert_int_equal(c->limits_handshake, 2000);
    assert_string_equal(c->http_public_url, "https://x.example/a;b"); /* `;` behind no blank is part of it */
    assert_true(conf_is_set(c, "http.public_url"));
    conf_free(c);
}

static void hosts_of_urls_become_ascii(void **state)
{
    struct conf *c = load("[http]\npublic_url = https://B\xC3\xBC"
                          "cher.example:8443/f%C3%BCr/\npages_url = http://xn--bcher-kva.example\n");

    assert_non_null(c);
    assert_string_equal(c->http_public_url, "https://xn--bcher-kva.example:8443/f%C3%BCr");
    assert_string_equal(c->http_pages_url, "http://xn--bcher-kva.example");
    conf_free(c);
    assert_null(load("[http]\npublic_url = https://b.example/f\xC3\xBCr\n"));
    assert_non_null(strstr(faults.data, "percent-encoded"));
    assert_null(load("[http]\npublic_url = https://b\xC3\xBC..example\n"));
    assert_null(load("[http]\npublic_url = https://b\xFF.example\n"));
}

static void relative_paths_are_the_files(void **state)
{
    struct conf *c = load("[storage]\nkey_file = keys/k\n[admin]\nsocket = /run/x.sock\n");
    char *want = xasprintf("%s/keys/k", dir);

    assert_string_equal(c->storage_key_file, want);
    assert_string_equal(c->admin_socket, "/run/x.sock");
    assert_string_equal(c->tls_key, "");
    assert_string_equal(c->folder, dir);
    free(want);
    want = xasprintf("%s/spool", dir);
    assert_string_equal(c->storage_dir, want); /* a default too */
    free(want);
    conf_free(c);
}

static void faults_are_told_all_at_once_with_their_line(void **state)
{
    assert_null(load(
        "x = 1\n[xmpp]\nfoo = 1\ndomain\n[nowhere]\nfoo = 2\n[limits]\nstanza = 10\nstall = soon\n"
        "[offers]\ncopy = maybe\naccept_from = all\ndial_ports = 9-3\n[xmpp\n[http]\nlisten = localhost:80\n"
        "public_url = ftp://x\n[tls]\nkey = k\n[xmpp]\nlisten_legacy = "
        "192.0.2.1:5222\n[limits]\nstall=1s\nstall=2s\n"));
    for (const char *const *want =
             (const char *const[]){":1: ", ":3: ", ":4: ", ":5: ", ":8: ", ":9: ", ":11: ", ":12: ", ":13: ",
                                   ":14: ", ":16: ", ":17: ", ":19: ", ":21: ", ":24: ", NULL};
         *want != NULL; want++)
        if (strstr(faults.data, *want) == NULL)
            fail_msg("no fault at %s in\n%s", *want, faults.data);
    assert_null(strstr(faults.data, ":6: ")); /* its section was told */
}

static void missing_file_is_a_fault_when_named(void **state)
{
    buf_free(&faults);
    assert_null(conf_load("/nonexistent/f.conf", &faults));
    assert_non_null(strstr(faults.data, "No such file"));
}

static void environment_wins(void **state)
{
    struct conf *c;
    struct buf out = {0};

    (void)setenv("FERRYD_LIMITS_STALL", "7s", 1);
    c = load("[limits]\nstall = 5s\nhead = 3s\n");
    assert_int_equal(c->limits_stall, 7000);
    conf_print(c, &out);
    assert_non_null(strstr(out.data, "; environment FERRYD_LIMITS_STALL\n"));
    assert_non_null(strstr(out.data, "f.conf:3\n"));
    conf_free(c);
    (void)setenv("FERRYD_LIMITS_STALL", "never", 1);
    assert_null(load(""));
    (void)unsetenv("FERRYD_LIMITS_STALL");
    buf_free(&out);
}

static void what_is_not_built_is_a_warning(void **state)
{
    struct conf *c = load("[http]\npages_url = https://files.example.org\n");

    assert_non_null(c);
    assert_non_null(strstr(faults.data, "warning: http.pages_url"));
    conf_free(c);
}

static void legacy_on_a_public_address_wants_a_word(void **state)
{
    struct conf *c;

    assert_null(load("[xmpp]\nlisten_legacy = 0.0.0.0:5222\n"));
    c = load("[xmpp]\nlisten_legacy = 0.0.0.0:5222\nlegacy_public = yes\n");
    assert_non_null(c);
    conf_free(c);
    c = load("[xmpp]\nlisten_legacy = 192.168.1.2:5222\n");
    assert_non_null(c);
    conf_free(c);
}

/* What is printed can be read again and means the same. */
static void printed_configuration_is_a_configuration(void **state)
{
    struct conf *c = load("[xmpp]\ndomain = a,b\n[storage]\nreserve = 2.5%\n[limits]\nstall = 1500ms\n"),
                *again;
    struct buf out = {0}, out2 = {0};
    char *text;

    conf_print(c, &out);
    text = xstrdup(out.data);
    again = load(text);
    assert_non_null(again);
    conf_print(again, &out2);
    assert_string_equal(again->xmpp_domain, "a,b");
    assert_int_equal(again->storage_reserve, -25);
    assert_int_equal(again->limits_stall, 1500);
    conf_free(c);
    conf_free(again);
    free(text);
    buf_free(&out);
    conf_print_sample(&out);
    again = load(out.data);
    assert_non_null(again);
    assert_int_equal(faults.len, 0);
    conf_free(again);
    buf_free(&out);
    buf_free(&out2);
}

static void units(void **state)
{
    int64_t v;
    struct buf b = {0};

    assert_int_equal(conf_parse_size("1.5M", &v), -1);
    assert_int_equal(conf_parse_size("-1", &v), -1);
    assert_int_equal(conf_parse_size("9999999999T", &v), -1);
    assert_int_equal(conf_parse_size("99999999999999999999", &v), -1);
    assert_int_equal(conf_parse_duration("2w", &v), 0);
    assert_int_equal(v, INT64_C(1209600000));
    assert_int_equal(conf_parse_duration("5M", &v), -1);
    conf_format_size(100 << 20, &b);
    conf_format_size(1500, &b);
    conf_format_duration(86400000, &b);
    conf_format_duration(0, &b);
    assert_string_equal(b.data, "100M15001d0");
    buf_free(&b);
}

static void lists(void **state)
{
    const char *at = " a , b,,c ";
    char item[8];

    assert_true(conf_list_next(&at, item, sizeof item));
    assert_string_equal(item, "a");
    assert_true(conf_list_next(&at, item, sizeof item));
    assert_string_equal(item, "b");
    assert_true(conf_list_next(&at, item, sizeof item));
    assert_string_equal(item, "c");
    assert_false(conf_list_next(&at, item, sizeof item));
    assert_true(conf_list_has("password, digest", "digest"));
    assert_false(conf_list_has("password, digest", "pass"));
}

static void one_is_in_force(void **state)
{
    struct conf *c = load("[limits]\nstall = 5s\n");
    const struct conf *before = conf_get();

    assert_int_equal(before->limits_stall, 30000);
    conf_publish(c);
    assert_int_equal(conf_get()->limits_stall, 5000);
    assert_int_equal(before->limits_stall, 30000); /* still readable */
}

/* Paths that would hide one of ours, or that a proxy's cut would make ambiguous; who is no proxy. */
static void paths_and_proxies_are_checked(void **state)
{
    static const struct {
        const char *text, *fault;
    } rows[] = {
        {"[external]\npath = /upload/\n", NULL},
        {"[external]\npath = /x/upload\n", NULL},
        {"[external]\npath =\n", "external.path"},
        {"[external]\npath = upload\n", "external.path"},
        {"[external]\npath = /\n", "external.path"},
        {"[external]\npath = /a//b\n", "external.path"},
        {"[external]\npath = /a/b/c\n", "external.path"},
        {"[external]\npath = /..\n", "external.path"},
        {"[external]\npath = /a%20b\n", "external.path"},
        {"[external]\npath = /f/x\n", "external.path"},
        {"[external]\npath = /api\n", "external.path"},
        {"[http]\ntrusted_proxies = 127.0.0.1, fd00::/8,unix\n", NULL},
        {"[http]\nlisten = unix:/run/f.sock,127.0.0.1:80\n", NULL},
        {"[http]\nlisten = unix:f.sock\n", "http.listen"},
        {"[http]\nlisten_tls = unix:/run/f.sock\n", "http.listen_tls"},
        {"[http]\ntrusted_proxies = 127.0.0.1, proxy.example\n", "http.trusted_proxies: \"proxy.example\""},
        {"[http]\ntrusted_proxies = 10.0.0.1/8\n", "http.trusted_proxies"},
        {"[http]\npublic_url = https://x.example/a/b/\n", NULL},
        {"[http]\npublic_url = https://x.example/f\n", "http.public_url"},
        {"[http]\npublic_url = https://x.example/a/b/c/d\n", "http.public_url"},
        {"[http]\npublic_url = https://x.example/upload\n", "external.path"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct conf *c = load(rows[i].text);

        if ((c == NULL) != (rows[i].fault != NULL) || (!c && !strstr(faults.data, rows[i].fault)))
            fail_msg("%s%s", rows[i].text, faults.data ? faults.data : "");
        conf_free(c);
    }
    struct conf *c = load("[external]\npath = /upload/\n");
    assert_string_equal(c->external_path, "/upload");
    conf_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_is_good),
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(hosts_of_urls_become_ascii),
        cmocka_unit_test(relative_paths_are_the_files),
        cmocka_unit_test(faults_are_told_all_at_once_with_their_line),
        cmocka_unit_test(paths_and_proxies_are_checked),
        cmocka_unit_test(missing_file_is_a_fault_when_named),
        cmocka_unit_test(environment_wins),
        cmocka_unit_test(what_is_not_built_is_a_warning),
        cmocka_unit_test(legacy_on_a_public_address_wants_a_word),
        cmocka_unit_test(printed_configuration_is_a_configuration),
        cmocka_unit_test(units),
        cmocka_unit_test(lists),
        cmocka_unit_test(one_is_in_force),
    };

    return cmocka_run_group_tests_name("conf", tests, setup, teardown);
}
