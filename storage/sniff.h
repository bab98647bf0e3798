/* sniff.h: what a file really is, by libmagic (internal to storage/). */
#ifndef FERRY_SNIFF_H
#define FERRY_SNIFF_H

#include "base/base.h"

#define SNIFF_BYTES 65536 /* how much of a file's beginning is looked at */
#define SNIFF_MAX 128

/* A media type without parameters; "application/octet-stream" when nothing better is known. The library and
 * its database are loaded at the first call. May wait. */
void sniff(const void *head, size_t n, char type[SNIFF_MAX]);
void sniff_unload(void);

#endif
