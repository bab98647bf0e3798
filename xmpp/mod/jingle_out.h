/* jingle_out.h: Jingle sessions in which Ferry is the initiator: a stored file is offered to a receiver who
 * is there (XEP-0166, XEP-0234), through our own proxy (XEP-0260) or in band (XEP-0261). The bytes go by
 * outgoing.h, the words are jingleoffer.h's. Loop only.
 */
#ifndef FERRY_JINGLE_OUT_H
#define FERRY_JINGLE_OUT_H

#include "xmpp/jingleoffer.h"
#include "xmpp/outgoing.h"

struct jingle_out_terms { /* copied */
    const struct ferry_id *id;
    struct jingleoffer file;
    const char *from;      /* full JID that the receiver knows as the sender */
    const char *to;        /* his full JID; he is there */
    unsigned methods;      /* METHOD_S5B, METHOD_IBB: what his client takes; by S5B first */
    outgoing_ended *ended; /* NULL, or called once: never inside a call, not when the daemon stops */
    void *arg;
};
/* Offers it. Ends with CANNOT when his client, not he, refuses; with SILENT when he was. false: he
 * is not there. */
bool jingle_out_start(const struct jingle_out_terms *terms);

/* A session that the sender himself has begun, whose session-accept p came, and was answered, when the sender
 * was no part of it any more: Ferry goes on in his name (terms.file: app and size alone). What he accepted in
 * band comes so; S5B is replaced, for the sender's stream hosts are gone. false: p names no such stream. */
struct jingle_out_session {
    const char *sid, *creator, *content; /* of the session, and of its content */
};
bool jingle_out_adopt(const struct jingle_out_terms *terms, const struct jingle_out_session *session,
                      const struct packet *p);

void jingle_out_forget(const void *arg); /* who waits for the end is gone: the session ends */

/* An action of the receiver in such a session, as a handler; MOD_PASS: it is in none. */
int jingle_out_takes(struct packet *p, const char *action, const char *sid);

#endif
