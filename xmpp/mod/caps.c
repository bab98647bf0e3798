/* caps.c: reads entity capabilities (XEP-0115) from the presences of our own sessions.
 *
 * Sessions that show the same node and ver share one entry, which is asked about once: of the session that
 * came first, and of the next one when that is gone, is silent, or lied. No session is asked twice, for only
 * one that is younger than the last is. Of the answer only what caps.h names is kept, so an entry is small;
 * those that nobody shows any more are kept up to a number of bytes.
 */
#include "xmpp/caps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "xmpp/capsform.h"
#include "xmpp/router.h"

#define NODE_LIBPURPLE "http://pidgin.im/" /* all versions, "caps" behind it in older ones */
#define KEY_MAX 512
#define UNUSED_MAX ((size_t)256 << 10) /* bytes of entries that nobody shows */
#define BUCKETS 256
#define ANSWER_MS 30000

struct client {
    struct client *next;             /* hash chain */
    struct client *older, *newer;    /* among those that nobody shows */
    unsigned refs;                   /* sessions that show it */
    bool libpurple, provable, known; /* provable: there is a ver to hold an answer against */
    bool asking;
    uint64_t asked; /* serial of the last session that was asked */
    unsigned features;
    size_t node_len;
    char key[]; /* node#ver as it is asked; without a ver to prove: the node */
};

static unsigned slot;
static struct client *table[BUCKETS];
static struct client *oldest, *newest;
static size_t unused_bytes;

bool caps_is_libpurple(const struct session *s)
{
    const struct client *c = s->slots[slot];
    return c && c->libpurple;
}

enum caps_known caps_has(const struct session *s, enum caps_feature f)
{
    const struct client *c = s->slots[slot];
    if (!c || !c->known)
        return CAPS_UNKNOWN;
    return c->features & f ? CAPS_YES : CAPS_NO;
}

bool caps_asking(const struct session *s)
{
    const struct client *c = s->slots[slot];
    return c && c->asking;
}

bool caps_none(const struct session *s)
{
    const struct client *c = s->slots[slot];
    return !c || !c->provable;
}

/* --- the entries --- */

static struct client **bucket(const char *key)
{
    uint32_t h = 2166136261u;
    for (; *key; key++)
        h = (h ^ (unsigned char)*key) * 16777619u;
    return &table[h % BUCKETS];
}

static size_t weight(const struct client *c)
{
    return sizeof(*c) + strlen(c->key) + 1;
}

static void leave_unused(struct client *c)
{
    *(c->older ? &c->older->newer : &oldest) = c->newer;
    *(c->newer ? &c->newer->older : &newest) = c->older;
    unused_bytes -= weight(c);
}

static void client_free(struct client *c)
{
    struct client **at = bucket(c->key);
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    free(c);
}

static void drop(struct client *c)
{
    if (!c || --c->refs)
        return;
    c->older = newest;
    c->newer = NULL;
    *(newest ? &newest->newer : &oldest) = c;
    newest = c;
    unused_bytes += weight(c);
    for (struct client *o = oldest, *next; o && unused_bytes > UNUSED_MAX; o = next) {
        next = o->newer;
        if (o->asking) /* its answer comes back to it; soon */
            continue;
        leave_unused(o);
        client_free(o);
    }
}

static struct client *take(const char *key, size_t node_len, bool provable)
{
    struct client *c = *bucket(key);
    while (c && (strcmp(c->key, key) != 0 || c->provable != provable))
        c = c->next;
    if (c) {
        if (!c->refs++)
            leave_unused(c);
        return c;
    }
    size_t n = strlen(key) + 1;
    c = xcalloc(1, sizeof(*c) + n);
    memcpy(c->key, key, n);
    c->node_len = node_len;
    c->provable = provable;
    c->libpurple = strncmp(key, NODE_LIBPURPLE, strlen(NODE_LIBPURPLE)) == 0;
    c->refs = 1;
    c->next = *bucket(key);
    *bucket(key) = c;
    return c;
}

/* --- asking --- */

static unsigned feature(const char *var)
{
    static const struct {
        const char *ns;
        bool begins;
        unsigned f;
    } names[] = {
        {NS_SI, false, CAPS_SI},
        {NS_SI_FT, false, CAPS_SI},
        {NS_JINGLE_FT5, false, CAPS_JINGLE | CAPS_JINGLE_FT5},
        {NS_JINGLE_FT4, false, CAPS_JINGLE | CAPS_JINGLE_FT4},
        {NS_JINGLE_FT, true, CAPS_JINGLE},
        {NS_JINGLE_S5B, false, CAPS_JINGLE_S5B},
        {NS_JINGLE_IBB, false, CAPS_JINGLE_IBB},
        {NS_OOB_X, false, CAPS_LINKS},
        {NS_SFS, false, CAPS_LINKS},
        {NS_UPLOAD_CHILDREN, true, CAPS_LINKS},
        {NS_UPLOAD_SIACS, true, CAPS_LINKS},
        {NS_OOB_IQ, false, CAPS_OOB_IQ},
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].begins ? !strncmp(var, names[i].ns, strlen(names[i].ns)) : !strcmp(var, names[i].ns))
            return names[i].f;
    return 0;
}

static void learned(struct session *s)
{
    for (const struct mod *m = mod_next(NULL); m && s->available; m = mod_next(m))
        if (m->session_caps)
            m->session_caps(s);
}

static bool tell_one(struct session *s, void *arg)
{
    if (s->slots[slot] == arg)
        learned(s);
    return true;
}

static void ask(struct client *c, struct session *s);

struct search {
    const struct client *c;
    struct session *next; /* the oldest that was not asked */
};

static bool look_at(struct session *s, void *arg)
{
    struct search *l = arg;
    if (s->slots[slot] == l->c && s->state == SESSION_BOUND && s->serial > l->c->asked &&
        (!l->next || s->serial < l->next->serial))
        l->next = s;
    return true;
}

static void ask_next(struct client *c)
{
    struct search l = {.c = c};
    registry_each(look_at, &l);
    if (l.next)
        ask(c, l.next);
}

static void answered(void *arg, const struct stanza *answer)
{
    struct client *c = arg;
    char ver[CAPSFORM_VER + 1];
    const struct stanza *query = answer ? stanza_find(answer, NS_DISCO_INFO, "query") : NULL;
    c->asking = false;
    if (query && capsform_ver(query, ver) && !strcmp(ver, c->key + c->node_len + 1)) {
        c->known = true;
        for (const struct stanza *f = stanza_find(query, NULL, "feature"); f;
             f = stanza_next(f, NULL, "feature"))
            c->features |= feature(stanza_get(f, "var"));
        registry_each(tell_one, c);
    } else if (!mod_draining()) {
        ask_next(c);
        if (!c->asking)
            registry_each(tell_one, c); /* it stays unknown: nobody need wait for it any more */
    }
}

static void ask(struct client *c, struct session *s)
{
    struct arena *arena = router_arena();
    struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
    stanza_set(iq, "type", "get");
    stanza_set(iq, "from", mod_upload());
    stanza_set(iq, "to", s->jid.text);
    stanza_set(stanza_child(iq, NS_DISCO_INFO, "query"), "node", c->key);
    c->asking = true;
    c->asked = s->serial;
    router_ask(iq, ANSWER_MS, answered, c);
    arena_put(arena);
}

/* --- what a session shows --- */

static struct client *shown(const struct stanza *st)
{
    const struct stanza *el = stanza_find(st, NS_CAPS, "c");
    const char *node = el ? stanza_get(el, "node") : NULL, *ver = el ? stanza_get(el, "ver") : NULL;
    const char *hash = el ? stanza_get(el, "hash") : NULL;
    if (!node || strlen(node) > KEY_MAX)
        return NULL;
    if (!ver || strlen(ver) != CAPSFORM_VER || !hash || strcmp(hash, "sha-1"))
        return take(node, strlen(node), false);
    char key[KEY_MAX + CAPSFORM_VER + 2];
    (void)snprintf(key, sizeof key, "%s#%s", node, ver);
    return take(key, strlen(node), true);
}

static void session_presence(struct session *s, const struct stanza *st)
{
    struct client *c = shown(st), *before = s->slots[slot];
    s->slots[slot] = c;
    drop(before);
    if (c && c->provable && !c->known && !c->asking && s->serial > c->asked)
        ask(c, s);
    if (c != before)
        learned(s);
}

static void session_gone(struct session *s)
{
    drop(TAKE(s->slots[slot]));
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    slot = mod_session_slot();
    return 0;
}

static void stop(void)
{
    for (size_t i = 0; i < BUCKETS; i++)
        while (table[i]) {
            struct client *c = table[i];
            router_ask_forget(c);
            table[i] = c->next;
            free(c);
        }
    oldest = newest = NULL;
    unused_bytes = 0;
}

static const struct mod mod_caps = {.name = "caps",
                                    .start = start,
                                    .stop = stop,
                                    .session_presence = session_presence,
                                    .session_gone = session_gone};
MOD_REGISTER(mod_caps);
