/* iqauth.c: the old login, jabber:iq:auth (XEP-0078), for clients that know no SASL.
 *
 * Which fields are in force is a matter of the listener, the configuration and TLS, never of the account:
 * `get` tells nobody who exists. A `set` needs no `get` before it. Every refusal is an error with its old
 * code: 401 for all that is wrong about who he says he is, 406 for what is missing or not in force here, 409
 * for a resource that is taken. Success binds the resource: the result is the last thing of the login.
 */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "xmpp/login.h"
#include "xmpp/mod.h"
#include "xmpp/router.h"

/* A `set` that is being judged. */
struct attempt {
    struct login *login;
    struct arena *arena; /* of iq */
    struct stanza *iq;   /* the request's frame, for its answer */
    char *resource;      /* prepared */
    const char *how;
};

static unsigned slot;

static void drop(struct session *s)
{
    struct attempt *a = s->slots[slot];
    if (!a)
        return;
    s->slots[slot] = NULL;
    login_drop(&a->login);
    arena_put(a->arena);
    free(a->resource);
    free(a);
}

/* --- get ---------------------------------------------------------------------------------------------- */

static int get(struct packet *p)
{
    bool somewhere;
    unsigned fields = login_legacy_fields(p->from_session, &somewhere);
    if (!somewhere)
        return REFUSE_UNAVAILABLE; /* XEP-0078 section 3.1: not supported */
    if (!fields)
        return REFUSE_NOT_ACCEPTABLE; /* TLS comes first (row 35) */
    struct stanza *query = stanza_new(p->arena, NS_IQ_AUTH, "query");
    struct stanza *name = stanza_find(p->payload, NULL, "username");
    stanza_child_text(query, NULL, "username", stanza_text(name));
    if (fields & LOGIN_PASSWORD)
        stanza_child(query, NULL, "password");
    if (fields & LOGIN_DIGEST)
        stanza_child(query, NULL, "digest");
    stanza_child(query, NULL, "resource");
    router_result(p, query);
    return MOD_HANDLED;
}

/* --- set ---------------------------------------------------------------------------------------------- */

/* Answers with the error, logs it and leaves the client free to try again. */
static void refuse(struct session *s, enum refuse why, bool guess)
{
    struct attempt *a = s->slots[slot];
    session_send(s, stanza_error(a->arena, a->iq, why, NULL));
    if (s->state == SESSION_AUTHENTICATING)
        session_enter(s, SESSION_OPEN);
    login_failed(s, a->login, a->how, refuse_get(why)->cond, guess);
    drop(s);
}

static void bound(struct session *s, enum refuse r, void *arg)
{
    struct attempt *a = s->slots[slot];
    if (r == REFUSE_OK) {
        login_succeeded(s, a->login);
        session_send(s, stanza_result(a->arena, a->iq));
        drop(s);
        return;
    }
    /* Verified, but without a resource: this protocol has no such state. */
    refuse(s, r, false);
    session_close(s);
}

/* A resource that is taken is refused before he is logged in, so that he may try another one (409). */
static bool resource_free(struct session *s, const struct attempt *a)
{
    if (strcmp(a->resource, SESSION_RESERVED) == 0)
        return false;
    if (strcmp(conf_get()->xmpp_resource_conflict, "refuse") != 0)
        return true;
    char *full = xasprintf("%s/%s", login_bare(a->login), a->resource);
    bool is_free = !registry_full(full);
    free(full);
    return is_free;
}

static void judged(struct session *s, struct login *l, enum login_verdict v)
{
    struct attempt *a = s->slots[slot];
    if (v == LOGIN_TROUBLE) {
        refuse(s, REFUSE_INTERNAL, false);
    } else if (v != LOGIN_RIGHT) {
        refuse(s, REFUSE_NOT_AUTHORIZED,
               v == LOGIN_WRONG); /* this protocol has no word for a disabled account */
    } else if (!resource_free(s, a)) {
        refuse(s, REFUSE_CONFLICT, false);
    } else {
        session_authenticated(s, login_bare(l));
        session_bind(s, a->resource, bound, NULL);
    }
}

/* The text of a field; NULL: absent or empty. */
static const char *field(const struct packet *p, const char *name)
{
    const char *text = stanza_text(stanza_find(p->payload, NULL, name));
    return *text ? text : NULL;
}

/* Whether a `set` has all it needs; *by_digest: which of its proofs is taken. */
static enum refuse complete(const struct packet *p, char resource[JID_PART_MAX + 1], bool *by_digest)
{
    bool somewhere;
    unsigned fields = login_legacy_fields(p->from_session, &somewhere);
    if (!somewhere)
        return REFUSE_UNAVAILABLE;
    if (p->from_session->state != SESSION_OPEN)
        return REFUSE_UNEXPECTED; /* a SASL exchange is under way */
    if (!field(p, "username") || !field(p, "resource") ||
        jid_prep_resource(field(p, "resource"), resource) != 0)
        return REFUSE_NOT_ACCEPTABLE;
    *by_digest = field(p, "digest") && (fields & LOGIN_DIGEST);
    if (!*by_digest && !(field(p, "password") && (fields & LOGIN_PASSWORD)))
        return REFUSE_NOT_ACCEPTABLE;
    return REFUSE_OK;
}

static int set(struct packet *p)
{
    struct session *s = p->from_session;
    char resource[JID_PART_MAX + 1];
    bool by_digest = false;
    enum refuse why = complete(p, resource, &by_digest);
    const char *password = field(p, "password");
    if (why != REFUSE_OK) {
        session_send(s, stanza_error(p->arena, p->st, why, NULL));
        login_failed(s, NULL, "iq-auth", refuse_get(why)->cond, false);
    } else {
        const char *user = field(p, "username");
        struct attempt *a = xcalloc(1, sizeof *a);
        s->slots[slot] = a;
        a->arena = arena_get(NULL);
        a->iq = login_frame(a->arena, p->st);
        a->resource = xstrdup(resource);
        a->how = by_digest ? "iq-auth-digest" : "iq-auth-password";
        a->login = login_new(s, user, strlen(user), a->how);
        session_enter(s, SESSION_AUTHENTICATING);
        if (by_digest)
            login_check_digest(a->login, field(p, "digest"), judged);
        else
            login_check_password(a->login, password, strlen(password), judged);
    }
    if (password)
        OPENSSL_cleanse((char *)(uintptr_t)password, strlen(password));
    return MOD_HANDLED;
}

/* A second login on a stream that has one (row 40). */
static int again(struct packet *p)
{
    session_fault(p->from_session, STREAM_POLICY_VIOLATION, "This stream is logged in already.");
    return MOD_HANDLED;
}

static void stream_features(struct session *s, struct stanza *features)
{
    if (s->state == SESSION_OPEN && login_legacy_fields(s, NULL))
        stanza_child(features, NS_IQ_AUTH_FEATURE, "auth");
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    slot = mod_session_slot();
    return 0;
}

#define LATE PHASE_BOUND | PHASE_AUTHENTICATED
static const struct mod_route routes[] = {{"iq", "get", TARGET_SERVER, NS_IQ_AUTH, "query", get, PHASE_OPEN},
                                          {"iq", "set", TARGET_SERVER, NS_IQ_AUTH, "query", set, PHASE_OPEN},
                                          {"iq", "set", TARGET_SERVER, NS_IQ_AUTH, "query", again, LATE},
                                          {"iq", "set", TARGET_ACCOUNT, NS_IQ_AUTH, "query", again, LATE},
                                          {0}};
static const struct mod iqauth = {.name = "iqauth",
                                  .routes = routes,
                                  .start = start,
                                  .stream_features = stream_features,
                                  .session_gone = drop};
MOD_REGISTER(iqauth);
