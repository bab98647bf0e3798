/* stream_fuzz.c: any bytes as a stream, cut where the first byte says, beside an innocent stream that shares
 * the parsers. Whatever is given out as a stanza must, written and read again, be the same text; the innocent
 * one must never notice. */
#include <string.h>

#include "xmpp/ns.h"
#include "xmpp/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char header[] = "<stream:stream xmlns='jabber:client' xmlns:stream='" NS_STREAM "' to='x'>";
static const char hello[] = "<message><body>hello</body></message>";

struct ear {
    struct stream *stream;
    struct buf said;
    bool faulted;
    uint8_t whim;
};

static void ear_opened(void *owner, const struct stream_header *h)
{
}

static void ear_stanza(void *owner, struct stanza *st)
{
    struct ear *e = owner;
    e->said.len = 0;
    stanza_write(st, NS_CLIENT, &e->said);
    if (e->whim == 1)
        stream_stop(e->stream);
    else if (e->whim == 2)
        stream_restart(e->stream);
}

static void ear_closed(void *owner)
{
}

static void ear_fault(void *owner, enum stream_fault f, const char *detail)
{
    struct ear *e = owner;
    FERRY_ASSERT(!e->faulted && f != STREAM_OK);
    e->faulted = true;
}

static const struct stream_events ears = {ear_opened, ear_stanza, ear_closed, ear_fault};

static void same_again(struct stream_pool *pool, const struct buf *said)
{
    struct ear e = {0};
    size_t unused;
    e.stream = stream_new(pool, &ears, &e, 1u << 24);
    FERRY_ASSERT(stream_feed(e.stream, header, sizeof(header) - 1, &unused));
    if (stream_feed(e.stream, said->data, said->len, &unused)) /* prefixes may have made a tag too long */
        FERRY_ASSERT(e.said.len == said->len && !memcmp(e.said.data, said->data, said->len));
    stream_free(e.stream);
    buf_free(&e.said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct stream_pool *pool = stream_pool_new();
    struct ear e = {.whim = data[1] & 3}, good = {0};
    size_t piece = data[0] + 1u, unused;
    e.stream = stream_new(pool, &ears, &e, 4096);
    good.stream = stream_new(pool, &ears, &good, 4096);
    FERRY_ASSERT(stream_feed(good.stream, header, sizeof(header) - 1, &unused));
    if (data[1] & 4)
        stream_feed(e.stream, header, sizeof(header) - 1, &unused);
    for (size_t at = 2; at < size; at += piece - unused) {
        if (size - at < piece)
            piece = size - at;
        e.said.len = 0;
        if (!stream_feed(e.stream, (const char *)data + at, piece, &unused))
            break;
        if (e.said.len)
            same_again(pool, &e.said);
        good.said.len = 0;
        FERRY_ASSERT(stream_feed(good.stream, hello, sizeof(hello) - 1, &unused));
        FERRY_ASSERT(good.said.len == sizeof(hello) - 1 && !memcmp(good.said.data, hello, good.said.len));
        unused = 0;
    }
    stream_free(e.stream);
    stream_free(good.stream);
    buf_free(&e.said);
    buf_free(&good.said);
    stream_pool_free(pool);
    return 0;
}
