/* relaycopy.c: from the relay's tap into a transfer.
 *
 * Who speaks first is the sender. The copy goes when the receiver has everything, when the sender breaks off,
 * and when storage has no room for it or fails: then the bytes go through as ever. When the receiver is gone
 * in the middle the sender's connection is Ferry's, as if it had come through a seat at the proxy.
 */
#include "xmpp/mod/relaycopy.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "xmpp/mod/bytestreams.h"
#include "xmpp/takeover.h"

struct relaycopy { /* offer->stream */
    struct offer *o;
    struct relay *relay; /* NULL: over */
};

static void copy_free(void *stream)
{
    struct relaycopy *c = stream;
    relay_untap(c->relay);
    free(c);
}

/* --- the relay's words --- */

static char *on_room(void *owner, size_t n)
{
    const struct relaycopy *c = owner;
    return intake_room(c->o->intake, n);
}

static bool on_took(void *owner, size_t n)
{
    struct relaycopy *c = owner;
    struct offer *o = c->o;
    if (intake_took(o->intake, n) != REFUSE_OK) { /* more than was announced is the receiver's affair */
        offer_copy_drop(o);
        return true;
    }
    return !intake_full(o->intake);
}

static bool is_whole(void *owner, bool ended)
{
    const struct relaycopy *c = owner;
    return intake_whole(c->o->intake) || (ended && intake_may_end(c->o->intake));
}

static void on_off(void *owner)
{
    struct relaycopy *c = owner;
    c->relay = NULL;
    offer_copy_drop(c->o);
}

static void on_left(void *owner, int fd)
{
    struct relaycopy *c = owner;
    struct offer *o = c->o;
    c->relay = NULL;
    if (!takeover_may_go_on(o)) { /* he has switched it off meanwhile */
        (void)close(fd);
        offer_copy_drop(o);
        return;
    }
    o->stream_ops->free(TAKE(o->stream));
    offer_copy_goes_on(o);
    bytestreams_go_on(o, fd);
}
static const struct relay_tap tap = {on_room, on_took, is_whole, on_left, on_off};

/* --- storage's --- */

static void on_claimed(void *owner, enum refuse r)
{
    struct offer *o = owner;
    struct relaycopy *c = o->stream;
    if (r == REFUSE_OK) {
        relay_go(c->relay);
        return;
    }
    o->intake = NULL;
    offer_copy_drop(o);
}

static void on_space(void *owner)
{
    struct relaycopy *c = ((struct offer *)owner)->stream;
    relay_go(c->relay);
}

static void on_ended(void *owner, enum refuse r, const struct transfer *t)
{
    struct offer *o = owner;
    o->intake = NULL;
    offer_copy_drop(o); /* the disk fails, and he gets his bytes all the same */
}

static const struct intake_events intake_events = {
    .claimed = on_claimed, .room = on_space, .ended = on_ended, .quiet = true};
static const struct offer_stream stream_ops = {.free = copy_free, .copy = &intake_events};

void relaycopy_begin(struct offer *o, struct relay *r)
{
    struct relaycopy *c = xcalloc(1, sizeof *c);
    c->o = o;
    c->relay = r;
    o->stream = c;
    o->stream_ops = &stream_ops;
    relay_tap(r, &tap, c);
}
