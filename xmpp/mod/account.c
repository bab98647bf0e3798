/* account.c: an account that an operator removed, blocked or gave another password: its sessions end with
 * not-authorized, so that nobody stays who could not log in now, and logins that are under way begin again.
 */
#include <string.h>

#include "storage/account.h"
#include "xmpp/login.h"
#include "xmpp/mod.h"

/* His sessions, those that have no resource yet among them. */
static bool end_his(struct session *s, void *arg)
{
    const char *bare = arg;
    if ((s->state == SESSION_BOUND || s->state == SESSION_AUTHENTICATED) && strlen(bare) == s->jid.bare_len &&
        !strncmp(s->jid.text, bare, s->jid.bare_len))
        session_fault(s, STREAM_NOT_AUTHORIZED, "The account was closed, or its password was changed.");
    return true;
}

static void on_gone(void *arg, const char *bare)
{
    login_accounts_changed();
    registry_each(end_his, (char *)(uintptr_t)bare);
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    account_watch(mod_home(), on_gone, NULL);
    return 0;
}

static void stop(void)
{
    account_watch(NULL, NULL, NULL);
}

static const struct mod account_mod = {.name = "account", .start = start, .stop = stop};
MOD_REGISTER(account_mod);
