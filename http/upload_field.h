/* upload_field.h: the header fields of uploads: structured items (RFC 9651), digests (RFC 9530), tus numbers,
 * and our own wishes. Pure functions of the value, which may be NULL: absent; any thread; no allocation.
 *
 * What a caller does with FIELD_FAULTY is his to say: the resumable upload draft takes a faulty Upload-Offset
 * or Upload-Complete for an absent one, a faulty Repr-Digest or Ferry-Expires is refused.
 */
#ifndef FERRY_HTTP_UPLOAD_FIELD_H
#define FERRY_HTTP_UPLOAD_FIELD_H

#include "base/codec.h"

enum field { FIELD_ABSENT, FIELD_OK, FIELD_FAULTY };

enum field upload_field_boolean(const char *value, bool *out);    /* an Item: ?0 or ?1 */
enum field upload_field_integer(const char *value, int64_t *out); /* an Item: 0 to 999,999,999,999,999 */
/* tus 1.0: digits and nothing else, up to INT64_MAX. */
enum field upload_field_digits(const char *value, int64_t *out);
/* The sha-256 of a Repr-Digest; ABSENT too when only other algorithms are there. */
enum field upload_field_sha256(const char *value, uint8_t out[SHA256_BYTES]);
/* Ferry-Expires: a duration from now on ("7d", "3600s") or an HTTP date, wall clock, after now. */
enum field upload_field_expires(const char *value, int64_t now, int64_t *out);
/* A Content-Range of a request: "bytes FIRST-LAST/SIZE", each number known, FIRST <= LAST < SIZE. */
struct upload_range {
    int64_t first, last, size;
};
enum field upload_field_range(const char *value, struct upload_range *out);
/* Whether a Content-Type is this one; its parameters do not count. NULL is no type. */
bool upload_field_is_type(const char *value, const char *type);

#endif
