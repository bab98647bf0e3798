/* bind.c: from a login to an address: the bare JID, then the resource.
 *
 * Promises: a session is found by others only when everything his modules keep in memory is loaded, so
 * routing never waits; of two sessions with one full JID one is gone (resource_conflict) before the other is
 * told its name. The resource "ferry" is ours: stored files are offered from it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/conf.h"
#include "base/log.h"
#include "xmpp/c2s.h"

#define MADE_RESOURCE 12 /* characters */

struct binding {
    session_bound_fn *done;
    void *arg;
    bool held;
    char resource[JID_PART_MAX + 1]; /* prepared */
};

static void set_jid(struct session *s, const char *bare, const char *resource)
{
    const char *at = strchr(bare, '@');
    char *text = resource ? xasprintf("%s/%s", bare, resource) : xstrdup(bare);
    free((char *)s->jid.text);
    s->jid = (struct jid){.text = text,
                          .node_len = (uint16_t)(at ? at - bare : 0),
                          .bare_len = (uint16_t)strlen(bare),
                          .len = (uint16_t)strlen(text)};
}

void session_authenticated(struct session *s, const char *bare)
{
    char *copy = xstrdup(bare); /* it may be our own text */
    set_jid(s, copy, NULL);
    free(copy);
    session_enter(s, SESSION_AUTHENTICATED);
}

/* The place must be free: by the configured rule. */
static enum refuse make_room(struct session *s, const char *full)
{
    struct session *old = registry_full(full);
    if (old) {
        if (!strcmp(conf_get()->xmpp_resource_conflict, "refuse"))
            return REFUSE_CONFLICT;
        session_fault(old, STREAM_CONFLICT, "replaced by a new connection");
    }
    if ((int64_t)s->user->n >= conf_get()->limits_sessions_per_user)
        return REFUSE_TOO_MANY_SESSIONS;
    return REFUSE_OK;
}

static enum refuse bind_now(struct session *s, const char *resource)
{
    char *full = xasprintf("%s/%s", s->jid.text, resource);
    enum refuse r = s->user->unknown ? REFUSE_READ_ONLY : make_room(s, full);
    free(full);
    if (r != REFUSE_OK) {
        registry_user_drop(TAKE(s->user));
        return r;
    }
    char *bare = xstrdup(s->jid.text);
    set_jid(s, bare, resource);
    free(bare);
    int taken = registry_bind(s);
    FERRY_ASSERT(taken == 0);
    session_enter(s, SESSION_BOUND);
    loop_timer_clear(&s->timer); /* the deadline of login */
    log_info("%s bound jid=%s", session_id(s), s->jid.text);
    return REFUSE_OK;
}

static void user_is_loaded(uint64_t serial, void *arg)
{
    struct binding *b = arg;
    struct session *s = session_by_serial(serial);
    if (s && s->state == SESSION_AUTHENTICATED) {
        enum refuse r = bind_now(s, b->resource);
        b->done(s, r, b->arg);
        for (const struct mod *m = mod_next(NULL); m && s->state == SESSION_BOUND && r == REFUSE_OK;
             m = mod_next(m))
            if (m->session_bound)
                m->session_bound(s);
        if (b->held)
            session_release(s);
    }
    free(b);
}

void session_bind(struct session *s, const char *resource, session_bound_fn *done, void *arg)
{
    FERRY_ASSERT(s->state == SESSION_AUTHENTICATED);
    struct binding *b = xcalloc(1, sizeof(*b));
    b->done = done;
    b->arg = arg;
    if (!resource || !*resource)
        random_token(b->resource, MADE_RESOURCE);
    enum refuse r = REFUSE_OK;
    if (resource && *resource && jid_prep_resource(resource, b->resource))
        r = REFUSE_JID_MALFORMED;
    else if (!strcmp(b->resource, SESSION_RESERVED) || s->user)
        r = REFUSE_CONFLICT; /* s->user: a second request while the first is under way */
    if (r != REFUSE_OK) {
        done(s, r, arg);
        free(b);
        return;
    }
    s->user = registry_user_take(s->jid.text);
    if (s->user->loading) {
        b->held = true;
        session_hold(s);
    }
    registry_user_wait(s->user, s->serial, user_is_loaded, b);
}
