/* account.c: an account that an operator removed, blocked or gave another password: its sessions end with
 * not-authorized, so that nobody stays who could not log in now. A session that is between login and binding
 * is in no list and comes through; whoever blocks a user to be rid of him sees it in `session ls`. */
#include "storage/account.h"
#include "xmpp/mod.h"

static struct session *bound_one(const char *bare)
{
    struct session *s = registry_user(bare);
    while (s && s->state != SESSION_BOUND)
        s = s->user_next;
    return s;
}

static void on_gone(void *arg, const char *bare)
{
    struct session *s;
    while ((s = bound_one(bare))) /* each round ends one; the list is another one then */
        session_fault(s, STREAM_NOT_AUTHORIZED, "The account was closed, or its password was changed.");
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
