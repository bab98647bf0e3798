/* registry.h: prepared JID -> session(s). The raw `to` is looked up first: it holds prepared JIDs only, so a
 * hit needs no preparation. */
#ifndef FERRY_REGISTRY_H
#define FERRY_REGISTRY_H

#include "xmpp/session.h"

struct session *registry_full(const char *full_jid);
/* The sessions of a user: first, then s->user_next. */
struct session *registry_user(const char *bare_jid);
/* Highest priority >= 0 available session; NULL: none. skip: return false to pass one over (NULL: take any).
 */
struct session *registry_best(const char *bare_jid, bool (*take)(const struct session *s, void *arg),
                              void *arg);
int registry_bind(struct session *s); /* -1: the full JID is in use */
void registry_unbind(struct session *s);
size_t registry_count(void);
void registry_each(bool (*fn)(struct session *s, void *arg), void *arg); /* false stops */

#endif
