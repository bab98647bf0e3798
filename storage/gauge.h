/* gauge.h: the limits on what a user may store, each as what is used beside what may be (internal to
 * storage/). Pure: figures that somebody has read, and the configuration.
 *
 * One order of looking, for claims, advice and explanations, so that all name the same limit: first those
 * that old files can make room in.
 */
#ifndef FERRY_GAUGE_H
#define FERRY_GAUGE_H

#include "storage/index_transfer.h"

struct gauge {
    enum refuse why;           /* what it says when it is full */
    int64_t used, more, limit; /* `more` is what the charge takes; limit -1: none */
    enum { GAUGE_BYTES, GAUGE_PURPOSE, GAUGE_FILES, GAUGE_DAY, GAUGE_TOTAL, GAUGE_CLOSED } kind;
    bool inbox;
};

enum { GAUGES = 8 }; /* at most so many concern one charge */

/* The owner's gauges for c, or those of the addressee's inbox; how many. */
size_t gauge_owner(const struct usage_figures *f, const struct charge *c, struct gauge out[GAUGES]);
size_t gauge_inbox(const struct usage_figures *f, const struct charge *c, struct gauge out[GAUGES]);
bool gauge_full(const struct gauge *g);
/* The first that is full; OK: none. */
enum refuse gauge_judge(const struct gauge *g, size_t n);
bool gauge_pays_inbox(const struct charge *c);
/* Whether room in it may be made by the owner's uploads that broke off; by files that were fetched. */
bool gauge_has_broken_off(const struct gauge *g);
bool gauge_has_fetched(const struct gauge *g);

int64_t gauge_purpose_quota(enum purpose p); /* -1: none */
/* Must the figures be known to judge any file of this user? Who is not near can be taken for one who has
 * stored nothing. */
bool gauge_near(const struct usage_figures *f, int64_t day);

#endif
