/* bytestreams.c: SOCKS5 bytestreams (XEP-0065) of offers that Ferry took, from the first dial to the last
 * byte. What is said of them stands in bytestreams_query.c and jingle_streams.c.
 *
 * Our own proxy, wherever it stands in the sender's list, is joined in memory; else the stream hosts
 * that streamhost.h allows are dialled within [limits] handshake in all. The claim is made before
 * streamhost-used is said, so a full quota is refused before a byte flows. When nothing can be reached the
 * answer is item-not-found at a whole tenth of that time, the same for refused, filtered and forbidden hosts
 * (row 56); the record then waits for another query or an in-band open.
 *
 * The end of the file is its size (C17). A byte more spoils it, so the end is believed when the peer closes
 * or is silent for a moment; the connection is closed by us only after the durable commit.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "xmpp/dial.h"
#include "xmpp/mod/bytestreams.h"

#define EXTRA_MS 200 /* how long bytes beyond the size are waited for */
#define CLOSE_MS 5000
#define DIALS_BURST 20 /* failed dials of a session at once (row 56), then one in DIAL_EVERY_MS */
#define DIAL_EVERY_MS 3000
#define DIALS_AT_ONCE 4 /* of one session */

struct s5b { /* offer->stream */
    struct offer *o;
    struct dial *dial;
    struct proxy65_seat *seat;
    struct sock *sock;
    struct loop_timer timer;    /* the quantised refusal, the rate, the wait for extra bytes */
    struct buf early;           /* file bytes that came with the handshake */
    char *jids[STREAMHOST_MAX]; /* as the sender wrote them */
    char *proxy;                /* our own proxy among them, as he wrote it; NULL: it is not */
    const char *used;           /* the one that is used */
    size_t which;               /* of the list it was begun with; a side counts them */
    int64_t began;              /* monotonic ms */
    int64_t counted;            /* bytes at the last look at the rate */
    bool full, refused, eof;
    bool own; /* he came to us: the seat needs no word of his */
};

struct dials { /* per session: its slot */
    int64_t credit_ms, at;
    unsigned now;
};
static unsigned dials_slot;

static const struct offer_stream stream_ops;
static const struct intake_events intake_events;

/* --- a stream's life --- */

static struct dials *dials_of(const struct offer *o)
{
    struct session *s = session_by_serial(o->from_serial);
    return s ? s->slots[dials_slot] : NULL;
}

static void dial_over(struct s5b *b)
{
    struct dials *d = b->dial ? dials_of(b->o) : NULL;
    if (d)
        d->now--;
    b->dial = NULL;
}

static void s5b_free(void *stream)
{
    struct s5b *b = stream;
    struct dial *dial = b->dial;
    dial_over(b);
    dial_cancel(&dial);
    proxy65_leave(&b->seat);
    sock_free(b->sock);
    loop_timer_clear(&b->timer);
    buf_free(&b->early);
    for (size_t i = 0; i < STREAMHOST_MAX; i++)
        free(b->jids[i]);
    free(b->proxy);
    free(b);
}
static const struct offer_stream stream_ops = {.free = s5b_free};

/* Nothing was reached. An in-band stream may follow, to the receiver where he is there. */
static void refuse_query(struct s5b *b)
{
    struct offer *o = b->o;
    o->stream = NULL;
    s5b_free(b);
    if (o->side) {
        offer_enter(o, OFFER_ACCEPTED);
        o->side->unreachable(o);
        return;
    }
    o->fell = true;
    pending_refuse(&o->answer, REFUSE_PEER_UNREACHABLE, NULL);
    offer_give_back(o);
}

static void refuse_on_the_beat(struct s5b *b)
{
    int64_t beat = conf_get()->limits_handshake / 10, passed = clock_mono_ms() - b->began;
    b->refused = true;
    loop_timer_set(&b->timer, beat - passed % beat);
}

static void claim(struct s5b *b)
{
    struct offer *o = b->o;
    offer_enter(o, OFFER_CLAIMING);
    offer_claim(o, &intake_events);
}

/* --- bytes --- */

static void broken(struct s5b *b, enum refuse why)
{
    struct offer *o = b->o;
    offer_end(&o, why);
}

static void store(struct s5b *b)
{
    loop_timer_clear(&b->timer);
    if (b->sock)
        sock_pause(b->sock);
    offer_whole(b->o);
}

static void take_bytes(struct s5b *b, const char *data, size_t n)
{
    struct offer *o = b->o;
    enum refuse r = intake_add(o->intake, data, n);
    if (r != REFUSE_OK) {
        broken(b, r);
        return;
    }
    if (intake_whole(o->intake)) {
        b->full = false;
        loop_timer_set(&b->timer, EXTRA_MS);
    } else if (intake_full(o->intake) && !b->full) {
        b->full = true;
        sock_pause(b->sock);
    }
}

/* Of a file of unknown size the end is his own, and no broken connection. */
static void on_end_of_bytes(struct s5b *b, bool broken_off)
{
    b->eof = true;
    if (broken_off ? intake_whole(b->o->intake) : intake_may_end(b->o->intake))
        store(b);
    else
        broken(b, REFUSE_BROKEN_OFF);
}

static void on_sock(void *owner, struct sock *s, enum sock_event ev, const struct sock_data *data)
{
    struct s5b *b = owner;
    if (b->o->state != OFFER_OPEN)
        return; /* being stored: what still comes changes nothing */
    switch (ev) {
    case SOCK_DATA:
        take_bytes(b, data->data, data->len);
        break;
    case SOCK_EOF:
    case SOCK_ERROR:
        on_end_of_bytes(b, ev == SOCK_ERROR);
        break;
    default:
        break;
    }
}

/* Connected and claimed: from now on bytes count. */
static void begin(struct s5b *b)
{
    b->counted = intake_received(b->o->intake);
    loop_timer_set(&b->timer, conf_get()->limits_stall);
    sock_owner(b->sock, on_sock, b);
    sock_resume(b->sock);
    take_bytes(b, b->early.data, b->early.len); /* may end it */
}

/* The clock of a stream: a refusal that is due, the end that is believed, or too few bytes (row 65). */
static void on_timer(void *arg)
{
    struct s5b *b = arg;
    if (b->refused) {
        refuse_query(b);
        return;
    }
    struct offer *o = b->o;
    int64_t least = conf_get()->limits_min_rate * conf_get()->limits_stall / 1000;
    int64_t came = intake_received(o->intake) - b->counted;
    if (b->sock && intake_whole(o->intake)) {
        store(b);
    } else if (!b->full && (!b->sock || came == 0 || came < least)) {
        broken(b, b->sock ? REFUSE_BROKEN_OFF : REFUSE_TIMEOUT);
    } else {
        b->counted = intake_received(o->intake);
        loop_timer_set(&b->timer, conf_get()->limits_stall);
    }
}

/* --- answers of storage, the dial and the proxy --- */

static void say_used(struct offer *o, const char *jid)
{
    struct stanza *query = stanza_new(pending_arena(o->answer), NS_BYTESTREAMS, "query");
    stanza_set(query, "sid", o->sid);
    stanza_set(stanza_child(query, NULL, "streamhost-used"), "jid", jid);
    pending_result(&o->answer, query);
}

static void on_claimed(void *owner, enum refuse r)
{
    struct offer *o = owner;
    struct s5b *b = o->stream;
    if (r != REFUSE_OK) {
        o->intake = NULL;
        offer_end(&o, r);
        return;
    }
    offer_enter(o, OFFER_OPEN);
    if (b->own && b->seat) {
        if (proxy65_activate_seat(b->seat) != REFUSE_OK)
            broken(b, REFUSE_PEER_UNREACHABLE);
        return;
    }
    if (!o->side)
        say_used(o, b->used);
    else if (!b->own)
        o->side->reached(o, b->which);
    if (b->sock)
        begin(b);
    else
        loop_timer_set(&b->timer, conf_get()->limits_stall); /* for the activation */
}

static void on_room(void *owner)
{
    struct s5b *b = ((struct offer *)owner)->stream;
    if (!b->full || b->o->state != OFFER_OPEN)
        return;
    b->full = false;
    b->counted = intake_received(b->o->intake); /* the time until now was ours */
    loop_timer_set(&b->timer, conf_get()->limits_stall);
    if (b->sock)
        sock_resume(b->sock);
}

static void on_ended(void *owner, enum refuse r, const struct transfer *t)
{
    struct offer *o = owner;
    struct s5b *b = o->stream;
    o->intake = NULL;
    if (r == REFUSE_OK)
        o->grant.size = t->size;
    if (b->sock && r == REFUSE_OK && !b->eof)
        sock_close_soon(TAKE(b->sock), CLOSE_MS);
    offer_end(&o, r);
}
static const struct intake_events intake_events = {on_claimed, on_room, on_ended};

static void on_dialled(void *owner, int which, struct sock *s, const char *early, size_t n)
{
    struct s5b *b = owner;
    struct dials *d = dials_of(b->o);
    dial_over(b);
    if (s && d)
        d->credit_ms += DIAL_EVERY_MS; /* only failures count */
    if (!s) {
        refuse_on_the_beat(b);
        return;
    }
    b->used = b->jids[which];
    b->which = (size_t)which;
    b->sock = s;
    buf_add(&b->early, early, n);
    claim(b);
}

static void on_seated(void *owner, struct sock *s, const char *early, size_t n)
{
    struct s5b *b = owner;
    b->seat = NULL;
    b->sock = s;
    buf_add(&b->early, early, n);
    if (b->o->state == OFFER_OPEN)
        begin(b);
    else
        sock_owner(s, on_sock, b); /* activated before storage has said yes: the bytes wait */
}

/* --- a stream begins --- */

static struct s5b *s5b_new(struct offer *o)
{
    struct s5b *b = xcalloc(1, sizeof *b);
    b->o = o;
    b->began = clock_mono_ms();
    loop_timer_init(&b->timer, mod_loop(), on_timer, b);
    o->stream = b;
    o->stream_ops = &stream_ops;
    return b;
}

/* A session's leave to dial: not too many at once, not too many failures. */
static bool may_dial(const struct offer *o)
{
    struct session *s = session_by_serial(o->from_serial);
    int64_t now = clock_mono_ms(), most = (int64_t)DIALS_BURST * DIAL_EVERY_MS;
    if (!s)
        return false;
    struct dials *d = s->slots[dials_slot];
    if (!d) {
        s->slots[dials_slot] = d = xcalloc(1, sizeof *d);
        d->credit_ms = most;
        d->at = now;
    }
    d->credit_ms += now - d->at;
    d->at = now;
    if (d->credit_ms > most)
        d->credit_ms = most;
    if (d->credit_ms < DIAL_EVERY_MS || d->now >= DIALS_AT_ONCE)
        return false;
    d->credit_ms -= DIAL_EVERY_MS;
    d->now++;
    return true;
}

static void dial_hosts(struct s5b *b, const struct dial_host *hosts, size_t n)
{
    const struct session *s = session_by_serial(b->o->from_serial);
    offer_enter(b->o, OFFER_CONNECTING);
    if (!s) {
        refuse_on_the_beat(b);
        return;
    }
    const struct streamhost_rule rule = {
        .session = *sock_peer(s->sock),
        .loopback = s->local_peer,
        .dial = strcmp(conf_get()->offers_dial, "session") == 0,
        .ports = conf_get()->offers_dial_ports,
    };
    if (!rule.dial || b->o->no_dial || !may_dial(b->o)) {
        refuse_on_the_beat(b);
        return;
    }
    b->dial = dial_start(mod_loop(), &rule, hosts, n, conf_get()->limits_handshake, on_dialled, b);
}

void bytestreams_try(struct offer *o, const struct bytestreams_hosts *h)
{
    struct s5b *b = s5b_new(o);
    for (size_t i = 0; i < h->n; i++)
        b->jids[i] = xstrdup(h->jid[i]);
    if (h->proxy) {
        b->proxy = xstrdup(h->proxy);
        b->seat = proxy65_join(h->proxy_key, on_seated, b);
        b->used = b->proxy;
    }
    if (b->seat)
        claim(b);
    else
        dial_hosts(b, h->host, h->n);
}

void bytestreams_connect(struct offer *o, const struct dial_host *hosts, size_t n, int proxy)
{
    struct s5b *b = s5b_new(o);
    if (proxy >= 0) {
        /* Never by a hash of his: under one that is another's stream, its bytes would come to him. */
        char key[SOCKS_KEY + 1];
        socks_key(o->sid, o->from, o->to_raw, key);
        b->seat = proxy65_join(key, on_seated, b);
        b->which = (size_t)proxy;
    }
    if (b->seat)
        claim(b);
    else
        dial_hosts(b, hosts, n);
}

void bytestreams_adopt(struct offer *o, const char *key)
{
    struct s5b *b = s5b_new(o);
    b->own = true;
    b->seat = proxy65_join(key, on_seated, b);
    if (b->seat)
        claim(b);
    else
        broken(b, REFUSE_PEER_UNREACHABLE);
}

void bytestreams_go_on(struct offer *o, int fd)
{
    struct net_addr peer = {.len = sizeof peer.in6};
    struct s5b *b = s5b_new(o);
    (void)getpeername(fd, &peer.sa, &peer.len);
    b->sock = sock_accepted(mod_loop(), fd, &peer, on_sock, b);
    intake_turn(o->intake, &intake_events);
    begin(b);
}

struct proxy65_seat *bytestreams_seat(const struct offer *o)
{
    const struct s5b *b = o->stream_ops == &stream_ops ? o->stream : NULL;
    return b && o->state == OFFER_OPEN ? b->seat : NULL;
}

/* --- the module --- */

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    dials_slot = mod_session_slot();
    return 0;
}

static void session_gone(struct session *s)
{
    free(TAKE(s->slots[dials_slot]));
}

static const struct mod mod_bytestreams = {
    .name = "bytestreams", .start = start, .stop = dial_stop, .session_gone = session_gone};
MOD_REGISTER(mod_bytestreams);
