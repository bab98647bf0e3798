/* capsform.h: the hash of what a client can (XEP-0115 section 5). Pure: any thread. */
#ifndef FERRY_CAPSFORM_H
#define FERRY_CAPSFORM_H

#include "xmpp/stanza.h"

#define CAPSFORM_VER 28 /* base64 of SHA-1 */

/* The `ver` of a disco#info query. false: it is ill-formed, so that its hash proves nothing: something stands
 * in it twice, a form is of two types, or a text holds the '<' that keeps the parts of the hash's input
 * apart. */
bool capsform_ver(const struct stanza *query, char ver[CAPSFORM_VER + 1]);

#endif
