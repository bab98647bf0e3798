/* later_commands.c: commands that people may count on by name but that are not built yet: each says so. An
 * entry goes when its command comes. */
#include "base/command.h"

static void not_built(const json_t *args, struct command_answer *to)
{
    command_refuse(to, REFUSE_NOT_BUILT, NULL);
}

static const struct command_arg words[] = {{"ARGUMENT", "text", false, true, "What it will be told."}, {0}};

#define LATER(id, name)                                                                                \
    static const struct command id = {name, "Not built yet.", ROLE_VIEWER, 0, words, NULL, not_built}; \
    COMMAND_REGISTER(id)

LATER(later_audit, "audit");
LATER(later_backup, "backup");
LATER(later_check, "check");
LATER(later_drop_ls, "drop ls");
LATER(later_drop_new, "drop new");
LATER(later_drop_revoke, "drop revoke");
LATER(later_top, "top");
LATER(later_watch, "watch");
