/* socks.h: SOCKS5 (RFC 1928) as XEP-0065 uses it: no authentication, CONNECT to a 40-digit hexadecimal name,
 * port 0. Both roles are machines of bytes in and bytes out that touch no socket: any segmentation gives the
 * same result, which the unit test and the fuzz target rely on. They read exactly the handshake: bytes behind
 * it are left to the caller. No allocation but in the output buffer.
 */
#ifndef FERRY_SOCKS_H
#define FERRY_SOCKS_H

#include "base/buf.h"

#define SOCKS_KEY 40 /* DST.ADDR: hexadecimal SHA-1 */

enum socks_result {
    SOCKS_MORE,    /* feed more; output may have been added */
    SOCKS_DONE,    /* server: the key is known, socks_server_answer is due; client: the stream stands */
    SOCKS_REFUSED, /* the handshake is over without a stream: send what was added, then close */
};

/* Reply codes, RFC 1928 section 6. */
enum socks_reply {
    SOCKS_OK = 0,
    SOCKS_GENERAL = 1,
    SOCKS_NOT_ALLOWED = 2,
    SOCKS_CONNECTION_REFUSED = 5,
    SOCKS_BAD_COMMAND = 7,
    SOCKS_BAD_ADDRESS_TYPE = 8,
};

struct socks_server {
    uint8_t in[262]; /* the longest request: 4 + 1 + 255 + 2; the longest greeting: 2 + 255 */
    uint16_t have;
    bool greeted;
    char key[SOCKS_KEY + 1]; /* lower case, after SOCKS_DONE */
};
void socks_server_init(struct socks_server *s);
/* Reads at most n bytes; *used tells how many belonged to the handshake. Refuses by itself what can never be
 * meant: another version, no method we know, BIND, UDP, an IP address (row 59). Not to be called again after
 * DONE or REFUSED. */
enum socks_result socks_server_feed(struct socks_server *s, const void *data, size_t n, size_t *used,
                                    struct buf *out);
/* The reply to the request, with its address echoed as the peer wrote it (C12). */
void socks_server_answer(const struct socks_server *s, enum socks_reply reply, struct buf *out);

struct socks_client {
    uint8_t in[262];
    uint16_t have;
    bool greeted;
    char key[SOCKS_KEY + 1];
};
/* Adds the greeting to out. The request follows in one piece, since known proxies demand that (C12). */
void socks_client_init(struct socks_client *c, const char key[SOCKS_KEY + 1], struct buf *out);
/* A reply must be version 5, succeeded, and bound to our key or to an IP address: anything else is REFUSED
 * (row 57). */
enum socks_result socks_client_feed(struct socks_client *c, const void *data, size_t n, size_t *used,
                                    struct buf *out);

/* DST.ADDR: hexadecimal SHA-1 of the three texts exactly as they were written (C10). */
void socks_key(const char *sid, const char *requester, const char *target, char out[SOCKS_KEY + 1]);

#endif
