/* jingleform.c: reading a Jingle file offer. Numbers are digits and nothing else, names are cleaned, dates
 * are not looked at (one client writes them as no standard has them), a checksum of a function or length that
 * is not known is as if it were not there. */
#include "xmpp/jingleform.h"

#include <string.h>

#include "xmpp/inband.h"
#include "xmpp/ns.h"

#define NAME_WITHOUT "file" /* XEP-0234 lets an offer have no name */

const char *jingleform_sid(const struct stanza *jingle)
{
    const char *sid = stanza_get(jingle, "sid");
    return sid && *sid && strlen(sid) <= SIFORM_ID_MAX ? sid : NULL;
}

static const struct stanza *first_content(const struct stanza *jingle)
{
    return stanza_find(jingle, NS_JINGLE, "content");
}

/* The description or transport of a content: of whatever namespace. */
static const struct stanza *part(const struct stanza *content, const char *name)
{
    const struct stanza *el = content ? stanza_first_element(content) : NULL;
    while (el && strcmp(el->name, name) != 0)
        el = stanza_next_element(el);
    return el;
}

bool jingleform_names(const struct stanza *jingle, const char *creator, const char *name)
{
    for (const struct stanza *el = first_content(jingle); el; el = stanza_next(el, NS_JINGLE, "content")) {
        const char *by = stanza_get(el, "creator"), *is = stanza_get(el, "name");
        if (is && strcmp(is, name) == 0 && (!by || strcmp(by, creator) == 0))
            return true;
    }
    return false;
}

const struct stanza *jingleform_transport(const struct stanza *jingle)
{
    return part(first_content(jingle), "transport");
}

bool jingleform_is_file(const struct stanza *jingle)
{
    const struct stanza *description = part(first_content(jingle), "description");
    return description && description->ns &&
           strncmp(description->ns, NS_JINGLE_FT, sizeof(NS_JINGLE_FT) - 1) == 0;
}

/* --- checksums --- */

/* The first value of a function stands. */
void jingleform_sum(const struct stanza *file, struct jinglesum *out)
{
    const struct stanza *el = file ? stanza_first_element(file) : NULL;
    for (; el; el = stanza_next_element(el)) {
        const char *algo = stanza_get(el, "algo");
        bool value = strcmp(el->name, "hash") == 0;
        int s = algo && (value || strcmp(el->name, "hash-used") == 0) ? sums_find(algo) : -1;
        if (s < 0 || sums_has(&out->sums, (enum sum)s))
            continue;
        if (!value || !*stanza_text(el))
            out->promised |= 1u << s;
        else
            (void)sums_read(&out->sums, (enum sum)s, stanza_text(el));
    }
}

bool jingleform_sum_awaited(const struct jinglesum *sum)
{
    return (sum->promised & ~sum->sums.has) != 0;
}

/* --- a file, a transport, an offer --- */

/* He can send a part. One that he names has to reach to the end of the file. */
static bool read_range(const struct stanza *range, struct jingleform *out)
{
    const char *offset = stanza_get(range, "offset"), *length = stanza_get(range, "length");
    out->file.ranged = true;
    out->offset = offset ? siform_number(offset, INT64_MAX) : 0;
    if (out->offset < 0 || (out->offset > 0 && (out->file.unsized || out->offset >= out->file.size)))
        return false;
    return !length || siform_number(length, INT64_MAX) == out->file.size - out->offset;
}

static enum refuse read_file(const struct stanza *file, struct jingleform *out, const char **detail)
{
    const struct stanza *size = stanza_find(file, NULL, "size"), *range = stanza_find(file, NULL, "range");
    out->name = stanza_text(stanza_find(file, NULL, "name"));
    size_t len = strlen(out->name);
    out->file.name = len ? out->name : NAME_WITHOUT;
    if (len > SIFORM_NAME_MAX ||
        filename_clean(out->file.name, strlen(out->file.name), out->file.clean) < 0) {
        *detail = "name";
        return REFUSE_BAD_REQUEST;
    }
    out->file.unsized = !size;
    out->file.size = size ? siform_number(stanza_text(size), INT64_MAX) : 0;
    if (out->file.size < 0) {
        *detail = "size";
        return REFUSE_BAD_REQUEST;
    }
    if (range && !read_range(range, out))
        return REFUSE_ONE_FILE;
    out->file.type = siform_type(stanza_text(stanza_find(file, NULL, "media-type")));
    out->file.desc = siform_desc(file);
    out->file.date = siform_date(file, stanza_text(stanza_find(file, NULL, "date")));
    jingleform_sum(file, &out->sum);
    return REFUSE_OK;
}

enum refuse jingleform_stream(const struct stanza *transport, const char **sid, unsigned *method,
                              uint32_t *block)
{
    bool ibb = stanza_is(transport, NS_JINGLE_IBB, "transport");
    if (!ibb && !stanza_is(transport, NS_JINGLE_S5B, "transport"))
        return REFUSE_NO_VALID_STREAMS;
    const char *mode = stanza_get(transport, "mode"), *size = stanza_get(transport, "block-size");
    if (!ibb && mode && strcmp(mode, "tcp") != 0)
        return REFUSE_NO_VALID_STREAMS;
    *sid = stanza_get(transport, "sid");
    int64_t n = size ? siform_number(size, INBAND_BLOCK_MAX) : JINGLEFORM_BLOCK;
    if (!*sid || !**sid || strlen(*sid) > SIFORM_ID_MAX || (ibb && n < 1))
        return REFUSE_BAD_REQUEST;
    *method = ibb ? METHOD_IBB : METHOD_S5B;
    *block = ibb ? (uint32_t)n : 0;
    return REFUSE_OK;
}

static const char *known_app(const struct stanza *description)
{
    if (stanza_is(description, NS_JINGLE_FT5, "description"))
        return NS_JINGLE_FT5;
    return stanza_is(description, NS_JINGLE_FT4, "description") ? NS_JINGLE_FT4 : NULL;
}

bool jingleform_proposed(const struct stanza *propose, int64_t *size)
{
    const struct stanza *description = part(propose, "description");
    const struct stanza *file =
        description && known_app(description) ? stanza_find(description, NULL, "file") : NULL;
    const struct stanza *el = file ? stanza_find(file, NULL, "size") : NULL;
    *size = el ? siform_number(stanza_text(el), INT64_MAX) : 1;
    return description && known_app(description) && *size >= 0;
}

/* Version 4 could wrap its file in nothing else: both have <file/> right below. */
enum refuse jingleform_read(const struct stanza *jingle, struct jingleform *out, const char **detail)
{
    const struct stanza *content = first_content(jingle), *description = part(content, "description");
    *out = (struct jingleform){
        .sid = jingleform_sid(jingle), .name = "", .file = {.type = "", .desc = "", .date = ""}};
    *detail = NULL;
    if (!description || !(out->app = known_app(description)))
        return REFUSE_BAD_PROFILE;
    const char *senders = stanza_get(content, "senders");
    const struct stanza *file = stanza_find(description, NULL, "file");
    out->creator = stanza_get(content, "creator");
    out->content = stanza_get(content, "name");
    out->transport = part(content, "transport");
    bool named = out->content && strlen(out->content) <= SIFORM_NAME_MAX;
    bool created = !out->creator || strlen(out->creator) <= SIFORM_NAME_MAX;
    *detail = !out->sid ? "sid" : !named || !created ? "content" : !file ? "file" : NULL;
    if (*detail)
        return REFUSE_BAD_REQUEST;
    if (senders && strcmp(senders, "initiator") != 0)
        return REFUSE_NO_REQUESTS;
    if (stanza_next(content, NS_JINGLE, "content") || stanza_next(file, file->ns, "file"))
        return REFUSE_ONE_FILE;
    if (part(content, "security"))
        return REFUSE_FILE_ENCRYPTED;
    enum refuse r = read_file(file, out, detail);
    if (r != REFUSE_OK)
        return r;
    r = out->transport ? jingleform_stream(out->transport, &out->file.sid, &out->file.methods, &out->block)
                       : REFUSE_BAD_REQUEST;
    *detail = r == REFUSE_BAD_REQUEST ? "transport" : NULL;
    return r;
}

/* --- what Ferry says --- */

struct stanza *jingleform_say(struct arena *arena, const struct jingleform_line *line, const char *action)
{
    struct stanza *iq = stanza_new(arena, NS_CLIENT, "iq");
    stanza_set(iq, "type", "set");
    stanza_set(iq, "from", line->from);
    stanza_set(iq, "to", line->to);
    struct stanza *jingle = stanza_child(iq, NS_JINGLE, "jingle");
    stanza_set(jingle, "action", action);
    stanza_set(jingle, "initiator", line->initiator);
    stanza_set(jingle, "sid", line->sid);
    return jingle;
}

struct stanza *jingleform_content(struct stanza *jingle, const char *creator, const char *name)
{
    struct stanza *content = stanza_child(jingle, NULL, "content");
    stanza_set(content, "creator", creator);
    stanza_set(content, "name", name);
    return content;
}

/* --- the end --- */

const char *jingleform_reason(enum refuse why)
{
    switch (why) {
    case REFUSE_OK:
        return "success";
    case REFUSE_OFFER_TOO_BIG:
    case REFUSE_SIZE_MISMATCH:
    case REFUSE_HASH_MISMATCH:
    case REFUSE_NO_REQUESTS:
        return "media-error";
    case REFUSE_BROKEN_OFF:
    case REFUSE_PEER_UNREACHABLE:
    case REFUSE_BAD_REQUEST: /* of a stream that broke its rules */
    case REFUSE_UNEXPECTED:
        return "failed-transport";
    case REFUSE_NO_VALID_STREAMS:
        return "unsupported-transports";
    case REFUSE_BAD_PROFILE:
        return "unsupported-applications";
    case REFUSE_OFFER_NOT_TAKEN:
    case REFUSE_DECLINED:
    case REFUSE_FORBIDDEN:
        return "decline";
    case REFUSE_TOO_MANY_OFFERS:
        return "busy";
    case REFUSE_TIMEOUT:
        return "timeout";
    case REFUSE_RECEIVER_LEFT:
        return "gone";
    case REFUSE_FILE_ENCRYPTED:
        return "security-error";
    default:
        return "failed-application"; /* quotas, space, several files */
    }
}

void jingleform_add_reason(struct stanza *jingle, enum refuse why, const char *lang)
{
    struct stanza *reason = stanza_child(jingle, NULL, "reason");
    stanza_child(reason, NULL, jingleform_reason(why));
    if (why == REFUSE_OK)
        return;
    stanza_child_text(reason, NULL, "text", refuse_text(why, lang));
    if (why == REFUSE_OFFER_TOO_BIG)
        stanza_child(reason, NS_JINGLE_FT_ERRORS, "file-too-large");
    else if (why == REFUSE_NO_REQUESTS)
        stanza_child(reason, NS_JINGLE_FT_ERRORS, "file-not-available");
}
