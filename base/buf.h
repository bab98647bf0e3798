/* buf.h: a growing byte buffer, the only one. No lock, one owner. buf_free leaves it empty and usable. A NUL
 * always stands behind the bytes once something was added, so buf.data may be read as a string when it holds
 * no NUL itself. Who fills it from a peer caps buf.len. */
#ifndef FERRY_BUF_H
#define FERRY_BUF_H

#include "base/base.h"

struct buf {
    char *data; /* NULL while empty */
    size_t len, cap;
};

void buf_add(struct buf *b, const void *data, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_addc(struct buf *b, char c);
char *buf_room(struct buf *b, size_t n); /* at least n bytes behind the end; the caller adds to len himself */
void buf_keep(struct buf *b, const void *data,
              size_t n);                /* into an empty one, which is not to grow: no room */
void buf_drop(struct buf *b, size_t n); /* the first n bytes */
char *buf_take(struct buf *b);          /* the bytes as a malloc'd string; the buffer is empty afterwards */
void buf_free(struct buf *b);

/* Text for an XML document: escapes & < > " ' and drops nothing (XML 1.0 forbidden characters become U+FFFD).
 */
void buf_add_xml(struct buf *b, const char *text, size_t n);
/* Text for an HTML document: the same characters. */
void buf_add_html(struct buf *b, const char *text);

#endif
