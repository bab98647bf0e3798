/* ctl.h: the parts of ferryctl. One thread, one command, then the process ends; nothing here is linked into
 * the daemon.
 *
 * A command comes from the registry (base/command.h) and is run by the daemon, or, where its entry allows it
 * and no daemon answers, by ferryctl itself on the locked spool. A few are ferryctl's own because they need
 * the caller's files or clock: get, metrics, ping, send (ctl/own.c).
 */
#ifndef FERRY_CTL_H
#define FERRY_CTL_H

#include <stdio.h>

#include "base/buf.h"
#include "base/command.h"

struct ctl {
    const char *conf_file; /* -c; NULL: the usual places */
    bool json;             /* --json */
    bool help;             /* --help */
};

/* --- argv.c: words to a command and its arguments --- */
/* Takes the global options out of the words, wherever they stand before "--". -1: told on stderr. */
int argv_globals(struct ctl *ctl, int *argc, char **argv);
/* The command that the words begin with, in the registry or among ferryctl's own; *used: how many words its
 * name has. NULL: told on stderr. */
const struct command *argv_command(int argc, char **argv, int *used);
/* The other words as its JSON arguments; reads secrets and lines from standard input. NULL: told on stderr.
 */
json_t *argv_args(const struct command *cmd, int argc, char **argv);
const struct command *argv_next(const struct command *after); /* all commands, by name; NULL: the first */

/* --- help.c --- */
void help_all(FILE *out);
void help_noun(FILE *out, const char *noun); /* the commands that begin with it */
void help_one(FILE *out, const struct command *cmd);
void help_synopsis(const struct command *cmd, struct buf *out); /* "user add JID [--admin]" */
void help_man(FILE *out); /* the COMMANDS section of ferryctl(8), mdoc */

/* --- wire.c: the daemon's API on its Unix socket (libcurl) --- */
enum wire { WIRE_OK, WIRE_NOBODY /* no daemon listens */, WIRE_DENIED, WIRE_FAILED };
/* Runs a command there. OK: *code and *answer (the caller's) are its result. Else `why` has the text, and
 * *code what it means. */
enum wire wire_command(const char *name, const json_t *args, enum command_exit *code, json_t **answer,
                       struct buf *why);
/* Waits at most `seconds` until the daemon says that it is ready. */
enum wire wire_ping(double seconds, struct buf *why);
/* PUTs the file (of that size, from its beginning) to the path of `url`; GETs `path` into the file. The
 * result is the exit code; on failure `why` has the text. Progress on stderr when that is a terminal. */
enum command_exit wire_put(const char *url, FILE *from, int64_t size, struct buf *why);
enum command_exit wire_get(const char *path, FILE *to, struct buf *why);

/* --- local.c --- */
/* Opens the spool (making it where it does not exist), runs the command, closes. UNREACHABLE: somebody holds
 * the lock. FAIL with *answer NULL: `why`. */
enum command_exit local_command(const struct command *cmd, json_t *args, json_t **answer, struct buf *why);

/* --- show.c --- */
/* Prints an answer: rows or key and value, as a table, TSV or JSON; warnings and hints on stderr. */
void show_answer(const struct ctl *ctl, const struct command *cmd, const json_t *answer);
void show_size(int64_t bytes, struct buf *out); /* as people write it: 382, 3.1K, 1G */

/* --- own.c: the commands that ferryctl runs itself --- */
struct own_command {
    struct command cmd; /* run is NULL */
    enum command_exit (*run)(const struct ctl *ctl, const json_t *args);
};
extern const struct own_command own_commands[];
extern const size_t own_commands_count;
const struct own_command *own_find(const struct command *cmd); /* NULL: it is one of the registry's */

/* --- ferryctl.c --- */
/* Runs a registry command wherever it can be run; prints failures. *answer is NULL or the caller's. */
enum command_exit ctl_run(const struct command *cmd, json_t *args, json_t **answer);
/* "ferryctl: ..." and "hint: ..." on stderr. */
void ctl_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void ctl_hint(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
