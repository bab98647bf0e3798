/* blocking.h: who blocks whom (XEP-0191), for users who are here: in memory. For users who are away storage
 * looks (roster_event, offline_store, grant_ask). */
#ifndef FERRY_BLOCKING_H
#define FERRY_BLOCKING_H

#include "xmpp/mod.h"

bool blocking_blocks(const struct user *owner, const struct jid *who);
/* Does one of the two block the other? who: full or bare JID of a session of `user`. */
bool blocking_between(const struct user *user, const struct jid *who, const struct user *other);

#endif
