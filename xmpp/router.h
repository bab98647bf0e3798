/* router.h: where a stanza goes (RFC 6121 section 8, XEP-0160), and the ways modules send and ask.
 *
 * router_receive: what a session's stream gave. Stamps `from`, prepares `to`, runs filters and handlers,
 * routes the rest; refuses in one place. router_send: what Ferry itself or a handler sends; no filters, no
 * handlers, `from` as given.
 */
#ifndef FERRY_ROUTER_H
#define FERRY_ROUTER_H

#include "xmpp/mod.h"

void router_receive(struct session *s, struct stanza *st);
/* Delivers to the `to` of st: a full JID's session, or for a bare one by the rules of its kind. false: nobody
 * was there to take it. A message that may be stored offline is stored only with router_message(). */
bool router_send(struct stanza *st);
/* The same for a message, which is stored offline when nobody takes it and it is of a kind that may be
 * (XEP-0160). Errors are swallowed: nobody asked. */
void router_message(struct stanza *st);
/* Routes a packet on as if no handler had taken it (pinned offers: `to_session` names the session; st keeps
 * its `to`). */
void router_deliver(struct session *to_session, const struct stanza *st);
/* What routing would do with this packet now, after handlers passed. */
void router_forward(struct packet *p);

/* Answers to the packet's stanza, `from` exactly as it was addressed. */
void router_result(struct packet *p, struct stanza *payload /* NULL: empty; built in p->arena with ns set */);
void router_refuse(struct packet *p, enum refuse why, const char *detail);

/* For answers that come later: a copy of what an answer needs. It holds no session; if the asker is gone the
 * answer goes nowhere. */
struct pending;
struct pending *router_hold(struct packet *p);
/* A free-standing arena to build the payload in; freed with the pending. */
struct arena *pending_arena(struct pending *q);
const char *pending_to_raw(const struct pending *q);
const struct jid *pending_from(const struct pending *q);
void pending_result(struct pending **q, struct stanza *payload);
void pending_drop(struct pending **q); /* no answer is needed */
void pending_refuse(struct pending **q, enum refuse why, const char *detail);
/* A refusal to add to before it is sent. */
struct stanza *pending_error(struct pending *q, enum refuse why, const char *detail);
void pending_answer(struct pending **q, struct stanza *answer);

/* An iq that Ferry asks: matched on (from, to, id), random id (row 23). answer: the stanza, or NULL when the
 * time is over or the session is gone. The stanza's id is set here. Never two answers. */
typedef void iq_answered(void *arg, const struct stanza *answer);
void router_ask(struct stanza *iq, int64_t timeout_ms, iq_answered *fn, void *arg);
/* A ping: an answer of either kind says that he has what was sent to him before. */
void router_ping(const struct session *s, int64_t timeout_ms, iq_answered *fn, void *arg);
void router_ask_forget(void *arg); /* the asker dies first */

/* A fresh arena of the pool for a stanza built outside a dispatch; arena_put it. */
struct arena *router_arena(void);

#endif
