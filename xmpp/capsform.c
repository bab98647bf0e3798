/* capsform.c: the input of the hash: identities, features, then each form that has a type; everything sorted
 * by its bytes, each part closed by '<'. */
#include "xmpp/capsform.h"

#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "xmpp/ns.h"

struct list {
    struct arena *arena;
    const char **items;
    size_t n, room;
    bool bad;
};

static void add(struct list *l, const char *text)
{
    if (l->n == l->room) {
        size_t room = l->room ? l->room * 2 : 32;
        const char **items = arena_alloc(l->arena, room * sizeof(*items));
        if (l->n)
            memcpy(items, l->items, l->n * sizeof(*items));
        l->items = items;
        l->room = room;
    }
    l->items[l->n++] = text;
}

/* What ends before '<' comes before what goes on: the parts are sorted as they were before they were closed.
 */
static int by_bytes(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    while (*x && *x == *y) {
        x++;
        y++;
    }
    int left = *x == '<' ? 1 : (unsigned char)*x, right = *y == '<' ? 1 : (unsigned char)*y;
    return left - right;
}

/* Sorted into `out`. once: the same text twice is a fault. */
static bool put(struct list *l, bool once, struct buf *out)
{
    if (l->n)
        qsort(l->items, l->n, sizeof(*l->items), by_bytes);
    for (size_t i = 0; i < l->n && !l->bad; i++) {
        l->bad = once && i && !strcmp(l->items[i - 1], l->items[i]);
        buf_adds(out, l->items[i]);
    }
    return !l->bad;
}

/* The text, closed by '<'. */
static const char *closed(struct list *l, const char *text)
{
    const char *out = arena_printf(l->arena, "%s<", text ? text : "");
    l->bad = l->bad || !text || strchr(text, '<');
    return out;
}

static const char *kept(struct arena *arena, struct buf *b)
{
    buf_addc(b, '\0');
    const char *out = arena_strdup(arena, b->data);
    buf_free(b);
    return out;
}

static bool put_identities(const struct stanza *query, struct buf *out)
{
    struct list l = {.arena = query->arena};
    for (const struct stanza *c = stanza_find(query, NULL, "identity"); c;
         c = stanza_next(c, NULL, "identity")) {
        const char *parts[] = {stanza_get(c, "category"), stanza_get(c, "type"), NULL, stanza_get(c, "name")};
        for (const struct attr *a = c->attrs; a; a = a->next)
            if (a->ns && !strcmp(a->ns, NS_XML) && !strcmp(a->name, "lang"))
                parts[2] = a->value;
        struct buf b = {0};
        for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
            if (i)
                buf_addc(&b, '/');
            buf_adds(&b, parts[i] ? parts[i] : "");
        }
        const char *text = kept(l.arena, &b);
        l.bad = l.bad || !parts[0] || !parts[1];
        add(&l, closed(&l, text));
    }
    return put(&l, true, out);
}

static bool put_features(const struct stanza *query, struct buf *out)
{
    struct list l = {.arena = query->arena};
    for (const struct stanza *c = stanza_find(query, NULL, "feature"); c; c = stanza_next(c, NULL, "feature"))
        add(&l, closed(&l, stanza_get(c, "var")));
    return put(&l, true, out);
}

/* All values must be the same one. NULL: it has no type, and does not count. */
static const char *form_type(struct list *forms, const struct stanza *x)
{
    const char *type = NULL;
    for (const struct stanza *f = stanza_find(x, NULL, "field"); f; f = stanza_next(f, NULL, "field")) {
        const char *var = stanza_get(f, "var"), *kind = stanza_get(f, "type");
        if (!var || strcmp(var, "FORM_TYPE") || !kind || strcmp(kind, "hidden"))
            continue;
        for (const struct stanza *v = stanza_find(f, NULL, "value"); v; v = stanza_next(v, NULL, "value")) {
            forms->bad = forms->bad || (type && strcmp(type, stanza_text(v)));
            type = stanza_text(v);
        }
    }
    return type;
}

static const char *field(struct list *of, const struct stanza *f)
{
    struct list values = {.arena = of->arena};
    struct buf b = {0};
    buf_adds(&b, closed(of, stanza_get(f, "var")));
    for (const struct stanza *v = stanza_find(f, NULL, "value"); v; v = stanza_next(v, NULL, "value"))
        add(&values, closed(&values, stanza_text(v)));
    of->bad = !put(&values, false, &b) || of->bad;
    return kept(of->arena, &b);
}

static bool put_forms(const struct stanza *query, struct buf *out)
{
    struct list forms = {.arena = query->arena}, types = forms;
    for (const struct stanza *x = stanza_find(query, NS_DATA, "x"); x; x = stanza_next(x, NS_DATA, "x")) {
        const char *type = form_type(&forms, x);
        struct list fields = {.arena = query->arena};
        if (!type)
            continue;
        struct buf b = {0};
        buf_adds(&b, closed(&forms, type));
        add(&types, type);
        for (const struct stanza *f = stanza_find(x, NULL, "field"); f; f = stanza_next(f, NULL, "field")) {
            const char *var = stanza_get(f, "var");
            if (!var || strcmp(var, "FORM_TYPE"))
                add(&fields, field(&fields, f));
        }
        forms.bad = !put(&fields, false, &b) || forms.bad;
        add(&forms, kept(forms.arena, &b));
    }
    struct buf unused = {0};
    forms.bad = !put(&types, true, &unused) || forms.bad;
    buf_free(&unused);
    return put(&forms, true, out);
}

bool capsform_ver(const struct stanza *query, char ver[CAPSFORM_VER + 1])
{
    struct buf input = {0}, text = {0};
    bool good = put_identities(query, &input) && put_features(query, &input) && put_forms(query, &input);
    if (good) {
        char hex[2 * SHA1_BYTES + 1];
        uint8_t sum[SHA1_BYTES];
        sha1_hex(input.data ? input.data : "", input.len, hex);
        hex_decode(hex, 2 * (size_t)SHA1_BYTES, sum);
        base64_encode(&text, sum, sizeof sum);
        memcpy(ver, text.data, CAPSFORM_VER);
        ver[CAPSFORM_VER] = '\0';
    }
    buf_free(&input);
    buf_free(&text);
    return good;
}
