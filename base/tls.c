/* tls.c: the server's TLS contexts: policy, several certificates, ALPN, tickets; see tls.h.
 *
 * Each pair of files is a context of its own. The first is the one connections begin with; its servername
 * callback changes to another. What must be the same whichever is chosen (options, ticket keys) is taken by
 * OpenSSL from the first, and what is looked up later (ALPN) is set on all.
 */
#include "base/tls.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/conf.h"

#define PAIRS_MAX 64

/* --- certificates by name ------------------------------------------------------------------------ */

struct others { /* the contexts behind the first; freed with it */
    size_t n;
    SSL_CTX *ctx[PAIRS_MAX];
};

static int others_index;
static pthread_once_t others_once = PTHREAD_ONCE_INIT;

static void others_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    struct others *o = ptr;

    if (o == NULL)
        return;
    for (size_t i = 0; i < o->n; i++)
        SSL_CTX_free(o->ctx[i]);
    free(o);
}

static void others_init(void)
{
    others_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, others_free);
    FERRY_ASSERT(others_index >= 0);
}

static bool bears(SSL_CTX *ctx, const char *name, unsigned flags)
{
    return X509_check_host(SSL_CTX_get0_certificate(ctx), name, 0, flags, NULL) == 1;
}

/* A name of its own goes before a wildcard, then the order of the list counts. */
static int choose_by_name(SSL *ssl, int *alert, void *arg)
{
    static const unsigned passes[] = {X509_CHECK_FLAG_NO_WILDCARDS, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS};
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    SSL_CTX *first = SSL_get_SSL_CTX(ssl);
    const struct others *o = arg;

    for (size_t p = 0; name != NULL && p < ARRAY_LEN(passes); p++) {
        if (bears(first, name, passes[p]))
            return SSL_TLSEXT_ERR_OK;
        for (size_t i = 0; i < o->n; i++)
            if (bears(o->ctx[i], name, passes[p])) {
                SSL_set_SSL_CTX(ssl, o->ctx[i]);
                return SSL_TLSEXT_ERR_OK;
            }
    }
    return SSL_TLSEXT_ERR_NOACK;
}

/* --- ALPN ---------------------------------------------------------------------------------------- */

static bool offers(const unsigned char *in, unsigned in_len, const char *want, const unsigned char **out,
                   unsigned char *out_len)
{
    size_t n = strlen(want);

    for (unsigned at = 0; at < in_len && in[at] < in_len - at; at += in[at] + 1u)
        if (in[at] == n && memcmp(in + at + 1, want, n) == 0) {
            *out = in + at + 1;
            *out_len = in[at];
            return true;
        }
    return false;
}

/* XEP-0368 names the protocol; who names none, or another, is served too. */
static int choose_xmpp(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
                       unsigned in_len, void *arg)
{
    return offers(in, in_len, "xmpp-client", out, out_len) ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

/* Who offers only what is not spoken here is told so (RFC 7301 section 3.2): cross-protocol attacks end here.
 */
static int choose_http(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
                       unsigned in_len, void *arg)
{
    return offers(in, in_len, "http/1.1", out, out_len) ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* --- tickets ------------------------------------------------------------------------------------- */

#define TICKET_KEY_MS (3600 * 1000) /* a key seals for an hour, and opens for one more */

struct ticket_key {
    uint8_t name[16], aes[32], hmac[32];
    int64_t since; /* monotonic; 0: none */
};

static struct {
    pthread_mutex_t lock;
    struct ticket_key now, before;
} tickets = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void tickets_rotate(int64_t now)
{
    if (tickets.now.since != 0 && now - tickets.now.since < TICKET_KEY_MS)
        return;
    tickets.before = tickets.now;
    random_bytes(tickets.now.name, sizeof tickets.now.name);
    random_bytes(tickets.now.aes, sizeof tickets.now.aes);
    random_bytes(tickets.now.hmac, sizeof tickets.now.hmac);
    tickets.now.since = now;
}

/* The key for a new ticket, or the one a ticket names. 0: none, 1: the present one, 2: the one before. */
static int ticket_key(const uint8_t *name, struct ticket_key *out)
{
    int64_t now = clock_mono_ms();
    int found = 0;

    pthread_mutex_lock(&tickets.lock);
    tickets_rotate(now);
    if (name == NULL || memcmp(name, tickets.now.name, sizeof tickets.now.name) == 0) {
        *out = tickets.now;
        found = 1;
    } else if (tickets.before.since != 0 && now - tickets.before.since < 2 * TICKET_KEY_MS &&
               memcmp(name, tickets.before.name, sizeof tickets.before.name) == 0) {
        *out = tickets.before;
        found = 2;
    }
    pthread_mutex_unlock(&tickets.lock);
    return found;
}

/* OpenSSL's callback: sets cipher and MAC up. 1: go on, 2: go on and give a new ticket, 0: a ticket we cannot
 * open (a full handshake follows), -1: failed. */
static int ticket_ready(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                        EVP_MAC_CTX *mac, int seal)
{
    struct ticket_key k;
    char digest[] = "SHA256";
    int found, ok;

    if (seal)
        random_bytes(iv, EVP_MAX_IV_LENGTH);
    found = ticket_key(seal ? NULL : name, &k);
    if (found == 0)
        return 0;
    if (seal)
        memcpy(name, k.name, sizeof k.name);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, k.hmac, sizeof k.hmac),
                           OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
    ok = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, k.aes, iv, seal) == 1 &&
         EVP_MAC_CTX_set_params(mac, params) == 1;
    OPENSSL_cleanse(&k, sizeof k);
    return ok ? found : -1;
}

/* --- contexts ------------------------------------------------------------------------------------ */

static void openssl_why(struct buf *why, const char *what, const char *file)
{
    buf_addf(why, "%s: %s: %s", file, what, tls_reason());
}

const char *tls_reason(void)
{
    const char *text = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return text != NULL ? text : "not usable";
}

/* An encrypted key would make OpenSSL ask on the terminal. */
static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
    return -1;
}

static void set_policy(SSL_CTX *ctx, enum tls_use use)
{
    (void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY); /* see struct tls_guard */
    (void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (use == TLS_XMPP) {
        (void)SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
        (void)SSL_CTX_set_num_tickets(ctx, 0);
        SSL_CTX_set_alpn_select_cb(ctx, choose_xmpp, NULL);
        return;
    }
    (void)SSL_CTX_clear_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE); /* its BIO takes all */
    /* HTTP's messages carry their own ends: who ends without a close_notify still gets his answers. */
    (void)SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_alpn_select_cb(ctx, choose_http, NULL);
    (void)SSL_CTX_set_num_tickets(ctx, 1);
    (void)SSL_CTX_set_timeout(ctx, TICKET_KEY_MS / 1000);
    (void)SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"ferry", 5);
    (void)SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, ticket_ready);
}

static SSL_CTX *load_pair(const char *cert_file, const char *key_file, enum tls_use use, struct buf *why)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    if (ctx == NULL) {
        buf_adds(why, "TLS: no context");
        return NULL;
    }
    set_policy(ctx, use);
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
        openssl_why(why, "the certificate cannot be used", cert_file);
    else if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1)
        openssl_why(why, "the key cannot be used", key_file);
    else if (SSL_CTX_check_private_key(ctx) != 1)
        openssl_why(why, "the key does not belong to the certificate", key_file);
    else
        return ctx;
    SSL_CTX_free(ctx);
    return NULL;
}

SSL_CTX *tls_context(const char *certs, const char *keys, enum tls_use use, struct buf *why)
{
    char cert[4096], key[4096];
    struct others *o = xcalloc(1, sizeof *o);
    SSL_CTX *first = NULL;

    pthread_once(&others_once, others_init);
    while (conf_list_next(&certs, cert, sizeof cert)) {
        SSL_CTX *ctx = NULL;

        if (!conf_list_next(&keys, key, sizeof key))
            buf_addf(why, "%s: there is no key for this certificate", cert);
        else if (o->n == PAIRS_MAX)
            buf_addf(why, "%s: there are more than %d certificates", cert, PAIRS_MAX);
        else
            ctx = load_pair(cert, key, use, why);
        if (ctx == NULL)
            goto fail;
        if (first == NULL)
            first = ctx;
        else
            o->ctx[o->n++] = ctx;
    }
    if (first == NULL) {
        buf_adds(why, "TLS: no certificate is given");
        goto fail;
    }
    FERRY_ASSERT(SSL_CTX_set_ex_data(first, others_index, o) == 1);
    (void)SSL_CTX_set_tlsext_servername_callback(first, choose_by_name);
    (void)SSL_CTX_set_tlsext_servername_arg(first, o);
    return first;
fail:
    others_free(NULL, o, NULL, 0, 0, NULL);
    SSL_CTX_free(first);
    return NULL;
}

/* The host of a URL, or of an address with a port. */
static void add_host(struct buf *names, const char *url)
{
    const char *host = strstr(url, "://") != NULL ? strstr(url, "://") + 3 : url;
    size_t n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");

    if (n > 0 && n < 256 && strspn(host, "0.:[]") != n) /* not one that stands for all */
        buf_addf(names, "%s%.*s", names->len ? "," : "", (int)n, host);
}

/* Every domain with its services, and what links name. */
static void names_of(const struct conf *c, struct buf *names)
{
    char item[256];

    for (const char *at = c->xmpp_domain; conf_list_next(&at, item, sizeof item);)
        buf_addf(names, "%s%s,upload.%s,proxy.%s", names->len ? "," : "", item, item, item);
    add_host(names, c->http_public_url);
    for (const char *at = c->http_listen_tls; conf_list_next(&at, item, sizeof item);)
        add_host(names, item);
}

SSL_CTX *tls_configured(const char *own_cert, const char *own_key, enum tls_use use, struct buf *why)
{
    const struct conf *c = conf_get();
    struct buf names = {0};
    SSL_CTX *made = NULL;

    if (c->tls_certificate[0] != '\0')
        return tls_context(c->tls_certificate, c->tls_key, use, why);
    names_of(c, &names);
    if (tls_make_pair(own_cert, own_key, names.data, why) == 0)
        made = tls_context(own_cert, own_key, use, why);
    buf_free(&names);
    return made;
}

/* --- the guard ----------------------------------------------------------------------------------- */

#define CONTROL_FREE 16           /* handshake records after the handshake that cost nothing */
#define CONTROL_EVERY (64 * 1024) /* and one more for each so many bytes of data */

/* Counts handshake records of the peer. In TLS 1.3 the true type stands inside the encryption. */
static void record_seen(int write_p, int version, int type, const void *buf, size_t len, SSL *ssl, void *arg)
{
    struct tls_guard *g = arg;

    if (write_p || !g->done || len < 1)
        return;
    if ((type == SSL3_RT_HEADER || type == SSL3_RT_INNER_CONTENT_TYPE) &&
        *(const uint8_t *)buf == SSL3_RT_HANDSHAKE)
        g->control++;
}

void tls_guard_attach(struct tls_guard *g, SSL *ssl)
{
    SSL_set_msg_callback(ssl, record_seen);
    SSL_set_msg_callback_arg(ssl, g);
}

bool tls_guard_flood(const struct tls_guard *g, const SSL *ssl)
{
    if (g->control == 0)
        return false;
    return SSL_version(ssl) < TLS1_3_VERSION || g->control > CONTROL_FREE + g->in / CONTROL_EVERY;
}
