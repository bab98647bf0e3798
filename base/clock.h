/* clock.h: two clocks. clock_mono_ms() for every deadline and wait; clock_wall() (seconds since 1970) only
 * for what people or other programs see: stamps, expiry dates. Tests may shift the wall clock by the
 * environment FERRYD_TEST_WALL_OFFSET (seconds, read once). */
#ifndef FERRY_CLOCK_H
#define FERRY_CLOCK_H

#include "base/base.h"

int64_t clock_mono_ms(void);
int64_t clock_wall(void);
int64_t clock_wall_ms(void);

/* XEP-0082 date-time in UTC, "2026-11-22T08:00:00Z"; out holds 21 bytes. */
void clock_format_utc(int64_t wall, char out[21]);
/* XEP-0082 date-time with Z or an offset; a part of a second counts as nothing. -1: not one. */
int clock_parse_utc(const char *s, int64_t *wall);
/* RFC 9110 IMF-fixdate; out holds 30 bytes. */
void clock_format_http(int64_t wall, char out[30]);
/* Also in the two obsolete forms of RFC 9110. -1: not a date. */
int clock_parse_http(const char *s, int64_t *wall);

#endif
