/* stats.c: counters; see stats.h. */
#include "http/stats.h"

#include <stdatomic.h>

static const char *const method_names[] = {"GET",    "HEAD",    "PUT",   "POST",
                                           "DELETE", "OPTIONS", "PATCH", "other"};
static _Atomic long answered[8][6];
static _Atomic long handshakes[2];
static _Atomic long connections, refused, heads[6];

static unsigned klass(unsigned status)
{
    return status / 100 < 6 ? status / 100 : 0;
}

void stats_answered(int method, unsigned status)
{
    unsigned i = 0;
    while (i < 7 && !(method & (1 << i)))
        i++;
    atomic_fetch_add(&answered[i][klass(status)], 1);
}

void stats_connection(int delta)
{
    atomic_fetch_add(&connections, delta);
}

long stats_connections(void)
{
    return atomic_load(&connections);
}

void stats_refused_connection(void)
{
    atomic_fetch_add(&refused, 1);
}

void stats_head_refused(unsigned status)
{
    atomic_fetch_add(&heads[klass(status)], 1);
}

void stats_handshake(bool good)
{
    atomic_fetch_add(&handshakes[good], 1);
}

void stats_metrics(struct buf *out)
{
    buf_adds(out, "# HELP ferryd_http_requests_total Requests answered.\n"
                  "# TYPE ferryd_http_requests_total counter\n");
    for (unsigned m = 0; m < 8; m++)
        for (unsigned k = 1; k < 6; k++) {
            long n = atomic_load(&answered[m][k]);
            if (n)
                buf_addf(out, "ferryd_http_requests_total{method=\"%s\",code=\"%uxx\"} %ld\n",
                         method_names[m], k, n);
        }
    buf_addf(out,
             "# HELP ferryd_http_heads_refused_total Connections whose first head was refused.\n"
             "# TYPE ferryd_http_heads_refused_total counter\n"
             "ferryd_http_heads_refused_total %ld\n"
             "# HELP ferryd_http_connections Open HTTP connections.\n"
             "# TYPE ferryd_http_connections gauge\n"
             "ferryd_http_connections %ld\n"
             "# HELP ferryd_http_connections_refused_total Connections closed over a limit.\n"
             "# TYPE ferryd_http_connections_refused_total counter\n"
             "ferryd_http_connections_refused_total %ld\n"
             "# HELP ferryd_http_tls_handshakes_total TLS handshakes that came to an end.\n"
             "# TYPE ferryd_http_tls_handshakes_total counter\n"
             "ferryd_http_tls_handshakes_total{result=\"done\"} %ld\n"
             "ferryd_http_tls_handshakes_total{result=\"failed\"} %ld\n",
             atomic_load(&heads[4]) + atomic_load(&heads[5]), atomic_load(&connections),
             atomic_load(&refused), atomic_load(&handshakes[true]), atomic_load(&handshakes[false]));
}
