/* invite.h: a sender who can deliver his bytes in no other way is sent a link to upload the file by. */
#ifndef FERRY_INVITE_H
#define FERRY_INVITE_H

#include "xmpp/offer.h"

/* If storage would take the file for the receiver; of one whose size nobody told as much as the site takes.
 * The record may go meanwhile; a sender who is gone by then is sent nothing. */
void invite_send(const struct offer *o);
/* The same for an offer that named no method by which bytes could come, and has no record. */
void invite_packet(const struct packet *p, const struct siform *form);

#endif
