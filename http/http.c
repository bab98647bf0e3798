/* http.c: start, reload, drain and stop of the HTTP side; its listeners. See http.h. */
#include "http/http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/jid.h"
#include "base/log.h"
#include "base/tls.h"
#include "http/door.h"
#include "http/external.h"
#include "http/forwarded.h"
#include "http/listeners.h"
#include "http/local.h"
#include "http/ready.h"
#include "http/request.h"
#include "http/server.h"
#include "http/stats.h"
#include "http/tls.h"
#include "storage/grant.h"
#include "web/web.h"

#define BACKLOG 1024
#define DEFAULT_URL "http://localhost:8080"

static struct {
    struct buf ready;
    char admin_url[NET_TEXT + 16];
    struct net_addr first, first_tls; /* of http.listen and listen_tls, with their real ports */
    bool has_first, has_first_tls, has_admin, started;
    struct storage *st;
    int64_t since;
} http;

int64_t http_since(void)
{
    return http.since;
}

const char *http_admin_url(void)
{
    return http.admin_url;
}

/* unix:/path: for a proxy, so whoever reaches the folder may connect; it serves what is public. */
static int listen_for_proxy(const char *item, const char *name, const char *key, struct buf *why)
{
    int fd = local_listen(item + strlen("unix:"), 0666, key, why);

    if (fd < 0)
        return -1;
    door_listen(fd, LISTEN_PUBLIC, false);
    buf_addf(&http.ready, " %s=%s", name, item);
    return 0;
}

/* Opens each address of a list; name is for the ready line, key for faults. */
static int listen_on(const char *list, enum listener_kind kind, const char *name, const char *key,
                     struct buf *why)
{
    bool secure = strcmp(name, "https") == 0;
    char item[128], text[NET_TEXT];
    struct net_addr a;

    while (conf_list_next(&list, item, sizeof item)) {
        if (strncmp(item, "unix:", 5) == 0) {
            if (listen_for_proxy(item, name, key, why) < 0)
                return -1;
            continue;
        }
        int fd = net_parse(item, &a) == 0 ? net_listen(&a, BACKLOG) : (errno = EINVAL, -1);
        if (fd < 0) {
            buf_addf(why, "%s: cannot listen on %s: %s", key, item, strerror(errno));
            return -1;
        }
        door_listen(fd, kind, secure);
        net_format(&a, text);
        buf_addf(&http.ready, " %s=%s", name, text);
        if (secure && !http.has_first_tls) {
            http.first_tls = a;
            http.has_first_tls = true;
        } else if (kind == LISTEN_PUBLIC && !secure && !http.has_first) {
            http.first = a;
            http.has_first = true;
        } else if (kind == LISTEN_ADMIN && !http.has_admin) {
            snprintf(http.admin_url, sizeof http.admin_url, "http://%s", text);
            http.has_admin = true;
        }
    }
    return 0;
}

static int listen_on_socket(const char *path, struct buf *why)
{
    int fd = path[0] ? local_listen(path, 0600, "admin.socket", why) : 0;

    if (fd <= 0)
        return fd;
    door_listen(fd, LISTEN_SOCKET, false);
    buf_addf(&http.ready, " socket=%s", path);
    return 0;
}

/* host:port of a listener, for others. One on all addresses is best called by the name of the domain. */
static char *authority_of(const struct net_addr *a)
{
    const char *domains = conf_get()->xmpp_domain;
    char text[NET_TEXT], domain[JID_PART_MAX + 1], ascii[JID_PART_MAX + 1];

    if (net_is_loopback(a))
        return xasprintf("localhost:%u", net_port(a));
    if (net_is_any(a) && conf_list_next(&domains, domain, sizeof domain) &&
        jid_domain_ascii(domain, ascii) == 0)
        return xasprintf("%s:%u", ascii, net_port(a));
    net_format(a, text);
    return xstrdup(text);
}

/* Links start with public_url; left at its default they name a listener: that of TLS when it is the only one,
 * or when it can be reached from elsewhere. */
static void choose_link_base(void)
{
    const char *url = conf_get()->http_public_url;
    bool secure = http.has_first_tls && (!http.has_first || !net_is_loopback(&http.first_tls));

    if (strcmp(url, DEFAULT_URL) != 0 || (!http.has_first && !secure)) {
        link_set_base(url);
        return;
    }
    char *authority = authority_of(secure ? &http.first_tls : &http.first);
    char *base = xasprintf("%s://%s", secure ? "https" : "http", authority);
    link_set_base(base);
    free(authority);
    free(base);
}

/* A reload adds no listener, so without one there is nothing to do. */
static int load_certificates(struct buf *why)
{
    char *cert, *key;
    SSL_CTX *ctx;

    if (!http.has_first_tls)
        return 0;
    cert = storage_path(http.st, "tls.crt");
    key = storage_path(http.st, "tls.key");
    ctx = tls_configured(cert, key, TLS_HTTP, why);
    free(cert);
    free(key);
    if (ctx == NULL)
        return -1;
    tls_set_context(ctx);
    return 0;
}

/* Every connection may need a file beside its socket; the rest of the daemon needs some too. */
static long connections_most(void)
{
    struct rlimit rl;
    long n = 1024;

    if (getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_cur != RLIM_INFINITY)
        n = (long)rl.rlim_cur;
    n = (n - 64) / 2;
    return n < 16 ? 16 : n > 100000 ? 100000 : n;
}

int http_start(struct storage *st, struct buf *why)
{
    const struct conf *conf = conf_get();
    long most = connections_most();

    web_init();
    http.since = clock_wall();
    http.st = st;
    if (listen_on(conf->http_listen, LISTEN_PUBLIC, "http", "http.listen", why) < 0 ||
        listen_on(conf->http_listen_tls, LISTEN_PUBLIC, "https", "http.listen_tls", why) < 0 ||
        listen_on(conf->admin_listen, LISTEN_ADMIN, "admin", "admin.listen", why) < 0 ||
        listen_on_socket(conf->admin_socket, why) < 0 || load_certificates(why) < 0)
        return -1;
    choose_link_base();
    if (external_load(why) < 0)
        return -1;
    forwarded_load();
    if (server_start(st, most) < 0 || door_start(server_take, most) < 0) {
        buf_addf(why, "http: cannot start: %s", strerror(errno));
        return -1;
    }
    http.started = true;
    return 0;
}

void http_ready(struct buf *line)
{
    buf_adds(line, http.ready.data ? http.ready.data : "");
}

int http_reload(struct buf *why)
{
    if (load_certificates(why) < 0)
        return -1;
    if (external_load(why) < 0)
        return -1;
    forwarded_load();
    choose_link_base();
    return 0;
}

void http_drain(void)
{
    server_drain();
    door_close_listeners();
}

bool http_idle(void)
{
    return request_open() == 0 && tls_idle();
}

void http_stop(void)
{
    if (http.started) {
        door_close_listeners();
        server_stop();
        door_stop();
        ready_stop();
    }
    local_unlink_all();
    buf_free(&http.ready);
    http.started = false;
}
