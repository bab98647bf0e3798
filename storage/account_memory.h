/* account_memory.h: the passwords that were right since the start: nothing of them but HMACs under a key that
 * is made at each start and never leaves memory. Internal to storage/; any thread. */
#ifndef FERRY_ACCOUNT_MEMORY_H
#define FERRY_ACCOUNT_MEMORY_H

#include "storage/account.h"

struct accounts;

/* storage_open and storage_close keep it in struct storage. */
struct accounts *accounts_new(void);
void accounts_free(struct accounts **m);

void accounts_remember(struct accounts *m, const struct account *a, const char *password);
bool accounts_remembered(struct accounts *m, const struct account *a, const char *password);

#endif
