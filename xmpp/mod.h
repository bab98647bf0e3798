/* mod.h: what a feature is made of. One file in xmpp/mod/ declares its namespaces, disco features, handlers
 * and per-session needs; disco is derived from what is registered. A module registers itself with
 * MOD_REGISTER; there is no list to keep.
 */
#ifndef FERRY_MOD_H
#define FERRY_MOD_H

#include "storage/storage.h"
#include "xmpp/ns.h"
#include "xmpp/registry.h"
#include "xmpp/session.h"

/* A stanza on its way, with what the router found out. Valid during the dispatch. */
struct packet {
    struct session *from_session; /* NULL: made by Ferry itself */
    struct stanza *st;            /* `from` is already stamped */
    struct arena *arena;          /* st's */
    struct jid from;              /* full JID of the sender */
    struct jid to;                /* prepared; when `to` was absent: the sender's bare JID */
    const char *to_raw;           /* as written; NULL: absent */
    const char *kind;             /* "iq" "message" "presence" */
    const char *type;             /* iq: get set result error; else the type or "" */
    const struct stanza *payload; /* iq: its only child; NULL: none */
};

/* Where a stanza is bound for; a handler names one. */
enum target {
    TARGET_SERVER,  /* the served domain, no node */
    TARGET_ACCOUNT, /* the sender's own bare JID, or no `to` */
    TARGET_UPLOAD,  /* upload.DOMAIN */
    TARGET_PROXY,   /* proxy.DOMAIN */
    TARGET_USER,    /* a local user, bare or full: seen BEFORE routing; PASS lets it be routed */
    TARGET_STREAM,  /* not a stanza: a top-level element of the stream (SASL, TLS, SM); kind NULL */
};

/* What a handler returns: HANDLED (it answers, now or later), PASS (not mine after all), or a refusal > 0,
 * which is sent for it. */
#define MOD_HANDLED 0
#define MOD_PASS (-1)
typedef int mod_handler(struct packet *p);

struct mod_route {
    const char *kind; /* "iq", "message", "presence"; NULL for TARGET_STREAM */
    const char *type; /* "get", "set", "result", "error", other; NULL: any */
    enum target target;
    const char *ns;   /* of the payload (iq) or the element itself (stream); NULL: any */
    const char *name; /* NULL: any */
    mod_handler *fn;
    /* When an iq is taken: 0: only from bound sessions; else bits. Before BOUND an iq goes only to routes
     * that say so, with target TARGET_SERVER whatever its `to` is (p->to is the domain), and one that nobody
     * takes ends the stream with not-authorized (row 10). TARGET_STREAM elements are given in every phase. */
    unsigned phases;
};
#define PHASE_BOUND 1
#define PHASE_OPEN 2          /* not logged in (OPEN, AUTHENTICATING) */
#define PHASE_AUTHENTICATED 4 /* logged in, no resource */

struct mod {
    const char *name;
    const char *const *features;         /* disco features of the server (NULL-terminated), or NULL */
    const char *const *account_features; /* of a user's bare JID */
    const char *const *upload_features;  /* of upload.DOMAIN */
    const char *const *proxy_features;   /* of proxy.DOMAIN */
    const char *const *box_features;     /* of a filebox (filebox.c), and of a resource that is not there */
    const struct mod_route *routes;      /* ends with fn NULL */
    /* Hooks, each may be NULL */
    int (*start)(struct loop *loop, struct storage *st, struct buf *why);
    void (*stop)(void);
    int (*reload)(struct buf *why);  /* SIGHUP: conf_get() is the new one; -1: the old stays in force */
    void (*ready)(struct buf *line); /* appends " name=address" for each listener of its own */
    void (*stream_features)(struct session *s, struct stanza *features); /* adds what it offers now */
    void (*session_bound)(struct session *s);
    void (*session_presence)(struct session *s,
                             const struct stanza *st); /* each available presence, before anybody sees it */
    void (*session_caps)(
        struct session *s); /* available; what is known of its client, or may soon be, has changed (caps.h) */
    void (*session_available)(
        struct session *s); /* first available presence, and again when priority changes sign */
    void (*session_unavailable)(struct session *s); /* unavailable presence, or gone while available */
    void (*session_gone)(struct session *s);        /* frees its slot; every session, also one never bound */
    /* Loads what the module keeps about a user (u->data) before his first session is bound; calls
     * registry_user_loaded(jid) exactly once, now or later. user_gone frees it. */
    void (*user_load)(struct user *u);
    void (*user_gone)(struct user *u);
    /* Every stanza from one user to another just before delivery (blocking): REFUSE_OK lets it pass. */
    enum refuse (*filter)(struct packet *p);
    /* A message of type chat or normal to a local address (st's `to`) that no session of his takes. p: whose
     * it is, to be answered now or later; NULL: Ferry's own. true: taken (stored, dropped or answered). */
    bool (*message_absent)(struct packet *p, const struct stanza *st, const struct jid *to);
    void (*disco_extra)(enum target where, struct stanza *query); /* forms, identities */
    /* A node of the service is the module's: it fills the query, disco#info's or disco#items'. */
    bool (*disco_node)(struct packet *p, enum target where, const char *node, struct stanza *query);
    size_t (*busy)(void); /* how many transfers it has open: draining waits for them */
};

#define MOD_REGISTER(m) \
    static const struct mod *const m##_entry_ __attribute__((section("ferry_mods"), used)) = &(m)

const struct mod *mod_next(const struct mod *after); /* NULL: the first */
unsigned mod_session_slot(void);                     /* at start: an index into session->slots */
bool mod_served_domain(const char *domain);          /* one of [xmpp] domain */
const char *mod_domain(void);                        /* the first served domain */
const char *mod_upload(void);                        /* upload.DOMAIN of the first domain */
const char *mod_proxy(void);                         /* proxy.DOMAIN of the first domain */
struct loop *mod_loop(void);
struct storage *mod_storage(void);
struct mailbox *mod_home(void); /* the loop's: `home` of storage's verbs */
struct stream_pool *mod_pool(void);
SSL_CTX *mod_tls(void); /* mod/tls.c: the server's certificate; NULL: there is none (no listener needs it) */
struct net_gate *mod_gate(void);
bool mod_draining(void); /* the daemon is about to stop: nothing new is begun */

#endif
