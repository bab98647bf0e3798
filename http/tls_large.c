/* tls_large.c: large bodies that go past libmicrohttpd, on the side of TLS; see bypass.h.
 *
 * Between the offer and the end of such a body its connection is in its thread's list of them, and nothing is
 * passed on. Who offers one on a thread that has everybody's connections moves to one of those for uploads:
 * writing files may wait for a disk.
 */
#include <string.h>

#include "http/tls_int.h"
#include "storage/transfer.h"

#define LARGE_FROM (INCOMING_AT_ONCE + 1) /* what is smaller is best when it is all there */

static const char hidden_name[] = "Content-Bypass"; /* written over Content-Length */

_Static_assert(sizeof hidden_name == sizeof "Content-Length", "one is written over the other");

bool large_offer(struct tls_conn *t, char *head)
{
    const struct head *h = &t->framing.head;
    struct bypass *b = &t->conn->bypass;

    FERRY_ASSERT(t->large == LARGE_NONE);
    if (!h->upload || h->body < LARGE_FROM)
        return false;
    memcpy(head + h->length_at, hidden_name, sizeof hidden_name - 1);
    atomic_store(&b->request, t->framing.begun - 1); /* before the size: see bypass_size */
    atomic_store(&b->size, h->body);
    atomic_store(&b->thread, t->thread->number);
    atomic_store(&b->step, BYPASS_OFFERED);
    t->large = LARGE_OFFERED;
    TAILQ_INSERT_TAIL(&t->thread->large, t, in_large);
    return true;
}

bool large_taken(struct tls_conn *t)
{
    if (t->large == LARGE_OFFERED && atomic_load(&t->conn->bypass.step) == BYPASS_TAKEN)
        t->large = LARGE_TAKEN;
    return t->large == LARGE_TAKEN;
}

static void leave(struct tls_conn *t)
{
    TAILQ_REMOVE(&t->thread->large, t, in_large);
    t->large = LARGE_NONE;
}

void large_lost(struct tls_conn *t)
{
    struct bypass *b = &t->conn->bypass;

    if (t->large == LARGE_NONE)
        return;
    leave(t);
    t->input_over = true;
    if (atomic_exchange(&b->step, BYPASS_GONE) == BYPASS_TAKEN)
        b->over(b->arg, false);
}

size_t large_give(struct tls_conn *t, const char *p, size_t n)
{
    struct bypass *b = &t->conn->bypass;
    enum framing_verdict v;
    size_t took = framing_step(&t->framing, p, n, &v);

    FERRY_ASSERT(v == FRAMING_PASS && took > 0);
    if (!b->piece(b->arg, p, took)) {
        large_lost(t);
    } else if (!framing_in_body(&t->framing)) {
        leave(t);
        atomic_store(&b->size, 0);
        atomic_store(&b->step, BYPASS_NONE);
        b->over(b->arg, true);
    }
    return took;
}
