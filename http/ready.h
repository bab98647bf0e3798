/* ready.h: answers that are kept ready: the whole of a small file with all its headers, so that a picture
 * that a whole room looks at is opened, read and described once in a while, not for each who asks.
 *
 * Whether somebody may have the file is none of this: its row is asked first, each time. An answer is good
 * for three seconds; behind that the file is looked at again, in case something has happened to it behind our
 * back. All of them together have a few megabytes, and none when nobody asks. Any thread. */
#ifndef FERRY_HTTP_READY_H
#define FERRY_HTTP_READY_H

#include "http/request.h"
#include "storage/transfer.h"

/* What makes two answers different that the same file is the whole of. */
struct ready_form {
    int64_t life;    /* file_life */
    bool attachment; /* asked for below /d */
};

/* Queues the answer to a GET or HEAD of the whole of `t`, which the row says is stored. false: there is none.
 * Only where reply_is_common. */
bool ready_send(struct request *rq, const struct transfer *t, const struct ready_form *form, int *answer);
/* The same answer, made a moment ago, for those who come later, where it was asked for a moment before, too,
 * and there is room. Takes a reference to it; its headers are all there. */
void ready_keep(const struct transfer *t, const struct ready_form *form, struct MHD_Response *r);

void ready_sweep(void); /* lets go of those whose time is over */
bool ready_any(void);
void ready_stop(void);

#endif
