/* si.c: stream initiation with the file transfer profile (XEP-0095, XEP-0096): where an offer goes.
 *
 * A resource of the receiver that is there gets the offer (row 1 of DESIGN's table in section 3); where
 * nobody is, Ferry accepts it for him (row 2), after asking storage whether the sender may leave a file of
 * that size for him: block list, [offers] accept_from, quotas. What follows the answer is ibb.c's and
 * bytestreams.c's.
 *
 * Order of the refusals of Ferry's own: the words of the offer, no stream method that Ferry speaks, too big,
 * a sid that is open already, too many offers; then what storage says.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "xmpp/offer.h"

static unsigned choose(const struct offer *o, const struct session *s)
{
    bool ibb = o->methods & METHOD_IBB, s5b = o->methods & METHOD_S5B;
    if (ibb && !(s5b && s && s->asked_proxy))
        return METHOD_IBB;
    return METHOD_S5B;
}

static void on_asked(void *arg, enum refuse r)
{
    struct asking *asking = arg;
    struct offer *o = asking->o;
    free(asking);
    if (!o)
        return; /* the sender left; nothing was promised */
    o->asking = NULL;
    if (r == REFUSE_OK)
        r = offer_grant(o);
    if (r == REFUSE_FILE_TOO_LARGE)
        r = REFUSE_OFFER_TOO_BIG;
    if (r != REFUSE_OK) {
        if (r == REFUSE_OFFER_TOO_BIG)
            pending_refuse(&o->answer, r, siform_limit(pending_arena(o->answer)));
        offer_end(&o, r);
        return;
    }
    unsigned method = o->chosen = choose(o, session_by_serial(o->from_serial));
    offer_enter(o, OFFER_ACCEPTED);
    char to[LOG_QUOTE], sid[LOG_QUOTE];
    log_info("%s offer accepted sid=%s to=%s size=%lld by=%s", o->from, log_quote(o->sid, sid),
             log_quote(o->to_raw, to), (long long)o->grant.size,
             method == METHOD_IBB ? "ibb" : "bytestreams");
    pending_result(&o->answer, siform_answer(pending_arena(o->answer), method));
}

/* Nobody is there: Ferry accepts for him, if he may. */
static int take_over(struct packet *p, const struct siform *form)
{
    if (!conf_get()->offers_takeover || mod_draining())
        return REFUSE_UNAVAILABLE;
    if (!(form->methods & (METHOD_IBB | METHOD_S5B)))
        return REFUSE_NO_VALID_STREAMS;
    if (form->size > conf_get()->storage_max_file_size) {
        router_refuse(p, REFUSE_OFFER_TOO_BIG, siform_limit(p->arena));
        return MOD_HANDLED;
    }
    enum refuse r = offer_may_open(p, form->sid);
    if (r != REFUSE_OK)
        return r;
    struct offer *o = offer_new(p, form, OFFER_OF_FERRY);
    o->answer = router_hold(p);
    o->asking = xmalloc(sizeof *o->asking);
    o->asking->o = o;
    grant_ask(mod_storage(), o->from_bare, o->to_bare, form->size, mod_home(), on_asked, o->asking);
    return MOD_HANDLED;
}

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
    if (r != REFUSE_OK) {
        if (s && !jid_is_bare(&p->to))
            return MOD_PASS; /* another profile perhaps: between the two of them */
        router_refuse(p, r, detail);
        return MOD_HANDLED;
    }
    if (!stanza_get(p->st, "id"))
        return REFUSE_BAD_REQUEST;
    return s ? route(p, &form, s) : take_over(p, &form);
}

static const struct mod_route routes[] = {
    {"iq", "set", TARGET_USER, NS_SI, "si", on_offer},
    {"iq", "set", TARGET_ACCOUNT, NS_SI, "si", on_offer},
    {0},
};
static const char *const account_features[] = {NS_SI, NS_SI_FT, NULL};
static const struct mod mod_si = {.name = "si", .account_features = account_features, .routes = routes};
MOD_REGISTER(mod_si);
