/* dial.c: dialling stream hosts, one after the other.
 *
 * A step that fails goes on with the next host by a loop_later, so that nothing here calls back from inside a
 * call. Names: evdns looks one up once, every address is judged by the rule, and the first that may be is
 * connected by that address: a second look-up could say something else (row 55). evdns is made at the first
 * name; FERRYD_TEST_NAMESERVER names a fake one for tests.
 */
#include "xmpp/dial.h"

#include <event2/dns.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define HOST_MS_MIN 1000

struct dial {
    struct loop *loop;
    struct streamhost_rule rule;
    char *ports;
    struct {
        char *host, *port;
        char key[SOCKS_KEY + 1];
    } host[STREAMHOST_MAX];
    size_t n, at;
    int64_t deadline;
    struct loop_timer timer; /* of the host at hand */
    struct loop_later later;
    struct sock *sock;
    struct socks_client shake;
    struct evdns_getaddrinfo_request *lookup;
    dial_done *done;
    void *owner;
};

static struct evdns_base *dns;

static struct evdns_base *resolver(struct loop *loop)
{
    const char *fake = getenv("FERRYD_TEST_NAMESERVER");
    if (dns)
        return dns;
    int flags = fake ? EVDNS_BASE_DISABLE_WHEN_INACTIVE
                     : EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE;
    dns = evdns_base_new(loop_base(loop), flags);
    if (!dns)
        return NULL; /* no resolv.conf that can be read: names are not reached */
    if (fake)
        (void)evdns_base_nameserver_ip_add(dns, fake);
    evdns_base_set_option(dns, "timeout:", "2");
    evdns_base_set_option(dns, "attempts:", "2");
    return dns;
}

void dial_stop(void)
{
    if (dns)
        evdns_base_free(TAKE(dns), 0);
}

static void step_down(struct dial *d)
{
    loop_timer_clear(&d->timer);
    sock_free(TAKE(d->sock));
    if (d->lookup)
        evdns_getaddrinfo_cancel(TAKE(d->lookup)); /* calls back with EVUTIL_EAI_CANCEL */
}

static void dial_free(struct dial *d)
{
    step_down(d);
    loop_later_cancel(d->loop, &d->later);
    for (size_t i = 0; i < d->n; i++) {
        free(d->host[i].host);
        free(d->host[i].port);
    }
    free(d->ports);
    free(d);
}

static void finish(struct dial *d, struct sock *s, const char *early, size_t n)
{
    dial_done *done = d->done;
    void *owner = d->owner;
    int which = s ? (int)d->at : -1;
    dial_free(d);
    done(owner, which, s, early, n);
}

static void next_host(struct dial *d)
{
    step_down(d);
    d->at++;
    loop_later(d->loop, &d->later);
}

static void on_time(void *arg)
{
    next_host(arg);
}

static void on_bytes(struct dial *d, const struct sock_data *data)
{
    struct buf out = {0};
    size_t used;
    enum socks_result r = socks_client_feed(&d->shake, data->data, data->len, &used, &out);
    if (out.len > 0)
        sock_write(d->sock, out.data, out.len);
    buf_free(&out);
    if (r == SOCKS_DONE) {
        struct sock *s = TAKE(d->sock);
        sock_owner(s, NULL, NULL);
        sock_pause(s);
        finish(d, s, data->data + used, data->len - used);
    } else if (r == SOCKS_REFUSED)
        next_host(d);
}

static void on_sock(void *owner, struct sock *s, enum sock_event ev, const struct sock_data *data)
{
    struct dial *d = owner;
    struct buf out = {0};
    switch (ev) {
    case SOCK_CONNECTED:
        socks_client_init(&d->shake, d->host[d->at].key, &out);
        sock_write(s, out.data, out.len);
        buf_free(&out);
        break;
    case SOCK_DATA:
        on_bytes(d, data);
        break;
    case SOCK_EOF:
    case SOCK_ERROR:
    case SOCK_TIMEOUT:
    case SOCK_OVERFULL:
        next_host(d);
        break;
    default:
        break;
    }
}

static bool connect_to(struct dial *d, const struct net_addr *a)
{
    char text[NET_TEXT];
    net_format(a, text);
    log_debug("dial %s", text);
    d->sock = sock_dial(d->loop, a, on_sock, d);
    return d->sock != NULL;
}

/* The first of the addresses that the rule allows. */
static bool pick(const struct dial *d, const struct evutil_addrinfo *list, struct net_addr *out)
{
    uint16_t port = streamhost_port(d->host[d->at].port);
    for (; list; list = list->ai_next) {
        if (list->ai_addrlen > sizeof out->in6)
            continue;
        *out = (struct net_addr){0};
        memcpy(&out->in6, list->ai_addr, list->ai_addrlen);
        out->len = list->ai_addrlen;
        if (out->sa.sa_family == AF_INET)
            out->in4.sin_port = htons(port);
        else if (out->sa.sa_family == AF_INET6)
            out->in6.sin6_port = htons(port);
        else
            continue;
        net_fold(out);
        if (streamhost_allows(&d->rule, out))
            return true;
    }
    return false;
}

static void on_looked_up(int err, struct evutil_addrinfo *list, void *arg)
{
    struct dial *d = arg;
    struct net_addr a;
    if (err == EVUTIL_EAI_CANCEL)
        return; /* d may be gone: nothing of it is touched */
    d->lookup = NULL;
    bool up = err == 0 && pick(d, list, &a) && connect_to(d, &a);
    if (list)
        evutil_freeaddrinfo(list);
    if (!up)
        next_host(d);
}

static bool look_up(struct dial *d)
{
    const struct evutil_addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    struct evdns_base *base = resolver(d->loop);
    if (!base)
        return false;
    d->lookup = evdns_getaddrinfo(base, d->host[d->at].host, NULL, &hints, on_looked_up, d);
    return true; /* NULL: it has called back already */
}

/* Begins with the host at hand; every way on goes through a later turn. */
static void on_later(void *arg)
{
    struct dial *d = arg;
    struct net_addr a;
    int64_t left = d->deadline - clock_mono_ms();
    if (d->at >= d->n || left <= 0) {
        finish(d, NULL, NULL, 0);
        return;
    }
    int64_t share = left / (int64_t)(d->n - d->at);
    if (share < HOST_MS_MIN)
        share = left < HOST_MS_MIN ? left : HOST_MS_MIN;
    loop_timer_set(&d->timer, share);
    bool up = false;
    switch (streamhost_judge(&d->rule, d->host[d->at].host, d->host[d->at].port, &a)) {
    case STREAMHOST_ADDRESS:
        up = connect_to(d, &a);
        break;
    case STREAMHOST_NAME:
        up = look_up(d);
        break;
    case STREAMHOST_NO:
        break;
    }
    if (!up)
        next_host(d);
}

struct dial *dial_start(struct loop *loop, const struct streamhost_rule *rule, const struct dial_host *hosts,
                        size_t n, int64_t total_ms, dial_done *done, void *owner)
{
    struct dial *d = xcalloc(1, sizeof *d);
    d->loop = loop;
    d->rule = *rule;
    d->rule.ports = d->ports = xstrdup(rule->ports);
    d->n = n < STREAMHOST_MAX ? n : STREAMHOST_MAX;
    for (size_t i = 0; i < d->n; i++) {
        d->host[i].host = xstrdup(hosts[i].host ? hosts[i].host : "");
        d->host[i].port = hosts[i].port ? xstrdup(hosts[i].port) : NULL;
        memcpy(d->host[i].key, hosts[i].key, sizeof d->host[i].key);
    }
    d->deadline = clock_mono_ms() + total_ms;
    d->done = done;
    d->owner = owner;
    loop_timer_init(&d->timer, loop, on_time, d);
    d->later.fn = on_later;
    d->later.arg = d;
    loop_later(loop, &d->later);
    return d;
}

void dial_cancel(struct dial **d)
{
    if (*d)
        dial_free(TAKE(*d));
}
