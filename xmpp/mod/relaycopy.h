/* relaycopy.h: the copy of a stream that goes through our proxy to a receiver ([offers] copy), what becomes
 * of it when he leaves in the middle, and how the record hears of the relay's end. Loop only.
 */
#ifndef FERRY_RELAYCOPY_H
#define FERRY_RELAYCOPY_H

#include "xmpp/offer.h"
#include "xmpp/relay.h"

/* The record's stream (state FLOWING), while storage is asked: the relay stands still until the claim of the
 * copy is answered, or the copy is dropped (offer_copy_drop). */
void relaycopy_begin(struct offer *o, struct relay *r);

#endif
