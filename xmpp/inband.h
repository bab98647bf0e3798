/* inband.h: the rules of one in-band bytestream in one direction (XEP-0047): what an open may ask, which
 * block comes next, what its bytes are. Pure: no socket, no timer, no answer; ibb.c has those. */
#ifndef FERRY_INBAND_H
#define FERRY_INBAND_H

#include "xmpp/stanza.h"

#define INBAND_BLOCK_MAX 65535

/* Blocks as large as a stanza can carry them ([limits] stanza), base64 and all around it. */
uint32_t inband_block_max(void);

struct inband {
    uint16_t next;  /* the sequence number that must come; wraps (C19) */
    uint32_t block; /* agreed: bytes of a block before base64 (C20) */
    bool message;   /* blocks come in messages */
};

/* Reads <open/>. BAD_REQUEST: block-size missing, 0, no number or above 65535, or an unknown stanza kind;
 * BLOCK_TOO_BIG: more than `max`. */
enum refuse inband_open(struct inband *b, const struct stanza *open, uint32_t max);

/* Reads <data/>: *n bytes into out, which must have room for inband_room(). UNEXPECTED: a number that was
 * used already, or a gap; BAD_REQUEST: no number, bytes that are not strict base64, or more than a block.
 * On a refusal nothing of the block counts. */
enum refuse inband_data(struct inband *b, const struct stanza *data, uint8_t *out, size_t *n);
size_t inband_room(const struct inband *b);

#endif
