/* lang.h: the words of our pages, English and Simplified Chinese (ux c0: one glossary, short, calm
 * sentences). */
#ifndef FERRY_HTTP_LANG_H
#define FERRY_HTTP_LANG_H

#include "http/request.h"

enum text {
#define TEXT(id, en, zh) T_##id,
#include "http/lang.def"
#undef TEXT
    TEXT_COUNT
};

const char *lang_text(enum text t, const char *lang);
/* The language of this request's pages: ?lang, cookie, Accept-Language, [http] default_language. */
const char *request_lang(struct request *rq);

#define SAY(rq, id) lang_text(T_##id, request_lang(rq))

/* A type in words: "Picture (PNG)". */
void lang_type(struct buf *out, const char *type, const char *lang);

#endif
