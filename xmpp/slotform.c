/* slotform.c: asking for a slot and answering it. What a client may get wrong is named (row 49); no name
 * reaches a path. */
#include "xmpp/slotform.h"

#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "xmpp/ns.h"
#include "xmpp/siform.h"

static const char *const namespaces[DIALECT_COUNT] = {NS_UPLOAD, NS_UPLOAD_CHILDREN, NS_UPLOAD_SIACS};

/* --- reading -------------------------------------------------------------------------------------------- */

static enum dialect dialect_of(const struct stanza *request)
{
    enum dialect d = DIALECT_COUNT - 1;
    while (d > 0 && strcmp(request->ns, namespaces[d]) != 0)
        d--;
    return d;
}

/* A child's text without the blanks and line ends that pretty printers put around it. */
static const char *child_text(const struct stanza *request, const char *name)
{
    static const char blanks[] = " \t\r\n";
    const struct stanza *el = stanza_find(request, NULL, name);
    if (!el)
        return NULL;
    const char *text = stanza_text(el);
    text += strspn(text, blanks);
    size_t n = strlen(text);
    while (n > 0 && strchr(blanks, text[n - 1]))
        n--;
    return arena_strndup(request->arena, text, n);
}

static const char *word(const struct stanza *request, enum dialect d, const char *name)
{
    return d == DIALECT_ATTRIBUTES ? stanza_get(request, name) : child_text(request, name);
}

static enum refuse read_size(const char *text, int64_t *size)
{
    *size = siform_number(text, INT64_MAX);
    if (*size > 0)
        return REFUSE_OK;
    bool digits = text && *text && strspn(text, "0123456789") == strlen(text);
    return digits && *size < 0 ? REFUSE_FILE_TOO_LARGE : REFUSE_BAD_REQUEST;
}

/* A name with path parts is a client's mistake that is better shown than mended. */
static bool read_name(const char *name, char clean[256])
{
    size_t n = name ? strlen(name) : 0;
    return n > 0 && n <= SIFORM_NAME_MAX && !strpbrk(name, "/\\") && filename_clean(name, n, clean) >= 0;
}

static bool read_expiry(const struct stanza *el, int64_t now, int64_t *expires)
{
    const char *stamp = stanza_get(el, "expire-before");
    return stamp && clock_parse_utc(stamp, expires) == 0 && *expires > now;
}

static enum refuse read_purpose(const struct stanza *request, int64_t now, struct slotform *out,
                                const char **detail)
{
    bool seen = false;
    out->purpose = PURPOSE_MESSAGE;
    out->expires = 0;
    for (const struct stanza *el = stanza_first_element(request); el; el = stanza_next_element(el)) {
        enum purpose p = 0;
        if (strcmp(el->ns, NS_UPLOAD_PURPOSE) != 0)
            continue;
        while (p < PURPOSE_COUNT && strcmp(el->name, purpose_name(p)) != 0)
            p++;
        if (p == PURPOSE_COUNT)
            continue;
        *detail = "purpose";
        if (seen)
            return REFUSE_BAD_REQUEST;
        *detail = "expire-before";
        if (p == PURPOSE_EPHEMERAL && !read_expiry(el, now, &out->expires))
            return REFUSE_BAD_REQUEST;
        out->purpose = p;
        seen = true;
    }
    return REFUSE_OK;
}

enum refuse slotform_read(const struct stanza *request, int64_t now, struct slotform *out,
                          const char **detail)
{
    enum dialect d = out->dialect = dialect_of(request);
    *detail = "filename";
    if (!read_name(word(request, d, "filename"), out->name))
        return REFUSE_BAD_REQUEST;
    *detail = "size";
    enum refuse r = read_size(word(request, d, "size"), &out->size);
    if (r != REFUSE_OK)
        return r;
    out->type = siform_type(word(request, d, "content-type"));
    return read_purpose(request, now, out, detail);
}

/* --- writing -------------------------------------------------------------------------------------------- */

static void add_url(struct stanza *slot, enum dialect d, const char *name, const char *url)
{
    if (d == DIALECT_ATTRIBUTES)
        stanza_set(stanza_child(slot, NULL, name), "url", url);
    else
        stanza_child_text(slot, NULL, name, url);
}

struct stanza *slotform_slot(struct arena *arena, enum dialect d, const char *put, const char *get)
{
    struct stanza *slot = stanza_new(arena, namespaces[d], "slot");
    add_url(slot, d, "put", put);
    add_url(slot, d, "get", get);
    return slot;
}

static const char *number(struct arena *arena, int64_t n)
{
    return arena_printf(arena, "%lld", (long long)n);
}

/* The table of refusals knows the newest dialect's word, which is here already. */
void slotform_too_large(struct stanza *error, enum dialect d, int64_t max)
{
    struct stanza *large = stanza_find(error, NS_UPLOAD, "file-too-large");
    if (large)
        large->ns = namespaces[d];
    else
        large = stanza_child(error, namespaces[d], "file-too-large");
    stanza_child_text(large, NULL, "max-file-size", number(error->arena, max));
}

void slotform_retry(struct stanza *error, enum dialect d, int64_t when)
{
    char stamp[21];
    clock_format_utc(when, stamp);
    stanza_set(stanza_child(error, namespaces[d], "retry"), "stamp", stamp);
}

static void add_field(struct stanza *form, const char *var, const char *type, const char *value)
{
    struct stanza *field = stanza_child(form, NULL, "field");
    stanza_set(field, "var", var);
    stanza_set(field, "type", type);
    stanza_child_text(field, NULL, "value", value);
}

void slotform_disco(struct stanza *query, int64_t max)
{
    for (enum dialect d = 0; d < DIALECT_COUNT; d++) {
        struct stanza *form = stanza_child(query, NS_DATA, "x");
        stanza_set(form, "type", "result");
        add_field(form, "FORM_TYPE", "hidden", namespaces[d]);
        add_field(form, "max-file-size", NULL, number(query->arena, max));
    }
}
