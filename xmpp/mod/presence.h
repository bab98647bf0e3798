/* presence.h: showing one local user's presence to another, for modules that change who may see whom. */
#ifndef FERRY_PRESENCE_H
#define FERRY_PRESENCE_H

#include "xmpp/mod.h"

/* Sends what `of` (bare) shows, each available resource, to all available resources of `to` (bare); with show
 * false, that they are unavailable. Asks nobody's leave. */
void presence_show(const char *of, const char *to, bool show);

#endif
