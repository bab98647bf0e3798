/* keys.h: the secret keys of a spool, from one file (spool.7: `key`).
 *
 * The file is text, mode 0600, one key a line; it is made once, durably, and only for a spool that has no
 * index yet: new keys over an old spool would turn every link and every sealed password into a forgery.
 *   ferry-keys 1            version
 *   id-mac HEX              MAC of transfer ids; never rotates: links live as long as the spool
 *   delete HEX              owners' delete tokens; never rotates
 *   fake-salt HEX           salts of users that do not exist; must stay, or a restart would tell them apart
 *   password KEYID HEX      seals the passwords of accounts made with --legacy-digest
 *   seal KEYID HEX          seals slots; there may be several: the last one seals, all of them open
 * Keys are 32 bytes, key ids 4. After keys_open everything here is read-only: any thread, no lock.
 */
#ifndef FERRY_KEYS_H
#define FERRY_KEYS_H

#include "base/buf.h"

#define KEY_BYTES 32
#define SEAL_OVERHEAD (4 + 12 + 16) /* key id, nonce, tag */

struct keys;

/* Reads the file; where it does not exist, makes it if `make` says so. Blocks. NULL: `why` has the text. */
struct keys *keys_open(const char *path, bool make, struct buf *why);
void keys_free(struct keys **k); /* cleanses; NULL inside is fine */

enum keys_mac { KEYS_ID, KEYS_DELETE, KEYS_FAKE_SALT };
/* HMAC-SHA-256 by one of the keys that never rotate. */
void keys_mac(const struct keys *k, enum keys_mac which, const void *in, size_t n, uint8_t out[32]);

enum keys_use { KEYS_SLOT, KEYS_PASSWORD };
/* AES-256-GCM: key id, nonce, ciphertext, tag; out needs n + SEAL_OVERHEAD bytes. `bound` is not stored: who
 * opens must say the same (an account's name: a sealed password moved to another account does not open). */
void keys_seal(const struct keys *k, enum keys_use use, const char *bound, const void *plain, size_t n,
               uint8_t *out);
/* The length of what was sealed, or -1. out needs n bytes. Forged, truncated and foreign inputs cost the same
 * decryption. */
ptrdiff_t keys_unseal(const struct keys *k, enum keys_use use, const char *bound, const void *in, size_t n,
                      uint8_t *out);

#endif
