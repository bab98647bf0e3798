/* command.h: the registry of what an operator can do. One entry feeds ferryctl, the HTTP API, the admin forms
 * and ferryctl(8): an operator's act exists once.
 *
 * A command is run with its arguments as a JSON object and answers once, with an exit code (ferryctl(8)) and
 * JSON: for `rows` commands an array of objects, else one object; for a failure {"error":
 * name of the refusal, "detail": text}. command_run may be called on any thread that may block or not: a
 * command says where it runs. `done` runs wherever the answer was made; it must only hand the answer on (same
 * rule as in mailbox.h). Registration is by linker section: no list to keep.
 */
#ifndef FERRY_COMMAND_H
#define FERRY_COMMAND_H

#include <jansson.h>

#include "base/refuse.h"

enum command_exit {
    EXIT_OK_,
    EXIT_FAIL_,
    EXIT_USAGE_,
    EXIT_NOT_FOUND_,
    EXIT_DENIED_,
    EXIT_CONFLICT_,
    EXIT_LIMIT_,
    EXIT_UNREACHABLE_,
    EXIT_WARNINGS_,
    EXIT_ERRORS_
};

enum command_role { ROLE_VIEWER, ROLE_OPERATOR, ROLE_ADMIN };

enum command_flags {
    COMMAND_ROWS = 1,    /* the answer is an array */
    COMMAND_OFFLINE = 2, /* ferryctl may run it itself on the locked spool when no daemon answers */
    COMMAND_DANGER = 4,  /* deletes something: forms ask before */
};

struct command_arg {
    const char *name; /* key in the JSON object; positional in ferryctl unless it begins with "--" (then the
                         key is what follows) */
    const char *kind; /* text | int | size | duration | flag | jid | id | secret (first line of standard
                         input) | file | lines (standard input, as an array of strings) */
    bool required;
    bool many; /* the last positional: an array */
    const char *help;
};

struct command_answer; /* where the answer goes */

struct command {
    const char *name; /* "user add": noun first */
    const char *help; /* one sentence */
    enum command_role role;
    unsigned flags;
    const struct command_arg *args; /* ends with a NULL name; NULL: none */
    const char *const *columns; /* what a table shows, in order; NULL-terminated; NULL: key and value lines */
    /* Answers by command_answer(), now or later, from any thread, exactly once. args is borrowed until then.
     */
    void (*run)(const json_t *args, struct command_answer *to);
};

#define COMMAND_REGISTER(cmd) \
    static const struct command *const cmd##_entry_ __attribute__((section("ferry_commands"), used)) = &(cmd)

typedef void command_done(void *arg, enum command_exit code,
                          json_t *answer); /* answer: a new reference, the callee's */

const struct command *command_find(const char *name);
const struct command *command_next(const struct command *after); /* NULL: the first; sorted by name */
/* Checks args against the table (unknown keys, missing ones, kinds) and runs. args is referenced until the
 * answer. What a command gets is a normalised copy: int, size (bytes) and duration (milliseconds) are
 * integers whether they came as text ("10M") or as numbers, a flag is a boolean, a jid its prepared text,
 * `many` and `lines` always an array of strings; null is like absent. */
void command_run(const struct command *cmd, json_t *args, command_done *done, void *arg);
void command_answer(struct command_answer *to, enum command_exit code, json_t *answer); /* takes answer */
void command_refuse(struct command_answer *to, enum refuse why, const char *detail);
enum command_exit command_exit_of(enum refuse why);

#endif
