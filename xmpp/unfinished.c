/* unfinished.c: finding by a digest: the row of what broke off carries it (grant.mark), and nothing is kept
 * here. What is still being brought, or was promised to another offer that is open, is not given away.
 */
#include "xmpp/unfinished.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct search {
    struct asking asking;
    void (*then)(struct offer *o);
};

static bool may_go_on(const struct offer *o)
{
    return o->ranged && !o->unsized && (o->has_md5 || o->has_sums || *o->date);
}

static void add(struct buf *b, const void *data, size_t n)
{
    uint32_t len = (uint32_t)n;
    buf_add(b, &len, sizeof len);
    buf_add(b, data, n);
}

void unfinished_mark(const struct offer *o, struct grant *g)
{
    uint8_t sum[SHA256_BYTES];
    struct buf b = {0};
    if (!may_go_on(o))
        return;
    add(&b, o->to, strlen(o->to));
    add(&b, o->md5, o->has_md5 ? sizeof o->md5 : 0);
    add(&b, o->sums, o->has_sums ? sizeof o->sums : 0);
    add(&b, o->date, strlen(o->date));
    FERRY_ASSERT(EVP_Digest(b.data, b.len, sum, NULL, EVP_sha256(), NULL) == 1);
    buf_free(&b);
    g->marked = true;
    memcpy(g->mark, sum, sizeof g->mark);
}

bool unfinished_keep(struct offer *o)
{
    if (o->owner != OFFER_OF_FERRY || o->state != OFFER_OPEN || !o->grant.marked ||
        intake_received(o->intake) == 0)
        return false;
    intake_keep(&o->intake, NULL, NULL);
    return true;
}

/* Another offer of his was told to go on with it, and may yet. */
static bool is_promised(const struct offer *o, const struct ferry_id *id)
{
    const struct jid from = {.text = o->from, .bare_len = strlen(o->from_bare)};
    for (const struct offer *other = offer_chain(&from); other; other = other->chain)
        if (other != o && strcmp(other->grant.id.text, id->text) == 0)
            return true;
    return false;
}

static void on_found(void *arg, const struct ferry_id *id, int64_t offset)
{
    struct search *s = arg;
    struct offer *o = s->asking.o;
    void (*then)(struct offer *) = s->then;
    free(s);
    if (!o)
        return;
    o->asking = NULL;
    if (id && !is_promised(o, id)) {
        o->grant.id = *id;
        o->offset = offset;
        log_info("%s offer goes on offset=%lld", o->from, (long long)o->offset);
    }
    then(o);
}

void unfinished_find(struct offer *o, void (*then)(struct offer *o))
{
    FERRY_ASSERT(!o->asking);
    if (!o->grant.marked) {
        then(o);
        return;
    }
    struct search *s = xmalloc(sizeof *s);
    *s = (struct search){{o}, then};
    o->asking = &s->asking;
    incoming_find(mod_storage(), &o->grant, o->side ? INT64_MAX : SIFORM_OFFSET_MAX, mod_home(), on_found, s);
}
