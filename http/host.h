/* host.h: whom a Host header may name: a configured URL's host, or the listener's own address (port ignored).
 */
#ifndef FERRY_HTTP_HOST_H
#define FERRY_HTTP_HOST_H

#include "http/conn.h"

/* Against DNS rebinding the admin listener serves only its own address and, on loopback, localhost. The Unix
 * socket serves any name: no browser reaches it. */
bool host_served(const struct conn *c, const char *host, size_t n);
/* Whether an Origin value is this request's own origin: http(s)://HOST with the very Host of the request. */
bool host_own_origin(const char *origin, const char *host);

#endif
