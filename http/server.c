/* server.c: libmicrohttpd (see server.h; doc/HTTP.md).
 *
 * Two daemons, each with two threads: one with little memory per connection for GETs and pages, one with 1
 * MiB for uploads. The first request of a connection chooses (door.c); a later upload on a small one works,
 * slower.
 *
 * Traps that shape this file: suspended connections must all be resumed before the daemons stop; at its own
 * connection limit 0.9.75 hangs, so its limit is far above the door's.
 */
#include "http/server.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "http/api.h"
#include "http/bell.h"
#include "http/coming.h"
#include "http/door.h"
#include "http/request.h"

#define POOL_THREADS 2
#define SMALL_MEMORY (10 * 1024) /* most of what an idle connection costs */
#define LARGE_MEMORY (1024 * 1024)
#define LARGE_MOST 256 /* connections with large memory at a time */
#define LARGE_IDLE_MS 2000
#define STOP_TURNS 200 /* of 5 ms: for what will soon be over */
#define PROXY_IDLE_MS                                                                    \
    75000 /* above what proxies keep a connection for: they close it, in no race with us \
           */

struct carrier { /* how a value of ours reaches NOTIFY_CONNECTION: behind the address, copied whole */
    struct sockaddr_in6 address;
    struct conn *conn;
};

static struct {
    struct MHD_Daemon *small, *large;
    _Atomic long large_connections;
    atomic_bool draining, stopping;
    pthread_mutex_t adding; /* no connection is added once `stopping` is set */
} server = {.adding = PTHREAD_MUTEX_INITIALIZER};

/* --- connections */

int64_t server_idle_ms(const struct conn *c)
{
    int64_t ms = conf_get()->limits_head;

    if (c->proxy)
        return ms > PROXY_IDLE_MS ? ms : PROXY_IDLE_MS;
    return c->large && ms > LARGE_IDLE_MS ? LARGE_IDLE_MS : ms;
}

static void notify_connection(void *cls, struct MHD_Connection *mhd, void **context,
                              enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *ci = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        struct carrier carrier;

        memcpy(&carrier, ci->client_addr, sizeof carrier);
        *context = carrier.conn;
        if (carrier.conn == NULL) /* a bell's */
            return;
        FERRY_ASSERT(carrier.conn->magic == CONN_MAGIC);
        conn_register(carrier.conn);
    } else {
        struct conn *c = *context;

        if (c == NULL)
            return;
        conn_unregister(c);
        if (c->large)
            atomic_fetch_sub(&server.large_connections, 1);
        door_gone(c);
    }
}

/* Gives a descriptor to a daemon, unless they are going or gone. MHD_NO: it is closed, and neither STARTED
 * nor CLOSED is called. */
static enum MHD_Result add_connection(bool large, int fd, const struct carrier *carrier)
{
    enum MHD_Result taken = MHD_NO;

    pthread_mutex_lock(&server.adding);
    if (atomic_load(&server.stopping)) {
        close(fd);
    } else {
        if (carrier->conn)
            conn_hand(carrier->conn);
        taken = MHD_add_connection(large ? server.large : server.small, fd, (const struct sockaddr *)carrier,
                                   sizeof *carrier);
        if (taken != MHD_YES && carrier->conn)
            conn_unhand(carrier->conn);
    }
    pthread_mutex_unlock(&server.adding);
    return taken;
}

static void add_bell(int fd, int daemon)
{
    struct carrier carrier = {.address.sin6_family = AF_UNIX};

    (void)add_connection(daemon == 1, fd, &carrier);
}

void server_take(struct conn *c)
{
    struct carrier carrier = {.conn = c};
    bool large = c->large;

    if (large && atomic_fetch_add(&server.large_connections, 1) >= LARGE_MOST) {
        atomic_fetch_sub(&server.large_connections, 1);
        c->large = large = false;
    }
    carrier.address.sin6_family = c->peer.sa.sa_family == AF_UNIX || c->secure ? AF_UNIX : AF_INET6;
    atomic_store(&c->deadline, clock_mono_ms() + conf_get()->limits_head);
    if (add_connection(large, c->fd, &carrier) != MHD_YES) {
        if (large)
            atomic_fetch_sub(&server.large_connections, 1);
        door_leave(c);
    }
}

/* --- life */

/* libmicrohttpd's own timeout, in seconds. Deadlines are conn.c's; but 0.9.75 can lose sight of a connection
 * that was suspended and has a further request waiting: it stands in no list that it looks at, and a
 * shutdown() does not wake it. Its timeout is looked at whatever epoll says; it is twice as long as anything
 * that we let rest, so that it never comes first. */
static unsigned forgotten_after(void)
{
    const struct conf *c = conf_get();
    int64_t ms = 2 * c->limits_stall > c->limits_head ? 2 * c->limits_stall : c->limits_head;

    if (c->http_trusted_proxies[0] && ms < PROXY_IDLE_MS)
        ms = PROXY_IDLE_MS;
    ms = 2 * ms + 1000;
    return ms < INT32_MAX ? (unsigned)(ms / 1000) : INT32_MAX / 1000;
}

static struct MHD_Daemon *daemon_new(struct storage *st, size_t memory, size_t increment, long most)
{
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC |
                                MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME,
                            0, NULL, NULL, request_handle, NULL, MHD_OPTION_THREAD_POOL_SIZE,
                            (unsigned)POOL_THREADS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,
                            MHD_OPTION_CONNECTION_MEMORY_INCREMENT, increment, MHD_OPTION_CONNECTION_LIMIT,
                            (unsigned)(most * POOL_THREADS + 64), MHD_OPTION_CONNECTION_TIMEOUT,
                            forgotten_after(), MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED,
                            request_done, NULL, MHD_OPTION_NOTIFY_CONNECTION, notify_connection, NULL,
                            MHD_OPTION_URI_LOG_CALLBACK, request_new, st, MHD_OPTION_END);
}

int server_start(struct storage *st, long most_connections)
{
    server.small = daemon_new(st, SMALL_MEMORY, 4096, most_connections);
    server.large = daemon_new(st, LARGE_MEMORY, LARGE_MEMORY / 4, most_connections);
    bell_start(add_bell, 2, POOL_THREADS);
    return server.small && server.large ? 0 : -1;
}

void server_drain(void)
{
    atomic_store(&server.draining, true);
}

bool server_draining(void)
{
    return atomic_load(&server.draining);
}

void server_stop(void)
{
    pthread_mutex_lock(&server.adding);
    atomic_store(&server.stopping, true);
    pthread_mutex_unlock(&server.adding);
    request_stop();
    conn_shutdown_all();
    coming_stop();
    /* libmicrohttpd ends the process when a request is still suspended. Storage's verbs all answer; a command
     * of the loop does not, once the loop has ended. */
    for (int i = 0; !request_quiet() || (i < STOP_TURNS && conn_any_handed()); i++) {
        if (i == STOP_TURNS)
            api_abandon();
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    if (server.small)
        MHD_stop_daemon(TAKE(server.small));
    if (server.large)
        MHD_stop_daemon(TAKE(server.large));
    for (struct conn *c; (c = conn_forgotten());)
        door_leave(c);
}
