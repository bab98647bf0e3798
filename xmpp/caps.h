/* caps.h: what is known of a client by the capabilities in its presence (XEP-0115). Loop only.
 *
 * What a `ver` stands for is asked once, of one of those who show it, and believed only when it has that hash
 * (sha-1; others are not read). The answer is kept for whoever shows the same `ver` later.
 */
#ifndef FERRY_CAPS_H
#define FERRY_CAPS_H

#include "xmpp/session.h"

/* Pidgin, Finch, Adium and others of its engine: after item-not-found for its stream hosts, as sender, and
 * for the sender's, as receiver, it goes on in band under the same sid. */
bool caps_is_libpurple(const struct session *s);

enum caps_feature {
    CAPS_SI = 1,     /* stream initiation, or its file transfer */
    CAPS_JINGLE = 2, /* Jingle file transfer, of any version */
    CAPS_LINKS = 4,  /* links with a file behind them, so it uploads: no client names the upload itself */
    CAPS_OOB_IQ = 8, /* jabber:iq:oob */
    CAPS_JINGLE_FT5 = 16, /* the versions that Ferry speaks */
    CAPS_JINGLE_FT4 = 32,
    CAPS_JINGLE_S5B = 64,
    CAPS_JINGLE_IBB = 128,
};
enum caps_known { CAPS_NO, CAPS_YES, CAPS_UNKNOWN };
/* Does the session's client have the feature? UNKNOWN: it shows no (readable) capabilities, or they are not
 * known yet, or could not be proved. mod.h's session_caps tells when that changes. */
enum caps_known caps_has(const struct session *s, enum caps_feature f);
/* They are asked for now: mod.h's session_caps tells when they are known, or will not be. */
bool caps_asking(const struct session *s);
/* It shows none that could ever be known: a client older than they are. */
bool caps_none(const struct session *s);

#endif
