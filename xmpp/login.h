/* login.h: what every way to log in has in common: which ways are open on a stream, the look-up and the check
 * of one attempt, its one log line, and what failures cost.
 *
 * An attempt (struct login) belongs to one session and to the loop. While storage works for it the session is
 * held (session_hold: nothing behind the attempt is parsed); a session that dies meanwhile calls login_drop,
 * and no answer comes then. Names that cannot exist, unknown users and wrong passwords take the same road and
 * the same work (rows 37, 43).
 */
#ifndef FERRY_LOGIN_H
#define FERRY_LOGIN_H

#include "storage/account.h"
#include "xmpp/session.h"

/* --- which ways are open --- */
#define LOGIN_PASSWORD 1
#define LOGIN_DIGEST 2
bool login_sasl_offered(const struct session *s); /* the listener has SASL, and this stream may use it now */
unsigned login_legacy_fields(const struct session *s, bool *somewhere);
/* The fields of jabber:iq:auth in force now (listener, config, TLS), never by account. *somewhere (may be
 * NULL): in force on this listener at all, perhaps only behind TLS. */

/* --- one attempt --- */
enum login_verdict {
    LOGIN_RIGHT,
    LOGIN_WRONG,    /* password, user, name that cannot exist: one answer for all */
    LOGIN_DISABLED, /* the password was right */
    LOGIN_TROUBLE,  /* the account store is slow or gone (row 42) */
};

struct login;
typedef void login_found(struct session *s, struct login *l, bool trouble);
typedef void login_judged(struct session *s, struct login *l, enum login_verdict v);

/* raw_user: the user name as the client wrote it (n bytes, may hold anything); how: mechanism, for the log
 * (literal). Never NULL. */
struct login *login_new(struct session *s, const char *raw_user, size_t n, const char *how);
void login_drop(struct login **l); /* NULL is fine; no callback comes after; secrets are cleansed */
const char *login_bare(const struct login *l);              /* "" : the name cannot exist */
const struct account *login_account(const struct login *l); /* after login_look_up; a fake for a stranger */

/* Fetches the keys. */
void login_look_up(struct login *l, login_found *done);
/* login_look_up, then the password (n bytes, may hold anything) against the keys, in a worker unless
 * remembered. */
void login_check_password(struct login *l, const char *password, size_t n, login_judged *done);
/* login_look_up, then an XEP-0078 digest of this stream's id and the password. */
void login_check_digest(struct login *l, const char *digest, login_judged *done);
/* Lets an attempt whose keys are there go on when its address is not held back (row 39): now or later. */
void login_gate(struct login *l, login_found *pass);
/* For an exchange that judges by itself (SCRAM): its proof was right or not; answers RIGHT, WRONG or
 * DISABLED. */
enum login_verdict login_proved(const struct login *l, bool right);

/* An operator changed an account: whatever keys an attempt has by now may be the old ones, so those that are
 * under way end with LOGIN_TROUBLE and the client tries again. */
void login_accounts_changed(void);

/* --- its end --- */
/* The log line. The caller sets jid and state. */
void login_succeeded(struct session *s, const struct login *l);
/* The log line, and the price: after more than limits.failed_logins failures the stream is ended with
 * policy-violation; wrong passwords (guess) slow the address down. Call it after the answer was sent. false:
 * the stream was ended. l may be NULL (no user named yet); why: the condition that was answered. */
bool login_failed(struct session *s, const struct login *l, const char *how, const char *why, bool guess);

/* What a later answer needs of an iq: the element with its attributes, without children, in another arena. */
struct stanza *login_frame(struct arena *arena, const struct stanza *iq);

#endif
