/* unfinished.h: offers whose bytes broke off and that may go on at their offset: when the same sender offers
 * the same file to the same address again, as one that may be sent in part. The same file: name, size, and
 * what was said of hashes and date, at least one of them. What is kept stands in storage, for
 * [slots] resume_for, and survives every restart. Loop only.
 */
#ifndef FERRY_UNFINISHED_H
#define FERRY_UNFINISHED_H

#include "xmpp/offer.h"

/* Marks the grant of an offer that may go on one day: what comes of it is made durable on the way. */
void unfinished_mark(const struct offer *o, struct grant *g);
/* The record is about to go, its bytes have broken off. true: its intake was taken, to be kept. */
bool unfinished_keep(struct offer *o);
/* Looks for what is kept of this offer, which is about to be accepted (state ASKED, o->grant made): its grant
 * gets the old id, the record its offset; then(o) in either case, at once where there is nothing to look for.
 * It is not called when the record goes first (o->asking). */
void unfinished_find(struct offer *o, void (*then)(struct offer *o));

#endif
