/* settings.h: what a user has chosen for himself, each of a few words. Where he has chosen nothing the site's
 * configuration speaks. Kept in the index, and all of them in memory, so that anybody may look without
 * waiting. A removed account's settings go with it.
 */
#ifndef FERRY_SETTINGS_H
#define FERRY_SETTINGS_H

#include "storage/storage.h"

/* name, key, words in the order of their numbers, what it means */
#define SETTINGS(X)                                                                                \
    X(TAKEOVER, "takeover", "off on", "Files offered to him are taken while he cannot take them.") \
    X(DELIVERY, "delivery", "link transfer both", "How a stored file reaches him.")                \
    X(MUTE, "mute", "off on", "Only notices of files that could not be stored reach him.")         \
    X(ACCEPT_FROM, "accept_from", "contacts domain any", "Whose files are taken while he is not there.")
enum setting {
#define X(name, key, words, help) SETTING_##name,
    SETTINGS(X)
#undef X
        SETTING_COUNT
};
/* The numbers of the words. */
enum { SETTING_OFF, SETTING_ON };
enum { DELIVERY_LINK, DELIVERY_TRANSFER, DELIVERY_BOTH };
enum { ACCEPT_CONTACTS, ACCEPT_DOMAIN, ACCEPT_ANY };

const char *setting_key(enum setting s);
const char *setting_help(enum setting s);
const char *setting_words(enum setting s); /* all of them, a blank between two */
int setting_by_key(const char *key);       /* -1: no such setting */
/* The number of a word, -1: it has no such word. And back, into a buffer. */
int setting_number(enum setting s, const char *word);
#define SETTING_WORD_MAX 16
const char *setting_word(enum setting s, int number, char out[SETTING_WORD_MAX]);

/* What holds for a user (bare JID) now: the number of its word. With [offers] takeover = off nobody has it
 * on. Any thread, never blocks. *chosen (NULL: not asked): the word is his own. */
int settings_get(struct storage *st, const char *jid, enum setting s, bool *chosen);
/* Chooses; number -1: as the site has it. UNKNOWN_USER. Muting withdraws the notices that wait for him. What
 * settings_get says has changed when done is called. */
typedef void settings_changed(void *arg, enum refuse r);
void settings_set(struct storage *st, const char *jid, enum setting s, int number, struct mailbox *home,
                  settings_changed *done, void *arg);

/* Who has to act on it: fn(arg, jid) runs on home's thread behind each change, whoever made it, and when an
 * account is gone. One at a time; fn NULL: none any more. From home's thread. */
typedef void settings_watcher(void *arg, const char *jid);
void settings_watch(struct storage *st, struct mailbox *home, settings_watcher *fn, void *arg);

/* --- for storage/ itself --- */
struct settings;
struct index_db;
struct settings *settings_new(void);
void settings_free(struct settings *all);
void settings_load(struct storage *st, struct index_db *db); /* at the start */
void settings_forget(struct storage *st, const char *jid);   /* the account is gone */
bool settings_muted(struct index_db *db,
                    const char *jid); /* inside an operation, as the index has it there */

#endif
