/* outgoing_body.h: one outgoing stream, for the two files that drive it: outgoing.c has its life, its file
 * and the receiver's words, outgoing_streams.c how the bytes go. Loop only.
 */
#ifndef FERRY_OUTGOING_BODY_H
#define FERRY_OUTGOING_BODY_H

#include "base/sock.h"
#include "xmpp/outgoing.h"

enum outgoing_phase { OUTGOING_ASKING, OUTGOING_SENDING, OUTGOING_CLOSING };

struct outgoing {
    struct outgoing *next;
    enum outgoing_phase phase;
    uint64_t serial; /* the receiver's session */
    struct ferry_id id;
    char *from, *to, *sid, *key;
    unsigned methods;
    struct reading *file;
    bool reading, eof;
    bool opened;       /* in band: he expects a close */
    enum refuse fault; /* why nothing can be read */
    struct buf piece;  /* read, and sent up to `at` */
    size_t at;
    uint32_t block; /* in band */
    uint16_t seq;
    unsigned ahead;
    struct proxy65_seat *seat;
    struct sock *sock;
    int64_t size, got, sent; /* of the file, read, sent */
    int64_t counted;         /* through the proxy: sent at the last look at the rate */
    outgoing_ended *ended;
    void *arg;
};

/* --- outgoing.c --- */

/* It goes, and its owner hears how; if it is open in band, the receiver is told. */
void outgoing_finish(struct outgoing *g, enum outgoing_end how, const char *why);
void outgoing_completed(struct outgoing *g); /* the same */
bool outgoing_receiver_there(const struct outgoing *g);
enum outgoing_end outgoing_lost(const struct outgoing *g); /* FAILED; LEFT, if he is gone */
/* The next piece: outgoing_pump follows, in a turn to come. */
void outgoing_read_on(struct outgoing *g);

/* --- outgoing_streams.c --- */

void outgoing_open(struct outgoing *g);           /* the first piece is there, or its fault, and so is he */
void outgoing_pump(struct outgoing *g);           /* another piece is there */
void outgoing_farewell(const struct outgoing *g); /* in band: a close whose answer nobody waits for */

#endif
