/* lang.c: the catalogue and what is worded by it; see lang.h. */
#include "http/lang.h"

#include <string.h>

#include "base/conf.h"
#include "http/negotiate.h"

static const struct {
    const char *en, *zh;
} texts[TEXT_COUNT] = {
#define TEXT(id, en, zh) {en, zh},
#include "http/lang.def"
#undef TEXT
};

const char *lang_text(enum text t, const char *lang)
{
    return strncmp(lang, "zh", 2) == 0 ? texts[t].zh : texts[t].en;
}

const char *request_lang(struct request *rq)
{
    char cookie[16];

    if (rq->lang[0] == 0) {
        const char *wish = uri_param(rq->uri.query, "lang", rq->arena);
        if (!wish && negotiate_cookie(rq->f.cookie, "lang", cookie, sizeof cookie))
            wish = cookie;
        rq->lang = negotiate_language(wish, rq->f.accept_language, conf_get()->http_default_language);
    }
    return rq->lang;
}

void lang_type(struct buf *out, const char *type, const char *lang)
{
    static const struct {
        const char *prefix;
        enum text kind;
    } kinds[] = {
        {"image/", T_KIND_IMAGE},
        {"video/", T_KIND_VIDEO},
        {"audio/", T_KIND_AUDIO},
        {"application/pdf", T_KIND_PDF},
        {"application/zip", T_KIND_ARCHIVE},
        {"application/gzip", T_KIND_ARCHIVE},
        {"application/x-tar", T_KIND_ARCHIVE},
        {"application/x-xz", T_KIND_ARCHIVE},
        {"application/x-bzip2", T_KIND_ARCHIVE},
        {"application/x-7z-compressed", T_KIND_ARCHIVE},
        {"application/x-rar", T_KIND_ARCHIVE},
        {"application/vnd.openxmlformats", T_KIND_DOCUMENT},
        {"application/vnd.oasis", T_KIND_DOCUMENT},
        {"application/msword", T_KIND_DOCUMENT},
        {"application/x-executable", T_KIND_PROGRAM},
        {"application/x-pie-executable", T_KIND_PROGRAM},
        {"application/x-dosexec", T_KIND_PROGRAM},
        {"text/", T_KIND_TEXT},
    };
    enum text kind = T_KIND_FILE;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strncmp(type, kinds[i].prefix, strlen(kinds[i].prefix)) == 0) {
            kind = kinds[i].kind;
            break;
        }
    buf_adds(out, lang_text(kind, lang));
    if (kind != T_KIND_PDF && strcmp(type, "application/octet-stream") != 0)
        buf_addf(out, " (%s)", type);
}
