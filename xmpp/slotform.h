/* slotform.h: the words of HTTP File Upload (XEP-0363) in its three dialects: reading a request for a slot
 * strictly, writing the answers and the forms of disco. Pure functions of a stanza.
 *
 * urn:xmpp:http:upload:0 speaks in attributes and knows <retry/>. urn:xmpp:http:upload, and the namespace it
 * had before it was a XEP, speak in child elements. Purposes have a namespace of their own and are read in
 * all three. Each request is answered in its own dialect.
 */
#ifndef FERRY_SLOTFORM_H
#define FERRY_SLOTFORM_H

#include "storage/grant.h"
#include "xmpp/stanza.h"

enum dialect { DIALECT_ATTRIBUTES, DIALECT_CHILDREN, DIALECT_SIACS, DIALECT_COUNT };

struct slotform {     /* what is asked for; texts live in the request's arena */
    char name[256];   /* the name as people may see it */
    const char *type; /* as declared; "": none (C28), or none that may stand in a header */
    int64_t size;     /* at least 1 */
    int64_t expires;  /* wall clock: when an ephemeral file must be gone at the latest; 0: not said */
    enum purpose purpose;
    enum dialect dialect;
};

/* BAD_REQUEST: `detail` says which part; FILE_TOO_LARGE: a size beyond any number. A purpose nobody knows is
 * none: the file is for a message. Two of them contradict each other. */
enum refuse slotform_read(const struct stanza *request, int64_t now, struct slotform *out,
                          const char **detail);

struct stanza *slotform_slot(struct arena *arena, enum dialect d, const char *put, const char *get);
/* What XEP-0363 adds to an <error/>: the limit, and when to ask again (wall clock). */
void slotform_too_large(struct stanza *error, enum dialect d, int64_t max);
void slotform_retry(struct stanza *error, enum dialect d, int64_t when);

/* A form for each dialect, the newest first: some clients look at one only. */
void slotform_disco(struct stanza *query, int64_t max);

#endif
