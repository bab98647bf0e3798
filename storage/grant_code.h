/* grant_code.h: a grant as bytes, and those bytes as a token. Pure functions of the keys: for grant.c, the
 * unit tests and tests/fuzz/token_fuzz.c. Inside storage/ only.
 *
 * The bytes: format (1), id without its MAC (20), took, purpose (1 each); then as LEB128 numbers flags, size,
 * deadline and expires (both from the id's minute, zigzag) and one byte that says whether expires is set;
 * then name, type, owner, to, to_raw, desc, each as LEB128 length and bytes without NUL. Nothing may follow.
 * A token seals either such bytes or a reference: format 2 and the id (20), for a grant too long to stand in
 * a URL.
 */
#ifndef FERRY_GRANT_CODE_H
#define FERRY_GRANT_CODE_H

#include "storage/grant.h"
#include "storage/keys.h"

#define TOKEN_MAX 2000 /* characters */

void grant_encode(const struct grant *g, struct buf *out);
/* Texts go into the arena. -1: not such bytes. */
int grant_decode(const struct keys *k, const uint8_t *in, size_t n, struct arena *arena, struct grant *out);

void token_seal(const struct keys *k, const void *plain, size_t n, struct buf *token);
/* What was sealed, in the arena; -1: forged. */
ptrdiff_t token_open(const struct keys *k, const char *token, size_t n, struct arena *arena, uint8_t **plain);

/* A reference to a stored grant: is this one, and to which id? */
void token_refer(const struct keys *k, const struct ferry_id *id, struct buf *token);
bool token_refers(const struct keys *k, const uint8_t *plain, size_t n, struct ferry_id *id);

#endif
