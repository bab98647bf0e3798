/* load_parallel.c: many transfers at once, half of them in band, half through the server's SOCKS5 proxy, slow
 * and steady: all of them are under way, then they go on block by block in turn, and end together.
 *
 *   parallel  to people who are not there; "NAME SHA256" of each file that the server says is stored
 *   relayed   to people who are there (load_receive.c), who compare what came
 *
 * "ready" says that all are under way; the last line has the figures. Each sender has four of the -n. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load_transfer.h"

enum { EACH = 4, PATIENCE_S = 120 };

struct sender {
    struct client *c;
    struct source source;
};

struct transfer *transfers;
static int ep, under_way, over;

/* --- bytes --------------------------------------------------------------------------------------- */

/* Each transfer has bytes of its own. */
static void next_bytes(struct transfer *t, unsigned char *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = t->sent + i;

        out[i] = (unsigned char)((at >> 2) * 2654435761u >> 24 ^ at ^ (unsigned)t->number * 40503u >> 8);
    }
    (void)EVP_DigestUpdate(t->hash, out, n);
}

static void send_block(struct transfer *t)
{
    static unsigned char raw[65536];
    static char text[131072];
    size_t n = opt.size - t->sent < opt.block ? opt.size - t->sent : opt.block;
    size_t seq = t->sent / opt.block & 0xFFFF;
    int len;

    next_bytes(t, raw, n);
    t->sent += n;
    if (t->inband) {
        len = snprintf(text, sizeof text,
                       "<iq type='set' id='d%d' to='%s'><data xmlns='http://jabber.org/protocol/ibb' "
                       "sid='%s' seq='%zu'>",
                       t->number, t->to, t->sid, seq);
        len += EVP_EncodeBlock((unsigned char *)text + len, raw, (int)n);
        memcpy(text + len, "</data></iq>", 12);
        send_all(t->sender->fd, text, (size_t)len + 12);
        t->waiting = true;
    } else {
        send_all(t->fd, raw, n);
        if (t->sent == opt.size)
            (void)shutdown(t->fd, SHUT_WR);
    }
}

static void finished(struct transfer *t)
{
    char sent[65], came[65];

    sum_take(t->hash, sent);
    over++;
    if (t->receiver == NULL) {
        printf("%s.bin %s\n", t->sid, sent);
        return;
    }
    sum_take(t->received, came);
    if (strcmp(sent, came) != 0)
        die("%s: other bytes came", t->sid);
}

/* --- one transfer's way -------------------------------------------------------------------------- */

static void ask(struct transfer *t, char what, const char *to, const char *child)
{
    char text[2048];
    int n =
        snprintf(text, sizeof text, "<iq type='set' id='%c%d' to='%s'>%s</iq>", what, t->number, to, child);

    send_all(t->sender->fd, text, (size_t)n);
}

static void offer(struct transfer *t)
{
    char text[1024];

    (void)snprintf(
        text, sizeof text,
        "<si xmlns='http://jabber.org/protocol/si' id='%s' mime-type='application/octet-stream' "
        "profile='http://jabber.org/protocol/si/profile/file-transfer'><file "
        "xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='%s.bin' size='%zu'/><feature "
        "xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'><field "
        "var='stream-method' type='list-single'><option><value>http://jabber.org/protocol/%s</value>"
        "</option></field></x></feature></si>",
        t->sid, t->sid, opt.size, t->inband ? "ibb" : "bytestreams");
    ask(t, 'o', t->to, text);
}

static void begin_stream(struct transfer *t)
{
    char text[512];

    if (t->inband)
        (void)snprintf(text, sizeof text,
                       "<open xmlns='http://jabber.org/protocol/ibb' sid='%s' block-size='%zu'/>", t->sid,
                       opt.block);
    else
        (void)snprintf(text, sizeof text,
                       "<query xmlns='http://jabber.org/protocol/bytestreams' sid='%s'><streamhost "
                       "jid='proxy.%s' host='%s' port='%d'/></query>",
                       t->sid, opt.domain, opt.host, opt.proxy_port);
    ask(t, t->inband ? 'p' : 'q', t->to, text);
}

/* The other end of a proxied stream closes when it has the whole file. */
static void at_proxied_end(void *arg)
{
    struct transfer *t = arg;
    char c;

    if (recv(t->fd, &c, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN)
        return;
    (void)close(t->fd);
    if (t->sent < opt.size)
        die("%s: the proxy closed after %zu bytes", t->sid, t->sent);
    finished(t);
}

static void activate(struct transfer *t)
{
    char text[512], proxy[160];

    t->fd = socks_dial(t->sid, t->sender->jid, t->to);
    source_watch(ep, &t->end, t->fd, at_proxied_end, t);
    (void)snprintf(proxy, sizeof proxy, "proxy.%s", opt.domain);
    (void)snprintf(text, sizeof text,
                   "<query xmlns='http://jabber.org/protocol/bytestreams' sid='%s'>"
                   "<activate>%s</activate></query>",
                   t->sid, t->to);
    ask(t, 'a', proxy, text);
}

static void block_answered(struct transfer *t)
{
    char text[256];

    t->waiting = false;
    if (t->sent == opt.size) {
        (void)snprintf(text, sizeof text, "<close xmlns='http://jabber.org/protocol/ibb' sid='%s'/>", t->sid);
        ask(t, 'c', t->to, text);
    } else if (t->late) {
        t->late = false;
        send_block(t);
    }
}

static void answered(struct transfer *t, char what)
{
    switch (what) {
    case 'o':
        begin_stream(t);
        break;
    case 'q':
        activate(t);
        break;
    case 'p':
    case 'a':
        under_way++;
        break;
    case 'd':
        block_answered(t);
        break;
    case 'c':
        finished(t);
        break;
    default:
        break;
    }
}

static void heard(void *arg, char *stanza)
{
    char *id = strstr(stanza, " id='");

    if (strncmp(stanza, "<iq", 3) != 0 || strstr(stanza, "type='get'") != NULL || id == NULL)
        return; /* notices; the server's ping, which anything answers */
    if (strstr(stanza, "type='result'") == NULL)
        die("refused: %s", stanza);
    answered(&transfers[atoi(id + 6)], id[5]);
}

/* --- all of them --------------------------------------------------------------------------------- */

static void at_sender(void *arg)
{
    client_hear(arg, heard, NULL);
}

static void prepare(bool online)
{
    struct sender *senders = calloc((size_t)opt.n / EACH, sizeof *senders);

    ep = epoll_create1(EPOLL_CLOEXEC);
    transfers = calloc((size_t)opt.n, sizeof *transfers);
    for (int i = 0; i < opt.n / EACH; i++) {
        senders[i].c = client_login(opt.first + i);
        source_watch(ep, &senders[i].source, senders[i].c->fd, at_sender, senders[i].c);
    }
    for (int i = 0; i < opt.n; i++) {
        struct transfer *t = &transfers[i];
        int user = opt.first + (opt.n + i) / EACH;

        t->number = i;
        t->inband = i % 2 == 0;
        t->sender = senders[i / EACH].c;
        t->hash = EVP_MD_CTX_new();
        (void)EVP_DigestInit_ex(t->hash, EVP_sha256(), NULL);
        (void)snprintf(t->sid, sizeof t->sid, "s%d", i);
        (void)snprintf(t->to, sizeof t->to, "u%d@%s", user, opt.domain);
        if (online)
            receive_for(t, ep, user);
    }
}

static void wait_for(const int *count, const char *what)
{
    uint64_t end = now_ns() + PATIENCE_S * 1000000000ull;

    while (*count < opt.n) {
        source_turn(ep, 100);
        if (now_ns() > end)
            die("%d of %d %s after %d s", *count, opt.n, what, PATIENCE_S);
    }
}

/* Each block at its time: one of every transfer, then the next of every transfer. */
static void send_all_blocks(void)
{
    size_t blocks = (opt.size + opt.block - 1) / opt.block, steps = blocks * (size_t)opt.n, k = 0;
    uint64_t start = now_ns();

    while (k < steps) {
        uint64_t due = start + (uint64_t)((double)k * opt.seconds * 1e9 / (double)steps);
        struct transfer *t = &transfers[k % (size_t)opt.n];

        if (now_ns() < due) {
            source_turn(ep, 1);
            continue;
        }
        if (t->waiting && t->late) {
            source_turn(ep, 1); /* the server is behind: so are we */
            continue;
        }
        if (t->waiting)
            t->late = true;
        else
            send_block(t);
        if (++k % 16 == 0)
            source_turn(ep, 0);
    }
}

static void run(bool online)
{
    prepare(online);
    server_peak_reset();
    long idle = server_rss(), peak;
    double cpu = server_cpu(), took;
    for (int i = 0; i < opt.n; i++)
        offer(&transfers[i]);
    wait_for(&under_way, "under way");
    printf("ready\n");
    (void)fflush(stdout);
    uint64_t start = now_ns();
    send_all_blocks();
    wait_for(&over, "at their end");
    took = (double)(now_ns() - start) / 1e9;
    cpu = server_cpu() - cpu;
    peak = server_peak();
    printf("mode=%s n=%d size=%zu took_s=%.1f cpu_s_per_gb=%.2f idle_kb=%ld peak_kb=%ld above_mb=%.1f\n",
           opt.mode, opt.n, opt.size, took, cpu * 1e9 / ((double)opt.n * (double)opt.size), idle, peak,
           (double)(peak - idle) / 1024);
}

void mode_parallel(void)
{
    run(false);
}

void mode_relayed(void)
{
    run(true);
}
