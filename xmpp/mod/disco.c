/* disco.c: service discovery (XEP-0030), derived from what the modules registered.
 *
 * A service is listed when some module gave it features of its own beside the ones every service has; the
 * proxy, when it listens. */
#include <string.h>

#include "xmpp/proxy65.h"
#include "xmpp/router.h"

static const char *const *features_of(const struct mod *m, enum target t)
{
    switch (t) {
    case TARGET_SERVER:
        return m->features;
    case TARGET_ACCOUNT:
        return m->account_features;
    case TARGET_UPLOAD:
        return m->upload_features;
    case TARGET_PROXY:
        return m->proxy_features;
    default:
        return NULL;
    }
}

static const struct {
    enum target target;
    const char *category, *type, *name;
    const char *mark; /* the feature that says the service is there; NULL: always */
} identities[] = {
    {TARGET_SERVER, "server", "im", "Ferry", NULL},
    {TARGET_ACCOUNT, "account", "registered", NULL, NULL},
    {TARGET_UPLOAD, "store", "file", "Files", NS_UPLOAD},
    {TARGET_PROXY, "proxy", "bytestreams", "SOCKS5 bytestreams", NS_BYTESTREAMS},
};

static bool seen_before(const struct stanza *query, const char *feature)
{
    for (const struct stanza *f = stanza_find(query, NULL, "feature"); f; f = stanza_next(f, NULL, "feature"))
        if (!strcmp(stanza_get(f, "var"), feature))
            return true;
    return false;
}

static bool has_feature(enum target t, const char *feature)
{
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        for (const char *const *f = features_of(m, t); f && *f; f++)
            if (!strcmp(*f, feature))
                return true;
    return false;
}

static bool service_exists(enum target t)
{
    if (t == TARGET_PROXY && proxy65_port() == 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(identities); i++)
        if (identities[i].target == t)
            return !identities[i].mark || has_feature(t, identities[i].mark);
    return false;
}

/* Whoever has the node answers. */
static bool node_answered(struct packet *p, enum target t, const char *ns, const char *node)
{
    struct stanza *query = stanza_new(p->arena, ns, "query");
    stanza_set(query, "node", node);
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        if (m->disco_node && m->disco_node(p, t, node, query)) {
            router_result(p, query);
            return true;
        }
    return false;
}

static int info(struct packet *p, enum target t)
{
    const char *node = stanza_get(p->payload, "node");
    if (!service_exists(t))
        return REFUSE_UNAVAILABLE;
    if (node)
        return node_answered(p, t, NS_DISCO_INFO, node) ? MOD_HANDLED : REFUSE_NOT_FOUND;
    struct stanza *query = stanza_new(p->arena, NS_DISCO_INFO, "query");
    for (size_t i = 0; i < ARRAY_LEN(identities); i++) {
        if (identities[i].target != t)
            continue;
        struct stanza *id = stanza_child(query, NULL, "identity");
        stanza_set(id, "category", identities[i].category);
        stanza_set(id, "type", identities[i].type);
        if (identities[i].name)
            stanza_set(id, "name", identities[i].name);
    }
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        for (const char *const *f = features_of(m, t); f && *f; f++)
            if (!seen_before(query, *f))
                stanza_set(stanza_child(query, NULL, "feature"), "var", *f);
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        if (m->disco_extra)
            m->disco_extra(t, query);
    router_result(p, query);
    return MOD_HANDLED;
}

static int info_server(struct packet *p)
{
    return info(p, TARGET_SERVER);
}

static int info_account(struct packet *p)
{
    return info(p, TARGET_ACCOUNT);
}

static int info_upload(struct packet *p)
{
    return info(p, TARGET_UPLOAD);
}

static int info_proxy(struct packet *p)
{
    return info(p, TARGET_PROXY);
}

static void add_item(struct stanza *query, enum target t, const char *jid, const char *name)
{
    if (!service_exists(t))
        return;
    struct stanza *item = stanza_child(query, NULL, "item");
    stanza_set(item, "jid", jid);
    stanza_set(item, "name", name);
}

static int items(struct packet *p)
{
    struct stanza *query = stanza_new(p->arena, NS_DISCO_ITEMS, "query");
    const char *node = stanza_get(p->payload, "node");
    if (node)
        stanza_set(query, "node", node);
    if (!node && mod_served_domain(p->to.text)) {
        add_item(query, TARGET_UPLOAD, mod_upload(), "Files");
        add_item(query, TARGET_PROXY, mod_proxy(), "SOCKS5 bytestreams");
    }
    router_result(p, query);
    return MOD_HANDLED;
}

static int items_upload(struct packet *p)
{
    const char *node = stanza_get(p->payload, "node");
    return node && node_answered(p, TARGET_UPLOAD, NS_DISCO_ITEMS, node) ? MOD_HANDLED : items(p);
}

static const struct mod_route routes[] = {
    {"iq", "get", TARGET_SERVER, NS_DISCO_INFO, "query", info_server},
    {"iq", "get", TARGET_ACCOUNT, NS_DISCO_INFO, "query", info_account},
    {"iq", "get", TARGET_UPLOAD, NS_DISCO_INFO, "query", info_upload},
    {"iq", "get", TARGET_PROXY, NS_DISCO_INFO, "query", info_proxy},
    {"iq", "get", TARGET_SERVER, NS_DISCO_ITEMS, "query", items},
    {"iq", "get", TARGET_ACCOUNT, NS_DISCO_ITEMS, "query", items},
    {"iq", "get", TARGET_UPLOAD, NS_DISCO_ITEMS, "query", items_upload},
    {"iq", "get", TARGET_PROXY, NS_DISCO_ITEMS, "query", items},
    {.fn = NULL},
};
static const char *const features[] = {NS_DISCO_INFO, NS_DISCO_ITEMS, NULL};

static const struct mod disco = {
    .name = "disco",
    .features = features,
    .account_features = features,
    .upload_features = features,
    .proxy_features = features,
    .routes = routes,
};
MOD_REGISTER(disco);
