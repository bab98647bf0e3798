/* contacts.h: the roster of a user who is here, in memory: loaded before his first session is bound, kept in
 * step with storage by contacts_changed(). Everything belongs to the loop. */
#ifndef FERRY_CONTACTS_H
#define FERRY_CONTACTS_H

#include "storage/roster.h"
#include "xmpp/mod.h"

struct contacts {
    struct roster_item **items; /* sorted by jid; each is one block of memory with its texts */
    size_t n;
    bool loading, stale; /* stale: something changed while it was read */
};

const struct contacts *contacts_of(const struct user *u);                            /* never NULL */
const struct roster_item *contacts_find(const struct user *u, const char *bare_jid); /* NULL: none */
/* May `who` (bare) see this user's presence; does he see who's? */
bool contacts_sees_us(const struct user *u, const char *who);
bool contacts_we_see(const struct user *u, const char *who);

/* What storage answered to a change of owner's roster, whether he is here or not (sub SUB_REMOVE: it is
 * gone). */
void contacts_changed(const char *owner, const struct roster_item *item);

/* roster.c: tells the owner's interested resources (RFC 6121 section 2.1.6). */
void roster_push(const char *owner, const struct roster_item *item);

#endif
