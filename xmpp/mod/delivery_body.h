/* delivery_body.h: one delivery, for the two files that drive it: delivery.c goes from resource to resource,
 * delivery_ask.c asks one. Loop only.
 */
#ifndef FERRY_DELIVERY_BODY_H
#define FERRY_DELIVERY_BODY_H

#include "storage/reading.h"
#include "xmpp/delivery.h"
#include "xmpp/router.h"

#define DELIVERY_SID_CHARS 22
#define DELIVERY_ASKED_MAX 8 /* resources */

struct delivery {
    struct delivery *next;
    struct outbox_item item; /* texts in the arena */
    struct arena *arena;
    bool both, started, active;
    uint64_t asked[DELIVERY_ASKED_MAX]; /* the last one is asked now */
    unsigned n_asked;
    struct reading *look;       /* is it still there? */
    enum delivery_end ended_so; /* what `ended` will be told, when it is */
    bool asks_caps;             /* what the resource can is being found out */
    struct loop_timer timer;    /* for that */
    const char *from;           /* full JID */
    char sid[DELIVERY_SID_CHARS + 1];
    delivery_ended *ended;
    void *arg;
};

/* The resource that is asked now; NULL: gone. */
struct session *delivery_session(const struct delivery *d);
void delivery_next(struct delivery *d); /* this one could not: the next resource is asked, if there is one */
void delivery_over(struct delivery *d, enum delivery_end how); /* for all of them */

/* Asks the resource, which is s; delivery_next or delivery_over follows. */
void delivery_ask(struct delivery *d, const struct session *s);

#endif
