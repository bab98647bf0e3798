/* token_fuzz.c: any text as a token, any bytes as an opened one, any text as an id: refused or taken whole,
 * never more. What is taken as a grant comes out of its own bytes again. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "storage/grant_code.h"
#include "storage/id_raw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct keys *keys;

static void start(void)
{
    char folder[] = "/tmp/ferry-fuzz-XXXXXX";
    struct buf why = {0};
    FERRY_ASSERT(mkdtemp(folder));
    char *key = xasprintf("%s/key", folder), *conf = xasprintf("%s/conf", folder);
    FERRY_ASSERT(close(creat(conf, 0600)) == 0);
    conf_publish(conf_load(conf, &why));
    keys = keys_open(key, true, &why);
    FERRY_ASSERT(keys);
    unlink(key);
    unlink(conf);
    rmdir(folder);
    free(key);
    free(conf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (!keys)
        start();
    struct arena *arena = arena_get(NULL);
    struct grant g, again;
    struct ferry_id id;
    uint8_t *plain;
    FERRY_ASSERT(token_open(keys, (const char *)data, n, arena, &plain) < 0);
    FERRY_ASSERT(id_judge(keys, 1780000000, (const char *)data, n, &id) == ID_FORGED);
    token_refers(keys, data, n, &id);
    if (grant_decode(keys, data, n, arena, &g) == 0) {
        struct buf bytes = {0};
        grant_encode(&g, &bytes);
        FERRY_ASSERT(grant_decode(keys, (const uint8_t *)bytes.data, bytes.len, arena, &again) == 0);
        FERRY_ASSERT(g.size == again.size && g.deadline == again.deadline && g.expires == again.expires);
        FERRY_ASSERT(strcmp(g.name, again.name) == 0 && strcmp(g.desc, again.desc) == 0);
        buf_free(&bytes);
    }
    arena_put(arena);
    return 0;
}
