/* id_raw.h: ids as pure functions of the keys and a clock: for grant.c, for the unit tests and the fuzzers,
 * which have no storage. Inside storage/ only. */
#ifndef FERRY_ID_RAW_H
#define FERRY_ID_RAW_H

#include "storage/id.h"
#include "storage/keys.h"

#define ID_RAW 28      /* bytes behind the 38 characters */
#define ID_RAW_OPEN 20 /* without the MAC, which follows from them */

void id_make(const struct keys *k, int64_t now, struct ferry_id *out);
/* The id that stands for a path, always the same one; it passes for old. */
void id_derive(const struct keys *k, const char *path, struct ferry_id *out);
enum id_age id_judge(const struct keys *k, int64_t now, const char *text, size_t n, struct ferry_id *out);
void id_to_raw(const struct ferry_id *id, uint8_t raw[ID_RAW_OPEN]); /* id came from one of the others */
void id_from_raw(const struct keys *k, const uint8_t raw[ID_RAW_OPEN], struct ferry_id *out);
int64_t id_granted(const uint8_t raw[ID_RAW_OPEN]); /* wall clock, to the minute */

#endif
