/* version.c: software version (XEP-0092). The operating system is nobody's business. */
#include "xmpp/router.h"

static int answer(struct packet *p)
{
    struct stanza *query = stanza_new(p->arena, NS_VERSION, "query");
    stanza_child_text(query, NULL, "name", "Ferry");
    stanza_child_text(query, NULL, "version", FERRY_VERSION);
    router_result(p, query);
    return MOD_HANDLED;
}

static const struct mod_route routes[] = {
    {"iq", "get", TARGET_SERVER, NS_VERSION, "query", answer},
    {"iq", "get", TARGET_UPLOAD, NS_VERSION, "query", answer},
    {.fn = NULL},
};
static const char *const features[] = {NS_VERSION, NULL};

static const struct mod version = {
    .name = "version", .features = features, .upload_features = features, .routes = routes};
MOD_REGISTER(version);
