/* proxy65.c: the SOCKS5 proxy.
 *
 * A connection is a `side`: it shakes hands within [limits] handshake, then belongs to the `pair` of its key.
 * Bytes before the activation are not forwarded: from its answer on a side is not read, and they stay with
 * TCP (row 62). The activation lets them go: libgloox and its like begin to send when the proxy has answered
 * them, and their file would lack its beginning. (XEP-0065 asked for this until 1.8, which allows to drop
 * them because keeping costs memory; here it is what one read brought and the kernel's buffer.) A peer who
 * leaves meanwhile is noticed when somebody asks for his place. A key that has its two sides refuses a third
 * (rows 60 and 64).
 */
#include "xmpp/proxy65.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "xmpp/relay.h"

#define BUCKETS 256
#define PARK_MS 60000
#define PARKED_MAX 1024 /* keys that wait for their activation */
#define LISTENERS_MAX 8

struct pair;
struct side {
    struct side *next, *prev; /* all of them */
    struct sock *sock;        /* NULL once the relay has its descriptor */
    struct net_addr peer;     /* counted at the gate */
    struct socks_server shake;
    struct pair *pair; /* NULL: still shaking hands */
    struct buf early;  /* came in one read with the end of the handshake */
};

struct proxy65_seat {
    struct pair *pair;
    proxy65_seated *fn;
    void *owner;
};

struct pair {
    struct pair *chain;
    char key[SOCKS_KEY + 1];
    struct side *side[2];
    struct proxy65_seat *seat;
    struct relay *relay;
    proxy65_over *over; /* told of the relay's end, unless watcher is NULL */
    void *watcher;
    struct loop_timer timer;
};

static struct {
    struct loop *loop;
    struct loop_listener *listener[LISTENERS_MAX];
    struct net_addr at[LISTENERS_MAX];
    size_t listeners;
    struct net_gate *gate;
    struct side *sides;
    struct pair *table[BUCKETS];
    size_t parked, relays;
} proxy;

/* --- pairs --- */

static struct pair **slot_of(const char *key)
{
    uint32_t h = 0;
    for (int i = 0; i < 8; i++) /* the key is a hash already */
        h = h * 16 + (uint32_t)(key[i] >= 'a' ? key[i] - 'a' + 10 : key[i] - '0');
    return &proxy.table[h % BUCKETS];
}

static struct pair *pair_find(const char *key)
{
    struct pair *q = *slot_of(key);
    while (q && strcmp(q->key, key) != 0)
        q = q->chain;
    return q;
}

static void side_free(struct side *s)
{
    if (s->prev)
        s->prev->next = s->next;
    else
        proxy.sides = s->next;
    if (s->next)
        s->next->prev = s->prev;
    net_gate_leave(proxy.gate, &s->peer);
    sock_free(s->sock);
    buf_free(&s->early);
    free(s);
}

/* The pair goes with all that is in it, but for a seat, which its owner holds. */
static void pair_free(struct pair *q)
{
    struct pair **at = slot_of(q->key);
    while (*at != q)
        at = &(*at)->chain;
    *at = q->chain;
    proxy.parked -= q->relay == NULL;
    proxy.relays -= q->relay != NULL;
    loop_timer_clear(&q->timer);
    relay_stop(&q->relay);
    for (int i = 0; i < 2; i++)
        if (q->side[i])
            side_free(q->side[i]);
    if (q->seat)
        q->seat->pair = NULL;
    free(q);
}

/* Nobody came to activate. A seat's owner has his own clock; only the connections go. */
static void on_parked_long(void *arg)
{
    struct pair *q = arg;
    if (!q->seat) {
        pair_free(q);
        return;
    }
    for (int i = 0; i < 2; i++)
        if (q->side[i])
            side_free(TAKE(q->side[i]));
}

static struct pair *pair_new(const char *key)
{
    struct pair **at = slot_of(key);
    struct pair *q = xcalloc(1, sizeof *q);
    memcpy(q->key, key, sizeof q->key);
    loop_timer_init(&q->timer, proxy.loop, on_parked_long, q);
    q->chain = *at;
    *at = q;
    proxy.parked++;
    return q;
}

static void side_gone(struct side *s)
{
    struct pair *q = s->pair;
    if (q) {
        q->side[q->side[1] == s] = NULL;
        if (!q->side[0] && !q->side[1] && !q->seat)
            pair_free(q);
    }
    side_free(s);
}

/* --- connections --- */

static void refuse_side(struct side *s, enum socks_reply reply)
{
    struct buf out = {0};
    socks_server_answer(&s->shake, reply, &out);
    sock_write(s->sock, out.data, out.len);
    buf_free(&out);
    sock_close_soon(TAKE(s->sock), 1000);
    side_free(s);
}

/* Frees the sides that have left while nobody read from them. */
static void drop_gone(struct pair *q)
{
    for (int i = 0; i < 2 && !q->relay; i++) {
        struct side *s = q->side[i];
        if (!s || s->early.len > 0 || !sock_is_gone(s->sock))
            continue;
        q->side[i] = NULL;
        side_free(s);
    }
}

/* The pair of a key with those who are really there; NULL: nobody is. */
static struct pair *pair_fresh(const char *key)
{
    struct pair *q = pair_find(key);
    if (!q)
        return NULL;
    drop_gone(q);
    if (q->side[0] || q->side[1] || q->seat)
        return q;
    pair_free(q);
    return NULL;
}

static bool is_full(const struct pair *q)
{
    return q->relay || (q->side[0] && q->side[1]) || (q->seat && (q->side[0] || q->side[1]));
}

/* The key is known: the side takes its place, or hears why not. */
static void seat_side(struct side *s)
{
    struct pair *q = pair_fresh(s->shake.key);
    if (!q && proxy.parked >= PARKED_MAX) {
        refuse_side(s, SOCKS_NOT_ALLOWED);
        return;
    }
    if (q && is_full(q)) {
        log_warn("proxy65 third-connection refused");
        refuse_side(s, SOCKS_CONNECTION_REFUSED);
        return;
    }
    if (!q)
        q = pair_new(s->shake.key);
    q->side[q->side[0] != NULL] = s;
    s->pair = q;
    struct buf out = {0};
    socks_server_answer(&s->shake, SOCKS_OK, &out);
    sock_write(s->sock, out.data, out.len);
    buf_free(&out);
    sock_pause(s->sock);
    sock_deadline(s->sock, 0);
    loop_timer_set(&q->timer, PARK_MS);
}

static void on_bytes(struct side *s, const struct sock_data *data)
{
    struct buf out = {0};
    size_t used;
    enum socks_result r = socks_server_feed(&s->shake, data->data, data->len, &used, &out);
    if (out.len > 0)
        sock_write(s->sock, out.data, out.len);
    buf_free(&out);
    if (r == SOCKS_DONE) {
        buf_add(&s->early, data->data + used, data->len - used);
        seat_side(s);
    } else if (r == SOCKS_REFUSED) {
        sock_close_soon(TAKE(s->sock), 1000);
        side_free(s);
    }
}

static void on_sock(void *owner, struct sock *sock, enum sock_event ev, const struct sock_data *data)
{
    struct side *s = owner;
    switch (ev) {
    case SOCK_DATA:
        on_bytes(s, data);
        break;
    case SOCK_EOF:
    case SOCK_ERROR:
    case SOCK_TIMEOUT:
    case SOCK_OVERFULL:
        side_gone(s);
        break;
    default:
        break;
    }
}

static void on_accept(void *arg, int fd, const struct net_addr *peer)
{
    if (!net_gate_enter(proxy.gate, peer, conf_get()->limits_per_address)) {
        (void)close(fd);
        return;
    }
    struct side *s = xcalloc(1, sizeof *s);
    s->peer = *peer;
    socks_server_init(&s->shake);
    s->sock = sock_accepted(proxy.loop, fd, peer, on_sock, s);
    sock_deadline(s->sock, conf_get()->limits_handshake);
    s->next = proxy.sides;
    if (s->next)
        s->next->prev = s;
    proxy.sides = s;
}

/* --- activation --- */

static bool ready(const struct side *s)
{
    return s && sock_waiting(s->sock) == 0;
}

static void on_relayed(void *owner, const struct relay_over *is)
{
    struct pair *q = owner;
    log_info("proxy65 relay %s bytes=%lld", is->why, (long long)is->bytes);
    q->relay = NULL;
    proxy.relays--;
    proxy.parked++; /* what pair_free takes back */
    void *watcher = q->watcher;
    proxy65_over *over = q->over;
    pair_free(q);
    if (watcher)
        over(watcher, is);
}

bool proxy65_watch(const char *key, proxy65_over *fn, void *owner)
{
    struct pair *q = pair_find(key);
    if (!q || !q->relay)
        return false;
    q->over = fn;
    q->watcher = owner;
    return true;
}

struct relay *proxy65_relay(const char *key)
{
    const struct pair *q = pair_find(key);
    return q ? q->relay : NULL;
}

void proxy65_forget(const void *owner)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct pair *q = proxy.table[i]; q; q = q->chain)
            if (q->watcher == owner)
                q->watcher = NULL;
}

static enum refuse activate_relay(struct pair *q)
{
    struct relay_end end[2];
    if (!ready(q->side[0]) || !ready(q->side[1]))
        return REFUSE_STREAM_ONE_SIDE;
    for (int i = 0; i < 2; i++)
        end[i] = (struct relay_end){sock_take_fd(TAKE(q->side[i]->sock)), q->side[i]->early.data,
                                    q->side[i]->early.len};
    loop_timer_clear(&q->timer);
    q->relay = relay_start(proxy.loop, &end[0], &end[1], on_relayed, q);
    if (!q->relay) {
        pair_free(q);
        return REFUSE_INTERNAL;
    }
    for (int i = 0; i < 2; i++)
        buf_free(&q->side[i]->early);
    proxy.parked--;
    proxy.relays++;
    log_info("proxy65 relay begins");
    return REFUSE_OK;
}

static enum refuse activate_pair(struct pair *q)
{
    if (q->relay)
        return REFUSE_STREAM_ONE_SIDE;
    if (!q->seat)
        return activate_relay(q);
    struct side *s = q->side[0] ? q->side[0] : q->side[1];
    if (!ready(s))
        return REFUSE_STREAM_ONE_SIDE;
    struct proxy65_seat *seat = TAKE(q->seat);
    seat->fn(seat->owner, TAKE(s->sock), s->early.data, s->early.len);
    free(seat);
    pair_free(q);
    return REFUSE_OK;
}

enum refuse proxy65_activate(const char *key)
{
    struct pair *q = pair_fresh(key);
    return q ? activate_pair(q) : REFUSE_NOT_FOUND;
}

enum refuse proxy65_activate_seat(struct proxy65_seat *seat)
{
    struct pair *q = seat->pair;
    if (!q)
        return REFUSE_NOT_FOUND;
    FERRY_ASSERT(q->seat == seat); /* so the pair stays when its sides go */
    drop_gone(q);
    return activate_pair(q);
}

bool proxy65_parked(const char *key)
{
    const struct pair *q = pair_fresh(key);
    return q && !q->relay && !q->seat && !(q->side[0] && q->side[1]);
}

bool proxy65_waits(const struct net_addr *a)
{
    for (const struct side *s = proxy.sides; s; s = s->next)
        if (s->pair && s->sock && net_same_host(&s->peer, a))
            return true;
    return false;
}

struct proxy65_seat *proxy65_join(const char *key, proxy65_seated *fn, void *owner)
{
    struct pair *q = pair_fresh(key);
    if (q && (q->relay || q->seat || (q->side[0] && q->side[1])))
        return NULL;
    if (!q)
        q = pair_new(key);
    struct proxy65_seat *seat = xmalloc(sizeof *seat);
    *seat = (struct proxy65_seat){q, fn, owner};
    q->seat = seat;
    return seat;
}

void proxy65_leave(struct proxy65_seat **at)
{
    struct proxy65_seat *seat = TAKE(*at);
    if (!seat)
        return;
    if (seat->pair) {
        seat->pair->seat = NULL;
        pair_free(seat->pair); /* a connection that came for Ferry has nobody to meet any more */
    }
    free(seat);
}

/* --- start and stop --- */

int proxy65_start(struct loop *loop, struct buf *why)
{
    const char *list = conf_get()->proxy65_listen;
    char item[NET_TEXT];
    proxy.loop = loop;
    proxy.gate = net_gate_new();
    while (proxy.listeners < LISTENERS_MAX && conf_list_next(&list, item, sizeof item)) {
        struct net_addr *a = &proxy.at[proxy.listeners];
        int fd = net_parse(item, a) == 0 ? net_listen(a, 512) : -1;
        if (fd < 0) {
            buf_addf(why, "proxy65: cannot listen on %s: %m", item);
            return -1;
        }
        proxy.listener[proxy.listeners++] = loop_listen(loop, fd, on_accept, NULL);
    }
    return 0;
}

void proxy65_stop(void)
{
    for (size_t i = 0; i < proxy.listeners; i++)
        loop_listener_free(TAKE(proxy.listener[i]));
    proxy.listeners = 0;
    for (size_t i = 0; i < BUCKETS; i++)
        while (proxy.table[i])
            pair_free(proxy.table[i]);
    while (proxy.sides)
        side_free(proxy.sides);
    if (proxy.gate)
        net_gate_free(TAKE(proxy.gate));
}

void proxy65_ready(struct buf *line)
{
    for (size_t i = 0; i < proxy.listeners; i++) {
        char text[NET_TEXT];
        net_format(&proxy.at[i], text);
        buf_addf(line, " proxy65=%s", text);
    }
}

uint16_t proxy65_port(void)
{
    return proxy.listeners > 0 ? net_port(&proxy.at[0]) : 0;
}

size_t proxy65_busy(void)
{
    return proxy.relays;
}
