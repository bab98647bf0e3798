/* tls.c: the server's certificate, and STARTTLS (RFC 6120 section 5; faults 11 to 13).
 *
 * [tls] names pairs, or a self-signed one is made in the spool at the first start, for the domains and their
 * services (base/tls.c). SIGHUP reads them again; with a faulty new pair the old ones stay, and the old
 * configuration with it. Sessions keep the context they began with. The handshake and its deadline are
 * session.c's and c2s.c's.
 */
#include "base/tls.h"
#include "xmpp/mod.h"

#include <stdlib.h>

static SSL_CTX *context;

SSL_CTX *mod_tls(void)
{
    return context;
}

static SSL_CTX *load(struct buf *why)
{
    char *cert = storage_path(mod_storage(), "tls.crt"), *key = storage_path(mod_storage(), "tls.key");
    SSL_CTX *made = tls_configured(cert, key, TLS_XMPP, why);

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
