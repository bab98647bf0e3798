/* once.h: the body of one-time links' state (internal to storage/); the verbs are in transfer.h. */
#ifndef FERRY_ONCE_H
#define FERRY_ONCE_H

#include "storage/id.h"

struct once;
struct once *once_new(void);
void once_free(struct once *o);
/* Was it fetched whole, and its row does not say so yet? */
bool once_is_spent(struct once *o, const struct ferry_id *id);

#endif
