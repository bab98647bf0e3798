/* jingle_propose.c: a file that is proposed by message before its session begins (XEP-0353). Clients mostly
 * do so for calls, which need the person; a file's goes to those who are there, as any message does. Where
 * none of them can take one, Ferry says <proceed/> in the person's name from the resource that is its own,
 * and the session-initiate that follows finds it there (jingle.c). Storage is asked as for the offer itself:
 * of one who may not, or whom nobody knows, nothing comes back; for all other reasons it is <reject/>, so
 * that he goes another way at once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "storage/grant.h"
#include "xmpp/caps.h"
#include "xmpp/jingleform.h"
#include "xmpp/mod.h"
#include "xmpp/router.h"

#define ASKS_MAX 8 /* of a session at a time; more are let lie */

struct proposal {
    struct proposal *next;
    uint64_t serial; /* the sender's session */
    char *to_bare, *id;
    bool too_big;
};

static struct proposal *all;

static void answer(const struct proposal *q, struct session *s, enum refuse r)
{
    struct arena *arena = router_arena();
    struct stanza *m = stanza_new(arena, NS_CLIENT, "message");
    stanza_set(m, "type", "chat");
    stanza_set(m, "from", arena_printf(arena, "%s/" SESSION_RESERVED, q->to_bare));
    stanza_set(m, "to", s->jid.text);
    struct stanza *word = stanza_child(m, NS_JINGLE_MESSAGE, r == REFUSE_OK ? "proceed" : "reject");
    stanza_set(word, "id", q->id);
    if (r != REFUSE_OK) {
        struct stanza *reason = stanza_child(word, NS_JINGLE, "reason");
        stanza_child(reason, NULL, jingleform_reason(r));
        stanza_child_text(reason, NULL, "text", refuse_text(r, s->lang));
    }
    session_send(s, m);
    arena_put(arena);
}

static void on_asked(void *arg, enum refuse r)
{
    struct proposal *q = arg, **at = &all;
    struct session *s = session_by_serial(q->serial);
    while (*at != q)
        at = &(*at)->next;
    *at = q->next;
    if (r == REFUSE_FILE_TOO_LARGE || (r == REFUSE_OK && q->too_big))
        r = REFUSE_OFFER_TOO_BIG;
    bool silent = r == REFUSE_UNKNOWN_USER || r == REFUSE_BLOCKED || r == REFUSE_UNAVAILABLE;
    if (s && s->state == SESSION_BOUND && !silent)
        answer(q, s, r);
    char to[LOG_QUOTE];
    log_info("%s proposal to=%s why=%s", s ? s->jid.text : "-", log_quote(q->to_bare, to),
             r == REFUSE_OK ? "proceed" : refuse_get(r)->name);
    free(q->to_bare);
    free(q->id);
    free(q);
}

static unsigned asks_of(const struct session *s)
{
    unsigned n = 0;
    for (const struct proposal *q = all; q; q = q->next)
        n += q->serial == s->serial;
    return n;
}

/* Has he a resource that takes files by Jingle, for all that is known? */
static bool may_take(const struct session *s, void *arg)
{
    const struct packet *p = arg;
    return s != p->from_session && caps_has(s, CAPS_JINGLE) != CAPS_NO;
}

static int on_message(struct packet *p)
{
    const struct stanza *propose = stanza_find(p->st, NS_JINGLE_MESSAGE, "propose");
    const char *id = propose ? stanza_get(propose, "id") : NULL;
    int64_t size;
    if (!id || !*id || strlen(id) > SIFORM_ID_MAX || strcmp(p->type, "error") == 0 ||
        !jingleform_proposed(propose, &size))
        return MOD_PASS;
    if (registry_best(p->to.text, may_take, p) || !conf_get()->offers_takeover || mod_draining())
        return MOD_PASS;
    if (asks_of(p->from_session) < ASKS_MAX) {
        struct proposal *q = xmalloc(sizeof *q);
        *q = (struct proposal){.next = all,
                               .serial = p->from_session->serial,
                               .to_bare = xstrndup(p->to.text, p->to.bare_len),
                               .id = xstrdup(id),
                               .too_big = size > conf_get()->storage_max_file_size};
        all = q;
        grant_ask(mod_storage(), jid_bare(p->arena, &p->from), q->to_bare, size, mod_home(), on_asked, q);
    }
    /* Those who are there may make something of it; for one who is not it is nothing to keep. */
    return registry_best(p->to.text, NULL, NULL) ? MOD_PASS : MOD_HANDLED;
}

static const struct mod_route routes[] = {
    {"message", NULL, TARGET_USER, NULL, NULL, on_message},
    {"message", NULL, TARGET_ACCOUNT, NULL, NULL, on_message},
    {0},
};
static const struct mod mod_jingle_propose = {.name = "jingle_propose", .routes = routes};
MOD_REGISTER(mod_jingle_propose);
