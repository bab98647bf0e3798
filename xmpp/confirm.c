/* confirm.c: what a client has certainly received (session_confirm).
 *
 * With stream management the client's own count says so. Without, a ping is sent behind it: whatever answers
 * it has read what stood before. One ping is under way at a time; what comes meanwhile shares the next. */
#include <stdlib.h>

#include "base/conf.h"
#include "xmpp/rare.h"
#include "xmpp/router.h"

struct confirm {
    struct confirm *next;
    session_delivered *fn;
    void *arg;
    uint32_t mark; /* out_count behind what is to be confirmed */
};

static void ping_for_confirm(struct session *s);

void confirm_upto(struct session *s, uint32_t mark, bool sure, bool all)
{
    struct session_rare *r = s->rare;
    while (r && r->confirms && (all || (int32_t)(mark - r->confirms->mark) >= 0)) {
        struct confirm *c = r->confirms;
        r->confirms = c->next;
        if (!r->confirms)
            r->confirms_tail = &r->confirms;
        c->fn(c->arg, sure);
        free(c);
    }
}

void session_acked(struct session *s, uint32_t out_count)
{
    confirm_upto(s, out_count, true, false);
}

bool session_unconfirmed(const struct session *s)
{
    return s->rare && s->rare->confirms;
}

static void ping_answered(void *arg, const struct stanza *answer)
{
    struct session *s = session_by_serial((uint64_t)(uintptr_t)arg);
    if (!s || s->state != SESSION_BOUND)
        return;
    s->rare->pinging = false;
    if (answer)
        confirm_upto(s, s->rare->ping_mark, true, false);
    if (s->rare->confirms)
        ping_for_confirm(s); /* more came meanwhile; or no answer: the idle ping ends him if he is dead */
}

static void ping_for_confirm(struct session *s)
{
    struct session_rare *r = s->rare;
    if (r->pinging)
        return;
    r->pinging = true;
    r->ping_mark = s->out_count;
    router_ping(s, conf_get()->limits_idle_ping, ping_answered, (void *)(uintptr_t)s->serial);
}

void session_confirm(struct session *s, session_delivered *fn, void *arg)
{
    if (s->state != SESSION_BOUND) {
        fn(arg, false);
        return;
    }
    struct session_rare *r = rare(s);
    struct confirm *c = xmalloc(sizeof(*c));
    *c = (struct confirm){.fn = fn, .arg = arg, .mark = s->out_count};
    *r->confirms_tail = c;
    r->confirms_tail = &c->next;
    if (s->ask_ack)
        s->ask_ack(s);
    else
        ping_for_confirm(s);
}
