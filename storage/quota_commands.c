/* quota_commands.c: `user quota`: what a user takes up, beside what he may; and changing his own limits. Runs
 * in a worker, since it waits for the index; without a daemon too. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "storage/command_work.h"
#include "storage/gauge.h"
#include "storage/index_people.h"
#include "storage/internal.h"

/* "default" (-1), a size, or as it is (absent). False: neither. */
static bool quota_value(const json_t *args, const char *key, int64_t *value)
{
    const char *s = json_string_value(json_object_get(args, key));
    if (!s)
        return true;
    if (strcmp(s, "default") == 0)
        *value = -1;
    else if (conf_parse_size(s, value) < 0)
        return false;
    return true;
}

static void set_pair(json_t *o, const char *used_key, int64_t used, const char *limit_key, int64_t limit)
{
    json_object_set_new(o, used_key, json_integer(used));
    json_object_set_new(o, limit_key, json_integer(limit < 0 ? 0 : limit));
}

/* Each figure beside its limit; 0: no limit of that kind. */
static json_t *figures_json(const char *jid, const struct usage_figures *f)
{
    const struct conf *c = conf_get();
    json_t *o = json_pack("{s:s}", "jid", jid);
    set_pair(o, "used", f->used, "user_quota", f->user_quota < 0 ? c->storage_user_quota : f->user_quota);
    set_pair(o, "files", f->files, "files_quota", c->storage_user_files);
    set_pair(o, "day_used", f->day == clock_wall() / 86400 ? f->day_used : 0, "daily_quota",
             c->storage_daily_quota);
    for (enum purpose p = 0; p < PURPOSE_COUNT; p++) {
        char used[32], limit[32];
        snprintf(used, sizeof used, "%s_used", purpose_name(p));
        snprintf(limit, sizeof limit, "%s_quota", purpose_name(p));
        set_pair(o, used, f->purpose_used[p], limit, gauge_purpose_quota(p));
    }
    set_pair(o, "inbox_used", f->inbox_used, "inbox_quota",
             f->inbox_quota < 0 ? c->storage_inbox_quota : f->inbox_quota);
    set_pair(o, "inbox_files", f->inbox_files, "inbox_files_quota", c->storage_inbox_files);
    return o;
}

static void answer(struct storage *st, const char *jid, struct command_answer *to)
{
    struct usage_figures f;
    struct index_db *db = index_reader(st->index);
    index_error(db);
    index_usage_get(db, jid, &f);
    enum refuse r = index_error(db);
    if (r == REFUSE_OK)
        command_answer(to, EXIT_OK_, figures_json(jid, &f));
    else
        command_refuse(to, r, NULL);
}

static void quota(struct storage *st, const json_t *args, struct command_answer *to)
{
    char jid[ACCOUNT_JID_MAX];
    struct usage_figures f;
    enum refuse r = REFUSE_OK;
    if (!command_work_user(st, args, to, jid))
        return;
    index_usage_get(index_reader(st->index), jid, &f);
    if (!quota_value(args, "QUOTA", &f.user_quota) || !quota_value(args, "inbox", &f.inbox_quota)) {
        command_refuse(to, REFUSE_USAGE, "a quota is a size (100M, 2G) or the word default");
        return;
    }
    if (json_object_get(args, "QUOTA") || json_object_get(args, "inbox"))
        r = account_quota(st, jid, f.user_quota, f.inbox_quota);
    if (r == REFUSE_OK)
        answer(st, jid, to);
    else
        command_refuse(to, r, NULL);
}

COMMAND_WORK(quota)

static const struct command_arg quota_args[] = {
    {"JID", "jid", true, false, "The user's address, name@domain."},
    {"QUOTA", "text", false, false, "Bytes of what he uploaded: a size, or default."},
    {"--inbox", "text", false, false, "Bytes that others may leave for him: a size, or default."},
    {0}};
static const struct command user_quota = {
    "user quota",  "Show what a user takes up of each of his limits (0: no limit), or change his quotas.",
    ROLE_OPERATOR, COMMAND_OFFLINE,
    quota_args,    NULL,
    quota_soon};
COMMAND_REGISTER(user_quota);
