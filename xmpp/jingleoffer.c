/* jingleoffer.c: see jingleoffer.h. Version 4 has the same elements as version 5 but for the checksum's
 * namespace. */
#include "xmpp/jingleoffer.h"

#include <string.h>

#include "base/clock.h"
#include "xmpp/ns.h"

#define PROXY_PRIORITY "655360" /* XEP-0260: 2^16 times the preference of proxies */

static void add_text(struct stanza *file, const char *name, const char *text)
{
    if (*text)
        stanza_child_text(file, NULL, name, text);
}

void jingleoffer_describe(struct stanza *content, const struct jingleoffer *offer)
{
    struct stanza *file = stanza_child(stanza_child(content, offer->app, "description"), NULL, "file");
    bool old = strcmp(offer->app, NS_JINGLE_FT4) == 0;
    char date[21];
    if (offer->date) {
        clock_format_utc(offer->date, date);
        stanza_child_text(file, NULL, "date", date);
    }
    add_text(file, "desc", offer->desc);
    add_text(file, "media-type", offer->type);
    add_text(file, "name", offer->name);
    stanza_child(file, NULL, "range");
    stanza_child_text(file, NULL, "size", arena_printf(content->arena, "%lld", (long long)offer->size));
    if (offer->sha256) {
        struct buf text = {0};
        base64_encode(&text, offer->sha256, SHA256_BYTES);
        stanza_set(stanza_child_text(file, old ? NS_HASHES_OLD : NS_HASHES, "hash", text.data), "algo",
                   "sha-256");
        buf_free(&text);
    }
}

struct stanza *jingleoffer_s5b(struct stanza *content, const char *sid, const char *key, const char *jid,
                               const char *host, uint16_t port)
{
    struct stanza *transport = stanza_child(content, NS_JINGLE_S5B, "transport");
    stanza_set(transport, "sid", sid);
    if (!host)
        return transport;
    struct stanza *candidate = stanza_child(transport, NULL, "candidate");
    stanza_set(transport, "mode", "tcp");
    stanza_set(transport, "dstaddr", key);
    stanza_set(candidate, "cid", JINGLEOFFER_CID);
    stanza_set(candidate, "host", host);
    stanza_set(candidate, "jid", jid);
    stanza_set(candidate, "port", arena_printf(content->arena, "%u", port));
    stanza_set(candidate, "priority", PROXY_PRIORITY);
    stanza_set(candidate, "type", "proxy");
    return transport;
}

struct stanza *jingleoffer_ibb(struct stanza *content, const char *sid, uint32_t block)
{
    struct stanza *transport = stanza_child(content, NS_JINGLE_IBB, "transport");
    stanza_set(transport, "sid", sid);
    stanza_set(transport, "block-size", arena_printf(content->arena, "%u", block));
    return transport;
}

/* --- what he answers --- */

static const struct stanza *file_of(const struct stanza *jingle)
{
    const struct stanza *content = stanza_find(jingle, NULL, "content");
    const struct stanza *el = content ? stanza_first_element(content) : NULL;
    while (el && strcmp(el->name, "description") != 0)
        el = stanza_next_element(el);
    return el ? stanza_find(el, NULL, "file") : NULL;
}

bool jingleoffer_part(const struct stanza *jingle, int64_t *offset, int64_t *size)
{
    const struct stanza *file = file_of(jingle);
    const struct stanza *range = file ? stanza_find(file, NULL, "range") : NULL;
    const char *from = range ? stanza_get(range, "offset") : NULL;
    const char *length = range ? stanza_get(range, "length") : NULL;
    int64_t at = from ? siform_number(from, *size) : 0;
    int64_t n = at >= 0 && length ? siform_number(length, INT64_MAX) : 0;
    if (at < 0 || n < 0)
        return false;
    *offset = at;
    *size -= at;
    if (length && n < *size)
        *size = n;
    return true;
}

enum jingleoffer_why jingleoffer_why(const struct stanza *reason)
{
    static const struct {
        const char *name;
        enum jingleoffer_why why;
    } names[] = {
        {"success", JINGLEOFFER_SUCCESS},
        {"connectivity-error", JINGLEOFFER_CANNOT},
        {"failed-application", JINGLEOFFER_CANNOT},
        {"failed-transport", JINGLEOFFER_CANNOT},
        {"general-error", JINGLEOFFER_CANNOT},
        {"incompatible-parameters", JINGLEOFFER_CANNOT},
        {"media-error", JINGLEOFFER_CANNOT},
        {"unsupported-applications", JINGLEOFFER_CANNOT},
        {"unsupported-transports", JINGLEOFFER_CANNOT},
        {"expired", JINGLEOFFER_LATE},
        {"timeout", JINGLEOFFER_LATE},
    };
    for (size_t i = 0; reason && i < ARRAY_LEN(names); i++)
        if (stanza_find(reason, NULL, names[i].name))
            return names[i].why;
    return JINGLEOFFER_NO;
}

enum jingleoffer_why jingleoffer_error(const struct stanza *error)
{
    return siform_cannot(error) || stanza_find(error, NS_STANZAS, "bad-request") ? JINGLEOFFER_CANNOT
                                                                                 : JINGLEOFFER_NO;
}
