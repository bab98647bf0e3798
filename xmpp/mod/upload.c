/* upload.c: HTTP File Upload (XEP-0363, urn:xmpp:http:upload:0): asks for a slot are answered at once, from
 * memory: a grant is sealed into its PUT URL and nothing is written (DESIGN section 2). Only a grant too long
 * for a URL takes the slow way through a row.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "storage/grant.h"
#include "xmpp/router.h"
#include "xmpp/siform.h"

#define RETRY_S 600 /* when a full quota may be asked again: nobody knows sooner */

static const char *number(struct arena *arena, int64_t n)
{
    return arena_printf(arena, "%lld", (long long)n);
}

/* --- refusals (row 49, C33) --- */

/* The error element with what XEP-0363 adds to it. */
static void refuse_with(struct stanza *error, enum refuse why)
{
    char stamp[21];
    if (why == REFUSE_FILE_TOO_LARGE) {
        struct stanza *large = stanza_find(error, NS_UPLOAD, "file-too-large");
        if (large)
            stanza_child_text(large, NULL, "max-file-size",
                              number(error->arena, conf_get()->storage_max_file_size));
    } else if (why == REFUSE_QUOTA_FULL || why == REFUSE_DISK_FULL) {
        clock_format_utc(clock_wall() + RETRY_S, stamp);
        stanza_set(stanza_child(error, NS_UPLOAD, "retry"), "stamp", stamp);
    }
}

static int refuse(struct packet *p, enum refuse why)
{
    const char *detail = why == REFUSE_FILE_TOO_LARGE ? siform_limit(p->arena) : NULL;
    struct stanza *iq = stanza_error(p->arena, p->st, why, detail);
    struct stanza *error = stanza_find(iq, NULL, "error");
    if (error)
        refuse_with(error, why);
    session_send(p->from_session, iq);
    return MOD_HANDLED;
}

/* --- slots --- */

static struct stanza *slot(struct arena *arena, const struct ferry_id *id, const char *token,
                           const char *name)
{
    struct buf put = {0}, get = {0};
    struct stanza *el = stanza_new(arena, NS_UPLOAD, "slot");
    link_put(&put, token, name);
    link_get(&get, id, name);
    stanza_set(stanza_child(el, NULL, "put"), "url", put.data);
    stanza_set(stanza_child(el, NULL, "get"), "url", get.data);
    buf_free(&put);
    buf_free(&get);
    return el;
}

struct long_slot { /* waits for grant_store */
    struct pending *answer;
    struct ferry_id id;
    char name[256];
};

static void on_stored(void *arg, enum refuse r, const char *token)
{
    struct long_slot *w = arg;
    if (r == REFUSE_OK)
        pending_result(&w->answer, slot(pending_arena(w->answer), &w->id, token, w->name));
    else
        pending_refuse(&w->answer, r, NULL);
    free(w);
}

static int answer_later(struct packet *p, const struct grant *g)
{
    struct long_slot *w = xcalloc(1, sizeof *w);
    w->answer = router_hold(p);
    w->id = g->id;
    memcpy(w->name, g->name, strlen(g->name) + 1);
    grant_store(mod_storage(), g, mod_home(), on_stored, w);
    return MOD_HANDLED;
}

/* A name as a client may ask for it; the cleaned one goes into the links. */
static bool read_name(const char *name, char clean[256])
{
    size_t n = name ? strlen(name) : 0;
    return n > 0 && n <= SIFORM_NAME_MAX && !strpbrk(name, "/\\") && filename_clean(name, n, clean) >= 0;
}

static int on_request(struct packet *p)
{
    char name[256];
    struct buf token = {0};
    int64_t size = siform_number(stanza_get(p->payload, "size"), INT64_MAX);
    if (!p->from_session)
        return REFUSE_FORBIDDEN;
    if (size < 1 || !read_name(stanza_get(p->payload, "filename"), name))
        return REFUSE_BAD_REQUEST;
    struct grant g = {
        .size = size,
        .name = name,
        .type = siform_type(stanza_get(p->payload, "content-type")), /* "" is Converse's unknown (C28) */
        .owner = jid_bare(p->arena, &p->from),
        .to = "",
        .to_raw = "",
        .desc = "",
        .took = TOOK_SLOT,
        .purpose = PURPOSE_MESSAGE,
    };
    enum refuse r = grant_new(mod_storage(), &g);
    if (r != REFUSE_OK)
        return refuse(p, r);
    if (grant_seal(mod_storage(), &g, &token) < 0) {
        buf_free(&token);
        return answer_later(p, &g);
    }
    router_result(p, slot(p->arena, &g.id, token.data, name));
    buf_free(&token);
    return MOD_HANDLED;
}

/* --- disco --- */

static void field(struct stanza *form, const char *var, const char *type, const char *value)
{
    struct stanza *el = stanza_child(form, NULL, "field");
    stanza_set(el, "var", var);
    stanza_set(el, "type", type);
    stanza_child_text(el, NULL, "value", value);
}

static void disco_extra(enum target where, struct stanza *query)
{
    if (where != TARGET_UPLOAD)
        return;
    struct stanza *identity = stanza_child(query, NS_DISCO_INFO, "identity");
    stanza_set(identity, "category", "store");
    stanza_set(identity, "type", "file");
    stanza_set(identity, "name", "Ferry");
    struct stanza *form = stanza_child(query, NS_DATA, "x");
    stanza_set(form, "type", "result");
    field(form, "FORM_TYPE", "hidden", NS_UPLOAD);
    field(form, "max-file-size", NULL, number(query->arena, conf_get()->storage_max_file_size + GRANT_SLACK));
}

static const struct mod_route routes[] = {
    {"iq", "get", TARGET_UPLOAD, NS_UPLOAD, "request", on_request},
    {0},
};
static const char *const upload_features[] = {NS_UPLOAD, NULL};
static const struct mod mod_upload_slots = {
    .name = "upload", .upload_features = upload_features, .routes = routes, .disco_extra = disco_extra};
MOD_REGISTER(mod_upload_slots);
