/* session.c: one-time login links and admin sessions; see session.h. Rows 126 to 128.
 *
 * Tables of fixed size: the oldest entry makes room. Secrets are kept as SHA-256, so that a look at memory or
 * a comparison's time tells nothing of use.
 */
#include "http/session.h"

#include <openssl/sha.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/log.h"
#include "http/negotiate.h"

#define LINK_MS (10 * 60 * 1000)
#define IDLE_MS (60 * 60 * 1000)
#define WHOLE_MS (12 * 60 * 60 * 1000)
#define LINKS 32
#define SESSIONS 64

struct link {
    uint8_t key[SHA256_BYTES];
    char *jid; /* NULL: free */
    int64_t made;
};
struct session {
    uint8_t key[SHA256_BYTES];
    char *jid;
    char csrf[SESSION_TOKEN + 1];
    int64_t made, used;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct link links[LINKS];
static struct session sessions[SESSIONS];

static void key_of(const char *token, uint8_t key[SHA256_BYTES])
{
    SHA256((const unsigned char *)token, strlen(token), key);
}

static void link_free(struct link *l)
{
    free(TAKE(l->jid));
}

static void session_free(struct session *s)
{
    free(TAKE(s->jid));
}

static struct link *link_find(const char *token)
{
    uint8_t key[SHA256_BYTES];
    int64_t now = clock_mono_ms();
    struct link *found = NULL;

    key_of(token, key);
    for (size_t i = 0; i < LINKS; i++) {
        if (links[i].jid && now - links[i].made > LINK_MS)
            link_free(&links[i]);
        if (links[i].jid && secret_equal(links[i].key, key, sizeof key))
            found = &links[i];
    }
    return found;
}

void session_link_new(const char *jid, char token[SESSION_TOKEN + 1])
{
    struct link *l = &links[0];

    random_token(token, SESSION_TOKEN);
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < LINKS && l->jid; i++)
        if (!links[i].jid || links[i].made < l->made)
            l = &links[i];
    link_free(l);
    l->jid = xstrdup(jid);
    l->made = clock_mono_ms();
    key_of(token, l->key);
    pthread_mutex_unlock(&lock);
}

const char *session_link_peek(const char *token, struct arena *arena)
{
    const char *jid = NULL;

    pthread_mutex_lock(&lock);
    struct link *l = link_find(token);
    if (l)
        jid = arena_strdup(arena, l->jid);
    pthread_mutex_unlock(&lock);
    return jid;
}

bool session_link_spend(const char *token, char cookie[SESSION_TOKEN + 1])
{
    struct session *s = &sessions[0];

    pthread_mutex_lock(&lock);
    struct link *l = link_find(token);
    if (l) {
        for (size_t i = 0; i < SESSIONS && s->jid; i++)
            if (!sessions[i].jid || sessions[i].used < s->used)
                s = &sessions[i];
        session_free(s);
        random_token(cookie, SESSION_TOKEN);
        random_token(s->csrf, SESSION_TOKEN);
        key_of(cookie, s->key);
        s->jid = TAKE(l->jid);
        s->made = s->used = clock_mono_ms();
        log_info("admin login jid=%s", s->jid);
    }
    pthread_mutex_unlock(&lock);
    return l != NULL;
}

static struct session *session_of(const char *cookie_header)
{
    char token[SESSION_TOKEN + 1];
    uint8_t key[SHA256_BYTES];
    int64_t now = clock_mono_ms();
    struct session *found = NULL;

    if (!negotiate_cookie(cookie_header, SESSION_COOKIE, token, sizeof token))
        return NULL;
    key_of(token, key);
    for (size_t i = 0; i < SESSIONS; i++) {
        struct session *s = &sessions[i];
        if (s->jid && (now - s->used > IDLE_MS || now - s->made > WHOLE_MS))
            session_free(s);
        if (s->jid && secret_equal(s->key, key, sizeof key))
            found = s;
    }
    if (found)
        found->used = now;
    return found;
}

const struct login *session_find(const char *cookie_header, struct arena *arena)
{
    struct login *out = NULL;

    if (!cookie_header)
        return NULL;
    pthread_mutex_lock(&lock);
    struct session *s = session_of(cookie_header);
    if (s) {
        out = arena_alloc(arena, sizeof *out);
        out->jid = arena_strdup(arena, s->jid);
        out->csrf = arena_strdup(arena, s->csrf);
    }
    pthread_mutex_unlock(&lock);
    return out;
}

void session_end(const char *cookie_header)
{
    pthread_mutex_lock(&lock);
    struct session *s = session_of(cookie_header);
    if (s)
        session_free(s);
    pthread_mutex_unlock(&lock);
}

size_t session_count(void)
{
    size_t n = 0;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SESSIONS; i++)
        n += sessions[i].jid != NULL;
    pthread_mutex_unlock(&lock);
    return n;
}
