/* load_client.c: logging in, by PLAIN or SCRAM-SHA-1, with or without STARTTLS, on a blocking socket. It
 * knows just enough XMPP to find the marks of the answers it waits for. */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

void client_write(struct client *c, const char *text)
{
    if (c->ssl == NULL)
        send_all(c->fd, text, strlen(text));
    else if (SSL_write(c->ssl, text, (int)strlen(text)) <= 0)
        die("TLS write");
}

void client_need(struct client *c, const char *mark, char *text, size_t size)
{
    for (;;) {
        char *at;
        size_t used;
        ssize_t k;

        c->in[c->len] = '\0';
        at = strstr(c->in, mark);
        if (at != NULL) {
            used = (size_t)(at - c->in) + strlen(mark);
            if (text != NULL)
                (void)snprintf(text, size, "%.*s", (int)used, c->in);
            c->len -= used;
            memmove(c->in, c->in + used, c->len);
            return;
        }
        if (c->len + 1 >= sizeof c->in)
            die("no %s in %zu bytes", mark, c->len);
        k = c->ssl != NULL ? SSL_read(c->ssl, c->in + c->len, (int)(sizeof c->in - 1 - c->len))
                           : recv(c->fd, c->in + c->len, sizeof c->in - 1 - c->len, 0);
        if (k <= 0)
            die("the server closed; waited for %s, had %s", mark, c->in);
        c->len += (size_t)k;
    }
}

static void header(struct client *c)
{
    char text[256];

    (void)snprintf(text, sizeof text,
                   "<?xml version='1.0'?><stream:stream to='%s' version='1.0' xmlns='jabber:client' "
                   "xmlns:stream='http://etherx.jabber.org/streams'>",
                   opt.domain);
    client_write(c, text);
    client_need(c, "</stream:features>", NULL, 0);
}

static void start_tls(struct client *c)
{
    static SSL_CTX *ctx;

    if (ctx == NULL) {
        ctx = SSL_CTX_new(TLS_client_method());
        (void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    }
    header(c);
    client_write(c, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    client_need(c, "<proceed", NULL, 0);
    client_need(c, ">", NULL, 0);
    c->ssl = SSL_new(ctx);
    if (SSL_set_fd(c->ssl, c->fd) != 1 || SSL_connect(c->ssl) != 1)
        die("TLS handshake");
}

static void base64(const void *in, size_t n, char *out)
{
    (void)EVP_EncodeBlock((unsigned char *)out, in, (int)n);
}

static void plain(struct client *c, const char *user)
{
    char raw[256], text[512], coded[400];
    int n = snprintf(raw, sizeof raw, "%c%s%c%s", 0, user, 0, opt.password);

    base64(raw, (size_t)n, coded);
    (void)snprintf(text, sizeof text,
                   "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>", coded);
    client_write(c, text);
}

static void hmac(const void *key, size_t key_len, const char *text, unsigned char out[20])
{
    (void)HMAC(EVP_sha1(), key, (int)key_len, (const unsigned char *)text, strlen(text), out, NULL);
}

/* RFC 5802. The generator's own PBKDF2 is not the server's affair. */
static void scram(struct client *c, const char *user)
{
    unsigned char nonce[12], salted[20], key[20], stored[20], signature[20], salt[64];
    char mine[32], first[128], coded[1024], text[2048], challenge[1024], server[1024], last[512], all[2048];
    const char *r, *s, *i;
    int salt_len;

    (void)RAND_bytes(nonce, sizeof nonce);
    base64(nonce, sizeof nonce, mine);
    (void)snprintf(first, sizeof first, "n=%s,r=%s", user, mine);
    (void)snprintf(text, sizeof text, "n,,%s", first);
    base64(text, strlen(text), coded);
    (void)snprintf(text, sizeof text,
                   "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='%s'>%s</auth>", opt.mechanism,
                   coded);
    client_write(c, text);
    client_need(c, "<challenge", NULL, 0);
    client_need(c, ">", NULL, 0);
    client_need(c, "</challenge>", challenge, sizeof challenge);
    *strchr(challenge, '<') = '\0';
    server[EVP_DecodeBlock((unsigned char *)server, (unsigned char *)challenge, (int)strlen(challenge))] =
        '\0';
    r = strstr(server, "r=");
    s = strstr(server, ",s=");
    i = strstr(server, ",i=");
    if (r == NULL || s == NULL || i == NULL)
        die("SCRAM: %s", server);
    (void)snprintf(coded, sizeof coded, "%.*s", (int)(i - s - 3), s + 3);
    salt_len = EVP_DecodeBlock(salt, (unsigned char *)coded, (int)strlen(coded));
    for (size_t k = strlen(coded); k > 0 && coded[k - 1] == '='; k--)
        salt_len--;
    (void)PKCS5_PBKDF2_HMAC_SHA1(opt.password, -1, salt, salt_len, atoi(i + 3), 20, salted);
    hmac(salted, 20, "Client Key", key);
    (void)SHA1(key, 20, stored);
    (void)snprintf(last, sizeof last, "c=biws,%.*s", (int)(s - r), r);
    (void)snprintf(all, sizeof all, "%s,%s,%s", first, server, last);
    all[strlen(first) + 1 + strcspn(server, "\n") + 1 + strlen(last)] = '\0';
    hmac(stored, 20, all, signature);
    for (int k = 0; k < 20; k++)
        key[k] ^= signature[k];
    base64(key, 20, coded);
    (void)snprintf(text, sizeof text, "%s,p=%s", last, coded);
    base64(text, strlen(text), coded);
    (void)snprintf(text, sizeof text, "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</response>",
                   coded);
    client_write(c, text);
}

struct client *client_login(int number)
{
    struct client *c = calloc(1, sizeof *c);
    char user[32], text[1024];
    char *jid, *end;

    if (c == NULL)
        die("out of memory");
    (void)snprintf(user, sizeof user, "u%d", number);
    c->fd = dial();
    if (opt.tls)
        start_tls(c);
    header(c);
    if (strcmp(opt.mechanism, "PLAIN") == 0)
        plain(c, user);
    else
        scram(c, user);
    client_need(c, "<success", NULL, 0);
    client_need(c, ">", NULL, 0);
    c->len = 0; /* a SCRAM success has text and an end tag, which came with it */
    header(c);
    client_write(c, "<iq type='set' id='b'><bind "
                    "xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>");
    client_need(c, "</iq>", text, sizeof text);
    jid = strstr(text, "<jid>");
    end = jid != NULL ? strchr(jid + 5, '<') : NULL;
    if (end == NULL)
        die("bind: %s", text);
    (void)snprintf(c->jid, sizeof c->jid, "%.*s", (int)(end - jid - 5), jid + 5);
    client_write(c, "<presence/>");
    client_write(c, "<iq type='get' id='up'><ping xmlns='urn:xmpp:ping'/></iq>");
    client_need(c, "up", NULL, 0);
    client_need(c, ">", NULL, 0);
    return c;
}

/* The end of the first whole stanza at `at`; NULL: it is not all there. *open: where it begins, past texts
 * between stanzas; NULL: an end tag, or a thing without an end. */
static char *stanza_end(char *at, char **open)
{
    char *end, *whole;
    const char *closing;

    *open = strchr(at, '<');
    end = *open != NULL ? strchr(*open, '>') : NULL;
    if (end == NULL)
        return NULL;
    if (strncmp(*open, "<iq", 3) == 0)
        closing = "</iq>";
    else if (strncmp(*open, "<message", 8) == 0)
        closing = "</message>";
    else if (strncmp(*open, "<presence", 9) == 0)
        closing = "</presence>";
    else
        *open = NULL;
    if (*open == NULL || end[-1] == '/')
        return end + 1;
    whole = strstr(end, closing);
    return whole != NULL ? whole + strlen(closing) : NULL;
}

void client_hear(struct client *c, void (*fn)(void *arg, char *stanza), void *arg)
{
    ssize_t k = recv(c->fd, c->in + c->len, sizeof c->in - 1 - c->len, MSG_DONTWAIT);
    char *at = c->in, *end, *open;

    if (k < 0 && errno == EAGAIN)
        return;
    if (k <= 0)
        die("the server closed %s: %.*s", c->jid, (int)c->len, c->in);
    c->len += (size_t)k;
    c->in[c->len] = '\0';
    while ((end = stanza_end(at, &open)) != NULL) {
        char save = *end;

        *end = '\0';
        if (open != NULL)
            fn(arg, open);
        *end = save;
        at = end;
    }
    c->len -= (size_t)(at - c->in);
    memmove(c->in, at, c->len + 1);
}

void client_close(struct client *c)
{
    SSL_free(c->ssl);
    (void)close(c->fd);
    free(c);
}
