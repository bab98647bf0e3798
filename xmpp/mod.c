/* mod.c: the modules that are linked in, and what they all need to know: the served domains, the loop,
 * storage. Modules are entries of the linker section ferry_mods; their order is of no meaning. */
#include "xmpp/mod.h"

#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "xmpp/parts.h"

/* Weak: a program without modules (a unit test) links too. */
extern const struct mod *const __start_ferry_mods[] __attribute__((weak));
extern const struct mod *const __stop_ferry_mods[] __attribute__((weak));

#define DOMAINS_MAX 32

static struct {
    struct loop *loop;
    struct storage *storage;
    struct stream_pool *pool;
    struct net_gate *gate;
    char *domains[DOMAINS_MAX];
    size_t n_domains;
    char *upload, *proxy;
    unsigned slots;
    bool draining;
} env;

const struct mod *mod_next(const struct mod *after)
{
    const struct mod *const *at = __start_ferry_mods;
    if (!at)
        return NULL;
    if (after) {
        while (*at != after)
            at++;
        at++;
    }
    return at < __stop_ferry_mods ? *at : NULL;
}

unsigned mod_session_slot(void)
{
    FERRY_ASSERT(env.slots < ARRAY_LEN(((struct session *)NULL)->slots));
    return env.slots++;
}

static int read_domains(struct buf *why)
{
    const char *at = conf_get()->xmpp_domain;
    char item[JID_PART_MAX + 1], prepared[JID_PART_MAX + 1];
    while (conf_list_next(&at, item, sizeof(item))) {
        if (jid_prep_domain(item, prepared) || env.n_domains == DOMAINS_MAX) {
            buf_addf(why, "[xmpp] domain: \"%s\" is not a domain, or one too many", item);
            return -1;
        }
        env.domains[env.n_domains++] = xstrdup(prepared);
    }
    if (!env.n_domains) {
        buf_adds(why, "[xmpp] domain: none given");
        return -1;
    }
    env.upload = xasprintf("upload.%s", env.domains[0]);
    env.proxy = xasprintf("proxy.%s", env.domains[0]);
    return 0;
}

int mod_start_all(struct loop *loop, struct storage *st, struct buf *why)
{
    env.loop = loop;
    env.storage = st;
    if (read_domains(why))
        return -1;
    env.pool = stream_pool_new();
    env.gate = net_gate_new();
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        if (m->start && m->start(loop, st, why))
            return -1;
    return 0;
}

void mod_stop_all(void)
{
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        if (m->stop)
            m->stop();
    stream_pool_free(env.pool);
    net_gate_free(env.gate);
    for (size_t i = 0; i < env.n_domains; i++)
        free(env.domains[i]);
    free(env.upload);
    free(env.proxy);
    memset(&env, 0, sizeof(env));
}

const char *mod_domain_literal(const char *domain)
{
    for (size_t i = 0; i < env.n_domains; i++)
        if (!strcmp(env.domains[i], domain))
            return env.domains[i];
    return NULL;
}

bool mod_served_domain(const char *domain)
{
    return mod_domain_literal(domain) != NULL;
}

const char *mod_domain(void)
{
    return env.domains[0];
}

const char *mod_upload(void)
{
    return env.upload;
}

const char *mod_proxy(void)
{
    return env.proxy;
}

struct loop *mod_loop(void)
{
    return env.loop;
}

struct storage *mod_storage(void)
{
    return env.storage;
}

struct mailbox *mod_home(void)
{
    return loop_mailbox(env.loop);
}

bool mod_draining(void)
{
    return env.draining;
}

void mod_set_draining(void)
{
    env.draining = true;
}

struct stream_pool *mod_pool(void)
{
    return env.pool;
}

struct net_gate *mod_gate(void)
{
    return env.gate;
}

/* A program without mod/tls.c has no certificate. */
__attribute__((weak)) SSL_CTX *mod_tls(void)
{
    return NULL;
}
