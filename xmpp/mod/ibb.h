/* ibb.h: in-band streams that begin as somebody else's. */
#ifndef FERRY_IBB_H
#define FERRY_IBB_H

#include "xmpp/offer.h"

/* Takes an <open/> for Ferry, as if it came now. As a handler: MOD_HANDLED, or a refusal. */
int ibb_open(struct offer *o, struct packet *p, const struct stanza *open);

/* The copy of a stream that the receiver took (state FLOWING; open: what he took), while storage is asked and
 * the sender is held. */
void ibb_copy(struct offer *o, const struct stanza *open);
/* The receiver is gone: Ferry goes on in his name. false: there is no copy. */
bool ibb_copy_goes_on(struct offer *o);

/* What has come of a stream in band is the file, whatever he would still say there. false: there is none. */
bool ibb_finish(struct offer *o);

#endif
