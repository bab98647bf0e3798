/* index_people.h: what index_account.c, index_roster.c, index_block.c, index_setting.c, index_offline.c and
 * index_grant.c say to the rest of storage/: rows of people, and grants too long for a URL. Internal to
 * storage/; all bare JIDs are prepared; each function is one or a few statements on the connection given.
 * Errors stay with the connection (index_sql.h).
 */
#ifndef FERRY_INDEX_PEOPLE_H
#define FERRY_INDEX_PEOPLE_H

#include "base/arena.h"
#include "storage/account.h"
#include "storage/index.h"
#include "storage/roster.h"

/* --- accounts (index_account.c) --- */
bool index_account_get(struct index_db *db, const char *bare, struct account *out);
bool index_account_exists(struct index_db *db, const char *bare);
/* CONFLICT: there is one of that name. */
enum refuse index_account_add(struct index_db *db, const struct account *a, int64_t now);
enum refuse index_account_keys(struct index_db *db,
                               const struct account *a); /* its keys and sealed password */
enum refuse index_account_disable(struct index_db *db, const char *bare, bool disabled);
enum refuse index_account_quota(struct index_db *db, const char *bare, int64_t user, int64_t inbox);
/* The account with its roster, block list, messages and notices; not its files. */
enum refuse index_account_remove(struct index_db *db, const char *bare);
void index_account_each(struct index_db *db, void (*fn)(void *arg, const struct account_row *row), void *arg);

/* --- rosters (index_roster.c) --- */
/* Texts in the arena. False: no row; *out is then an empty item of that contact. */
bool index_roster_get(struct index_db *db, const char *owner, const char *contact, struct arena *arena,
                      struct roster_item *out);
void index_roster_put(struct index_db *db, const char *owner, const struct roster_item *item);
void index_roster_drop(struct index_db *db, const char *owner, const char *contact);
int64_t index_roster_count(struct index_db *db, const char *owner);
/* The items in one array of the arena. */
size_t index_roster_all(struct index_db *db, const char *owner, struct arena *arena,
                        struct roster_item **out);

/* --- block lists (index_block.c) --- */
/* Does owner block this JID: itself, its bare JID, its domain with or without its resource? */
bool index_blocks(struct index_db *db, const char *owner, const char *jid);
size_t index_block_all(struct index_db *db, const char *owner, struct arena *arena, const char ***out);
void index_block_add(struct index_db *db, const char *owner, const char *jid);
void index_block_drop(struct index_db *db, const char *owner, const char *jid); /* NULL: all */
int64_t index_block_count(struct index_db *db, const char *owner);

/* --- settings (index_setting.c) --- */
/* The words of settings.h. value NULL: the row goes. */
void index_setting_put(struct index_db *db, const char *jid, const char *key, const char *value);
bool index_setting_is(struct index_db *db, const char *jid, const char *key, const char *value);
void index_setting_each(struct index_db *db,
                        void (*fn)(void *arg, const char *jid, const char *key, const char *value),
                        void *arg);

/* --- offline messages (index_offline.c) --- */
void index_offline_figures(struct index_db *db, const char *owner, int64_t *messages, int64_t *bytes);
void index_offline_add(struct index_db *db, const char *owner, int64_t now, const char *xml);
/* Those after `after`, oldest first, until bytes_max is reached. */
size_t index_offline_page(struct index_db *db, const char *owner, int64_t after, size_t bytes_max,
                          struct arena *arena, struct offline_message **out, bool *more);
void index_offline_drop(struct index_db *db, const char *owner, int64_t upto);

/* --- grants (index_grant.c) --- */
enum refuse index_grant_put(struct index_db *db, const char *id, int64_t expires, const void *body, size_t n);
bool index_grant_get(struct index_db *db, const char *id, struct buf *body);
void index_grant_forget(struct index_db *db, int64_t now); /* those whose time is over */

#endif
