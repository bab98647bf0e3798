/* file.h: what every answer with a file's bytes is made of, whoever asked for it and why. */
#ifndef FERRY_HTTP_FILE_H
#define FERRY_HTTP_FILE_H

#include "http/range.h"
#include "http/request.h"
#include "storage/transfer.h"

/* The bytes first..last of a file. Takes the descriptor in any case. NULL: the file is shorter than it was,
 * or cannot be read. */
struct MHD_Response *file_body(int fd, const struct range *part);
/* Files up to this size are read at once by file_body, and need no descriptor then. */
#define FILE_SMALL 32768
/* For how many seconds it may be kept by the one who asked: never longer than the file lives; 0: not at all.
 */
int64_t file_life(const struct transfer *t);
void file_cache(struct MHD_Response *r, const struct transfer *t);
/* The type to say, by libmagic's finding; how a text is encoded is looked up in the open file. */
const char *file_type(const struct transfer *t, int fd);
/* Content-Type and Content-Disposition: inline only where it may be and is safe. */
void file_describe(struct MHD_Response *r, const struct transfer *t, const char *type, bool may_show);
/* Of an ephemeral file nothing leaves after its time, also not the rest of an answer under way (C34). Others
 * are sent to their end (row 91). */
void file_deadline(struct request *rq, const struct transfer *t);

#endif
