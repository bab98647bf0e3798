/* reader.h: the insides of a stream: the bodies of its structs, and the parser with the state of a half-read
 * stanza. Private to stream.c and reader.c. */
#ifndef FERRY_READER_H
#define FERRY_READER_H

#define XML_DTD 1 /* expat.h shows its protection setters only so; Debian's library exports them */
#include <expat.h>

#include "xmpp/stream.h"

#define HEADER_MAX 4096
#define TOKEN_MAX 8192 /* one tag; text and CDATA come in pieces and are bounded by the stanza */

struct reader {
    struct reader *next; /* in the pool */
    XML_Parser parser;
    struct stream *stream; /* NULL: pooled or abandoned */
    struct arena *arena;   /* of the stanza being read */
    struct stanza *at;     /* innermost open element */
    struct buf text;       /* of the text node being read */
    uint64_t fed;          /* bytes given to the parser */
    uint64_t seen;         /* end of the last token reported */
    uint64_t boundary;     /* end of the last stanza, or text between stanzas */
    unsigned depth;
    unsigned declared; /* namespace declarations of the coming element */
    bool priming;      /* reading usual_header */
    bool stopped;
    /* While the header is read: what it declared, and the prefix of NS_STREAM. */
    const char *default_ns;
    struct buf declarations;
    char *prefix;
    bool ambiguous; /* two prefixes for it */
};

struct stream_pool {
    struct arena_pool *arenas;
    struct reader *idle;
    size_t n_idle;
};

struct stream {
    struct stream_pool *pool;
    const struct stream_events *events;
    void *owner;
    struct reader *reader;
    char *lang;   /* xml:lang of the header, which its stanzas inherit; NULL: none */
    char *header; /* an odd header in our words, to begin a fresh reader with; NULL: usual_header */
    size_t stanza_max;
    bool open;    /* the header was seen, the closing tag was not */
    bool feeding; /* inside stream_feed */
    bool stop;    /* stream_stop() */
    bool dead;    /* a fault was reported */
    bool freed;   /* stream_free() inside stream_feed */
    bool restart; /* stream_restart() inside stream_feed */
};

/* A reader for the first bytes of a stream. */
struct reader *reader_new(struct stream *s);
void reader_free(struct reader *r); /* NULL is fine */
/* One for a stream that is open and between two stanzas; and back, at such a place. */
struct reader *reader_take(struct stream *s);
void reader_give_back(struct stream *s);
/* Between two stanzas, every byte consumed, and nothing kept? */
bool reader_clean(const struct reader *r);
/* From inside a handler: no more events. */
void reader_stop(struct reader *r);
/* Reports a fault, once. */
void reader_fault(struct stream *s, enum stream_fault f, const char *detail);

#endif
