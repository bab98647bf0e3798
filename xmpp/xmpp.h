/* xmpp.h: what main.c knows of the XMPP side: start, drain, stop. Everything in xmpp/ lives on the loop's
 * thread.
 */
#ifndef FERRY_XMPP_H
#define FERRY_XMPP_H

#include "base/loop.h"
#include "storage/storage.h"

/* Opens the listeners of [xmpp] and [proxy65], starts the announcer. -1: `why`. */
int xmpp_start(struct loop *loop, struct storage *st, struct buf *why);
/* Appends " xmpp=127.0.0.1:40123 ..." for the ready line. */
void xmpp_ready(struct buf *line);
/* Config and certificates were reloaded (SIGHUP). -1: `why`; the old ones stay. */
int xmpp_reload(struct buf *why);
/* Stops accepting, tells sessions system-shutdown; `done` once nothing is open, or at once when `hurry` is
 * called. */
void xmpp_drain(void (*done)(void *arg), void *arg);
void xmpp_hurry(void);
void xmpp_stop(void); /* frees everything; the loop has stopped */

#endif
