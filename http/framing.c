/* framing.c: see framing.h. */
#include "http/framing.h"

#include <string.h>

#define SIZE_DIGITS_MAX 15 /* below 2^60 */

static void message_end(struct framing *f)
{
    f->whole++;
    f->state = f->head.last ? FRAMING_OVER : FRAMING_HEAD;
}

static size_t head_step(struct framing *f, const char *p, size_t n, enum framing_verdict *verdict)
{
    switch (head_check(p, n, &f->head)) {
    case HEAD_MORE:
        *verdict = FRAMING_MORE;
        return 0;
    case HEAD_REFUSE:
        f->bad = true;
        *verdict = FRAMING_REFUSE;
        return 0;
    case HEAD_OK:
        break;
    }
    *verdict = FRAMING_BEGUN;
    f->begun++;
    f->left = f->head.body;
    f->digits = f->line = f->extensions = 0;
    f->size = 0;
    if (f->head.body == 0)
        message_end(f);
    else
        f->state = f->head.body > 0 ? FRAMING_BODY : FRAMING_SIZE;
    return f->head.len;
}

static bool wrong(struct framing *f, const char *detail)
{
    f->bad = true;
    f->head.why = REFUSE_BAD_REQUEST;
    f->head.detail = detail;
    return false;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A byte of "1a;name=value\r". */
static bool size_byte(struct framing *f, char c)
{
    int v = hex(c);

    if (++f->line > FRAMING_CHUNK_LINE_MAX)
        return wrong(f, "The line of a chunk is too long.");
    if (v >= 0) {
        if (++f->digits > SIZE_DIGITS_MAX)
            return wrong(f, "A chunk is beyond all limits.");
        f->size = f->size << 4 | (unsigned)v;
        return true;
    }
    if (f->digits == 0 || (c != ';' && c != '\r'))
        return wrong(f, "The size of a chunk is not a hexadecimal number.");
    f->state = c == ';' ? FRAMING_EXTENSION : FRAMING_SIZE_LF;
    return true;
}

static bool extension_byte(struct framing *f, char c)
{
    if (++f->line > FRAMING_CHUNK_LINE_MAX || ++f->extensions > FRAMING_EXTENSIONS_MAX)
        return wrong(f, "The extensions of chunks are too long.");
    if (c == '\r')
        f->state = FRAMING_SIZE_LF;
    else if (!head_is_value(&c, 1))
        return wrong(f, "The extension of a chunk holds a control character.");
    return true;
}

static void chunk_begin(struct framing *f)
{
    f->left = (int64_t)f->size;
    f->state = f->size > 0 ? FRAMING_DATA : FRAMING_TRAILER;
    if (f->size == 0)
        f->extensions = 0; /* counts trailers now */
    f->size = 0;
    f->digits = f->line = 0;
}

/* A byte of "Name: value\r" or of the empty line that ends it all. */
static bool trailer_byte(struct framing *f, char c)
{
    if (++f->extensions > FRAMING_TRAILERS_MAX)
        return wrong(f, "The trailers are too long.");
    if (f->state == FRAMING_TRAILER_VALUE) {
        if (c == '\r')
            f->state = FRAMING_TRAILER_LF;
        else if (!head_is_value(&c, 1))
            return wrong(f, "A trailer holds a control character.");
        return true;
    }
    if (f->state == FRAMING_TRAILER && c == '\r') {
        f->state = FRAMING_LAST_LF;
        return true;
    }
    if (f->state == FRAMING_TRAILER_NAME && c == ':') {
        f->state = FRAMING_TRAILER_VALUE;
        return true;
    }
    f->state = FRAMING_TRAILER_NAME;
    return head_is_token(&c, 1) || wrong(f, "The name of a trailer is not a token.");
}

/* One byte that belongs to the framing of a chunked body. */
static bool frame_byte(struct framing *f, char c)
{
    switch (f->state) {
    case FRAMING_SIZE:
        return size_byte(f, c);
    case FRAMING_EXTENSION:
        return extension_byte(f, c);
    case FRAMING_DATA_CR:
        f->state = FRAMING_DATA_LF;
        return c == '\r' || wrong(f, "A chunk is longer than its size.");
    case FRAMING_TRAILER:
    case FRAMING_TRAILER_NAME:
    case FRAMING_TRAILER_VALUE:
        return trailer_byte(f, c);
    case FRAMING_SIZE_LF:
    case FRAMING_DATA_LF:
    case FRAMING_TRAILER_LF:
    case FRAMING_LAST_LF:
        if (c != '\n')
            return wrong(f, "The body holds a bare CR.");
        if (f->state == FRAMING_SIZE_LF)
            chunk_begin(f);
        else if (f->state == FRAMING_LAST_LF)
            message_end(f);
        else
            f->state = f->state == FRAMING_DATA_LF ? FRAMING_SIZE : FRAMING_TRAILER;
        return true;
    default:
        FERRY_UNREACHABLE();
    }
}

static size_t data_step(struct framing *f, size_t n)
{
    size_t take = (uint64_t)f->left < n ? (size_t)f->left : n;

    f->left -= (int64_t)take;
    if (f->left == 0) {
        if (f->state == FRAMING_BODY)
            message_end(f);
        else
            f->state = FRAMING_DATA_CR;
    }
    return take;
}

bool framing_in_body(const struct framing *f)
{
    return f->begun > f->whole;
}

size_t framing_step(struct framing *f, const char *p, size_t n, enum framing_verdict *verdict)
{
    size_t at = 0;

    if (f->bad || f->state == FRAMING_OVER) {
        *verdict = f->bad ? FRAMING_REFUSE : FRAMING_ENDED;
        return 0;
    }
    if (f->state == FRAMING_HEAD)
        return head_step(f, p, n, verdict);
    *verdict = FRAMING_PASS;
    while (at < n && framing_in_body(f)) {
        if (f->state == FRAMING_BODY || f->state == FRAMING_DATA) {
            at += data_step(f, n - at);
        } else if (frame_byte(f, p[at])) {
            at++;
        } else {
            if (at == 0)
                *verdict = FRAMING_REFUSE;
            break;
        }
    }
    return at;
}
