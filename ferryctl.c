/* ferryctl.c: the operator's command line: a thin client of the daemon's own API on its Unix socket.
 *
 * main() and the one decision of weight: who runs a command. The daemon, if one answers; if none does and the
 * command's entry says COMMAND_OFFLINE, ferryctl itself under the spool's lock; never both, and never while
 * somebody else holds the lock (exit 7). Data goes to stdout, talk to stderr. Exit codes: ferryctl(8).
 */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/log.h"
#include "ctl/ctl.h"

/* One write a line: lines of several processes on one terminal do not mix. */
__attribute__((format(printf, 2, 0))) static void say(const char *prefix, const char *fmt, va_list ap)
{
    char *text;
    if (vasprintf(&text, fmt, ap) < 0)
        return;
    char *line = xasprintf("%s%s\n", prefix, text);
    fputs(line, stderr);
    free(line);
    free(text);
}

void ctl_error(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say("ferryctl: ", fmt, ap);
    va_end(ap);
}

void ctl_hint(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say("hint: ", fmt, ap);
    va_end(ap);
}

static void hint_for(enum command_exit code)
{
    if (code == EXIT_UNREACHABLE_)
        ctl_hint("is ferryd running with this configuration? `ferryctl ping --wait 10` waits for it");
    else if (code == EXIT_DENIED_)
        ctl_hint("run this as root or as the user that ferryd runs as");
}

/* The daemon's answer, or our own. UNREACHABLE and an empty *answer: neither. */
static enum command_exit run_somewhere(const struct command *cmd, json_t *args, json_t **answer,
                                       struct buf *why)
{
    enum command_exit code = EXIT_FAIL_;
    enum wire w = wire_command(cmd->name, args, &code, answer, why);
    if (w != WIRE_NOBODY)
        return code;
    if (!(cmd->flags & COMMAND_OFFLINE))
        return code;
    buf_drop(why, why->len);
    return local_command(cmd, args, answer, why);
}

enum command_exit ctl_run(const struct command *cmd, json_t *args, json_t **answer)
{
    struct buf why = {0};
    *answer = NULL;
    enum command_exit code = run_somewhere(cmd, args, answer, &why);
    if (!*answer) {
        ctl_error("%s", why.len ? why.data : "no answer");
        hint_for(code);
    } else if (json_object_get(*answer, "error")) {
        const char *detail = json_string_value(json_object_get(*answer, "detail"));
        const char *name = json_string_value(json_object_get(*answer, "error"));
        const char *hint = json_string_value(json_object_get(*answer, "hint"));
        bool named =
            detail && strncmp(detail, cmd->name, strlen(cmd->name)) == 0; /* by the registry's own check */
        ctl_error("%s%s%s", named ? "" : cmd->name, named ? "" : ": ",
                  detail ? detail
                  : name ? name
                         : "failed");
        if (hint)
            ctl_hint("%s", hint);
        json_decref(TAKE(*answer));
    }
    buf_free(&why);
    return code;
}

static enum command_exit run_words(const struct ctl *ctl, int argc, char **argv)
{
    int used;
    const struct command *cmd = argv_command(argc, argv, &used);
    if (!cmd)
        return EXIT_USAGE_;
    if (ctl->help) {
        help_one(stdout, cmd);
        return EXIT_OK_;
    }
    json_t *args = argv_args(cmd, argc - used, argv + used);
    if (!args)
        return EXIT_USAGE_;
    enum command_exit code;
    const struct own_command *own = own_find(cmd);
    if (own) {
        code = own->run(ctl, args);
    } else {
        json_t *answer;
        code = ctl_run(cmd, args, &answer);
        if (answer)
            show_answer(ctl, cmd, answer);
        json_decref(answer);
    }
    json_decref(args);
    return code;
}

static int load_conf(const struct ctl *ctl)
{
    struct buf faults = {0};
    struct conf *conf = conf_load(ctl->conf_file, &faults);
    if (conf) /* warnings are the daemon's to print */
        conf_publish(conf);
    else
        ctl_error("the configuration is faulty:\n%.*s", faults.len ? (int)faults.len - 1 : 0, faults.data);
    buf_free(&faults);
    return conf ? 0 : -1;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, ""); /* widths of a table's cells; nothing else depends on it */
    signal(SIGPIPE, SIG_IGN);
    log_set_level(LOG_WARN);
    struct ctl ctl = {0};
    argc--;
    argv++;
    if (argc == 1 && strcmp(argv[0], "--print-man") == 0) {
        help_man(stdout);
        return EXIT_OK_;
    }
    if (argc == 1 && strcmp(argv[0], "--version") == 0) {
        puts("ferryctl " FERRY_VERSION);
        return EXIT_OK_;
    }
    if (argv_globals(&ctl, &argc, argv) < 0)
        return EXIT_USAGE_;
    if (argc > 0 && strcmp(argv[0], "help") == 0) {
        ctl.help = true;
        argc--;
        argv++;
    }
    if (argc == 0) {
        help_all(ctl.help ? stdout : stderr);
        return ctl.help ? EXIT_OK_ : EXIT_USAGE_;
    }
    if (!ctl.help && load_conf(&ctl) < 0)
        return EXIT_USAGE_;
    enum command_exit code = run_words(&ctl, argc, argv);
    if (fflush(stdout) != 0 && code == EXIT_OK_) {
        if (errno != EPIPE) /* `| head` has seen enough */
            ctl_error("cannot write the answer: %s", strerror(errno));
        code = EXIT_FAIL_;
    }
    return code;
}
