/* conn.h: one accepted connection, and the registry of those that libmicrohttpd holds.
 *
 * libmicrohttpd knows only a timeout of inactivity, so a peer that sends a byte now and then stays for ever.
 * Every connection therefore says what it is about (its mode); the door's thread sweeps the registry and ends
 * what is past its absolute deadline or below the minimum rate. A descriptor's number may be used again at
 * any moment: it is only touched under the registry's mutex, between STARTED and CLOSED (which libmicrohttpd
 * calls before it closes).
 */
#ifndef FERRY_HTTP_CONN_H
#define FERRY_HTTP_CONN_H

#include <stdatomic.h>

#include "base/net.h"
#include "base/refuse.h"
#include "http/bypass.h"

enum listener_kind { LISTEN_PUBLIC, LISTEN_ADMIN, LISTEN_SOCKET };

enum conn_mode {
    CONN_HEAD,  /* waits for a head: absolute deadline */
    CONN_BODY,  /* a body comes: minimum rate over [limits] stall, but for the time that we take */
    CONN_WORK,  /* we work (suspended, or in a handler): no deadline */
    CONN_REPLY, /* the answer leaves: minimum rate over twice the stall */
    CONN_KILLED
};

struct conn {
    int what; /* the door's epoll items begin with this */
    unsigned magic;
    struct conn *next, *prev; /* the door's list of heads to come, then the registry */
    int fd;
    struct net_addr peer, local;
    enum listener_kind kind;
    bool proxy;          /* the peer is one of http.trusted_proxies */
    bool secure;         /* TLS: fd is one end of a socket pair, the door's thread has the other (tls.h) */
    int tcp;             /* secure: the client's socket; -1: it has gone. Under the registry's mutex */
    _Atomic int holders; /* who uses this struct: the door, libmicrohttpd; the last one frees it */
    bool large;          /* in the pool for uploads */
    int64_t accepted_deadline; /* the door's: when the first head must be there */
    _Atomic int mode;
    _Atomic int64_t deadline; /* HEAD */
    _Atomic int64_t until;    /* REPLY: 0, or when what is left of it may no longer leave */
    _Atomic int64_t bytes;    /* BODY: received */
    _Atomic int64_t left;     /* BODY: still to come */
    atomic_bool writing;      /* BODY: a piece of it is in its request's hands, who may wait for the disk */
    _Atomic unsigned epoch;   /* raised by every change of mode */
    atomic_bool cut;          /* secure: nothing more leaves, its thread resets the client's socket */
    atomic_bool linger;       /* closed while the peer may still be sending: read on for a while */
    atomic_bool
        final; /* an answer that ends the connection was queued, or one was cut off: none may follow */
    atomic_bool timed_out;
    _Atomic long answered; /* requests that are finished */
    _Atomic long last;     /* secure: how many there will be; -1: unknown. Reached: the connection ends */
    struct bypass bypass;  /* secure: a large body on its way past libmicrohttpd */
    unsigned seen_epoch;   /* the sweep's own */
    int seen_mode;
    int64_t window_start, window_bytes;
    int64_t still_bytes;
    bool still;
};

#define CONN_MAGIC 0xfe44c077u

/* Changes the mode; false: the sweep ended this connection meanwhile, and nothing may be sent on it. */
bool conn_enter(struct conn *c, enum conn_mode mode, int64_t deadline_ms);

/* The answer that leaves now ends at this moment (clock_mono_ms), whole or not; 0: no such moment. */
void conn_until(struct conn *c, int64_t mono_ms);
/* Bytes that have come and that libmicrohttpd has not read yet. */
int64_t conn_waiting(const struct conn *c);
/* Breaks the connection off, so that nobody takes what has come for a whole answer: a reset where the socket
 * can; what is not sent yet stays here. Between STARTED and CLOSED. */
void conn_reset(struct conn *c);
int conn_disconnect(int fd); /* breaks off a TCP socket; -1: it is none, or has no peer */
/* A duplicate of the socket that the client is on, the caller's; -1: there is none, or it has gone. */
int conn_client_dup(struct conn *c);

/* It is about to be given to libmicrohttpd, which has a queue of its own and says nothing of what it drops
 * out of that at a stop. conn_unhand: it was not taken. */
void conn_hand(struct conn *c);
void conn_unhand(struct conn *c);
bool conn_any_handed(void);        /* there are some that it has not begun with */
struct conn *conn_forgotten(void); /* one of those that it has dropped, when it has ended; NULL: none */
void conn_register(struct conn *c);
void conn_unregister(struct conn *c);
/* Ends what is overdue. Called by the door's thread a few times a second. */
void conn_sweep(void);
/* A request is finished. */
void conn_answered(struct conn *c);
/* secure, by the thread that has the other end: no request comes after the first n. true: all are finished.
 */
bool conn_last(struct conn *c, long n);
/* secure: the client's socket is about to be closed or given away. */
void conn_tcp_gone(struct conn *c);
/* secure: the first byte of a later head is there, and held back until all are: from here on it has its time.
 */
void conn_head_begun(struct conn *c, int64_t deadline_ms);
/* For http_stop: wakes every connection by shutting it down. */
void conn_shutdown_all(void);
/* Writes a whole final answer past libmicrohttpd: in the middle of a body it takes none from the handler. */
void conn_say(struct conn *c, enum refuse why, const char *detail);
/* Writes an interim (1xx) answer past libmicrohttpd, between a request's head and its body, when nothing of
 * ours is under way. false: it did not go out whole, and nothing may be sent after it. */
bool conn_interim(struct conn *c, const char *text, size_t n);

#endif
