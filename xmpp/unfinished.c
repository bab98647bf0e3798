/* unfinished.c: a short list, newest first: few transfers break off, and fewer come back.
 */
#include "xmpp/unfinished.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define UNFINISHED_MAX 256

struct unfinished {
    struct unfinished *next;
    struct ferry_id id;
    int64_t size, offset;
    char *from_bare, *to, *name, *date;
    bool has_md5;
    uint8_t md5[MD5_BYTES];
};

static struct unfinished *all;

static void unfinished_free(struct unfinished *u)
{
    free(u->from_bare);
    free(u->to);
    free(u->name);
    free(u->date);
    free(u);
}

static void drop(struct unfinished **at)
{
    struct unfinished *u = *at;
    *at = u->next;
    unfinished_free(u);
}

static void on_kept(void *arg, enum refuse r, int64_t received)
{
    struct unfinished *u = arg;
    size_t n = 0;
    if (r != REFUSE_OK || received <= 0 || mod_draining()) {
        unfinished_free(u);
        return;
    }
    u->offset = received;
    u->next = all;
    all = u;
    for (struct unfinished **at = &all; *at; at = &(*at)->next)
        if (++n > UNFINISHED_MAX) {
            drop(at);
            break;
        }
}

static bool may_go_on(const struct offer *o)
{
    return o->ranged && !o->side && (o->has_md5 || *o->date);
}

bool unfinished_keep(struct offer *o)
{
    if (o->owner != OFFER_OF_FERRY || o->state != OFFER_OPEN || !may_go_on(o) || mod_draining() ||
        intake_received(o->intake) == 0)
        return false;
    struct unfinished *u = xcalloc(1, sizeof *u);
    u->id = o->grant.id;
    u->size = o->grant.size;
    u->from_bare = xstrdup(o->from_bare);
    u->to = xstrdup(o->to);
    u->name = xstrdup(o->name);
    u->date = xstrdup(o->date);
    u->has_md5 = o->has_md5;
    memcpy(u->md5, o->md5, sizeof u->md5);
    intake_keep(&o->intake, on_kept, u);
    return true;
}

static bool is_same(const struct unfinished *u, const struct offer *o)
{
    return u->size == o->grant.size && u->has_md5 == o->has_md5 && memcmp(u->md5, o->md5, MD5_BYTES) == 0 &&
           strcmp(u->from_bare, o->from_bare) == 0 && strcmp(u->to, o->to) == 0 &&
           strcmp(u->name, o->name) == 0 && strcmp(u->date, o->date) == 0;
}

void unfinished_find(struct offer *o)
{
    if (!may_go_on(o))
        return;
    for (const struct unfinished *u = all; u; u = u->next) {
        if (!is_same(u, o) || u->offset > SIFORM_OFFSET_MAX)
            continue;
        o->grant.id = u->id;
        o->offset = u->offset;
        log_info("%s offer goes on offset=%lld", o->from, (long long)o->offset);
        return;
    }
}

void unfinished_forget(const struct ferry_id *id)
{
    for (struct unfinished **at = &all; *at; at = &(*at)->next)
        if (strcmp((*at)->id.text, id->text) == 0) {
            drop(at);
            return;
        }
}

static void stop(void)
{
    while (all)
        drop(&all);
}

static const struct mod mod_unfinished = {.name = "unfinished", .stop = stop};
MOD_REGISTER(mod_unfinished);
