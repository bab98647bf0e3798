/* negotiate.h: page or bytes, and in which language. Pure functions of header values; any thread. */
#ifndef FERRY_HTTP_NEGOTIATE_H
#define FERRY_HTTP_NEGOTIATE_H

#include "http/request.h"

#define NEGOTIATE_VARY "Sec-Fetch-Dest, Sec-Fetch-Mode, Accept, Accept-Language"

/* A browser's own navigation gets the page: Sec-Fetch-Dest: document with Sec-Fetch-Mode:
 * navigate; where these are absent, an Accept that names text/html. Never with a Range: who asks for a part
 * wants bytes. */
bool negotiate_page(const struct request_fields *f);
/* Whether an Accept value names the type itself (a wildcard does not count) with a quality above 0. */
bool negotiate_names(const char *accept, const char *type);
/* "en" or "zh-Hans": a wish (?lang, cookie; NULL: none), else Accept-Language by quality, else dflt. */
const char *negotiate_language(const char *wish, const char *accept_language, const char *dflt);
/* The value of one cookie, copied into out; false: not there, or too long. */
bool negotiate_cookie(const char *cookie, const char *name, char *out, size_t n);

#endif
