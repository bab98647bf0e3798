/* external.c: PUT, GET, HEAD, POST and DELETE PATH/DIR/NAME: files whose slots another server grants, by a
 * secret that it shares with us ([external]). Ferry stands where prosody-filer, xmpp-http-upload and
 * ngx_http_upload do: doc/HTTP.md, "Slots that another server grants".
 *
 * Nothing is known of such a slot before its PUT. Its id is made from its path, always the same one, so the
 * row it gets is judged like any other: a second PUT, a tombstone, the quota. From here on it is put.c's and
 * get.c's.
 */
#include "http/external.h"

#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/secret_file.h"
#include "http/external_token.h"
#include "http/problem.h"
#include "http/route.h"
#include "http/upload.h"

#define SHORT_SECRET 16

/* Read by every thread; old ones stay allocated and reachable, like configurations do (conf.h). */
struct secret {
    struct secret *older;
    size_t n;
    char bytes[];
};
static _Atomic(struct secret *) newest;

static bool same_as(const struct secret *s, const struct buf *line)
{
    size_t n = s ? s->n : 0;

    return n == line->len && (n == 0 || memcmp(s->bytes, line->data, n) == 0);
}

static void publish(const struct buf *line)
{
    struct secret *s = xmalloc(sizeof *s + line->len);

    s->older = newest;
    s->n = line->len;
    if (line->data)
        memcpy(s->bytes, line->data, line->len);
    newest = s;
}

int external_load(struct buf *why)
{
    const char *path = conf_get()->external_secret_file;
    struct buf line = {0};

    if (path[0] && secret_file_read(path, &line, why) < 0) {
        buf_adds(why, " (external.secret_file)");
        return -1;
    }
    if (!same_as(newest, &line)) {
        if (line.len > 0 && line.len < SHORT_SECRET)
            log_warn("the secret of granted slots is short file=\"%s\"; take at least %d characters", path,
                     SHORT_SECRET);
        publish(&line);
    }
    if (line.data)
        explicit_bzero(line.data, line.len);
    buf_free(&line);
    return 0;
}

/* How many segments of the address are [external] path; 0: it is another address. */
static size_t below(const struct request *rq)
{
    const char *p = conf_get()->external_path;
    size_t i = 0;

    while (*p == '/') {
        size_t n = strcspn(++p, "/");
        if (i == rq->uri.n || rq->uri.seg[i].n != n || memcmp(rq->uri.seg[i].p, p, n) != 0)
            return 0;
        p += n;
        i++;
    }
    return i;
}

bool external_serves(const struct request *rq)
{
    const struct secret *s = newest;

    return s && s->n > 0 && below(rq) > 0;
}

/* The rest of the address: "DIR/NAME" or "USER/DIR/NAME", decoded; *name: its last part. */
static enum refuse path_of(const struct request *rq, const char **path, const char **name)
{
    size_t first = below(rq), parts = rq->uri.n - first;
    struct buf b = {0};

    if (parts < 2 || parts > 3)
        return REFUSE_NOT_FOUND;
    for (size_t i = first; i < rq->uri.n; i++) {
        enum refuse r = uri_segment(&rq->uri, i, rq->arena, name);
        if (r == REFUSE_OK && (*name)[0] == 0)
            r = REFUSE_NOT_FOUND;
        if (r != REFUSE_OK) {
            buf_free(&b);
            return r;
        }
        buf_addf(&b, "%s%s", i > first ? "/" : "", *name);
    }
    *path = arena_strdup(rq->arena, b.data);
    buf_free(&b);
    return REFUSE_OK;
}

/* The address as it came, without the query: where the file will be. */
static const char *place_of(const struct request *rq)
{
    struct buf b = {0};
    const char *place;

    for (size_t i = 0; i < rq->uri.n; i++)
        buf_addf(&b, "/%.*s", (int)rq->uri.seg[i].n, rq->uri.seg[i].p);
    place = arena_strdup(rq->arena, b.data);
    buf_free(&b);
    return place;
}

static enum refuse check_signature(struct request *rq, const char *path, struct external_slot *slot)
{
    const struct secret *s = newest;
    struct external_ask ask = {.path = path,
                               .v = uri_param(rq->uri.query, "v", rq->arena),
                               .v2 = uri_param(rq->uri.query, "v2", rq->arena),
                               .authorization = rq->f.authorization,
                               .type = rq->f.content_type,
                               .size = rq->body_size};

    if (!s || s->n == 0) /* a reload took it away in this moment */
        return REFUSE_NOT_FOUND;
    if (!ask.v2)
        ask.v2 = uri_param(rq->uri.query, "token", rq->arena);
    if (!rq->f.content_length)
        return REFUSE_LENGTH_REQUIRED;
    return external_token_open(&ask, s->bytes, s->n, rq->arena, slot);
}

/* When the file goes: at the time the other server told, but never later than the site's own. 0: by purpose.
 */
static int64_t expiry_of(const struct external_slot *slot, int64_t now)
{
    return slot->expires > 0 && slot->expires < now + grant_lifetime(PURPOSE_MESSAGE) ? slot->expires : 0;
}

static enum refuse grant_of(struct request *rq, struct grant *g)
{
    int64_t now = clock_wall();
    struct external_slot slot;
    const char *path, *name;
    char clean[256];
    enum refuse r = path_of(rq, &path, &name);

    if (r == REFUSE_OK)
        r = check_signature(rq, path, &slot);
    if (r == REFUSE_OK && slot.expires > 0 && slot.expires <= now)
        r = REFUSE_BAD_TOKEN;
    if (r != REFUSE_OK)
        return r;
    if (filename_clean(name, strlen(name), clean) < 0)
        memcpy(clean, "file", sizeof "file");
    *g = (struct grant){.size = slot.size,
                        .expires = expiry_of(&slot, now),
                        .deadline =
                            slot.deadline ? slot.deadline : now + conf_get()->slots_put_deadline / 1000,
                        .name = arena_strdup(rq->arena, clean),
                        .type = slot.type,
                        .owner = slot.owner,
                        .to = "",
                        .to_raw = "",
                        .desc = "",
                        .took = TOOK_SLOT,
                        .purpose = PURPOSE_MESSAGE};
    grant_derive_id(rq->st, path, &g->id);
    return slot.size - GRANT_SLACK > conf_get()->storage_max_file_size ? REFUSE_FILE_TOO_LARGE : REFUSE_OK;
}

int external_put_begin(struct request *rq)
{
    struct grant g;
    enum refuse r;

    if (!upload_begins(rq)) /* woken */
        return put_begin(rq);
    r = grant_of(rq, &g);
    return r == REFUSE_OK ? put_begin_grant(rq, &g, place_of(rq)) : problem_send(rq, r, NULL);
}

int external_end(struct request *rq)
{
    const char *path, *name;
    struct ferry_id id;
    enum refuse r = path_of(rq, &path, &name);

    if (r != REFUSE_OK)
        return problem_send(rq, r, NULL);
    grant_derive_id(rq->st, path, &id);
    if (rq->method == METHOD_DELETE)
        return delete_id(rq, &id);
    return rq->method == METHOD_POST ? post_id(rq, &id) : get_id(rq, &id);
}
