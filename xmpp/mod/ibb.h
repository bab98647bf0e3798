/* ibb.h: an in-band stream that was opened before its offer became Ferry's. */
#ifndef FERRY_IBB_H
#define FERRY_IBB_H

#include "xmpp/offer.h"

/* Takes an <open/> for Ferry, as if it came now. As a handler: MOD_HANDLED, or a refusal. */
int ibb_open(struct offer *o, struct packet *p, const struct stanza *open);

#endif
