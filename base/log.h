/* log.h: lines on stderr for grep: time, level, then what the caller wrote: an id first, the event, then
 * key=value.
 *
 * Any thread may log. Untrusted text goes through %s like all text: the writer escapes control characters,
 * quotes of key="value" pairs are the caller's, invalid UTF-8 and bidi controls become \xHH or \u{HHHH}, and
 * a line is cut at 2 KiB: one event is one line (row 131). Time and level are left to journald (as its <N>
 * prefix) when stderr is its stream. Never log a password, token or link. When stderr is full or gone lines
 * are dropped and counted.
 */
#ifndef FERRY_LOG_H
#define FERRY_LOG_H

#include "base/base.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);
int log_level_parse(const char *word, enum log_level *out); /* error warn info debug; -1: unknown */
bool log_on(enum log_level level);
void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Untrusted text as one value between quotes, quotes and backslashes inside it escaped, cut with "..." at the
 * buffer's end: for log_info("... name=%s", log_quote(name, q)) with char q[LOG_QUOTE]. NULL is "". Returns
 * out. */
#define LOG_QUOTE 256
const char *log_quote(const char *text, char out[LOG_QUOTE]);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) (log_on(LOG_DEBUG) ? log_line(LOG_DEBUG, __VA_ARGS__) : (void)0)

#endif
