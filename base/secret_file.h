/* secret_file.h: a secret shared with another program: the first line of a file. */
#ifndef FERRY_SECRET_FILE_H
#define FERRY_SECRET_FILE_H

#include "base/buf.h"

#define SECRET_FILE_MAX 4096 /* bytes of the line */

/* The first line, without its end, into `out`. Blocks on the file. -1: it cannot be read, or the line is
 * empty, too long or holds a NUL: `why` has the words, which begin with the path. A file that others may open
 * is taken with a warning, as the key file is. */
int secret_file_read(const char *path, struct buf *out, struct buf *why);

#endif
