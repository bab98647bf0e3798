/* outgoing_streams.c: how a stored file's bytes go to their receiver.
 *
 * In band, BLOCKS_AHEAD blocks may be unanswered; a receiver who wants smaller blocks gets them. Through the
 * proxy Ferry has a seat: his connection is handed over when he has named the proxy, and is written no faster
 * than he reads. One who cannot reach the proxy is sent the bytes in band, under the same sid. Any other word
 * than a result ends it: he has the link.
 */
#include <stdio.h>

#include "base/codec.h"
#include "xmpp/caps.h"
#include "xmpp/offer.h"
#include "xmpp/outgoing_body.h"
#include "xmpp/proxy65.h"

#define BLOCKS_AHEAD 4
#define BLOCK_LEAST 256
#define SOCK_CAP ((size_t)256 << 10)

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

/* --- in band --- */

static void open_inband(struct outgoing *g);

static void on_closed(void *arg, const struct stanza *answer)
{
    struct outgoing *g = arg;
    if (stanza_is_result(answer))
        outgoing_completed(g);
    else
        outgoing_finish(g, outgoing_lost(g), "not completed");
}

static void say_close(const struct outgoing *g, iq_answered *fn, void *arg)
{
    struct stanza *iq = iq_of(g, router_arena());
    stanza_set(stanza_child(iq, NS_IBB, "close"), "sid", g->sid);
    router_ask(iq, offer_wait_ms(OFFER_WAIT_STREAM), fn, arg);
    arena_put(iq->arena);
}

static void nobody_cares(void *arg, const struct stanza *answer)
{
}

void outgoing_farewell(const struct outgoing *g)
{
    say_close(g, nobody_cares, NULL);
}

static void close_inband(struct outgoing *g)
{
    g->phase = OUTGOING_CLOSING;
    g->opened = false;
    say_close(g, on_closed, g);
    if (caps_is_libpurple(session_by_serial(g->serial)))
        outgoing_completed(g); /* it answers each block when that is written, and the close never */
}

static void pump_inband(struct outgoing *g);

static void on_block(void *arg, const struct stanza *answer)
{
    struct outgoing *g = arg;
    g->ahead--;
    g->opened = g->opened && (!answer || stanza_is_result(answer)); /* an error ends it for both */
    if (!stanza_is_result(answer))
        outgoing_finish(g, outgoing_lost(g), "refused");
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
    if (!outgoing_receiver_there(g))
        return; /* his last answers end it */
    while (g->ahead < BLOCKS_AHEAD && g->at < g->piece.len) {
        size_t left = g->piece.len - g->at;
        send_block(g, left < g->block ? left : g->block);
    }
    if (g->at < g->piece.len)
        return;
    if (!g->eof)
        outgoing_read_on(g);
    else if (g->ahead == 0)
        close_inband(g);
}

static void on_opened(void *arg, const struct stanza *answer)
{
    struct outgoing *g = arg;
    const struct stanza *error = answer ? stanza_find(answer, NULL, "error") : NULL;
    g->opened = stanza_is_result(answer);
    if (g->opened && g->fault) {
        outgoing_finish(g, OUTGOING_FAILED, refuse_get(g->fault)->name);
    } else if (g->opened) {
        g->phase = OUTGOING_SENDING;
        pump_inband(g);
    } else if (error && stanza_find(error, NS_STANZAS, "resource-constraint") &&
               g->block / 2 >= BLOCK_LEAST && outgoing_receiver_there(g)) {
        g->block /= 2;
        open_inband(g);
    } else {
        outgoing_finish(g, outgoing_lost(g), "refused");
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
    g->phase = OUTGOING_CLOSING;
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
        outgoing_read_on(g);
}

/* Each [limits] stall: min_rate is what he has to take, and behind our end he has to end. */
static void look_at_rate(struct outgoing *g)
{
    int64_t taken = g->sent - (int64_t)sock_waiting(g->sock), came = taken - g->counted;
    int64_t least = conf_get()->limits_min_rate * conf_get()->limits_stall / 1000;
    bool over = g->phase == OUTGOING_CLOSING && sock_waiting(g->sock) == 0;
    if (over || (!g->reading && (came == 0 || came < least))) {
        outgoing_finish(g, outgoing_lost(g), "too slow");
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
    else if (ev == SOCK_EOF && g->phase == OUTGOING_CLOSING && sock_waiting(s) == 0)
        outgoing_completed(g);
    else if (ev == SOCK_EOF || ev == SOCK_ERROR || ev == SOCK_OVERFULL)
        outgoing_finish(g, outgoing_lost(g), "broken off");
    else if (ev == SOCK_TIMEOUT)
        look_at_rate(g);
}

static void on_seated(void *owner, struct sock *s, const char *early, size_t n)
{
    struct outgoing *g = owner;
    g->seat = NULL;
    g->sock = s;
    if (g->fault) {
        outgoing_finish(g, OUTGOING_FAILED, refuse_get(g->fault)->name);
        return;
    }
    g->phase = OUTGOING_SENDING;
    sock_owner(s, on_sock, g);
    sock_cap(s, SOCK_CAP, conf_get()->limits_stall);
    sock_deadline(s, conf_get()->limits_stall);
    sock_resume(s);
    pump_proxied(g);
}

static void on_used(void *arg, const struct stanza *answer)
{
    struct outgoing *g = arg;
    if (stanza_is_result(answer) && proxy65_activate_seat(g->seat) == REFUSE_OK)
        return;
    proxy65_leave(&g->seat);
    if ((g->methods & METHOD_IBB) && outgoing_receiver_there(g))
        open_inband(g);
    else
        outgoing_finish(g, outgoing_lost(g), "refused");
}

/* He is connected, and waits. */
static void open_seated(struct outgoing *g)
{
    g->seat = proxy65_join(g->key, on_seated, g);
    if (!g->seat || proxy65_activate_seat(g->seat) != REFUSE_OK)
        outgoing_finish(g, outgoing_lost(g), "not connected");
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

/* --- either --- */

void outgoing_open(struct outgoing *g)
{
    if (g->key)
        open_seated(g);
    else if (!open_proxied(g))
        open_inband(g);
}

void outgoing_pump(struct outgoing *g)
{
    if (g->sock)
        pump_proxied(g);
    else
        pump_inband(g);
}
