/* commands.c: what an operator asks of the XMPP side. A command may be run on any thread; it is posted to the
 * loop and answers there with finished JSON. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/command.h"
#include "xmpp/mod.h"

struct posted {
    struct task task;
    struct command_answer *to;
};

static bool list_one(struct session *s, void *arg)
{
    char address[NET_TEXT], since[21];
    if (s->state != SESSION_BOUND)
        return true;
    net_format(sock_peer(s->sock), address);
    clock_format_utc(s->since, since);
    json_array_append_new(arg, json_pack("{s:s, s:s, s:b, s:s, s:I, s:I}", "jid", s->jid.text, "address",
                                         address, "tls", session_is_tls(s), "since", since, "idle",
                                         (json_int_t)((clock_mono_ms() - s->last_heard) / 1000), "stanzas",
                                         (json_int_t)s->in_count + (json_int_t)s->out_count));
    return true;
}

static void list_sessions(struct task *task)
{
    struct posted *p = (struct posted *)task;
    json_t *rows = json_array();
    registry_each(list_one, rows);
    command_answer(p->to, EXIT_OK_, rows);
    free(p);
}

static void session_ls(const json_t *args, struct command_answer *to)
{
    if (!mod_loop()) {
        command_refuse(to, REFUSE_UNAVAILABLE, NULL);
        return;
    }
    struct posted *p = xcalloc(1, sizeof(*p));
    p->task.run = list_sessions;
    p->to = to;
    loop_post(mod_loop(), &p->task);
}

static const char *const columns[] = {"jid", "address", "tls", "since", "idle", "stanzas", NULL};
static const struct command session_ls_command = {
    .name = "session ls",
    .help = "Lists the clients that are logged in.",
    .role = ROLE_VIEWER,
    .flags = COMMAND_ROWS,
    .columns = columns,
    .run = session_ls,
};
COMMAND_REGISTER(session_ls_command);
