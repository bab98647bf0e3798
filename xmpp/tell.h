/* tell.h: rows of the outbox on their way to somebody: sending their messages, and finding out whether they
 * certainly arrived. announce.c says which rows, and what to do about those that did not arrive. On the loop.
 */
#ifndef FERRY_TELL_H
#define FERRY_TELL_H

#include "xmpp/announce.h"
#include "xmpp/mod.h"

struct tell_host {
    /* A row is under way, for `owner`; and it is settled: told (or refused by his clients: either way it is
     * done), or all of his resources died first. May come inside tell_rows. Of files that are offered none is
     * waited for: they have no owner, and when the last one is through, `settled` says not done. */
    void (*begun)(void *owner);
    void (*settled)(void *owner, const char *jid, bool done);
};
void tell_start(struct loop *loop, struct storage *st, const struct tell_host *host);
void tell_stop(void);

/* Does he want messages now? */
bool tell_reachable(const char *jid);
/* Tells those rows whose users are there and want them, and that are not under way or settled a moment ago.
 * What one sender is told of several files becomes one message. stored: they waited, so a stamp says since
 * when. */
void tell_rows(const struct outbox_item *items, size_t n, bool stored, void *owner);
/* He has blocked somebody: deliveries of his files end, and their rows wait. */
void tell_no_more(const char *jid);
/* A session answered the message of that id with an error. false: none of ours. */
bool tell_error(uint64_t serial, const char *id);

#endif
