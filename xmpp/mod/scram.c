/* scram.c: SCRAM by GNU SASL. See scram.h.
 *
 * One Gsasl context serves all exchanges. The keys are set as properties before the first step, so GNU SASL
 * asks for nothing: the user's name is read ahead of it, because the keys come from storage and storage
 * answers later.
 */
#include "xmpp/mod/scram.h"

#include <gsasl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

/* No honest first or final message comes near this. */
#define MESSAGE_MAX 4096

struct scram {
    Gsasl_session *gs;
    bool proof; /* the next message is the one with the proof */
};

static Gsasl *context;

int scram_start(void)
{
    return gsasl_init(&context) == GSASL_OK ? 0 : -1;
}

void scram_stop(void)
{
    if (context)
        gsasl_done(TAKE(context));
}

/* --- the first message, as far as the name ------------------------------------------------------------ */

/* A saslname (RFC 5802 section 5.1) up to the next comma; *at moves behind the comma. */
static bool read_name(const char **at, const char *end, struct buf *out)
{
    const char *p = *at;
    for (; p < end && *p != ','; p++) {
        if (*p == 0)
            return false;
        if (*p != '=') {
            buf_addc(out, *p);
            continue;
        }
        if (end - p < 3 || p[1] != '2' || (p[2] != 'C' && p[2] != 'c'))
            if (end - p < 3 || p[1] != '3' || (p[2] != 'D' && p[2] != 'd'))
                return false;
        buf_addc(out, p[1] == '2' ? ',' : '=');
        p += 2;
    }
    if (p == end)
        return false;
    *at = p + 1;
    return true;
}

enum scram_result scram_read_first(const char *message, size_t n, struct buf *user, struct buf *authzid)
{
    const char *p = message, *end = message + n;
    if (n < 3 || n > MESSAGE_MAX || !strchr("nyp", *p) || !*p)
        return SCRAM_MALFORMED;
    if (*p == 'p') /* channel binding belongs to the -PLUS mechanisms */
        return p[1] == '=' ? SCRAM_WRONG : SCRAM_MALFORMED;
    if (p[1] != ',')
        return SCRAM_MALFORMED;
    p += 2;
    if (end - p >= 2 && p[0] == 'a' && p[1] == '=') {
        p += 2;
        if (!read_name(&p, end, authzid))
            return SCRAM_MALFORMED;
    } else if (p < end && *p == ',') {
        p++;
    } else {
        return SCRAM_MALFORMED;
    }
    if (end - p >= 2 && p[0] == 'm' && p[1] == '=')
        return SCRAM_WRONG;
    if (end - p < 2 || p[0] != 'n' || p[1] != '=')
        return SCRAM_MALFORMED;
    p += 2;
    if (!read_name(&p, end, user) || end - p < 3 || p[0] != 'r' || p[1] != '=')
        return SCRAM_MALFORMED;
    return SCRAM_GO_ON;
}

/* --- the exchange ------------------------------------------------------------------------------------- */

static void set_base64(Gsasl_session *gs, Gsasl_property property, const void *data, size_t n)
{
    struct buf text = {0};
    base64_encode(&text, data, n);
    if (gsasl_property_set(gs, property, text.data) != GSASL_OK)
        FERRY_UNREACHABLE(); /* fails only without memory */
    OPENSSL_cleanse(text.data, text.len);
    buf_free(&text);
}

struct scram *scram_new(bool sha256, const struct account_keys *keys)
{
    struct scram *x = xcalloc(1, sizeof *x);
    if (gsasl_server_start(context, sha256 ? "SCRAM-SHA-256" : "SCRAM-SHA-1", &x->gs) != GSASL_OK)
        FERRY_UNREACHABLE();
    size_t key = sha256 ? SHA256_BYTES : SHA1_BYTES;
    char rounds[16];
    snprintf(rounds, sizeof rounds, "%d", keys->rounds);
    gsasl_property_set(x->gs, GSASL_SCRAM_ITER, rounds);
    set_base64(x->gs, GSASL_SCRAM_SALT, keys->salt, sizeof keys->salt);
    set_base64(x->gs, GSASL_SCRAM_STOREDKEY, keys->stored, key);
    set_base64(x->gs, GSASL_SCRAM_SERVERKEY, keys->server, key);
    return x;
}

void scram_free(struct scram *x)
{
    if (!x)
        return;
    gsasl_finish(x->gs);
    free(x);
}

enum scram_result scram_step(struct scram *x, const char *message, size_t n, struct buf *out)
{
    char *answer = NULL;
    size_t len = 0;
    if (n > MESSAGE_MAX)
        return SCRAM_MALFORMED;
    int r = gsasl_step(x->gs, message, n, &answer, &len);
    if (r == GSASL_OK || r == GSASL_NEEDS_MORE)
        buf_add(out, answer, len);
    gsasl_free(answer);
    if (r == GSASL_NEEDS_MORE && !x->proof) {
        x->proof = true;
        return SCRAM_GO_ON;
    }
    return r == GSASL_OK && x->proof ? SCRAM_RIGHT : SCRAM_WRONG;
}
