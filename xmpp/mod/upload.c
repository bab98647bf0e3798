/* upload.c: HTTP File Upload (XEP-0363): asks for a slot are answered at once, from memory: a grant is sealed
 * into its PUT URL and nothing is written. Only a grant too long for a URL takes the slow
 * way through a row, and only a refusal for want of space asks the index, to say when there will be some.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "xmpp/router.h"
#include "xmpp/siform.h"
#include "xmpp/slotform.h"

#define RETRY_S 600 /* when to ask again if nobody knows when there will be room */

/* What is published, and told with a refusal (C31). */
static int64_t size_limit(void)
{
    return conf_get()->storage_max_file_size + GRANT_SLACK;
}

/* --- refusals (row 49, C33) --- */

static int refuse_size(struct packet *p, enum dialect d)
{
    struct stanza *iq = stanza_error(p->arena, p->st, REFUSE_FILE_TOO_LARGE, siform_limit(p->arena));
    slotform_too_large(stanza_find(iq, NULL, "error"), d, size_limit());
    session_send(p->from_session, iq);
    return MOD_HANDLED;
}

static bool is_about_space(enum refuse why)
{
    return why == REFUSE_QUOTA_FULL || why == REFUSE_DAY_FULL || why == REFUSE_PURPOSE_FULL ||
           why == REFUSE_FILES_FULL || why == REFUSE_TOTAL_FULL || why == REFUSE_DISK_FULL;
}

struct full { /* waits for grant_explain */
    struct pending *answer;
    const char *lang;
    enum refuse why;
    enum dialect dialect;
};

/* The moment at which asking again makes sense. */
static int64_t retry_at(const struct grant_limit *limit)
{
    int64_t now = clock_wall();
    if (limit->why == REFUSE_OK) /* there is room by now */
        return now;
    if (limit->frees == 0)
        return now + RETRY_S;
    return limit->frees > now ? limit->frees : now;
}

static void on_explained(void *arg, const struct grant_limit *limit)
{
    struct full *w = arg;
    struct buf words = {0};
    grant_limit_words(limit, w->lang, &words);
    struct stanza *iq = pending_error(w->answer, limit->why == REFUSE_OK ? w->why : limit->why, words.data);
    if (limit->why == REFUSE_OK || is_about_space(limit->why))
        slotform_retry(stanza_find(iq, NULL, "error"), w->dialect, retry_at(limit));
    pending_answer(&w->answer, iq);
    buf_free(&words);
    free(w);
}

static int refuse_space(struct packet *p, const struct grant *g, enum dialect d, enum refuse why)
{
    const char *lang = stanza_lang(p->st);
    struct full *w = xcalloc(1, sizeof *w);
    w->answer = router_hold(p);
    w->lang = lang && strncmp(lang, "zh", 2) == 0 ? "zh-Hans" : "en";
    w->why = why;
    w->dialect = d;
    grant_explain(mod_storage(), g, mod_home(), on_explained, w);
    return MOD_HANDLED;
}

/* --- slots --- */

static struct stanza *slot(struct arena *arena, enum dialect d, const struct ferry_id *id, const char *token,
                           const char *name)
{
    struct buf put = {0}, get = {0};
    link_put(&put, token, name);
    link_get(&get, id, name);
    struct stanza *el = slotform_slot(arena, d, put.data, get.data);
    buf_free(&put);
    buf_free(&get);
    return el;
}

struct long_slot { /* waits for grant_store */
    struct pending *answer;
    struct ferry_id id;
    enum dialect dialect;
    char name[256];
};

static void on_stored(void *arg, enum refuse r, const char *token)
{
    struct long_slot *w = arg;
    if (r == REFUSE_OK)
        pending_result(&w->answer, slot(pending_arena(w->answer), w->dialect, &w->id, token, w->name));
    else
        pending_refuse(&w->answer, r, NULL);
    free(w);
}

static int answer_later(struct packet *p, const struct grant *g, enum dialect d)
{
    struct long_slot *w = xcalloc(1, sizeof *w);
    w->answer = router_hold(p);
    w->id = g->id;
    w->dialect = d;
    memcpy(w->name, g->name, strlen(g->name) + 1);
    grant_store(mod_storage(), g, mod_home(), on_stored, w);
    return MOD_HANDLED;
}

static int answer(struct packet *p, const struct grant *g, enum dialect d)
{
    struct buf token = {0};
    if (grant_seal(mod_storage(), g, &token) < 0) {
        buf_free(&token);
        return answer_later(p, g, d);
    }
    router_result(p, slot(p->arena, d, &g->id, token.data, g->name));
    buf_free(&token);
    return MOD_HANDLED;
}

/* slots.allow names him or his domain; nobody named: everybody. */
static bool may_ask(const struct jid *from, const char *bare)
{
    const char *allow = conf_get()->slots_allow;
    return allow[0] == '\0' || conf_list_has(allow, bare) ||
           (from->node_len > 0 && conf_list_has(allow, bare + from->node_len + 1));
}

static int on_request(struct packet *p)
{
    struct slotform f;
    const char *detail;
    const char *owner = jid_bare(p->arena, &p->from);
    if (!p->from_session || !may_ask(&p->from, owner))
        return REFUSE_FORBIDDEN;
    enum refuse r = slotform_read(p->payload, clock_wall(), &f, &detail);
    if (r == REFUSE_BAD_REQUEST) {
        router_refuse(p, r, detail);
        return MOD_HANDLED;
    }
    struct grant g = {
        .size = f.size,
        .expires = f.expires,
        .name = f.name,
        .type = f.type,
        .owner = owner,
        .to = "",
        .to_raw = "",
        .desc = "",
        .took = TOOK_SLOT,
        .purpose = f.purpose,
    };
    if (r == REFUSE_OK)
        r = grant_new(mod_storage(), &g);
    if (r == REFUSE_OK)
        return answer(p, &g, f.dialect);
    if (r == REFUSE_FILE_TOO_LARGE)
        return refuse_size(p, f.dialect);
    return is_about_space(r) ? refuse_space(p, &g, f.dialect, r) : (int)r;
}

/* --- disco --- */

static void disco_extra(enum target where, struct stanza *query)
{
    if (where == TARGET_UPLOAD)
        slotform_disco(query, size_limit());
}

static const struct mod_route routes[] = {
    {"iq", "get", TARGET_UPLOAD, NS_UPLOAD, "request", on_request},
    {"iq", "get", TARGET_UPLOAD, NS_UPLOAD_CHILDREN, "request", on_request},
    {"iq", "get", TARGET_UPLOAD, NS_UPLOAD_SIACS, "request", on_request},
    {0},
};
static const char *const upload_features[] = {NS_UPLOAD,
                                              NS_UPLOAD_CHILDREN,
                                              NS_UPLOAD_SIACS,
                                              NS_UPLOAD_PURPOSE "#message",
                                              NS_UPLOAD_PURPOSE "#profile",
                                              NS_UPLOAD_PURPOSE "#ephemeral",
                                              NS_UPLOAD_PURPOSE "#permanent",
                                              NULL};
static const struct mod mod_upload_slots = {
    .name = "upload", .upload_features = upload_features, .routes = routes, .disco_extra = disco_extra};
MOD_REGISTER(mod_upload_slots);
