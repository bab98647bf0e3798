/* adhocform.c: see adhocform.h. */
#include "xmpp/adhocform.h"

#include <string.h>

#include "xmpp/ns.h"

struct stanza *adhocform_command(struct arena *arena, const struct usercmd *cmd, const char *sitting,
                                 const char *status, bool zh)
{
    struct stanza *c = stanza_new(arena, NS_COMMANDS, "command");
    stanza_set(c, "node", cmd->name);
    stanza_set(c, "sessionid", sitting);
    stanza_set(c, "status", status);
    stanza_set_ns(c, NS_XML, "lang", zh ? "zh-Hans" : "en");
    return c;
}

void adhocform_actions(struct stanza *c, bool prev, bool next, bool complete)
{
    struct stanza *actions = stanza_child(c, NULL, "actions");
    stanza_set(actions, "execute", next ? "next" : "complete");
    if (prev)
        stanza_child(actions, NULL, "prev");
    if (next)
        stanza_child(actions, NULL, "next");
    if (complete)
        stanza_child(actions, NULL, "complete");
}

static void add_note(struct stanza *c, const char *type, const char *text)
{
    stanza_set(stanza_child_text(c, NULL, "note", text), "type", type);
}

static struct stanza *form_of(struct stanza *c, const char *type, const struct usercmd *cmd, bool zh)
{
    struct stanza *x = stanza_child(c, NS_DATA, "x");
    stanza_set(x, "type", type);
    stanza_child_text(x, NULL, "title", zh ? cmd->title_zh : cmd->title_en);
    return x;
}

static void add_field(struct stanza *x, const struct usercmd_arg *arg, const char *value, bool zh)
{
    struct stanza *f = stanza_child(x, NULL, "field");
    stanza_set(f, "var", arg->var);
    stanza_set(f, "type", arg->words ? "list-single" : "text-single");
    stanza_set(f, "label", zh ? arg->zh : arg->en);
    if (arg->required)
        stanza_child(f, NULL, "required");
    if (*value)
        stanza_child_text(f, NULL, "value", value);
    for (const struct usercmd_word *w = arg->words; w && w->en; w++) {
        struct stanza *o = stanza_child(f, NULL, "option");
        stanza_set(o, "label", zh ? w->label_zh : w->label_en);
        stanza_child_text(o, NULL, "value", w->en);
    }
}

struct stanza *adhocform_form(struct arena *arena, const struct usercmd *cmd, const char *sitting,
                              const char *const args[USERCMD_ARGS], const char *fault, bool zh)
{
    bool asks = cmd->flags & USERCMD_ASKS;
    struct stanza *c = adhocform_command(arena, cmd, sitting, "executing", zh);
    adhocform_actions(c, false, asks, !asks);
    if (fault)
        add_note(c, "error", fault);
    struct stanza *x = form_of(c, "form", cmd, zh);
    for (size_t i = 0; i < USERCMD_ARGS && cmd->args[i].var; i++)
        add_field(x, &cmd->args[i], args[i], zh);
    return c;
}

struct stanza *adhocform_sure(struct arena *arena, const struct usercmd *cmd, const char *sitting,
                              const char *what, bool zh)
{
    struct stanza *c = adhocform_command(arena, cmd, sitting, "executing", zh);
    adhocform_actions(c, true, false, true);
    struct stanza *x = form_of(c, "form", cmd, zh), *f = stanza_child(x, NULL, "field");
    stanza_child_text(x, NULL, "instructions",
                      zh ? "此操作立即生效，无法撤销。" : "It is done at once and cannot be undone.");
    stanza_set(f, "type", "fixed");
    stanza_child_text(f, NULL, "value", what);
    return c;
}

void adhocform_answer(struct stanza *c, const struct usercmd *cmd, const struct usercmd_answer *answer,
                      bool zh)
{
    const char *end, *line = answer->text;
    if (answer->r != REFUSE_OK || !strchr(line, '\n')) {
        add_note(c, answer->r == REFUSE_OK ? "info" : "error", line);
        return;
    }
    struct stanza *f = stanza_child(form_of(c, "result", cmd, zh), NULL, "field");
    stanza_set(f, "var", "answer");
    stanza_set(f, "type", "text-multi");
    for (; line; line = end ? end + 1 : NULL) {
        end = strchr(line, '\n');
        size_t n = end ? (size_t)(end - line) : strlen(line);
        stanza_child_text(f, NULL, "value", arena_strndup(c->arena, line, n));
    }
}
