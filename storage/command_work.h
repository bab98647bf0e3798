/* command_work.h: how commands of the spool are run (internal to storage/): in a worker, since they wait for
 * the index, or at once where there are none, in ferryctl on a spool that nobody serves.
 */
#ifndef FERRY_COMMAND_WORK_H
#define FERRY_COMMAND_WORK_H

#include "base/command.h"
#include "storage/account.h"

typedef void command_work(struct storage *st, const json_t *args, struct command_answer *to);

/* The spool stays open until `work` has returned. Refused when none is open. */
void command_work_start(command_work *work, const json_t *args, struct command_answer *to);
/* A command's run, NAME_soon: has a worker do `name`. */
#define COMMAND_WORK(name)                                                 \
    static void name##_soon(const json_t *args, struct command_answer *to) \
    {                                                                      \
        command_work_start(name, args, to);                                \
    }

/* The bare address of the user whom args name by JID, who has an account; or it was refused in words that
 * name him. Blocks. */
bool command_work_user(struct storage *st, const json_t *args, struct command_answer *to,
                       char jid[ACCOUNT_JID_MAX]);

#endif
