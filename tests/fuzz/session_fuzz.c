/* session_fuzz.c: any stanzas from a client, before and after its login, against the whole XMPP side with
 * real storage in a temporary folder. Nothing may reach an assertion, and the other clients' streams must
 * stay well-formed and open. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "storage/account.h"
#include "xmpp/parts.h"
#include "xmpp/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* What a run leaves in rosters and queues is no leak, and looking for leaks after each run takes all the
 * time. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

static const char header[] =
    "<stream:stream xmlns='jabber:client' xmlns:stream='" NS_STREAM "' to='localhost' version='1.0'>";
static char folder[64];
static struct loop *loop;
static struct storage *st;

struct client {
    uint64_t serial;
    int fd;                /* its end */
    struct stream *stream; /* what it reads */
    bool broken;
};

static void ear_opened(void *owner, const struct stream_header *h)
{
}

static void ear_stanza(void *owner, struct stanza *stanza)
{
}

static void ear_closed(void *owner)
{
}

static void ear_fault(void *owner, enum stream_fault f, const char *detail)
{
    struct client *c = owner;
    /* What was written anew may be longer than what a stream takes. */
    FERRY_ASSERT(f == STREAM_POLICY_VIOLATION);
    c->broken = true;
}

static const struct stream_events ears = {ear_opened, ear_stanza, ear_closed, ear_fault};
static struct client others[3];

static void stop(void *arg)
{
    loop_stop(loop);
}

/* One turn, without waiting. */
static void turn(void)
{
    struct loop_later l = {.fn = stop};
    event_base_loop(loop_base(loop), EVLOOP_NONBLOCK);
    loop_later(loop, &l);
    loop_run(loop);
}

static void connect_client(struct client *c)
{
    struct net_addr peer;
    int fds[2];
    FERRY_ASSERT(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) &&
                 !net_parse("127.0.0.1:1", &peer));
    FERRY_ASSERT(net_gate_enter(mod_gate(), &peer, 0));
    struct session *s = c2s_adopt(sock_accepted(loop, fds[0], &peer, NULL, NULL), LISTENER_STARTTLS);
    *c = (struct client){.serial = s->serial, .fd = fds[1]};
    c->stream = stream_new(mod_pool(), &ears, c, 1u << 24);
}

static void listen_to(struct client *c)
{
    char buf[65536];
    ssize_t n;
    size_t unused;
    while ((n = recv(c->fd, buf, sizeof(buf), 0)) > 0)
        if (!c->broken)
            stream_feed(c->stream, buf, (size_t)n, &unused);
}

static void say(struct client *c, const char *text, size_t n)
{
    struct session *s = session_by_serial(c->serial);
    if (s)
        session_bytes(s, text, n);
}

static void bound(struct session *s, enum refuse r, void *arg)
{
    FERRY_ASSERT(r == REFUSE_OK);
}

static void log_in(struct client *c, const char *bare, const char *resource)
{
    static const char presence[] = "<presence/>";
    struct session *s = session_by_serial(c->serial);
    session_authenticated(s, bare);
    session_bind(s, resource, bound, NULL); /* at once, but for a user's first session */
    if (s->state != SESSION_BOUND)
        mailbox_settle(mod_home(), 10000);
    say(c, presence, sizeof(presence) - 1);
}

static void hang_up(struct client *c)
{
    struct session *s = session_by_serial(c->serial);
    if (s)
        session_kill(s);
    turn();
    listen_to(c);
    stream_free(c->stream);
    close(c->fd);
    turn(); /* what lingered has its end */
}

static void sweep(void)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    FERRY_ASSERT(system(command) == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const names[] = {"alice@localhost", "bob@localhost", "carol@localhost"};
    struct buf why = {0};
    char path[96];
    int code;
    log_set_level(LOG_ERROR);
    const char *tmp = getenv("TMPDIR"); /* in memory it is much faster: storage syncs */
    snprintf(folder, sizeof(folder), "%.40s/ferry-fuzz-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    FERRY_ASSERT(mkdtemp(folder));
    atexit(sweep);
    snprintf(path, sizeof(path), "%s/ferryd.conf", folder);
    FILE *f = fopen(path, "w");
    FERRY_ASSERT(f);
    fputs(
        "[xmpp]\nlisten =\nrequire_tls = no\nlegacy_auth = password,digest\n[proxy65]\nlisten =\n[storage]\n"
        "reserve = 0\n[offers]\ndial = none\n[limits]\nsessions_per_user = 1000\nfailed_logins = "
        "1000\nidle_ping = 1d\n",
        f);
    fclose(f);
    conf_publish(conf_load(path, &why));
    st = storage_open(&why, &code);
    FERRY_ASSERT(st);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        FERRY_ASSERT(account_create(st, names[i], "x", ACCOUNT_LEGACY_DIGEST) == REFUSE_OK);
    storage_start(st);
    loop = loop_new();
    FERRY_ASSERT(mod_start_all(loop, st, &why) == 0);
    router_start();
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        connect_client(&others[i]);
        say(&others[i], header, sizeof(header) - 1);
        log_in(&others[i], names[i], "anchor");
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct client c;
    if (size < 1)
        return 0;
    connect_client(&c);
    if (data[0] & 1) {
        say(&c, header, sizeof(header) - 1);
        log_in(&c, "alice@localhost", "fuzz");
    } else {
        c.broken = true; /* it may restart its stream, or begin TLS: not judged */
    }
    say(&c, (const char *)data + 1, size - 1);
    turn();
    if ((data[0] & 6) == 2) /* the waiting is what takes time */
        mailbox_settle(mod_home(), 10000);
    turn();
    hang_up(&c);
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        listen_to(&others[i]);
        FERRY_ASSERT(session_by_serial(others[i].serial));
    }
    return 0;
}
