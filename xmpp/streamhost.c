/* streamhost.c: the rule for dialling. Hosts in numeric forms that only some resolvers read (octal,
 * hexadecimal, a single number) are neither addresses nor names here: they are refused.
 */
#include "xmpp/streamhost.h"

#include <string.h>
#include <strings.h>

#include "base/conf.h"
#include "xmpp/siform.h"

uint16_t streamhost_port(const char *port)
{
    if (!port)
        return STREAMHOST_PORT;
    int64_t n = siform_number(port, UINT16_MAX);
    return n < 0 ? 0 : (uint16_t)n;
}

static bool range_has(char *item, uint16_t port)
{
    char *dash = strchr(item, '-');
    if (dash)
        *dash++ = 0;
    int64_t low = siform_number(item, UINT16_MAX), high = dash ? siform_number(dash, UINT16_MAX) : low;
    return low >= 0 && high >= 0 && port >= low && port <= high;
}

bool streamhost_port_listed(const char *list, uint16_t port)
{
    char item[32];
    while (conf_list_next(&list, item, sizeof item))
        if (range_has(item, port))
            return true;
    return false;
}

bool streamhost_allows(const struct streamhost_rule *rule, const struct net_addr *a)
{
    uint16_t port = net_port(a);
    if (!rule->dial || port == 0 || !net_same_host(a, &rule->session))
        return false;
    if (net_is_loopback(a) && !rule->loopback)
        return false;
    return streamhost_port_listed(rule->ports, port) && !net_is_own_port(port);
}

/* A name that DNS may be asked for: labels of letters, digits, '-' and '_', the last one not a number in any
 * notation. */
static bool is_name(const char *host)
{
    size_t n = strlen(host), label = 0;
    const char *last = host;
    if (n == 0 || n > STREAMHOST_NAME_MAX)
        return false;
    for (const char *p = host; *p; p++) {
        bool alnum = (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
        if (*p == '.') {
            if (label == 0)
                return false;
            label = 0;
            if (p[1])
                last = p + 1;
        } else if ((alnum || *p == '-' || *p == '_') && ++label <= 63)
            ;
        else
            return false;
    }
    return !(*last >= '0' && *last <= '9');
}

static bool is_localhost(const char *host)
{
    return strcasecmp(host, "localhost") == 0 || strcasecmp(host, "localhost.") == 0;
}

enum streamhost_verdict streamhost_judge(const struct streamhost_rule *rule, const char *host,
                                         const char *port, struct net_addr *out)
{
    uint16_t number = streamhost_port(port);
    if (!rule->dial || !host || !*host || number == 0)
        return STREAMHOST_NO;
    const char *numeric = host;
    if (is_localhost(host))
        numeric = rule->session.sa.sa_family == AF_INET6 ? "::1" : "127.0.0.1";
    if (net_parse_host(numeric, number, out) == 0) {
        net_fold(out);
        return streamhost_allows(rule, out) ? STREAMHOST_ADDRESS : STREAMHOST_NO;
    }
    if (!is_name(host) || !streamhost_port_listed(rule->ports, number) || net_is_own_port(number))
        return STREAMHOST_NO;
    return STREAMHOST_NAME;
}
