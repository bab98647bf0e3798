/* registry.h: prepared JID -> session(s). The raw `to` is looked up first: it holds prepared JIDs only, so a
 * hit needs no preparation. */
#ifndef FERRY_REGISTRY_H
#define FERRY_REGISTRY_H

#include "xmpp/session.h"

/* A user with at least one session that is bound or binding: what modules keep in memory about him, loaded
 * before his first session is bound, so that routing needs no storage. Freed with his last session. */
enum { USER_ROSTER, USER_BLOCKS, USER_OFFLINE, USER_DATA_COUNT };
struct user_waiting;
struct user {
    struct user *next; /* hash chain */
    uint64_t hash;
    struct session *first; /* bound sessions, newest first */
    unsigned n;            /* of them */
    unsigned refs;         /* sessions bound or binding */
    unsigned loading;      /* modules that have not loaded yet */
    bool unknown;          /* a module could not load: nobody may be bound */
    struct user_waiting *waiting;
    void *data[USER_DATA_COUNT];
    char jid[]; /* bare, prepared */
};
struct user *registry_user_entry(const char *bare_jid); /* NULL: nobody of his is bound or binding */
void registry_user_loaded(const char *bare_jid);        /* a module's user_load has finished */

/* For session.c: a reference for a session about to be bound, which loads the user where it is the first. */
struct user *registry_user_take(const char *bare_jid);
void registry_user_drop(struct user *u);
/* fn(serial, arg) once everything is loaded; at once when it is. The arg of a waiter whose session died is
 * still given to fn, which finds no session by that serial. */
void registry_user_wait(struct user *u, uint64_t serial, void (*fn)(uint64_t serial, void *arg), void *arg);
void registry_add(struct session *s); /* gives the serial */
void registry_remove(struct session *s);
struct session *registry_any(void); /* whatever is left, dead ones too */
void registry_free(void);

struct session *registry_full(const char *full_jid);
/* The sessions of a user: first, then s->user_next. */
struct session *registry_user(const char *bare_jid);
/* Highest priority >= 0 available session; NULL: none. skip: return false to pass one over (NULL: take any).
 */
struct session *registry_best(const char *bare_jid, bool (*take)(const struct session *s, void *arg),
                              void *arg);
int registry_bind(struct session *s); /* s->user and a full s->jid are set. -1: the full JID is in use */
void registry_unbind(struct session *s);
size_t registry_count(void);
void registry_each(bool (*fn)(struct session *s, void *arg), void *arg); /* false stops */

#endif
