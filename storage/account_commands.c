/* account_commands.c: `user ...`: what operators do with accounts. Each runs in a worker, since each waits
 * for the index and most stretch a password; all may run without a daemon. */
#include <stdlib.h>
#include <string.h>

#include "storage/account_import.h"
#include "storage/command_work.h"
#include "storage/internal.h"

#define LEGACY_WARNING                                                                                   \
    "the password is kept too, sealed under the key file: who has the spool and that file can read it. " \
    "Meant only for clients that log in by the digest of XEP-0078"

static const char *text(const json_t *args, const char *key)
{
    return json_string_value(json_object_get(args, key));
}

static bool flag(const json_t *args, const char *key)
{
    return json_is_true(json_object_get(args, key));
}

/* Refuses in words that name the thing. */
static void refuse(struct command_answer *to, enum refuse r, const char *jid)
{
    char *detail = NULL;
    if (r == REFUSE_CONFLICT)
        detail = xasprintf("there is a user %s already", jid);
    else if (r == REFUSE_NOT_FOUND)
        detail = xasprintf("there is no user %s", jid);
    else if (r == REFUSE_UNKNOWN_HOST)
        detail = xasprintf("%s is of no domain served here (xmpp.domain = %s)", jid, conf_get()->xmpp_domain);
    else if (r == REFUSE_JID_MALFORMED)
        detail = xasprintf("%s is not a user's address (name@domain)", jid);
    else if (r == REFUSE_BAD_REQUEST)
        detail = xstrdup(
            "the password is empty, longer than 255 bytes, or has characters that no password may have");
    command_refuse(to, r, detail);
    free(detail);
}

/* Answers with the address as it is kept. */
static void answer(struct command_answer *to, enum refuse r, const char *jid)
{
    if (r != REFUSE_OK)
        refuse(to, r, jid);
    else
        command_answer(to, EXIT_OK_, json_pack("{s:s}", "jid", jid));
}

/* --- the commands --- */

static void add(struct storage *st, const json_t *args, struct command_answer *to)
{
    const char *jid = text(args, "JID");
    bool legacy = flag(args, "legacy-digest");
    enum refuse r =
        account_create(st, jid, text(args, "password"),
                       (flag(args, "admin") ? ACCOUNT_ADMIN : 0) | (legacy ? ACCOUNT_LEGACY_DIGEST : 0));
    if (r == REFUSE_OK && legacy)
        command_answer(to, EXIT_OK_, json_pack("{s:s, s:s}", "jid", jid, "warning", LEGACY_WARNING));
    else
        answer(to, r, jid);
}
COMMAND_WORK(add)

static void import_lines(struct storage *st, const json_t *args, struct command_answer *to)
{
    struct buf why = {0};
    struct account_imported n;
    enum refuse r = account_import(st, json_object_get(args, "lines"), &n, &why);
    if (r != REFUSE_OK)
        command_refuse(to, r, why.len ? why.data : NULL);
    else
        command_answer(
            to, EXIT_OK_,
            json_pack("{s:I, s:I}", "added", (json_int_t)n.added, "existing", (json_int_t)n.existing));
    buf_free(&why);
}
COMMAND_WORK(import_lines)

static json_t *row_json(const struct account_row *r)
{
    const struct conf *c = conf_get();
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:b}", "jid", r->jid, "files",
                     (json_int_t)r->files, "used", (json_int_t)r->used, "user_quota",
                     (json_int_t)(r->user_quota < 0 ? c->storage_user_quota : r->user_quota), "inbox_used",
                     (json_int_t)r->inbox_used, "inbox_quota",
                     (json_int_t)(r->inbox_quota < 0 ? c->storage_inbox_quota : r->inbox_quota), "admin",
                     r->admin, "blocked", r->disabled, "legacy_digest", r->legacy_digest);
}

static void list(struct storage *st, const json_t *args, struct command_answer *to)
{
    struct account_row *rows;
    size_t n;
    json_t *out = json_array();
    account_list(st, &rows, &n);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(out, row_json(&rows[i]));
    free(rows);
    command_answer(to, EXIT_OK_, out);
}
COMMAND_WORK(list)

static void passwd(struct storage *st, const json_t *args, struct command_answer *to)
{
    answer(to, account_password(st, text(args, "JID"), text(args, "password")), text(args, "JID"));
}
COMMAND_WORK(passwd)

static void rm(struct storage *st, const json_t *args, struct command_answer *to)
{
    answer(to, account_remove(st, text(args, "JID")), text(args, "JID"));
}
COMMAND_WORK(rm)

static void block(struct storage *st, const json_t *args, struct command_answer *to)
{
    answer(to, account_disable(st, text(args, "JID"), !flag(args, "off")), text(args, "JID"));
}
COMMAND_WORK(block)

/* --- the table --- */

#define JID_ARG                                                       \
    {                                                                 \
        "JID", "jid", true, false, "The user's address, name@domain." \
    }
#define PASSWORD_ARG                                                          \
    {                                                                         \
        "password", "secret", true, false, "The password, on the first line." \
    }

static const struct command_arg add_args[] = {
    JID_ARG,
    {"--admin", "flag", false, false, "He may log in to the admin pages."},
    {"--legacy-digest", "flag", false, false,
     "Keep the password itself too, sealed, so that old clients can log in by the digest of XEP-0078."},
    PASSWORD_ARG,
    {0}};
static const struct command_arg import_args[] = {
    {"lines", "lines", true, false,
     "One user a line: address, a tab, password. Users who exist stay as they are. A line that is no user "
     "ends the command before anything is done."},
    {0}};
static const struct command_arg jid_args[] = {JID_ARG, {0}};
static const struct command_arg passwd_args[] = {JID_ARG, PASSWORD_ARG, {0}};
static const struct command_arg block_args[] = {
    JID_ARG, {"--off", "flag", false, false, "Let him in again."}, {0}};
static const char *const jid_column[] = {"jid", NULL};
static const char *const list_columns[] = {"jid",         "files", "used",    "user_quota",    "inbox_used",
                                           "inbox_quota", "admin", "blocked", "legacy_digest", NULL};

static const struct command user_add = {"user add", "Add a user.", ROLE_ADMIN, COMMAND_OFFLINE,
                                        add_args,   jid_column,    add_soon};
static const struct command user_import = {
    "user import", "Add many users at once.", ROLE_ADMIN, COMMAND_OFFLINE, import_args,
    NULL,          import_lines_soon};
static const struct command user_ls = {"user ls",   "List the users and what they take up.",
                                       ROLE_VIEWER, COMMAND_OFFLINE | COMMAND_ROWS,
                                       NULL,        list_columns,
                                       list_soon};
static const struct command user_passwd = {"user passwd", "Give a user another password; his sessions end.",
                                           ROLE_ADMIN,    COMMAND_OFFLINE,
                                           passwd_args,   jid_column,
                                           passwd_soon};
static const struct command user_rm = {
    "user rm",  "Remove a user with his roster, his messages, his files and those that were left for him.",
    ROLE_ADMIN, COMMAND_OFFLINE | COMMAND_DANGER,
    jid_args,   jid_column,
    rm_soon};
static const struct command user_block = {
    "user block",  "Keep a user from logging in; his sessions end, his files stay.",
    ROLE_OPERATOR, COMMAND_OFFLINE,
    block_args,    jid_column,
    block_soon};

COMMAND_REGISTER(user_add);
COMMAND_REGISTER(user_import);
COMMAND_REGISTER(user_ls);
COMMAND_REGISTER(user_passwd);
COMMAND_REGISTER(user_rm);
COMMAND_REGISTER(user_block);
