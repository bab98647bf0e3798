/* socks.c: the two SOCKS5 machines. Each gathers the handshake in a fixed array, one unit at a time (greeting
 * or method reply, then request or reply), and never takes a byte more than the unit needs: how long it is
 * follows from its first bytes.
 */
#include "xmpp/socks.h"

#include <string.h>

#include "base/codec.h"

enum { VERSION = 5, NO_AUTH = 0, NO_METHOD = 0xFF, CONNECT = 1, ATYP_IP4 = 1, ATYP_NAME = 3, ATYP_IP6 = 4 };
#define HEAD 4 /* VER CMD|REP RSV ATYP */

/* How many bytes the unit that begins with in[0..have) needs in all, as far as it can be told yet. */
static size_t greeting_need(const uint8_t *in, size_t have)
{
    return have < 2 ? 2 : 2 + (size_t)in[1];
}

static size_t request_need(const uint8_t *in, size_t have)
{
    if (have < HEAD + 1)
        return HEAD + 1;
    switch (in[3]) {
    case ATYP_IP4:
        return HEAD + 4 + 2;
    case ATYP_IP6:
        return HEAD + 16 + 2;
    case ATYP_NAME:
        return HEAD + 1 + (size_t)in[4] + 2;
    default:
        return HEAD + 1; /* its length is unknown: it is judged by what is there */
    }
}

/* Moves bytes into the unit until it is whole or the input is used up. */
static bool gather(uint8_t *in, uint16_t *have, size_t (*need)(const uint8_t *, size_t), const uint8_t *data,
                   size_t n, size_t *used)
{
    for (;;) {
        size_t want = need(in, *have);
        if (*have == want)
            return true;
        size_t take = want - *have < n - *used ? want - *have : n - *used;
        if (take == 0)
            return false;
        memcpy(in + *have, data + *used, take);
        *have = (uint16_t)(*have + take);
        *used += take;
    }
}

static bool hex_key(const uint8_t *p, char out[SOCKS_KEY + 1])
{
    for (int i = 0; i < SOCKS_KEY; i++) {
        uint8_t c = p[i];
        if (c >= 'A' && c <= 'F')
            c = (uint8_t)(c + ('a' - 'A'));
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        out[i] = (char)c;
    }
    out[SOCKS_KEY] = 0;
    return true;
}

static void plain_reply(enum socks_reply reply, struct buf *out)
{
    const uint8_t bytes[10] = {VERSION, (uint8_t)reply, 0, ATYP_IP4};
    buf_add(out, bytes, sizeof bytes);
}

void socks_server_init(struct socks_server *s)
{
    s->have = 0;
    s->greeted = false;
    s->key[0] = 0;
}

static enum socks_result server_greeting(struct socks_server *s, struct buf *out)
{
    bool known = memchr(s->in + 2, NO_AUTH, s->in[1]) != NULL;
    const uint8_t answer[2] = {VERSION, known ? NO_AUTH : NO_METHOD};
    buf_add(out, answer, sizeof answer);
    s->have = 0;
    s->greeted = true;
    return known ? SOCKS_MORE : SOCKS_REFUSED;
}

static enum socks_result server_request(struct socks_server *s, struct buf *out)
{
    enum socks_reply why = SOCKS_OK;
    const uint8_t *in = s->in;
    if (in[0] != VERSION)
        return SOCKS_REFUSED;
    if (in[1] != CONNECT)
        why = SOCKS_BAD_COMMAND;
    else if (in[3] != ATYP_NAME)
        why = SOCKS_BAD_ADDRESS_TYPE;
    else if (in[4] != SOCKS_KEY || in[HEAD + 1 + SOCKS_KEY] != 0 || in[HEAD + 2 + SOCKS_KEY] != 0 ||
             !hex_key(in + HEAD + 1, s->key))
        why = SOCKS_NOT_ALLOWED;
    if (why == SOCKS_OK)
        return SOCKS_DONE;
    plain_reply(why, out);
    return SOCKS_REFUSED;
}

enum socks_result socks_server_feed(struct socks_server *s, const void *data, size_t n, size_t *used,
                                    struct buf *out)
{
    *used = 0;
    if (!s->greeted) {
        if (n > 0 && s->have == 0 && *(const uint8_t *)data != VERSION)
            return SOCKS_REFUSED; /* SOCKS4, TLS, HTTP: not a word to them */
        if (!gather(s->in, &s->have, greeting_need, data, n, used))
            return SOCKS_MORE;
        if (server_greeting(s, out) == SOCKS_REFUSED)
            return SOCKS_REFUSED;
    }
    if (!gather(s->in, &s->have, request_need, data, n, used))
        return SOCKS_MORE;
    return server_request(s, out);
}

void socks_server_answer(const struct socks_server *s, enum socks_reply reply, struct buf *out)
{
    const uint8_t head[HEAD] = {VERSION, (uint8_t)reply, 0, ATYP_NAME};
    buf_add(out, head, sizeof head);
    buf_add(out, s->in + HEAD, 1 + SOCKS_KEY + 2);
}

void socks_client_init(struct socks_client *c, const char key[SOCKS_KEY + 1], struct buf *out)
{
    const uint8_t greeting[3] = {VERSION, 1, NO_AUTH};
    c->have = 0;
    c->greeted = false;
    memcpy(c->key, key, sizeof c->key);
    buf_add(out, greeting, sizeof greeting);
}

static size_t method_need(const uint8_t *in, size_t have)
{
    return 2;
}

static void client_request(struct socks_client *c, struct buf *out)
{
    uint8_t bytes[HEAD + 1 + SOCKS_KEY + 2] = {VERSION, CONNECT, 0, ATYP_NAME, SOCKS_KEY};
    memcpy(bytes + HEAD + 1, c->key, SOCKS_KEY);
    buf_add(out, bytes, sizeof bytes);
}

static enum socks_result client_reply(const struct socks_client *c)
{
    const uint8_t *in = c->in;
    char bound[SOCKS_KEY + 1];
    if (in[0] != VERSION || in[1] != SOCKS_OK)
        return SOCKS_REFUSED;
    if (in[3] == ATYP_IP4 || in[3] == ATYP_IP6)
        return SOCKS_DONE;
    if (in[3] != ATYP_NAME || in[4] != SOCKS_KEY || !hex_key(in + HEAD + 1, bound))
        return SOCKS_REFUSED;
    return strcmp(bound, c->key) == 0 ? SOCKS_DONE : SOCKS_REFUSED;
}

enum socks_result socks_client_feed(struct socks_client *c, const void *data, size_t n, size_t *used,
                                    struct buf *out)
{
    *used = 0;
    if (!c->greeted) {
        if (!gather(c->in, &c->have, method_need, data, n, used))
            return SOCKS_MORE;
        if (c->in[0] != VERSION || c->in[1] != NO_AUTH)
            return SOCKS_REFUSED;
        c->have = 0;
        c->greeted = true;
        client_request(c, out);
    }
    if (c->have < 2 && n > *used && c->have == 0 && ((const uint8_t *)data)[*used] != VERSION)
        return SOCKS_REFUSED;
    if (!gather(c->in, &c->have, request_need, data, n, used)) {
        /* A refusal may be shorter than the form promises: it is known by its second byte. */
        return c->have >= 2 && c->in[1] != SOCKS_OK ? SOCKS_REFUSED : SOCKS_MORE;
    }
    return client_reply(c);
}

void socks_key(const char *sid, const char *requester, const char *target, char out[SOCKS_KEY + 1])
{
    struct buf text = {0};
    buf_adds(&text, sid);
    buf_adds(&text, requester);
    buf_adds(&text, target);
    sha1_hex(text.data ? text.data : "", text.len, out);
    buf_free(&text);
}
