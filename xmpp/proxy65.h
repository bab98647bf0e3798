/* proxy65.h: our own SOCKS5 proxy for bytestreams (XEP-0065): connections meet under a key (DST.ADDR) and
 * wait, at most 60 s and under caps, until the requester activates them over XMPP. Two connections are then
 * relayed; where Ferry itself is the target it has a seat instead of a connection: no socket, no copy more.
 * It never dials out. Loop only.
 */
#ifndef FERRY_PROXY65_H
#define FERRY_PROXY65_H

#include "base/refuse.h"
#include "base/sock.h"
#include "xmpp/relay.h"
#include "xmpp/socks.h"

int proxy65_start(struct loop *loop, struct buf *why); /* [proxy65] listen; empty: no proxy. -1: `why` */
void proxy65_stop(void);
void proxy65_ready(struct buf *line); /* " proxy65=127.0.0.1:7777" */
uint16_t proxy65_port(void);          /* 0: there is no proxy */
size_t proxy65_busy(void);            /* relays that run */

/* Ferry's place under a key. The other side's connection is given at its activation: the sock, paused, is the
 * owner's then and the seat is gone; early: bytes that came right behind its handshake. NULL: two connections
 * are there already (row 64). */
struct proxy65_seat;
typedef void proxy65_seated(void *owner, struct sock *s, const char *early, size_t n);
struct proxy65_seat *proxy65_join(const char *key, proxy65_seated *fn, void *owner);
void proxy65_leave(struct proxy65_seat **seat); /* NULL is fine */

/* NOT_FOUND: nothing is connected under that key. STREAM_ONE_SIDE: not both sides are there. INTERNAL: no
 * descriptors. proxy65_activate_seat: the same for a seat whose requester spells his address otherwise. */
enum refuse proxy65_activate(const char *key);
enum refuse proxy65_activate_seat(struct proxy65_seat *seat);
bool proxy65_parked(const char *key); /* is somebody connected under that key, not yet activated? */
/* Tells once when the relay that was just activated under the key is over. false: there is none.
 * proxy65_forget: the owner goes first. */
typedef void proxy65_over(void *owner, const struct relay_over *over);
bool proxy65_watch(const char *key, proxy65_over *fn, void *owner);
void proxy65_forget(const void *owner);
struct relay *proxy65_relay(const char *key); /* the one under that key; NULL: there is none */
bool proxy65_waits(const struct net_addr *a); /* is a connection from there parked under some key? */

#endif
