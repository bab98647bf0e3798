/* sasl.c: the SASL exchange (RFC 6120 section 6): <auth/>, <response/>, <abort/>, and their answers.
 *
 * An exchange lives in the session's slot from <auth/> to its verdict and costs nothing before and after.
 * PLAIN (RFC 4616) is two NULs and is read here, where the password can be wiped; SCRAM is scram.c. Who the
 * user is comes from the verified name alone: an authorisation identity may only repeat it (row 34). All
 * failures leave by one door, fail(); success restarts the stream.
 */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "xmpp/login.h"
#include "xmpp/mod.h"
#include "xmpp/mod/scram.h"
#include "xmpp/router.h"

enum kind { PLAIN, SCRAM_SHA1, SCRAM_SHA256 };
/* In the order of preference that clients see. */
static const struct mechanism {
    const char *name;
    enum kind kind;
} mechanisms[] = {{"SCRAM-SHA-256", SCRAM_SHA256}, {"SCRAM-SHA-1", SCRAM_SHA1}, {"PLAIN", PLAIN}};

struct exchange {
    const struct mechanism *mech;
    struct login *login;
    struct scram *scram;
    struct buf first; /* SCRAM: the client's first message, while its keys are looked up */
};

static unsigned slot;

static void drop(struct session *s)
{
    struct exchange *x = s->slots[slot];
    if (!x)
        return;
    s->slots[slot] = NULL;
    login_drop(&x->login);
    scram_free(x->scram);
    buf_free(&x->first);
    free(x);
}

static void wipe(void *p, size_t n)
{
    OPENSSL_cleanse(p, n);
    free(p);
}

/* --- what leaves -------------------------------------------------------------------------------------- */

static void say(struct session *s, const char *name, const struct buf *data)
{
    struct arena *arena = router_arena();
    struct stanza *el = stanza_new(arena, NS_SASL, name);
    if (data && data->len) {
        struct buf text = {0};
        base64_encode(&text, data->data, data->len);
        stanza_add_text(el, text.data, text.len);
        buf_free(&text);
    }
    session_send(s, el);
    arena_put(arena);
}

/* The one failure path. guess: somebody may be trying passwords; the address pays for it. */
static void fail(struct session *s, const char *condition, bool guess)
{
    struct exchange *x = s->slots[slot];
    struct arena *arena = router_arena();
    struct stanza *el = stanza_new(arena, NS_SASL, "failure");
    stanza_child(el, NULL, condition);
    session_send(s, el);
    arena_put(arena);
    if (s->state == SESSION_AUTHENTICATING)
        session_enter(s, SESSION_OPEN);
    login_failed(s, x ? x->login : NULL, x ? x->mech->name : "none", condition, guess);
    drop(s);
}

static void succeed(struct session *s, const struct buf *proof)
{
    struct exchange *x = s->slots[slot];
    login_succeeded(s, x->login);
    session_authenticated(s, login_bare(x->login));
    drop(s);
    say(s, "success", proof);
    session_restart(s);
}

static void conclude(struct session *s, enum login_verdict v, const struct buf *proof)
{
    switch (v) {
    case LOGIN_RIGHT:
        succeed(s, proof);
        break;
    case LOGIN_WRONG:
        fail(s, "not-authorized", true);
        break;
    case LOGIN_DISABLED:
        fail(s, "account-disabled", false);
        break;
    case LOGIN_TROUBLE:
        fail(s, "temporary-auth-failure", false);
        break;
    }
}

/* --- the mechanisms ----------------------------------------------------------------------------------- */

/* An authorisation identity: none, or the user himself as a bare JID. */
static bool authzid_fits(const struct exchange *x, const char *authzid, size_t n)
{
    if (n == 0)
        return true;
    struct arena *arena = router_arena();
    struct jid j;
    bool fits = !memchr(authzid, 0, n) && jid_parse(arena, authzid, n, &j) == 0 && !j.empty_resource &&
                strcmp(j.text, login_bare(x->login)) == 0;
    arena_put(arena);
    return fits;
}

static void judged(struct session *s, struct login *l, enum login_verdict v)
{
    conclude(s, v, NULL);
}

static void plain(struct session *s, struct exchange *x, const char *message, size_t n)
{
    const char *user = memchr(message, 0, n);
    const char *password = user ? memchr(user + 1, 0, (size_t)(message + n - user - 1)) : NULL;
    if (!password) {
        fail(s, "malformed-request", false);
        return;
    }
    x->login = login_new(s, user + 1, (size_t)(password - user - 1), x->mech->name);
    if (!authzid_fits(x, message, (size_t)(user - message))) {
        fail(s, "invalid-authzid", false);
        return;
    }
    login_check_password(x->login, password + 1, (size_t)(message + n - password - 1), judged);
}

static void scram_keys(struct session *s, struct login *l, bool trouble)
{
    struct exchange *x = s->slots[slot];
    if (trouble) {
        conclude(s, LOGIN_TROUBLE, NULL);
        return;
    }
    const struct account *a = login_account(l);
    x->scram =
        scram_new(x->mech->kind == SCRAM_SHA256, x->mech->kind == SCRAM_SHA256 ? &a->sha256 : &a->sha1);
    struct buf out = {0};
    if (scram_step(x->scram, x->first.data, x->first.len, &out) == SCRAM_GO_ON)
        say(s, "challenge", &out);
    else
        fail(s, "not-authorized", true);
    buf_free(&out);
}

static void scram_first(struct session *s, struct exchange *x, const char *message, size_t n)
{
    struct buf user = {0}, authzid = {0};
    enum scram_result r = scram_read_first(message, n, &user, &authzid);
    x->login = login_new(s, user.data ? user.data : "", user.len, x->mech->name);
    if (r != SCRAM_GO_ON) {
        fail(s, r == SCRAM_MALFORMED ? "malformed-request" : "not-authorized", r == SCRAM_WRONG);
    } else if (!authzid_fits(x, authzid.data ? authzid.data : "", authzid.len)) {
        fail(s, "invalid-authzid", false);
    } else {
        buf_add(&x->first, message, n);
        login_look_up(x->login, scram_keys);
    }
    buf_free(&user);
    buf_free(&authzid);
}

/* The final message, once the gate let it pass. It waits in x->first. */
static void scram_judge(struct session *s, struct login *l, bool trouble)
{
    struct exchange *x = s->slots[slot];
    struct buf out = {0};
    enum scram_result r = scram_step(x->scram, x->first.data, x->first.len, &out);
    if (r == SCRAM_MALFORMED)
        fail(s, "malformed-request", false);
    else
        conclude(s, login_proved(l, r == SCRAM_RIGHT), &out);
    buf_free(&out);
}

static void step(struct session *s, const char *message, size_t n)
{
    struct exchange *x = s->slots[slot];
    if (x->scram) {
        buf_free(&x->first);
        buf_add(&x->first, message, n);
        login_gate(x->login, scram_judge);
        return;
    }
    if (x->mech->kind == PLAIN)
        plain(s, x, message, n);
    else
        scram_first(s, x, message, n);
}

/* --- what comes --------------------------------------------------------------------------------------- */

/* Decodes what an element carries and takes the step with it; the text is wiped. */
static void take(struct session *s, const struct stanza *el)
{
    const char *text = stanza_text(el);
    size_t len = strlen(text);
    if (strcmp(text, "=") == 0)
        len = 0;
    uint8_t *message = xmalloc(base64_max(len) + 1);
    ptrdiff_t n = base64_decode(text, len, message);
    if (n < 0)
        fail(s, "incorrect-encoding", false);
    else
        step(s, (const char *)message, (size_t)n);
    wipe(message, base64_max(len) + 1);
    OPENSSL_cleanse((char *)(uintptr_t)text, strlen(text));
}

static const struct mechanism *find(const char *name)
{
    for (size_t i = 0; name && i < ARRAY_LEN(mechanisms); i++)
        if (strcmp(mechanisms[i].name, name) == 0)
            return &mechanisms[i];
    return NULL;
}

/* Nothing of SASL has a place behind success (row 40). */
static bool too_late(struct session *s)
{
    if (s->state == SESSION_OPEN || s->state == SESSION_AUTHENTICATING)
        return false;
    session_fault(s, STREAM_POLICY_VIOLATION, "This stream is logged in already.");
    return true;
}

static int on_auth(struct packet *p)
{
    struct session *s = p->from_session;
    if (too_late(s))
        return MOD_HANDLED;
    if (s->state == SESSION_AUTHENTICATING) {
        fail(s, "aborted", false);
        return MOD_HANDLED;
    }
    const struct mechanism *m = find(stanza_get(p->st, "mechanism"));
    if (s->listener == LISTENER_LEGACY || !m) {
        fail(s, "invalid-mechanism", false);
        return MOD_HANDLED;
    }
    if (!login_sasl_offered(s)) {
        fail(s, "encryption-required", false);
        return MOD_HANDLED;
    }
    struct exchange *x = xcalloc(1, sizeof *x);
    x->mech = m;
    s->slots[slot] = x;
    session_enter(s, SESSION_AUTHENTICATING);
    if (*stanza_text(p->st))
        take(s, p->st);
    else
        say(s, "challenge", NULL); /* all three mechanisms begin with the client */
    return MOD_HANDLED;
}

static int on_response(struct packet *p)
{
    struct session *s = p->from_session;
    struct exchange *x = s->slots[slot];
    if (too_late(s))
        return MOD_HANDLED;
    if (!x)
        fail(s, "malformed-request", false);
    else
        take(s, p->st);
    return MOD_HANDLED;
}

static int on_abort(struct packet *p)
{
    if (!too_late(p->from_session))
        fail(p->from_session, "aborted", false);
    return MOD_HANDLED;
}

static void stream_features(struct session *s, struct stanza *features)
{
    if (s->state != SESSION_OPEN || !login_sasl_offered(s))
        return;
    struct stanza *list = stanza_child(features, NS_SASL, "mechanisms");
    for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
        stanza_child_text(list, NULL, "mechanism", mechanisms[i].name);
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    slot = mod_session_slot();
    if (scram_start() == 0)
        return 0;
    buf_adds(why, "GNU SASL could not be started");
    return -1;
}

static const struct mod_route routes[] = {
    {.target = TARGET_STREAM, .ns = NS_SASL, .name = "auth", .fn = on_auth},
    {.target = TARGET_STREAM, .ns = NS_SASL, .name = "response", .fn = on_response},
    {.target = TARGET_STREAM, .ns = NS_SASL, .name = "abort", .fn = on_abort},
    {0}};
static const struct mod sasl = {.name = "sasl",
                                .routes = routes,
                                .start = start,
                                .stop = scram_stop,
                                .stream_features = stream_features,
                                .session_gone = drop};
MOD_REGISTER(sasl);
