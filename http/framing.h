/* framing.h: follows the requests in a stream of bytes, so that every head is judged by head.c and no byte of
 * a next request is passed on with the one before (RFC 9112 sections 6 and 7).
 *
 * Pure: no allocation, no socket. The caller owns the bytes: what was consumed may be passed on, what was not
 * is shown again with more behind it (a head is consumed whole or not at all; of a body every byte is).
 * Chunked bodies are read strictly: sizes are hexadecimal digits, lines end with CRLF, and the lengths of
 * extensions and trailers are limited.
 */
#ifndef FERRY_HTTP_FRAMING_H
#define FERRY_HTTP_FRAMING_H

#include "http/head.h"

#define FRAMING_CHUNK_LINE_MAX 512   /* bytes of a chunk's size and extensions */
#define FRAMING_EXTENSIONS_MAX 16384 /* bytes of all extensions of a body */
#define FRAMING_TRAILERS_MAX 8192    /* bytes of all trailer lines of a body */

enum framing_state {
    FRAMING_HEAD, /* between messages: the first, or the one before is whole */
    FRAMING_BODY, /* `left` bytes by Content-Length */
    FRAMING_SIZE, /* chunked, from here on */
    FRAMING_EXTENSION,
    FRAMING_SIZE_LF,
    FRAMING_DATA, /* `left` bytes of a chunk */
    FRAMING_DATA_CR,
    FRAMING_DATA_LF,
    FRAMING_TRAILER,
    FRAMING_TRAILER_NAME,
    FRAMING_TRAILER_VALUE,
    FRAMING_TRAILER_LF,
    FRAMING_LAST_LF,
    FRAMING_OVER /* the client wants no other answer: what follows is not looked at */
};

enum framing_verdict {
    FRAMING_MORE,   /* nothing was consumed: more bytes are needed */
    FRAMING_PASS,   /* some bytes of a body were */
    FRAMING_BEGUN,  /* a whole head was: it is in `head` */
    FRAMING_REFUSE, /* nothing was; head.why and head.detail say what is wrong. For good */
    FRAMING_ENDED   /* state OVER: nothing of this counts any more */
};

struct framing { /* all zero at the start of a connection */
    enum framing_state state;
    int64_t left;
    uint64_t size;                     /* of the chunk whose line is read */
    unsigned digits, line, extensions; /* bytes of the size, of the line, of extensions or trailers in all */
    long begun, whole;                 /* messages whose head, whose last byte was consumed */
    bool bad;
    struct head head; /* the last one */
};

/* Looks at n > 0 bytes; returns how many were consumed. */
size_t framing_step(struct framing *f, const char *p, size_t n, enum framing_verdict *verdict);
/* Is it inside of a body? */
bool framing_in_body(const struct framing *f);

#endif
