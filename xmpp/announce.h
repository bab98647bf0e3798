/* announce.h: the words of the outbox: what receivers and senders are told, as stanzas. announce.c drains the
 * outbox; these are pure and stand apart for the unit test. */
#ifndef FERRY_ANNOUNCE_H
#define FERRY_ANNOUNCE_H

#include "storage/outbox.h"
#include "xmpp/stanza.h"

/* "ferry-ID" for the receiver's message, "ferry-ID-stored" and the like for notices, of n files
 * "ferry-ID-stored-N": derived, so that the same message told twice is the same message, to its origin-id
 * (XEP-0359), and one that says more is another. */
const char *announce_id(struct arena *arena, const struct outbox_item *item, size_t n);

/* The receiver's message (kind FILE). link: where the file is. gateway: who speaks when
 * nobody sent it. stamp NULL: no delay. `to` is set by the caller. */
struct stanza *announce_file(struct arena *arena, const struct outbox_item *item, const char *link,
                             const char *gateway, const char *stamp);
/* A notice, in the language of the tag. Of several files only if all are STORED, FETCHED or UNREAD: one
 * sentence for all, an element for each. link: of a file that is expiring, else NULL. */
struct stanza *announce_notice(struct arena *arena, const struct outbox_item *const *items, size_t n,
                               const char *link, const char *gateway, const char *lang, const char *stamp);

/* He (bare JID) has blocked or unblocked somebody: what is under way ends, or what waits is looked at. */
void announce_blocks_changed(const char *jid);

#endif
