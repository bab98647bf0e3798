/* session.h: one client's connection: its stream, its login, its resource. Sessions die; transfers live on.
 *
 * States from one list, changed by session_enter() only, which checks the step and logs old -> new. A session
 * is found by its full JID in the registry (registry.h) from BOUND on. Everything belongs to the loop.
 */
#ifndef FERRY_SESSION_H
#define FERRY_SESSION_H

#include "base/jid.h"
#include "base/sock.h"
#include "xmpp/stream.h"

#define SESSION_STATES(X)                                                           \
    X(ACCEPTED, "accepted")             /* connected; no stream header yet */       \
    X(TLS, "tls")                       /* handshake */                             \
    X(OPEN, "open")                     /* header seen; not logged in */            \
    X(AUTHENTICATING, "authenticating") /* an exchange or a look-up is under way */ \
    X(AUTHENTICATED, "authenticated")   /* who he is stands fast; no resource */    \
    X(BOUND, "bound")                   /* full JID; stanzas flow */                \
    X(CLOSING, "closing")               /* our closing tag is out */                \
    X(DEAD, "dead")
enum session_state {
#define X(n, s) SESSION_##n,
    SESSION_STATES(X)
#undef X
};
const char *session_state_name(enum session_state s);

#define SESSION_RESERVED "ferry" /* a resource nobody else may bind: Ferry sends stored files from it */

enum session_listener { LISTENER_STARTTLS, LISTENER_TLS, LISTENER_LEGACY };

struct user;
struct session_rare; /* what few sessions need: confirmations, waiters, the rate (rare.h) */

struct session {
    uint64_t serial; /* never used twice: a safe weak reference, session_by_serial() */
    enum session_state state;
    enum session_listener listener;
    struct sock *sock;
    struct stream *stream;
    struct jid jid;     /* from AUTHENTICATED: bare; from BOUND: full; text owned by the session */
    const char *domain; /* the served domain the stream was opened to */
    char stream_id[33];
    bool pre_1_0;    /* a stream header without version */
    bool local_peer; /* came over loopback */
    /* presence */
    bool available;
    int8_t priority;
    struct buf presence;       /* last available presence, serialised; empty: none */
    bool wants_roster;         /* asked for it: gets pushes */
    bool asked_proxy;          /* asked our SOCKS5 proxy for its address */
    bool lacks_si;             /* it answered an offer as a client does that knows no stream initiation */
    bool lets_lie;             /* nobody decided on what was brought to it: it gets links (delivery.c) */
    void *slots[16];           /* one per module that asked for a place (mod.h) */
    struct session *user_next; /* other sessions of the same user (registry) */
    struct loop_timer timer;
    int64_t last_heard; /* monotonic ms */
    int64_t since;      /* wall clock of the connection */
    unsigned failed_logins;
    struct user *user;  /* from session_bind() on (registry.h) */
    uint32_t in_count;  /* stanzas (iq, message, presence) received since BOUND; wraps */
    uint32_t out_count; /* stanzas (iq, message, presence) sent so far; wraps */
    uint16_t holds;     /* session_hold() */
    uint16_t work;      /* session_work() */
    bool header_sent;
    char lang[9];                /* of his stream header, as far as it fits; "": none said */
    bool tls_wanted;             /* session_start_tls() was called in this stanza */
    int64_t ping_sent;           /* monotonic ms; 0: none since he was last heard */
    struct buf held;             /* bytes that came while held */
    struct session *serial_next; /* registry */
    struct loop_later later;     /* feeds what was held, or frees the session */
    bool client_closed;          /* his closing tag came */
    bool registered;             /* bound in the registry */
    bool gone;                   /* the modules were told */
    struct session_rare *rare;
    /* XEP-0198: asks for an acknowledgement, because a confirmation waits; session_acked() answers it. NULL
     * where stream management is off. */
    void (*ask_ack)(struct session *s);
};

void session_enter(struct session *s, enum session_state to);
struct session *session_by_serial(uint64_t serial); /* NULL: gone */
const char *session_id(const struct session *s);    /* short text that begins log lines; a static ring */

/* Sending. The element is serialised at once; nothing is kept. No-ops on a closing session. */
void session_send(struct session *s, const struct stanza *st);
/* An iq to him whose answer nobody waits for (else: router_ask). */
struct stanza *session_iq(struct arena *arena, const struct session *s, const char *type);
void session_send_raw(struct session *s, const char *xml,
                      size_t n); /* already serialised by stanza_write in jabber:client */
/* Sends the stream error and closes. NULL text: none. */
void session_fault(struct session *s, enum stream_fault f, const char *text);
void session_close(struct session *s); /* our closing tag, then wait briefly for his */
void session_kill(struct session *s);  /* no more words: the connection is gone. Freed after this turn */

/* Login (the modules of xmpp/mod). */
/* Behind <starttls/>: sends <proceed/> and begins the handshake, or closes without a word when more bytes
 * came in the same read (row 11). Call it last in the handler. */
void session_start_tls(struct session *s);
/* Behind SASL <success/> (already sent): a new stream header follows. The session is AUTHENTICATED by then.
 */
void session_restart(struct session *s);
/* Who he is stands fast: sets the bare JID (prepared, copied) and enters AUTHENTICATED. */
void session_authenticated(struct session *s, const char *bare);
/* Binds a resource (raw; NULL or "": one is made): prepares it, applies resource_conflict and
 * sessions_per_user, loads what the user's modules need (mod.h user_load) while the session is held, enters
 * BOUND. Then done: REFUSE_OK (s->jid is full; now send the result), JID_MALFORMED, CONFLICT,
 * TOO_MANY_SESSIONS. It may run inside the call; it never runs when the session died first. The stanzas
 * behind it wait. */
typedef void session_bound_fn(struct session *s, enum refuse r, void *arg);
void session_bind(struct session *s, const char *resource, session_bound_fn *done, void *arg);

/* While held nothing is read or parsed behind the stanza at hand; counted: each hold needs its release. For
 * answers that must come in order (a look-up during login), and for back pressure. */
void session_hold(struct session *s);
void session_release(struct session *s);
/* A request of this session is on its way through storage (pending.c, subscribe.c); session_worked(its
 * serial) when it is answered. So many may be under way at once; then the session is held until one is done,
 * so that a flood is read no faster than storage answers. None of them waits for more of the session's own
 * words. */
#define SESSION_WORK_MAX 64
void session_work(struct session *s);
void session_worked(uint64_t serial);

/* TLS is on, or the connection never leaves the host's trust as configured: may a password be sent in the
 * clear here? (require_tls; LISTENER_LEGACY always) */
bool session_is_tls(const struct session *s);
bool session_may_login_plain(const struct session *s);
/* Told when the client has certainly received what was sent so far (XEP-0198 h, an answer to a ping sent
 * behind it, an error too, or his closing tag), or with sure = false when the session died first. */
typedef void session_delivered(void *arg, bool sure);
void session_confirm(struct session *s, session_delivered *fn, void *arg);
/* From stream management: everything up to this out_count has been received. */
void session_acked(struct session *s, uint32_t out_count);
bool session_unconfirmed(const struct session *s); /* something still waits */

#endif
