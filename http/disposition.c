/* disposition.c: see disposition.h. */
#include "http/disposition.h"

#include <string.h>
#include <strings.h>

static bool is_attr_char(unsigned char c) /* RFC 8187 attr-char */
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("!#$&+-.^_`|~", c));
}

void disposition_header(struct buf *out, bool attachment, const char *name)
{
    bool plain = true;

    buf_adds(out, attachment ? "attachment; filename=\"" : "inline; filename=\"");
    /* Quotes, backslashes and percent signs are read differently by different browsers: none of them is left.
     */
    for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
        if (*p >= 0x80) {
            plain = false;
            if ((*p & 0xc0) != 0x80) /* one '_' a character */
                buf_addc(out, '_');
        } else if (*p < 0x20 || *p == 0x7f || *p == '"' || *p == '\\' || *p == '%' || *p == '/') {
            plain = false;
            buf_addc(out, '_');
        } else {
            buf_addc(out, (char)*p);
        }
    }
    buf_addc(out, '"');
    if (plain)
        return;
    buf_adds(out, "; filename*=UTF-8''");
    for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
        if (is_attr_char(*p))
            buf_addc(out, (char)*p);
        else
            buf_addf(out, "%%%02X", *p);
    }
}

bool disposition_inline(const char *type)
{
    static const char *const safe[] = {"image/png",  "image/jpeg", "image/gif",  "image/webp",
                                       "image/avif", "image/bmp",  "image/heic", "image/heif",
                                       "image/jxl",  "image/tiff", "text/plain", "application/ogg"};
    size_t n = strcspn(type, "; \t");

    if (strncasecmp(type, "video/", 6) == 0 || strncasecmp(type, "audio/", 6) == 0)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(safe); i++)
        if (strlen(safe[i]) == n && strncasecmp(type, safe[i], n) == 0)
            return true;
    return false;
}
