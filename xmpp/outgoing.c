/* outgoing.c: a stored file as a stream.
 *
 * Workers read 64 KiB pieces ahead of the stream, one at a time. In band, BLOCKS_AHEAD blocks may be
 * unanswered; a receiver who wants smaller blocks gets them. Through the proxy Ferry has a seat: his
 * connection is handed over when he has named the proxy, and is written no faster than he reads. One who
 * cannot reach the proxy is sent the bytes in band, under the same sid. Any other word than a result ends it:
 * he has the link.
 *
 * A file that went before its first byte is told by a stream that ends where it begins: his client waits for
 * one.
 */
#include "xmpp/outgoing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/log.h"
#include "storage/reading.h"
#include "xmpp/caps.h"
#include "xmpp/offer.h"
#include "xmpp/proxy65.h"

#define STREAMS_MAX 4 /* to one session at a time */
#define BLOCKS_AHEAD 4
#define BLOCK_FIRST 4096
#define BLOCK_LEAST 256
#define SOCK_CAP ((size_t)256 << 10)

enum phase { ASKING, SENDING, CLOSING };

struct outgoing {
    struct outgoing *next;
    enum phase phase;
    uint64_t serial; /* the receiver's session */
    struct ferry_id id;
    char *from, *to, *sid, *key;
    unsigned methods;
    struct reading *file;
    bool reading, eof;
    bool opened;       /* in band: he expects a close */
    enum refuse fault; /* why nothing can be read */
    struct buf piece;  /* read, and sent up to `at` */
    size_t at;
    uint32_t block; /* in band */
    uint16_t seq;
    unsigned ahead;
    struct proxy65_seat *seat;
    struct sock *sock;
    int64_t size, got, sent; /* of the file, read, sent */
    int64_t counted;         /* through the proxy: sent at the last look at the rate */
    outgoing_ended *ended;
    void *arg;
};

static struct outgoing *all;

static void read_on(struct outgoing *g);
static void open_inband(struct outgoing *g);
static void say_close(const struct outgoing *g, iq_answered *fn, void *arg);

/* --- a stream's life --- */

static void nobody_cares(void *arg, const struct stanza *answer)
{
}

static void end(struct outgoing *g, enum outgoing_end how, const char *why)
{
    struct outgoing **at = &all;
    outgoing_ended *ended = g->ended;
    void *arg = g->arg;
    if (g->opened)
        say_close(g, nobody_cares, NULL);
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

static void completed(struct outgoing *g)
{
    g->opened = false;
    if (!g->ended)
        transfer_fetched(mod_storage(), &g->id);
    end(g, OUTGOING_COMPLETED, "completed");
}

static bool receiver_there(const struct outgoing *g)
{
    const struct session *s = session_by_serial(g->serial);
    return s && s->state == SESSION_BOUND;
}

static enum outgoing_end lost(const struct outgoing *g)
{
    return receiver_there(g) ? OUTGOING_FAILED : OUTGOING_LEFT;
}

/* --- what Ferry asks in the sender's name --- */

static struct stanza *iq_of(const struct outgoing *g, struct arena *arena)
{
    struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
    stanza_set(iq, "type", "set");
    stanza_set(iq, "from", g->from);
    stanza_set(iq, "to", g->to);
    return iq;
}

/* The stream may be gone afterwards only where the receiver is: callers look first. */
static void ask(struct outgoing *g, struct stanza *iq, iq_answered *fn)
{
    router_ask(iq, offer_wait_ms(OFFER_WAIT_STREAM), fn, g);
    arena_put(iq->arena);
}

static bool is_result(const struct stanza *answer)
{
    const char *type = answer ? stanza_get(answer, "type") : NULL;
    return type && strcmp(type, "result") == 0;
}

/* --- in band --- */

static void on_closed(void *arg, const struct stanza *answer)
{
    struct outgoing *g = arg;
    if (is_result(answer))
        completed(g);
    else
        end(g, lost(g), "not completed");
}

static void say_close(const struct outgoing *g, iq_answered *fn, void *arg)
{
    struct stanza *iq = iq_of(g, router_arena());
    stanza_set(stanza_child(iq, NS_IBB, "close"), "sid", g->sid);
    router_ask(iq, offer_wait_ms(OFFER_WAIT_STREAM), fn, arg);
    arena_put(iq->arena);
}

static void close_inband(struct outgoing *g)
{
    g->phase = CLOSING;
    g->opened = false;
    say_close(g, on_closed, g);
    if (caps_is_libpurple(session_by_serial(g->serial)))
        completed(g); /* it answers each block when that is written, and the close never */
}

static void pump_inband(struct outgoing *g);

static void on_block(void *arg, const struct stanza *answer)
{
    struct outgoing *g = arg;
    g->ahead--;
    g->opened = g->opened && (!answer || is_result(answer)); /* an error ends it for both */
    if (!is_result(answer))
        end(g, lost(g), "refused");
    else
        pump_inband(g);
}

static void send_block(struct outgoing *g, size_t n)
{
    struct stanza *iq = iq_of(g, router_arena());
    struct buf text = {0};
    char seq[8];
    base64_encode(&text, g->piece.data + g->at, n);
    snprintf(seq, sizeof seq, "%u", (unsigned)g->seq++);
    struct stanza *data = stanza_child_text(iq, NS_IBB, "data", text.data);
    stanza_set(data, "seq", seq);
    stanza_set(data, "sid", g->sid);
    buf_free(&text);
    g->at += n;
    g->sent += (int64_t)n;
    g->ahead++;
    ask(g, iq, on_block);
}

static void pump_inband(struct outgoing *g)
{
    if (!receiver_there(g))
        return; /* his last answers end it */
    while (g->ahead < BLOCKS_AHEAD && g->at < g->piece.len) {
        size_t left = g->piece.len - g->at;
        send_block(g, left < g->block ? left : g->block);
    }
    if (g->at < g->piece.len)
        return;
    if (!g->eof)
        read_on(g);
    else if (g->ahead == 0)
        close_inband(g);
}

static void on_opened(void *arg, const struct stanza *answer)
{
    struct outgoing *g = arg;
    const struct stanza *error = answer ? stanza_find(answer, NULL, "error") : NULL;
    g->opened = is_result(answer);
    if (g->opened && g->fault) {
        end(g, OUTGOING_FAILED, refuse_get(g->fault)->name);
    } else if (g->opened) {
        g->phase = SENDING;
        pump_inband(g);
    } else if (error && stanza_find(error, NS_STANZAS, "resource-constraint") &&
               g->block / 2 >= BLOCK_LEAST && receiver_there(g)) {
        g->block /= 2;
        open_inband(g);
    } else {
        end(g, lost(g), "refused");
    }
}

static void open_inband(struct outgoing *g)
{
    struct stanza *iq = iq_of(g, router_arena());
    char block[12];
    snprintf(block, sizeof block, "%u", g->block);
    struct stanza *open = stanza_child(iq, NS_IBB, "open");
    stanza_set(open, "sid", g->sid);
    stanza_set(open, "block-size", block);
    stanza_set(open, "stanza", "iq");
    ask(g, iq, on_opened);
}

/* --- through the proxy --- */

/* All bytes are on their way to the kernel, or with it: then FIN, and his own end tells that he has them. */
static void finish_proxied(struct outgoing *g)
{
    g->phase = CLOSING;
    sock_cap(g->sock, 1, conf_get()->limits_stall); /* drained is now: nothing waits */
    if (sock_waiting(g->sock) > 0)
        return;
    sock_shut(g->sock);
    sock_deadline(g->sock, conf_get()->limits_stall);
}

static void pump_proxied(struct outgoing *g)
{
    if (g->at < g->piece.len) {
        sock_write(g->sock, g->piece.data + g->at, g->piece.len - g->at);
        g->sent += (int64_t)(g->piece.len - g->at);
        g->at = g->piece.len;
    }
    if (g->eof)
        finish_proxied(g);
    else if (!sock_is_over(g->sock))
        read_on(g);
}

/* Each [limits] stall: min_rate is what he has to take, and behind our end he has to end. */
static void look_at_rate(struct outgoing *g)
{
    int64_t taken = g->sent - (int64_t)sock_waiting(g->sock), came = taken - g->counted;
    int64_t least = conf_get()->limits_min_rate * conf_get()->limits_stall / 1000;
    bool over = g->phase == CLOSING && sock_waiting(g->sock) == 0;
    if (over || (!g->reading && (came == 0 || came < least))) {
        end(g, lost(g), "too slow");
        return;
    }
    g->counted = taken;
    sock_deadline(g->sock, conf_get()->limits_stall);
}

static void on_sock(void *owner, struct sock *s, enum sock_event ev, const struct sock_data *data)
{
    struct outgoing *g = owner;
    if (ev == SOCK_DRAINED)
        pump_proxied(g);
    else if (ev == SOCK_EOF && g->phase == CLOSING && sock_waiting(s) == 0)
        completed(g);
    else if (ev == SOCK_EOF || ev == SOCK_ERROR || ev == SOCK_OVERFULL)
        end(g, lost(g), "broken off");
    else if (ev == SOCK_TIMEOUT)
        look_at_rate(g);
}

static void on_seated(void *owner, struct sock *s, const char *early, size_t n)
{
    struct outgoing *g = owner;
    g->seat = NULL;
    g->sock = s;
    if (g->fault) {
        end(g, OUTGOING_FAILED, refuse_get(g->fault)->name);
        return;
    }
    g->phase = SENDING;
    sock_owner(s, on_sock, g);
    sock_cap(s, SOCK_CAP, conf_get()->limits_stall);
    sock_deadline(s, conf_get()->limits_stall);
    sock_resume(s);
    pump_proxied(g);
}

static void on_used(void *arg, const struct stanza *answer)
{
    struct outgoing *g = arg;
    if (is_result(answer) && proxy65_activate_seat(g->seat) == REFUSE_OK)
        return;
    proxy65_leave(&g->seat);
    if ((g->methods & METHOD_IBB) && receiver_there(g))
        open_inband(g);
    else
        end(g, lost(g), "refused");
}

/* He is connected, and waits. */
static void open_seated(struct outgoing *g)
{
    g->seat = proxy65_join(g->key, on_seated, g);
    if (!g->seat || proxy65_activate_seat(g->seat) != REFUSE_OK)
        end(g, lost(g), "not connected");
}

static bool open_proxied(struct outgoing *g)
{
    char key[SOCKS_KEY + 1], port[8];
    socks_key(g->sid, g->from, g->to, key);
    if (!(g->methods & METHOD_S5B) || proxy65_port() == 0 ||
        (g->seat = proxy65_join(key, on_seated, g)) == NULL)
        return false;
    struct stanza *iq = iq_of(g, router_arena());
    struct stanza *query = stanza_child(iq, NS_BYTESTREAMS, "query");
    struct stanza *host = stanza_child(query, NULL, "streamhost");
    snprintf(port, sizeof port, "%u", proxy65_port());
    stanza_set(query, "sid", g->sid);
    stanza_set(query, "mode", "tcp");
    stanza_set(host, "jid", mod_proxy());
    stanza_set(host, "host", conf_get()->proxy65_host);
    stanza_set(host, "port", port);
    ask(g, iq, on_used);
    return true;
}

/* --- the file --- */

static void on_piece(void *arg, enum refuse r, const char *data, size_t n)
{
    struct outgoing *g = arg;
    bool first = g->phase == ASKING;
    g->reading = false;
    g->fault = r;
    if (r != REFUSE_OK && !first) {
        end(g, OUTGOING_FAILED, refuse_get(r)->name);
        return;
    }
    g->piece.len = g->at = 0;
    buf_add(&g->piece, data, (int64_t)n < g->size - g->got ? n : (size_t)(g->size - g->got));
    g->got += (int64_t)g->piece.len;
    g->eof = n == 0 || g->got >= g->size;
    if (g->sock)
        pump_proxied(g);
    else if (!first)
        pump_inband(g);
    else if (!receiver_there(g))
        end(g, OUTGOING_LEFT, "receiver left");
    else if (g->key)
        open_seated(g);
    else if (!open_proxied(g))
        open_inband(g);
}

static void read_on(struct outgoing *g)
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
    read_on(g);
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
    if (g->phase == CLOSING && !g->sock)
        completed(g); /* both said farewell */
    else
        end(g, OUTGOING_DECLINED, "declined");
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
    completed(g);
    return true;
}

void outgoing_forget(void *arg)
{
    struct outgoing *g = of_owner(arg);
    if (g) {
        g->ended = NULL;
        end(g, OUTGOING_FAILED, "forgotten");
    }
}

static void session_gone(struct session *s)
{
    for (struct outgoing *g = all; g;) {
        if (g->serial == s->serial && !g->sock) { /* a connection may go on without him */
            end(g, OUTGOING_LEFT, "receiver left");
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
        end(all, OUTGOING_FAILED, "stopped");
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
