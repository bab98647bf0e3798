/* adhoc.c: the user commands (usercmd.h) as ad-hoc commands (XEP-0050) of upload.DOMAIN, with data forms
 * (XEP-0004): the node is the command's name.
 *
 * A command without arguments is done at once. One with arguments shows a form, one that deletes asks once
 * more, and a list has pages; between the steps it is a sitting: kept in memory for the resource that began
 * it, a few each, until its deadline. A sitting is over when the command runs: it runs once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "xmpp/adhocform.h"
#include "xmpp/router.h"

#define SITTING_MS (10 * 60 * 1000)
#define SITTINGS_EACH 5 /* one more, and the oldest of the resource goes */
#define SITTINGS_MAX 1000
#define ID_CHARS 22

enum stage { STAGE_FORM, STAGE_SURE, STAGE_PAGE };

struct sitting {
    struct sitting *next; /* the newest first */
    char id[ID_CHARS + 1];
    uint64_t serial; /* the session it belongs to */
    const struct usercmd *cmd;
    enum stage stage;
    char args[USERCMD_ARGS][USERCMD_ARG_MAX + 1];
    long page;
    bool more;
    int64_t deadline;
};

static struct {
    struct sitting *first;
    size_t n;
    struct loop_timer sweep;
} a;

/* --- sittings --- */

static void sitting_free(struct sitting *t)
{
    struct sitting **at = &a.first;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    a.n--;
    free(t);
}

static void on_sweep(void *arg)
{
    int64_t now = clock_mono_ms(), next = 0;
    for (struct sitting *t = a.first, *after; t; t = after) {
        after = t->next;
        if (t->deadline <= now)
            sitting_free(t);
        else if (!next || t->deadline < next)
            next = t->deadline;
    }
    if (next)
        loop_timer_set(&a.sweep, next - now);
}

static struct sitting *sitting_find(const char *id, uint64_t serial)
{
    struct sitting *t = a.first;
    while (t && !(t->serial == serial && strcmp(t->id, id) == 0))
        t = t->next;
    return t;
}

/* NULL: there are too many. */
static struct sitting *sitting_new(uint64_t serial, const struct usercmd *cmd, enum stage stage)
{
    struct sitting *oldest = NULL;
    size_t n = 0;
    for (struct sitting *t = a.first; t; t = t->next)
        if (t->serial == serial) {
            oldest = t;
            n++;
        }
    if (n >= SITTINGS_EACH)
        sitting_free(oldest);
    if (a.n >= SITTINGS_MAX)
        return NULL;
    struct sitting *t = xcalloc(1, sizeof *t);
    random_token(t->id, ID_CHARS);
    t->serial = serial;
    t->cmd = cmd;
    t->stage = stage;
    t->deadline = clock_mono_ms() + SITTING_MS;
    t->next = a.first;
    a.first = t;
    a.n++;
    if (!loop_timer_pending(&a.sweep))
        loop_timer_set(&a.sweep, SITTING_MS);
    return t;
}

/* --- what is shown (adhocform.h) --- */

static bool wants_chinese(const struct packet *p)
{
    const char *lang = stanza_lang(p->st);
    if (!lang)
        lang = *p->from_session->lang ? p->from_session->lang : conf_get()->http_default_language;
    return strncmp(lang, "zh", 2) == 0;
}

static struct stanza *show_form(struct packet *p, const struct sitting *t, const char *fault)
{
    return adhocform_form(p->arena, t->cmd, t->id, (const char *const[]){t->args[0], t->args[1]}, fault,
                          wants_chinese(p));
}

/* --- running --- */

struct running { /* lives in the pending's arena */
    struct pending *q;
    const struct usercmd *cmd;
    bool zh;
    uint64_t serial;
    long page;
    char id[ID_CHARS + 1];
};

/* Of a list there may be pages before and behind: the sitting goes on. */
static struct stanza *show_page(struct running *w, const struct usercmd_answer *answer)
{
    struct sitting *t = session_by_serial(w->serial) ? sitting_new(w->serial, w->cmd, STAGE_PAGE) : NULL;
    if (!t)
        return NULL;
    memcpy(t->id, w->id, sizeof t->id);
    t->page = w->page;
    t->more = answer->more;
    struct stanza *c = adhocform_command(pending_arena(w->q), w->cmd, t->id, "executing", w->zh);
    adhocform_actions(c, t->page > 1, t->more, true);
    return c;
}

static void on_answer(void *arg, const struct usercmd_answer *answer)
{
    struct running *w = arg;
    struct stanza *c = NULL;
    bool paged = (w->cmd->flags & USERCMD_PAGED) && answer->r == REFUSE_OK;
    if (paged && (answer->more || w->page > 1))
        c = show_page(w, answer);
    if (!c)
        c = adhocform_command(pending_arena(w->q), w->cmd, w->id, "completed", w->zh);
    adhocform_answer(c, w->cmd, answer, w->zh);
    pending_result(&w->q, c);
}

/* `id` keeps a sitting's name over its steps; NULL: it is the first. */
static int run(struct packet *p, const struct usercmd *cmd, const char *const args[USERCMD_ARGS], long page,
               const char *id)
{
    struct pending *q = router_hold(p);
    struct running *w = arena_zalloc(pending_arena(q), sizeof *w);
    w->q = q;
    w->cmd = cmd;
    w->zh = wants_chinese(p);
    w->serial = p->from_session->serial;
    w->page = page;
    if (id)
        memcpy(w->id, id, sizeof w->id);
    else
        random_token(w->id, ID_CHARS);
    usercmd_run(cmd, p->from_session->user->jid, w->zh, args, on_answer, w);
    return MOD_HANDLED;
}

static int run_page(struct packet *p, const struct usercmd *cmd, long page, const char *id)
{
    const char *number = arena_printf(p->arena, "%ld", page);
    return run(p, cmd, (const char *const[]){number, ""}, page, id);
}

static int run_sitting(struct packet *p, struct sitting *t)
{
    struct sitting last = *t;
    sitting_free(t);
    return run(p, last.cmd, (const char *const[]){last.args[0], last.args[1]}, 1, last.id);
}

/* --- steps --- */

static int begin(struct packet *p, const struct usercmd *cmd)
{
    if (cmd->flags & USERCMD_PAGED)
        return run_page(p, cmd, 1, NULL);
    if (!cmd->args[0].var)
        return run(p, cmd, (const char *const[]){"", ""}, 1, NULL);
    struct sitting *t = sitting_new(p->from_session->serial, cmd, STAGE_FORM);
    if (!t)
        return REFUSE_TOO_MANY;
    const char *now = usercmd_now(cmd, p->from_session->user->jid);
    memcpy(t->args[0], now, strlen(now) + 1);
    router_result(p, show_form(p, t, NULL));
    return MOD_HANDLED;
}

static int cancel(struct packet *p, struct sitting *t)
{
    router_result(p, adhocform_command(p->arena, t->cmd, t->id, "canceled", wants_chinese(p)));
    sitting_free(t);
    return MOD_HANDLED;
}

/* What was filled in, into the sitting. false: a field is missing or no word of its own. */
static bool fill(struct sitting *t, const struct stanza *x)
{
    bool good = true;
    for (size_t i = 0; i < USERCMD_ARGS && t->cmd->args[i].var; i++) {
        const char *given = "";
        for (const struct stanza *f = stanza_find(x, NULL, "field"); f; f = stanza_next(f, NULL, "field")) {
            const char *var = stanza_get(f, "var");
            if (var && strcmp(var, t->cmd->args[i].var) == 0)
                given = stanza_text(stanza_find(f, NULL, "value"));
        }
        if (!usercmd_normal(&t->cmd->args[i], given, t->args[i])) {
            t->args[i][0] = '\0';
            good = false;
        }
    }
    return good;
}

static int on_form(struct packet *p, struct sitting *t, const char *action)
{
    const struct stanza *x = stanza_find(p->payload, NS_DATA, "x");
    const char *type = x ? stanza_get(x, "type") : NULL;
    if (strcmp(action, "prev") == 0)
        return REFUSE_COMMAND_ACTION;
    if (type && strcmp(type, "cancel") == 0)
        return cancel(p, t);
    if (!type || strcmp(type, "submit") != 0)
        return REFUSE_COMMAND_PAYLOAD;
    bool zh = wants_chinese(p);
    if (!fill(t, x)) {
        router_result(p, show_form(p, t, usercmd_usage(p->arena, t->cmd, zh)));
        return MOD_HANDLED;
    }
    if (!(t->cmd->flags & USERCMD_ASKS))
        return run_sitting(p, t);
    t->stage = STAGE_SURE;
    router_result(p, adhocform_sure(p->arena, t->cmd, t->id, t->args[0], zh));
    return MOD_HANDLED;
}

static int on_sure(struct packet *p, struct sitting *t, const char *action)
{
    if (strcmp(action, "next") == 0)
        return REFUSE_COMMAND_ACTION;
    if (strcmp(action, "prev") != 0)
        return run_sitting(p, t);
    t->stage = STAGE_FORM;
    router_result(p, show_form(p, t, NULL));
    return MOD_HANDLED;
}

static int on_page(struct packet *p, struct sitting *t, const char *action)
{
    bool prev = strcmp(action, "prev") == 0, next = !prev && strcmp(action, "complete") != 0 && t->more;
    if ((prev && t->page == 1) || (!next && strcmp(action, "next") == 0))
        return REFUSE_COMMAND_ACTION;
    struct sitting last = *t;
    if (prev || next) {
        sitting_free(t);
        return run_page(p, last.cmd, last.page + (next ? 1 : -1), last.id);
    }
    router_result(p, adhocform_command(p->arena, t->cmd, t->id, "completed", wants_chinese(p)));
    sitting_free(t);
    return MOD_HANDLED;
}

static bool known_action(const char *action)
{
    static const char *const known[] = {"execute", "cancel", "prev", "next", "complete"};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(known[i], action) == 0)
            return true;
    return false;
}

static int on_command(struct packet *p)
{
    const char *node = stanza_get(p->payload, "node"), *id = stanza_get(p->payload, "sessionid");
    const char *action = stanza_get(p->payload, "action");
    bool zh;
    if (!action)
        action = "execute";
    const struct usercmd *cmd = node ? usercmd_find(node, &zh) : NULL;
    if (!cmd || strcmp(cmd->name, node) != 0)
        return REFUSE_NOT_FOUND;
    if (!known_action(action))
        return REFUSE_COMMAND_MALFORMED;
    if (!id)
        return strcmp(action, "execute") == 0 ? begin(p, cmd) : REFUSE_COMMAND_SESSION;
    struct sitting *t = sitting_find(id, p->from_session->serial);
    if (!t || t->cmd != cmd)
        return REFUSE_COMMAND_SESSION;
    if (strcmp(action, "cancel") == 0)
        return cancel(p, t);
    switch (t->stage) {
    case STAGE_FORM:
        return on_form(p, t, action);
    case STAGE_SURE:
        return on_sure(p, t, action);
    case STAGE_PAGE:
        break;
    }
    return on_page(p, t, action);
}

/* --- disco --- */

static bool disco_node(struct packet *p, enum target where, const char *node, struct stanza *query)
{
    bool info = strcmp(query->ns, NS_DISCO_INFO) == 0, all = strcmp(node, NS_COMMANDS) == 0, word_zh;
    if (where != TARGET_UPLOAD)
        return false;
    const struct usercmd *cmd = all ? NULL : usercmd_find(node, &word_zh);
    if (!all && (!cmd || strcmp(cmd->name, node) != 0))
        return false;
    bool zh = wants_chinese(p);
    if (info) {
        struct stanza *id = stanza_child(query, NULL, "identity");
        stanza_set(id, "category", "automation");
        stanza_set(id, "type", all ? "command-list" : "command-node");
        if (cmd)
            stanza_set(id, "name", zh ? cmd->title_zh : cmd->title_en);
        stanza_set(stanza_child(query, NULL, "feature"), "var", NS_COMMANDS);
        if (cmd)
            stanza_set(stanza_child(query, NULL, "feature"), "var", NS_DATA);
        return true;
    }
    size_t n;
    const struct usercmd *table = usercmd_table(&n);
    for (size_t i = 0; all && i < n; i++) {
        struct stanza *item = stanza_child(query, NULL, "item");
        stanza_set(item, "jid", mod_upload());
        stanza_set(item, "node", table[i].name);
        stanza_set(item, "name", zh ? table[i].title_zh : table[i].title_en);
    }
    return true;
}

/* --- the module --- */

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    loop_timer_init(&a.sweep, loop, on_sweep, NULL);
    return 0;
}

static void stop(void)
{
    loop_timer_clear(&a.sweep);
    while (a.first)
        sitting_free(a.first);
}

static void session_gone(struct session *s)
{
    for (struct sitting *t = a.first, *after; t; t = after) {
        after = t->next;
        if (t->serial == s->serial)
            sitting_free(t);
    }
}

static const char *const features[] = {NS_COMMANDS, NULL};
static const struct mod_route routes[] = {
    {"iq", "set", TARGET_UPLOAD, NS_COMMANDS, "command", on_command},
    {.fn = NULL},
};
static const struct mod adhoc = {.name = "adhoc",
                                 .upload_features = features,
                                 .routes = routes,
                                 .start = start,
                                 .stop = stop,
                                 .session_gone = session_gone,
                                 .disco_node = disco_node};
MOD_REGISTER(adhoc);
