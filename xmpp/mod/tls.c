/* tls.c: the server's certificate, and STARTTLS (RFC 6120 section 5; faults 11 to 13).
 *
 * [tls] names a pair, or a self-signed one is made in the spool at the first start, for the domains and their
 * services. SIGHUP reads it again; with a faulty new pair the old one stays, and the old configuration with
 * it. Sessions keep the context they began with. The handshake and its deadline are session.c's and c2s.c's.
 */
#include "base/conf.h"
#include "xmpp/mod.h"

#include <stdlib.h>

static SSL_CTX *context;

SSL_CTX *mod_tls(void)
{
    return context;
}

/* The names of a self-signed certificate: every domain and its services. */
static void names_of(struct buf *names)
{
    char domain[JID_PART_MAX + 1];
    for (const char *at = conf_get()->xmpp_domain; conf_list_next(&at, domain, sizeof domain);)
        buf_addf(names, "%s%s,upload.%s,proxy.%s", names->len ? "," : "", domain, domain, domain);
}

static SSL_CTX *load(struct buf *why)
{
    const struct conf *c = conf_get();
    if (*c->tls_certificate && *c->tls_key)
        return sock_tls_context(c->tls_certificate, c->tls_key, why);
    if (*c->tls_certificate || *c->tls_key) {
        buf_adds(why, "[tls] certificate and key must be given together");
        return NULL;
    }
    char *cert = storage_path(mod_storage(), "tls.crt"), *key = storage_path(mod_storage(), "tls.key");
    struct buf names = {0};
    names_of(&names);
    SSL_CTX *made = NULL;
    if (sock_tls_make_pair(cert, key, names.data, why) == 0)
        made = sock_tls_context(cert, key, why);
    buf_free(&names);
    free(cert);
    free(key);
    return made;
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    context = load(why);
    return context ? 0 : -1;
}

static int reload(struct buf *why)
{
    SSL_CTX *fresh = load(why);
    if (!fresh)
        return -1;
    SSL_CTX_free(context); /* sessions that began with it hold their own reference */
    context = fresh;
    return 0;
}

static void stop(void)
{
    SSL_CTX_free(TAKE(context));
}

static bool offered(const struct session *s)
{
    return s->listener == LISTENER_STARTTLS && !session_is_tls(s) && s->state == SESSION_OPEN;
}

static void stream_features(struct session *s, struct stanza *features)
{
    if (!offered(s))
        return;
    struct stanza *el = stanza_child(features, NS_TLS, "starttls");
    if (!session_may_login_plain(s))
        stanza_child(el, NULL, "required");
}

/* A refused STARTTLS ends the stream (RFC 6120 section 5.4.2.2): the client believed in a state that is not.
 */
static int starttls(struct packet *p)
{
    struct session *s = p->from_session;
    if (offered(s)) {
        session_start_tls(s);
    } else {
        session_send(s, stanza_new(p->arena, NS_TLS, "failure"));
        session_close(s);
    }
    return MOD_HANDLED;
}

static const struct mod_route routes[] = {
    {.target = TARGET_STREAM, .ns = NS_TLS, .name = "starttls", .fn = starttls}, {0}};
static const struct mod tls = {.name = "tls",
                               .routes = routes,
                               .start = start,
                               .stop = stop,
                               .reload = reload,
                               .stream_features = stream_features};
MOD_REGISTER(tls);
