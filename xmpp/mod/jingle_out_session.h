/* jingle_out_session.h: a Jingle session in which Ferry is the initiator, as its two files share it:
 * jingle_out.c has its life and its words, jingle_out_streams.c its transports. Loop only.
 */
#ifndef FERRY_JINGLE_OUT_SESSION_H
#define FERRY_JINGLE_OUT_SESSION_H

#include "xmpp/mod/jingle_out.h"
#include "xmpp/offer.h"
#include "xmpp/socks.h"

enum jingle_out_step {
    JINGLE_OUT_OFFERED,
    JINGLE_OUT_CONNECTING, /* S5B: his word about our proxy */
    JINGLE_OUT_REPLACING,
    JINGLE_OUT_SENDING,
    JINGLE_OUT_SENT, /* he has all bytes: his word about them */
};

struct jingle_out {
    struct jingle_out *next;
    enum jingle_out_step step;
    uint64_t serial; /* the receiver's session */
    struct ferry_id id;
    char *from, *to, *sid, *creator, *content;
    char *stream; /* the transport's id */
    const char *app;
    int64_t offset, size; /* what he wants of it */
    unsigned method;
    uint32_t block;
    char key[SOCKS_KEY + 1]; /* at our proxy; empty: Ferry has offered none */
    bool over;               /* he has ended it */
    bool heard;              /* he says that he has it all */
    struct loop_timer timer;
    outgoing_ended *ended;
    void *arg;
};

/* --- the session (jingle_out.c) --- */
bool jingle_out_there(const struct jingle_out *j); /* is the receiver? */
/* A new iq with the <jingle/>, and its content; jingle_out_send frees its arena. fn NULL: nobody cares. */
struct stanza *jingle_out_say(const struct jingle_out *j, const char *action);
struct stanza *jingle_out_content(struct stanza *jingle, const struct jingle_out *j);
void jingle_out_send(struct stanza *jingle, iq_answered *fn, struct jingle_out *j);
void jingle_out_enter(struct jingle_out *j, enum jingle_out_step to, int64_t wait); /* wait 0: no clock */
/* why: what he is told, unless he has ended it, or left. */
void jingle_out_end(struct jingle_out *j, enum outgoing_end how, enum refuse why);

/* --- its transports (jingle_out_streams.c) --- */
void jingle_out_transport(struct stanza *content, const struct jingle_out *j); /* as it is now */
void jingle_out_replace(struct jingle_out *j);                                 /* by the in-band one */
/* He has accepted it as it is now: p is his session-accept. */
void jingle_out_go_on(struct jingle_out *j, const struct packet *p, uint32_t block);
/* What he says of it, as handlers. */
int jingle_out_accept(struct jingle_out *j, struct packet *p);
int jingle_out_info(struct jingle_out *j, struct packet *p);
int jingle_out_proposal(struct jingle_out *j, struct packet *p);
int jingle_out_replaced(struct jingle_out *j, struct packet *p, bool accepted);

#endif
