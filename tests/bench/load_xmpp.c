/* load_xmpp.c: the modes that measure messages and sessions. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define STAMP 16 /* hex digits of the sending time in a body */

struct lane {
    int in, out; /* read from, write to */
    char to[128];
    char data[65536];
    size_t len;
};

static uint64_t delivered;
static bool measuring;

/* What goes round in a lane: a message to somebody, or a question to the service. The text carries the time
 * it was sent; `mark` stands before it in what comes back, `end` ends that. */
struct round {
    const char *mark, *end;
    void (*write)(struct lane *l, const char *stamp, char *text, size_t size);
};

static void write_message(struct lane *l, const char *stamp, char *text, size_t size)
{
    char body[512];

    memset(body, 'x', sizeof body);
    memcpy(body, stamp, STAMP);
    body[opt.size < sizeof body ? opt.size : sizeof body - 1] = '\0';
    (void)snprintf(text, size, "<message to='%s' type='chat' id='m'><body>%s</body></message>", l->to, body);
}

static const struct round message = {"<body>", "</message>", write_message};

static void write_question(struct lane *l, const char *stamp, char *text, size_t size)
{
    (void)snprintf(text, size,
                   "<iq to='upload.%s' type='get' id='%s'><request xmlns='urn:xmpp:http:upload:0' "
                   "filename='a.bin' size='%zu'/></iq>",
                   opt.domain, stamp, opt.size);
}

static const struct round question = {" id='", "</iq>", write_question};

static void lane_send(struct lane *l, const struct round *r)
{
    char text[1024], stamp[STAMP + 1];

    (void)snprintf(stamp, sizeof stamp, "%0*" PRIx64, STAMP, now_ns());
    r->write(l, stamp, text, sizeof text);
    send_all(l->out, text, strlen(text));
}

static uint64_t stamp_of(const char *at)
{
    char digits[STAMP + 1];

    memcpy(digits, at, STAMP);
    digits[STAMP] = '\0';
    return strtoull(digits, NULL, 16);
}

/* Counts what came whole; each lets its sender send the next. */
static void lane_read(struct lane *l, const struct round *r)
{
    ssize_t k = recv(l->in, l->data + l->len, sizeof l->data - 1 - l->len, MSG_DONTWAIT);
    char *at = l->data, *end;

    if (k < 0 && errno == EAGAIN)
        return;
    if (k <= 0)
        die("the server closed: %.*s", (int)l->len, l->data);
    l->len += (size_t)k;
    l->data[l->len] = '\0';
    while ((end = strstr(at, r->end)) != NULL) {
        char *stamp = strstr(at, r->mark);

        *end = '\0';
        if (stamp == NULL || stamp > end || strstr(at, "error") != NULL)
            die("not what was asked for: %s", at);
        if (measuring)
            latency_add(now_ns() - stamp_of(stamp + strlen(r->mark)));
        delivered++;
        at = end + strlen(r->end);
        lane_send(l, r);
    }
    l->len -= (size_t)(at - l->data);
    memmove(l->data, at, l->len);
}

static void run_lanes(struct lane *lanes, const struct round *r)
{
    int ep = epoll_create1(EPOLL_CLOEXEC);
    uint64_t start = now_ns(), began = 0;
    double cpu = 0, took;

    for (int i = 0; i < opt.n; i++) {
        struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &lanes[i]};

        if (epoll_ctl(ep, EPOLL_CTL_ADD, lanes[i].in, &ev) < 0)
            die("epoll");
        for (int w = 0; w < opt.window; w++)
            lane_send(&lanes[i], r);
    }
    for (;;) {
        struct epoll_event got[128];
        int n = epoll_wait(ep, got, 128, 5000);

        if (n <= 0)
            die("nothing was delivered for 5 s");
        for (int i = 0; i < n; i++)
            lane_read(got[i].data.ptr, r);
        if (!measuring && now_ns() - start > 500000000u) {
            measuring = true;
            delivered = 0;
            began = now_ns();
            cpu = server_cpu();
        }
        if (measuring && (double)(now_ns() - began) / 1e9 >= opt.seconds)
            break;
    }
    took = (double)(now_ns() - began) / 1e9;
    cpu = server_cpu() - cpu;
    printf("mode=%s n=%d window=%d per_s=%.0f p50_us=%.1f p99_us=%.1f cpu_s_per_million=%.2f\n", opt.mode,
           opt.n, opt.window, (double)delivered / took, latency_us(0.5), latency_us(0.99),
           cpu * 1e6 / (double)delivered);
}

void mode_echo(void)
{
    struct lane *lanes = calloc((size_t)opt.n, sizeof *lanes);

    for (int i = 0; i < opt.n; i++)
        lanes[i] = (struct lane){.out = dial(), .in = dial(), .to = "localhost/r"};
    run_lanes(lanes, &message);
}

void mode_route(void)
{
    struct lane *lanes = calloc((size_t)opt.n, sizeof *lanes);

    for (int i = 0; i < opt.n; i++) {
        struct client *a = client_login(2 * i), *b = client_login(2 * i + 1);

        lanes[i].out = a->fd;
        lanes[i].in = b->fd;
        (void)snprintf(lanes[i].to, sizeof lanes[i].to, "%s", b->jid);
    }
    run_lanes(lanes, &message);
}

void mode_slots(void)
{
    struct lane *lanes = calloc((size_t)opt.n, sizeof *lanes);

    for (int i = 0; i < opt.n; i++)
        lanes[i].in = lanes[i].out = client_login(opt.first + i)->fd;
    run_lanes(lanes, &question);
}

/* "PUT-PATH GET-PATH" a line, --count of them. */
void mode_grants(void)
{
    struct client *c = client_login(opt.first);
    struct lane l = {.out = c->fd};
    char answer[8192];

    for (int i = 0; i < opt.count; i++) {
        lane_send(&l, &question);
        client_need(c, "</iq>", answer, sizeof answer);
        for (char *at = answer; (at = strstr(at, "url='")) != NULL;) {
            char *path = strchr(at + strlen("url='http://"), '/');
            if (path == NULL)
                die("no path: %s", answer);
            at = strchr(path, '\'');
            printf("%.*s%s", (int)(at - path), path, strstr(at, "url='") != NULL ? " " : "\n");
        }
    }
}

void mode_sessions(void)
{
    long before = server_rss(), after;
    double cpu = server_cpu(), used;
    uint64_t start = now_ns();
    struct client **all = calloc((size_t)opt.n, sizeof *all);
    double took;

    for (int i = 0; i < opt.n; i++)
        all[i] = client_login(opt.first + i);
    took = (double)(now_ns() - start) / 1e9;
    used = server_cpu() - cpu;
    (void)usleep((useconds_t)(opt.hold * 1e6)); /* deferred work of the server */
    after = server_rss();
    printf("mode=sessions n=%d tls=%d mechanism=%s logins_per_s=%.0f cpu_ms_per_login=%.3f rss_start_kb=%ld "
           "rss_kb=%ld "
           "kb_per_session=%.2f\n",
           opt.n, opt.tls, opt.mechanism, opt.n / took, used * 1e3 / opt.n, before, after,
           (double)(after - before) / opt.n);
    for (int i = 0; i < opt.n; i++)
        client_close(all[i]);
}
