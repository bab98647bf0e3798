/* sniff.c: which helper looks at a file, when one is started, and what happens when it fails. sniff.h says
 * what is promised; sniff_helper.c runs one.
 *
 * A helper that ended between two files is replaced at once and the file shown to the new one. One that fails
 * at a file may have been brought down by it: that file is not shown again, and failures in a row put a pause
 * before the next start, so that nobody makes us fork for each of his files. An old helper is exchanged for a
 * fresh one quietly: what libmagic leaked, or a file left in it, does not stay for ever. */
#include "storage/sniff.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "storage/sniff_helper.h"

#define SNIFF_UNKNOWN "application/octet-stream"

enum {
    HELPERS = 2,      /* as many as run at a time */
    LIFE = 4096,      /* files; then a fresh one */
    START_MS = 10000, /* the database is 8 MB, and the disk may be slow */
    PAUSE_MS = 100,   /* after the second failure in a row; doubled by each further one */
    PAUSE_MAX_MS = 10000,
};

struct seat {
    struct helper helper;
    bool busy;
};

struct sniff {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    struct seat seats[HELPERS];
    int failures;        /* in a row */
    int64_t pause_until; /* monotonic ms: no start before */
    bool told;           /* that none can be started */
};

/* --- where the program is --------------------------------------------------------------------------------
 */

/* Beside our own program, as the build leaves it; else in libexec of the same prefix, as `make install` does.
 */
static char *find_program(void)
{
    static const char *const places[] = {"ferry-sniff", "../libexec/ferryd/ferry-sniff"};
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return NULL;
    self[n] = '\0';
    char *slash = strrchr(self, '/');
    for (size_t i = 0; slash && i < ARRAY_LEN(places); i++) {
        char *path = xasprintf("%.*s/%s", (int)(slash - self), self, places[i]);
        if (access(path, X_OK) == 0)
            return path;
        free(path);
    }
    return NULL;
}

struct sniff *sniff_new(void)
{
    struct sniff *s = xcalloc(1, sizeof *s);
    pthread_condattr_t attr;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->freed, &attr);
    pthread_condattr_destroy(&attr);
    for (size_t i = 0; i < HELPERS; i++)
        s->seats[i].helper = (struct helper){.pidfd = -1, .fd = -1};
    return s;
}

void sniff_free(struct sniff *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < HELPERS; i++)
        helper_end(&s->seats[i].helper);
    pthread_cond_destroy(&s->freed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* --- a seat ----------------------------------------------------------------------------------------------
 */

/* With the lock held: a seat whose helper runs, else an empty one if a start is due. */
static struct seat *free_seat(struct sniff *s)
{
    struct seat *empty = NULL;
    for (size_t i = 0; i < HELPERS; i++) {
        struct seat *seat = &s->seats[i];
        if (seat->busy)
            continue;
        if (seat->helper.pid > 0)
            return seat;
        empty = seat;
    }
    return clock_mono_ms() >= s->pause_until ? empty : NULL;
}

static bool any_busy(const struct sniff *s)
{
    for (size_t i = 0; i < HELPERS; i++)
        if (s->seats[i].busy)
            return true;
    return false;
}

/* NULL: none runs and none may be started, or the others were busy for too long. */
static struct seat *take_seat(struct sniff *s, int64_t until)
{
    struct timespec ts = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
    pthread_mutex_lock(&s->lock);
    struct seat *seat = free_seat(s);
    while (!seat && any_busy(s) && clock_mono_ms() < until) {
        pthread_cond_timedwait(&s->freed, &s->lock, &ts);
        seat = free_seat(s);
    }
    if (seat)
        seat->busy = true;
    pthread_mutex_unlock(&s->lock);
    return seat;
}

static void leave_seat(struct sniff *s, struct seat *seat, bool failed)
{
    pthread_mutex_lock(&s->lock);
    seat->busy = false;
    s->failures = failed ? s->failures + 1 : 0;
    if (s->failures > 1) {
        int doubled = s->failures < 10 ? s->failures - 2 : 8;
        int64_t pause = (int64_t)PAUSE_MS << doubled;
        s->pause_until = clock_mono_ms() + (pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS);
    }
    if (failed) /* none may be started for a while: nobody waits for that */
        pthread_cond_broadcast(&s->freed);
    else
        pthread_cond_signal(&s->freed);
    pthread_mutex_unlock(&s->lock);
}

/* --- a file ----------------------------------------------------------------------------------------------
 */

static bool start(struct sniff *s, struct helper *h)
{
    char quoted[LOG_QUOTE], why[HELPER_WHY] = "not found beside this program nor in ../libexec/ferryd";
    char *program = find_program(); /* each time: it may have been installed by now */
    bool started = program && helper_start(h, program, START_MS, why);
    free(program);
    pthread_mutex_lock(&s->lock);
    bool tell = !started && !s->told;
    s->told = !started;
    pthread_mutex_unlock(&s->lock);
    if (tell)
        log_warn("sniff helper cannot run why=%s: files are " SNIFF_UNKNOWN " until it can",
                 log_quote(why, quoted));
    return started;
}

/* false: the helper failed and is gone. */
static bool look(struct sniff *s, struct helper *h, const void *head, size_t n, char type[SNIFF_MAX])
{
    char why[HELPER_WHY], quoted[LOG_QUOTE];
    for (int tries = 0; tries < 2; tries++) {
        if (h->pid == 0 && !start(s, h))
            return false;
        int pid = (int)h->pid;
        enum helper_answer answer = helper_ask(h, head, n, conf_get()->limits_sniff, type, why);
        if (answer != HELPER_TYPE || h->asked >= LIFE)
            helper_end(h);
        if (answer == HELPER_TYPE)
            return true;
        log_warn("sniff helper replaced pid=%d why=%s", pid, log_quote(why, quoted));
        if (answer == HELPER_BAD)
            return false;
    }
    return false;
}

void sniff_type(struct sniff *s, const void *head, size_t n, char type[SNIFF_MAX])
{
    thread_assert_may_block();
    char found[SNIFF_MAX] = SNIFF_UNKNOWN;
    struct seat *seat = n > 0 ? take_seat(s, clock_mono_ms() + conf_get()->limits_sniff) : NULL;
    if (seat) {
        bool good = look(s, &seat->helper, head, n < SNIFF_BYTES ? n : SNIFF_BYTES, found);
        if (!good)
            memcpy(found, SNIFF_UNKNOWN, sizeof SNIFF_UNKNOWN);
        leave_seat(s, seat, !good);
    }
    memcpy(type, found, sizeof found);
}
