/* bind.c: a resource for a session that is logged in (RFC 6120 section 7), and the session iq of RFC 3921,
 * which means nothing any more but which older clients wait for.
 *
 * Which resource, who has to go for it and how many a user may have is session_bind's; here is only the iq.
 */
#include <stdlib.h>
#include <string.h>

#include "xmpp/login.h"
#include "xmpp/mod.h"
#include "xmpp/router.h"

struct binding {
    struct arena *arena; /* of iq */
    struct stanza *iq;
};

static unsigned slot;

static void drop(struct session *s)
{
    struct binding *b = s->slots[slot];
    if (!b)
        return;
    s->slots[slot] = NULL;
    arena_put(b->arena);
    free(b);
}

static void bound(struct session *s, enum refuse r, void *arg)
{
    struct binding *b = s->slots[slot];
    if (r == REFUSE_OK) {
        struct stanza *answer = stanza_result(b->arena, b->iq);
        struct stanza *el = stanza_child(answer, NS_BIND, "bind");
        stanza_child_text(el, NULL, "jid", s->jid.text);
        session_send(s, answer);
    } else {
        session_send(s, stanza_error(b->arena, b->iq, r, NULL));
    }
    drop(s);
}

static int on_bind(struct packet *p)
{
    struct session *s = p->from_session;
    const char *resource = stanza_text(stanza_find(p->payload, NULL, "resource"));
    if (s->slots[slot])
        return REFUSE_UNEXPECTED;
    struct binding *b = xcalloc(1, sizeof *b);
    s->slots[slot] = b;
    b->arena = arena_get(NULL);
    b->iq = login_frame(b->arena, p->st);
    session_bind(s, *resource ? resource : NULL, bound, NULL);
    return MOD_HANDLED;
}

static int on_second_bind(struct packet *p)
{
    return REFUSE_NOT_ALLOWED;
}

static int on_session(struct packet *p)
{
    router_result(p, NULL);
    return MOD_HANDLED;
}

static void stream_features(struct session *s, struct stanza *features)
{
    if (s->state != SESSION_AUTHENTICATED)
        return;
    stanza_child(features, NS_BIND, "bind");
    stanza_child(stanza_child(features, NS_SESSION, "session"), NULL, "optional");
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    slot = mod_session_slot();
    return 0;
}

static const struct mod_route routes[] = {
    {"iq", "set", TARGET_SERVER, NS_BIND, "bind", on_bind, PHASE_AUTHENTICATED},
    {"iq", "set", TARGET_SERVER, NS_BIND, "bind", on_second_bind, PHASE_BOUND},
    {"iq", "set", TARGET_ACCOUNT, NS_BIND, "bind", on_second_bind, PHASE_BOUND},
    {"iq", "set", TARGET_SERVER, NS_SESSION, "session", on_session, PHASE_BOUND},
    {"iq", "set", TARGET_ACCOUNT, NS_SESSION, "session", on_session, PHASE_BOUND},
    {0}};
static const struct mod bind_mod = {.name = "bind",
                                    .routes = routes,
                                    .start = start,
                                    .stream_features = stream_features,
                                    .session_gone = drop};
MOD_REGISTER(bind_mod);
