/* main.c: the daemon from its command line to its end.
 *
 * It reads argv and the configuration, makes the process safe, starts storage, xmpp and http in that order,
 * says "ready", runs the loop, and stops all in the reverse order. Exit codes (ferryd(8)): 0 stopped, 1
 * failed, 2 usage or configuration, 3 spool in use.
 *
 * SIGTERM and SIGINT drain: nothing new is accepted, what is under way may end, for DRAIN_MAX_MS at most; a
 * second one hurries. SIGHUP reads the configuration and the certificates again and keeps the old ones if the
 * new are faulty. The signals are blocked until the loop runs, so that every thread inherits the mask and one
 * that comes during the start is an orderly stop. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/notify.h"
#include "base/tls.h"
#include "http/http.h"
#include "storage/storage.h"
#include "xmpp/xmpp.h"

#define DRAIN_MAX_MS 60000 /* below systemd's 90 s */
#define DRAIN_LOOK_MS 50   /* how often the HTTP side is asked whether it is idle */

enum act { ACT_SERVE, ACT_TEST, ACT_PRINT_CONFIG, ACT_PRINT_SAMPLE, ACT_PRINT_MAN, ACT_VERSION };

struct daemon {
    struct loop *loop;
    struct storage *storage;
    struct conf *conf; /* the one in force */
    const char *conf_file;
    bool draining, xmpp_done;
    struct loop_timer drain_look, drain_end, watchdog;
};

/* --- the command line ---------------------------------------------------------------------------- */

static int usage(FILE *to)
{
    fputs("usage: ferryd [-c FILE] [-t | --print-config | --print-sample | --print-man | --version]\n", to);
    return 2;
}

/* -1: wrong. */
static int parse_args(int argc, char **argv, const char **file, enum act *act)
{
    static const struct {
        const char *word;
        enum act act;
    } acts[] = {
        {"-t", ACT_TEST},
        {"--print-config", ACT_PRINT_CONFIG},
        {"--print-sample", ACT_PRINT_SAMPLE},
        {"--print-man", ACT_PRINT_MAN},
        {"--version", ACT_VERSION},
    };

    *file = NULL;
    *act = ACT_SERVE;
    for (int i = 1; i < argc; i++) {
        bool known = false;

        if (strcmp(argv[i], "-c") == 0) {
            if (i + 1 == argc)
                return -1;
            *file = argv[++i];
            continue;
        }
        for (size_t k = 0; k < ARRAY_LEN(acts); k++) {
            if (strcmp(argv[i], acts[k].word) == 0) {
                *act = acts[k].act;
                known = true;
            }
        }
        if (!known)
            return -1;
    }
    return 0;
}

static int print(struct buf *out)
{
    int bad = fputs(out->data != NULL ? out->data : "", stdout) < 0 || fflush(stdout) != 0;

    buf_free(out);
    return bad ? 1 : 0;
}

/* The pairs are tried too: a daemon that passed `-t` should start. */
static int test_conf(const struct conf *conf)
{
    struct buf why = {0};
    SSL_CTX *ctx;

    if (conf->tls_certificate[0] != '\0') {
        ctx = tls_context(conf->tls_certificate, conf->tls_key, TLS_HTTP, &why);
        if (ctx == NULL) {
            fprintf(stderr, "%s\n", why.data);
            buf_free(&why);
            return 2;
        }
        SSL_CTX_free(ctx);
    }
    printf("%s: good\n", conf->file != NULL ? conf->file : "defaults");
    return 0;
}

/* --- the process --------------------------------------------------------------------------------- */

/* A descriptor 0, 1 or 2 that is closed would become a socket or a file of the spool, and log lines would go
 * there. */
static void fill_standard_fds(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
            _exit(1);
}

static void raise_nofile(void)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &r);
    }
}

static void signal_set(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGHUP);
}

/* Passwords and keys are in memory: no core file, no ptrace by the same user. A sanitizer's leak check needs
 * ptrace. */
static void secure_process(void)
{
    static const struct rlimit none = {0, 0};
    sigset_t set;

    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    signal_set(&set);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)umask(077);
    (void)setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    raise_nofile();
    /* Few arenas, and fixed thresholds: memory that a burst needed goes back to the system. */
    (void)mallopt(M_ARENA_MAX, 2);
    (void)mallopt(M_TRIM_THRESHOLD, 256 << 10);
    (void)mallopt(M_MMAP_THRESHOLD, 128 << 10);
    (void)mallopt(M_MXFAST,
                  0); /* every free beside the top would sweep the fast bins; the thread caches are enough */
    if (geteuid() == 0)
        log_warn("running as root: a user of its own would be safer");
}

/* --- signals ------------------------------------------------------------------------------------- */

static void log_lines(enum log_level level, const char *prefix, const struct buf *lines)
{
    const char *at = lines->data;

    while (at != NULL && *at != '\0') {
        int n = (int)strcspn(at, "\n");

        log_line(level, "%s%.*s", prefix, n, at);
        at += n + (at[n] == '\n');
    }
}

static void look(void *arg)
{
    struct daemon *d = arg;

    if (d->xmpp_done && http_idle())
        loop_stop(d->loop);
    else
        loop_timer_set(&d->drain_look, DRAIN_LOOK_MS);
}

static void xmpp_drained(void *arg)
{
    struct daemon *d = arg;

    d->xmpp_done = true;
    loop_timer_set(&d->drain_look, 0);
}

static void drain_too_long(void *arg)
{
    struct daemon *d = arg;

    log_warn("drain: still busy after %d s, stopping anyway", DRAIN_MAX_MS / 1000);
    loop_stop(d->loop);
}

static void on_stop(void *arg)
{
    struct daemon *d = arg;

    if (d->draining) {
        log_info("stopping at once");
        xmpp_hurry();
        loop_stop(d->loop);
        return;
    }
    d->draining = true;
    log_info("draining");
    notify_send("STOPPING=1\nSTATUS=draining");
    loop_timer_set(&d->drain_end, DRAIN_MAX_MS);
    loop_timer_set(&d->drain_look, DRAIN_LOOK_MS);
    http_drain();
    xmpp_drain(xmpp_drained, d);
}

static void on_reload(void *arg)
{
    struct daemon *d = arg;
    struct buf faults = {0}, why = {0};
    struct conf *conf = conf_load(d->conf_file, &faults), *old = d->conf;
    enum log_level level = LOG_INFO;

    log_lines(conf != NULL ? LOG_WARN : LOG_ERROR, "reload: ", &faults);
    buf_free(&faults);
    if (conf == NULL) {
        log_error("reload: the old configuration stays in force");
        return;
    }
    conf_publish(conf);
    if (xmpp_reload(&why) < 0 || http_reload(&why) < 0) {
        log_error("reload: %s; the old configuration stays in force", why.data);
        conf_publish(old); /* both are kept for good anyway */
        (void)xmpp_reload(&why);
        (void)http_reload(&why);
    } else {
        d->conf = conf;
        log_info("reloaded %s", conf->file != NULL ? conf->file : "defaults");
    }
    (void)log_level_parse(conf_get()->log_level, &level);
    log_set_level(level);
    buf_free(&why);
}

static void feed_watchdog(void *arg)
{
    struct daemon *d = arg;

    notify_send("WATCHDOG=1");
    loop_timer_set(&d->watchdog, notify_watchdog_ms());
}

/* --- serving ------------------------------------------------------------------------------------- */

/* Starts all three; on failure what was started is stopped again. Returns the exit code, 0: started. */
static int start(struct daemon *d)
{
    struct buf why = {0};
    int code = 1;

    d->storage = storage_open(&why, &code);
    if (d->storage == NULL)
        goto fail;
    d->loop = loop_new();
    storage_start(d->storage);
    code = 1;
    if (xmpp_start(d->loop, d->storage, &why) < 0)
        goto fail_storage;
    if (http_start(d->storage, &why) < 0)
        goto fail_xmpp;
    return 0;
fail_xmpp:
    xmpp_stop();
fail_storage:
    storage_close(&d->storage);
    loop_free(d->loop);
fail:
    log_error("start: %s", why.data != NULL ? why.data : "failed");
    buf_free(&why);
    return code;
}

static void say_ready(void)
{
    struct buf line = {0};

    buf_adds(&line, "ready");
    xmpp_ready(&line);
    http_ready(&line);
    log_info("%s", line.data);
    notify_send("READY=1\nSTATUS=%s", line.data);
    buf_free(&line);
}

static int serve(struct daemon *d)
{
    sigset_t set;
    int code = start(d);

    if (code != 0)
        return code;
    loop_signal(d->loop, SIGINT, on_stop, d);
    loop_signal(d->loop, SIGTERM, on_stop, d);
    loop_signal(d->loop, SIGHUP, on_reload, d);
    loop_timer_init(&d->drain_look, d->loop, look, d);
    loop_timer_init(&d->drain_end, d->loop, drain_too_long, d);
    loop_timer_init(&d->watchdog, d->loop, feed_watchdog, d);
    if (notify_watchdog_ms() > 0)
        loop_timer_set(&d->watchdog, notify_watchdog_ms());
    signal_set(&set);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    say_ready();
    loop_run(d->loop);
    /* loop_free takes the handlers away, and who asks once more does not mean to kill */
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    loop_timer_clear(&d->drain_look);
    loop_timer_clear(&d->drain_end);
    loop_timer_clear(&d->watchdog);
    http_stop();
    xmpp_stop();
    storage_close(&d->storage);
    loop_free(d->loop);
    log_info("stopped");
    return 0;
}

int main(int argc, char **argv)
{
    struct daemon d = {0};
    struct buf faults = {0}, out = {0};
    enum log_level level = LOG_INFO;
    enum act act;

    fill_standard_fds();
    if (parse_args(argc, argv, &d.conf_file, &act) < 0)
        return usage(stderr);
    if (act == ACT_VERSION) {
        buf_adds(&out, "ferryd " FERRY_VERSION "\n");
        return print(&out);
    }
    if (act == ACT_PRINT_SAMPLE) {
        conf_print_sample(&out);
        return print(&out);
    }
    if (act == ACT_PRINT_MAN) {
        conf_print_man(&out);
        return print(&out);
    }
    d.conf = conf_load(d.conf_file, &faults);
    if (faults.len > 0)
        fputs(faults.data, stderr);
    buf_free(&faults);
    if (d.conf == NULL)
        return 2;
    if (act == ACT_TEST || act == ACT_PRINT_CONFIG) {
        int code = act == ACT_TEST ? test_conf(d.conf) : 0;

        if (act == ACT_PRINT_CONFIG)
            conf_print(d.conf, &out);
        conf_free(d.conf);
        return print(&out) != 0 ? 1 : code;
    }
    (void)log_level_parse(d.conf->log_level, &level);
    log_set_level(level);
    conf_publish(d.conf);
    secure_process();
    return serve(&d);
}
