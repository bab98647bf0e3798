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

enum session_listener { LISTENER_STARTTLS, LISTENER_TLS, LISTENER_LEGACY };

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
    bool asked_proxy;          /* asked our SOCKS5 proxy for its address (DESIGN section 3) */
    void *slots[16];           /* one per module that asked for a place (mod.h) */
    struct session *user_next; /* other sessions of the same user (registry) */
    struct loop_timer timer;
    int64_t last_heard; /* monotonic ms */
    unsigned failed_logins;
};

void session_enter(struct session *s, enum session_state to);
struct session *session_by_serial(uint64_t serial); /* NULL: gone */
const char *session_id(const struct session *s);    /* short text that begins log lines; a static ring */

/* Sending. The element is serialised at once; nothing is kept. No-ops on a closing session. */
void session_send(struct session *s, const struct stanza *st);
void session_send_raw(struct session *s, const char *xml,
                      size_t n); /* already serialised by stanza_write in jabber:client */
/* Sends the stream error and closes. NULL text: none. */
void session_fault(struct session *s, enum stream_fault f, const char *text);
void session_close(struct session *s); /* our closing tag, then wait briefly for his */
/* Told when the client has certainly received what was sent so far (XEP-0198 h, an answer to a ping sent
 * behind it, an error too, or his closing tag), or with sure = false when the session died first. */
typedef void session_delivered(void *arg, bool sure);
void session_confirm(struct session *s, session_delivered *fn, void *arg);

#endif
