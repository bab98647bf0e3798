/* log_test.c: the promises of base/log.h (row 131 of the fault list). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"

/* What a log call writes to stderr. */
static char seen[8192];

#define LOGGED(...)                                                \
    do {                                                           \
        int pipe_[2], old_ = dup(2);                               \
        ssize_t n_;                                                \
        assert_int_equal(pipe2(pipe_, O_CLOEXEC | O_NONBLOCK), 0); \
        (void)dup2(pipe_[1], 2);                                   \
        log_line(__VA_ARGS__);                                     \
        (void)dup2(old_, 2);                                       \
        n_ = read(pipe_[0], seen, sizeof seen - 1);                \
        seen[n_ > 0 ? n_ : 0] = '\0';                              \
        (void)close(old_);                                         \
        (void)close(pipe_[0]);                                     \
        (void)close(pipe_[1]);                                     \
    } while (0)

static void line_has_time_and_level(void **state)
{
    LOGGED(LOG_WARN, "s17 gone state=%s", "bound");
    assert_int_equal(seen[10], 'T');
    assert_string_equal(seen + 24, " warn s17 gone state=bound\n");
}

static void untrusted_text_stays_on_its_line(void **state)
{
    LOGGED(LOG_INFO, "name=%s", "a\r\nb\x1b[31m\x7f\xC2\x9B \xE2\x80\xAE \xFF\xC3 \xC3\xA9 \\");
    assert_non_null(
        strstr(seen, " info name=a\\x0d\\x0ab\\x1b[31m\\x7f\\u{009B} \\u{202E} \\xff\\xc3 \xC3\xA9 \\\n"));
    assert_ptr_equal(strchr(seen, '\n'), seen + strlen(seen) - 1);
}

static void long_line_is_cut(void **state)
{
    char text[5000];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    LOGGED(LOG_INFO, "%s", text);
    assert_true(strlen(seen) <= 2049);
    memset(text, '\n', sizeof text - 1);
    LOGGED(LOG_INFO, "%s", text);
    assert_true(strlen(seen) <= 2049);
    assert_ptr_equal(strchr(seen, '\n'), seen + strlen(seen) - 1);
}

static void level_is_kept(void **state)
{
    enum log_level level;

    assert_int_equal(log_level_parse("error", &level), 0);
    assert_int_equal(log_level_parse("loud", &level), -1);
    log_set_level(LOG_ERROR);
    LOGGED(LOG_INFO, "x");
    assert_string_equal(seen, "");
    assert_false(log_on(LOG_WARN));
    log_set_level(LOG_INFO);
}

static void quotes_are_closed(void **state)
{
    char q[LOG_QUOTE], text[600];

    assert_string_equal(log_quote("a\" b\\", q), "\"a\\\" b\\\\\"");
    assert_string_equal(log_quote(NULL, q), "\"\"");
    for (int i = 0; i < 199; i++)
        memcpy(text + 3L * i, "\xE2\x82\xAC", 4);
    assert_true(strlen(log_quote(text, q)) < LOG_QUOTE);
    assert_string_equal(q + strlen(q) - 7, "\xE2\x82\xAC...\"");
}

/* A reader of stderr that stops must not stop the daemon. */
static void full_stderr_drops_and_counts(void **state)
{
    int pipe_[2], old = dup(2);
    char text[1500];
    ssize_t n, total = 0;

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(pipe2(pipe_, O_CLOEXEC), 0);
    (void)dup2(pipe_[1], 2);
    for (int i = 0; i < 200; i++)
        log_info("%s", text);
    (void)fcntl(pipe_[0], F_SETFL, O_NONBLOCK);
    while ((n = read(pipe_[0], seen, sizeof seen - 1)) > 0)
        total += n;
    log_info("again");
    (void)dup2(old, 2);
    assert_in_range(total, 10000, 65536);
    n = read(pipe_[0], seen, sizeof seen - 1);
    seen[n > 0 ? n : 0] = '\0';
    assert_non_null(strstr(seen, "lines were dropped\n"));
    assert_non_null(strstr(seen, "info again\n"));
    (void)close(old);
    (void)close(pipe_[0]);
    (void)close(pipe_[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_has_time_and_level), cmocka_unit_test(untrusted_text_stays_on_its_line),
        cmocka_unit_test(long_line_is_cut),        cmocka_unit_test(level_is_kept),
        cmocka_unit_test(quotes_are_closed),       cmocka_unit_test(full_stderr_drops_and_counts),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
