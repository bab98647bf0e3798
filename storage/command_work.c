/* command_work.c: see command_work.h. */
#include "storage/command_work.h"

#include <stdlib.h>

#include "storage/index_people.h"
#include "storage/internal.h"

struct work {
    struct task task;
    command_work *run;
    struct storage *st;
    const json_t *args; /* borrowed until the answer (command.h) */
    struct command_answer *to;
};

static void run_work(struct task *task)
{
    struct work *w = INDEX_OP_OF(task, struct work, task);
    struct storage *st = w->st;
    w->run(st, w->args, w->to);
    free(w);
    storage_leave(st);
}

void command_work_start(command_work *work, const json_t *args, struct command_answer *to)
{
    struct storage *st = storage_get();
    if (!st) {
        command_refuse(to, REFUSE_UNAVAILABLE, "the spool is not open");
        return;
    }
    struct work *w = xcalloc(1, sizeof *w);
    *w = (struct work){.task.run = run_work, .run = work, .st = st, .args = args, .to = to};
    storage_enter(st);
    storage_work(st, &w->task);
}

bool command_work_user(struct storage *st, const json_t *args, struct command_answer *to,
                       char jid[ACCOUNT_JID_MAX])
{
    const char *raw = json_string_value(json_object_get(args, "JID"));
    enum refuse r = account_bare(raw, false, jid);
    if (r == REFUSE_OK && !index_account_exists(index_reader(st->index), jid))
        r = REFUSE_NOT_FOUND;
    if (r == REFUSE_OK)
        return true;
    char *detail = xasprintf(
        r == REFUSE_NOT_FOUND ? "there is no user %s" : "%s is not a user's address (name@domain)", raw);
    command_refuse(to, r, detail);
    free(detail);
    return false;
}
