/* pending.c: an answer that comes later: a copy of what it needs, and no session. How many a session may wait
 * for is session_work()'s affair. */
#include <stdlib.h>
#include <string.h>

#include "xmpp/router.h"

struct pending {
    struct arena *arena; /* free-standing: the pool's chunks are for stanzas of this turn */
    uint64_t serial;
    struct stanza *head; /* the stanza's attributes without its children */
    struct jid from;
};

struct pending *router_hold(struct packet *p)
{
    struct arena *arena = arena_get(NULL);
    struct pending *q = arena_zalloc(arena, sizeof(*q));
    q->arena = arena;
    q->serial = p->from_session ? p->from_session->serial : 0;
    if (p->from_session)
        session_work(p->from_session);
    q->head = stanza_new(arena, NS_CLIENT, arena_strdup(arena, p->st->name));
    for (const struct attr *a = p->st->attrs; a; a = a->next)
        stanza_set_ns(q->head, a->ns ? arena_strdup(arena, a->ns) : NULL, arena_strdup(arena, a->name),
                      a->value);
    q->from = p->from;
    q->from.text = arena_strdup(arena, p->from.text);
    return q;
}

struct arena *pending_arena(struct pending *q)
{
    return q->arena;
}

const char *pending_to_raw(const struct pending *q)
{
    return stanza_get(q->head, "to");
}

const struct jid *pending_from(const struct pending *q)
{
    return &q->from;
}

/* The session that asked, and none that has its name by now; NULL: gone, or nobody. */
static struct session *settle(const struct pending *p)
{
    session_worked(p->serial);
    return session_by_serial(p->serial);
}

void pending_answer(struct pending **q, struct stanza *answer)
{
    struct pending *p = TAKE(*q);
    struct session *s = settle(p);
    if (s)
        session_send(s, answer);
    else if (!p->serial)
        router_send(answer);
    arena_put(p->arena);
}

void pending_result(struct pending **q, struct stanza *payload)
{
    struct stanza *st = stanza_result((*q)->arena, (*q)->head);
    if (payload)
        stanza_add(st, payload);
    pending_answer(q, st);
}

struct stanza *pending_error(struct pending *q, enum refuse why, const char *detail)
{
    return stanza_error(q->arena, q->head, why, detail);
}

void pending_refuse(struct pending **q, enum refuse why, const char *detail)
{
    pending_answer(q, pending_error(*q, why, detail));
}

void pending_drop(struct pending **q)
{
    struct pending *p = TAKE(*q);
    (void)settle(p);
    arena_put(p->arena);
}
