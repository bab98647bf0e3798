/* retry.h: what storage has to write down, and cannot now (its disk is full, another program holds the
 * index): it is kept and tried again. RETRY_MAX of a list at most, then the oldest is given up. On the loop.
 */
#ifndef FERRY_RETRY_H
#define FERRY_RETRY_H

#include "base/loop.h"
#include "base/refuse.h"

#define RETRY_MAX 1000

struct retry { /* in what is to be written */
    struct retry *next;
    bool late;
};

struct retry_list { /* the first three are the owner's */
    const char *what;
    void (*write)(struct retry *one); /* asks storage, whose answer comes later, by retry_answer */
    void (*over)(struct retry *one);  /* it is written, or given up; what remains is the owner's */
    struct retry *first, **end;
    size_t n;
    struct loop_timer clock;
    bool stopped;
};

void retry_start(struct retry_list *list, struct loop *loop);
/* Those that wait are given up; an answer that comes later ends its own. */
void retry_stop(struct retry_list *list);

void retry_answer(struct retry_list *list, struct retry *one, enum refuse r);

#endif
