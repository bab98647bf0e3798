/* account_import.h: many accounts at once. Internal to storage/. */
#ifndef FERRY_ACCOUNT_IMPORT_H
#define FERRY_ACCOUNT_IMPORT_H

#include <jansson.h>

#include "storage/account.h"

struct account_imported {
    size_t added, existing;
};
/* Adds the users of an array of lines "JID<TAB>password", in one transaction; those who exist stay as they
 * are, empty lines are passed over. USAGE: `why` names the line, and nothing was done. Blocks, and takes all
 * processors for its time: a millisecond or three a user. */
enum refuse account_import(struct storage *st, const json_t *lines, struct account_imported *out,
                           struct buf *why);

#endif
