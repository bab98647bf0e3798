/* forwarded.h: who asks, when a reverse proxy stands between (http.trusted_proxies, X-Forwarded-For; C42). */
#ifndef FERRY_HTTP_FORWARDED_H
#define FERRY_HTTP_FORWARDED_H

#include "base/net.h"

/* Takes http.trusted_proxies of the configuration in force. Start and reload. */
void forwarded_load(void);
/* Whether the address is a trusted proxy's (a Unix socket's peer: where the list says `unix`). Any thread. */
bool forwarded_trusts(const struct net_addr *a);
/* Whom a trusted peer asks for. list: X-Forwarded-For, several lines joined by commas; NULL: there is none.
 * It is read from its end, since every proxy adds there: the first address that is no trusted proxy's is the
 * client, and what stands before it is only what that one claims. An entry that is no address ends the
 * reading: the client is then the last address before. Any thread. */
void forwarded_client(const struct net_addr *peer, const char *list, struct net_addr *out);

#endif
