/* compress.c: stream compression (XEP-0138) is not offered, whoever asks hears so (fault 26): compressed
 * hostile input costs more than it saves. */
#include "xmpp/mod.h"

#define NS_COMPRESS "http://jabber.org/protocol/compress"

static int on_compress(struct packet *p)
{
    struct stanza *el = stanza_new(p->arena, NS_COMPRESS, "failure");
    stanza_child(el, NULL, "unsupported-method");
    session_send(p->from_session, el);
    return MOD_HANDLED;
}

static const struct mod_route routes[] = {
    {.target = TARGET_STREAM, .ns = NS_COMPRESS, .name = "compress", .fn = on_compress}, {0}};
static const struct mod compress_mod = {.name = "compress", .routes = routes};
MOD_REGISTER(compress_mod);
