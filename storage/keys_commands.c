/* keys_commands.c: `keys ls`, `keys rotate`: the keys that slots are sealed with. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/command.h"
#include "storage/internal.h"
#include "storage/keys.h"

/* An upload that is tried again and again prolongs its time each time (spool.7); nobody does that for a week
 * longer than the terms allow. */
#define MARGIN_S (7 * 86400)

/* How long after a key was superseded a slot that it sealed may still be used. */
static int64_t slot_life(void)
{
    return (conf_get()->slots_put_deadline + conf_get()->slots_resume_for) / 1000 + MARGIN_S;
}

static json_t *stamp(int64_t wall)
{
    char text[21] = "";
    if (wall > 0)
        clock_format_utc(wall, text);
    return json_string(text);
}

/* --- ls --- */

static json_t *row(const struct key_info *k, int64_t now)
{
    int64_t until = k->superseded ? k->superseded + slot_life() : 0;
    const char *state = k->seals ? "seals" : until && until < now ? "past" : "opens";
    return json_pack("{s:s, s:s, s:s, s:o, s:o}", "id", k->id, "use",
                     k->use == KEYS_SLOT ? "slots" : "passwords", "state", state, "made", stamp(k->made),
                     "until", stamp(until));
}

static void run_ls(const json_t *args, struct command_answer *to)
{
    struct storage *st = storage_get();
    struct key_info keys[KEYS_SEAL_MAX + 1];
    if (!st) {
        command_refuse(to, REFUSE_UNAVAILABLE, "the spool is not open");
        return;
    }
    json_t *rows = json_array();
    size_t n = keys_list(st->keys, keys);
    int64_t now = clock_wall();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, row(&keys[i], now));
    command_answer(to, EXIT_OK_, rows);
}

static const char *const ls_columns[] = {"id", "use", "state", "made", "until", NULL};
static const struct command ls_command = {
    .name = "keys ls",
    .help = "Lists the keys that slots and kept passwords are sealed with: which one seals, which ones only "
            "open, and until when.",
    .role = ROLE_VIEWER,
    .flags = COMMAND_ROWS | COMMAND_OFFLINE,
    .columns = ls_columns,
    .run = run_ls};
COMMAND_REGISTER(ls_command);

/* --- rotate --- */

struct job {
    struct task task;
    struct storage *st;
    struct command_answer *to;
};

static void rotate(struct task *task)
{
    struct job *j = (struct job *)task;
    struct storage *st = j->st;
    struct keys_rotated out;
    struct buf why = {0};
    int64_t now = clock_wall();
    enum refuse r = keys_rotate(st->keys, now, now - slot_life(), &out, &why);
    if (r == REFUSE_OK)
        command_answer(j->to, EXIT_OK_,
                       json_pack("{s:s, s:I, s:I}", "id", out.fresh.id, "kept", (json_int_t)out.kept,
                                 "dropped", (json_int_t)out.dropped));
    else
        command_refuse(j->to, r, why.data);
    buf_free(&why);
    free(j);
    storage_leave(st);
}

static void run_rotate(const json_t *args, struct command_answer *to)
{
    struct storage *st = storage_get();
    if (!st) {
        command_refuse(to, REFUSE_UNAVAILABLE, "the spool is not open");
        return;
    }
    struct job *j = xcalloc(1, sizeof *j);
    *j = (struct job){.task.run = rotate, .st = st, .to = to};
    storage_enter(st);
    storage_sync(st, &j->task);
}

static const struct command rotate_command = {
    .name = "keys rotate",
    .help = "Makes a new key for upload slots. Slots of the old ones stay good; keys that no slot can be of "
            "any more are dropped.",
    .role = ROLE_ADMIN,
    .flags = COMMAND_OFFLINE,
    .run = run_rotate};
COMMAND_REGISTER(rotate_command);
