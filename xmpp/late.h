/* late.h: what a receiver says about an offer when it is Ferry's already, because he took too long. The
 * sender hears none of it; a late no takes the file back, a late yes makes Ferry its sender to him. Loop
 * only.
 */
#ifndef FERRY_LATE_H
#define FERRY_LATE_H

#include "xmpp/offer.h"

/* His answer to the offer itself; or his yes, by one of these methods, or his no. The record may be gone
 * afterwards. */
void late_answer(struct offer *o, const struct packet *p);
void late_yes(struct offer *o, unsigned methods);
void late_no(struct offer *o);
/* The record's transfer is over: what he said meanwhile takes effect if a file was stored. */
void late_ended(struct offer *o);

#endif
