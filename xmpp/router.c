/* router.c: what a client's stream gave, and where it goes (RFC 6121 section 8).
 *
 * The order for a stanza from a bound session: its form is judged; `from` is checked and stamped; `to` is
 * looked up as written, else prepared; between two users the filters speak (blocking comes before anything
 * else); handlers; then the rules of its kind. What nobody takes is refused here and nowhere else. Errors and
 * results are never answered (row 24). Before BOUND only the modules of login hear anything (row 10).
 *
 * Not here: what Ferry asks (ask.c), answers that come later (pending.c).
 */
#include "xmpp/router.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "xmpp/parts.h"

enum kind { KIND_IQ, KIND_MESSAGE, KIND_PRESENCE, KIND_STREAM, KIND_COUNT };
static const char *const kind_names[] = {"iq", "message", "presence", NULL};

/* Handlers by kind and target, ends with fn NULL. */
static const struct mod_route **table[KIND_COUNT][TARGET_STREAM + 1];
static const struct mod **filters;
static size_t n_filters;

/* --- the table --- */
static int kind_of(const char *name)
{
    for (int k = KIND_IQ; k < KIND_STREAM; k++)
        if (!strcmp(name, kind_names[k]))
            return k;
    return -1;
}

static void add_route(const struct mod_route *r)
{
    int kind = r->kind ? kind_of(r->kind) : KIND_STREAM;
    FERRY_ASSERT(kind >= 0 && (kind == KIND_STREAM) == (r->target == TARGET_STREAM));
    const struct mod_route ***list = &table[kind][r->target];
    size_t n = 0;
    while (*list && (*list)[n])
        n++;
    *list = xrealloc(*list, (n + 2) * sizeof(const struct mod_route *));
    (*list)[n] = r;
    (*list)[n + 1] = NULL;
}

void router_start(void)
{
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m)) {
        for (const struct mod_route *r = m->routes; r && r->fn; r++)
            add_route(r);
        if (!m->filter)
            continue;
        filters = xrealloc(filters, (n_filters + 1) * sizeof(const struct mod *));
        filters[n_filters++] = m;
    }
}

void router_stop(void)
{
    for (int k = 0; k < KIND_COUNT; k++)
        for (int t = 0; t <= TARGET_STREAM; t++) {
            free(table[k][t]);
            table[k][t] = NULL;
        }
    free(filters);
    filters = NULL;
    n_filters = 0;
}

static bool route_takes(const struct mod_route *r, const struct packet *p, const struct stanza *judged)
{
    if (r->type && strcmp(r->type, p->type))
        return false;
    if (r->ns && (!judged || !judged->ns || strcmp(r->ns, judged->ns)))
        return false;
    return !r->name || (judged && !strcmp(r->name, judged->name));
}

/* MOD_PASS: nobody took it. */
static int handlers(struct packet *p, enum kind kind, enum target target, unsigned phase)
{
    const struct mod_route **list = table[kind][target];
    const struct stanza *judged = kind == KIND_STREAM ? p->st : p->payload;
    for (; list && *list; list++) {
        const struct mod_route *r = *list;
        if (kind != KIND_STREAM && !((r->phases ? r->phases : PHASE_BOUND) & phase))
            continue;
        if (!route_takes(r, p, judged))
            continue;
        int got = r->fn(p);
        if (got != MOD_PASS)
            return got;
    }
    return MOD_PASS;
}

/* --- answers --- */
static bool answerable(const struct packet *p)
{
    if (!p->kind || !strcmp(p->type, "error"))
        return false;
    return strcmp(p->kind, "iq") || !strcmp(p->type, "get") || !strcmp(p->type, "set");
}

static void answer(struct packet *p, const struct stanza *st)
{
    if (p->from_session)
        session_send(p->from_session, st);
    else
        router_send((struct stanza *)st);
}

void router_result(struct packet *p, struct stanza *payload)
{
    struct stanza *st = stanza_result(p->arena, p->st);
    if (payload)
        stanza_add(st, payload);
    answer(p, st);
}

void router_refuse(struct packet *p, enum refuse why, const char *detail)
{
    if (answerable(p))
        answer(p, stanza_error(p->arena, p->st, why, detail));
}

/* --- delivery --- */
static unsigned for_everyone(struct user *u, const struct stanza *st, bool negative_too)
{
    unsigned told = 0;
    for (struct session *s = u ? u->first : NULL, *next; s; s = next) {
        next = s->user_next;
        if (!s->available || (s->priority < 0 && !negative_too))
            continue;
        session_send(s, st);
        told++;
    }
    return told;
}

static struct user *user_of(struct arena *arena, const struct jid *to)
{
    return registry_user_entry(jid_is_bare(to) ? to->text : jid_bare(arena, to));
}

enum message_fate { FATE_DELIVERED, FATE_ABSENT, FATE_REFUSED, FATE_DROPPED };

/* RFC 6121 sections 8.5.2 and 8.5.3. chat and normal go to every resource that wants messages. */
static enum message_fate deliver_message(struct stanza *st, const struct jid *to, const char *type)
{
    struct session *full = jid_is_bare(to) ? NULL : registry_full(to->text);
    bool groupchat = !strcmp(type, "groupchat"), error = !strcmp(type, "error");
    bool headline = !strcmp(type, "headline");
    if (full) {
        session_send(full, st);
        if (!groupchat && !error && !headline)
            keep_message(full, st);
        return FATE_DELIVERED;
    }
    if (groupchat)
        return FATE_REFUSED;
    if (error || (headline && !jid_is_bare(to)))
        return FATE_DROPPED;
    struct user *u = user_of(st->arena, to);
    unsigned told = for_everyone(u, st, false);
    if (told == 1 && !headline)
        keep_message(registry_best(u->jid, NULL, NULL), st);
    if (told)
        return FATE_DELIVERED;
    return headline ? FATE_DROPPED : FATE_ABSENT;
}

/* Nobody is there: offline storage, or nothing. */
static bool absent(struct packet *p, const struct stanza *st, const struct jid *to)
{
    for (const struct mod *m = mod_next(NULL); m; m = mod_next(m))
        if (m->message_absent && m->message_absent(p, st, to))
            return true;
    return false;
}

static bool deliver_other(struct stanza *st, const struct jid *to)
{
    if (!jid_is_bare(to)) {
        struct session *s = registry_full(to->text);
        if (s)
            session_send(s, st);
        return s != NULL;
    }
    return !strcmp(st->name, "presence") && for_everyone(user_of(st->arena, to), st, true);
}

static bool parse_to(const struct stanza *st, struct jid *to)
{
    const char *raw = stanza_get(st, "to");
    return raw && !jid_parse(st->arena, raw, strlen(raw), to);
}

static const char *type_of(const struct stanza *st)
{
    const char *type = stanza_get(st, "type");
    return type ? type : "";
}

bool router_send(struct stanza *st)
{
    struct jid to;
    const char *raw = stanza_get(st, "to");
    struct session *s = raw ? registry_full(raw) : NULL;
    if (s) {
        session_send(s, st);
        return true;
    }
    if (!parse_to(st, &to))
        return false;
    if (!strcmp(st->name, "message"))
        return deliver_message(st, &to, type_of(st)) == FATE_DELIVERED;
    return deliver_other(st, &to);
}

void router_message(struct stanza *st)
{
    struct jid to;
    if (parse_to(st, &to) && deliver_message(st, &to, type_of(st)) == FATE_ABSENT)
        absent(NULL, st, &to);
}

void router_deliver(struct session *to_session, const struct stanza *st)
{
    session_send(to_session, st);
}

void router_forward(struct packet *p)
{
    if (!strcmp(p->kind, "message")) {
        enum message_fate f = deliver_message(p->st, &p->to, p->type);
        if (f == FATE_REFUSED || (f == FATE_ABSENT && !absent(p, p->st, &p->to)))
            router_refuse(p, REFUSE_UNAVAILABLE, NULL);
    } else if (!deliver_other(p->st, &p->to) && !strcmp(p->kind, "iq")) {
        router_refuse(p, REFUSE_UNAVAILABLE, NULL);
    }
}

/* --- the form of a stanza --- */
/* Row 22. */
static bool iq_well_formed(const struct packet *p)
{
    const struct stanza *first = stanza_first_element(p->st);
    bool asks = !strcmp(p->type, "get") || !strcmp(p->type, "set");
    bool answers = !strcmp(p->type, "result") || !strcmp(p->type, "error");
    if (!stanza_get(p->st, "id"))
        return false;
    if (asks)
        return first && !stanza_next_element(first);
    return answers && (!first || !strcmp(p->type, "error") || !stanza_next_element(first));
}

/* An iq that is no iq is answered all the same, once: its sender waits. */
static void refuse_malformed_iq(struct packet *p)
{
    if (!strcmp(p->type, "error") || !strcmp(p->type, "result"))
        return;
    answer(p, stanza_error(p->arena, p->st, REFUSE_BAD_REQUEST, NULL));
}

/* Row 20: what he says he is must be what he is. */
static bool from_is_his(const struct session *s, const struct stanza *st)
{
    const char *from = stanza_get(st, "from");
    struct jid j;
    if (!from || !strcmp(from, s->jid.text))
        return true;
    if (jid_parse(st->arena, from, strlen(from), &j))
        return false;
    return jid_equal(&j, &s->jid) || (jid_is_bare(&j) && jid_bare_equal(&j, &s->jid));
}

/* Finds out where to. The table first: a `to` as it is prepared needs no preparation. false: refused. */
static bool find_target(struct packet *p, enum target *target)
{
    const struct session *s = p->from_session;
    struct session *there = p->to_raw ? registry_full(p->to_raw) : NULL;
    *target = TARGET_USER;
    if (there) {
        p->to = there->jid;
        return true;
    }
    if (!p->to_raw) {
        p->to = s->jid;
        p->to.text = jid_bare(p->arena, &s->jid);
        p->to.len = p->to.bare_len;
        *target = TARGET_ACCOUNT;
        return true;
    }
    if (jid_parse(p->arena, p->to_raw, strlen(p->to_raw), &p->to)) {
        if (answerable(p)) { /* from us: nothing can be `from` what is no address */
            struct stanza *e = stanza_error(p->arena, p->st, REFUSE_JID_MALFORMED, NULL);
            stanza_set(e, "from", s->domain);
            answer(p, e);
        }
        return false;
    }
    const char *domain = jid_bare(p->arena, &p->to);
    if (p->to.node_len) {
        domain += p->to.node_len + 1;
        if (jid_is_bare(&p->to) && !p->to.empty_resource && jid_bare_equal(&p->to, &s->jid))
            *target = TARGET_ACCOUNT;
    } else if (mod_served_domain(domain)) {
        *target = TARGET_SERVER;
    } else if (!strcmp(domain, mod_upload())) {
        *target = TARGET_UPLOAD;
    } else if (!strcmp(domain, mod_proxy())) {
        *target = TARGET_PROXY;
    }
    bool service = *target != TARGET_USER && *target != TARGET_ACCOUNT;
    if ((service && !jid_is_bare(&p->to)) || (!service && p->to.node_len && !mod_served_domain(domain)) ||
        (!service && !p->to.node_len)) {
        bool ours = service || !strcmp(domain, mod_upload()) || !strcmp(domain, mod_proxy());
        router_refuse(p, ours ? REFUSE_UNAVAILABLE : REFUSE_UNKNOWN_HOST, NULL);
        return false;
    }
    return true;
}

/* --- from a bound session --- */
/* Between two users. false: it ends here. */
static bool pass_filters(struct packet *p)
{
    for (size_t i = 0; i < n_filters; i++) {
        enum refuse r = filters[i]->filter(p);
        if (r == REFUSE_OK)
            continue;
        if (r != REFUSE_BLOCKED || strcmp(p->kind, "presence"))
            router_refuse(p, r, NULL);
        return false;
    }
    return true;
}

static void settle(struct packet *p, enum kind kind, enum target target)
{
    int got = handlers(p, kind, target, PHASE_BOUND);
    if (got == MOD_HANDLED)
        return;
    if (got > 0)
        router_refuse(p, (enum refuse)got, NULL);
    else if (target == TARGET_USER || (target == TARGET_ACCOUNT && kind == KIND_MESSAGE))
        router_forward(p);
    else if (kind != KIND_PRESENCE)
        router_refuse(p, REFUSE_UNAVAILABLE, NULL);
}

static void receive_bound(struct packet *p, enum kind kind)
{
    struct session *s = p->from_session;
    enum target target;
    s->in_count++;
    if (!from_is_his(s, p->st)) {
        session_fault(s, STREAM_INVALID_FROM, NULL);
        return;
    }
    stanza_set(p->st, "from", s->jid.text);
    p->from = s->jid;
    p->to_raw = stanza_get(p->st, "to");
    if (kind == KIND_IQ && !iq_well_formed(p)) {
        refuse_malformed_iq(p);
        return;
    }
    if (!find_target(p, &target))
        return;
    if (kind == KIND_IQ && !answerable(p) && ask_answered(s, &p->to, p->st))
        return;
    if (target == TARGET_USER && !pass_filters(p))
        return;
    settle(p, kind, target);
}

/* --- before that --- */
static void receive_early(struct packet *p, enum kind kind)
{
    struct session *s = p->from_session;
    unsigned phase = s->state == SESSION_AUTHENTICATED ? PHASE_AUTHENTICATED : PHASE_OPEN;
    if (kind != KIND_IQ) {
        session_fault(s, STREAM_NOT_AUTHORIZED, NULL);
        return;
    }
    p->from = s->jid.text ? s->jid : (struct jid){.text = ""};
    p->to_raw = stanza_get(p->st, "to");
    p->to = (struct jid){
        .text = s->domain, .bare_len = (uint16_t)strlen(s->domain), .len = (uint16_t)strlen(s->domain)};
    /* What he says he is, is not passed on: an answer goes to the stream it came from. */
    stanza_set(p->st, "from", NULL);
    if (!iq_well_formed(p)) {
        refuse_malformed_iq(p);
        return;
    }
    int got = handlers(p, kind, TARGET_SERVER, phase);
    if (got > 0)
        router_refuse(p, (enum refuse)got, NULL);
    else if (got == MOD_PASS)
        session_fault(s, STREAM_NOT_AUTHORIZED, NULL);
}

static void receive_element(struct packet *p)
{
    struct session *s = p->from_session;
    if (stanza_is(p->st, NS_STREAM, "error")) { /* he says why he goes; an error is not answered by another */
        const struct stanza *why = stanza_first_element(p->st);
        log_info("%s client's stream error %s", session_id(s), why ? why->name : "");
        session_close(s);
        return;
    }
    int got = handlers(p, KIND_STREAM, TARGET_STREAM, 0);
    if (got == MOD_PASS)
        session_fault(s, STREAM_UNSUPPORTED_STANZA, NULL);
    else if (got > 0)
        session_fault(s, STREAM_POLICY_VIOLATION, refuse_get((enum refuse)got)->en);
}

void router_receive(struct session *s, struct stanza *st)
{
    bool client_ns = st->ns && !strcmp(st->ns, NS_CLIENT);
    int kind = client_ns ? kind_of(st->name) : KIND_STREAM;
    struct packet p = {.from_session = s, .st = st, .arena = st->arena, .type = ""};
    if (kind < 0 || kind == KIND_STREAM) {
        receive_element(&p);
        return;
    }
    p.kind = kind_names[kind];
    p.type = type_of(st);
    if (kind == KIND_IQ)
        p.payload = stanza_first_element(st);
    if (s->state == SESSION_BOUND)
        receive_bound(&p, (enum kind)kind);
    else
        receive_early(&p, (enum kind)kind);
}

struct arena *router_arena(void)
{
    return arena_get(stream_pool_arenas(mod_pool()));
}
