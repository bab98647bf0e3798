/* offer.h: the offer record: what Ferry remembers of a file offer that is open (doc/XMPP.md).
 *
 * One capped, volatile record per (sender's full JID, address asked byte for byte, sid). Later stanzas of the
 * sid follow it: to the receiver's resource it is pinned to, or to Ferry, who took over. Whoever answers, the
 * sender hears it from exactly the address he asked. Records end with their transfer, after
 * [offers] answer_timeout without a step, and with the sender's session unless bytes still come beside it.
 * One that Ferry took from a receiver who is still there outlives its transfer, so that his late answer finds
 * it.
 *
 * offer.c has the table and the lives, offer_pass.c what goes to and fro between the two, takeover.c what
 * makes an offer Ferry's, late.c what the receiver says when it is.
 */
#ifndef FERRY_OFFER_H
#define FERRY_OFFER_H

#include "xmpp/idlist.h"
#include "xmpp/intake.h"
#include "xmpp/router.h"
#include "xmpp/siform.h"

enum offer_owner { OFFER_OF_RECEIVER, OFFER_OF_FERRY };

#define OFFER_STATES(X)                                                              \
    X(ROUTED, "routed")         /* the receiver's: his answer is waited for */       \
    X(TAKEN, "taken")           /* the receiver's: he accepted, no stream yet */     \
    X(OPENING, "opening")       /* the receiver's: a stream waits for his answer */  \
    X(FLOWING, "flowing")       /* the receiver's: he took a stream */               \
    X(FALLBACK, "fallback")     /* no stream host was reached: in band, or a link */ \
    X(ASKED, "asked")           /* Ferry's: storage is asked whether it may be */    \
    X(ACCEPTED, "accepted")     /* Ferry's: the sender may open his stream */        \
    X(CONNECTING, "connecting") /* Ferry's: a bytestream is being dialled */         \
    X(CLAIMING, "claiming")     /* Ferry's: the claim is under way */                \
    X(OPEN, "open")             /* Ferry's: bytes are coming */                      \
    X(STORING, "storing")       /* Ferry's: all are here, the commit is under way */ \
    X(LATE, "late")             /* over; the receiver may still answer */            \
    X(ENDED, "ended")
enum offer_state {
#define X(n, s) OFFER_##n,
    OFFER_STATES(X)
#undef X
};
const char *offer_state_name(enum offer_state s);

/* Shorter waits than a person's click are shares of [offers] answer_timeout; with 300 s these are: */
enum offer_wait {
    OFFER_WAIT_STREAM = 300, /* thousandths: 90 s for the answer to a stream */
    OFFER_WAIT_INBAND = 50,  /* 15 s for an in-band open behind an unreachable stream host */
    OFFER_WAIT_KEPT = 200,   /* 60 s in all for that */
};
int64_t offer_wait_ms(enum offer_wait w);

/* What brings the bytes to Ferry (ibb.c, bytestreams.c). */
struct offer_stream {
    void (*free)(void *stream); /* the record is going: let go of everything, say nothing */
    void (*stop)(void *stream); /* NULL, or: the sender should stop before that */
    /* NULL, or: its bytes come by the sender's session, which is gone. What has come may be all of it. */
    void (*left)(void *stream);
    /* A stream that the receiver gets, of which a copy is kept (state FLOWING): what comes of its claim. */
    const struct intake_events *copy;
};

struct offer;
/* What an offer's session says besides the answers to iqs (jingle.c). All of them run on the loop; NULL where
 * the record is of stream initiation. */
struct offer_side {
    enum took took;
    /* It is the receiver's, and one of the two has ended it: kept for what is still on its way. */
    bool (*is_over)(const struct offer *o);
    /* ROUTED: the receiver's client cannot, he does not answer, or has left. true: it is Ferry's now. */
    bool (*take)(struct offer *o);
    /* The receiver had accepted, and no byte has come. May Ferry go on in his place? It does: ACCEPTED, and
     * no stream of the sender waits for its answer. Or it does not, and the receiver has left. */
    bool (*may_adopt)(const struct offer *o);
    void (*adopted)(struct offer *o);
    void (*left)(struct offer *o);
    /* The receiver has refused an iq of the sender other than the offer. true: Ferry answers it, now or
     * later. */
    bool (*refused)(struct offer *o, const char *id, const struct stanza *error);
    /* It is Ferry's: may the receiver, who is there, still say yes or no? His answer to the offer's iq came
     * (error NULL: a result). He has said yes, and the file is stored. */
    bool (*awaits)(const struct offer *o);
    void (*late_answer)(struct offer *o, const struct stanza *error);
    void (*send_late)(struct offer *o);
    /* TAKEN or ACCEPTED, and no stream in time. false: it ends. */
    bool (*expired)(struct offer *o);
    /* STORING was entered: all bytes are here. intake_commit() follows, now or a little later. */
    void (*whole)(struct offer *o);
    /* FLOWING: the receiver is gone, and Ferry goes on in his name by the copy it has; OPEN follows. NULL:
     * nothing is to be done. */
    void (*goes_on)(struct offer *o);
    /* A bytestream is up by the host of that index; or none could be reached, and the record is ACCEPTED
     * again.
     */
    void (*reached)(struct offer *o, size_t which);
    void (*unreachable)(struct offer *o);
    /* It is over, what waited has been answered. why as in offer_end. */
    void (*ended)(struct offer *o, enum refuse why);
    void (*free)(struct offer *o); /* o->session */
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
    struct arena *iq_arena;   /* of iq; NULL: there is none */
    struct stanza *iq;        /* the sender's iq (offer: its head alone) that waits for the receiver */
    bool opened;              /* a stream's bytes are on their way to the receiver */
    bool inband;              /* and it is an in-band one */
    bool part;                /* the receiver asked for a part of the file */
    bool relayed;             /* it runs through our proxy */
    bool cut;                 /* it did, and ended before the file was whole */
    bool no_dial;             /* the receiver may still be dialling himself */
    bool fell;                /* no stream host was reached before */
    bool invited;             /* FALLBACK: the sender was sent a link */
    bool stored;              /* LATE: it was stored under grant.id */
    unsigned late_yes;        /* METHOD_* that he chose when it was Ferry's already */
    bool late_no;             /* and so he declined it */
    uint64_t held;            /* the sender's session, which waits for storage's word; 0: none */
    struct idlist asked;      /* unanswered iqs of the sender to the receiver */
    struct idlist absorbed;   /* those that Ferry answers, or has: the receiver's answers end here */
    struct idlist asked_back; /* and of the receiver to the sender */
    char *iq_id;              /* of the offer */
    unsigned methods;         /* METHOD_* offered */
    unsigned chosen;          /* the answer: one of them; 0: not answered yet */
    bool ranged, has_md5, has_sums, granted;
    bool unsized;               /* grant.size is the most that is taken */
    uint8_t md5[MD5_BYTES];     /* as declared in the offer */
    uint8_t sums[SHA256_BYTES]; /* a digest of all that was declared */
    struct grant grant;         /* Ferry's: id once `granted`; its texts are the record's */
    char *name, *type, *desc, *date;
    int64_t offset; /* bytes that are kept already: the stream begins behind them */
    struct loop_timer timer;
    struct pending *answer; /* an iq of the sender whose answer waits (offer, open, query, close) */
    struct intake *intake;  /* CLAIMING to STORING; FLOWING: the copy of what the receiver gets */
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

/* The record whose receiver (full JID) has this sid from this sender, as he writes him. NULL: none. */
struct offer *offer_of_receiver(const char *to, const struct jid *from, const char *sid);

/* The records of a sender (full JID) one after the other; after NULL: the first. NULL: no more. */
struct offer *offer_walk(const char *from, const struct offer *after);
bool offer_any_routed(void); /* is there a record with a receiver at all? */
struct offer *
offer_chain(const struct jid *sender); /* a walk along ->chain meets all of this user's, and others' */

/* OFFER_DUPLICATE; TOO_MANY_OFFERS: [limits] offers_per_user of the sender's records are open, and none of
 * them can give way (one that a receiver took, or that is over, and that was not touched for the longest
 * time, does). */
enum refuse offer_may_open(const struct packet *p, const char *sid);
struct offer *offer_new(const struct packet *p, const struct siform *form, enum offer_owner owner);
void offer_pin(struct offer *o, const struct session *s);
void offer_enter(struct offer *o, enum offer_state to); /* checks the step, logs it, sets the deadline */
/* May Ferry take it? OK: it has a grant now. Nobody is called when the record goes first, or drops its copy.
 */
typedef void offer_asked(struct offer *o, enum refuse r);
void offer_ask(struct offer *o, offer_asked *asked);
void offer_accept(struct offer *o, unsigned method); /* by Ferry, logged: ACCEPTED */
/* Claims it, at its offset: o->intake. */
void offer_claim(struct offer *o, const struct intake_events *ev);
/* The stream that was begun is given up for another, before a byte came: what waited of it is refused, the
 * record is ACCEPTED again, under a new grant unless it goes on with what is kept. A refusal: it can not be
 * again; end it. */
enum refuse offer_restart(struct offer *o);
/* The copy of what the receiver gets: claimed with the record's grant; dropped when it may not be or is not
 * needed, which tells nobody and ends nothing; or Ferry's, since he has left: OPEN, and its stream is to be
 * gone on with. */
void offer_copy_claim(struct offer *o);
void offer_copy_drop(struct offer *o);
void offer_stream_over(
    struct offer *o); /* the receiver gets another: the copy is dropped, the relay forgotten */
void offer_copy_goes_on(struct offer *o);
void offer_whole(struct offer *o); /* all bytes are here: STORING, and the commit */
/* The record goes. why: REFUSE_OK, or why nothing was stored: then what is open is discarded, and an offer
 * that Ferry had accepted leaves its sender a notice. An answer that waits is refused with it. Not in STORING
 * but from the commit's answer. */
void offer_end(struct offer **o, enum refuse why);

/* The iq that waits for the receiver: kept until offer_drop_iq, so that Ferry can answer it in his place. Of
 * an offer the head; of a list of stream hosts those that fit into OFFER_IQ_MAX. */
#define OFFER_IQ_MAX 16384
void offer_keep_iq(struct offer *o, const struct packet *p);
void offer_drop_iq(struct offer *o);
/* The packet of the kept iq, as if it came now. false: none is kept, or the sender is gone. */
bool offer_kept_packet(struct offer *o, struct packet *p);
/* From the receiver to Ferry (ASKED), or back (FALLBACK). */
void offer_take(struct offer *o);
void offer_give_back(struct offer *o);
/* The sender's next words wait until storage has spoken; released by leaving ASKED too. */
void offer_hold_sender(struct offer *o);
void offer_release_sender(struct offer *o);
/* An ended record stays where the receiver may still answer what the sender was answered for him. */
bool offer_receiver_there(const struct offer *o);
/* A "not stored" notice for the sender, for what ended without a row that would carry one: an offer before
 * its first byte, or a relayed stream of which nothing was kept (RECEIVER_LEFT). */
void offer_tell_sender(const struct offer *o, enum refuse why);

/* Passes a stanza of the sender on to the pinned resource (its iq is answered from the address asked);
 * false: the resource is gone, nothing was sent. offer_back: one of the receiver to the sender. */
bool offer_forward(struct offer *o, struct packet *p);
bool offer_back(struct offer *o, struct packet *p);
/* A result, in the receiver's place, for every iq of the sender that he has not answered, but the kept one.
 */
void offer_acknowledge(const struct offer *o);

/* A resource that takes p now: the full JID's session, or for a bare address his best one that is neither the
 * sender's own nor known to lack stream initiation. NULL: nobody. */
struct session *offer_resource(const struct packet *p);

size_t offer_open_count(void); /* Ferry's records in which bytes are coming or being stored */

#endif
