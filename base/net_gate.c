/* net_gate.c: how many connections an address has, and how often its logins failed lately.
 *
 * Promises: an entry exists only while its address is connected or not yet forgiven; forgiven entries are
 * swept when the table would grow, so it is bounded by the connections that really were made. An IPv6 address
 * counts as its /64. Any thread: one mutex, held for a few hundred nanoseconds. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/net.h"

#define FORGIVE_MS 3000 /* one failed login more after each */

struct entry {
    struct entry *next;
    uint64_t key;
    sa_family_t family;
    uint32_t connections;
    uint32_t failures; /* not yet forgiven, as of `since` */
    int64_t since;
};

struct net_gate {
    pthread_mutex_t lock;
    struct entry **table;
    size_t size, count; /* size: a power of two */
    uint64_t salt;      /* an attacker does not choose the chains */
};

static uint64_t key_of(const struct net_addr *a, sa_family_t *family)
{
    struct net_addr x = *a;
    uint64_t key = 0;

    net_fold(&x);
    *family = x.sa.sa_family;
    if (x.sa.sa_family == AF_INET)
        key = x.in4.sin_addr.s_addr;
    else if (x.sa.sa_family == AF_INET6)
        memcpy(&key, &x.in6.sin6_addr, sizeof key);
    return key;
}

static size_t slot_of(const struct net_gate *g, uint64_t key)
{
    uint64_t h = (key ^ g->salt) * UINT64_C(0x9E3779B97F4A7C15);

    h ^= h >> 29;
    h *= UINT64_C(0xBF58476D1CE4E5B9);
    return (size_t)(h >> 32) & (g->size - 1);
}

struct net_gate *net_gate_new(void)
{
    struct net_gate *g = xcalloc(1, sizeof *g);

    (void)pthread_mutex_init(&g->lock, NULL);
    g->size = 64;
    g->table = xcalloc(g->size, sizeof(struct entry *));
    g->salt = (uint64_t)(uintptr_t)g * UINT64_C(0x2545F4914F6CDD1D) ^ (uint64_t)clock_mono_ms();
    return g;
}

void net_gate_free(struct net_gate *g)
{
    if (g == NULL)
        return;
    for (size_t i = 0; i < g->size; i++) {
        while (g->table[i] != NULL) {
            struct entry *e = g->table[i];
            g->table[i] = e->next;
            free(e);
        }
    }
    free(g->table);
    (void)pthread_mutex_destroy(&g->lock);
    free(g);
}

static void forgive(struct entry *e, int64_t now)
{
    int64_t steps = (now - e->since) / FORGIVE_MS;

    if (e->failures == 0 || steps >= (int64_t)e->failures) {
        e->failures = 0;
        e->since = now;
    } else {
        e->failures -= (uint32_t)steps;
        e->since += steps * FORGIVE_MS;
    }
}

/* Drops what is forgiven and gone, then doubles the table if it is still crowded. */
static void sweep(struct net_gate *g, int64_t now)
{
    struct entry *all = NULL, *e;

    for (size_t i = 0; i < g->size; i++) {
        while ((e = g->table[i]) != NULL) {
            g->table[i] = e->next;
            forgive(e, now);
            if (e->connections == 0 && e->failures == 0) {
                free(e);
                g->count--;
            } else {
                e->next = all;
                all = e;
            }
        }
    }
    if (g->count * 2 >= g->size) {
        g->size *= 2;
        free(g->table);
        g->table = xcalloc(g->size, sizeof(struct entry *));
    }
    while ((e = all) != NULL) {
        size_t slot = slot_of(g, e->key);

        all = e->next;
        e->next = g->table[slot];
        g->table[slot] = e;
    }
}

static struct entry *find(struct net_gate *g, const struct net_addr *a, bool make)
{
    sa_family_t family;
    uint64_t key = key_of(a, &family);
    struct entry *e;
    size_t slot;

    for (e = g->table[slot_of(g, key)]; e != NULL; e = e->next)
        if (e->key == key && e->family == family)
            return e;
    if (!make)
        return NULL;
    if (g->count >= g->size)
        sweep(g, clock_mono_ms());
    slot = slot_of(g, key);
    e = xcalloc(1, sizeof *e);
    e->key = key;
    e->family = family;
    e->next = g->table[slot];
    g->table[slot] = e;
    g->count++;
    return e;
}

/* Unlinks an entry that says nothing any more: the usual end of a connection. */
static void drop_if_idle(struct net_gate *g, struct entry *e)
{
    struct entry **at = &g->table[slot_of(g, e->key)];

    if (e->connections > 0 || e->failures > 0)
        return;
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    g->count--;
    free(e);
}

bool net_gate_enter(struct net_gate *g, const struct net_addr *a, int64_t limit)
{
    struct entry *e;
    bool in;

    (void)pthread_mutex_lock(&g->lock);
    e = find(g, a, true);
    in = limit <= 0 || e->connections < limit;
    if (in)
        e->connections++;
    (void)pthread_mutex_unlock(&g->lock);
    return in;
}

void net_gate_leave(struct net_gate *g, const struct net_addr *a)
{
    struct entry *e;

    (void)pthread_mutex_lock(&g->lock);
    e = find(g, a, false);
    FERRY_ASSERT(e != NULL && e->connections > 0);
    e->connections--;
    drop_if_idle(g, e);
    (void)pthread_mutex_unlock(&g->lock);
}

void net_gate_failed(struct net_gate *g, const struct net_addr *a)
{
    int64_t now = clock_mono_ms();
    struct entry *e;

    (void)pthread_mutex_lock(&g->lock);
    e = find(g, a, true);
    forgive(e, now);
    if (e->failures < UINT32_MAX / 2)
        e->failures++;
    (void)pthread_mutex_unlock(&g->lock);
}

bool net_gate_held(struct net_gate *g, const struct net_addr *a)
{
    int64_t now = clock_mono_ms();
    struct entry *e;
    bool held = false;

    (void)pthread_mutex_lock(&g->lock);
    e = find(g, a, false);
    if (e != NULL) {
        forgive(e, now);
        held = e->failures >= (uint32_t)conf_get()->limits_failed_logins;
        drop_if_idle(g, e);
    }
    (void)pthread_mutex_unlock(&g->lock);
    return held;
}
