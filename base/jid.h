/* jid.h: XMPP addresses (RFC 6122: nodeprep, nameprep, resourceprep by GNU Libidn; an ASCII fast path before
 * it).
 *
 * A struct jid is a prepared address in one string "node@domain/resource"; lengths tell the parts. It borrows
 * its text (arena or the caller's buffer). Two prepared JIDs are equal when their texts are. Pure functions,
 * any thread.
 */
#ifndef FERRY_JID_H
#define FERRY_JID_H

#include "base/arena.h"

#define JID_PART_MAX 1023
#define JID_MAX 3071 /* bytes of a whole JID */

struct jid {
    const char *text;    /* NUL-terminated */
    uint16_t node_len;   /* 0: no node */
    uint16_t bare_len;   /* length of "node@domain" */
    uint16_t len;        /* == bare_len: no resource */
    bool empty_resource; /* it was written "node@domain/": old clients do that; the text has no slash then */
};

/* Parses and prepares raw (n bytes). -1: malformed (row 21: never truncated). Trailing dots of a domain are
 * dropped. */
int jid_parse(struct arena *arena, const char *raw, size_t n, struct jid *out);
/* The same for one part alone: prepared text in out (JID_PART_MAX + 1 bytes). */
int jid_prep_node(const char *raw, char out[JID_PART_MAX + 1]);
int jid_prep_resource(const char *raw, char out[JID_PART_MAX + 1]);
int jid_prep_domain(const char *raw, char out[JID_PART_MAX + 1]);
/* The form of a domain that stands in URLs and certificates: labels in ASCII (RFC 3490). */
int jid_domain_ascii(const char *raw, char out[JID_PART_MAX + 1]);
/* SASLprep (RFC 4013) of a password or SASL user name; NULL: prohibited. malloc'd; the caller cleanses and
 * frees it. */
char *jid_saslprep(const char *raw);

const char *jid_domain(const struct jid *j); /* "domain/resource": compare with jid_domain_is */
bool jid_domain_is(const struct jid *j, const char *domain);    /* domain is prepared */
const char *jid_resource(const struct jid *j);                  /* NULL: none */
const char *jid_bare(struct arena *arena, const struct jid *j); /* "node@domain" as a string */
const char *jid_node(struct arena *arena, const struct jid *j); /* NULL: none */
bool jid_equal(const struct jid *a, const struct jid *b);
bool jid_bare_equal(const struct jid *a, const struct jid *b);
static inline bool jid_is_bare(const struct jid *j)
{
    return j->len == j->bare_len;
}

#endif
