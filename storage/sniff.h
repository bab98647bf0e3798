/* sniff.h: what a file really is, by libmagic in a process that can do nothing else (internal to storage/).
 *
 * The helper, ferry-sniff (sniff/), is started at the first need, a second one when the first is busy. One
 * that hangs, dies or answers nonsense is killed and replaced, after a pause if it happens again; the file it
 * was asked about is application/octet-stream. Nothing is ever refused because of it, and nothing waits for
 * it longer than limits.sniff (a start: START_MS). It reads no file and no socket but its own; it ends with
 * the daemon, however that ends. */
#ifndef FERRY_SNIFF_H
#define FERRY_SNIFF_H

#include "base/base.h"
#include "sniff/wire.h"

struct sniff;
struct sniff *sniff_new(void);    /* starts nothing yet */
void sniff_free(struct sniff *s); /* ends the helpers; no sniff_type is under way. NULL: nothing */

/* A media type without parameters, from the file's first bytes (SNIFF_BYTES of them at most);
 * "application/octet-stream" when nothing better is known. Blocks. Called by threads that
 * live as long as `s`: the kernel ends a helper together with the thread that started it. */
void sniff_type(struct sniff *s, const void *head, size_t n, char type[SNIFF_MAX]);

#endif
