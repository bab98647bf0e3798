/* account_keys.h: from a password to the keys that are kept (RFC 5802, 7677). Internal to storage/; pure
 * functions, slow on purpose: never on the loop. */
#ifndef FERRY_ACCOUNT_KEYS_H
#define FERRY_ACCOUNT_KEYS_H

#include "storage/account.h"

struct keys;

#define ACCOUNT_ROUNDS 4096
#define PASSWORD_BYTES_MAX 255

/* The password as it is stretched (SASLprep); malloc'd, to be given to account_wipe. NULL: prohibited, empty
 * or too long. */
char *account_prepare(const char *password);
void account_wipe(char *secret);

/* Fresh salts and both pairs of keys; `prepared` comes from account_prepare. */
void account_derive(struct account *a, const char *prepared);
/* Does the prepared password belong to these keys? */
bool account_matches(const struct account *a, const char *prepared);
/* What a name without an account is answered with: the same at every start. */
void account_fake(const struct keys *k, const char *bare, struct account *out);

#endif
