/* streamhost.h: which of a sender's stream hosts may be dialled (rows 54 and 55). A
 * streamhost is an attacker's choice of host and port: only the address his own session comes from is ever
 * dialled, loopback only when that session came over a loopback listener, ports by [offers] dial_ports, and
 * never one of our own listeners. Pure, but for the list of our listeners (base/net.h).
 */
#ifndef FERRY_STREAMHOST_H
#define FERRY_STREAMHOST_H

#include "base/net.h"

#define STREAMHOST_MAX 8     /* of a list, so many are looked at (row 53) */
#define STREAMHOST_PORT 1080 /* when none is given (C16) */
#define STREAMHOST_NAME_MAX 253

struct streamhost_rule {
    struct net_addr session; /* where his session comes from */
    bool loopback;           /* it came over a loopback listener */
    bool dial;               /* [offers] dial */
    const char *ports;       /* [offers] dial_ports */
};

enum streamhost_verdict {
    STREAMHOST_NO,      /* never */
    STREAMHOST_ADDRESS, /* *out may be dialled */
    STREAMHOST_NAME,    /* a name: look it up once, then ask streamhost_allows for each address */
};
/* port NULL: absent. "localhost" is the loopback address of the session's family, without DNS. */
enum streamhost_verdict streamhost_judge(const struct streamhost_rule *rule, const char *host,
                                         const char *port, struct net_addr *out);
bool streamhost_allows(const struct streamhost_rule *rule, const struct net_addr *a);
/* The number of a port attribute: absent is 1080; 0 when it is no port. */
uint16_t streamhost_port(const char *port);

/* "1024-65535, 80": is the port in it? What is not a port or a range holds nothing. */
bool streamhost_port_listed(const char *list, uint16_t port);

#endif
