/* keep.c: messages that one client alone was given and has not acknowledged (XEP-0198): when its session dies
 * they go to his other resources, or wait for him.
 *
 * Only where stream management is on (without it every message would need a ping), only messages with words
 * in them that reached one session, and up to [limits] out_queue bytes a session; what comes beyond is as
 * certain as without. They are kept as text, as they were sent, and read again when they are needed. */
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/log.h"
#include "xmpp/parts.h"
#include "xmpp/rare.h"
#include "xmpp/router.h"

struct kept {
    uint64_t serial;
    size_t n;
    char xml[];
};

static void again(void *owner, struct stanza *st)
{
    router_message(st);
}

static void opened(void *owner, const struct stream_header *h)
{
}

static void closed(void *owner)
{
}

/* A tag may have grown beyond its limit when it was written anew (namespaces, escapes): that one is let go.
 */
static void fault(void *owner, enum stream_fault f, const char *detail)
{
    log_warn("a message that was not acknowledged cannot be read again: %s", stream_fault_name(f));
}

static void resend(const struct kept *k)
{
    static const struct stream_events events = {opened, again, closed, fault};
    static const char header[] = "<stream:stream xmlns='" NS_CLIENT "' xmlns:stream='" NS_STREAM "'>";
    size_t unused;
    struct stream *s = stream_new(mod_pool(), &events, NULL, 2 * k->n + 64);
    stream_feed(s, header, sizeof(header) - 1, &unused);
    stream_feed(s, k->xml, k->n, &unused);
    stream_free(s);
}

static void settled(void *arg, bool sure)
{
    struct kept *k = arg;
    struct session *s = session_by_serial(k->serial);
    if (s && s->rare)
        s->rare->kept -= k->n;
    if (!sure)
        resend(k);
    free(k);
}

void keep_message(struct session *s, const struct stanza *st)
{
    struct buf xml = {0};
    if (!s || !s->ask_ack || s->state != SESSION_BOUND || !stanza_find(st, NULL, "body"))
        return;
    stanza_write(st, NS_CLIENT, &xml);
    struct session_rare *r = rare(s);
    if (r->kept + xml.len <= (size_t)conf_get()->limits_out_queue) {
        struct kept *k = xmalloc(sizeof(*k) + xml.len);
        *k = (struct kept){.serial = s->serial, .n = xml.len};
        memcpy(k->xml, xml.data, xml.len);
        r->kept += xml.len;
        session_confirm(s, settled, k);
    }
    buf_free(&xml);
}
