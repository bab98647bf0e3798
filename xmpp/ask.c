/* ask.c: iqs that Ferry asks, and their answers.
 *
 * Promises: an answer is taken only when (from, to, id) are what was asked, and ids cannot be guessed (row
 * 23); each asker is called exactly once: with the answer, or with NULL when the time is over or the session
 * that was asked is gone. A session has ASKS_MAX open, then the oldest is over, so few are open at a time: a
 * list is enough. */
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "xmpp/parts.h"
#include "xmpp/router.h"

#define ID_CHARS 22 /* 132 bits */
#define ASKS_MAX 32

struct ask {
    struct ask *next;
    char id[ID_CHARS + 1];
    char *to;        /* full JID that was asked, prepared */
    char *from;      /* prepared */
    uint64_t serial; /* its session */
    iq_answered *fn;
    void *arg;
    bool crowded_out;
    struct loop_timer timer;
};

static struct ask *asks;

static void ask_end(struct ask *a, const struct stanza *answer)
{
    struct ask **at = &asks;
    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    loop_timer_clear(&a->timer);
    if (a->fn)
        a->fn(a->arg, answer);
    free(a->to);
    free(a->from);
    free(a);
}

static void ask_timeout(void *arg)
{
    ask_end(arg, NULL);
}

static char *prepared(struct arena *arena, const char *raw)
{
    struct jid j;
    return raw && !jid_parse(arena, raw, strlen(raw), &j) ? xstrdup(j.text) : NULL;
}

/* A client that makes us ask again and again and never answers. Its asker hears of it in a turn to come: it
 * may be the very one that asks now, and in the middle of something. */
static void make_room(uint64_t serial)
{
    struct ask *oldest = NULL;
    unsigned n = 0;
    for (struct ask *a = asks; a; a = a->next)
        if (a->serial == serial && !a->crowded_out) {
            oldest = a; /* the newest stand first */
            n++;
        }
    if (n > ASKS_MAX) {
        oldest->crowded_out = true;
        loop_timer_set(&oldest->timer, 1);
    }
}

void router_ask(struct stanza *iq, int64_t timeout_ms, iq_answered *fn, void *arg)
{
    struct ask *a = xcalloc(1, sizeof(*a));
    random_token(a->id, ID_CHARS);
    stanza_set(iq, "id", a->id);
    a->to = prepared(iq->arena, stanza_get(iq, "to"));
    a->from = prepared(iq->arena, stanza_get(iq, "from"));
    a->fn = fn;
    a->arg = arg;
    a->next = asks;
    asks = a;
    loop_timer_init(&a->timer, mod_loop(), ask_timeout, a);
    struct session *s = a->to ? registry_full(a->to) : NULL;
    if (!s || !a->from) {
        ask_end(a, NULL);
        return;
    }
    a->serial = s->serial;
    loop_timer_set(&a->timer, timeout_ms > 0 ? timeout_ms : 1);
    session_send(s, iq);
    make_room(s->serial);
}

void router_ask_forget(void *arg)
{
    for (struct ask *a = asks; a; a = a->next)
        if (a->arg == arg)
            a->fn = NULL;
}

void router_ping(const struct session *s, int64_t timeout_ms, iq_answered *fn, void *arg)
{
    struct arena *arena = router_arena();
    struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
    stanza_set(iq, "type", "get");
    stanza_set(iq, "from", s->domain);
    stanza_set(iq, "to", s->jid.text);
    stanza_child(iq, NS_PING, "ping");
    router_ask(iq, timeout_ms, fn, arg);
    arena_put(arena);
}

/* true: it was the answer to something. An old client may answer without `to`: then it is meant for us. */
bool ask_answered(struct session *from, const struct jid *to, const struct stanza *st)
{
    const char *id = stanza_get(st, "id");
    for (struct ask *a = asks; a && id; a = a->next) {
        if (a->serial != from->serial || strcmp(a->id, id))
            continue;
        if (stanza_get(st, "to") && strcmp(a->from, to->text))
            continue;
        ask_end(a, st);
        return true;
    }
    return false;
}

void ask_session_gone(struct session *s)
{
    for (struct ask *a = asks; a;) {
        if (a->serial != s->serial) {
            a = a->next;
            continue;
        }
        ask_end(a, NULL);
        a = asks; /* the asker may have asked or forgotten anything */
    }
}

void ask_stop(void)
{
    while (asks)
        ask_end(asks, NULL);
}
