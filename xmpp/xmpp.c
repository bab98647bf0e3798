/* xmpp.c: the XMPP side as a whole: starting, draining, stopping. */
#include "xmpp/xmpp.h"

#include "base/conf.h"
#include "base/log.h"
#include "xmpp/c2s.h"
#include "xmpp/parts.h"
#include "xmpp/router.h"

#define SETTLE_MS 30000  /* how long storage may take to answer what it was asked before the end */
#define DRAIN_LOOK_MS 50 /* how often a drain looks whether transfers are still open */

static struct {
    bool running, draining;
    void (*done)(void *arg);
    void *arg;
    struct loop_timer look;
} x;

int xmpp_start(struct loop *loop, struct storage *st, struct buf *why)
{
    x.running = true;
    if (mod_start_all(loop, st, why))
        return -1;
    router_start();
    return c2s_start(loop, why);
}

void xmpp_ready(struct buf *line)
{
    c2s_ready(line);
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        if (m->ready)
            m->ready(line);
}

int xmpp_reload(struct buf *why)
{
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        if (m->reload && m->reload(why) < 0)
            return -1;
    return 0;
}

static size_t busy(void)
{
    size_t n = 0;
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        if (m->busy)
            n += m->busy();
    return n;
}

static bool shut_down(struct session *s, void *arg)
{
    session_fault(s, STREAM_SYSTEM_SHUTDOWN, NULL);
    return true;
}

/* Transfers need their sessions: those hear of the end when the last transfer has ended, or when hurried. */
static void finish(void)
{
    void (*done)(void *arg) = x.done;
    loop_timer_clear(&x.look);
    x.done = NULL;
    registry_each(shut_down, NULL);
    if (done)
        done(x.arg);
}

static void look(void *arg)
{
    if (busy() == 0)
        finish();
    else
        loop_timer_set(&x.look, DRAIN_LOOK_MS);
}

void xmpp_drain(void (*done)(void *arg), void *arg)
{
    c2s_stop_accepting();
    mod_set_draining();
    x.draining = true;
    x.done = done;
    x.arg = arg;
    log_info("draining sessions=%zu transfers=%zu", registry_count(), busy());
    loop_timer_init(&x.look, mod_loop(), look, NULL);
    loop_timer_set(&x.look, 0);
}

void xmpp_hurry(void)
{
    if (x.draining && x.done)
        finish();
}

void xmpp_stop(void)
{
    if (!x.running)
        return;
    loop_timer_clear(&x.look);
    c2s_stop();
    if (mod_loop())
        session_free_all();
    if (mod_loop() && !mailbox_settle(mod_home(), SETTLE_MS))
        log_warn("storage has not answered everything");
    ask_stop();
    router_stop();
    mod_stop_all();
    registry_free();
    x.running = false;
}
