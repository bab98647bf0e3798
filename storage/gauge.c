/* gauge.c: see gauge.h. */
#include "storage/gauge.h"

#include <string.h>

#include "base/conf.h"

/* In the configuration 0 means "no limit" of these. */
static int64_t unless_zero(int64_t limit)
{
    return limit ? limit : -1;
}

int64_t gauge_purpose_quota(enum purpose p)
{
    const struct conf *c = conf_get();
    const int64_t quotas[PURPOSE_COUNT] = {
        [PURPOSE_MESSAGE] = c->storage_quota_message,
        [PURPOSE_PROFILE] = c->storage_quota_profile,
        [PURPOSE_EPHEMERAL] = c->storage_quota_ephemeral,
        [PURPOSE_PERMANENT] = c->storage_quota_permanent,
    };
    return unless_zero(quotas[p]);
}

bool gauge_pays_inbox(const struct charge *c)
{
    return *c->to && strcmp(c->owner, c->to) != 0;
}

size_t gauge_owner(const struct usage_figures *f, const struct charge *c, struct gauge out[GAUGES])
{
    const struct conf *conf = conf_get();
    struct gauge *g = out;
    if (f->closed)
        *g++ = (struct gauge){.why = REFUSE_FORBIDDEN, .more = 1, .kind = GAUGE_CLOSED};
    *g++ = (struct gauge){.why = REFUSE_PURPOSE_FULL,
                          .used = f->purpose_used[c->purpose],
                          .more = c->size,
                          .limit = gauge_purpose_quota(c->purpose),
                          .kind = GAUGE_PURPOSE};
    *g++ = (struct gauge){.why = REFUSE_QUOTA_FULL,
                          .used = f->used,
                          .more = c->size,
                          .limit = f->user_quota < 0 ? conf->storage_user_quota : f->user_quota,
                          .kind = GAUGE_BYTES};
    *g++ = (struct gauge){.why = REFUSE_FILES_FULL,
                          .used = f->files,
                          .more = 1,
                          .limit = unless_zero(conf->storage_user_files),
                          .kind = GAUGE_FILES};
    *g++ = (struct gauge){.why = REFUSE_DAY_FULL,
                          .used = f->day == c->day ? f->day_used : 0,
                          .more = c->size,
                          .limit = unless_zero(conf->storage_daily_quota),
                          .kind = GAUGE_DAY};
    return (size_t)(g - out);
}

size_t gauge_inbox(const struct usage_figures *f, const struct charge *c, struct gauge out[GAUGES])
{
    const struct conf *conf = conf_get();
    struct gauge *g = out;
    if (f->closed)
        *g++ = (struct gauge){.why = REFUSE_UNKNOWN_USER, .more = 1, .kind = GAUGE_CLOSED, .inbox = true};
    *g++ = (struct gauge){.why = REFUSE_INBOX_FULL,
                          .used = f->inbox_used,
                          .more = c->size,
                          .limit = f->inbox_quota < 0 ? conf->storage_inbox_quota : f->inbox_quota,
                          .kind = GAUGE_BYTES,
                          .inbox = true};
    *g++ = (struct gauge){.why = REFUSE_INBOX_FULL,
                          .used = f->inbox_files,
                          .more = 1,
                          .limit = unless_zero(conf->storage_inbox_files),
                          .kind = GAUGE_FILES,
                          .inbox = true};
    return (size_t)(g - out);
}

bool gauge_full(const struct gauge *g)
{
    return g->limit >= 0 && g->more > g->limit - g->used;
}

bool gauge_has_broken_off(const struct gauge *g)
{
    return !g->inbox && g->kind != GAUGE_TOTAL && g->kind != GAUGE_CLOSED;
}

bool gauge_has_fetched(const struct gauge *g)
{
    return conf_get()->storage_make_room &&
           (g->kind == GAUGE_BYTES || g->kind == GAUGE_PURPOSE || g->kind == GAUGE_FILES);
}

enum refuse gauge_judge(const struct gauge *g, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (gauge_full(&g[i]))
            return g[i].why;
    return REFUSE_OK;
}

static bool any_near(const struct gauge *g, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (gauge_full(&g[i]) && (g[i].used > 0 || g[i].kind == GAUGE_CLOSED))
            return true;
    return false;
}

bool gauge_near(const struct usage_figures *f, int64_t day)
{
    int64_t largest = conf_get()->storage_max_file_size;
    struct charge most = {.size = largest < INT64_MAX - GRANT_SLACK ? largest + GRANT_SLACK : largest,
                          .day = day};
    struct gauge g[GAUGES];
    if (f->user_quota >= 0 || f->inbox_quota >= 0)
        return true;
    for (int p = 0; p < PURPOSE_COUNT; p++) {
        most.purpose = (enum purpose)p;
        if (any_near(g, gauge_owner(f, &most, g)))
            return true;
    }
    return any_near(g, gauge_inbox(f, &most, g));
}
