/* stanza.c: the tree of a stanza: building, reading, writing out.
 *
 * Promises: what is written is well-formed and parses back to an equal tree; a namespace is declared only
 * where it changes; nothing is copied raw. A prefix is used for two namespaces only: `stream:` (declared by
 * every stream header) and `xml:`; other namespaced attributes get a prefix of our own making. Who may send
 * what is the router's matter.
 */
#include "xmpp/stanza.h"

#include <stdio.h>
#include <string.h>

#include "xmpp/ns.h"

/* --- building --- */
struct stanza *stanza_new(struct arena *arena, const char *ns, const char *name)
{
    struct stanza *el = arena_alloc(arena, sizeof(*el));
    *el = (struct stanza){.arena = arena, .ns = ns, .name = name};
    return el;
}

void stanza_add(struct stanza *parent, struct stanza *child)
{
    FERRY_ASSERT(!child->parent && !child->next);
    child->parent = parent;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
}

struct stanza *stanza_child(struct stanza *parent, const char *ns, const char *name)
{
    struct stanza *el = stanza_new(parent->arena, ns ? ns : parent->ns, name);
    stanza_add(parent, el);
    return el;
}

void stanza_add_text(struct stanza *el, const char *text, size_t n)
{
    struct stanza *node = stanza_new(el->arena, NULL, NULL);
    node->text = arena_strndup(el->arena, text, n);
    node->text_len = n;
    stanza_add(el, node);
}

struct stanza *stanza_child_text(struct stanza *parent, const char *ns, const char *name, const char *text)
{
    struct stanza *el = stanza_child(parent, ns, name);
    if (*text)
        stanza_add_text(el, text, strlen(text));
    return el;
}

static bool same_ns(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

void stanza_set_ns(struct stanza *el, const char *ns, const char *name, const char *value)
{
    struct attr **at = &el->attrs;
    while (*at && (strcmp((*at)->name, name) || !same_ns((*at)->ns, ns)))
        at = &(*at)->next;
    if (!value) {
        if (*at)
            *at = (*at)->next;
        return;
    }
    if (!*at) {
        *at = arena_alloc(el->arena, sizeof(**at));
        **at = (struct attr){.ns = ns, .name = name};
    }
    (*at)->value = arena_strdup(el->arena, value);
}

void stanza_set(struct stanza *el, const char *name, const char *value)
{
    stanza_set_ns(el, NULL, name, value);
}

void stanza_unlink(struct stanza *el)
{
    struct stanza *parent = el->parent, *before = NULL;
    FERRY_ASSERT(parent);
    for (struct stanza *c = parent->first; c != el; c = c->next)
        before = c;
    if (before)
        before->next = el->next;
    else
        parent->first = el->next;
    if (parent->last == el)
        parent->last = before;
    el->parent = el->next = NULL;
}

/* As deep as the stream lets a stanza be, or a module makes one. */
struct stanza *stanza_copy(struct arena *arena, const struct stanza *el)
{
    struct stanza *out = stanza_new(arena, el->ns ? arena_strdup(arena, el->ns) : NULL,
                                    el->name ? arena_strdup(arena, el->name) : NULL);
    if (!el->name) {
        out->text = arena_strndup(arena, el->text, el->text_len);
        out->text_len = el->text_len;
        return out;
    }
    struct attr **tail = &out->attrs;
    for (const struct attr *a = el->attrs; a; a = a->next) {
        struct attr *copy = arena_alloc(arena, sizeof(*copy));
        *copy = (struct attr){.ns = a->ns ? arena_strdup(arena, a->ns) : NULL,
                              .name = arena_strdup(arena, a->name),
                              .value = arena_strdup(arena, a->value)};
        *tail = copy;
        tail = &copy->next;
    }
    for (const struct stanza *c = el->first; c; c = c->next)
        stanza_add(out, stanza_copy(arena, c));
    return out;
}

/* --- reading --- */
bool stanza_is(const struct stanza *el, const char *ns, const char *name)
{
    return el && el->name && !strcmp(el->name, name) && (!ns || same_ns(el->ns, ns));
}

const char *stanza_get(const struct stanza *el, const char *name)
{
    for (const struct attr *a = el ? el->attrs : NULL; a; a = a->next)
        if (!a->ns && !strcmp(a->name, name))
            return a->value;
    return NULL;
}

const char *stanza_lang(const struct stanza *el)
{
    for (; el; el = el->parent)
        for (const struct attr *a = el->attrs; a; a = a->next)
            if (a->ns && !strcmp(a->name, "lang") && !strcmp(a->ns, NS_XML))
                return a->value;
    return NULL;
}

struct stanza *stanza_find(const struct stanza *el, const char *ns, const char *name)
{
    if (!el)
        return NULL;
    if (!ns)
        ns = el->ns;
    for (struct stanza *c = el->first; c; c = c->next)
        if (stanza_is(c, ns, name))
            return c;
    return NULL;
}

struct stanza *stanza_next(const struct stanza *child, const char *ns, const char *name)
{
    if (!ns)
        ns = child->ns;
    for (struct stanza *c = child->next; c; c = c->next)
        if (stanza_is(c, ns, name))
            return c;
    return NULL;
}

struct stanza *stanza_first_element(const struct stanza *el)
{
    struct stanza *c = el ? el->first : NULL;
    while (c && !c->name)
        c = c->next;
    return c;
}

struct stanza *stanza_next_element(const struct stanza *el)
{
    struct stanza *c = el->next;
    while (c && !c->name)
        c = c->next;
    return c;
}

const char *stanza_text(const struct stanza *el)
{
    const struct stanza *only = NULL;
    size_t n = 0, texts = 0;
    for (const struct stanza *c = el ? el->first : NULL; c; c = c->next) {
        if (c->name)
            continue;
        only = c;
        n += c->text_len;
        texts++;
    }
    if (!texts)
        return "";
    if (texts == 1)
        return only->text;
    char *out = arena_alloc(el->arena, n + 1), *at = out;
    for (const struct stanza *c = el->first; c; c = c->next) {
        if (c->name)
            continue;
        memcpy(at, c->text, c->text_len);
        at += c->text_len;
    }
    *at = '\0';
    return out;
}

/* --- writing --- */
/* A tab, line feed or carriage return in an attribute must be a reference, or the next parser turns it into a
 * blank (XML 1.0 section 3.3.3), and a digest or file name changes on the way. */
static void write_value(struct buf *out, const char *value)
{
    size_t n = strcspn(value, "\t\n\r");
    while (value[n]) {
        buf_add_xml(out, value, n);
        buf_addf(out, "&#%d;", value[n]);
        value += n + 1;
        n = strcspn(value, "\t\n\r");
    }
    buf_add_xml(out, value, n);
}

static void write_attr(struct buf *out, const char *prefix, const char *name, const char *value)
{
    buf_addc(out, ' ');
    buf_adds(out, prefix);
    buf_adds(out, name);
    buf_add(out, "='", 2);
    write_value(out, value);
    buf_addc(out, '\'');
}

static void write_attrs(struct buf *out, const struct attr *a)
{
    unsigned made = 0;
    for (; a; a = a->next) {
        if (!a->ns) {
            write_attr(out, "", a->name, a->value);
        } else if (!strcmp(a->ns, NS_XML)) {
            write_attr(out, "xml:", a->name, a->value);
        } else {
            char prefix[16];
            snprintf(prefix, sizeof(prefix), "n%u", made);
            write_attr(out, "xmlns:", prefix, a->ns);
            snprintf(prefix, sizeof(prefix), "n%u:", made++);
            write_attr(out, prefix, a->name, a->value);
        }
    }
}

void stanza_write(const struct stanza *el, const char *default_ns, struct buf *out)
{
    if (!el->name) {
        buf_add_xml(out, el->text, el->text_len);
        return;
    }
    const char *ns = el->ns ? el->ns : default_ns;
    bool stream = !strcmp(ns, NS_STREAM);
    const char *prefix = stream ? "stream:" : "";
    buf_addc(out, '<');
    buf_adds(out, prefix);
    buf_adds(out, el->name);
    if (stream)
        ns = default_ns;
    else if (ns != default_ns && strcmp(ns, default_ns))
        write_attr(out, "", "xmlns", ns);
    write_attrs(out, el->attrs);
    if (!el->first) {
        buf_add(out, "/>", 2);
        return;
    }
    buf_addc(out, '>');
    for (const struct stanza *c = el->first; c; c = c->next)
        stanza_write(c, ns, out);
    buf_add(out, "</", 2);
    buf_adds(out, prefix);
    buf_adds(out, el->name);
    buf_addc(out, '>');
}

/* --- answers --- */
static struct stanza *answer_to(struct arena *arena, const struct stanza *of, const char *type)
{
    struct stanza *a = stanza_new(arena, NS_CLIENT, arena_strdup(arena, of->name));
    const char *from = stanza_get(of, "from"), *to = stanza_get(of, "to"), *id = stanza_get(of, "id");
    stanza_set(a, "type", type);
    if (id)
        stanza_set(a, "id", id);
    if (from)
        stanza_set(a, "to", from);
    if (to)
        stanza_set(a, "from", to);
    return a;
}

struct stanza *stanza_result(struct arena *arena, const struct stanza *iq)
{
    return answer_to(arena, iq, "result");
}

bool stanza_is_result(const struct stanza *answer)
{
    const char *type = answer ? stanza_get(answer, "type") : NULL;
    return type && !strcmp(type, "result");
}

struct stanza *stanza_error(struct arena *arena, const struct stanza *of, enum refuse why, const char *detail)
{
    const struct refusal *r = refuse_get(why);
    const char *lang = stanza_lang(of);
    bool zh = lang && !strncmp(lang, "zh", 2);
    struct stanza *a = answer_to(arena, of, "error");
    struct stanza *e = stanza_child(a, NULL, "error");
    char code[16];
    snprintf(code, sizeof(code), "%d", r->code);
    stanza_set(e, "code", code);
    stanza_set(e, "type", r->type);
    stanza_child(e, NS_STANZAS, r->cond);
    const char *text = refuse_text(why, lang);
    if (detail && *detail)
        text = arena_printf(arena, "%s (%s)", text, detail);
    struct stanza *t = stanza_child_text(e, NS_STANZAS, "text", text);
    stanza_set_ns(t, NS_XML, "lang", zh ? "zh" : "en");
    if (r->app)
        stanza_child(e, r->app_ns, r->app);
    return a;
}
