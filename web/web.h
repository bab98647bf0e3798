/* web.h: the files of web/, embedded in the binary. */
#ifndef FERRY_WEB_H
#define FERRY_WEB_H

#include <stddef.h>

struct web_asset {
    const char *name, *type;
    const unsigned char *data;
    size_t len;
    char version[17]; /* of the contents: a new build has a new address, so caches may keep it for ever */
};

void web_init(void); /* computes the versions; once, before any other call */
const struct web_asset *web_asset_find(const char *name); /* NULL: none */

#endif
