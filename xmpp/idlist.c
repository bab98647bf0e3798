/* idlist.c: a list, because answers come in the order of their questions: the first entry is nearly always
 * the one that is looked for.
 */
#include "xmpp/idlist.h"

#include <stdlib.h>
#include <string.h>

static void drop(struct idlist *ids, struct idlist_entry *before, struct idlist_entry *e)
{
    if (before)
        before->next = e->next;
    else
        ids->first = e->next;
    if (ids->last == e)
        ids->last = before;
    ids->bytes -= sizeof *e + strlen(e->id) + 1;
    free(e);
}

void idlist_add(struct idlist *ids, const char *id)
{
    size_t n = strlen(id) + 1;
    struct idlist_entry *e = xmalloc(sizeof *e + n);
    e->next = NULL;
    memcpy(e->id, id, n);
    if (ids->first)
        ids->last->next = e;
    else
        ids->first = e;
    ids->last = e;
    ids->bytes += sizeof *e + n;
    while (ids->first && ids->bytes > IDLIST_MAX)
        drop(ids, NULL, ids->first);
}

bool idlist_take(struct idlist *ids, const char *id)
{
    struct idlist_entry *before = NULL;
    for (struct idlist_entry *e = ids->first; e; before = e, e = e->next)
        if (strcmp(e->id, id) == 0) {
            drop(ids, before, e);
            return true;
        }
    return false;
}

void idlist_free(struct idlist *ids)
{
    while (ids->first)
        drop(ids, NULL, ids->first);
}
