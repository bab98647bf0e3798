/* offer_fuzz.c: offers (also Jingle's), asks for upload slots, in-band streams and stream hosts as a peer
 * writes them: each iq's child is read as all of them. What is accepted must keep its promises: a name
 * without a separator, a size that is none below zero, a block no longer than agreed, an address that the
 * rule allows. */
#include <string.h>

#include "xmpp/inband.h"
#include "xmpp/jingleform.h"
#include "xmpp/ns.h"
#include "xmpp/siform.h"
#include "xmpp/slotform.h"
#include "xmpp/stream.h"
#include "xmpp/streamhost.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_offer(const struct stanza *el)
{
    struct siform form;
    const char *detail;
    if (siform_read(el, &form, &detail) != REFUSE_OK)
        return;
    FERRY_ASSERT(form.size >= 0 && form.methods && *form.sid && *form.clean);
    FERRY_ASSERT(!strpbrk(form.clean, "/\\\n\r") && form.clean[0] != '.' && strlen(form.clean) < 256);
    FERRY_ASSERT(strlen(form.desc) <= SIFORM_DESC_MAX && utf8_valid(form.clean, strlen(form.clean)));
}

static void read_jingle(const struct stanza *el)
{
    struct jingleform form;
    const char *detail;
    enum refuse r = jingleform_read(el, &form, &detail);
    FERRY_ASSERT((r == REFUSE_BAD_REQUEST) == (detail != NULL));
    FERRY_ASSERT(r != REFUSE_OK || jingleform_is_file(el));
    if (r != REFUSE_OK)
        return;
    FERRY_ASSERT(form.file.size >= 0 && *form.sid && *form.file.sid && form.content && *form.file.clean);
    FERRY_ASSERT(!strpbrk(form.file.clean, "/\\\n\r") && form.file.clean[0] != '.');
    FERRY_ASSERT(form.file.methods == METHOD_S5B || (form.file.methods == METHOD_IBB && form.block >= 1));
    FERRY_ASSERT(form.offset == 0 || (form.offset > 0 && form.offset < form.file.size));
    FERRY_ASSERT(!form.file.unsized || form.file.size == 0);
    FERRY_ASSERT((form.sum.sums.has | form.sum.promised) >> SUM_COUNT == 0 &&
                 utf8_valid(form.file.date, strlen(form.file.date)));
}

static void read_proposal(const struct stanza *el)
{
    int64_t size;
    FERRY_ASSERT(!jingleform_proposed(el, &size) || size >= 0);
}

static void read_slot(const struct stanza *el)
{
    struct slotform form;
    const char *detail = NULL;
    enum refuse r = slotform_read(el, 1700000000, &form, &detail);
    if (r == REFUSE_BAD_REQUEST)
        FERRY_ASSERT(detail);
    if (r != REFUSE_OK)
        return;
    FERRY_ASSERT(form.size >= 1 && form.purpose < PURPOSE_COUNT && form.dialect < DIALECT_COUNT);
    FERRY_ASSERT((form.purpose == PURPOSE_EPHEMERAL) == (form.expires > 1700000000));
    FERRY_ASSERT(*form.name && !strpbrk(form.name, "/\\\n\r") && strlen(form.name) < 256 &&
                 utf8_valid(form.name, strlen(form.name)) && !strpbrk(form.type, "\r\n"));
}

static void read_block(const struct stanza *el)
{
    struct inband b = {.block = 100};
    uint8_t out[256];
    size_t n;
    FERRY_ASSERT(inband_room(&b) <= sizeof out);
    if (inband_data(&b, el, out, &n) == REFUSE_OK)
        FERRY_ASSERT(n <= b.block && b.next == 1);
    if (inband_open(&b, el, 4096) == REFUSE_OK)
        FERRY_ASSERT(b.block >= 1 && b.block <= 4096);
}

static void read_hosts(const struct stanza *el)
{
    struct streamhost_rule rule = {.dial = true, .ports = "1024-65535"};
    struct net_addr a;
    FERRY_ASSERT(net_parse_host("192.0.2.7", 5222, &rule.session) == 0);
    for (const struct stanza *h = stanza_first_element(el); h; h = stanza_next_element(h))
        if (streamhost_judge(&rule, stanza_get(h, "host"), stanza_get(h, "port"), &a) == STREAMHOST_ADDRESS)
            FERRY_ASSERT(net_same_host(&a, &rule.session) && net_port(&a) >= 1024);
}

static void opened(void *owner, const struct stream_header *h)
{
}

static void stanza(void *owner, struct stanza *st)
{
    const struct stanza *el = stanza_first_element(st);
    if (!el)
        return;
    read_offer(el);
    read_jingle(el);
    read_proposal(el);
    read_slot(el);
    read_block(el);
    read_hosts(el);
    (void)siform_chosen(el);
}

static void closed(void *owner)
{
}

static void fault(void *owner, enum stream_fault f, const char *detail)
{
}
static const struct stream_events events = {opened, stanza, closed, fault};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char header[] = "<stream:stream xmlns='jabber:client' xmlns:stream='" NS_STREAM "' to='x'>";
    struct stream_pool *pool = stream_pool_new();
    struct stream *s = stream_new(pool, &events, NULL, 1u << 20);
    size_t unused;
    if (stream_feed(s, header, sizeof(header) - 1, &unused))
        (void)stream_feed(s, (const char *)data, size, &unused);
    stream_free(s);
    stream_pool_free(pool);
    return 0;
}
