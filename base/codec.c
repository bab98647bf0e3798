/* codec.c: strict decoders, plain encoders, random bytes and small hashes.
 *
 * Promises: a decoder reads only the n bytes it was given, writes no more than the room its header names, and
 * takes exactly one spelling of every value (two spellings of one token would be two keys to one lock).
 * UTF-8, file names: codec_text.c. */
#include "base/codec.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* 0x80 marks what is no digit; the two alphabets differ in two digits only. */
#define X 0x80
static const uint8_t digits[256] = {
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  62, X,  X,  X,  63, 52, 53, 54, 55,
    56, 57, 58, 59, 60, 61, X,  X,  X,  X,  X,  X,  X,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
    13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X,  X,  X,  X,  X,  X,  26, 27, 28, 29, 30, 31, 32,
    33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X};
#undef X

static uint32_t url_digit(char c)
{
    if (c == '-')
        return 62;
    if (c == '_')
        return 63;
    return c == '+' || c == '/' ? 0x80 : digits[(unsigned char)c];
}

/* The last two or three digits of a text; unused bits must be zero. */
static ptrdiff_t decode_tail(const uint32_t d[3], size_t n, uint8_t *out)
{
    if ((d[0] | d[1]) & 0x80)
        return -1;
    out[0] = (uint8_t)(d[0] << 2 | d[1] >> 4);
    if (n == 2)
        return (d[1] & 0x0F) == 0 ? 1 : -1;
    if ((d[2] & 0x80) || (d[2] & 0x03) != 0)
        return -1;
    out[1] = (uint8_t)(d[1] << 4 | d[2] >> 2);
    return 2;
}

ptrdiff_t base64_decode(const char *in, size_t n, uint8_t *out)
{
    const uint8_t *p = (const uint8_t *)in;
    uint8_t *o = out;
    uint32_t bad = 0;
    size_t pad, whole;

    if (n % 4 != 0)
        return -1;
    if (n == 0)
        return 0;
    pad = in[n - 1] != '=' ? 0 : in[n - 2] != '=' ? 1 : 2;
    whole = pad > 0 ? n / 4 - 1 : n / 4;
    for (size_t i = 0; i < whole; i++, p += 4, o += 3) {
        uint32_t a = digits[p[0]], b = digits[p[1]], c = digits[p[2]], d = digits[p[3]];
        uint32_t v = a << 18 | b << 12 | c << 6 | d;

        bad |= a | b | c | d;
        o[0] = (uint8_t)(v >> 16);
        o[1] = (uint8_t)(v >> 8);
        o[2] = (uint8_t)v;
    }
    if (bad & 0x80)
        return -1;
    if (pad > 0) {
        uint32_t d[3] = {digits[p[0]], digits[p[1]], pad == 1 ? digits[p[2]] : 0};
        ptrdiff_t tail = decode_tail(d, 4 - pad, o);

        if (tail < 0)
            return -1;
        o += tail;
    }
    return o - out;
}

ptrdiff_t base64url_decode(const char *in, size_t n, uint8_t *out)
{
    uint8_t *o = out;
    size_t i;

    if (n % 4 == 1)
        return -1;
    for (i = 0; i + 4 <= n; i += 4, o += 3) {
        uint32_t a = url_digit(in[i]), b = url_digit(in[i + 1]), c = url_digit(in[i + 2]),
                 d = url_digit(in[i + 3]);

        if ((a | b | c | d) & 0x80)
            return -1;
        o[0] = (uint8_t)(a << 2 | b >> 4);
        o[1] = (uint8_t)(b << 4 | c >> 2);
        o[2] = (uint8_t)(c << 6 | d);
    }
    if (i < n) {
        uint32_t d[3] = {url_digit(in[i]), url_digit(in[i + 1]), n - i == 3 ? url_digit(in[i + 2]) : 0};
        ptrdiff_t tail = decode_tail(d, n - i, o);

        if (tail < 0)
            return -1;
        o += tail;
    }
    return o - out;
}

/* Writes the digits of in without padding; returns how many. */
static size_t encode(char *out, const uint8_t *in, size_t n, const char *letters)
{
    char *o = out;
    size_t i;

    for (i = 0; i + 3 <= n; i += 3) {
        uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];

        *o++ = letters[v >> 18];
        *o++ = letters[v >> 12 & 63];
        *o++ = letters[v >> 6 & 63];
        *o++ = letters[v & 63];
    }
    if (i < n) {
        uint32_t v = (uint32_t)in[i] << 16 | (n - i == 2 ? (uint32_t)in[i + 1] << 8 : 0);

        *o++ = letters[v >> 18];
        *o++ = letters[v >> 12 & 63];
        if (n - i == 2)
            *o++ = letters[v >> 6 & 63];
    }
    return (size_t)(o - out);
}

void base64_encode(struct buf *out, const void *in, size_t n)
{
    char *at = buf_room(out, (n + 2) / 3 * 4);
    size_t len = encode(at, in, n, alphabet);

    while (len % 4 != 0)
        at[len++] = '=';
    at[len] = '\0';
    out->len += len;
}

void base64url_encode(char *out, const void *in, size_t n)
{
    out[encode(out, in, n, url_alphabet)] = '\0';
}

void hex_encode(char *out, const void *in, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    const uint8_t *p = in;

    for (size_t i = 0; i < n; i++) {
        *out++ = hex[p[i] >> 4];
        *out++ = hex[p[i] & 15];
    }
    *out = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

ptrdiff_t hex_decode(const char *in, size_t n, uint8_t *out)
{
    if (n % 2 != 0)
        return -1;
    for (size_t i = 0; i < n; i += 2) {
        int high = hex_digit(in[i]), low = hex_digit(in[i + 1]);

        if (high < 0 || low < 0)
            return -1;
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return (ptrdiff_t)(n / 2);
}

void percent_encode(struct buf *out, const char *s)
{
    static const char hex[] = "0123456789ABCDEF";

    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '.' || c == '_' || c == '~';

        if (plain) {
            buf_addc(out, *s);
        } else {
            char escape[3] = {'%', hex[c >> 4], hex[c & 15]};
            buf_add(out, escape, sizeof escape);
        }
    }
}

int percent_decode(const char *in, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        char c = in[i];

        if (c == '%') {
            int high = n - i > 2 ? hex_digit(in[i + 1]) : -1, low = n - i > 2 ? hex_digit(in[i + 2]) : -1;

            if (high < 0 || low < 0)
                return -1;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0')
            return -1;
        buf_addc(out, c);
    }
    return 0;
}

void random_bytes(void *out, size_t n)
{
    uint8_t *at = out;

    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            log_error("no random numbers: %s", strerror(errno));
            abort();
        }
        at += got;
        n -= (size_t)got;
    }
}

void random_token(char *out, size_t chars)
{
    uint8_t raw[256];

    FERRY_ASSERT(chars <= sizeof raw);
    random_bytes(raw, chars);
    for (size_t i = 0; i < chars; i++)
        out[i] = url_alphabet[raw[i] & 63];
    out[chars] = '\0';
}

void sha1_hex(const void *in, size_t n, char out[41])
{
    uint8_t digest[SHA1_BYTES];

    (void)SHA1(in, n, digest);
    hex_encode(out, digest, sizeof digest);
}

bool secret_equal(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}
