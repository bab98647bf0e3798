/* filebox.h: the resource `ferry` of a user whose clients cannot take a file now ([offers] filebox). Loop
 * only. */
#ifndef FERRY_FILEBOX_H
#define FERRY_FILEBOX_H

#include "xmpp/mod.h"

/* Something has changed of what this user (bare) takes, chose or lets see: his box is judged anew for those
 * who may see it, and all boxes are for him. */
void filebox_changed(const char *bare);
/* One of his resources has answered as a client does that knows no stream initiation: it is offered none any
 * more where another can be. */
void filebox_lacks_si(struct session *s);
/* As filebox_changed, for one box and one seer (bare both). */
void filebox_look(const char *owner, const char *seer);
/* He asks for what the owner shows: the box, if he sees one. */
void filebox_probed(struct session *s, const char *owner);

#endif
