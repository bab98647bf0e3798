/* request.c: the life of a request, and the order of its steps; see request.h. What libmicrohttpd calls in
 * the middle of a body takes no answer, and an answer in its first call makes it close the connection: so
 * only what is refused before a body is answered there.
 */
#include "http/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "http/door.h"
#include "http/forwarded.h"
#include "http/host.h"
#include "http/lang.h"
#include "http/negotiate.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/route.h"
#include "http/seen.h"
#include "http/server.h"
#include "http/session.h"

static struct {
    _Atomic long open, suspended;
    _Atomic long inside; /* calls of the handler, and of wakes, that have not returned */
    atomic_bool stopping;
} requests;

/* --- its life */

static struct conn *conn_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *ci = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct conn *c = ci->socket_context;

    FERRY_ASSERT(c != NULL && c->magic == CONN_MAGIC);
    return c;
}

void *request_new(void *storage, const char *target, struct MHD_Connection *mhd)
{
    struct request *rq = xcalloc(1, sizeof *rq);

    rq->magic = REQUEST_MAGIC;
    rq->mhd = mhd;
    rq->conn = conn_of(mhd);
    rq->st = storage;
    rq->arena = arena_get(NULL);
    rq->client = rq->conn->peer;
    rq->target = arena_strdup(rq->arena, target);
    rq->lang = "";
    atomic_fetch_add(&requests.open, 1);
    /* A later head has begun: from here on it has its time in all. */
    conn_enter(rq->conn, CONN_HEAD, clock_mono_ms() + conf_get()->limits_head);
    return rq;
}

static void request_log(const struct request *rq)
{
    char peer[NET_TEXT] = "-", subject[24] = "";
    enum log_level level =
        rq->method & (METHOD_PUT | METHOD_PATCH | METHOD_DELETE) || rq->status >= 500 ? LOG_INFO : LOG_DEBUG;
    int shown;

    if (!log_on(level))
        return;
    if (rq->conn->kind == LISTEN_SOCKET)
        memcpy(peer, "socket", sizeof "socket");
    else if (conf_get()->log_addresses)
        (net_port(&rq->client) ? net_format : net_format_host)(&rq->client, peer);
    /* The path is a capability: only enough of it to find the transfer by. */
    if (rq->subject)
        (void)snprintf(subject, sizeof subject, " id=" ID_SHOWN, rq->subject->text);
    shown = rq->uri.n > 0 ? (int)rq->uri.seg[0].n : 0;
    log_line(level, rq->status ? "http %s /%.*s status=%u peer=%s%s" : "http %s /%.*s aborted=%u peer=%s%s",
             rq->method_name ? rq->method_name : "?", shown > 16 ? 16 : shown,
             rq->uri.n > 0 ? rq->uri.seg[0].p : "", rq->status, peer, subject);
}

void request_done(void *cls, struct MHD_Connection *mhd, void **state, enum MHD_RequestTerminationCode why)
{
    struct request *rq = TAKE(*state);

    if (!rq)
        return;
    FERRY_ASSERT(rq->magic == REQUEST_MAGIC);
    request_resumed(rq); /* the peer had gone before the handler's turn */
    rq->complete = why == MHD_REQUEST_TERMINATED_COMPLETED_OK;
    if (rq->drop)
        rq->drop(rq);
    if (rq->counted)
        door_client_leave(&rq->client);
    request_log(rq);
    /* Nothing may follow an answer that was cut off, or one of libmicrohttpd's own. */
    if ((rq->status && !rq->complete) || (!rq->status && rq->phase == PHASE_NEW))
        atomic_store(&rq->conn->final, true);
    conn_until(rq->conn, 0);
    conn_enter(rq->conn, CONN_HEAD, clock_mono_ms() + server_idle_ms(rq->conn));
    conn_answered(rq->conn);
    buf_free(&rq->body);
    arena_put(rq->arena);
    rq->magic = 0;
    free(rq);
    atomic_fetch_sub(&requests.open, 1);
}

void request_suspend(struct request *rq)
{
    FERRY_ASSERT(!rq->suspended);
    rq->suspended = true;
    conn_enter(rq->conn, CONN_WORK, 0);
    atomic_fetch_add(&requests.suspended, 1);
    MHD_suspend_connection(rq->mhd);
}

/* rq may be in use by its own thread as soon as libmicrohttpd knows. Its daemon may not be gone before the
 * call returns: it writes to that daemon's pipe last of all. */
void request_wake(struct request *rq)
{
    atomic_fetch_add(&requests.inside, 1);
    MHD_resume_connection(rq->mhd);
    atomic_fetch_sub(&requests.inside, 1);
}

void request_resumed(struct request *rq)
{
    if (!rq->suspended)
        return;
    rq->suspended = false;
    atomic_fetch_sub(&requests.suspended, 1);
}

/* --- whether it is served */

/* Behind a trusted proxy the client is whom it names; proxies that ask by themselves are not counted. */
static enum refuse check_client(struct request *rq)
{
    if (!rq->conn->proxy)
        return REFUSE_OK;
    forwarded_client(&rq->conn->peer, rq->f.forwarded_for, &rq->client);
    if (forwarded_trusts(&rq->client))
        return REFUSE_OK;
    rq->counted = door_client_enter(&rq->client);
    return rq->counted ? REFUSE_OK : REFUSE_TOO_MANY;
}

static enum refuse check_target(struct request *rq)
{
    enum refuse r = check_client(rq);

    if (r != REFUSE_OK)
        return r;

    if (!host_served(rq->conn, rq->uri.host ? rq->uri.host : rq->f.host,
                     rq->uri.host ? rq->uri.host_len : strlen(rq->f.host)))
        return REFUSE_MISDIRECTED;
    if (rq->conn->kind == LISTEN_ADMIN)
        rq->login = session_find(rq->f.cookie, rq->arena);
    if (rq->method == METHOD_OPTIONS)
        return rq->body_size == 0 ? REFUSE_OK : REFUSE_BAD_REQUEST;
    r = route_find(rq);
    if (r != REFUSE_OK)
        return r;
    if (!rq->route->body)
        return rq->body_size == 0 ? REFUSE_OK : REFUSE_BAD_REQUEST;
    if (rq->route->body == small_body && rq->body_size < 0)
        return REFUSE_LENGTH_REQUIRED;
    return rq->route->body == small_body && rq->body_size > REQUEST_BODY_MAX ? REFUSE_FILE_TOO_LARGE
                                                                             : REFUSE_OK;
}

/* Somebody has opened the upload's address in his browser instead of the file's. */
static const char *words_for(struct request *rq)
{
    return rq->result == REFUSE_METHOD && rq->method == METHOD_GET && uri_is(&rq->uri, 0, "u") &&
                   negotiate_page(&rq->f)
               ? SAY(rq, UPLOAD_ADDRESS)
               : NULL;
}

static int options_end(struct request *rq)
{
    struct buf allow = {0};
    bool cors;
    int ok;

    route_allow(rq, &allow, &cors);
    if (strcmp(allow.data, "OPTIONS") == 0 && !rq->uri.asterisk)
        ok = problem_send(rq, REFUSE_NOT_FOUND, NULL);
    else
        ok = reply_options(rq);
    buf_free(&allow);
    return ok;
}

int small_body(struct request *rq, const char *data, size_t n)
{
    if (rq->body.len + n > REQUEST_BODY_MAX)
        return MHD_NO; /* more than its Content-Length: cannot be */
    buf_add(&rq->body, data, n);
    return MHD_YES;
}

int request_body(struct request *rq, const char *data, size_t n)
{
    atomic_store(&rq->conn->writing, true);
    int ok = rq->route->body(rq, data, n);
    atomic_store(&rq->conn->writing, false);
    return ok;
}

/* The route's begin step, and what follows when it neither answered nor suspended. */
static int go_begin(struct request *rq)
{
    int ok = rq->route && rq->route->begin ? rq->route->begin(rq) : MHD_YES;

    if (ok == MHD_YES && !rq->suspended && rq->phase == PHASE_BEGIN) {
        rq->phase = PHASE_BODY;
        rq->begun = true;
        atomic_store(&rq->conn->left, rq->body_size < 0 ? INT64_MAX : rq->body_size);
        if (!conn_enter(rq->conn, rq->body_size != 0 ? CONN_BODY : CONN_WORK, 0))
            return MHD_NO;
    }
    return ok;
}

static int go_end(struct request *rq)
{
    if (rq->body_by == BODY_OFFERED)
        return bypass_begin(rq);
    if (rq->body_by == BODY_LOST)
        return MHD_NO;
    if (rq->phase == PHASE_BODY) {
        rq->phase = PHASE_END;
        if (!conn_enter(rq->conn, CONN_WORK, 0))
            return MHD_NO;
    }
    return rq->route ? rq->route->end(rq) : options_end(rq);
}

static enum MHD_Result go(struct request *rq, const char *method, const char *version, const char *data,
                          size_t *size)
{
    bool woken = rq->suspended;
    const char *detail;
    enum refuse r;

    request_resumed(rq);
    if (atomic_load(&requests.stopping))
        return MHD_NO;
    switch (rq->phase) {
    case PHASE_NEW:
        if (!conn_enter(rq->conn, CONN_WORK, 0))
            return MHD_NO;
        rq->phase = PHASE_BEGIN;
        rq->http10 = strcmp(version, "HTTP/1.0") == 0;
        r = seen_check(rq, method, &detail);
        if (r != REFUSE_OK)
            return (enum MHD_Result)problem_send(rq, r, detail);
        r = check_target(rq);
        if (r != REFUSE_OK && rq->body_size != 0)
            return (enum MHD_Result)problem_send(rq, r, NULL);
        if (r != REFUSE_OK) { /* no body: answered in the last call, so that the connection lives on */
            rq->result = r;
            rq->begun = true;
            return MHD_YES;
        }
        return (enum MHD_Result)go_begin(rq);
    case PHASE_BEGIN:
        if (rq->begun)
            return (enum MHD_Result)problem_send(rq, rq->result, words_for(rq));
        return (enum MHD_Result)go_begin(rq);
    case PHASE_BODY:
    case PHASE_END:
        if (*size > 0) {
            size_t n = *size;
            if (woken && !conn_enter(rq->conn, CONN_BODY, 0))
                return MHD_NO;
            int ok = request_body(rq, data, n);
            if (rq->suspended) /* these bytes come again after the wake */
                return (enum MHD_Result)ok;
            atomic_fetch_add(&rq->conn->bytes, (int64_t)n);
            atomic_fetch_sub(&rq->conn->left, (int64_t)n);
            *size = 0;
            return (enum MHD_Result)ok;
        }
        return (enum MHD_Result)go_end(rq);
    case PHASE_ANSWERED:
        break;
    }
    return MHD_YES;
}

enum MHD_Result request_handle(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                               const char *version, const char *data, size_t *size, void **state)
{
    struct request *rq = *state;

    FERRY_ASSERT(rq != NULL && rq->magic == REQUEST_MAGIC);
    atomic_fetch_add(&requests.inside, 1);
    enum MHD_Result ok = go(rq, method, version, data, size);
    atomic_fetch_sub(&requests.inside, 1);
    return ok;
}

/* --- the end of all */

long request_open(void)
{
    return atomic_load(&requests.open);
}

void request_stop(void)
{
    atomic_store(&requests.stopping, true);
}

/* Who is inside may have looked at `stopping` before it was set and is about to suspend, so that is asked
 * first; and again, for a wake that has let a request go and has not returned. */
bool request_quiet(void)
{
    return atomic_load(&requests.inside) == 0 && atomic_load(&requests.suspended) == 0 &&
           atomic_load(&requests.inside) == 0;
}
