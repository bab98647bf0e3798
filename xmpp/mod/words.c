/* words.c: plain words in a chat with upload.DOMAIN, for those whose client knows no ad-hoc commands: "list",
 * "delete ID", in English or Chinese (usercmd.h has the table). One message, one answer, to the resource that
 * asked. The language: the message's xml:lang, else that of the word if it is Chinese, else the stream's.
 *
 * Nobody is ever drawn into an endless talk: errors, headlines and room messages are not answered, nor what
 * carries a notice of a service like this one; and of words that nobody knows only a few a minute are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "xmpp/router.h"
#include "xmpp/usercmd.h"

#define PUZZLED_MAX 5 /* short helps to one session ... */
#define PUZZLED_MS 60000

struct puzzled { /* of one session */
    int64_t since;
    unsigned n;
};

static unsigned slot;

struct asked { /* waits for its answer; lives in the pending's arena */
    struct pending *q;
    const char *thread; /* NULL: none */
    bool zh;
};

static void say(struct asked *a, const char *text)
{
    struct arena *arena = pending_arena(a->q);
    struct stanza *m = stanza_new(arena, NS_CLIENT, "message");
    char id[17];
    random_token(id, sizeof id - 1);
    stanza_set(m, "type", "chat");
    stanza_set(m, "id", id);
    stanza_set(m, "from", pending_to_raw(a->q));
    stanza_set(m, "to", pending_from(a->q)->text);
    stanza_set_ns(m, NS_XML, "lang", a->zh ? "zh-Hans" : "en");
    stanza_child_text(m, NULL, "body", text);
    if (a->thread)
        stanza_child_text(m, NULL, "thread", a->thread);
    pending_answer(&a->q, m);
}

static void on_answer(void *arg, const struct usercmd_answer *answer)
{
    say(arg, answer->text);
}

static bool may_be_puzzled(struct session *s)
{
    struct puzzled *p = s->slots[slot];
    int64_t now = clock_mono_ms();
    if (!p)
        p = s->slots[slot] = xcalloc(1, sizeof *p);
    if (p->since == 0 || now - p->since >= PUZZLED_MS)
        *p = (struct puzzled){.since = now};
    return p->n++ < PUZZLED_MAX;
}

static bool wants_chinese(const struct packet *p, const struct stanza *body, bool word_is)
{
    const char *lang = stanza_lang(body);
    if (!lang && word_is)
        return true;
    if (!lang)
        lang = *p->from_session->lang ? p->from_session->lang : conf_get()->http_default_language;
    return strncmp(lang, "zh", 2) == 0;
}

static struct asked *hold(struct packet *p, bool zh)
{
    struct pending *q = router_hold(p);
    struct asked *a = arena_zalloc(pending_arena(q), sizeof *a);
    const struct stanza *thread = stanza_find(p->st, NULL, "thread");
    *a = (struct asked){.q = q, .zh = zh};
    if (thread)
        a->thread = arena_strdup(pending_arena(q), stanza_text(thread));
    return a;
}

static int on_message(struct packet *p)
{
    struct usercmd_line line;
    bool zh = false;
    if (*p->type && strcmp(p->type, "chat") != 0 && strcmp(p->type, "normal") != 0)
        return MOD_PASS;
    const struct stanza *body = stanza_find(p->st, NULL, "body");
    if (!body || stanza_find(p->st, NS_FERRY, "transfer") || !usercmd_split(stanza_text(body), &line))
        return MOD_HANDLED; /* a chat state, a receipt, another service: nothing was asked */
    const struct usercmd *cmd = usercmd_find(line.word, &zh);
    if (!cmd && !may_be_puzzled(p->from_session))
        return MOD_HANDLED;
    struct asked *a = hold(p, wants_chinese(p, body, zh));
    if (!cmd)
        say(a, usercmd_short_help(pending_arena(a->q), a->zh));
    else if (line.more)
        say(a, usercmd_usage(pending_arena(a->q), cmd, a->zh));
    else
        usercmd_run(cmd, p->from_session->user->jid, a->zh, (const char *const[]){line.args[0], line.args[1]},
                    on_answer, a);
    return MOD_HANDLED;
}

static int start(struct loop *loop, struct storage *st, struct buf *why)
{
    slot = mod_session_slot();
    return 0;
}

static void session_gone(struct session *s)
{
    free(TAKE(s->slots[slot]));
}

static const struct mod_route routes[] = {
    {"message", NULL, TARGET_UPLOAD, NULL, NULL, on_message},
    {.fn = NULL},
};
static const struct mod words = {
    .name = "words", .routes = routes, .start = start, .session_gone = session_gone};
MOD_REGISTER(words);
