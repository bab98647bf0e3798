/* outgoing.h: Ferry as the sender of a stored file: the stream behind an offer that a receiver has taken, by
 * a bytestream through our own proxy (XEP-0065), or in band (XEP-0047), whichever comes first among the
 * methods he may be asked; or, agreed on otherwise (Jingle), one of the two. The file stays, and so does its
 * link. Loop only; it never dials.
 *
 * It is completed when he has answered the last block and the close, or has ended the connection behind the
 * last byte, or has said that he has it all; then the transfer counts as fetched. Who waits for the end
 * writes that down himself, with what else it means to him.
 */
#ifndef FERRY_OUTGOING_H
#define FERRY_OUTGOING_H

#include "storage/id.h"
#include "xmpp/router.h"

enum outgoing_end {
    OUTGOING_COMPLETED,
    OUTGOING_DECLINED, /* he closed it */
    OUTGOING_FAILED,   /* no method came through, it broke off, or he was silent */
    OUTGOING_LEFT,     /* his session is gone */
    OUTGOING_GONE,     /* there is no such file any more */
    OUTGOING_CANNOT,   /* of an offer (jingle_out.h): his client takes none of its kind */
    OUTGOING_SILENT,   /* of an offer: nobody decided in time */
};
typedef void outgoing_ended(void *arg, enum outgoing_end how);

struct outgoing_terms { /* copied */
    const struct ferry_id *id;
    int64_t offset, size; /* from which byte, and how many */
    const char *from;     /* full JID that the receiver knows as the sender */
    const char *to;       /* his full JID; he is there */
    const char *sid;
    unsigned methods;      /* METHOD_IBB, METHOD_S5B: tried in this order: S5B, IBB */
    const char *key;       /* NULL, or: nothing is asked, he is connected to our proxy under it */
    uint32_t block;        /* in band: as agreed; 0: nothing was */
    outgoing_ended *ended; /* NULL, or called once: not by outgoing_start, not when the daemon stops */
    void *arg;
};
/* false: too many are under way to him; nothing happens then but that the link stays. */
bool outgoing_start(const struct outgoing_terms *terms);

void outgoing_forget(void *arg); /* who waits for the end is gone: the stream ends */
/* He says that he has it all. true: he may have, and it is completed. false: some of it is still here. */
bool outgoing_received(const void *arg);

/* A stanza of the receiver about such a stream, el: the element with the sid. true: it was ours. */
bool outgoing_takes(struct packet *p, const struct stanza *el);

#endif
