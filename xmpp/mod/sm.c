/* sm.c: stream management (XEP-0198): acknowledgements. Resumption is not offered: what a dead session has
 * not confirmed goes back to where it came from (session_confirm, keep.c): nothing hangs on the old stream.
 *
 * The counts are the session's own (in_count, out_count); an enabled session keeps where they stood then and
 * the highest h it heard. An <r/> is sent only when somebody waits for a confirmation.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "xmpp/mod.h"
#include "xmpp/router.h"

struct sm {
    uint32_t in_base, out_base; /* the session's counts when it was enabled */
    uint32_t acked;             /* the last h */
    bool asking;                /* an <r/> has no answer yet */
};

static unsigned slot;

static int refuse(struct packet *p, const char *condition)
{
    struct stanza *el = stanza_new(p->arena, NS_SM, "failed");
    stanza_child(el, NS_STANZAS, condition);
    session_send(p->from_session, el);
    return MOD_HANDLED;
}

static void ask(struct session *s)
{
    struct sm *sm = s->slots[slot];
    if (sm->asking) /* its answer asks again when something still waits */
        return;
    sm->asking = true;
    struct arena *arena = router_arena();
    session_send(s, stanza_new(arena, NS_SM, "r"));
    arena_put(arena);
}

static int on_enable(struct packet *p)
{
    struct session *s = p->from_session;
    if (s->state != SESSION_BOUND || s->slots[slot])
        return refuse(p, "unexpected-request");
    struct sm *sm = xcalloc(1, sizeof *sm);
    s->slots[slot] = sm;
    sm->in_base = s->in_count;
    sm->out_base = s->out_count;
    s->ask_ack = ask;
    session_send(s, stanza_new(p->arena, NS_SM, "enabled")); /* without `resume`: it is not offered */
    return MOD_HANDLED;
}

/* The client binds anew on the same stream (XEP-0198 section 5). */
static int on_resume(struct packet *p)
{
    return refuse(p,
                  p->from_session->state == SESSION_AUTHENTICATED ? "item-not-found" : "unexpected-request");
}

static int on_request(struct packet *p)
{
    struct session *s = p->from_session;
    struct sm *sm = s->slots[slot];
    if (!sm)
        return refuse(p, "unexpected-request");
    char h[16];
    snprintf(h, sizeof h, "%" PRIu32, s->in_count - sm->in_base);
    struct stanza *a = stanza_new(p->arena, NS_SM, "a");
    stanza_set(a, "h", h);
    session_send(s, a);
    return MOD_HANDLED;
}

/* An unsigned 32-bit number and nothing else. */
static bool read_h(const char *text, uint32_t *h)
{
    if (!text || *text < '0' || *text > '9')
        return false;
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    *h = (uint32_t)v;
    return !*end && !errno && v <= UINT32_MAX;
}

/* He acknowledges what was never sent: the two counts mean different streams, so none of it can be believed.
 */
static void too_high(struct session *s, uint32_t h, uint32_t sent)
{
    struct buf text = {0};
    log_warn("%s sm-count h=%" PRIu32 " sent=%" PRIu32, session_id(s), h, sent);
    buf_addf(&text,
             "<stream:error><undefined-condition xmlns='" NS_STREAM_ERRORS
             "'/><handled-count-too-high xmlns='" NS_SM "' h='%" PRIu32 "' send-count='%" PRIu32
             "'/></stream:error>",
             h, sent);
    session_send_raw(s, text.data, text.len);
    buf_free(&text);
    session_close(s);
}

static int on_answer(struct packet *p)
{
    struct session *s = p->from_session;
    struct sm *sm = s->slots[slot];
    uint32_t h;
    if (!sm)
        return refuse(p, "unexpected-request");
    if (!read_h(stanza_get(p->st, "h"), &h)) {
        session_fault(s, STREAM_BAD_FORMAT, "h is not a number.");
        return MOD_HANDLED;
    }
    uint32_t sent = s->out_count - sm->out_base;
    if (h - sm->acked > sent - sm->acked) { /* modulo 2^32, as the counts are */
        too_high(s, h, sent);
        return MOD_HANDLED;
    }
    bool more = h != sm->acked;
    sm->acked = h;
    sm->asking = false;
    session_acked(s, sm->out_base + h);
    if (more && session_unconfirmed(s))
        ask(s);
    return MOD_HANDLED;
}

static void stream_features(struct session *s, struct stanza *features)
{
    if (s->state == SESSION_AUTHENTICATED)
        stanza_child(features, NS_SM, "sm");
}

static void session_gone(struct session *s)
{
    s->ask_ack = NULL;
    free(TAKE(s->slots[slot]));
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    slot = mod_session_slot();
    return 0;
}

static const struct mod_route routes[] = {
    {.target = TARGET_STREAM, .ns = NS_SM, .name = "enable", .fn = on_enable},
    {.target = TARGET_STREAM, .ns = NS_SM, .name = "resume", .fn = on_resume},
    {.target = TARGET_STREAM, .ns = NS_SM, .name = "r", .fn = on_request},
    {.target = TARGET_STREAM, .ns = NS_SM, .name = "a", .fn = on_answer},
    {0}};
static const struct mod sm = {.name = "sm",
                              .routes = routes,
                              .start = start,
                              .stream_features = stream_features,
                              .session_gone = session_gone};
MOD_REGISTER(sm);
