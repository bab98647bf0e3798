/* log.c: one event, one line, one write.
 *
 * Promises: a line holds no control character, no invalid UTF-8 and no bidi mark that came from a peer; it is
 * at most 2 KiB; logging never blocks: stderr, unless it is a file, is asked with poll first, and what does
 * not fit is dropped, counted, and reported by the next line that fits. (A pipe that polls writable has room
 * for PIPE_BUF bytes, which is more than a line.) */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/codec.h"

#define LINE_MAX_ 2048

static const char *const words[] = {"error", "warn", "info", "debug"};
static const int journal_priority[] = {3, 4, 6, 7};

static _Atomic int level_now = LOG_INFO;
static pthread_mutex_t write_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t dropped; /* under write_lock */
static bool to_journal, to_file;
static pthread_once_t journal_once = PTHREAD_ONCE_INIT;

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&level_now, (int)level, memory_order_relaxed);
}

int log_level_parse(const char *word, enum log_level *out)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(word, words[i]) == 0) {
            *out = (enum log_level)i;
            return 0;
        }
    }
    return -1;
}

bool log_on(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&level_now, memory_order_relaxed);
}

/* journald tells its streams by device and inode (systemd.exec(5), JOURNAL_STREAM). */
static void ask_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat st;
    char mine[64];

    if (fstat(STDERR_FILENO, &st) < 0)
        return;
    to_file = S_ISREG(st.st_mode);
    if (stream == NULL)
        return;
    (void)snprintf(mine, sizeof mine, "%llu:%llu", (unsigned long long)st.st_dev,
                   (unsigned long long)st.st_ino);
    to_journal = strcmp(stream, mine) == 0;
}

static size_t put_head(char *out, size_t room, enum log_level level)
{
    struct timespec ts;
    struct tm tm;
    size_t n;

    (void)pthread_once(&journal_once, ask_journal);
    if (to_journal)
        return (size_t)snprintf(out, room, "<%d>", journal_priority[level]);
    (void)clock_gettime(CLOCK_REALTIME, &ts);
    (void)gmtime_r(&ts.tv_sec, &tm);
    n = strftime(out, room, "%Y-%m-%dT%H:%M:%S", &tm);
    return n + (size_t)snprintf(out + n, room - n, ".%03dZ %s ", (int)(ts.tv_nsec / 1000000), words[level]);
}

/* Escapes text into out; stops before a character that does not fit. Returns the length. */
static size_t put_safe(char *out, size_t room, const char *text, size_t n)
{
    size_t at = 0;

    for (size_t i = 0; i < n;) {
        char piece[12];
        uint32_t cp = 0;
        if (text[i] >= ' ' && text[i] <= '~') { /* nearly always */
            if (at == room)
                break;
            out[at++] = text[i++];
            continue;
        }
        size_t len = utf8_next(text + i, n - i, &cp);
        size_t width;

        if (len > 0 && !unicode_is_unsafe(cp)) {
            memcpy(piece, text + i, len);
            width = len;
        } else if (len > 1) {
            width = (size_t)snprintf(piece, sizeof piece, "\\u{%04X}", (unsigned)cp);
        } else {
            width = (size_t)snprintf(piece, sizeof piece, "\\x%02x", (unsigned)(unsigned char)text[i]);
            len = 1;
        }
        if (width > room - at)
            break;
        memcpy(out + at, piece, width);
        at += width;
        i += len;
    }
    return at;
}

/* Under write_lock. */
static bool write_line(const char *line, size_t n)
{
    struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (!to_file && (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT)))
        return false;
    return write(STDERR_FILENO, line, n) == (ssize_t)n;
}

void log_line(enum log_level level, const char *fmt, ...)
{
    char text[LINE_MAX_], line[LINE_MAX_ + 1];
    int saved = errno;
    size_t n;
    va_list ap;
    int len;

    if (!log_on(level))
        return;
    va_start(ap, fmt);
    len = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (len < 0)
        len = 0;
    n = put_head(line, LINE_MAX_, level);
    n += put_safe(line + n, LINE_MAX_ - n, text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
    line[n++] = '\n';
    (void)pthread_mutex_lock(&write_lock);
    if (dropped > 0) {
        char note[128];
        size_t at = put_head(note, sizeof note, LOG_WARN);

        at += (size_t)snprintf(note + at, sizeof note - at, "log: %llu lines were dropped\n",
                               (unsigned long long)dropped);
        if (write_line(note, at))
            dropped = 0;
    }
    if (!write_line(line, n))
        dropped++;
    (void)pthread_mutex_unlock(&write_lock);
    errno = saved;
}

const char *log_quote(const char *text, char out[LOG_QUOTE])
{
    size_t at = 0, n = text != NULL ? strlen(text) : 0;

    out[at++] = '"';
    for (size_t i = 0; i < n; i++) {
        size_t width = text[i] == '"' || text[i] == '\\' ? 2 : 1;

        if (at + width + sizeof "...\"" > LOG_QUOTE) {
            while (at > 1 &&
                   ((unsigned char)out[at - 1] & 0xC0) == 0x80) /* not in the middle of a character */
                at--;
            if (at > 1 && (unsigned char)out[at - 1] >= 0xC0)
                at--;
            memcpy(out + at, "...", 3);
            at += 3;
            break;
        }
        if (width == 2)
            out[at++] = '\\';
        out[at++] = text[i];
    }
    out[at++] = '"';
    out[at] = '\0';
    return out;
}
