/* c2s.c: the listeners for clients, and what the sockets and streams behind them say.
 *
 * Promises: over the cap per address a connection is closed without a word (row 16); a handshake and a login
 * have absolute deadlines (rows 13, 15); what a client sends before he is logged in reaches only the modules
 * of login; a plain-text listener for old clients does not stand on a public address by accident.
 *
 * Not here: the words of login (mod/), stanzas (router.c), silent clients (mod/ping.c).
 */
#include "xmpp/c2s.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/conf.h"
#include "base/log.h"
#include "xmpp/parts.h"
#include "xmpp/router.h"

#define BACKLOG 1024

struct c2s_listener {
    struct c2s_listener *next;
    struct loop_listener *listener; /* NULL: no longer accepting */
    enum session_listener kind;
    struct net_addr addr;
};

static struct c2s_listener *listeners, **listeners_tail = &listeners;
static const char *const kind_names[] = {
    [LISTENER_STARTTLS] = "xmpp", [LISTENER_TLS] = "xmpp_tls", [LISTENER_LEGACY] = "xmpp_legacy"};

/* --- the stream --- */
void c2s_write_header(struct session *s, struct buf *out)
{
    s->header_sent = true;
    buf_addf(out,
             "<?xml version='1.0'?><stream:stream xmlns='" NS_CLIENT "' xmlns:stream='" NS_STREAM
             "' id='%s' from='",
             s->stream_id);
    buf_add_xml(out, s->domain, strlen(s->domain));
    buf_adds(out, s->pre_1_0 ? "'>" : "' version='1.0' xml:lang='en'>");
}

static void write_features(struct session *s, struct buf *out)
{
    struct arena *a = router_arena();
    struct stanza *features = stanza_new(a, NS_STREAM, "features");
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        if (m->stream_features)
            m->stream_features(s, features);
    stanza_write(features, NS_CLIENT, out);
    arena_put(a);
}

/* Row 9: a header without `to` names no host. Its domain must stay what it was once he has logged in. */
static bool find_host(struct session *s, const char *to)
{
    char domain[JID_PART_MAX + 1];
    if (!to || jid_prep_domain(to, domain) || !mod_served_domain(domain))
        return false;
    const char *at = s->jid.text ? strchr(s->jid.text, '@') : NULL;
    if (at && strcmp(at + 1, domain))
        return false;
    s->domain = mod_domain_literal(domain);
    return true;
}

static void on_opened(void *owner, const struct stream_header *h)
{
    struct session *s = owner;
    if (s->state == SESSION_CLOSING || s->state == SESSION_DEAD)
        return;
    s->pre_1_0 = !h->version || !strncmp(h->version, "0.", 2);
    if (h->lang)
        snprintf(s->lang, sizeof(s->lang), "%s", h->lang);
    random_token(s->stream_id, sizeof(s->stream_id) - 1); /* a new one for each header (row 38) */
    if (s->state == SESSION_ACCEPTED)
        session_enter(s, SESSION_OPEN);
    if (!find_host(s, h->to)) {
        session_fault(s, STREAM_HOST_UNKNOWN, NULL);
        return;
    }
    struct buf b = {0};
    c2s_write_header(s, &b);
    if (!s->pre_1_0)
        write_features(s, &b);
    sock_write(s->sock, b.data, b.len);
    buf_free(&b);
}

static void on_stanza(void *owner, struct stanza *st)
{
    struct session *s = owner;
    if (s->state != SESSION_CLOSING && s->state != SESSION_DEAD && !s->tls_wanted)
        router_receive(s, st);
}

static void on_closed(void *owner)
{
    struct session *s = owner;
    s->client_closed = true;
    session_close(s);
}

static void on_fault(void *owner, enum stream_fault f, const char *detail)
{
    session_fault(owner, f, detail);
}

static const struct stream_events stream_events = {on_opened, on_stanza, on_closed, on_fault};

/* --- the socket --- */
static void on_tls(struct session *s)
{
    session_enter(s, SESSION_ACCEPTED);
    sock_deadline(s->sock, 0);
    log_debug("%s tls %s", session_id(s), SSL_get_version(sock_ssl(s->sock)));
}

static void on_sock(void *owner, struct sock *sock, enum sock_event ev, const struct sock_data *data)
{
    struct session *s = owner;
    switch (ev) {
    case SOCK_DATA:
        session_bytes(s, data->data, data->len);
        break;
    case SOCK_TLS:
        on_tls(s);
        break;
    case SOCK_DRAINED:
        session_drained(s);
        break;
    case SOCK_OVERFULL:
        session_fault(s, STREAM_RESOURCE_CONSTRAINT, "what you were sent was not read");
        break;
    case SOCK_EOF: /* without a closing tag (row 28) */
        session_kill(s);
        break;
    case SOCK_TIMEOUT:
        log_info("%s handshake timeout", session_id(s));
        session_kill(s);
        break;
    case SOCK_ERROR:
        log_debug("%s socket: %s", session_id(s), sock_why(sock));
        session_kill(s);
        break;
    case SOCK_CONNECTED:
        break;
    }
}

static void login_deadline(void *arg)
{
    struct session *s = arg;
    if (s->state == SESSION_TLS)
        session_kill(s);
    else
        session_fault(s, STREAM_CONNECTION_TIMEOUT, "no login in time");
}

struct session *c2s_adopt(struct sock *sock, enum session_listener kind)
{
    const struct conf *conf = conf_get();
    struct session *s = session_new(sock, kind);
    s->stream = stream_new(mod_pool(), &stream_events, s, (size_t)conf->limits_stanza);
    sock_owner(sock, on_sock, s);
    sock_cap(sock, (size_t)conf->limits_out_queue, conf->limits_stall);
    loop_timer_init(&s->timer, mod_loop(), login_deadline, s);
    loop_timer_set(&s->timer, conf->limits_unauthenticated);
    char text[NET_TEXT] = "-";
    if (conf->log_addresses)
        net_format(sock_peer(sock), text);
    log_info("%s accepted listener=%s peer=%s", session_id(s), kind_names[kind], text);
    return s;
}

static void on_accept(void *arg, int fd, const struct net_addr *peer)
{
    const struct c2s_listener *l = arg;
    if (!net_gate_enter(mod_gate(), peer, conf_get()->limits_per_address)) {
        (void)close(fd);
        return;
    }
    struct sock *sock = sock_accepted(mod_loop(), fd, peer, NULL, NULL);
    struct session *s = c2s_adopt(sock, l->kind);
    if (l->kind != LISTENER_TLS)
        return;
    session_enter(s, SESSION_TLS);
    sock_deadline(sock, conf_get()->limits_handshake);
    sock_start_tls(sock, mod_tls());
}

/* --- listeners --- */
static int open_one(struct loop *loop, enum session_listener kind, const char *text, struct buf *why)
{
    struct c2s_listener *l = xcalloc(1, sizeof(*l));
    l->kind = kind;
    int fd = -1;
    if (net_parse(text, &l->addr))
        buf_addf(why, "[xmpp] %s is not an address and port", text);
    else if (kind == LISTENER_LEGACY && !net_is_private(&l->addr) && !conf_get()->xmpp_legacy_public)
        buf_addf(why, "[xmpp] listen_legacy = %s is a public address; legacy_public = yes allows it", text);
    else if ((fd = net_listen(&l->addr, BACKLOG)) < 0)
        buf_addf(why, "[xmpp] cannot listen on %s: %s", text, strerror(errno));
    if (fd < 0) {
        free(l);
        return -1;
    }
    l->listener = loop_listen(loop, fd, on_accept, l);
    *listeners_tail = l;
    listeners_tail = &l->next;
    return 0;
}

static int open_list(struct loop *loop, enum session_listener kind, const char *list, struct buf *why)
{
    char item[NET_TEXT];
    while (conf_list_next(&list, item, sizeof(item)))
        if (open_one(loop, kind, item, why))
            return -1;
    return 0;
}

int c2s_start(struct loop *loop, struct buf *why)
{
    const struct conf *conf = conf_get();
    if (open_list(loop, LISTENER_STARTTLS, conf->xmpp_listen, why) ||
        open_list(loop, LISTENER_TLS, conf->xmpp_listen_tls, why) ||
        open_list(loop, LISTENER_LEGACY, conf->xmpp_listen_legacy, why))
        return -1;
    return 0;
}

void c2s_ready(struct buf *line)
{
    char text[NET_TEXT];
    for (const struct c2s_listener *l = listeners; l; l = l->next) {
        net_format(&l->addr, text);
        buf_addf(line, " %s=%s", kind_names[l->kind], text);
    }
}

void c2s_stop_accepting(void)
{
    for (struct c2s_listener *l = listeners; l; l = l->next) {
        loop_listener_free(l->listener);
        l->listener = NULL;
    }
}

void c2s_stop(void)
{
    c2s_stop_accepting();
    while (listeners) {
        struct c2s_listener *l = listeners;
        listeners = l->next;
        free(l);
    }
    listeners_tail = &listeners;
}
