/* load_offers.c: files offered to somebody who is not there (XEP-0096), sent in band (XEP-0047), --window
 * blocks in flight. What is counted ends with the result to the close: the file is durable then. */
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "load.h"

enum step { STEP_OFFER, STEP_OPEN, STEP_DATA, STEP_CLOSE };

struct sender {
    struct client *c;
    enum step step;
    char to[128];
    int serial, in_flight;
    unsigned seq;
    size_t sent;
    uint64_t began;
};

static uint64_t files, bytes;
static char *block; /* base64 */

static void say(struct sender *s, const char *text)
{
    send_all(s->c->fd, text, strlen(text));
}

static void offer(struct sender *s)
{
    char text[1024];

    s->step = STEP_OFFER;
    s->serial++;
    s->seq = 0;
    s->sent = 0;
    s->in_flight = 0;
    s->began = now_ns();
    (void)snprintf(
        text, sizeof text,
        "<iq type='set' id='o' to='%s'><si xmlns='http://jabber.org/protocol/si' id='s%d' "
        "mime-type='application/octet-stream' "
        "profile='http://jabber.org/protocol/si/profile/file-transfer'><file "
        "xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='f%d.bin' size='%zu'/><feature "
        "xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'><field "
        "var='stream-method' "
        "type='list-single'><option><value>http://jabber.org/protocol/ibb</value></option></field></x></"
        "feature></si></iq>",
        s->to, s->serial, s->serial, opt.size);
    say(s, text);
}

static void send_blocks(struct sender *s)
{
    static char text[131072];

    while (s->in_flight < opt.window && s->sent < opt.size) {
        size_t n = opt.size - s->sent < opt.block ? opt.size - s->sent : opt.block;
        size_t coded = (n + 2) / 3 * 4;
        int head = snprintf(
            text, sizeof text,
            "<iq type='set' id='d' to='%s'><data xmlns='http://jabber.org/protocol/ibb' sid='s%d' seq='%u'>",
            s->to, s->serial, s->seq++ & 0xFFFF);

        memcpy(text + head, block, coded);
        if (n % 3 != 0) { /* the last, shorter block has its own padding */
            static unsigned char raw[65536];

            memset(raw, 'x', n);
            (void)EVP_EncodeBlock((unsigned char *)text + head, raw, (int)n);
        }
        memcpy(text + head + coded, "</data></iq>", 12);
        send_all(s->c->fd, text, (size_t)head + coded + 12);
        s->sent += n;
        s->in_flight++;
    }
}

static void answered(struct sender *s)
{
    char text[512];

    switch (s->step) {
    case STEP_OFFER:
        s->step = STEP_OPEN;
        (void)snprintf(text, sizeof text,
                       "<iq type='set' id='p' to='%s'><open xmlns='http://jabber.org/protocol/ibb' sid='s%d' "
                       "block-size='%zu'/></iq>",
                       s->to, s->serial, opt.block);
        say(s, text);
        break;
    case STEP_OPEN:
        s->step = STEP_DATA;
        send_blocks(s);
        break;
    case STEP_DATA:
        s->in_flight--;
        if (s->sent < opt.size) {
            send_blocks(s);
        } else if (s->in_flight == 0) {
            s->step = STEP_CLOSE;
            (void)snprintf(text, sizeof text,
                           "<iq type='set' id='c' to='%s'><close xmlns='http://jabber.org/protocol/ibb' "
                           "sid='s%d'/></iq>",
                           s->to, s->serial);
            say(s, text);
        }
        break;
    case STEP_CLOSE:
        latency_add(now_ns() - s->began);
        files++;
        bytes += opt.size;
        offer(s);
        break;
    }
}

static void heard(void *arg, char *stanza)
{
    if (strncmp(stanza, "<iq", 3) != 0 || strstr(stanza, "type='get'") != NULL)
        return; /* the server's ping: what is sent anyway is its answer */
    if (strstr(stanza, "result") == NULL)
        die("refused: %s", stanza);
    answered(arg);
}

void mode_offers(void)
{
    struct sender *all = calloc((size_t)opt.n, sizeof *all);
    struct pollfd *p = calloc((size_t)opt.n, sizeof *p);
    unsigned char *raw = malloc(opt.block);
    uint64_t start;
    double cpu, took;

    block = malloc(opt.block / 3 * 4 + 8);
    (void)RAND_bytes(raw, (int)opt.block);
    (void)EVP_EncodeBlock((unsigned char *)block, raw, (int)opt.block);
    for (int i = 0; i < opt.n; i++) {
        all[i].c = client_login(i);
        (void)snprintf(all[i].to, sizeof all[i].to, "%s", opt.to);
        p[i] = (struct pollfd){.fd = all[i].c->fd, .events = POLLIN};
    }
    start = now_ns();
    cpu = server_cpu();
    for (int i = 0; i < opt.n; i++)
        offer(&all[i]);
    while ((double)(now_ns() - start) / 1e9 < opt.seconds || files == 0) {
        if (poll(p, (nfds_t)opt.n, 20000) <= 0)
            die("nothing came for 20 s");
        for (int i = 0; i < opt.n; i++)
            if (p[i].revents != 0)
                client_hear(all[i].c, heard, &all[i]);
    }
    took = (double)(now_ns() - start) / 1e9;
    cpu = server_cpu() - cpu;
    for (int i = 0; i < opt.n; i++)
        bytes += all[i].sent; /* of files under way: they cost, too */
    printf("mode=offers n=%d window=%d size=%zu files=%llu mb_per_s=%.1f p50_ms=%.1f cpu_s_per_gb=%.2f\n",
           opt.n, opt.window, opt.size, (unsigned long long)files, (double)bytes / 1e6 / took,
           latency_us(0.5) / 1e3, cpu * 1e9 / (double)bytes);
}
