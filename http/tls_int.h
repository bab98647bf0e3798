/* tls_int.h: a TLS connection, for tls.c (threads, deadlines), tls_pump.c (from one side to the other),
 * tls_large.c (bodies that go past libmicrohttpd) and tls_wire.c (the client's side). Private to them.
 *
 * All of it belongs to its thread. Buffers exist only while they hold something: `raw` what was received and
 * is still encrypted, `in` what has been decrypted and cannot go on yet, `out` what has been encrypted and
 * the client does not take. Nothing is read from the side whose other side is blocked, so that each holds one
 * batch at most (PLAIN_BYTES, and a head; RAW_BYTES).
 */
#ifndef FERRY_HTTP_TLS_INT_H
#define FERRY_HTTP_TLS_INT_H

#include <sys/queue.h>

#include "base/buf.h"
#include "base/tls.h"
#include "http/framing.h"
#include "http/tls.h"

#define PLAIN_BYTES 65536       /* decrypted bytes of one batch, either way */
#define RAW_BYTES (8 * 16406)   /* of one recv from a client: eight full records of TLS 1.3 */
#define TURN_BYTES (128 * 1024) /* of one connection before others have their turn, each way */

enum tls_state {
    TLS_HANDSHAKE, /* deadline: limits.handshake */
    TLS_FIRST,     /* waits for its first head; deadline: limits.head */
    TLS_OPEN,      /* libmicrohttpd has the other end of the pair; the deadlines are conn.c's */
    TLS_LEAVING    /* the pair has ended: what is on its way leaves; at least limits.min_rate */
};

enum tls_large { LARGE_NONE, LARGE_OFFERED, LARGE_TAKEN };

enum tls_next { TLS_WAIT, TLS_AGAIN, TLS_GONE };

struct tls_end { /* what epoll told, edge-triggered */
    struct tls_conn *owner;
    int fd;
    bool readable, writable;
    bool hup; /* no more than what is there will come */
};

struct tls_conn {
    TAILQ_ENTRY(tls_conn) in_list;  /* of its thread's, by state */
    TAILQ_ENTRY(tls_conn) in_turn;  /* while `queued` */
    TAILQ_ENTRY(tls_conn) in_large; /* unless NONE */
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
    enum tls_large large; /* the body that comes: not NONE: nothing is passed on */
    struct tls_thread *thread;
    struct conn *conn;
    SSL *ssl;
    struct tls_end tcp, pair;
    int64_t deadline;
    struct tls_guard guard;
    struct framing framing;
    struct buf raw; /* received, and not yet asked for by OpenSSL: only while `pending` */
    size_t raw_at;
    struct buf in;
    size_t cleared; /* bytes of `in` that may go on; behind them the beginning of a head */
    struct buf out;
    size_t out_at;                           /* sent part of out */
    int64_t window_start, sent, window_sent; /* LEAVING */
};

TAILQ_HEAD(tls_list, tls_conn);

struct tls_thread {
    pthread_t id;
    int number;
    bool uploads; /* who brings a large body moves here */
    bool running;
    int epoll, wake;
    struct tls_list waiting; /* those with deadlines of ours */
    struct tls_list open;
    struct tls_list turns, handshakes; /* who has his turn, by in_turn */
    struct tls_list large;             /* whose bodies were offered or are coming, by in_large */
    pthread_mutex_t lock;              /* of inbox and ended */
    bool ended;
    struct tls_list inbox;
    char *plain;            /* PLAIN_BYTES */
    char *raw;              /* RAW_BYTES: what the connection whose turn it is has received */
    size_t raw_at, raw_len; /* of it; empty between turns */
    struct buf cipher;      /* what a turn has encrypted; empty between turns */
};

/* tls.c */
void tls_enter(struct tls_conn *t, enum tls_state state);
/* epoll: the client's socket edge-triggered both ways; the pair for output only while it is blocked. 0, -1 */
int tls_watch(struct tls_conn *t, struct tls_end *end, bool output);
void tls_close(struct tls_conn *t, struct tls_end *end); /* no event of it comes after this */

/* tls_wire.c */
int wire_begin(struct tls_conn *t, SSL_CTX *ctx); /* -1: no memory */
/* The end of a turn: what was received and not asked for is kept. */
void wire_settle(struct tls_conn *t);
/* Decrypts at most `room` bytes into p. Sets eof, broken and pending; what came before an end is given first.
 */
size_t wire_decrypt(struct tls_conn *t, char *p, size_t room);
void wire_encrypt(struct tls_conn *t, const char *p, size_t n); /* to be flushed in the same turn */
void wire_flush(struct tls_conn *t);
void wire_send(struct tls_conn *t, const char *p, size_t n); /* as it is; t->out keeps what is not taken */
/* From here on only what is on its way leaves. */
void wire_leave(struct tls_conn *t);
/* The last bytes that are ours to say: an answer or NULL, and the close_notify. */
void wire_farewell(struct tls_conn *t, const struct buf *answer);
void wire_refuse(struct tls_conn *t, const struct head *h);

/* tls_large.c */
/* framing has just consumed a head of a large upload, at `head`: hides its length, offers the body. false: it
 * is none. */
bool large_offer(struct tls_conn *t, char *head);
bool large_taken(struct tls_conn *t); /* looks; true: the body may be given */
/* Of n bytes of the body or behind it those that belong to it; how many these are. */
size_t large_give(struct tls_conn *t, const char *p, size_t n);
void large_lost(struct tls_conn *t); /* no more of it will come; no body: nothing */

/* tls_pump.c */
enum tls_next pump_turn(struct tls_conn *t, int64_t now);
enum tls_next pump_overdue(struct tls_conn *t, int64_t now); /* not OPEN; looks at its deadline first */

#endif
