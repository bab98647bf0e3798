/* head.h: the strict look at a head before libmicrohttpd sees a byte of it: the first of a connection, under
 * TLS every one (reference: RFC 9112 sections 2.2, 3, 5, 6; doc/HTTP.md has the table of what is refused
 * where).
 *
 * A pure function of bytes; any thread; no allocation.
 */
#ifndef FERRY_HTTP_HEAD_H
#define FERRY_HTTP_HEAD_H

#include "base/refuse.h"

#define HEAD_MAX 16384      /* bytes of a whole head, its blank line too */
#define HEAD_URI_MAX 8192   /* bytes of the request target */
#define HEAD_FIELDS_MAX 100 /* header lines */
#define HEAD_METHOD_MAX 32

enum head_verdict {
    HEAD_MORE, /* fine so far, but the blank line has not come */
    HEAD_OK,
    HEAD_REFUSE, /* `why` and `detail` are set; the connection ends after the answer */
};

struct head {
    size_t len;    /* OK: bytes up to and with the blank line */
    size_t memory; /* OK: what libmicrohttpd needs to hold it, roughly */
    enum refuse why;
    const char *detail; /* a sentence in English, static */
    bool not_http;      /* REFUSE: what came is no HTTP/1 (TLS, SOCKS): only a close is understood */
    bool upload;        /* OK: PUT, POST or PATCH */
    bool is_head;       /* the method is HEAD: an answer has no body */
    bool last;          /* OK: the client wants no other answer on this connection */
    int64_t body;       /* OK: Content-Length, 0 when absent, -1: chunked */
    size_t length_at;   /* OK, body > 0: where the name of that field begins */
};

enum head_verdict head_check(const char *p, size_t n, struct head *out);

/* The pieces that the later heads of a connection are checked with too (what libmicrohttpd shows of them). */
bool head_is_token(const char *s, size_t n);
/* A Host value: 0; -1: not a host with an optional port. */
int head_host_ok(const char *s, size_t n);
/* Content-Length: digits only. REFUSE_OK, BAD_REQUEST, FILE_TOO_LARGE (above 2^63 - 1). */
enum refuse head_length(const char *s, size_t n, int64_t *out);
bool head_is(const char *s, size_t n, const char *word); /* equal, ASCII case ignored */
/* Bytes that may stand in a field value: printable, blank, tab, above 0x7f. */
bool head_is_value(const char *s, size_t n);

#endif
