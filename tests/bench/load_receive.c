/* load_receive.c: people who take the files they are offered, in band or from the proxy, and hash what comes.
 * Also what both ends of a transfer share: the watched descriptors and SOCKS5's handshake. */
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load_transfer.h"

struct receiver {
    int user;
    struct client *c;
    struct source source;
};

void source_watch(int ep, struct source *s, int fd, void (*ready)(void *arg), void *arg)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = s};

    *s = (struct source){ready, arg};
    if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0)
        die("epoll");
}

void source_turn(int ep, int ms)
{
    struct epoll_event got[256];
    int n = epoll_wait(ep, got, 256, ms);

    for (int i = 0; i < n; i++) {
        struct source *s = got[i].data.ptr;

        s->ready(s->arg);
    }
}

void sum_take(EVP_MD_CTX *sum, char hex[65])
{
    unsigned char digest[32];

    (void)EVP_DigestFinal_ex(sum, digest, NULL);
    for (int i = 0; i < 32; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* --- SOCKS5 -------------------------------------------------------------------------------------- */

static void need(int fd, unsigned char *out, size_t n)
{
    if (recv(fd, out, n, MSG_WAITALL) != (ssize_t)n)
        die("the proxy closed in the handshake");
}

int socks_dial(const char *sid, const char *from, const char *to)
{
    char all[400];
    unsigned char digest[20], b[47] = {5, 1, 0, 3, 40};
    int port = opt.port, fd;

    opt.port = opt.proxy_port;
    fd = dial();
    opt.port = port;
    (void)SHA1((unsigned char *)all, (size_t)snprintf(all, sizeof all, "%s%s%s", sid, from, to), digest);
    send_all(fd, "\5\1\0", 3);
    need(fd, b, 2);
    memcpy(b, "\5\1\0\3\50", 5);
    for (int i = 0; i < 20; i++)
        (void)snprintf((char *)b + 5 + 2 * i, 3, "%02x", digest[i]);
    b[45] = b[46] = 0;
    send_all(fd, b, 47);
    need(fd, b, 47);
    if (b[1] != 0)
        die("the proxy refuses: %d", b[1]);
    return fd;
}

/* --- a receiver ---------------------------------------------------------------------------------- */

static void attribute(const char *stanza, const char *name, char *out, size_t size)
{
    const char *at = strstr(stanza, name);

    if (at == NULL)
        die("no %s: %s", name, stanza);
    at += strlen(name);
    (void)snprintf(out, size, "%.*s", (int)strcspn(at, "'"), at);
}

static void at_proxied_bytes(void *arg)
{
    static unsigned char data[262144];
    struct transfer *t = arg;
    ssize_t k = recv(t->receiver_fd, data, sizeof data, MSG_DONTWAIT);

    if (k > 0)
        (void)EVP_DigestUpdate(t->received, data, (size_t)k);
    else
        (void)close(t->receiver_fd);
}

static void take_block(struct transfer *t, char *stanza)
{
    static unsigned char raw[131072];
    char *from = strchr(strstr(stanza, "<data"), '>') + 1, *end = strchr(from, '<');
    int n = EVP_DecodeBlock(raw, (unsigned char *)from, (int)(end - from));

    for (char *pad = end; pad > from && pad[-1] == '='; pad--)
        n--;
    (void)EVP_DigestUpdate(t->received, raw, (size_t)n);
}

static int the_ep;

/* Says yes to everything. */
static void heard(void *arg, char *stanza)
{
    struct client *c = arg;
    char id[64], from[128], sid[16], text[1024], child[512] = "";

    if (strncmp(stanza, "<iq", 3) != 0 || strstr(stanza, "type='set'") == NULL)
        return;
    attribute(stanza, " id='", id, sizeof id);
    attribute(stanza, " from='", from, sizeof from);
    char *si = strstr(stanza, "<si"), *query = strstr(stanza, "<query");
    attribute(si != NULL ? si : stanza, si != NULL ? " id='" : " sid='", sid, sizeof sid);
    struct transfer *t = &transfers[atoi(sid + 1)];
    if (si != NULL) {
        (void)snprintf(child, sizeof child,
                       "<si xmlns='http://jabber.org/protocol/si'><feature "
                       "xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' "
                       "type='submit'><field var='stream-method'><value>http://jabber.org/protocol/%s"
                       "</value></field></x></feature></si>",
                       t->inband ? "ibb" : "bytestreams");
    } else if (query != NULL) {
        t->receiver_fd = socks_dial(sid, from, c->jid);
        source_watch(the_ep, &t->receiver_end, t->receiver_fd, at_proxied_bytes, t);
        (void)snprintf(child, sizeof child,
                       "<query xmlns='http://jabber.org/protocol/bytestreams' sid='%s'>"
                       "<streamhost-used jid='proxy.%s'/></query>",
                       sid, opt.domain);
    } else if (strstr(stanza, "<data") != NULL) {
        take_block(t, stanza);
    }
    int n = snprintf(text, sizeof text, "<iq type='result' id='%s' to='%s'>%s</iq>", id, from, child);
    send_all(c->fd, text, (size_t)n);
}

static void at_receiver(void *arg)
{
    client_hear(arg, heard, arg);
}

void receive_for(struct transfer *t, int ep, int user)
{
    static struct receiver *all;
    static int count;

    the_ep = ep;
    if (all == NULL)
        all = calloc((size_t)opt.n, sizeof *all);
    if (count == 0 || all[count - 1].user != user) {
        struct receiver *r = &all[count++];

        r->user = user;
        r->c = client_login(user);
        source_watch(ep, &r->source, r->c->fd, at_receiver, r->c);
    }
    t->receiver = all[count - 1].c;
    t->received = EVP_MD_CTX_new();
    (void)EVP_DigestInit_ex(t->received, EVP_sha256(), NULL);
    (void)snprintf(t->to, sizeof t->to, "%s", t->receiver->jid);
}
