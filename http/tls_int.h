/* tls_int.h: a TLS connection, for tls.c (threads, deadlines) and tls_pump.c (bytes). Private to them.
 *
 * All of it belongs to its thread. Buffers exist only while they hold something: `in` what has been decrypted
 * and cannot go on yet, `out` what has been encrypted and the client does not take. Nothing is read from the
 * side whose other side is blocked, so that each holds one batch at most (PLAIN_BYTES, and a head).
 */
#ifndef FERRY_HTTP_TLS_INT_H
#define FERRY_HTTP_TLS_INT_H

#include <sys/queue.h>

#include "base/buf.h"
#include "base/tls.h"
#include "http/framing.h"
#include "http/tls.h"

#define PLAIN_BYTES 65536       /* decrypted bytes of one batch, either way */
#define TURN_BYTES (128 * 1024) /* of one connection before others have their turn, each way */

enum tls_state {
    TLS_HANDSHAKE, /* deadline: limits.handshake */
    TLS_FIRST,     /* waits for its first head; deadline: limits.head */
    TLS_OPEN,      /* libmicrohttpd has the other end of the pair; the deadlines are conn.c's */
    TLS_LEAVING    /* the pair has ended: what is on its way leaves; at least limits.min_rate */
};

enum tls_next { TLS_WAIT, TLS_AGAIN, TLS_GONE };

struct tls_end { /* what epoll told, edge-triggered */
    struct tls_conn *owner;
    int fd;
    bool readable, writable;
    bool hup; /* no more than what is there will come */
};

struct tls_conn {
    TAILQ_ENTRY(tls_conn) in_list; /* of its thread's, by state */
    TAILQ_ENTRY(tls_conn) in_turn; /* while `queued` */
    bool queued, busy;
    bool pending;    /* SSL_read was left before it had given all */
    bool looked;     /* its first byte was not that of plain HTTP */
    bool eof;        /* the client has said that no more will come */
    bool broken;     /* nothing can be sent or received any more */
    bool input_over; /* nothing more is passed on */
    bool refused;    /* framing.head is to be refused once the earlier requests are answered */
    bool said;       /* the last byte that is ours to say is encrypted */
    bool end_body;   /* input ended inside of a body: so will the pair, behind what waits */
    enum tls_state state;
    struct tls_thread *thread;
    struct conn *conn;
    SSL *ssl;
    struct tls_end tcp, pair;
    int64_t deadline;
    struct tls_guard guard;
    struct framing framing;
    struct buf in;
    size_t cleared; /* bytes of `in` that may go on; behind them the beginning of a head */
    struct buf out;
    size_t out_at;                           /* sent part of out */
    int64_t window_start, sent, window_sent; /* LEAVING */
};

struct tls_thread {
    pthread_t id;
    bool running;
    int epoll, wake;
    TAILQ_HEAD(, tls_conn) waiting; /* those with deadlines of ours */
    TAILQ_HEAD(, tls_conn) open;
    TAILQ_HEAD(tls_turns, tls_conn) turns, handshakes;
    pthread_mutex_t lock; /* of inbox */
    TAILQ_HEAD(, tls_conn) inbox;
    char *plain;       /* PLAIN_BYTES */
    struct buf cipher; /* what a turn has encrypted; empty between turns */
};

/* tls.c */
void tls_enter(struct tls_conn *t, enum tls_state state);
/* epoll: the client's socket edge-triggered both ways; the pair for output only while it is blocked. 0, -1 */
int tls_watch(struct tls_conn *t, struct tls_end *end, bool output);

/* tls_pump.c */
int pump_begin(struct tls_conn *t, SSL_CTX *ctx); /* -1: no memory */
enum tls_next pump_turn(struct tls_conn *t, int64_t now);
enum tls_next pump_overdue(struct tls_conn *t, int64_t now); /* not OPEN; looks at its deadline first */

#endif
