/* bytestreams.h: the streams in which Ferry is the target, for the proxy's words and for offers that become
 * Ferry's late. */
#ifndef FERRY_BYTESTREAMS_H
#define FERRY_BYTESTREAMS_H

#include "xmpp/dial.h"
#include "xmpp/offer.h"
#include "xmpp/proxy65.h"

/* Ferry's seat at the proxy for this offer, while it waits for its activation; NULL: it has none. */
struct proxy65_seat *bytestreams_seat(const struct offer *o);

struct bytestreams_hosts { /* of a query that waits (o->answer); texts are copied */
    size_t n;
    const char *jid[STREAMHOST_MAX]; /* as he wrote them */
    struct dial_host host[STREAMHOST_MAX];
    const char *proxy; /* our own, as he wrote it; NULL: not among them */
    char proxy_key[SOCKS_KEY + 1];
};
/* Our proxy if it has room under that key, else what may be dialled. The query is answered. */
void bytestreams_try(struct offer *o, const struct bytestreams_hosts *hosts);

/* A stream that was agreed on without a query (Jingle), of a record that is ACCEPTED: our own proxy if
 * `proxy` (its index in hosts; -1: it is not among them) has room under the key that XEP-0065 says, else what
 * may be dialled of hosts. o->side hears how it went, never inside the call. */
void bytestreams_connect(struct offer *o, const struct dial_host *hosts, size_t n, int proxy);
/* The same where the sender is connected to our proxy under that key, as to a host of Ferry's own: nobody
 * activates it but Ferry. He is, or the record ends; o->side->reached is not called. */
void bytestreams_adopt(struct offer *o, const char *key);
/* The sender's connection, where the record is OPEN by a copy of what came over it. Takes fd. */
void bytestreams_go_on(struct offer *o, int fd);
/* Is that the address of our own proxy, which is on? raw may be NULL. */
bool bytestreams_our_proxy(struct arena *arena, const char *raw);
/* Takes a list of stream hosts for Ferry, as if it came now. As a handler: MOD_HANDLED, or a refusal. */
int bytestreams_query(struct offer *o, struct packet *p);

/* Is that raw address this prepared JID? raw may be NULL. */
bool bytestreams_spells(struct arena *arena, const char *raw, const char *prepared);

#endif
