/* unfinished.h: offers whose bytes broke off and that may go on at their offset: when the same sender offers
 * the same file to the same address again, with <range/>. The same file: name, size, and what was said of
 * hash and date, at least one of the two. In memory, capped: what is forgotten begins at 0, and storage lets
 * its bytes go after [slots] resume_for. Loop only.
 */
#ifndef FERRY_UNFINISHED_H
#define FERRY_UNFINISHED_H

#include "xmpp/offer.h"

/* The record is about to go, its bytes have broken off. true: its intake was taken, to be kept. */
bool unfinished_keep(struct offer *o);
/* What is kept of this offer, accepted just now: its grant gets the old id, the record its offset. */
void unfinished_find(struct offer *o);
void unfinished_forget(const struct ferry_id *id); /* it goes on, or cannot */

#endif
