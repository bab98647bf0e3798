/* stream.h: one XML stream: bytes in, events out. Touches no socket: unit tested and fuzzed without a
 * network.
 *
 * Restricted XML (RFC 6120 section 11.1): no DTD, comment, processing instruction or entity but the five.
 * Limits: bytes of a stanza
 * ([limits] stanza), depth 64, 64 attributes an element, 4,096 bytes of stream header. At a clean boundary
 * between stanzas the parser goes back to a pool (reference recipe), so an idle stream holds neither parser
 * nor arena. A stanza is given as a tree in an arena borrowed from the pool; the callback's receiver gives it
 * back with stream_stanza_done() or takes it (sets *take).
 */
#ifndef FERRY_STREAM_H
#define FERRY_STREAM_H

#include "xmpp/stanza.h"

enum stream_fault { /* stream error conditions, RFC 6120 section 4.9.3 */
                    STREAM_OK,
                    STREAM_NOT_WELL_FORMED,
                    STREAM_RESTRICTED_XML,
                    STREAM_UNSUPPORTED_ENCODING,
                    STREAM_INVALID_NAMESPACE,
                    STREAM_POLICY_VIOLATION,
                    STREAM_HOST_UNKNOWN,
                    STREAM_NOT_AUTHORIZED,
                    STREAM_INVALID_FROM,
                    STREAM_UNSUPPORTED_STANZA,
                    STREAM_CONFLICT,
                    STREAM_CONNECTION_TIMEOUT,
                    STREAM_RESOURCE_CONSTRAINT,
                    STREAM_SYSTEM_SHUTDOWN,
                    STREAM_RESET,
                    STREAM_INTERNAL,
                    STREAM_UNSUPPORTED_VERSION,
                    STREAM_BAD_FORMAT,
                    STREAM_FAULT_COUNT
};
const char *stream_fault_name(enum stream_fault f);

struct stream_header {                      /* valid during the callback */
    const char *to, *from, *version, *lang; /* NULL: absent */
    const char *default_ns;
};

struct stream_events {
    void (*opened)(void *owner, const struct stream_header *h);
    void (*stanza)(void *owner, struct stanza *st); /* its arena is put back after the call */
    void (*closed)(void *owner);                    /* </stream:stream> */
    void (*fault)(void *owner, enum stream_fault f, const char *detail); /* nothing comes after */
};

struct stream_pool; /* parsers and arenas; one per loop */
struct stream_pool *stream_pool_new(void);
void stream_pool_free(struct stream_pool *p);
struct arena_pool *stream_pool_arenas(struct stream_pool *p);

struct stream;
struct stream *stream_new(struct stream_pool *pool, const struct stream_events *ev, void *owner,
                          size_t stanza_max);
void stream_free(struct stream *s); /* may be called from inside a callback */
/* Feeds bytes. Returns false when a fault was reported or the stream was freed. After stream_stop()
 * (STARTTLS, SASL success) the rest of the bytes is not parsed: *unused tells how many. */
bool stream_feed(struct stream *s, const char *data, size_t n, size_t *unused);
void stream_stop(struct stream *s);       /* from a callback: stop behind this stanza */
void stream_restart(struct stream *s);    /* a new header follows */
bool stream_idle(const struct stream *s); /* between stanzas, nothing half read */

#endif
