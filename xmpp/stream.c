/* stream.c: one XML stream over expat: bytes in, events out.
 *
 * Parts: a *stream* is what a session keeps (small). A *reader* (reader.c) is an expat parser with the state
 * of a half-read stanza; a stream holds one only while it needs it. At a clean boundary (between two stanzas,
 * every byte consumed) the reader of a stream with the usual namespaces goes to the pool, and any other such
 * stream takes it up: the parser stands behind an open stream header in either case. A stream with an odd
 * header keeps its own.
 *
 * Promises: an event is reported with the byte that completes it, however the bytes were cut (reparse
 * deferral is off; it makes parsing of one token quadratic, therefore TOKEN_MAX); the byte beyond a limit is
 * the last that is looked at; after a fault or stream_free nothing is called any more.
 *
 * Not here: sockets, states of login, what a stanza means.
 */
#include "xmpp/stream.h"

#include <stdlib.h>
#include <string.h>

#include "xmpp/reader.h"

static const char *const fault_names[STREAM_FAULT_COUNT] = {
    [STREAM_OK] = "ok",
    [STREAM_NOT_WELL_FORMED] = "not-well-formed",
    [STREAM_RESTRICTED_XML] = "restricted-xml",
    [STREAM_UNSUPPORTED_ENCODING] = "unsupported-encoding",
    [STREAM_INVALID_NAMESPACE] = "invalid-namespace",
    [STREAM_POLICY_VIOLATION] = "policy-violation",
    [STREAM_HOST_UNKNOWN] = "host-unknown",
    [STREAM_NOT_AUTHORIZED] = "not-authorized",
    [STREAM_INVALID_FROM] = "invalid-from",
    [STREAM_UNSUPPORTED_STANZA] = "unsupported-stanza-type",
    [STREAM_CONFLICT] = "conflict",
    [STREAM_CONNECTION_TIMEOUT] = "connection-timeout",
    [STREAM_RESOURCE_CONSTRAINT] = "resource-constraint",
    [STREAM_SYSTEM_SHUTDOWN] = "system-shutdown",
    [STREAM_RESET] = "reset",
    [STREAM_INTERNAL] = "internal-server-error",
    [STREAM_UNSUPPORTED_VERSION] = "unsupported-version",
    [STREAM_BAD_FORMAT] = "bad-format",
};

const char *stream_fault_name(enum stream_fault f)
{
    FERRY_ASSERT(f >= 0 && f < STREAM_FAULT_COUNT);
    return fault_names[f];
}

/* --- the stream --- */
struct stream *stream_new(struct stream_pool *pool, const struct stream_events *ev, void *owner,
                          size_t stanza_max)
{
    struct stream *s = xcalloc(1, sizeof(*s));
    s->pool = pool;
    s->events = ev;
    s->owner = owner;
    s->stanza_max = stanza_max;
    return s;
}

static void stream_destroy(struct stream *s)
{
    reader_free(s->reader);
    free(s->lang);
    free(s->header);
    free(s);
}

void stream_free(struct stream *s)
{
    if (!s)
        return;
    if (s->feeding) {
        s->freed = true;
        if (s->reader)
            reader_stop(s->reader);
        return;
    }
    stream_destroy(s);
}

void stream_stop(struct stream *s)
{
    s->stop = s->feeding;
}

void stream_restart(struct stream *s)
{
    if (s->feeding) {
        s->restart = true;
        return;
    }
    reader_free(TAKE(s->reader));
    free(TAKE(s->lang));
    free(TAKE(s->header));
    s->open = s->dead = s->restart = false;
}

bool stream_idle(const struct stream *s)
{
    return !s->reader || reader_clean(s->reader);
}

/* expat's verdict when it was not we who stopped it. */
static enum stream_fault fault_of(enum XML_Error e)
{
    switch (e) {
    case XML_ERROR_UNKNOWN_ENCODING:
    case XML_ERROR_INCORRECT_ENCODING:
        return STREAM_UNSUPPORTED_ENCODING;
    case XML_ERROR_NO_MEMORY:
    case XML_ERROR_AMPLIFICATION_LIMIT_BREACH:
        return STREAM_POLICY_VIOLATION;
    default:
        return STREAM_NOT_WELL_FORMED;
    }
}

/* UTF-16 and UTF-32 show in the first two bytes: a byte order mark, or a NUL beside '<'. */
static bool foreign_encoding(const unsigned char *p, size_t n)
{
    return (p[0] == 0xFE || p[0] == 0xFF || p[0] == 0) || (n > 1 && p[0] == '<' && p[1] == 0);
}

/* How much may be given to the parser now, so that the byte beyond a limit is the last that is looked at. */
static size_t slice(const struct stream *s, size_t n)
{
    const struct reader *r = s->reader;
    uint64_t limit = r->depth == 0 ? HEADER_MAX : s->stanza_max;
    uint64_t since = r->fed - r->boundary;
    uint64_t room = since > limit ? 1 : limit + 1 - since;
    return room < n ? (size_t)room : n;
}

/* Gives a slice to the parser. Returns how many of its bytes were used: all, or up to the end of the stanza
 * behind which it was stopped. -1: a fault, or the stream was freed. */
static ptrdiff_t feed_slice(struct stream *s, const char *data, size_t n)
{
    struct reader *r = s->reader;
    uint64_t before = r->fed;
    r->fed += n;
    enum XML_Status st = XML_Parse(r->parser, data, (int)n, 0);
    if (s->freed || s->dead)
        return -1;
    if (r->stopped) { /* behind a stanza, of our own will: this parser cannot go on */
        FERRY_ASSERT(r->boundary > before && r->boundary <= r->fed);
        size_t used = (size_t)(r->boundary - before);
        reader_free(TAKE(s->reader));
        return (ptrdiff_t)used;
    }
    if (st != XML_STATUS_OK) {
        reader_fault(s, fault_of(XML_GetErrorCode(r->parser)), XML_ErrorString(XML_GetErrorCode(r->parser)));
        return -1;
    }
    uint64_t limit = r->depth == 0 ? HEADER_MAX : s->stanza_max;
    if (r->fed - r->boundary > limit || r->fed - r->seen > TOKEN_MAX) {
        reader_fault(s, STREAM_POLICY_VIOLATION,
                     r->depth == 0 ? "stream header too large" : "stanza too large");
        return -1;
    }
    return (ptrdiff_t)n;
}

/* Blanks between stanzas keep connections alive; they need no parser. */
static size_t skip_blanks(const char *data, size_t n)
{
    size_t i = 0;
    while (i < n && (data[i] == ' ' || data[i] == '\n' || data[i] == '\r' || data[i] == '\t'))
        i++;
    return i;
}

/* One step: some bytes, or a new reader. -1 as above. */
static ptrdiff_t feed_step(struct stream *s, const char *data, size_t n)
{
    if (!s->reader) {
        size_t blanks = skip_blanks(data, n);
        if (blanks)
            return (ptrdiff_t)blanks;
        if (!s->open && foreign_encoding((const unsigned char *)data, n)) {
            reader_fault(s, STREAM_UNSUPPORTED_ENCODING, NULL);
            return -1;
        }
        s->reader = s->open ? reader_take(s) : reader_new(s);
    }
    return feed_slice(s, data, slice(s, n));
}

bool stream_feed(struct stream *s, const char *data, size_t n, size_t *unused)
{
    FERRY_ASSERT(!s->feeding);
    bool alive = !s->dead;
    *unused = 0;
    s->feeding = true;
    s->stop = false;
    while (alive && n) {
        ptrdiff_t used = feed_step(s, data, n);
        alive = used >= 0;
        if (!alive)
            break;
        data += used;
        n -= (size_t)used;
        if (s->restart) {
            s->feeding = false;
            stream_restart(s);
            s->feeding = true;
        }
        if (s->stop)
            break;
    }
    s->feeding = false;
    if (s->freed) {
        stream_destroy(s);
        return false;
    }
    *unused = n;
    if (!alive)
        reader_free(TAKE(s->reader));
    else if (s->reader && s->open && reader_clean(s->reader))
        reader_give_back(s);
    return alive;
}
