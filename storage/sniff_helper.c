/* sniff_helper.c: see sniff_helper.h.
 *
 * The child gets nothing of ours but its end of the pair: every other descriptor is closed, the environment
 * is empty, the folder is /, signals are as a fresh process has them, and it is in a process group of its
 * own, so that a terminal's Ctrl-C reaches only the daemon. */
#include "storage/sniff_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum { DEATH_MS = 1000 }; /* how long a killed process may take to be gone */

/* --- start -----------------------------------------------------------------------------------------------
 */

static int set_up(posix_spawn_file_actions_t *files, posix_spawnattr_t *attr, int theirs)
{
    sigset_t none, all;
    int err = posix_spawn_file_actions_adddup2(files, theirs, 0);
    for (int fd = 1; fd <= 2 && err == 0; fd++)
        err = posix_spawn_file_actions_addopen(files, fd, "/dev/null", O_WRONLY, 0);
    if (err == 0)
        err = posix_spawn_file_actions_addclosefrom_np(files, 3);
    if (err == 0)
        err = posix_spawn_file_actions_addchdir_np(files, "/");
    sigemptyset(&none);
    sigfillset(&all);
    if (err == 0)
        err = posix_spawnattr_setsigmask(attr, &none);
    if (err == 0)
        err = posix_spawnattr_setsigdefault(attr, &all);
    if (err == 0)
        err = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                 POSIX_SPAWN_SETPGROUP);
    return err;
}

/* 0, or errno. */
static int spawn(struct helper *h, const char *program, int theirs)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    char name[] = "ferry-sniff", *argv[] = {name, NULL}, *env[] = {NULL};
    int err = posix_spawn_file_actions_init(&files);
    if (err != 0)
        return err;
    err = posix_spawnattr_init(&attr);
    if (err == 0) {
        err = set_up(&files, &attr, theirs);
        if (err == 0)
            err = posix_spawn(&h->pid, program, &files, &attr, argv, env);
        posix_spawnattr_destroy(&attr);
    }
    posix_spawn_file_actions_destroy(&files);
    if (err != 0)
        return err;
    h->pidfd = pidfd_open(h->pid, 0);
    return h->pidfd < 0 ? errno : 0;
}

/* --- talk ------------------------------------------------------------------------------------------------
 */

/* Waits until fd is readable. false: the time is over. */
static bool readable(int fd, int64_t until)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    for (;;) {
        int64_t left = until - clock_mono_ms();
        int n = poll(&p, 1, left <= 0 ? 0 : left < INT_MAX ? (int)left : INT_MAX);
        if (n > 0)
            return true;
        if (n == 0 || errno != EINTR)
            return false;
    }
}

/* One packet as a text. -1: none, and `why` says so. */
static ptrdiff_t hear(struct helper *h, int64_t until, char text[SNIFF_MAX], char why[HELPER_WHY])
{
    if (!readable(h->fd, until)) {
        snprintf(why, HELPER_WHY, "no answer in time");
        return -1;
    }
    ssize_t n = TEMP_FAILURE_RETRY(recv(h->fd, text, SNIFF_MAX, MSG_DONTWAIT | MSG_TRUNC));
    if (n > 0 && n < SNIFF_MAX) {
        text[n] = '\0';
        return n;
    }
    siginfo_t how = {0};
    if (n > 0)
        snprintf(why, HELPER_WHY, "an answer of %zd bytes", n);
    else if (readable(h->pidfd, clock_mono_ms() + DEATH_MS) &&
             waitid(P_PIDFD, (id_t)h->pidfd, &how, WEXITED | WNOHANG | WNOWAIT) == 0 && how.si_pid == h->pid)
        snprintf(why, HELPER_WHY, "ended by %s %d", how.si_code == CLD_EXITED ? "exit" : "signal",
                 how.si_status);
    else
        snprintf(why, HELPER_WHY, "closed its end");
    return -1;
}

static bool starts_with(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

bool helper_start(struct helper *h, const char *program, int64_t ms, char why[HELPER_WHY])
{
    char text[SNIFF_MAX], quoted[LOG_QUOTE];
    int64_t until = clock_mono_ms() + ms;
    int pair[2], room = 4 * SNIFF_BYTES;
    *h = (struct helper){.pidfd = -1, .fd = -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        snprintf(why, HELPER_WHY, "socketpair: %s", strerror(errno));
        return false;
    }
    h->fd = pair[0];
    (void)setsockopt(h->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    int err = spawn(h, program, pair[1]);
    close(pair[1]);
    if (err != 0) {
        snprintf(why, HELPER_WHY, "%s", strerror(err));
    } else if (hear(h, until, text, why) > 0) {
        if (starts_with(text, SNIFF_READY)) {
            log_info("sniff helper started pid=%d sandbox=%s", (int)h->pid,
                     log_quote(text + strlen(SNIFF_READY) + 1, quoted));
            return true;
        }
        snprintf(why, HELPER_WHY, "it says %s", text);
    }
    helper_end(h);
    return false;
}

enum helper_answer helper_ask(struct helper *h, const void *head, size_t n, int64_t ms, char type[SNIFF_MAX],
                              char why[HELPER_WHY])
{
    int64_t until = clock_mono_ms() + ms;
    FERRY_ASSERT(n > 0 && n <= SNIFF_BYTES);
    ssize_t sent = TEMP_FAILURE_RETRY(send(h->fd, head, n, MSG_DONTWAIT | MSG_NOSIGNAL));
    if (sent < 0) {
        snprintf(why, HELPER_WHY, "%s", strerror(errno));
        return HELPER_GONE;
    }
    h->asked++;
    log_debug("sniff asked pid=%d bytes=%zu", (int)h->pid, n);
    ptrdiff_t got = hear(h, until, type, why);
    if (got < 0)
        return HELPER_BAD;
    if (sniff_is_type(type, (size_t)got))
        return HELPER_TYPE;
    snprintf(why, HELPER_WHY, "an answer that is no type");
    return HELPER_BAD;
}

/* --- end -------------------------------------------------------------------------------------------------
 */

void helper_end(struct helper *h)
{
    if (h->fd >= 0)
        close(h->fd);
    if (h->pid > 0 && h->pidfd < 0) { /* it was never asked anything: nobody can have taken its number */
        (void)kill(h->pid, SIGKILL);
        (void)TEMP_FAILURE_RETRY(waitpid(h->pid, NULL, 0));
    } else if (h->pid > 0) {
        (void)pidfd_send_signal(h->pidfd, SIGKILL, NULL, 0);
        if (!readable(h->pidfd, clock_mono_ms() + DEATH_MS))
            log_warn("sniff helper pid=%d does not die: stuck in the kernel", (int)h->pid);
        (void)waitid(P_PIDFD, (id_t)h->pidfd, NULL, WEXITED | WNOHANG);
    }
    if (h->pidfd >= 0)
        close(h->pidfd);
    *h = (struct helper){.pidfd = -1, .fd = -1};
}
