/* net.c: numeric addresses as text and back, what kind of address one is, listening sockets.
 *
 * Promises: only the usual numeric forms are read (inet_pton takes no octal, hex or short ones): an address
 * that passed a check here is the address that is dialled. No name is ever resolved. The gate is net_gate.c.
 */
#include "base/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"

void net_fold(struct net_addr *a)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET};

    if (a->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
        return;
    in4.sin_port = a->in6.sin6_port;
    memcpy(&in4.sin_addr, a->in6.sin6_addr.s6_addr + 12, 4);
    memset(a, 0, sizeof *a);
    a->in4 = in4;
    a->len = sizeof in4;
}

int net_parse_host(const char *host, uint16_t port, struct net_addr *out)
{
    char bare[INET6_ADDRSTRLEN];
    size_t n = strlen(host);

    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, host, &out->in4.sin_addr) == 1) {
        out->in4.sin_family = AF_INET;
        out->in4.sin_port = htons(port);
        out->len = sizeof out->in4;
        return 0;
    }
    if (n >= 2 && host[0] == '[' && host[n - 1] == ']') {
        host++;
        n -= 2;
    }
    if (n >= sizeof bare)
        return -1;
    memcpy(bare, host, n);
    bare[n] = '\0';
    if (inet_pton(AF_INET6, bare, &out->in6.sin6_addr) != 1)
        return -1;
    out->in6.sin6_family = AF_INET6;
    out->in6.sin6_port = htons(port);
    out->len = sizeof out->in6;
    net_fold(out);
    return 0;
}

int net_parse(const char *text, struct net_addr *out)
{
    const char *colon = strrchr(text, ':');
    char host[NET_TEXT];
    unsigned long port = 0;
    size_t n;

    if (colon == NULL || colon[1] == '\0' || strlen(colon + 1) > 5)
        return -1;
    for (const char *p = colon + 1; *p != '\0'; p++) {
        if (*p < '0' || *p > '9')
            return -1;
        port = port * 10 + (unsigned long)(*p - '0');
    }
    n = (size_t)(colon - text);
    if (port > 65535 || n >= sizeof host)
        return -1;
    memcpy(host, text, n);
    host[n] = '\0';
    if (host[0] != '[' && strchr(host, ':') != NULL) /* "::1:5222" says two things */
        return -1;
    return net_parse_host(host, (uint16_t)port, out);
}

uint16_t net_port(const struct net_addr *a)
{
    if (a->sa.sa_family == AF_INET)
        return ntohs(a->in4.sin_port);
    return a->sa.sa_family == AF_INET6 ? ntohs(a->in6.sin6_port) : 0;
}

void net_format_host(const struct net_addr *a, char out[NET_TEXT])
{
    const void *src =
        a->sa.sa_family == AF_INET6 ? (const void *)&a->in6.sin6_addr : (const void *)&a->in4.sin_addr;

    if ((a->sa.sa_family != AF_INET && a->sa.sa_family != AF_INET6) ||
        inet_ntop(a->sa.sa_family, src, out, NET_TEXT) == NULL)
        (void)snprintf(out, NET_TEXT, "local"); /* a Unix socket's peer */
}

void net_format(const struct net_addr *a, char out[NET_TEXT])
{
    char host[NET_TEXT];
    char text[NET_TEXT + 16];

    net_format_host(a, host);
    if (a->sa.sa_family == AF_INET6)
        (void)snprintf(text, sizeof text, "[%s]:%u", host, net_port(a));
    else if (a->sa.sa_family == AF_INET)
        (void)snprintf(text, sizeof text, "%s:%u", host, net_port(a));
    else
        (void)snprintf(text, sizeof text, "%s", host);
    memcpy(out, text, strnlen(text, NET_TEXT - 1) + 1);
    out[NET_TEXT - 1] = '\0';
}

const char *net_log(const struct net_addr *a, char out[NET_TEXT])
{
    if (conf_get()->log_addresses)
        net_format_host(a, out);
    else
        memcpy(out, "-", 2);
    return out;
}

bool net_same_host(const struct net_addr *a, const struct net_addr *b)
{
    struct net_addr x = *a, y = *b;

    net_fold(&x);
    net_fold(&y);
    if (x.sa.sa_family != y.sa.sa_family)
        return false;
    if (x.sa.sa_family == AF_INET)
        return x.in4.sin_addr.s_addr == y.in4.sin_addr.s_addr;
    return x.sa.sa_family == AF_INET6 &&
           memcmp(&x.in6.sin6_addr, &y.in6.sin6_addr, sizeof x.in6.sin6_addr) == 0 &&
           x.in6.sin6_scope_id == y.in6.sin6_scope_id;
}

bool net_is_loopback(const struct net_addr *a)
{
    struct net_addr x = *a;

    net_fold(&x);
    if (x.sa.sa_family == AF_INET)
        return ntohl(x.in4.sin_addr.s_addr) >> 24 == 127;
    return x.sa.sa_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&x.in6.sin6_addr) : x.sa.sa_family == AF_UNIX;
}

bool net_is_any(const struct net_addr *a)
{
    if (a->sa.sa_family == AF_INET)
        return a->in4.sin_addr.s_addr == htonl(INADDR_ANY);
    return a->sa.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr);
}

bool net_is_private(const struct net_addr *a)
{
    struct net_addr x = *a;
    uint32_t v4;

    if (net_is_loopback(a))
        return true;
    net_fold(&x);
    if (x.sa.sa_family == AF_INET6)
        return IN6_IS_ADDR_LINKLOCAL(&x.in6.sin6_addr) || (x.in6.sin6_addr.s6_addr[0] & 0xFE) == 0xFC;
    if (x.sa.sa_family != AF_INET)
        return false;
    v4 = ntohl(x.in4.sin_addr.s_addr);
    return v4 >> 24 == 10 || v4 >> 20 == 0xAC1 || v4 >> 16 == 0xC0A8 || v4 >> 16 == 0xA9FE;
}

/* The bytes of an address that its prefix counts. */
static const uint8_t *address_bytes(const struct net_addr *a, unsigned *bits)
{
    *bits = a->sa.sa_family == AF_INET ? 32 : a->sa.sa_family == AF_INET6 ? 128 : 0;
    return a->sa.sa_family == AF_INET ? (const uint8_t *)&a->in4.sin_addr : a->in6.sin6_addr.s6_addr;
}

int net_parse_range(const char *text, struct net_range *out)
{
    const char *slash = strchr(text, '/');
    size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);
    char host[NET_TEXT];
    unsigned long bits = 0;
    const uint8_t *bytes;
    unsigned all;

    if (n >= sizeof host)
        return -1;
    memcpy(host, text, n);
    host[n] = '\0';
    if (net_parse_host(host, 0, &out->addr) < 0)
        return -1;
    bytes = address_bytes(&out->addr, &all);
    out->bits = all;
    if (slash == NULL)
        return 0;
    if (slash[1] == '\0' || strlen(slash + 1) > 3 || strspn(slash + 1, "0123456789") != strlen(slash + 1))
        return -1;
    bits = strtoul(slash + 1, NULL, 10);
    if (all == 32 && strchr(host, ':') != NULL) /* v4-mapped, folded */
        bits = bits >= 96 ? bits - 96 : 129;
    if (bits > all)
        return -1;
    for (unsigned long i = bits; i < all; i++)
        if (bytes[i / 8] >> (7 - i % 8) & 1)
            return -1;
    out->bits = (unsigned)bits;
    return 0;
}

bool net_range_has(const struct net_range *r, const struct net_addr *a)
{
    struct net_addr x = *a;
    unsigned all, same, left = r->bits % 8;
    const uint8_t *mine = address_bytes(&r->addr, &all), *its;

    net_fold(&x);
    if (x.sa.sa_family != r->addr.sa.sa_family || all == 0)
        return false;
    its = address_bytes(&x, &all);
    same = r->bits / 8;
    return memcmp(mine, its, same) == 0 && (left == 0 || (mine[same] ^ its[same]) >> (8 - left) == 0);
}

static _Atomic uint64_t
    own_ports[UINT16_MAX / 64 + 1]; /* a bit each; listeners stay for the process's life */

bool net_is_own_port(uint16_t port)
{
    return atomic_load(&own_ports[port / 64]) >> (port % 64) & 1;
}

/* Between processes of one host there is no path to be gentle to. Where BBR is the host's default, a timer
 * would pace each 64 KiB that goes to a proxy in front, which costs twice what sending them does. */
static void dont_pace(int fd, const struct net_addr *a)
{
    if (net_is_loopback(a))
        (void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4); /* every kernel has it */
}

int net_listen(struct net_addr *a, int backlog)
{
    static const int on = 1;
    int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int saved;

    if (fd < 0)
        return -1;
    dont_pace(fd, a);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        (a->sa.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0) ||
        bind(fd, &a->sa, a->len) < 0 || listen(fd, backlog) < 0)
        goto fail;
    a->len = a->sa.sa_family == AF_INET6 ? sizeof a->in6 : sizeof a->in4;
    if (getsockname(fd, &a->sa, &a->len) < 0)
        goto fail;
    atomic_fetch_or(&own_ports[net_port(a) / 64], UINT64_C(1) << (net_port(a) % 64));
    return fd;
fail:
    saved = errno;
    (void)close(fd);
    errno = saved;
    return -1;
}
