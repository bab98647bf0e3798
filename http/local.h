/* local.h: listening Unix sockets: the operator's, and one for a reverse proxy. Main thread. */
#ifndef FERRY_HTTP_LOCAL_H
#define FERRY_HTTP_LOCAL_H

#include <sys/types.h>

#include "base/buf.h"

/* A listening socket under that path; a leftover that nobody answers on is removed. At no moment can somebody
 * open it whom `mode` does not allow. -1: why, which begins with key. */
int local_listen(const char *path, mode_t mode, const char *key, struct buf *why);
void local_unlink_all(void); /* the paths of all that local_listen made */

#endif
