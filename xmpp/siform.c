/* siform.c: reading an offer. What a peer may get wrong is named; nothing of it reaches a path, and numbers
 * are digits and nothing else (C3, rows 44 to 46).
 */
#include "xmpp/siform.h"

#include <string.h>

#include "base/conf.h"
#include "xmpp/ns.h"

int64_t siform_number(const char *text, int64_t max)
{
    int64_t value = 0;
    if (!text || !*text)
        return -1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        int64_t digit = *text - '0';
        if (value > (max - digit) / 10)
            return -1;
        value = value * 10 + digit;
    }
    return value;
}

const char *siform_type(const char *type)
{
    if (!type || strlen(type) > 255 || !strchr(type, '/'))
        return "";
    for (const char *c = type; *c; c++)
        if (*c < ' ' || *c > '~')
            return "";
    return type;
}

const char *siform_limit(struct arena *arena)
{
    struct buf text = {0};
    conf_format_size(conf_get()->storage_max_file_size, &text);
    const char *copy = arena_strdup(arena, text.data);
    buf_free(&text);
    return copy;
}

static unsigned method_of(const char *uri)
{
    if (strcmp(uri, NS_IBB) == 0)
        return METHOD_IBB;
    if (strcmp(uri, NS_BYTESTREAMS) == 0)
        return METHOD_S5B;
    return strcmp(uri, NS_OOB_IQ) == 0 ? METHOD_OOB : 0;
}

/* The options of the field "stream-method"; a bare <value/> counts too, as some clients send it. */
static unsigned read_methods(const struct stanza *si)
{
    unsigned methods = 0;
    const struct stanza *form = stanza_find(stanza_find(si, NS_FEATURE_NEG, "feature"), NS_DATA, "x");
    const struct stanza *field = form ? stanza_find(form, NULL, "field") : NULL;
    for (; field; field = stanza_next(field, NS_DATA, "field")) {
        const char *var = stanza_get(field, "var");
        if (!var || strcmp(var, "stream-method") != 0)
            continue;
        for (const struct stanza *el = stanza_first_element(field); el; el = stanza_next_element(el)) {
            if (stanza_is(el, NS_DATA, "option") && stanza_find(el, NULL, "value"))
                methods |= method_of(stanza_text(stanza_find(el, NULL, "value")));
            else if (stanza_is(el, NS_DATA, "value"))
                methods |= method_of(stanza_text(el));
        }
    }
    return methods;
}

unsigned siform_chosen(const struct stanza *si)
{
    return si ? read_methods(si) : 0;
}

static const char *cut_text(struct arena *arena, const char *text, size_t max)
{
    size_t n = strlen(text);
    if (n <= max)
        return text;
    while (max > 0 && ((unsigned char)text[max] & 0xC0) == 0x80)
        max--;
    return arena_strndup(arena, text, max);
}

const char *siform_desc(const struct stanza *file)
{
    return cut_text(file->arena, stanza_text(stanza_find(file, NULL, "desc")), SIFORM_DESC_MAX);
}

const char *siform_date(const struct stanza *file, const char *date)
{
    return date ? cut_text(file->arena, date, SIFORM_DATE_MAX) : "";
}

static enum refuse read_file(const struct stanza *file, struct siform *out, const char **detail)
{
    if (!file) {
        *detail = "no file";
        return REFUSE_BAD_REQUEST;
    }
    out->name = stanza_get(file, "name");
    size_t len = out->name ? strlen(out->name) : 0;
    if (len == 0 || len > SIFORM_NAME_MAX || filename_clean(out->name, len, out->clean) < 0) {
        *detail = "name";
        return REFUSE_BAD_REQUEST;
    }
    out->size = siform_number(stanza_get(file, "size"), INT64_MAX);
    if (out->size < 0) {
        *detail = "size";
        return REFUSE_BAD_REQUEST;
    }
    const char *hash = stanza_get(file, "hash");
    if (hash && strlen(hash) == (size_t)2 * MD5_BYTES)
        out->has_md5 = hex_decode(hash, (size_t)2 * MD5_BYTES, out->md5) == MD5_BYTES;
    out->date = siform_date(file, stanza_get(file, "date"));
    out->ranged = stanza_find(file, NULL, "range") != NULL;
    out->desc = siform_desc(file);
    return REFUSE_OK;
}

enum refuse siform_read(const struct stanza *si, struct siform *out, const char **detail)
{
    const char *profile = stanza_get(si, "profile");
    *out = (struct siform){.type = "", .desc = "", .date = ""};
    *detail = NULL;
    if (!profile || strcmp(profile, NS_SI_FT) != 0)
        return REFUSE_BAD_PROFILE;
    out->sid = stanza_get(si, "id");
    if (!out->sid || !*out->sid || strlen(out->sid) > SIFORM_ID_MAX) {
        *detail = "id";
        return REFUSE_BAD_REQUEST;
    }
    out->type = siform_type(stanza_get(si, "mime-type"));
    enum refuse r = read_file(stanza_find(si, NS_SI_FT, "file"), out, detail);
    if (r != REFUSE_OK)
        return r;
    out->methods = read_methods(si);
    return out->methods ? REFUSE_OK : REFUSE_NO_VALID_STREAMS;
}

struct stanza *siform_answer(struct arena *arena, unsigned method, int64_t offset)
{
    struct stanza *si = stanza_new(arena, NS_SI, "si");
    if (offset > 0) {
        struct stanza *range = stanza_child(stanza_child(si, NS_SI_FT, "file"), NULL, "range");
        stanza_set(range, "offset", arena_printf(arena, "%lld", (long long)offset));
    }
    struct stanza *form = stanza_child(stanza_child(si, NS_FEATURE_NEG, "feature"), NS_DATA, "x");
    stanza_set(form, "type", "submit");
    struct stanza *field = stanza_child(form, NULL, "field");
    stanza_set(field, "var", "stream-method");
    stanza_child_text(field, NULL, "value", method == METHOD_IBB ? NS_IBB : NS_BYTESTREAMS);
    return si;
}

static void add_option(struct stanza *field, bool offered, const char *method)
{
    if (offered)
        stanza_child_text(stanza_child(field, NULL, "option"), NULL, "value", method);
}

struct stanza *siform_offer(struct arena *arena, const struct siform *form)
{
    struct stanza *si = stanza_new(arena, NS_SI, "si");
    stanza_set(si, "id", form->sid);
    stanza_set(si, "profile", NS_SI_FT);
    if (*form->type)
        stanza_set(si, "mime-type", form->type);
    struct stanza *file = stanza_child(si, NS_SI_FT, "file");
    stanza_set(file, "name", form->name);
    stanza_set(file, "size", arena_printf(arena, "%lld", (long long)form->size));
    if (*form->desc)
        stanza_child_text(file, NULL, "desc", form->desc);
    struct stanza *x = stanza_child(stanza_child(si, NS_FEATURE_NEG, "feature"), NS_DATA, "x");
    stanza_set(x, "type", "form");
    struct stanza *field = stanza_child(x, NULL, "field");
    stanza_set(field, "var", "stream-method");
    stanza_set(field, "type", "list-single");
    add_option(field, form->methods & METHOD_S5B, NS_BYTESTREAMS);
    add_option(field, form->methods & METHOD_IBB, NS_IBB);
    add_option(field, form->methods & METHOD_OOB, NS_OOB_IQ);
    return si;
}

/* --- refusals of others --- */

static bool says(const struct stanza *error, const char *condition, const char *code)
{
    bool named = false;
    for (const struct stanza *el = stanza_first_element(error); el; el = stanza_next_element(el)) {
        if (stanza_is(el, NS_STANZAS, condition))
            return true;
        named |= el->ns && strcmp(el->ns, NS_STANZAS) == 0 && strcmp(el->name, "text") != 0;
    }
    const char *given = stanza_get(error, "code");
    return !named && given && strcmp(given, code) == 0;
}

bool siform_unknown(const struct stanza *error)
{
    return says(error, "feature-not-implemented", "501") || says(error, "service-unavailable", "503");
}

bool siform_cannot(const struct stanza *error)
{
    if (siform_unknown(error) || says(error, "not-acceptable", "406"))
        return true;
    return says(error, "bad-request", "400") &&
           (stanza_find(error, NS_SI, "no-valid-streams") || stanza_find(error, NS_SI, "bad-profile"));
}

bool siform_misread(const struct stanza *error)
{
    return says(error, "bad-request", "400");
}

bool siform_unreachable(const struct stanza *error)
{
    return says(error, "item-not-found", "404");
}
