/* net.h: addresses and listening sockets.
 *
 * struct net_addr is an IPv4 or IPv6 address with port; v4-mapped IPv6 is folded to IPv4 on the way in.
 * net_gate counts connections per address (/32, /64) and holds back addresses with failed logins; it belongs
 * to one thread or is locked by its own mutex (it is).
 */
#ifndef FERRY_NET_H
#define FERRY_NET_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/base.h"

struct net_addr {
    union {
        struct sockaddr sa;
        struct sockaddr_in in4;
        struct sockaddr_in6 in6;
    };
    socklen_t len;
};

#define NET_TEXT 64
/* "127.0.0.1:5222", "[::1]:5222"; numeric only. -1: not one. */
int net_parse(const char *text, struct net_addr *out);
/* A numeric host ("127.0.0.1", "::1", "[::1]") and a port. -1: not numeric in the usual dotted form (no
 * octal, hex, short forms). */
int net_parse_host(const char *host, uint16_t port, struct net_addr *out);
void net_fold(struct net_addr *a);                                  /* v4-mapped to v4 */
void net_format(const struct net_addr *a, char out[NET_TEXT]);      /* with port */
void net_format_host(const struct net_addr *a, char out[NET_TEXT]); /* without */
/* The host for a log line: "-" when log.addresses is off. Returns out. */
const char *net_log(const struct net_addr *a, char out[NET_TEXT]);
uint16_t net_port(const struct net_addr *a);
bool net_same_host(const struct net_addr *a, const struct net_addr *b);
bool net_is_loopback(const struct net_addr *a);
bool net_is_any(const struct net_addr *a);     /* 0.0.0.0, ::, which nobody can connect to by this name */
bool net_is_private(const struct net_addr *a); /* loopback, RFC 1918, link-local, ULA */

struct net_range { /* a network, or one address */
    struct net_addr addr;
    unsigned bits;
};
/* "10.0.0.0/8", "2001:db8::/32", "192.0.2.7". -1: not one, or an address with bits beyond its prefix. */
int net_parse_range(const char *text, struct net_range *out);
bool net_range_has(const struct net_range *r, const struct net_addr *a);

/* Opens a listening stream socket, non-blocking, close-on-exec, SO_REUSEADDR, IPV6_V6ONLY, on loopback
 * without pacing. *a gets the real port. -1: errno. */
int net_listen(struct net_addr *a, int backlog);
/* Did net_listen open this port in this process? What peers make us dial is never one of our own. */
bool net_is_own_port(uint16_t port);

struct net_gate;
struct net_gate *net_gate_new(void);
void net_gate_free(struct net_gate *g);
bool net_gate_enter(struct net_gate *g, const struct net_addr *a,
                    int64_t limit); /* limit 0: none; false: over the limit, not counted */
void net_gate_leave(struct net_gate *g, const struct net_addr *a);
/* Failed logins: a token bucket per address (limit failures at once, then one every few seconds). true: hold
 * this address back now. */
void net_gate_failed(struct net_gate *g, const struct net_addr *a);
bool net_gate_held(struct net_gate *g, const struct net_addr *a);

#endif
