/* health.c: /livez (the process answers), /readyz (it can store files), /metrics (Prometheus text, admin
 * listener and socket only).
 */
#include "base/clock.h"
#include "http/http.h"
#include "http/negotiate.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/route.h"
#include "http/stats.h"

int health_end(struct request *rq)
{
    struct buf b = {0};
    bool ready = uri_is(&rq->uri, 0, "livez") || !storage_read_only(rq->st);
    unsigned status = ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;

    if (rq->uri.n != 1)
        return problem_send(rq, REFUSE_NOT_FOUND, NULL);
    if (negotiate_names(rq->f.accept, "application/json")) {
        buf_addf(&b, "{\"ok\":%s}\n", ready ? "true" : "false");
        return reply_text(rq, status, REPLY_DATA, "application/json", &b);
    }
    buf_adds(&b, ready ? "ok\n" : "read-only\n");
    return reply_text(rq, status, REPLY_DATA, "text/plain; charset=utf-8", &b);
}

int metrics_end(struct request *rq)
{
    struct buf b = {0};
    struct storage_totals t;

    if (rq->uri.n != 1)
        return problem_send(rq, REFUSE_NOT_FOUND, NULL);
    storage_totals(rq->st, &t);
    buf_addf(
        &b,
        "# HELP ferryd_build_info The version.\n# TYPE ferryd_build_info gauge\n"
        "ferryd_build_info{version=\"" FERRY_VERSION "\"} 1\n"
        "# HELP ferryd_spool_files Files by state.\n# TYPE ferryd_spool_files gauge\n"
        "ferryd_spool_files{state=\"stored\"} %lld\nferryd_spool_files{state=\"receiving\"} %lld\n"
        "# HELP ferryd_spool_bytes Bytes stored.\n# TYPE ferryd_spool_bytes gauge\n"
        "ferryd_spool_bytes %lld\n"
        "# HELP ferryd_disk_free_bytes Free space of the spool's disk.\n# TYPE ferryd_disk_free_bytes gauge\n"
        "ferryd_disk_free_bytes %lld\n"
        "# HELP ferryd_outbox_length Notices that wait.\n# TYPE ferryd_outbox_length gauge\n"
        "ferryd_outbox_length %lld\n"
        "# HELP ferryd_spool_read_only 1 after a disk error.\n# TYPE ferryd_spool_read_only gauge\n"
        "ferryd_spool_read_only %d\n",
        (long long)t.files, (long long)t.receiving, (long long)t.bytes, (long long)t.disk_free,
        (long long)t.outbox, storage_read_only(rq->st));
    stats_metrics(&b);
    return reply_text(rq, MHD_HTTP_OK, REPLY_DATA, "text/plain; version=0.0.4; charset=utf-8", &b);
}
