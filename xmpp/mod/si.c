/* si.c: stream initiation with the file transfer profile (XEP-0095, XEP-0096): where an offer goes.
 *
 * A resource of the receiver that is there gets the offer (doc/XMPP.md has the table); where
 * nobody is, Ferry accepts it for him (takeover.c). What follows the answer is ibb.c's and bytestreams.c's.
 *
 * Order of the refusals of Ferry's own: the words of the offer, no stream method that Ferry speaks, too big,
 * a sid that is open already, too many offers; then what storage says.
 */
#include "xmpp/takeover.h"

static int route(struct packet *p, const struct siform *form, struct session *s)
{
    enum refuse r = offer_may_open(p, form->sid);
    if (r != REFUSE_OK)
        return r;
    struct offer *o = offer_new(p, form, OFFER_OF_RECEIVER);
    offer_pin(o, s);
    if (!offer_forward(o, p))
        offer_end(&o, REFUSE_OK);
    return MOD_HANDLED;
}

static int on_offer(struct packet *p)
{
    struct siform form;
    const char *detail;
    if (!p->to_raw)
        return REFUSE_OFFER_NO_ADDRESS;
    struct session *s = offer_resource(p);
    enum refuse r = siform_read(p->payload, &form, &detail);
    if (r != REFUSE_OK && (r != REFUSE_NO_VALID_STREAMS || s)) {
        if (s && !jid_is_bare(&p->to))
            return MOD_PASS; /* another profile perhaps: between the two of them */
        router_refuse(p, r, detail);
        return MOD_HANDLED;
    }
    if (!stanza_get(p->st, "id"))
        return REFUSE_BAD_REQUEST;
    return s ? route(p, &form, s) : takeover_absent(p, &form);
}

static const struct mod_route routes[] = {
    {"iq", "set", TARGET_USER, NS_SI, "si", on_offer},
    {"iq", "set", TARGET_ACCOUNT, NS_SI, "si", on_offer},
    {0},
};
static const char *const account_features[] = {NS_SI, NS_SI_FT, NULL};
static const struct mod mod_si = {
    .name = "si", .account_features = account_features, .box_features = account_features, .routes = routes};
MOD_REGISTER(mod_si);
