/* invite.c: a slot in a message. What is put there is stored for the receiver of the offer, who gets his link
 * as ever, and the sender his notice.
 */
#include "xmpp/invite.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

struct invite {
    uint64_t serial; /* the sender's session */
    int64_t size;
    bool unsized;                                         /* size is the most that is taken */
    const char *owner, *to, *to_raw, *name, *type, *desc; /* its own once it waits for storage */
};

static void invite_free(struct invite *v)
{
    const char *texts[] = {v->owner, v->to, v->to_raw, v->name, v->type, v->desc};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free((char *)texts[i]);
    free(v);
}

static const char *words(struct arena *arena, const struct invite *v, const char *url, bool zh)
{
    const char *most = "";
    if (v->unsized)
        most = arena_printf(arena, zh ? "，最大 %s" : ", up to %s", siform_limit(arena));
    return arena_printf(arena,
                        zh ? "“%s”无法直接传送给 %s。请在此上传（HTTP PUT%s），服务器会将链接转交对方：%s"
                           : "\"%s\" could not be sent to %s directly. Upload it here (HTTP PUT%s), and the "
                             "link will be passed on: %s",
                        v->name, v->to, most, url);
}

static void say(const struct invite *v, struct session *s, const struct grant *g, const char *token)
{
    struct arena *arena = router_arena();
    struct buf url = {0};
    const char *lang = *s->lang ? s->lang : conf_get()->http_default_language;
    bool zh = strncmp(lang, "zh", 2) == 0;
    link_put(&url, token, v->name);
    struct stanza *m = stanza_new(arena, NS_CLIENT, "message");
    stanza_set(m, "type", "chat");
    stanza_set(m, "id", arena_printf(arena, "ferry-%s-upload", g->id.text));
    stanza_set(m, "from", mod_upload());
    stanza_set(m, "to", s->jid.text);
    stanza_set_ns(m, NS_XML, "lang", zh ? "zh-Hans" : "en");
    stanza_child_text(m, NULL, "body", words(arena, v, url.data, zh));
    struct stanza *t = stanza_child(m, NS_FERRY, "transfer");
    stanza_set(t, "id", g->id.text);
    stanza_set(t, "state", "upload");
    stanza_set(t, "put", url.data);
    session_send(s, m);
    buf_free(&url);
    arena_put(arena);
}

static void on_asked(void *arg, enum refuse r)
{
    struct invite *v = arg;
    struct session *s = session_by_serial(v->serial);
    struct buf token = {0};
    struct grant g = {
        .size = v->size,
        .name = v->name,
        .type = v->type,
        .owner = v->owner,
        .to = v->to,
        .to_raw = v->to_raw,
        .desc = v->desc,
        .took = TOOK_SLOT,
        .purpose = PURPOSE_MESSAGE,
        .flags = GRANT_NOTIFY_OWNER | (v->unsized ? GRANT_UP_TO : 0u),
    };
    if (r == REFUSE_OK && s && s->state == SESSION_BOUND)
        r = grant_new(mod_storage(), &g);
    else if (r == REFUSE_OK)
        r = REFUSE_UNAVAILABLE;
    g.deadline = clock_wall() + conf_get()->slots_resume_for / 1000; /* a person has to act */
    if (r == REFUSE_OK && grant_seal(mod_storage(), &g, &token) < 0)
        r = REFUSE_URI_TOO_LONG;
    if (r == REFUSE_OK)
        say(v, s, &g, token.data);
    log_info("%s invite %s", v->owner, r == REFUSE_OK ? "sent" : refuse_get(r)->name);
    session_worked(v->serial);
    buf_free(&token);
    invite_free(v);
}

static void send_one(const struct invite *terms)
{
    if (terms->size == 0) /* an empty file needs no upload */
        return;
    struct invite *v = xmalloc(sizeof *v);
    *v = (struct invite){
        .serial = terms->serial,
        .size = terms->size,
        .unsized = terms->unsized,
        .owner = xstrdup(terms->owner),
        .to = xstrdup(terms->to),
        .to_raw = xstrdup(terms->to_raw),
        .name = xstrdup(terms->name),
        .type = xstrdup(terms->type),
        .desc = xstrdup(terms->desc),
    };
    struct session *s = session_by_serial(v->serial);
    if (s)
        session_work(s);
    grant_ask(mod_storage(), v->owner, v->to, v->unsized ? 1 : v->size, mod_home(), on_asked, v);
}

void invite_send(const struct offer *o)
{
    const struct invite terms = {
        .serial = o->from_serial,
        .size = o->grant.size,
        .unsized = o->unsized,
        .owner = o->from_bare,
        .to = o->to_bare,
        .to_raw = o->to_raw,
        .name = o->name,
        .type = o->type,
        .desc = o->desc,
    };
    send_one(&terms);
}

void invite_packet(const struct packet *p, const struct siform *form)
{
    const struct invite terms = {
        .serial = p->from_session->serial,
        .size = form->unsized ? conf_get()->storage_max_file_size : form->size,
        .unsized = form->unsized,
        .owner = jid_bare(p->arena, &p->from),
        .to = jid_bare(p->arena, &p->to),
        .to_raw = p->to_raw,
        .name = form->clean,
        .type = form->type,
        .desc = form->desc,
    };
    send_one(&terms);
}
