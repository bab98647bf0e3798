/* load_relay.c: bytes between two who are there.
 *
 *   relay   -n streams through the SOCKS5 proxy at --proxy, as fast as they go; with --raw no XMPP activates
 * them inband  -n pairs of users, --window blocks in flight in each (XEP-0047) ping    a user asks the server
 * every 5 ms; a late question does not delay the next
 */
#include <errno.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "load_transfer.h"

#define WARM_NS 300000000u

static uint64_t bytes;
static double cpu_at, cpu_used, took;
static uint64_t began;
static bool measuring;

/* false: the time is over. */
static bool go_on(uint64_t start)
{
    uint64_t now = now_ns();

    if (!measuring && now - start > WARM_NS) {
        measuring = true;
        bytes = 0;
        began = now;
        cpu_at = server_cpu();
    }
    if (!measuring || (double)(now - began) / 1e9 < opt.seconds)
        return true;
    cpu_used = server_cpu() - cpu_at;
    took = (double)(now - began) / 1e9;
    return false;
}

static void report(void)
{
    printf("mode=%s n=%d window=%d mb_per_s=%.1f cpu_s_per_gb=%.3f\n", opt.mode, opt.n, opt.window,
           (double)bytes / 1e6 / took, cpu_used * 1e9 / (double)bytes);
}

/* --- SOCKS5 -------------------------------------------------------------------------------------- */

static char megabyte[1 << 20];

static void at_writable(void *arg)
{
    if (send(*(int *)arg, megabyte, sizeof megabyte, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN)
        die("send: %s", strerror(errno));
}

static void at_readable(void *arg)
{
    ssize_t k = recv(*(int *)arg, megabyte, sizeof megabyte, MSG_TRUNC | MSG_DONTWAIT); /* no copy */

    if (k == 0 || (k < 0 && errno != EAGAIN))
        die("the proxy closed");
    bytes += k > 0 ? (uint64_t)k : 0;
}

static void activate(struct client *a, const char *sid, const char *to)
{
    char text[512];

    (void)snprintf(text, sizeof text,
                   "<iq type='set' id='act' to='proxy.%s'><query "
                   "xmlns='http://jabber.org/protocol/bytestreams' sid='%s'>"
                   "<activate>%s</activate></query></iq>",
                   opt.domain, sid, to);
    client_write(a, text);
    client_need(a, "type='result'", NULL, 0);
    client_need(a, ">", NULL, 0);
}

void mode_relay(void)
{
    struct client *a = opt.raw ? NULL : client_login(0), *b = opt.raw ? NULL : client_login(1);
    const char *from = a != NULL ? a->jid : "a@localhost/r", *to = b != NULL ? b->jid : "b@localhost/r";
    struct source *ends = calloc((size_t)opt.n * 2, sizeof *ends);
    int *fds = calloc((size_t)opt.n * 2, sizeof *fds), ep = epoll_create1(EPOLL_CLOEXEC);

    for (int i = 0; i < opt.n; i++) {
        char sid[16];
        int *in = &fds[2 * i], *out = in + 1;
        struct epoll_event ev = {.events = EPOLLOUT, .data.ptr = &ends[2 * i + 1]};

        (void)snprintf(sid, sizeof sid, "r%d", i);
        *in = socks_dial(sid, from, to);
        *out = socks_dial(sid, from, to);
        if (a != NULL)
            activate(a, sid, to);
        source_watch(ep, &ends[2 * i], *in, at_readable, in);
        ends[2 * i + 1] = (struct source){at_writable, out};
        if (epoll_ctl(ep, EPOLL_CTL_ADD, *out, &ev) < 0)
            die("epoll");
    }
    for (uint64_t start = now_ns(); go_on(start);)
        source_turn(ep, 100);
    report();
}

/* --- in band ------------------------------------------------------------------------------------- */

struct pair {
    struct client *a, *b;
    struct source at_a, at_b;
    unsigned seq;
};

static char *block; /* base64 */

static void send_block(struct pair *p)
{
    char head[256];
    int n = snprintf(head, sizeof head,
                     "<iq type='set' id='d' to='%s'><data xmlns='http://jabber.org/protocol/ibb' sid='x' "
                     "seq='%u'>",
                     p->b->jid, p->seq++ & 0xFFFF);
    static char text[131072];
    size_t coded = strlen(block);

    memcpy(text, head, (size_t)n);
    memcpy(text + n, block, coded);
    memcpy(text + (size_t)n + coded, "</data></iq>", 12);
    send_all(p->a->fd, text, (size_t)n + coded + 12);
}

static void heard_by_sender(void *arg, char *stanza)
{
    if (strncmp(stanza, "<iq", 3) != 0 || strstr(stanza, "type='get'") != NULL)
        return;
    if (strstr(stanza, "type='result'") == NULL)
        die("refused: %s", stanza);
    bytes += opt.block;
    send_block(arg);
}

static void heard_by_receiver(void *arg, char *stanza)
{
    struct pair *p = arg;
    char text[256], *id = strstr(stanza, " id='");

    if (strncmp(stanza, "<iq", 3) != 0 || strstr(stanza, "type='set'") == NULL || id == NULL)
        return;
    id += 5;
    int n = snprintf(text, sizeof text, "<iq type='result' to='%s' id='%.*s'/>", p->a->jid,
                     (int)strcspn(id, "'"), id);
    send_all(p->b->fd, text, (size_t)n);
}

static void at_sender(void *arg)
{
    client_hear(((struct pair *)arg)->a, heard_by_sender, arg);
}

static void at_receiver(void *arg)
{
    client_hear(((struct pair *)arg)->b, heard_by_receiver, arg);
}

void mode_inband(void)
{
    struct pair *pairs = calloc((size_t)opt.n, sizeof *pairs);
    unsigned char *raw = calloc(1, opt.block);
    char text[512];
    int ep = epoll_create1(EPOLL_CLOEXEC);

    for (size_t i = 0; i < opt.block; i++)
        raw[i] = (unsigned char)(i * 2654435761u >> 16);
    block = malloc(opt.block / 3 * 4 + 8);
    (void)EVP_EncodeBlock((unsigned char *)block, raw, (int)opt.block);
    for (int i = 0; i < opt.n; i++) {
        struct pair *p = &pairs[i];

        p->a = client_login(2 * i);
        p->b = client_login(2 * i + 1);
        source_watch(ep, &p->at_a, p->a->fd, at_sender, p);
        source_watch(ep, &p->at_b, p->b->fd, at_receiver, p);
        (void)snprintf(text, sizeof text,
                       "<iq type='set' id='o' to='%s'><open xmlns='http://jabber.org/protocol/ibb' sid='x' "
                       "block-size='%zu'/></iq>",
                       p->b->jid, opt.block);
        client_write(p->a, text);
        for (int w = 1; w < opt.window; w++)
            send_block(p); /* the answer to the open sends one more */
    }
    for (uint64_t start = now_ns(); go_on(start);)
        source_turn(ep, 100);
    report();
}

/* --- ping ---------------------------------------------------------------------------------------- */

#define EVERY_NS 5000000u

static uint64_t *asked; /* when each question was due */
static unsigned answers;

static void heard_pong(void *arg, char *stanza)
{
    char *id = strstr(stanza, " id='p");

    if (strncmp(stanza, "<iq", 3) != 0 || id == NULL || strstr(stanza, "type='result'") == NULL)
        return;
    latency_add(now_ns() - asked[atoi(id + 6)]);
    answers++;
}

void mode_ping(void)
{
    struct client *c = client_login(opt.first);
    unsigned most = (unsigned)(opt.seconds * 1e9 / EVERY_NS), sent = 0;
    uint64_t start = now_ns();
    struct pollfd p = {.fd = c->fd, .events = POLLIN};

    asked = calloc(most, sizeof *asked);
    while (answers < most) {
        char text[128];
        uint64_t due = start + (uint64_t)sent * EVERY_NS, now = now_ns();
        if (sent < most && now >= due) {
            asked[sent] = due;
            int n = snprintf(text, sizeof text, "<iq type='get' id='p%u'><ping xmlns='urn:xmpp:ping'/></iq>",
                             sent++);
            send_all(c->fd, text, (size_t)n);
            continue;
        }
        uint64_t wait = sent < most ? due - now : 20000000000u;
        struct timespec t = {(time_t)(wait / 1000000000u), (long)(wait % 1000000000u)};
        if (ppoll(&p, 1, &t, NULL) > 0) {
            client_hear(c, heard_pong, NULL);
        } else if (sent == most) {
            die("%u of %u answers", answers, most);
        }
    }
    printf("mode=ping n=%u p50_us=%.0f p99_us=%.0f max_us=%.0f\n", most, latency_us(0.5), latency_us(0.99),
           latency_us(1));
}
