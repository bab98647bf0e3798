/* codec.h: base64, base64url, hex, percent-encoding, UTF-8, random and hashes (OpenSSL behind it). Pure
 * functions of their arguments, any thread. */
#ifndef FERRY_CODEC_H
#define FERRY_CODEC_H

#include "base/buf.h"

#define SHA1_BYTES 20
#define SHA256_BYTES 32
#define MD5_BYTES 16

/* Strict base64 (RFC 4648 section 4): padding required, no white space, '=' only at the end, unused bits
 * zero. out needs base64_max(n) bytes. Returns the decoded length, or -1. */
#define base64_max(n) ((n) / 4 * 3 + 3)
ptrdiff_t base64_decode(const char *in, size_t n, uint8_t *out);
void base64_encode(struct buf *out, const void *in, size_t n);
/* base64url without padding (RFC 4648 section 5); the same rules. out of the decoder needs base64_max(n)+2
 * bytes. */
ptrdiff_t base64url_decode(const char *in, size_t n, uint8_t *out);
void base64url_encode(char *out, const void *in, size_t n); /* out: (n*4+2)/3 + 1 bytes, NUL at the end */

void hex_encode(char *out, const void *in, size_t n); /* lower case, 2n+1 bytes */
ptrdiff_t hex_decode(const char *in, size_t n, uint8_t *out);

/* Percent-encodes all but RFC 3986 unreserved characters. */
void percent_encode(struct buf *out, const char *s);
/* Decodes a URI path segment in place of nothing: -1 on a bad escape or %00. '+' stays. out may be as large
 * as in. */
int percent_decode(const char *in, size_t n, struct buf *out);

bool utf8_valid(const char *s, size_t n); /* no surrogates, no overlong forms, <= U+10FFFF */

/* Decodes one character: its length in bytes, 0 when s does not begin with one (or n is 0). */
size_t utf8_next(const char *s, size_t n, uint32_t *cp);
/* Controls (C0, DEL, C1), bidi marks and overrides, line separators, BOM: what may not reach a line that
 * people read. */
bool unicode_is_unsafe(uint32_t cp);

/* A file name as people may see it: path separators, control and bidi characters replaced by '_', leading
 * dots and blanks kept out, cut at 255 bytes on a character's edge, before the extension (C36). -1: nothing
 * is left, or not UTF-8. Never used as a path (C8). */
int filename_clean(const char *in, size_t n, char out[256]);
void size_text(struct buf *out, int64_t bytes); /* "12.3 MB", decimal, one digit */

void random_bytes(void *out, size_t n); /* getrandom; ends the process when the system has none (row 114) */
void random_token(char *out, size_t chars); /* base64url characters, NUL at the end (chars + 1 bytes) */
void sha1_hex(const void *in, size_t n, char out[41]);
bool secret_equal(const void *a, const void *b, size_t n); /* constant time */

#endif
