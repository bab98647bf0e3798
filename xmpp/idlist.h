/* idlist.h: ids of iqs that were passed on and are not answered yet. Bounded by bytes: beyond, the oldest is
 * forgotten, since nobody waits for so many. Zeroed is empty. */
#ifndef FERRY_IDLIST_H
#define FERRY_IDLIST_H

#include "base/base.h"

#define IDLIST_MAX ((size_t)64 << 10)

struct idlist_entry {
    struct idlist_entry *next;
    char id[];
};
struct idlist {
    struct idlist_entry *first, *last;
    size_t bytes;
};

void idlist_add(struct idlist *ids, const char *id);
bool idlist_take(struct idlist *ids, const char *id); /* false: it is not there */
void idlist_free(struct idlist *ids);                 /* empty afterwards */

#endif
