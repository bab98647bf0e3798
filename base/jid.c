/* jid.c: splitting and preparing XMPP addresses.
 *
 * Promises: one canonical text per address; nothing is truncated; preparing a prepared text changes nothing
 * (what would change again is refused: nodeprep is not idempotent for every input, and two spellings of one
 * account must not exist). Most addresses are ASCII and take the fast path, which gives what Libidn would
 * give: node and domain in lower case, forbidden characters refused. Unassigned code points are allowed (RFC
 * 3454 section 7 leaves it to who asks; clients name resources with emoji). */
#include "base/jid.h"

#include <idna.h>
#include <stdlib.h>
#include <string.h>
#include <stringprep.h>
#include <strings.h>

#include "base/codec.h"

enum kind { ASCII_BAD, ASCII_GOOD, NOT_ASCII };

/* Copies n bytes to out with A-Z lowered; says whether all of them are ASCII characters that nodeprep allows.
 */
static enum kind ascii_node(const char *raw, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)raw[i];

        if (c >= 0x80)
            return NOT_ASCII;
        if (c <= ' ' || c == 0x7F || c == '"' || c == '&' || c == '\'' || c == '/' || c == ':' || c == '<' ||
            c == '>' || c == '@')
            return ASCII_BAD;
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return ASCII_GOOD;
}

static enum kind ascii_resource(const char *raw, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)raw[i];

        if (c >= 0x80)
            return NOT_ASCII;
        if (c < ' ' || c == 0x7F)
            return ASCII_BAD;
        out[i] = (char)c;
    }
    return ASCII_GOOD;
}

/* "[::1]": what stands between the brackets is only lowered; whether it is an address shows when somebody
 * connects to it. */
static enum kind ip_literal(const char *raw, size_t n, char *out)
{
    if (n < 4 || raw[n - 1] != ']')
        return ASCII_BAD;
    for (size_t i = 0; i < n; i++) {
        char c = raw[i];

        if (i > 0 && i < n - 1 && (c == '\0' || strchr("0123456789abcdefABCDEF:.", c) == NULL))
            return ASCII_BAD;
        out[i] = (char)(c >= 'A' && c <= 'F' ? c + 32 : c);
    }
    return ASCII_GOOD;
}

/* Letters, digits, hyphens and underscores in labels of 1 to 63 bytes. Labels in ACE form (xn--) go to
 * Libidn. */
static enum kind ascii_domain(const char *raw, size_t n, char *out)
{
    size_t label = 0;

    if (n > 0 && raw[0] == '[')
        return ip_literal(raw, n, out);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)raw[i];

        if (c >= 0x80)
            return NOT_ASCII;
        if (label == 0 && n - i > 4 && strncasecmp(raw + i, "xn--", 4) == 0)
            return NOT_ASCII;
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        if (c == '.') {
            if (label == 0)
                return ASCII_BAD;
            label = 0;
            continue;
        }
        c = (unsigned char)out[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') || ++label > 63)
            return ASCII_BAD;
    }
    return label > 0 ? ASCII_GOOD : ASCII_BAD;
}

/* One pass of a profile over text (a buffer of JID_PART_MAX + 1 bytes). */
static int profile_pass(char *text, const Stringprep_profile *profile)
{
    return stringprep(text, JID_PART_MAX + 1, 0, profile) == STRINGPREP_OK ? 0 : -1;
}

static int slow_prep(const char *raw, size_t n, char *out, const Stringprep_profile *profile)
{
    char again[JID_PART_MAX + 1];

    memcpy(out, raw, n);
    out[n] = '\0';
    if (!utf8_valid(raw, n) || memchr(raw, '\0', n) != NULL || profile_pass(out, profile) < 0)
        return -1;
    memcpy(again, out, strlen(out) + 1);
    if (profile_pass(again, profile) < 0 || strcmp(again, out) != 0)
        return -1;
    return (int)strlen(out);
}

/* Labels in Unicode are canonical; each must have an ASCII form, which is where forbidden characters and
 * lengths show. */
static int slow_domain(const char *raw, size_t n, char *out)
{
    char text[JID_PART_MAX + 1], *unicode = NULL, *ascii = NULL, *back = NULL;
    int len = -1;

    if (!utf8_valid(raw, n) || memchr(raw, '\0', n) != NULL)
        return -1;
    memcpy(text, raw, n);
    text[n] = '\0';
    if (profile_pass(text, stringprep_nameprep) == 0 &&
        idna_to_unicode_8z8z(text, &unicode, 0) == IDNA_SUCCESS &&
        idna_to_ascii_8z(unicode, &ascii, IDNA_USE_STD3_ASCII_RULES) == IDNA_SUCCESS &&
        idna_to_unicode_8z8z(ascii, &back, 0) == IDNA_SUCCESS && strlen(ascii) <= 253 &&
        strlen(back) <= JID_PART_MAX && strcmp(unicode, back) == 0 && strchr(back, '@') == NULL &&
        strchr(back, '/') == NULL && back[0] != '\0' && back[0] != '.' && strstr(back, "..") == NULL &&
        back[strlen(back) - 1] != '.') {
        len = (int)strlen(back);
        memcpy(out, back, (size_t)len + 1);
    }
    free(unicode);
    free(ascii);
    free(back);
    return len;
}

/* Each writes the prepared part with a NUL to out (JID_PART_MAX + 1 bytes) and returns its length, or -1. */
static int prep_node(const char *raw, size_t n, char *out)
{
    int len;

    if (n == 0 || n > JID_PART_MAX)
        return -1;
    switch (ascii_node(raw, n, out)) {
    case ASCII_GOOD:
        out[n] = '\0';
        return (int)n;
    case NOT_ASCII:
        len = slow_prep(raw, n, out, stringprep_xmpp_nodeprep);
        return len > 0 ? len : -1;
    default:
        return -1;
    }
}

static int prep_resource(const char *raw, size_t n, char *out)
{
    int len;

    if (n == 0 || n > JID_PART_MAX)
        return -1;
    switch (ascii_resource(raw, n, out)) {
    case ASCII_GOOD:
        out[n] = '\0';
        return (int)n;
    case NOT_ASCII:
        len = slow_prep(raw, n, out, stringprep_xmpp_resourceprep);
        return len > 0 ? len : -1;
    default:
        return -1;
    }
}

static int prep_domain(const char *raw, size_t n, char *out)
{
    if (n > 1 && raw[n - 1] == '.') /* the root of DNS; it says nothing here */
        n--;
    if (n == 0 || n > JID_PART_MAX)
        return -1;
    switch (ascii_domain(raw, n, out)) {
    case ASCII_GOOD:
        out[n] = '\0';
        return (int)n;
    case NOT_ASCII:
        return slow_domain(raw, n, out);
    default:
        return -1;
    }
}

int jid_prep_node(const char *raw, char out[JID_PART_MAX + 1])
{
    return prep_node(raw, strlen(raw), out) < 0 ? -1 : 0;
}

int jid_prep_resource(const char *raw, char out[JID_PART_MAX + 1])
{
    return prep_resource(raw, strlen(raw), out) < 0 ? -1 : 0;
}

int jid_prep_domain(const char *raw, char out[JID_PART_MAX + 1])
{
    return prep_domain(raw, strlen(raw), out) < 0 ? -1 : 0;
}

int jid_domain_ascii(const char *raw, char out[JID_PART_MAX + 1])
{
    char unicode[JID_PART_MAX + 1], *ascii = NULL;
    int r = -1;

    if (prep_domain(raw, strlen(raw), unicode) >= 0 && idna_to_ascii_8z(unicode, &ascii, 0) == IDNA_SUCCESS &&
        strlen(ascii) <= JID_PART_MAX) {
        memcpy(out, ascii, strlen(ascii) + 1);
        r = 0;
    }
    free(ascii);
    return r;
}

int jid_parse(struct arena *arena, const char *raw, size_t n, struct jid *out)
{
    char text[JID_MAX + 4]; /* three parts, two separators, a NUL */
    const char *end = raw + n, *slash = memchr(raw, '/', n);
    const char *bare_end = slash != NULL ? slash : end;
    const char *at = memchr(raw, '@', (size_t)(bare_end - raw));
    const char *domain = at != NULL ? at + 1 : raw;
    size_t len = 0;
    int part;

    *out = (struct jid){0};
    if (n > JID_MAX)
        return -1;
    if (at != NULL) {
        part = prep_node(raw, (size_t)(at - raw), text);
        if (part < 0)
            return -1;
        out->node_len = (uint16_t)part;
        len = (size_t)part;
        text[len++] = '@';
    }
    part = prep_domain(domain, (size_t)(bare_end - domain), text + len);
    if (part < 0)
        return -1;
    len += (size_t)part;
    out->bare_len = (uint16_t)len;
    if (slash != NULL && slash + 1 == end) {
        out->empty_resource = true;
    } else if (slash != NULL) {
        text[len++] = '/';
        part = prep_resource(slash + 1, (size_t)(end - slash - 1), text + len);
        if (part < 0)
            return -1;
        len += (size_t)part;
    }
    if (len > JID_MAX)
        return -1;
    out->len = (uint16_t)len;
    out->text = arena_strndup(arena, text, len);
    return 0;
}

char *jid_saslprep(const char *raw)
{
    char *out = NULL;

    if (!utf8_valid(raw, strlen(raw)) || stringprep_profile(raw, &out, "SASLprep", 0) != STRINGPREP_OK)
        return NULL;
    return out;
}

const char *jid_domain(const struct jid *j)
{
    return j->text + (j->node_len > 0 ? j->node_len + 1 : 0);
}

bool jid_domain_is(const struct jid *j, const char *domain)
{
    const char *mine = jid_domain(j);
    size_t n = (size_t)(j->text + j->bare_len - mine);

    return strlen(domain) == n && memcmp(mine, domain, n) == 0;
}

const char *jid_resource(const struct jid *j)
{
    return j->len > j->bare_len ? j->text + j->bare_len + 1 : NULL;
}

const char *jid_bare(struct arena *arena, const struct jid *j)
{
    return jid_is_bare(j) ? j->text : arena_strndup(arena, j->text, j->bare_len);
}

const char *jid_node(struct arena *arena, const struct jid *j)
{
    return j->node_len > 0 ? arena_strndup(arena, j->text, j->node_len) : NULL;
}

bool jid_equal(const struct jid *a, const struct jid *b)
{
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

bool jid_bare_equal(const struct jid *a, const struct jid *b)
{
    return a->bare_len == b->bare_len && memcmp(a->text, b->text, a->bare_len) == 0;
}
