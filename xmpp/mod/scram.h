/* scram.h: the server's half of SCRAM (RFC 5802, 7677), by GNU SASL. No session, no storage: messages in,
 * messages out. Channel binding is not offered.
 */
#ifndef FERRY_SCRAM_H
#define FERRY_SCRAM_H

#include "base/buf.h"
#include "storage/account.h"

enum scram_result {
    SCRAM_GO_ON, /* `out` is the next message */
    SCRAM_RIGHT, /* the proof was right; `out` is the server's own proof */
    SCRAM_WRONG, /* anything else about a message that could be read: one failure path (row 36) */
    SCRAM_MALFORMED,
};

int scram_start(void); /* once, before the rest; -1: GNU SASL does not work here */
void scram_stop(void);

/* The user and the authorisation identity (empty: none) of a client's first message, unescaped. The buffers
 * are freed by the caller. GO_ON, WRONG (an extension that must be understood, channel binding that was not
 * offered) or MALFORMED. */
enum scram_result scram_read_first(const char *message, size_t n, struct buf *user, struct buf *authzid);

struct scram;
struct scram *scram_new(bool sha256, const struct account_keys *keys);
void scram_free(struct scram *x); /* NULL is fine */
/* The next message of the client: the first, then the one with the proof. */
enum scram_result scram_step(struct scram *x, const char *message, size_t n, struct buf *out);

#endif
