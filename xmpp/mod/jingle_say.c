/* jingle_say.c: what Ferry says in a Jingle session: to the sender in the receiver's name, from exactly the
 * address that was asked, and to a receiver from whom it takes one.
 */
#include <stdlib.h>

#include "base/log.h"
#include "xmpp/mod/jingle.h"

#define ASK_MS 30000

struct stanza *jingle_say(struct arena *arena, const struct offer *o, const char *action)
{
    const struct jingle *j = o->session;
    const struct jingleform_line line = {
        .from = o->to_raw, .to = o->from, .initiator = o->from, .sid = j->sid};
    return jingleform_say(arena, &line, action);
}

struct stanza *jingle_content(struct stanza *jingle, const struct offer *o)
{
    const struct jingle *j = o->session;
    return jingleform_content(jingle, j->creator, j->content);
}

static void nobody_cares(void *arg, const struct stanza *answer)
{
}

void jingle_send(const struct offer *o, struct stanza *jingle, iq_answered *fn)
{
    if (fn)
        router_ask(jingle->parent, ASK_MS, fn, o->session);
    else
        router_ask(jingle->parent, ASK_MS, nobody_cares, NULL);
}

void jingle_say_received(const struct offer *o)
{
    const struct jingle *j = o->session;
    struct arena *arena = router_arena();
    struct stanza *jingle = jingle_say(arena, o, "session-info");
    struct stanza *received = stanza_child(jingle, j->app, "received");
    stanza_set(received, "creator", j->creator);
    stanza_set(received, "name", j->content);
    jingle_send(o, jingle, NULL);
    arena_put(arena);
}

void jingle_say_terminate(const struct offer *o, enum refuse why)
{
    const struct session *s = session_by_serial(o->from_serial);
    struct arena *arena = router_arena();
    struct stanza *jingle = jingle_say(arena, o, "session-terminate");
    jingleform_add_reason(jingle, why, s ? s->lang : "");
    jingle_send(o, jingle, NULL);
    arena_put(arena);
}

/* The description as he gave it, without what Ferry has no use for. */
static void add_description(struct stanza *content, const struct offer *o)
{
    const struct jingle *j = o->session;
    struct arena *arena = content->arena;
    struct stanza *file = stanza_child(stanza_child(content, j->app, "description"), NULL, "file");
    if (*o->type)
        stanza_child_text(file, NULL, "media-type", o->type);
    if (*j->name)
        stanza_child_text(file, NULL, "name", j->name);
    if (!o->unsized)
        stanza_child_text(file, NULL, "size", arena_printf(arena, "%lld", (long long)o->grant.size));
    if (o->offset > 0)
        stanza_set(stanza_child(file, NULL, "range"), "offset",
                   arena_printf(arena, "%lld", (long long)o->offset));
    if (sums_has(&j->sum.sums, SUM_SHA256)) {
        struct buf text = {0};
        base64_encode(&text, j->sum.sums.value[SUM_SHA256], SHA256_BYTES);
        stanza_set(stanza_child_text(file, NS_HASHES, "hash", text.data), "algo", sums_name(SUM_SHA256));
        buf_free(&text);
    }
}

void jingle_say_accept(const struct offer *o, iq_answered *fn)
{
    struct arena *arena = router_arena();
    struct stanza *jingle = jingle_say(arena, o, "session-accept");
    stanza_set(jingle, "responder", o->to_raw);
    struct stanza *content = jingle_content(jingle, o);
    stanza_set(content, "senders", "initiator");
    add_description(content, o);
    jingle_add_transport(content, o);
    jingle_send(o, jingle, fn);
    arena_put(arena);
}

/* The receiver, who may be looking at it, hears that it is not his any more. */
void jingle_say_taken(const struct offer *o, enum refuse why)
{
    const struct jingle *j = o->session;
    const struct jingleform_line line = {
        .from = o->from, .to = o->pinned, .initiator = o->from, .sid = j->sid};
    struct arena *arena = router_arena();
    struct stanza *jingle = jingleform_say(arena, &line, "session-terminate");
    jingleform_add_reason(jingle, why, "");
    jingle_send(o, jingle, NULL);
    arena_put(arena);
}

int jingle_turn_down(struct packet *p, const char *sid, enum refuse why)
{
    const struct jingleform_line line = {
        .from = p->to_raw, .to = p->from.text, .initiator = p->from.text, .sid = sid};
    struct stanza *jingle = jingleform_say(p->arena, &line, "session-terminate");
    jingleform_add_reason(jingle, why, p->from_session->lang);
    router_result(p, NULL);
    router_ask(jingle->parent, ASK_MS, nobody_cares, NULL);
    log_info("%s offer refused, jingle why=%s", p->from.text, refuse_get(why)->name);
    return MOD_HANDLED;
}
