/* outgoing.c: a stored file as a stream: its life, what is read of the file, and what the receiver says of
 * himself. How the bytes go stands in outgoing_streams.c.
 *
 * Workers read 64 KiB pieces ahead of the stream, one at a time.
 *
 * A file that went before its first byte is told by a stream that ends where it begins: his client waits for
 * one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "storage/reading.h"
#include "xmpp/outgoing_body.h"
#include "xmpp/proxy65.h"

#define STREAMS_MAX 4 /* to one session at a time */
#define BLOCK_FIRST 4096

static struct outgoing *all;

/* --- a stream's life --- */

void outgoing_finish(struct outgoing *g, enum outgoing_end how, const char *why)
{
    struct outgoing **at = &all;
    outgoing_ended *ended = g->ended;
    void *arg = g->arg;
    if (g->opened)
        outgoing_farewell(g);
    if (transfer_is_gone(g->fault))
        how = OUTGOING_GONE;
    char sid[LOG_QUOTE];
    log_info("%s outgoing %s to=%s sid=%s bytes=%lld", g->id.text, why, g->to, log_quote(g->sid, sid),
             (long long)g->sent);
    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    router_ask_forget(g);
    reading_free(&g->file);
    proxy65_leave(&g->seat);
    sock_free(g->sock);
    buf_free(&g->piece);
    free(g->from);
    free(g->to);
    free(g->sid);
    free(g->key);
    free(g);
    if (ended)
        ended(arg, how);
}

void outgoing_completed(struct outgoing *g)
{
    g->opened = false;
    if (!g->ended)
        transfer_fetched(mod_storage(), &g->id);
    outgoing_finish(g, OUTGOING_COMPLETED, "completed");
}

bool outgoing_receiver_there(const struct outgoing *g)
{
    const struct session *s = session_by_serial(g->serial);
    return s && s->state == SESSION_BOUND;
}

enum outgoing_end outgoing_lost(const struct outgoing *g)
{
    return outgoing_receiver_there(g) ? OUTGOING_FAILED : OUTGOING_LEFT;
}

/* --- the file --- */

static void on_piece(void *arg, enum refuse r, const char *data, size_t n)
{
    struct outgoing *g = arg;
    bool first = g->phase == OUTGOING_ASKING;
    g->reading = false;
    g->fault = r;
    if (r != REFUSE_OK && !first) {
        outgoing_finish(g, OUTGOING_FAILED, refuse_get(r)->name);
        return;
    }
    g->piece.len = g->at = 0;
    buf_add(&g->piece, data, (int64_t)n < g->size - g->got ? n : (size_t)(g->size - g->got));
    g->got += (int64_t)g->piece.len;
    g->eof = n == 0 || g->got >= g->size;
    if (!first)
        outgoing_pump(g);
    else if (!outgoing_receiver_there(g))
        outgoing_finish(g, OUTGOING_LEFT, "receiver left");
    else
        outgoing_open(g);
}

void outgoing_read_on(struct outgoing *g)
{
    if (g->reading)
        return;
    g->reading = true;
    reading_next(g->file, on_piece, g);
}

bool outgoing_start(const struct outgoing_terms *terms)
{
    struct session *s = registry_full(terms->to);
    unsigned n = 0;
    for (struct outgoing *g = all; s && g; g = g->next)
        n += g->serial == s->serial;
    if (!s || n >= STREAMS_MAX || mod_draining())
        return false;
    struct outgoing *g = xcalloc(1, sizeof *g);
    g->serial = s->serial;
    g->id = *terms->id;
    g->size = terms->size;
    g->from = xstrdup(terms->from);
    g->to = xstrdup(terms->to);
    g->sid = xstrdup(terms->sid);
    g->methods = terms->methods;
    g->ended = terms->ended;
    g->arg = terms->arg;
    g->key = terms->key ? xstrdup(terms->key) : NULL;
    g->block = terms->block ? terms->block : BLOCK_FIRST;
    g->file = reading_new(mod_storage(), terms->id, terms->offset, mod_home());
    g->next = all;
    all = g;
    outgoing_read_on(g);
    return true;
}

/* --- what the receiver says of himself --- */

bool outgoing_takes(struct packet *p, const struct stanza *el)
{
    const char *sid = stanza_get(el, "sid");
    struct outgoing *g = all;
    while (g && (!sid || strcmp(g->sid, sid) != 0 || strcmp(g->from, p->to.text) != 0 ||
                 g->serial != p->from_session->serial))
        g = g->next;
    if (!g)
        return false;
    if (!stanza_is(el, NS_IBB, "close")) {
        router_refuse(p, REFUSE_NOT_ACCEPTABLE, NULL);
        return true;
    }
    router_result(p, NULL);
    g->opened = false;
    if (g->phase == OUTGOING_CLOSING && !g->sock)
        outgoing_completed(g); /* both said farewell */
    else
        outgoing_finish(g, OUTGOING_DECLINED, "declined");
    return true;
}

static struct outgoing *of_owner(const void *arg)
{
    struct outgoing *g = all;
    while (g && !(g->ended && g->arg == arg))
        g = g->next;
    return g;
}

bool outgoing_received(const void *arg)
{
    struct outgoing *g = of_owner(arg);
    if (!g || !g->eof || g->at < g->piece.len || (g->sock && sock_waiting(g->sock) > 0))
        return false;
    outgoing_completed(g);
    return true;
}

void outgoing_forget(void *arg)
{
    struct outgoing *g = of_owner(arg);
    if (g) {
        g->ended = NULL;
        outgoing_finish(g, OUTGOING_FAILED, "forgotten");
    }
}

static void session_gone(struct session *s)
{
    for (struct outgoing *g = all; g;) {
        if (g->serial == s->serial && !g->sock) { /* a connection may go on without him */
            outgoing_finish(g, OUTGOING_LEFT, "receiver left");
            g = all; /* its end may have begun or ended others */
        } else {
            g = g->next;
        }
    }
}

static void stop(void)
{
    while (all) {
        all->ended = NULL;
        all->opened = false;
        outgoing_finish(all, OUTGOING_FAILED, "stopped");
    }
}

static size_t busy(void)
{
    size_t n = 0;
    for (const struct outgoing *g = all; g; g = g->next)
        n++;
    return n;
}

static const struct mod mod_outgoing = {
    .name = "outgoing", .stop = stop, .busy = busy, .session_gone = session_gone};
MOD_REGISTER(mod_outgoing);
