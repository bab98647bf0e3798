/* jingle.h: one Jingle session in which a file is offered (XEP-0166, XEP-0234): what it keeps beside its
 * offer record. jingle.c has the session that is Ferry's, jingle_say.c its words, jingle_streams.c its
 * transports, jingle_take.c how it became so, jingle_pass.c one that is the receiver's. Loop only.
 */
#ifndef FERRY_JINGLE_H
#define FERRY_JINGLE_H

#include "xmpp/jingleform.h"
#include "xmpp/offer.h"
#include "xmpp/socks.h"

struct jingle_host { /* a candidate of the sender's */
    char *cid, *jid, *host, *port;
};

struct jingle { /* offer->session */
    struct offer *o;
    char *sid;               /* of the session; the record's is the transport's */
    char *creator, *content; /* of its one content */
    char *name;              /* the file's, as offered */
    const char *app;         /* namespace of the description */
    uint32_t block;          /* IBB: agreed */
    bool told;               /* the session-initiate was answered with a result: he waits for our words */
    bool over;               /* he has ended it */
    bool left;               /* routed: the receiver has ended it */
    bool replacing;          /* routed: the sender's transport-replace waits for the receiver's word */
    char *replace_id;        /* its iq's id; NULL: there was none */
    bool no_host[2];         /* routed: the sender, the receiver has said candidate-error */
    bool dismissed;          /* and was told that it is not his any more */
    bool awaited;            /* Ferry's: the receiver, who is there, may yet say yes or no */
    struct arena *yes_arena; /* of his session-accept that came too late; NULL: none */
    struct stanza *yes;
    struct jinglesum sum;
    int64_t offset;         /* the byte that he begins with */
    struct loop_timer wait; /* STORING: for a checksum that was promised */
    struct jingle_host host[JINGLEFORM_CANDIDATES];
    size_t n_hosts;
    char dstaddr[SOCKS_KEY + 1]; /* as he told it; empty: not */
    bool offers;                 /* S5B: Ferry offers our proxy as a host of its own */
    bool failed;                 /* and has reached none of his */
    bool chosen;                 /* and he has connected to Ferry's */
    char proposed[23];           /* the in-band stream that Ferry has offered instead; empty: none */
};

/* --- what Ferry says (jingle_say.c) --- */
/* An iq with <jingle/> of that action, from the address the sender asked; returns the <jingle/>. */
struct stanza *jingle_say(struct arena *arena, const struct offer *o, const char *action);
/* The session's <content/> in it, without children. */
struct stanza *jingle_content(struct stanza *jingle, const struct offer *o);
/* Sends the iq; fn (NULL: nobody cares) as in router_ask, with o->session. */
void jingle_send(const struct offer *o, struct stanza *jingle, iq_answered *fn);

void jingle_say_accept(const struct offer *o, iq_answered *fn);
void jingle_say_received(const struct offer *o);
void jingle_say_terminate(const struct offer *o, enum refuse why);
/* To the receiver, who may be looking at it: it is not his any more. */
void jingle_say_taken(const struct offer *o, enum refuse why);
/* Of a session that never was, there being no record: a result, and the reason behind it. A handler's answer.
 */
int jingle_turn_down(struct packet *p, const char *sid, enum refuse why);

struct jingle *jingle_of(const struct offer *o); /* NULL: not one of Jingle */
void jingle_ask(struct offer *o);                /* ASKED: storage; the session-accept follows, or the end */

/* --- from the receiver to Ferry (jingle_take.c): the record's side, see offer.h --- */
bool jingle_take(struct offer *o);
bool jingle_may_adopt(const struct offer *o);
void jingle_adopted(struct offer *o);
void jingle_left(struct offer *o);
bool jingle_refused(struct offer *o, const char *id, const struct stanza *error);
void jingle_goes_on(struct offer *o);
bool jingle_awaits(const struct offer *o);
void jingle_late_answer(struct offer *o, const struct stanza *error);
void jingle_send_late(struct offer *o);
void jingle_dismiss(struct offer *o); /* a receiver who had accepted, if he is there */
/* An action of a receiver whose session is Ferry's; as a handler. */
int jingle_late(struct offer *o, struct packet *p, const char *action);

/* --- between the two (jingle_pass.c) --- */
/* The session in which p's sender is the receiver of p's address. NULL: none. */
struct offer *jingle_find_back(const struct packet *p, const char *sid);
/* An action of the sender, of the receiver; as handlers. */
int jingle_forth(struct offer *o, struct packet *p, const char *action);
int jingle_back(struct offer *o, struct packet *p, const char *action);

/* --- transports (jingle_streams.c) --- */
/* Keeps what the sender's <transport/> says: the record's methods, candidates. It was read by
 * jingleform_stream. */
void jingle_take_transport(struct offer *o, const struct stanza *transport, unsigned method, uint32_t block);
void jingle_free_transport(struct jingle *j);
void jingle_add_transport(struct stanza *content, const struct offer *o); /* Ferry's answer to it */
/* The sender knows that Ferry has accepted: with S5B, candidates are tried now. */
void jingle_connect(struct offer *o);
void jingle_reached(struct offer *o, size_t which);
void jingle_unreachable(struct offer *o);
int jingle_transport_info(struct offer *o, struct packet *p);
int jingle_transport_replace(struct offer *o, struct packet *p);
/* The answer to Ferry's own transport-replace. */
int jingle_transport_answered(struct offer *o, struct packet *p, bool accepted);
bool jingle_expired(struct offer *o);
void jingle_accept_replace(struct offer *o); /* the transport that the sender has put in place of another */
/* No stream host was reached: the sender is to replace the transport, or Ferry does, at once or after a
 * while.
 */
void jingle_fell(struct offer *o, bool at_once);

#endif
