/* workers.h: a few threads for what may wait: files, key stretching. Tasks start in the order
 * posted, several at a time; the queue is bounded only by who posts (each poster has its own cap).
 * workers_stop runs everything that was posted, then joins. */
#ifndef FERRY_WORKERS_H
#define FERRY_WORKERS_H

#include "base/mailbox.h"

struct workers;
struct workers *workers_new(const char *name, int threads);
void workers_post(struct workers *w, struct task *task); /* any thread */
void workers_stop(struct workers **w);

#endif
