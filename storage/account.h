/* account.h: local users and their login keys. Passwords are kept as SCRAM keys (RFC 5802, 7677; 4096
 * rounds); with --legacy-digest the password itself is kept too, sealed under the key file, because
 * XEP-0078's digest needs it.
 */
#ifndef FERRY_ACCOUNT_H
#define FERRY_ACCOUNT_H

#include "storage/storage.h"

#define ACCOUNT_JID_MAX 2048 /* with the NUL */

struct account_keys {
    uint8_t salt[16];
    int rounds;
    uint8_t stored[32], server[32]; /* SHA-1: the first 20 bytes */
};
struct account {               /* a value: copy it freely, cleanse it after use */
    char jid[ACCOUNT_JID_MAX]; /* bare, prepared */
    bool admin, disabled, legacy_digest;
    struct account_keys sha1, sha256;
    uint8_t sealed[320]; /* the sealed legacy password */
    size_t sealed_len;
};

/* NOT_FOUND: no such account; *a is then a fake with salts that are always the same for this name (row 37:
 * equal shape and work). */
typedef void account_found(void *arg, enum refuse r, const struct account *a);
void account_lookup(struct storage *st, const char *bare, struct mailbox *home, account_found *done,
                    void *arg);

/* Checks a password against the keys: PBKDF2 in a worker. A password that was right is remembered in memory
 * as HMAC(start key; user, password, stored key), and account_remembered says so at once (microseconds, any
 * thread). The password is copied and cleansed. */
typedef void account_checked(void *arg, bool right);
void account_check(struct storage *st, const struct account *a, const char *password, struct mailbox *home,
                   account_checked *done, void *arg);
bool account_remembered(struct storage *st, const struct account *a, const char *password);
/* XEP-0078 digest: SHA-1 of stream id and password, lower-case hex. False: the account has no legacy
 * password. Microseconds. */
bool account_legacy_digest(struct storage *st, const struct account *a, const char *stream_id, char out[41]);

/* A bare JID with a node, prepared: JID_MALFORMED. With `served`, of a domain of xmpp.domain: UNKNOWN_HOST.
 */
enum refuse account_bare(const char *raw, bool served, char out[ACCOUNT_JID_MAX]);

/* One listener (the XMPP side, at its start): an account was removed, blocked or given another password, and
 * sessions that were logged in before should end. On the home's thread. */
typedef void account_gone(void *arg, const char *bare);
void account_watch(struct mailbox *home, account_gone *fn, void *arg);

/* Operators' verbs. Blocks. password is SASLprepped inside (BAD_REQUEST: prohibited, empty or longer than 255
 * bytes). */
#define ACCOUNT_ADMIN 1
#define ACCOUNT_LEGACY_DIGEST 2
enum refuse account_create(struct storage *st, const char *jid, const char *password, unsigned flags);
enum refuse account_password(struct storage *st, const char *jid, const char *password); /* keeps the flags */
enum refuse account_remove(struct storage *st,
                           const char *jid); /* roster, messages and files of his go too */
enum refuse account_disable(struct storage *st, const char *jid, bool disabled);
enum refuse account_quota(struct storage *st, const char *jid, int64_t user_quota,
                          int64_t inbox_quota); /* -1: the configured one */

struct account_row {
    char *jid; /* malloc'd with the rows */
    bool admin, disabled, legacy_digest;
    int64_t used, inbox_used, user_quota, inbox_quota, files;
};
/* All accounts by name; *rows is one malloc'd block with its strings. */
void account_list(struct storage *st, struct account_row **rows, size_t *n);

#endif
