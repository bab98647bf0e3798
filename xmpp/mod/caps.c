/* caps.c: reads entity capabilities (XEP-0115) from the presences of our own sessions. Only the node is read:
 * it names the program, and nothing that is decided by it needs a question back.
 */
#include "xmpp/caps.h"

#include <string.h>

#include "xmpp/router.h"

#define NODE_LIBPURPLE "http://pidgin.im/" /* all versions, "caps" behind it in older ones */

static unsigned slot;
static const char libpurple; /* what the slot points to */

bool caps_is_libpurple(const struct session *s)
{
    return s->slots[slot] == &libpurple;
}

static void session_presence(struct session *s, const struct stanza *st)
{
    const struct stanza *c = stanza_find(st, NS_CAPS, "c");
    const char *node = c ? stanza_get(c, "node") : NULL;
    bool is = node && strncmp(node, NODE_LIBPURPLE, strlen(NODE_LIBPURPLE)) == 0;
    s->slots[slot] = is ? (void *)&libpurple : NULL;
}

static void session_gone(struct session *s)
{
    s->slots[slot] = NULL;
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    slot = mod_session_slot();
    return 0;
}

static const struct mod mod_caps = {
    .name = "caps", .start = start, .session_presence = session_presence, .session_gone = session_gone};
MOD_REGISTER(mod_caps);
