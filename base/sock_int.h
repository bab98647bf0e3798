/* sock_int.h: the body of struct sock, for sock.c, sock_out.c and sock_tls.c. Private to them. */
#ifndef FERRY_SOCK_INT_H
#define FERRY_SOCK_INT_H

#include <event2/event_struct.h>

#include "base/sock.h"
#include "base/tls.h"

#define SOCK_MAGIC 0x50C4E700u
#define SOCK_INPUT 65536 /* bytes one turn takes from one peer */

enum sock_phase {
    PHASE_CONNECTING, /* sock_dial */
    PHASE_OPEN,
    PHASE_TLS_WAIT,  /* sock_start_tls: plain output leaves first */
    PHASE_HANDSHAKE, /* TLS */
    PHASE_CLOSING,   /* sock_close_soon: output leaves, then the peer's end is awaited */
    PHASE_FAILED,    /* SOCK_ERROR is due or told; sends and receives nothing */
};

struct sock {
    uint32_t magic;
    int fd;
    enum sock_phase phase;
    bool paused : 1, eof : 1, dead : 1, told : 1, read_again : 1, was_over : 1, shut : 1;
    bool hello : 1;  /* TLS: the first record has begun */
    uint16_t blanks; /* skipped before it */
    struct loop *loop;
    sock_fn *fn;
    void *owner;
    const char *why; /* static text */
    SSL *ssl;
    SSL_CTX *ctx; /* of PHASE_TLS_WAIT */
    struct buf out;
    size_t out_at; /* sent part of out */
    size_t cap;
    int64_t stall_ms;
    struct event read_ev;
    struct event *write_ev; /* only while the kernel takes nothing */
    struct loop_later flush;
    struct loop_timer deadline, stall;
    struct loop_later *orphan; /* of PHASE_CLOSING: nobody else would free it when the loop ends */
    struct tls_guard guard;
    struct net_addr peer;
};

/* What one attempt to move bytes came to. */
enum sock_io { IO_DONE, IO_WANT_READ, IO_WANT_WRITE, IO_EOF, IO_FAILED };

/* sock.c */
void sock_fail(struct sock *s, const char *why);
void sock_writable(evutil_socket_t fd, short what, void *arg);

/* false: the owner freed it. */
static inline bool sock_tell(struct sock *s, enum sock_event ev, const struct sock_data *data)
{
    if (s->fn != NULL)
        s->fn(s->owner, s, ev, data);
    return !s->dead;
}

static inline struct sock *sock_enter(void *arg)
{
    struct sock *s = arg;

    FERRY_ASSERT(s->magic == SOCK_MAGIC && !s->dead);
    return s;
}

/* sock_out.c */
void sock_want_write(struct sock *s);
void sock_no_write(struct sock *s);
void sock_send_out(struct sock *s);    /* sends what it can */
bool sock_judge_queue(struct sock *s); /* tells what the queue came to; false: the owner freed the sock */
void sock_stalled(void *arg);

/* Drops blanks that have come in the clear. IO_DONE: something else stands there (or what recv will say);
 * IO_WANT_READ: nothing yet. */
enum sock_io sock_skip_blanks(struct sock *s);

/* sock_tls.c: each returns what to wait for; IO_FAILED has set s->why. */
int sock_tls_begin(struct sock *s); /* -1: why */
enum sock_io sock_tls_handshake(struct sock *s);
enum sock_io sock_tls_read(struct sock *s, char *buf, size_t room, size_t *got);
enum sock_io sock_tls_write(struct sock *s, const char *data, size_t n, size_t *sent);
void sock_tls_bye(struct sock *s); /* close_notify, once, without waiting */
void sock_tls_free(struct sock *s);

#endif
