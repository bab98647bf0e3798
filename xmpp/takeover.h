/* takeover.h: how an offer becomes Ferry's (the table in doc/XMPP.md): nobody is there, the receiver's client
 * cannot, he does not answer, he leaves, or his stream hosts could not be reached. Storage is asked each time
 * whether the sender may leave a file for him: block list, [offers] accept_from, quotas. Loop only.
 */
#ifndef FERRY_TAKEOVER_H
#define FERRY_TAKEOVER_H

#include "xmpp/offer.h"

/* Row 2: an offer to somebody of whom no resource is there. As a handler: MOD_HANDLED, or a refusal. A sender
 * who names no method by which bytes could come is refused and sent an upload link. */
int takeover_absent(struct packet *p, const struct siform *form);
/* The receiver has not answered the offer, or cannot. false: it stays his, nothing was done. */
bool takeover_offer(struct offer *o);
/* Jingle: the receiver had accepted it, but no stream can come to him. false: nothing was done. */
bool takeover_accepted(struct offer *o, const char *why);
bool takeover_wanted(const struct offer *o);    /* has the addressee nothing against it? */
bool takeover_may_go_on(const struct offer *o); /* the same for what is under way, also while draining */
/* The receiver could not reach the sender's stream hosts: Ferry tries. false: the error goes to the sender.
 */
bool takeover_unreachable(struct offer *o);
/* The receiver took the stream that the kept iq asked for: with [offers] copy its bytes are kept too. */
void takeover_flows(struct offer *o);
/* The sender's stream to the receiver goes through our proxy, under this key: how it ends is looked at. */
void takeover_relay(struct offer *o, const char *key);
/* The time of a step is over. false: the record has nothing more to wait for. */
bool takeover_expired(struct offer *o);
/* The pinned resource is gone. The record may be gone afterwards. */
void takeover_receiver_gone(struct offer *o);

#endif
