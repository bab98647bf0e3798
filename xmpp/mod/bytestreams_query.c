/* bytestreams_query.c: the list of stream hosts that a sender of SI tells the target (XEP-0065): the
 * receiver's goes through to his pinned resource, from one of Ferry's a stream begins (bytestreams.c).
 */
#include <string.h>

#include "xmpp/mod/bytestreams.h"

bool bytestreams_spells(struct arena *arena, const char *raw, const char *prepared)
{
    struct jid j;
    return raw && jid_parse(arena, raw, strlen(raw), &j) == 0 && strcmp(j.text, prepared) == 0;
}

bool bytestreams_our_proxy(struct arena *arena, const char *raw)
{
    struct jid j;
    if (!raw || proxy65_port() == 0 || strncmp(raw, "proxy.", 6) != 0 ||
        jid_parse(arena, raw, strlen(raw), &j) < 0)
        return false;
    return strncmp(j.text, "proxy.", 6) == 0 && mod_served_domain(j.text + 6);
}

/* Our own proxy counts wherever it stands: libpurple lists all its addresses before any proxy. The key is of
 * the sender's JID as a stream host of his own spells it, else as stamped. */
static void read_hosts(const struct packet *p, const struct offer *o, struct bytestreams_hosts *out)
{
    const char *as_told = o->from;
    *out = (struct bytestreams_hosts){0};
    for (const struct stanza *el = stanza_find(p->payload, NULL, "streamhost"); el;
         el = stanza_next(el, NS_BYTESTREAMS, "streamhost")) {
        const char *jid = stanza_get(el, "jid");
        if (!out->proxy && bytestreams_our_proxy(p->arena, jid))
            out->proxy = jid;
        if (out->n == STREAMHOST_MAX)
            continue;
        struct dial_host *h = &out->host[out->n];
        bool himself = bytestreams_spells(p->arena, jid, o->from);
        h->host = stanza_get(el, "host");
        h->port = stanza_get(el, "port");
        if (himself)
            as_told = jid;
        socks_key(o->sid, himself ? jid : o->from, o->to_raw, h->key);
        out->jid[out->n++] = jid ? jid : "";
    }
    if (out->proxy)
        socks_key(o->sid, as_told, o->to_raw, out->proxy_key);
}

int bytestreams_query(struct offer *o, struct packet *p)
{
    const char *mode = stanza_get(p->payload, "mode");
    struct bytestreams_hosts hosts;
    if (o->side) /* whose session has words of its own for them */
        return REFUSE_NOT_ACCEPTABLE;
    if (o->state != OFFER_ACCEPTED && o->state != OFFER_FALLBACK)
        return REFUSE_UNEXPECTED;
    if (!stanza_find(p->payload, NULL, "streamhost"))
        return REFUSE_BAD_REQUEST;
    if ((mode && strcmp(mode, "tcp") != 0) || !(o->methods & METHOD_S5B))
        return REFUSE_NOT_ACCEPTABLE;
    read_hosts(p, o, &hosts);
    o->answer = router_hold(p);
    bytestreams_try(o, &hosts);
    return MOD_HANDLED;
}

static int on_query(struct packet *p)
{
    const char *sid = stanza_get(p->payload, "sid");
    struct offer *o = offer_find(p, sid), *back;
    if (o && o->owner == OFFER_OF_FERRY)
        return bytestreams_query(o, p);
    if (o)
        return offer_forward(o, p) ? MOD_HANDLED : REFUSE_PEER_UNREACHABLE;
    if ((back = offer_find_back(p, sid)) != NULL && offer_back(back, p))
        return MOD_HANDLED;
    if (!jid_is_bare(&p->to) && registry_full(p->to.text))
        return MOD_PASS;
    if (!sid || !*sid || !stanza_find(p->payload, NULL, "streamhost"))
        return REFUSE_BAD_REQUEST;
    /* A sid of no offer, or a forgotten one. Not item-not-found: at that clients go on in band, in vain. */
    return REFUSE_NOT_ACCEPTABLE;
}

static const struct mod_route routes[] = {
    {"iq", "set", TARGET_USER, NS_BYTESTREAMS, "query", on_query},
    {"iq", "set", TARGET_ACCOUNT, NS_BYTESTREAMS, "query", on_query},
    {0},
};
static const char *const account_features[] = {NS_BYTESTREAMS, NULL};
static const struct mod mod_bytestreams_query = {
    .name = "bytestreams_query",
    .account_features = account_features,
    .box_features = account_features,
    .routes = routes,
};
MOD_REGISTER(mod_bytestreams_query);
