/* command.c: the operators' commands that this side registers: status, ping, config show, login-link. */
#include "base/command.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/jid.h"
#include "http/listeners.h"
#include "http/request.h"
#include "http/session.h"
#include "http/stats.h"
#include "storage/account.h"
#include "storage/grant.h"

static void run_ping(const json_t *args, struct command_answer *to)
{
    command_answer(to, EXIT_OK_, json_pack("{s:b, s:i}", "pong", 1, "pid", (int)getpid()));
}

static const struct command ping = {
    .name = "ping",
    .help = "Says whether the daemon answers.",
    .role = ROLE_VIEWER,
    .run = run_ping,
};
COMMAND_REGISTER(ping);

static void run_status(const json_t *args, struct command_answer *to)
{
    struct storage *st = storage_get();
    struct storage_totals t;
    bool read_only = storage_read_only(st);

    storage_totals(st, &t);
    command_answer(
        to, EXIT_OK_,
        json_pack(
            "{s:s, s:s, s:i, s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
            "state", read_only ? "read-only" : "running", "version", FERRY_VERSION, "pid", (int)getpid(),
            "uptime", (json_int_t)(clock_wall() - http_since()), "url", link_base(), "admin",
            http_admin_url(), "files", (json_int_t)t.files, "bytes", (json_int_t)t.bytes, "total_quota",
            (json_int_t)conf_get()->storage_total_quota, "receiving", (json_int_t)t.receiving, "outbox",
            (json_int_t)t.outbox, "accounts", (json_int_t)t.accounts, "expiring_soon",
            (json_int_t)t.expiring_soon, "disk_free", (json_int_t)t.disk_free, "disk_size",
            (json_int_t)t.disk_size, "http_connections", (json_int_t)stats_connections(), "http_requests",
            (json_int_t)request_open(), "admin_sessions", (json_int_t)session_count()));
}

static const struct command status = {
    .name = "status",
    .help = "Shows what the daemon is doing and how full the spool is.",
    .role = ROLE_VIEWER,
    .run = run_status,
};
COMMAND_REGISTER(status);

/* --- config show: every value in force */

static void add_text(struct buf *out, const char *v)
{
    buf_adds(out, v);
}

static void add_bool(struct buf *out, bool v)
{
    buf_adds(out, v ? "yes" : "no");
}

static void add_int(struct buf *out, int64_t v)
{
    buf_addf(out, "%lld", (long long)v);
}

static void add_reserve(struct buf *out, int64_t v)
{
    if (v >= 0)
        conf_format_size(v, out);
    else
        buf_addf(out, v % 10 ? "%lld.%lld%%" : "%lld%%", (long long)(-v / 10), (long long)(-v % 10));
}

static void add_size(struct buf *out, int64_t v)
{
    conf_format_size(v, out);
}

static void add_duration(struct buf *out, int64_t v)
{
    conf_format_duration(v, out);
}

#define ADD_TEXT add_text
#define ADD_BOOL add_bool
#define ADD_INT add_int
#define ADD_SIZE add_size
#define ADD_DURATION add_duration
#define ADD_RESERVE add_reserve
#define ADD_WORD add_text
#define ADD_PATH add_text
#define ADD_PATHS add_text

static void add_value(json_t *rows, const char *section, const char *key, struct buf *value)
{
    json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "section", section, "key", key, "value",
                                          value->data ? value->data : ""));
    buf_free(value);
}

static void run_config_show(const json_t *args, struct command_answer *to)
{
    const struct conf *conf = conf_get();
    json_t *rows = json_array();
    struct buf value = {0};

#define CONF(section, key, type, dflt, min, max, words, built, doc) \
    ADD_##type(&value, conf->section##_##key);                      \
    add_value(rows, #section, #key, &value);
#include "base/conf.def"
#undef CONF
    command_answer(to, EXIT_OK_, rows);
}

static const char *const config_columns[] = {"section", "key", "value", NULL};
static const struct command config_show = {
    .name = "config show",
    .help = "Shows every parameter in force.",
    .role = ROLE_OPERATOR,
    .flags = COMMAND_ROWS,
    .columns = config_columns,
    .run = run_config_show,
};
COMMAND_REGISTER(config_show);

/* --- login-link */

static void found(void *arg, enum refuse r, const struct account *a)
{
    struct command_answer *to = arg;
    char token[SESSION_TOKEN + 1];

    if (r != REFUSE_OK) {
        command_refuse(to, r == REFUSE_NOT_FOUND ? REFUSE_UNKNOWN_USER : r, NULL);
    } else if (!a->admin || a->disabled) {
        command_refuse(to, REFUSE_FORBIDDEN, "the account is no administrator's");
    } else {
        session_link_new(a->jid, token);
        char *url = xasprintf("%s/admin/login/%s", http_admin_url(), token);
        command_answer(to, EXIT_OK_, json_pack("{s:s, s:s, s:i}", "url", url, "jid", a->jid, "seconds", 600));
        free(url);
    }
}

static void run_login_link(const json_t *args, struct command_answer *to)
{
    struct arena *arena = arena_get(NULL);
    const char *raw = json_string_value(json_object_get(args, "JID"));
    struct jid jid;

    if (http_admin_url()[0] == 0)
        command_refuse(to, REFUSE_UNAVAILABLE, "admin.listen is empty: there is no admin page");
    else if (!raw || jid_parse(arena, raw, strlen(raw), &jid) < 0 || jid.node_len == 0)
        command_refuse(to, REFUSE_JID_MALFORMED, NULL);
    else
        account_lookup(storage_get(), jid_bare(arena, &jid), NULL, found, to);
    arena_put(arena);
}

static const struct command_arg login_args[] = {
    {.name = "JID", .kind = "jid", .required = true, .help = "An account made with --admin."},
    {NULL},
};
static const char *const login_columns[] = {"url", NULL};
static const struct command login_link = {
    .name = "login-link",
    .help = "Makes a one-time link to the admin page, good for ten minutes.",
    .role = ROLE_ADMIN,
    .args = login_args,
    .columns = login_columns,
    .run = run_login_link,
};
COMMAND_REGISTER(login_link);
