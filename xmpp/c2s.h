/* c2s.h: the listeners for clients and what happens on their sockets: deadlines, stream headers, features,
 * caps. session.h is what the rest of xmpp/ sees of a client. */
#ifndef FERRY_C2S_H
#define FERRY_C2S_H

#include "xmpp/mod.h"

/* Opens [xmpp] listen, listen_tls and listen_legacy. -1: `why`. */
int c2s_start(struct loop *loop, struct buf *why);
void c2s_ready(struct buf *line); /* " xmpp=... xmpp_tls=... xmpp_legacy=..." */
void c2s_stop_accepting(void);
void c2s_stop(void);
/* The stream header that answers his (or stands before a stream error), and what follows from having sent it.
 */
void c2s_write_header(struct session *s, struct buf *out);

#endif
