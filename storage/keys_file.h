/* keys_file.h: the key file (keys.h has its format) as a value: reading it, making the first one, replacing
 * it. Pure but for the disk; blocks. For keys.c and its unit test, inside storage/ only.
 *
 * Every writing is whole or not at all: a new file beside it, fsync, rename, fsync of the folder. A half key
 * file would end every later start.
 */
#ifndef FERRY_KEYS_FILE_H
#define FERRY_KEYS_FILE_H

#include "base/buf.h"
#include "storage/keys.h"

#define KEYID_BYTES 4

struct seal_key {
    uint8_t id[KEYID_BYTES];
    uint8_t key[KEY_BYTES];
    int64_t made; /* wall clock; 0: not known */
};

struct keys_file {
    uint8_t mac[3][KEY_BYTES]; /* by enum keys_mac */
    bool has_mac[3];
    struct seal_key password;
    bool has_password;
    struct seal_key seal[KEYS_SEAL_MAX]; /* the last one seals */
    size_t n_seal;
};

/* 0; 1: there is no such file; -1: `why` has the text, without secrets. The caller cleanses `out`. */
int keys_file_read(const char *path, struct keys_file *out, struct buf *why);
/* Makes the first file; one that is there by now is left alone and is a failure. */
int keys_file_make(const char *path, int64_t now, struct buf *why);
/* Puts `fresh` at the end of the file and leaves out the lines of the `n` keys in `past`; all else stays byte
 * for byte. The new file has the owner of the old one. */
int keys_file_rotate(const char *path, const struct seal_key *fresh, const struct seal_key *past, size_t n,
                     struct buf *why);

#endif
