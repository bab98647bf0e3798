/* caps.h: what is known of a client by the capabilities in its presence (XEP-0115). Loop only. */
#ifndef FERRY_CAPS_H
#define FERRY_CAPS_H

#include "xmpp/session.h"

/* Pidgin, Finch, Adium and others of its engine: after item-not-found for its stream hosts, as sender, and
 * for the sender's, as receiver, it goes on in band under the same sid. */
bool caps_is_libpurple(const struct session *s);

#endif
