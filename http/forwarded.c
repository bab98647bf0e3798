/* forwarded.c: see forwarded.h. */
#include "http/forwarded.h"

#include <string.h>

#include "base/conf.h"

/* Read by every thread; old lists stay allocated and reachable, like configurations do (conf.h). */
struct trusted {
    struct trusted *older;
    const char *text; /* of the configuration it was made from */
    bool local;       /* Unix sockets */
    size_t n;
    struct net_range ranges[];
};
static _Atomic(struct trusted *) newest;

void forwarded_load(void)
{
    const char *text = conf_get()->http_trusted_proxies, *at = text;
    struct trusted *old = newest, *t;
    size_t items = 1;
    char item[128];

    if (old ? strcmp(old->text, text) == 0 : text[0] == 0)
        return;
    for (const char *p = text; *p; p++)
        items += *p == ',';
    t = xcalloc(1, sizeof *t + items * sizeof t->ranges[0]);
    t->older = old;
    t->text = text;
    while (conf_list_next(&at, item, sizeof item))
        if (strcmp(item, "unix") == 0)
            t->local = true;
        else if (net_parse_range(item, &t->ranges[t->n]) == 0)
            t->n++;
    newest = t;
}

bool forwarded_trusts(const struct net_addr *a)
{
    const struct trusted *t = newest;

    if (!t)
        return false;
    if (a->sa.sa_family == AF_UNIX)
        return t->local;
    for (size_t i = 0; i < t->n; i++)
        if (net_range_has(&t->ranges[i], a))
            return true;
    return false;
}

/* One entry: an address, with a port where the proxy adds it; blanks around it. */
static bool parse_entry(const char *p, size_t n, struct net_addr *out)
{
    char text[NET_TEXT];

    while (n > 0 && (p[0] == ' ' || p[0] == '\t')) {
        p++;
        n--;
    }
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t'))
        n--;
    if (n == 0 || n >= sizeof text)
        return false;
    memcpy(text, p, n);
    text[n] = 0;
    return net_parse_host(text, 0, out) == 0 || net_parse(text, out) == 0;
}

void forwarded_client(const struct net_addr *peer, const char *list, struct net_addr *out)
{
    size_t end = list ? strlen(list) : 0;

    *out = *peer;
    while (list && forwarded_trusts(out)) {
        size_t begin = end;
        struct net_addr before;

        while (begin > 0 && list[begin - 1] != ',')
            begin--;
        if (!parse_entry(list + begin, end - begin, &before))
            return;
        *out = before;
        if (begin == 0)
            return;
        end = begin - 1;
    }
}
