/* load.h: what the parts of the load generator share: options, the measured process, latencies, an XMPP
 * client. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options {
    const char *mode, *host, *domain, *password, *mechanism, *to;
    int port, proxy_port, pid, n, window, first, count;
    double seconds, hold;
    size_t size, block;
    bool tls, raw;
    char **paths;
    int path_count;
};
extern struct options opt;

_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
uint64_t now_ns(void);
double server_cpu(void); /* seconds, all threads of opt.pid */
long server_rss(void);   /* kB */
long server_peak(void);  /* kB, since server_peak_reset */
void server_peak_reset(void);
void latency_add(uint64_t ns);
double latency_us(double quantile); /* 0: none was added */

int dial(void);
void dont_block(int fd);
void send_all(int fd, const void *data, size_t n); /* a blocking socket */

/* A client that is logged in, on a blocking socket. */
struct client {
    int fd;
    SSL *ssl;
    char jid[128];
    char in[65536];
    size_t len;
};
struct client *client_login(int number);
void client_write(struct client *c, const char *text);
/* Reads until `mark` came; drops all up to its end, or returns it in `text` (size bytes). */
void client_need(struct client *c, const char *mark, char *text, size_t size);
/* Reads what has come, without waiting, and calls fn with each stanza. */
void client_hear(struct client *c, void (*fn)(void *arg, char *stanza), void *arg);
void client_close(struct client *c);

void mode_echo(void);
void mode_route(void);
void mode_sessions(void);
void mode_offers(void);
void mode_get(void);
void mode_put(void);
void mode_idle(void);
void mode_slots(void);
void mode_grants(void);
void mode_hostile(void);
void mode_relay(void);
void mode_inband(void);
void mode_ping(void);
void mode_parallel(void);
void mode_relayed(void);

#endif
