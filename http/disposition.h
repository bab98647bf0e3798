/* disposition.h: how a file is presented: Content-Disposition (RFC 6266, RFC 8187) and whether a browser may
 * show it. Pure. */
#ifndef FERRY_HTTP_DISPOSITION_H
#define FERRY_HTTP_DISPOSITION_H

#include "base/buf.h"

/* attachment; filename="ascii fallback"; filename*=UTF-8''...  (row 93: no name can add a header). */
void disposition_header(struct buf *out, bool attachment, const char *name);
/* Types that run nothing and are safe to show from a sandbox: raster pictures, video, audio, plain text
 * (C38). */
bool disposition_inline(const char *type);

#endif
