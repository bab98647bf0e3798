/* parts.h: what the files of xmpp/ itself (not its modules) call of each other. */
#ifndef FERRY_PARTS_H
#define FERRY_PARTS_H

#include "xmpp/mod.h"

/* mod.c: reads the served domains, starts the modules; stops them. */
int mod_start_all(struct loop *loop, struct storage *st, struct buf *why);
void mod_stop_all(void);
void mod_set_draining(void);
const char *mod_domain_literal(const char *domain); /* the served domain's lasting text; NULL: not served */

/* router.c, dispatch.c, ask.c */
void router_start(void);
void router_stop(void);
bool ask_answered(struct session *from, const struct jid *sender, const struct stanza *st);
void ask_session_gone(struct session *s);
void ask_stop(void);

/* keep.c: a message was given to this session alone: it comes again if it is not acknowledged. */
void keep_message(struct session *s, const struct stanza *st);

/* c2s.c: a session for a socket whose address was counted in mod_gate(). */
struct session *c2s_adopt(struct sock *sock, enum session_listener kind);

/* session.c: freed behind the turn in which it died. */
struct session *session_new(struct sock *sock, enum session_listener l);
void session_bytes(struct session *s, const char *data, size_t n);
void session_drained(struct session *s);
void session_free_all(void);

#endif
