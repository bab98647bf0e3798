/* bytestreams.h: what the proxy's words need to know of the streams in which Ferry is the target. */
#ifndef FERRY_BYTESTREAMS_H
#define FERRY_BYTESTREAMS_H

#include "xmpp/offer.h"
#include "xmpp/proxy65.h"

/* Ferry's seat at the proxy for this offer, while it waits for its activation; NULL: it has none. */
struct proxy65_seat *bytestreams_seat(const struct offer *o);

/* Is that raw address this prepared JID? raw may be NULL. */
bool bytestreams_spells(struct arena *arena, const char *raw, const char *prepared);

#endif
