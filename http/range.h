/* range.h: a Range header and a size -> which bytes (RFC 9110 section 14). Pure; fuzzed. */
#ifndef FERRY_HTTP_RANGE_H
#define FERRY_HTTP_RANGE_H

#include "base/base.h"

enum range_answer {
    RANGE_WHOLE,        /* no range, an unknown unit, faulty syntax, or ranges that do not join: 200 */
    RANGE_PART,         /* 206: first..last */
    RANGE_UNSATISFIABLE /* 416 */
};

struct range {
    int64_t first, last; /* inclusive */
};

#define RANGES_MAX 8 /* more are answered with the whole file (row 90, CVE-2011-3192) */

enum range_answer range_parse(const char *value, int64_t size, struct range *out);

#endif
