/* load_http.c: GETs on kept connections, PUTs, and connections that are only kept; plain or over TLS. Plain
 * bodies that come are thrown away in the kernel (MSG_TRUNC), bodies that go are one block again and again:
 * the generator is cheap. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define BLOCK (256 * 1024)

struct http {
    int fd;
    SSL *ssl;           /* --tls */
    int path;           /* the one that is asked */
    bool idle, in_body; /* no request; head is read */
    char head[8192];
    size_t len;
    uint64_t left;  /* of the body that comes */
    size_t to_send; /* of the body that goes */
    uint64_t began;
};

static uint64_t requests, bytes;
static int next_path;
static char *block;

static void connect_to(struct http *h)
{
    static SSL_CTX *ctx;

    h->fd = dial();
    if (!opt.tls)
        return;
    if (ctx == NULL) {
        ctx = SSL_CTX_new(TLS_client_method());
        (void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    }
    h->ssl = SSL_new(ctx);
    if (SSL_set_fd(h->ssl, h->fd) != 1 || SSL_connect(h->ssl) != 1)
        die("no TLS");
    dont_block(h->fd);
}

/* As send and recv without waiting do; p NULL: bytes to throw away. */
static ssize_t give(struct http *h, const void *p, size_t n)
{
    int k;

    if (h->ssl == NULL)
        return send(h->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    k = SSL_write(h->ssl, p, n < 65536 ? (int)n : 65536);
    if (k <= 0 && SSL_get_error(h->ssl, k) == SSL_ERROR_WANT_WRITE)
        return errno = EAGAIN, -1;
    return k > 0 ? k : (errno = EIO, -1);
}

static ssize_t take(struct http *h, void *p, size_t n)
{
    static char waste[65536];
    int k;

    if (h->ssl == NULL)
        return recv(h->fd, p, n, p != NULL ? MSG_DONTWAIT : MSG_DONTWAIT | MSG_TRUNC);
    k = SSL_read(h->ssl, p != NULL ? p : waste, n < sizeof waste ? (int)n : (int)sizeof waste);
    if (k <= 0 && SSL_get_error(h->ssl, k) == SSL_ERROR_WANT_READ)
        return errno = EAGAIN, -1;
    return k > 0 ? k : 0;
}

static bool ask(struct http *h)
{
    const char *path;
    char text[4096];
    int n;

    if (strcmp(opt.mode, "put") == 0 && next_path >= opt.path_count)
        return false;
    path = opt.paths[next_path++ % opt.path_count];
    if (strcmp(opt.mode, "put") == 0)
        n = snprintf(text, sizeof text, "PUT %s HTTP/1.1\r\nHost: %s:%d\r\nContent-Length: %zu\r\n\r\n", path,
                     opt.host, opt.port, opt.size);
    else
        n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: %s:%d\r\n\r\n", path, opt.host, opt.port);
    h->began = now_ns();
    h->len = 0;
    h->idle = h->in_body = false;
    h->to_send = strcmp(opt.mode, "put") == 0 ? opt.size : 0;
    if (give(h, text, (size_t)n) != n)
        die("send: %s", strerror(errno));
    return true;
}

static void push(struct http *h)
{
    ssize_t k = give(h, block, h->to_send < BLOCK ? h->to_send : BLOCK);

    if (k < 0 && errno != EAGAIN)
        die("send: %s", strerror(errno));
    if (k > 0) {
        h->to_send -= (size_t)k;
        bytes += (uint64_t)k;
    }
}

static void done(struct http *h)
{
    latency_add(now_ns() - h->began);
    requests++;
    h->idle = true;
}

static void take_head(struct http *h)
{
    ssize_t k = take(h, h->head + h->len, sizeof h->head - 1 - h->len);
    char *end, *length;
    size_t rest;

    if (k < 0 && errno == EAGAIN)
        return;
    if (k <= 0)
        die("the server closed");
    h->len += (size_t)k;
    h->head[h->len] = '\0';
    end = strstr(h->head, "\r\n\r\n");
    if (end == NULL)
        return;
    if (strncmp(h->head, "HTTP/1.1 2", 10) != 0)
        die("%.300s", h->head);
    length = strcasestr(h->head, "\r\ncontent-length:");
    h->left = length != NULL ? strtoull(length + 17, NULL, 10) : 0;
    rest = h->len - (size_t)(end + 4 - h->head);
    h->left -= rest < h->left ? rest : h->left;
    bytes += rest;
    h->in_body = true;
    if (h->left == 0)
        done(h);
}

static void take_body(struct http *h)
{
    ssize_t k = take(h, NULL, h->left < (1 << 20) ? h->left : 1 << 20);

    if (k < 0 && errno == EAGAIN)
        return;
    if (k <= 0)
        die("the server closed in a body");
    h->left -= (uint64_t)k;
    bytes += (uint64_t)k;
    if (h->left == 0)
        done(h);
}

/* What has come; of TLS also what was read with it and not yet asked for. */
static void pull(struct http *h)
{
    do {
        if (h->in_body)
            take_body(h);
        else
            take_head(h);
    } while (!h->idle && h->ssl != NULL && SSL_pending(h->ssl) > 0);
}

static void run(void)
{
    struct http *all = calloc((size_t)opt.n, sizeof *all);
    struct pollfd *p = calloc((size_t)opt.n, sizeof *p);
    uint64_t start;
    double cpu, took;
    int busy = 0;

    block = calloc(1, BLOCK);
    for (int i = 0; i < opt.n; i++) {
        connect_to(&all[i]);
        p[i].fd = all[i].fd;
    }
    start = now_ns();
    cpu = server_cpu();
    for (int i = 0; i < opt.n; i++)
        busy += (all[i].idle = !ask(&all[i])) ? 0 : 1;
    while (busy > 0) {
        bool more = strcmp(opt.mode, "put") == 0 || (double)(now_ns() - start) / 1e9 < opt.seconds;

        for (int i = 0; i < opt.n; i++)
            p[i].events = all[i].idle ? 0 : all[i].to_send > 0 ? POLLIN | POLLOUT : POLLIN;
        if (poll(p, (nfds_t)opt.n, 20000) <= 0)
            die("nothing came for 20 s");
        for (int i = 0; i < opt.n; i++) {
            struct http *h = &all[i];

            if (h->idle || p[i].revents == 0)
                continue;
            if (p[i].revents & POLLOUT)
                push(h);
            if (p[i].revents & POLLIN)
                pull(h);
            if (h->idle && !(more && ask(h)))
                busy--;
        }
    }
    took = (double)(now_ns() - start) / 1e9;
    cpu = server_cpu() - cpu;
    printf("mode=%s n=%d size=%zu per_s=%.0f mb_per_s=%.0f p50_us=%.0f p99_us=%.0f max_us=%.0f "
           "cpu_us_per_request=%.1f cpu_s_per_gb=%.3f\n",
           opt.mode, opt.n, opt.size, (double)requests / took, (double)bytes / 1e6 / took, latency_us(0.5),
           latency_us(0.99), latency_us(1), cpu * 1e6 / (double)requests, cpu * 1e9 / (double)bytes);
}

static void ask_and_wait(struct http *h)
{
    struct pollfd p = {.fd = h->fd, .events = POLLIN};

    for (ask(h); !h->idle; pull(h))
        if (poll(&p, 1, 20000) <= 0)
            die("nothing came for 20 s");
}

/* One request on each of n connections, which stay, and one more when all are there; the memory of the last
 * four fifths is counted. */
void mode_idle(void)
{
    struct http *all = calloc((size_t)opt.n, sizeof *all);
    long first = 0;

    if (opt.path_count == 0)
        die("idle: no paths");
    for (int i = 0; i < opt.n; i++) {
        if (i == opt.n / 5)
            first = server_rss();
        connect_to(&all[i]);
        ask_and_wait(&all[i]);
    }
    for (int i = 0; i < opt.n; i++)
        ask_and_wait(&all[i]);
    usleep(300000);
    printf("mode=idle n=%d tls=%d kb_per_connection=%.2f\n", opt.n, opt.tls,
           (double)(server_rss() - first) / (opt.n - opt.n / 5));
}

void mode_get(void)
{
    if (opt.path_count == 0)
        die("get: no paths");
    run();
}

void mode_put(void)
{
    if (opt.path_count == 0)
        die("put: no paths");
    run();
}
