/* bytes_fixture.h: the byte store alone, in a temporary folder. */
#ifndef FERRY_BYTES_FIXTURE_H
#define FERRY_BYTES_FIXTURE_H

#include "tests/unit/storage_fixture.h"

#include <fcntl.h>

#include "storage/spool.h"

struct bytes {
    char dir[64];
    int fd;
    struct spool *sp;
};

static inline struct ferry_id an_id(char first)
{
    struct ferry_id id;
    memset(id.text, 'x', ID_LEN);
    id.text[0] = first;
    id.text[ID_LEN] = '\0';
    return id;
}

static inline int bytes_setup(void **state)
{
    struct bytes *b = calloc(1, sizeof *b);
    struct buf why = {0};
    const char *tmp = getenv("TMPDIR");
    snprintf(b->dir, sizeof b->dir, "%s/ferry-spool-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    assert_non_null(mkdtemp(b->dir));
    b->fd = open(b->dir, O_RDONLY | O_DIRECTORY);
    b->sp = spool_open(b->fd, &why);
    assert_non_null(b->sp);
    *state = b;
    return 0;
}

static inline int bytes_teardown(void **state)
{
    struct bytes *b = *state;
    char *command = xasprintf("rm -rf '%s'", b->dir);
    spool_close(&b->sp);
    close(b->fd);
    assert_int_equal(system(command), 0);
    free(command);
    free(b);
    return 0;
}

static inline enum refuse put(struct bytes *b, const struct ferry_id *id, int attempt, const char *text)
{
    struct spool_writer *w;
    enum refuse r = spool_create(b->sp, id, attempt, (int64_t)strlen(text), true, &w);
    if (r != REFUSE_OK)
        return r;
    assert_int_equal(spool_append(w, text, strlen(text)), REFUSE_OK);
    r = spool_publish(&w);
    assert_true((w == NULL) == (r == REFUSE_OK));
    spool_discard(&w);
    return r;
}

#endif
