/* id.h: the id of a transfer: base64url(16 random bytes, 4 bytes grant minute, 8 bytes MAC), 38 characters.
 *
 * The MAC's key never rotates, so a forged id is refused without touching the index, and "not uploaded yet"
 * (no row, fresh), "never used" (no row, old) and "removed" (tombstone) can be told apart. Where another
 * server grants (grant_derive_id), an HMAC of the slot's path stands for the random bytes, and no minute.
 * Pure functions of the key; any thread.
 */
#ifndef FERRY_ID_H
#define FERRY_ID_H

#include "storage/storage.h"

#define ID_LEN 38
/* printf: an id in a log. Whoever has all of it has the file; ferryctl takes the beginning too. */
#define ID_SHOWN "%.12s"
struct ferry_id {
    char text[ID_LEN + 1];
};

enum id_age { ID_FORGED, ID_FRESH, ID_OLD };

void id_new(struct storage *st, struct ferry_id *out);
/* FRESH: granted so lately that its PUT may still begin. text need not be NUL-terminated. */
enum id_age id_check(struct storage *st, const char *text, size_t n, struct ferry_id *out);

#endif
