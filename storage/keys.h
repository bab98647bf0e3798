/* keys.h: the secret keys of a spool, from one file (spool.7: `key`).
 *
 * The file is text, mode 0600, one key a line; it is made once, durably, and only for a spool that has no
 * index yet: new keys over an old spool would turn every link and every sealed password into a forgery.
 *   ferry-keys 1            version
 *   id-mac HEX              MAC of transfer ids; never rotates: links live as long as the spool
 *   delete HEX              owners' delete tokens; never rotates
 *   fake-salt HEX           salts of users that do not exist; must stay, or a restart would tell them apart
 *   password KEYID HEX DATE seals the passwords of accounts made with --legacy-digest
 *   seal KEYID HEX DATE     seals slots; there may be several: the last one seals, all of them open
 * Keys are 32 bytes, key ids 4; DATE says when the key was made and may be missing; lines that begin with #
 * are remarks. Any thread may use the keys, without a lock, also while they are rotated.
 */
#ifndef FERRY_KEYS_H
#define FERRY_KEYS_H

#include "base/buf.h"
#include "base/refuse.h"

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

/* --- rotation: of the keys that seal slots; no other key ever changes --- */

#define KEYS_SEAL_MAX 64

struct key_info {
    char id[9]; /* hexadecimal */
    enum keys_use use;
    bool seals;         /* it is the one that new things are sealed with */
    int64_t made;       /* wall clock; 0: not known */
    int64_t superseded; /* when another one took over; 0: it seals, or nobody knows */
};
/* Oldest first, the one for passwords last; returns how many. */
size_t keys_list(const struct keys *k, struct key_info out[KEYS_SEAL_MAX + 1]);

struct keys_rotated {
    struct key_info fresh;
    size_t kept, dropped; /* old keys that still open, and those that were superseded before `before` */
};
/* Makes a new key, durable in the file before it seals anything, and forgets those superseded before
 * `before`. CONFLICT: the file is gone or another one, or too many keys are in use; INTERNAL: it could not be
 * written; `why` says it, and the old keys stay in force. Blocks; one at a time. */
enum refuse keys_rotate(struct keys *k, int64_t now, int64_t before, struct keys_rotated *out,
                        struct buf *why);

#endif
