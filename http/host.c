/* host.c: see host.h. Row 81, 132. */
#include "http/host.h"

#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "http/head.h"
#include "storage/grant.h"

/* The host of "host:port" or "[v6]:port": bytes of it, brackets kept. */
static size_t without_port(const char *s, size_t n)
{
    const char *end = s + n, *colon;

    if (n && s[0] == '[') {
        const char *close = memchr(s, ']', n);
        return close ? (size_t)(close + 1 - s) : n;
    }
    colon = memchr(s, ':', n);
    return colon ? (size_t)(colon - s) : (size_t)(end - s);
}

static bool is_url_host(const char *url, const char *host, size_t n)
{
    const char *p = strstr(url, "://");
    char own[262];
    size_t len;

    if (!p)
        return false;
    p += 3;
    len = without_port(p, strcspn(p, "/?#"));
    if (len == 0 || len >= sizeof own)
        return false;
    memcpy(own, p, len);
    own[len] = 0;
    return head_is(host, n, own);
}

bool host_served(const struct conn *c, const char *host, size_t n)
{
    const struct conf *conf = conf_get();
    char local[NET_TEXT], bracketed[NET_TEXT + 3];

    if (c->kind == LISTEN_SOCKET)
        return true;
    n = without_port(host, n);
    if (n > 1 && host[n - 1] == '.')
        n--;
    if (c->kind == LISTEN_PUBLIC &&
        (is_url_host(conf->http_public_url, host, n) || is_url_host(conf->http_pages_url, host, n) ||
         is_url_host(link_base(), host, n)))
        return true;
    net_format_host(&c->local, local);
    if (head_is(host, n, local))
        return true;
    snprintf(bracketed, sizeof bracketed, "[%s]", local);
    if (head_is(host, n, bracketed))
        return true;
    return net_is_loopback(&c->local) && head_is(host, n, "localhost");
}

bool host_own_origin(const char *origin, const char *host)
{
    const char *p = strstr(origin, "://");

    return p && (strncmp(origin, "http://", 7) == 0 || strncmp(origin, "https://", 8) == 0) &&
           head_is(p + 3, strlen(p + 3), host);
}
