/* registry.c: who is here: users by bare JID, sessions by serial.
 *
 * One hash table of users holds prepared bare JIDs; a full JID is found among the few sessions of its user.
 * So a raw address that is spelled as prepared is found without preparation, and anything else is simply not
 * found. The hash is seeded per process: names are chosen by strangers. Everything belongs to the loop.
 */
#include "xmpp/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "xmpp/mod.h"

struct user_waiting {
    struct user_waiting *next;
    uint64_t serial;
    void (*fn)(uint64_t serial, void *arg);
    void *arg;
};

static struct {
    struct user **users;
    size_t user_slots, n_users; /* slots: a power of two */
    struct session **serials;
    size_t serial_slots, n_sessions, n_bound;
    uint64_t seed, last_serial;
} reg;

#define FIRST_SLOTS 64

static uint64_t hash(const char *s, size_t n)
{
    uint64_t h = reg.seed;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
    h ^= h >> 32;
    return h * 0x9e3779b97f4a7c15u;
}

/* --- users --- */
static struct user **user_slot(uint64_t h)
{
    return &reg.users[(h >> 20) & (reg.user_slots - 1)];
}

static void users_grow(void)
{
    struct user **old = reg.users;
    size_t n = reg.user_slots;
    reg.user_slots = n ? n * 2 : FIRST_SLOTS;
    reg.users = xcalloc(reg.user_slots, sizeof(struct user *));
    if (!n)
        random_bytes(&reg.seed, sizeof(reg.seed)); /* the first table: nothing was hashed before */
    for (size_t i = 0; i < n; i++) {
        for (struct user *u = old[i], *next; u; u = next) {
            next = u->next;
            u->next = *user_slot(u->hash);
            *user_slot(u->hash) = u;
        }
    }
    free(old);
}

static struct user *user_find(const char *bare, size_t n)
{
    if (!reg.n_users)
        return NULL;
    uint64_t h = hash(bare, n);
    for (struct user *u = *user_slot(h); u; u = u->next)
        if (u->hash == h && !strncmp(u->jid, bare, n) && !u->jid[n])
            return u;
    return NULL;
}

struct user *registry_user_entry(const char *bare_jid)
{
    return user_find(bare_jid, strlen(bare_jid));
}

static struct user *user_new(const char *bare, size_t n)
{
    if (reg.n_users >= reg.user_slots)
        users_grow();
    struct user *u = xcalloc(1, sizeof(*u) + n + 1);
    memcpy(u->jid, bare, n);
    u->hash = hash(bare, n);
    u->next = *user_slot(u->hash);
    *user_slot(u->hash) = u;
    reg.n_users++;
    return u;
}

struct user *registry_user_take(const char *bare_jid)
{
    struct user *u = registry_user_entry(bare_jid);
    if (u) {
        u->refs++;
        return u;
    }
    u = user_new(bare_jid, strlen(bare_jid));
    u->refs = 1;
    u->loading = 1; /* ours: lest a module that loads at once finishes before the others began */
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m)) {
        if (!m->user_load)
            continue;
        u->loading++;
        m->user_load(u);
    }
    registry_user_loaded(u->jid);
    return u;
}

/* A user whose last session went while he was loaded is kept until the loads are in: they name him by text,
 * and a second user of that name must not get the first one's answers. */
static void user_free_if_unused(struct user *u)
{
    if (u->refs || u->loading)
        return;
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        if (m->user_gone)
            m->user_gone(u);
    struct user **at = user_slot(u->hash);
    while (*at != u)
        at = &(*at)->next;
    *at = u->next;
    reg.n_users--;
    FERRY_ASSERT(!u->waiting && !u->first);
    free(u);
}

void registry_user_drop(struct user *u)
{
    FERRY_ASSERT(u->refs > 0);
    u->refs--;
    user_free_if_unused(u);
}

void registry_user_loaded(const char *bare_jid)
{
    struct user *u = registry_user_entry(bare_jid);
    FERRY_ASSERT(u && u->loading > 0);
    if (--u->loading)
        return;
    u->refs++; /* held: the waiters may come and go */
    while (u->waiting) {
        struct user_waiting *w = u->waiting;
        u->waiting = w->next;
        w->fn(w->serial, w->arg);
        free(w);
    }
    u->refs--;
    if (u->loading == 0 && u->refs == 0)
        user_free_if_unused(u);
}

void registry_user_wait(struct user *u, uint64_t serial, void (*fn)(uint64_t serial, void *arg), void *arg)
{
    if (!u->loading) {
        fn(serial, arg);
        return;
    }
    struct user_waiting *w = xmalloc(sizeof(*w));
    *w = (struct user_waiting){.serial = serial, .fn = fn, .arg = arg};
    struct user_waiting **at = &u->waiting;
    while (*at)
        at = &(*at)->next;
    *at = w;
}

/* --- bound sessions --- */
struct session *registry_full(const char *full_jid)
{
    const char *slash = strchr(full_jid, '/');
    if (!slash)
        return NULL;
    struct user *u = user_find(full_jid, (size_t)(slash - full_jid));
    for (struct session *s = u ? u->first : NULL; s; s = s->user_next)
        if (!strcmp(s->jid.text + s->jid.bare_len, slash))
            return s;
    return NULL;
}

struct session *registry_user(const char *bare_jid)
{
    struct user *u = registry_user_entry(bare_jid);
    return u ? u->first : NULL;
}

struct session *registry_best(const char *bare_jid, bool (*take)(const struct session *s, void *arg),
                              void *arg)
{
    struct session *best = NULL;
    for (struct session *s = registry_user(bare_jid); s; s = s->user_next)
        if (s->available && s->priority >= 0 && (!best || s->priority > best->priority) &&
            (!take || take(s, arg)))
            best = s;
    return best;
}

int registry_bind(struct session *s)
{
    FERRY_ASSERT(s->user && !s->registered && !jid_is_bare(&s->jid));
    if (registry_full(s->jid.text))
        return -1;
    s->user_next = s->user->first;
    s->user->first = s;
    s->user->n++;
    s->registered = true;
    reg.n_bound++;
    return 0;
}

void registry_unbind(struct session *s)
{
    if (!s->registered)
        return;
    struct session **at = &s->user->first;
    while (*at != s)
        at = &(*at)->user_next;
    *at = s->user_next;
    s->user_next = NULL;
    s->user->n--;
    s->registered = false;
    reg.n_bound--;
}

size_t registry_count(void)
{
    return reg.n_bound;
}

/* fn may end the session it is given, and any other: what is walked is a copy. */
void registry_each(bool (*fn)(struct session *s, void *arg), void *arg)
{
    uint64_t *serials = xmalloc((reg.n_sessions + 1) * sizeof(*serials));
    size_t n = 0;
    for (size_t i = 0; i < reg.serial_slots; i++)
        for (struct session *s = reg.serials[i]; s; s = s->serial_next)
            serials[n++] = s->serial;
    for (size_t i = 0; i < n; i++) {
        struct session *s = session_by_serial(serials[i]);
        if (s && !fn(s, arg))
            break;
    }
    free(serials);
}

/* --- serials --- */
static void serials_grow(void)
{
    struct session **old = reg.serials;
    size_t n = reg.serial_slots;
    reg.serial_slots = n ? n * 2 : FIRST_SLOTS;
    reg.serials = xcalloc(reg.serial_slots, sizeof(struct session *));
    for (size_t i = 0; i < n; i++) {
        for (struct session *s = old[i], *next; s; s = next) {
            next = s->serial_next;
            struct session **slot = &reg.serials[s->serial & (reg.serial_slots - 1)];
            s->serial_next = *slot;
            *slot = s;
        }
    }
    free(old);
}

void registry_add(struct session *s)
{
    if (reg.n_sessions >= reg.serial_slots)
        serials_grow();
    s->serial = ++reg.last_serial;
    struct session **slot = &reg.serials[s->serial & (reg.serial_slots - 1)];
    s->serial_next = *slot;
    *slot = s;
    reg.n_sessions++;
}

void registry_remove(struct session *s)
{
    struct session **at = &reg.serials[s->serial & (reg.serial_slots - 1)];
    while (*at != s)
        at = &(*at)->serial_next;
    *at = s->serial_next;
    reg.n_sessions--;
}

struct session *session_by_serial(uint64_t serial)
{
    struct session *s = reg.serial_slots ? reg.serials[serial & (reg.serial_slots - 1)] : NULL;
    while (s && s->serial != serial)
        s = s->serial_next;
    return s && s->state != SESSION_DEAD ? s : NULL;
}

struct session *registry_any(void)
{
    for (size_t i = 0; i < reg.serial_slots; i++)
        if (reg.serials[i])
            return reg.serials[i];
    return NULL;
}

void registry_free(void)
{
    FERRY_ASSERT(!reg.n_sessions);
    free(reg.users);
    free(reg.serials);
    memset(&reg, 0, sizeof(reg));
}
