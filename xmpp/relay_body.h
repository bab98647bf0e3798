/* relay_body.h: the body of a relay, for relay.c (splicing, its life) and relay_tap.c (what is heard of it)
 * alone.
 */
#ifndef FERRY_RELAY_BODY_H
#define FERRY_RELAY_BODY_H

#include "base/buf.h"
#include "xmpp/relay.h"

struct duct { /* a pipe */
    int out, in;
    bool large;
};

struct way {
    struct relay *r;
    int from, to;
    struct duct duct; /* while in_pipe > 0 */
    size_t in_pipe;
    struct buf early; /* goes before what is read */
    int64_t bytes;    /* that went this way */
    unsigned had;     /* the round in which it had its share, and one more; 0: none */
    bool done;
    struct event *readable, *writable;
};

struct relay {
    struct way way[2];
    int fd[2];              /* -1: given away */
    int64_t bytes, counted; /* in all; at the last look of the clock */
    struct loop_timer clock;
    relay_done *done;
    void *owner;
    int lost;                    /* the descriptor that failed; -1: none */
    const struct way *ended;     /* whose side ended first; NULL: none has */
    const struct relay_tap *tap; /* NULL: nobody listens in */
    void *tapper;
    bool held;           /* the tap has no room, or has not begun */
    bool withheld;       /* the listener has ended, and the speaker does not know */
    struct way *speaker; /* NULL: nobody has spoken yet */
    struct buf rest;     /* heard, and not yet taken by the listener */
    int64_t settles;     /* looks whether he has everything */
};

enum pumped { PUMP_WAIT_READ, PUMP_WAIT_WRITE, PUMP_MORE, PUMP_DONE, PUMP_FAILED };

/* relay.c */
enum pumped relay_failed(struct way *w, int fd); /* that descriptor of w */
void relay_arm(struct way *w);
void relay_finish(struct relay *r, const char *why); /* r is gone */

/* relay_tap.c */
/* What waits to be passed on or not. */
bool relay_stands(const struct way *w); /* it is not to be read now */
bool relay_is_heard(const struct way *w);
enum pumped relay_hear(struct way *w); /* a turn of it */
void relay_tap_off(struct relay *r);   /* NULL is fine */
void relay_end_of(struct way *w);      /* its side has ended, and all it said was passed on */
/* Behind every turn: has the listener who has ended everything? false: r is gone. */
bool relay_settle(struct relay *r);
bool relay_settles(const struct relay *r); /* only that is waited for */
/* At the end: is it the listener who is gone, and is the speaker there? */
bool relay_listener_left(struct relay *r);

#endif
