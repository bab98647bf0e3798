/* subscribe.h: what other modules tell the one that keeps subscriptions. */
#ifndef FERRY_SUBSCRIBE_H
#define FERRY_SUBSCRIBE_H

#include "storage/roster.h"

/* The owner removed a contact from his roster: both directions end (RFC 6121 section 2.5.2). ask: a subscribe
 * of his was unanswered. */
void subscribe_contact_removed(const char *owner, const char *contact, enum subscription before, bool ask);

#endif
