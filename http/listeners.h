/* listeners.h: what other files of http/ know of the listeners. */
#ifndef FERRY_HTTP_LISTENERS_H
#define FERRY_HTTP_LISTENERS_H

#include <stdint.h>

const char *http_admin_url(void); /* "http://127.0.0.1:8081"; "": there is no admin listener */
int64_t http_since(void);         /* wall clock of the start */

#endif
