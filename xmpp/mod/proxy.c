/* proxy.c: what is said to our bytestreams proxy over XMPP (XEP-0065 sections 4 and 6): where it is, and
 * which stream to begin. The connections are proxy65.c's.
 */
#include <stdio.h>
#include <string.h>

#include "xmpp/mod/bytestreams.h"
#include "xmpp/takeover.h"

static bool may_use_proxy(const struct packet *p)
{
    return p->from_session != NULL; /* our own users: nobody else reaches the router as a session (row 63) */
}

static int on_address(struct packet *p)
{
    if (!may_use_proxy(p))
        return REFUSE_FORBIDDEN;
    if (proxy65_port() == 0)
        return REFUSE_NOT_ALLOWED;
    char port[8];
    const char *sid = stanza_get(p->payload, "sid");
    struct stanza *query = stanza_new(p->arena, NS_BYTESTREAMS, "query");
    struct stanza *host = stanza_child(query, NULL, "streamhost");
    snprintf(port, sizeof port, "%u", proxy65_port());
    stanza_set(query, "sid", sid); /* older clients send one and look for it (C15) */
    stanza_set(host, "jid", p->to.text);
    stanza_set(host, "host", conf_get()->proxy65_host);
    stanza_set(host, "port", port);
    p->from_session->asked_proxy = true;
    router_result(p, query);
    return MOD_HANDLED;
}

/* The record of his stream to that target: of several with its sid, the one to this address. */
static struct offer *offered_by(const struct packet *p, const char *target, const char *sid)
{
    struct offer *o = NULL, *any = NULL;
    bool several = false;
    while ((o = offer_walk(p->from.text, o)) != NULL) {
        if (o->state == OFFER_LATE || strcmp(o->sid, sid) != 0)
            continue;
        if (strcmp(o->to_raw, target) == 0 || bytestreams_spells(p->arena, target, o->to))
            return o;
        several = any != NULL;
        any = o;
    }
    return several ? NULL : any;
}

/* In Jingle the receiver may be the one who brings the proxy. */
static struct offer *offered_to(const struct packet *p, const char *sender, const char *sid)
{
    struct jid from;
    if (jid_parse(p->arena, sender, strlen(sender), &from) < 0)
        return NULL;
    return offer_of_receiver(p->from.text, &from, sid);
}

static int on_activate(struct packet *p)
{
    const char *sid = stanza_get(p->payload, "sid");
    const struct stanza *activate = stanza_find(p->payload, NULL, "activate");
    const char *target = stanza_text(activate);
    char key[SOCKS_KEY + 1];
    if (!may_use_proxy(p))
        return REFUSE_FORBIDDEN;
    if (!activate || !*target || !sid || !*sid)
        return REFUSE_BAD_REQUEST;
    struct offer *o = offered_by(p, target, sid);
    struct proxy65_seat *seat = o ? bytestreams_seat(o) : NULL;
    socks_key(sid, p->from.text, target, key);
    enum refuse r = proxy65_activate(key);
    if (r == REFUSE_OK)
        o = offered_by(p, target, sid); /* what came before the activation may have ended it */
    if (r == REFUSE_OK && (o || (o = offered_to(p, target, sid)) != NULL))
        takeover_relay(o, key);
    if (r == REFUSE_NOT_FOUND && seat &&
        (strcmp(target, o->to_raw) == 0 || bytestreams_spells(p->arena, target, o->to)))
        r = proxy65_activate_seat(seat); /* he hashes his own address as he spells it */
    if (r == REFUSE_NOT_FOUND && o && proxy65_waits(sock_peer(p->from_session->sock)))
        r = REFUSE_STREAM_HASH; /* the stream is known, and what he connected belongs to another */
    if (r != REFUSE_OK)
        return (int)r;
    router_result(p, NULL);
    return MOD_HANDLED;
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    return proxy65_start(loop, why);
}

static const struct mod_route routes[] = {
    {"iq", "get", TARGET_PROXY, NS_BYTESTREAMS, "query", on_address},
    {"iq", "set", TARGET_PROXY, NS_BYTESTREAMS, "query", on_activate},
    {0},
};
static const char *const proxy_features[] = {NS_BYTESTREAMS, NULL};
static const struct mod mod_proxy65 = {
    .name = "proxy",
    .proxy_features = proxy_features,
    .routes = routes,
    .start = start,
    .stop = proxy65_stop,
    .ready = proxy65_ready,
    .busy = proxy65_busy,
};
MOD_REGISTER(mod_proxy65);
