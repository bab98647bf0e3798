/* login.c: one attempt to log in, from the name to the verdict. See login.h.
 *
 * An attempt goes NEW -> LOOKING (storage fetches the keys) -> FOUND -> [GATED: its address is slowed down]
 * -> [CHECKING: a worker stretches the password] -> FOUND. What storage is given is a small request of its
 * own: an attempt that ends early only cuts itself off from it, and the answer then frees the request and
 * nothing else.
 */
#include "xmpp/login.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/codec.h"
#include "base/conf.h"
#include "base/log.h"
#include "xmpp/mod.h"

/* How long storage may take for the keys. An index that is slower than that is in trouble, and the client had
 * better hear it than be cut off by limits.unauthenticated. */
#define STORE_MS 5000
/* A held address is asked again after this and up to as much more, so that waiting attempts do not march in
 * step. */
#define GATE_MS 500
/* The longest password an account can have (account.h). */
#define PASSWORD_MAX 255

enum phase { NEW, LOOKING, FOUND, GATED, CHECKING };

struct request {
    struct login *login; /* NULL: nobody waits any more */
};

struct login {
    struct session *s;
    enum phase phase;
    const char *how;
    unsigned epoch;  /* of the accounts, when its keys were asked for */
    char *bare;      /* "" when the name cannot exist */
    bool known;      /* there is such an account */
    bool impossible; /* whatever the keys say, this is wrong: a name or password that no account can have */
    char *password;  /* SASLprepped; cleansed at the end; NULL: none, or impossible */
    char digest[41]; /* lower case; empty: the attempt is by password */
    struct account account;
    struct loop_timer timer;
    struct request *request; /* what storage has now; NULL: nothing */
    login_found *found, *pass;
    login_judged *judged;
};

static unsigned accounts_epoch;

void login_accounts_changed(void)
{
    accounts_epoch++;
}

/* --- which ways are open ------------------------------------------------------------------------------ */

bool login_sasl_offered(const struct session *s)
{
    return s->listener != LISTENER_LEGACY && session_may_login_plain(s);
}

unsigned login_legacy_fields(const struct session *s, bool *somewhere)
{
    unsigned fields = LOGIN_PASSWORD | LOGIN_DIGEST;
    if (s->listener != LISTENER_LEGACY) {
        const char *list = conf_get()->xmpp_legacy_auth;
        fields = (conf_list_has(list, "password") ? LOGIN_PASSWORD : 0) |
                 (conf_list_has(list, "digest") ? LOGIN_DIGEST : 0);
    }
    if (somewhere)
        *somewhere = fields != 0;
    return session_may_login_plain(s) ? fields : 0;
}

/* --- the object --------------------------------------------------------------------------------------- */

static char *bare_of(const struct session *s, const char *raw, size_t n)
{
    char name[JID_PART_MAX + 1], node[JID_PART_MAX + 1];
    if (n == 0 || n > JID_PART_MAX || memchr(raw, 0, n) || !utf8_valid(raw, n))
        return xstrdup("");
    memcpy(name, raw, n);
    name[n] = 0;
    if (jid_prep_node(name, node) != 0 || !*node)
        return xstrdup("");
    return xasprintf("%s@%s", node, s->domain);
}

struct login *login_new(struct session *s, const char *raw_user, size_t n, const char *how)
{
    struct login *l = xcalloc(1, sizeof *l);
    l->s = s;
    l->how = how;
    l->bare = bare_of(s, raw_user, n);
    l->impossible = !*l->bare;
    return l;
}

void login_drop(struct login **lp)
{
    struct login *l = TAKE(*lp);
    if (!l)
        return;
    if (l->request)
        l->request->login = NULL;
    loop_timer_clear(&l->timer);
    free(l->bare);
    if (l->password) {
        OPENSSL_cleanse(l->password, strlen(l->password));
        free(l->password);
    }
    OPENSSL_cleanse(l, sizeof *l);
    free(l);
}

const char *login_bare(const struct login *l)
{
    return l->bare;
}

const struct account *login_account(const struct login *l)
{
    FERRY_ASSERT(l->phase >= FOUND);
    return &l->account;
}

/* --- waiting ------------------------------------------------------------------------------------------ */

static struct request *hold(struct login *l, enum phase phase)
{
    l->phase = phase;
    session_hold(l->s);
    if (phase == GATED)
        return NULL;
    l->request = xcalloc(1, sizeof *l->request);
    l->request->login = l;
    return l->request;
}

/* Runs the next step of an attempt that was waited for, then lets its session go on, unless it waits again.
 * The step may free the attempt and end the session. */
static void go_on(struct login *l, void (*step)(struct login *l, bool flag), bool flag)
{
    uint64_t serial = l->s->serial;
    loop_timer_clear(&l->timer);
    l->phase = FOUND;
    if (l->s->state < SESSION_CLOSING)
        step(l, flag);
    struct session *s = session_by_serial(serial);
    if (s)
        session_release(s);
}

/* The attempt that an answer of storage is for; NULL: it is gone. */
static struct login *answered(void *arg)
{
    struct request *r = arg;
    struct login *l = r->login;
    if (l)
        l->request = NULL;
    free(r);
    return l;
}

/* --- the keys ----------------------------------------------------------------------------------------- */

static void step_found(struct login *l, bool trouble)
{
    l->found(l->s, l, trouble);
}

static void looked_up(void *arg, enum refuse r, const struct account *a)
{
    struct login *l = answered(arg);
    if (!l)
        return;
    bool trouble = r != REFUSE_OK && r != REFUSE_NOT_FOUND;
    if (!trouble)
        l->account = *a;
    l->known = r == REFUSE_OK;
    go_on(l, step_found, trouble);
}

static void store_late(void *arg)
{
    struct login *l = arg;
    TAKE(l->request)->login = NULL;
    go_on(l, step_found, true);
}

void login_look_up(struct login *l, login_found *done)
{
    FERRY_ASSERT(l->phase == NEW);
    l->found = done;
    l->epoch = accounts_epoch;
    loop_timer_init(&l->timer, mod_loop(), store_late, l);
    loop_timer_set(&l->timer, STORE_MS);
    struct request *r = hold(l, LOOKING);
    if (*l->bare) {
        account_lookup(mod_storage(), l->bare, mod_home(), looked_up, r);
    } else {
        char *nobody = xasprintf("@%s", l->s->domain); /* the same road, and fake keys that stay the same */
        account_lookup(mod_storage(), nobody, mod_home(), looked_up, r);
        free(nobody);
    }
}

/* --- the gate: an address with too many failures waits before anything more is judged (row 39) --------- */

static void step_pass(struct login *l, bool flag)
{
    l->pass(l->s, l, flag);
}

static void gate_again(void *arg)
{
    struct login *l = arg;
    if (!net_gate_held(mod_gate(), sock_peer(l->s->sock))) {
        go_on(l, step_pass, false);
        return;
    }
    uint16_t spread;
    random_bytes(&spread, sizeof spread);
    loop_timer_set(&l->timer, GATE_MS + spread % GATE_MS);
}

void login_gate(struct login *l, login_found *pass)
{
    FERRY_ASSERT(l->phase == FOUND);
    if (!net_gate_held(mod_gate(), sock_peer(l->s->sock))) {
        pass(l->s, l, false);
        return;
    }
    l->pass = pass;
    hold(l, GATED);
    loop_timer_init(&l->timer, mod_loop(), gate_again, l);
    gate_again(l);
}

/* --- the verdict -------------------------------------------------------------------------------------- */

enum login_verdict login_proved(const struct login *l, bool right)
{
    if (!right || !l->known || l->impossible)
        return LOGIN_WRONG;
    if (l->epoch != accounts_epoch)
        return LOGIN_TROUBLE;
    return l->account.disabled ? LOGIN_DISABLED : LOGIN_RIGHT;
}

static void step_judged(struct login *l, bool right)
{
    l->judged(l->s, l, login_proved(l, right));
}

static void checked(void *arg, bool right)
{
    struct login *l = answered(arg);
    if (l)
        go_on(l, step_judged, right);
}

static void judge(struct session *s, struct login *l, bool trouble)
{
    if (*l->digest) {
        char want[41] = "";
        bool right = account_legacy_digest(mod_storage(), &l->account, s->stream_id, want) &&
                     secret_equal(want, l->digest, 40);
        OPENSSL_cleanse(want, sizeof want);
        step_judged(l, right);
    } else if (l->password && l->known && account_remembered(mod_storage(), &l->account, l->password)) {
        step_judged(l, true);
    } else {
        /* For a password that cannot be right another wrong one does the same work. */
        struct request *r = hold(l, CHECKING);
        account_check(mod_storage(), &l->account, l->password ? l->password : "x", mod_home(), checked, r);
    }
}

static void have_keys(struct session *s, struct login *l, bool trouble)
{
    if (trouble)
        l->judged(s, l, LOGIN_TROUBLE);
    else
        login_gate(l, judge);
}

void login_check_password(struct login *l, const char *password, size_t n, login_judged *done)
{
    l->judged = done;
    if (n > 0 && n <= PASSWORD_MAX * 4 && !memchr(password, 0, n) && utf8_valid(password, n)) {
        char *raw = xstrndup(password, n);
        l->password = jid_saslprep(raw);
        OPENSSL_cleanse(raw, n);
        free(raw);
    }
    if (!l->password)
        l->impossible = true;
    login_look_up(l, have_keys);
}

void login_check_digest(struct login *l, const char *digest, login_judged *done)
{
    l->judged = done;
    size_t n = strlen(digest);
    memset(l->digest, '-', 40); /* no digest looks like that */
    for (size_t i = 0; n == 40 && i < n; i++)
        l->digest[i] = digest[i] >= 'A' && digest[i] <= 'F' ? (char)(digest[i] | 0x20) : digest[i];
    login_look_up(l, have_keys);
}

/* --- the end ------------------------------------------------------------------------------------------ */

static const char *address_of(const struct session *s, char out[NET_TEXT])
{
    if (!conf_get()->log_addresses)
        return "-";
    net_format_host(sock_peer(s->sock), out);
    return out;
}

void login_succeeded(struct session *s, const struct login *l)
{
    char address[NET_TEXT];
    SSL *ssl = sock_ssl(s->sock);
    log_info("%s login user=%s mechanism=%s tls=%s address=%s", session_id(s), l->bare, l->how,
             ssl ? SSL_get_version(ssl) : "none", address_of(s, address));
}

bool login_failed(struct session *s, const struct login *l, const char *how, const char *why, bool guess)
{
    char address[NET_TEXT];
    log_warn("%s login-failed user=%s mechanism=%s why=%s address=%s", session_id(s),
             !l         ? "-"
             : *l->bare ? l->bare
                        : "malformed",
             how, why, address_of(s, address));
    if (guess)
        net_gate_failed(mod_gate(), sock_peer(s->sock));
    if (++s->failed_logins <= conf_get()->limits_failed_logins)
        return true;
    session_fault(s, STREAM_POLICY_VIOLATION, "Too many failed logins.");
    return false;
}

struct stanza *login_frame(struct arena *arena, const struct stanza *iq)
{
    struct stanza *frame = stanza_new(arena, NS_CLIENT, "iq");
    for (const struct attr *a = iq->attrs; a; a = a->next)
        if (!a->ns)
            stanza_set(frame, arena_strdup(arena, a->name), a->value);
    return frame;
}
