/* offer.h: the offer record: what Ferry remembers of a file offer that is open (DESIGN section 3).
 *
 * One capped, volatile record per (sender's full JID, address asked byte for byte, sid). Later stanzas of the
 * sid follow it: to the receiver's resource it is pinned to, or to Ferry, who took over. Whoever answers, the
 * sender hears it from exactly the address he asked. Records end with their transfer, after
 * [offers] answer_timeout without a step, and with the sender's session unless bytes are still coming.
 *
 * Rows 1 and 2 of DESIGN's table are built; the record already holds what the other rows need (methods, raw
 * stream hosts, ids that are unanswered).
 */
#ifndef FERRY_OFFER_H
#define FERRY_OFFER_H

#include "xmpp/idlist.h"
#include "xmpp/intake.h"
#include "xmpp/router.h"
#include "xmpp/siform.h"

enum offer_owner { OFFER_OF_RECEIVER, OFFER_OF_FERRY };

#define OFFER_STATES(X)                                                              \
    X(ASKED, "asked")           /* Ferry's: storage is asked whether it may be */    \
    X(ROUTED, "routed")         /* the receiver's: stanzas go to and fro */          \
    X(ACCEPTED, "accepted")     /* Ferry's: the sender may open his stream */        \
    X(CONNECTING, "connecting") /* Ferry's: a bytestream is being dialled */         \
    X(CLAIMING, "claiming")     /* Ferry's: the claim is under way */                \
    X(OPEN, "open")             /* Ferry's: bytes are coming */                      \
    X(STORING, "storing")       /* Ferry's: all are here, the commit is under way */ \
    X(ENDED, "ended")
enum offer_state {
#define X(n, s) OFFER_##n,
    OFFER_STATES(X)
#undef X
};
const char *offer_state_name(enum offer_state s);

/* What brings the bytes to Ferry (ibb.c, bytestreams.c). */
struct offer_stream {
    void (*free)(void *stream); /* the record is going: let go of everything, say nothing */
};

struct offer;
/* What an offer's session says besides the answers to iqs (jingle.c). All of them run on the loop; NULL where
 * the record is of stream initiation. */
struct offer_side {
    enum took took;
    /* STORING was entered: all bytes are here. intake_commit() follows, now or a little later. */
    void (*whole)(struct offer *o);
    /* A bytestream is up by the host of that index; or none could be reached, and the record is ACCEPTED
     * again.
     */
    void (*reached)(struct offer *o, size_t which);
    void (*unreachable)(struct offer *o);
    /* The record goes, what waited has been answered. why as in offer_end. Frees o->session. */
    void (*ended)(struct offer *o, enum refuse why);
};

/* What an answer of storage comes back to when the record may be gone by then. */
struct asking {
    struct offer *o; /* NULL: gone */
};

struct offer {
    struct offer *chain;       /* hash chain, by the sender's bare JID */
    struct offer *next, *prev; /* all records */
    enum offer_owner owner;
    enum offer_state state;
    char *from, *to_raw, *sid;      /* the key: full JID, address as written, stream id */
    char *from_bare, *to, *to_bare; /* prepared */
    uint64_t from_serial;           /* the sender's session */
    char *pinned;                   /* routed: the receiver's full JID */
    uint64_t pinned_serial;
    int64_t touched;          /* routed: monotonic ms of the last stanza passed on */
    struct idlist asked;      /* unanswered iqs of the sender to the receiver */
    struct idlist asked_back; /* and of the receiver to the sender */
    char *iq_id;              /* of the offer */
    unsigned methods;         /* METHOD_* offered */
    unsigned chosen;          /* the answer: one of them; 0: not answered yet */
    bool ranged, has_md5, granted;
    uint8_t md5[MD5_BYTES];
    struct grant grant; /* Ferry's: id once `granted`; its texts are the record's */
    char *name, *type, *desc;
    struct buf hosts; /* the sender's list of stream hosts, as an element of jabber:client */
    struct loop_timer timer;
    struct pending *answer; /* an iq of the sender whose answer waits (offer, open, query, close) */
    struct intake *intake;  /* CLAIMING to STORING */
    const struct offer_stream *stream_ops;
    void *stream;
    struct asking *asking; /* a question that storage is answering; NULL: none */
    const struct offer_side *side;
    void *session;  /* the side's own */
    bool no_notice; /* the sender ended it himself: he needs no message about it */
};

/* The record of a stanza that p's sender sent to p's address: exactly as asked, else the same address after
 * preparation. NULL: none. */
struct offer *offer_find(const struct packet *p, const char *sid);
/* The routed record by which p's sender, as the receiver, may talk back to p's addressee. NULL: none. */
struct offer *offer_find_back(const struct packet *p, const char *sid);
/* Any record of this sender (full JID) with this sid, whatever the address. NULL: none. */
struct offer *offer_of_sender(const char *from, const char *sid);

/* The records of a sender (full JID) one after the other; after NULL: the first. NULL: no more. */
struct offer *offer_walk(const char *from, const struct offer *after);

/* OFFER_DUPLICATE; TOO_MANY_OFFERS: [limits] offers_per_user of the sender's records are open, and none of
 * them can give way (one that a receiver took, and that was not touched for the longest time, does). */
enum refuse offer_may_open(const struct packet *p, const char *sid);
struct offer *offer_new(const struct packet *p, const struct siform *form, enum offer_owner owner);
void offer_pin(struct offer *o, const struct session *s);
void offer_enter(struct offer *o, enum offer_state to); /* checks the step, logs it, sets the deadline */
/* The grant of an offer that Ferry takes: looks again whether it may be, and gives it an id. */
enum refuse offer_grant(struct offer *o);
/* The stream that was begun is given up for another, before a byte came: what waited of it is refused, the
 * record is ACCEPTED again, under a new grant. A refusal: it can not be again; end it. */
enum refuse offer_restart(struct offer *o);
void offer_whole(struct offer *o); /* all bytes are here: STORING, and the commit */
/* The record goes. why: REFUSE_OK, or why nothing was stored: then what is open is discarded, and an offer
 * that Ferry had accepted leaves its sender a notice. An answer that waits is refused with it. Not in STORING
 * but from the commit's answer. */
void offer_end(struct offer **o, enum refuse why);

/* The sender's list of stream hosts, kept as it came; one longer than OFFER_HOSTS_MAX is not. */
#define OFFER_HOSTS_MAX 8192
void offer_keep_hosts(struct offer *o, const struct stanza *query);

/* Passes a stanza of the sender on to the pinned resource (its iq is answered from the address asked);
 * false: the resource is gone, nothing was sent. offer_back: one of the receiver to the sender. */
bool offer_forward(struct offer *o, struct packet *p);
bool offer_back(struct offer *o, struct packet *p);

/* A resource that takes p now: the full JID's session, or for a bare address his best one that is neither the
 * sender's own nor known to lack stream initiation. NULL: nobody. */
struct session *offer_resource(const struct packet *p);

size_t offer_open_count(void); /* Ferry's records in which bytes are coming or being stored */

#endif
