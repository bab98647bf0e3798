/* jingleoffer.h: the words of a Jingle file transfer (XEP-0234 versions 5 and 4, XEP-0260, XEP-0261) in which
 * Ferry is the initiator: what it says, and what the responder's answers mean. Pure functions of stanzas; the
 * reading of somebody else's offer is jingleform.h.
 */
#ifndef FERRY_JINGLEOFFER_H
#define FERRY_JINGLEOFFER_H

#include "xmpp/jingleform.h"

struct jingleoffer {                /* borrowed for the call */
    const char *app;                /* namespace of the version: a literal */
    const char *name, *type, *desc; /* "": none */
    int64_t size, date;             /* date: seconds; 0: none */
    const uint8_t *sha256;          /* NULL: not known */
};
/* <description/> of what is offered, into a content. */
void jingleoffer_describe(struct stanza *content, const struct jingleoffer *offer);

/* <transport/>, into a content. S5B: host NULL: without a candidate. Returns it. */
#define JINGLEOFFER_CID "proxy"
struct stanza *jingleoffer_s5b(struct stanza *content, const char *sid, const char *key, const char *jid,
                               const char *host, uint16_t port);
struct stanza *jingleoffer_ibb(struct stanza *content, const char *sid, uint32_t block);

/* What part of a file of *size bytes a session-accept asks for: from *offset on, *size bytes then. false: the
 * file has no such part. */
bool jingleoffer_part(const struct stanza *jingle, int64_t *offset, int64_t *size);

/* Why the responder ends a session (his <reason/>, NULL: he gives none). */
enum jingleoffer_why {
    JINGLEOFFER_SUCCESS,
    JINGLEOFFER_NO,     /* decline, busy, cancel, and whatever is not one of the others */
    JINGLEOFFER_CANNOT, /* his client fails, not he */
    JINGLEOFFER_LATE,   /* nobody decided in time */
};
enum jingleoffer_why jingleoffer_why(const struct stanza *reason);
/* The same for the error that answers a session-initiate. */
enum jingleoffer_why jingleoffer_error(const struct stanza *error);

#endif
