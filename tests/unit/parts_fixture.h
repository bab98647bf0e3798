/* parts_fixture.h: uploads of SIZE known bytes that broke off and kept some, how they go on, and what must
 * come of them. For the unit tests of what breaks off. */
#ifndef FERRY_PARTS_FIXTURE_H
#define FERRY_PARTS_FIXTURE_H

#include "tests/unit/storage_fixture.h"

#include <openssl/evp.h>

enum { SIZE = 100000 };
static char data[SIZE];

static inline int parts_setup(void **state)
{
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 7 + i / 251);
    return fixture_setup_with(state, "[slots]\ncheckpoint = 64K\n");
}

static inline int64_t offset_of(struct fixture *f, const struct grant *g)
{
    struct transfer_progress p;
    assert_int_equal(transfer_progress(f->st, g, &p), REFUSE_OK);
    return p.offset;
}

/* A first attempt that kept n bytes. */
static inline struct grant kept(struct fixture *f, int64_t n)
{
    struct incoming *in;
    int64_t received;
    struct grant g = fixture_grant(f, SIZE);
    assert_int_equal(claim(f, &g, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_write(in, data, (size_t)n), REFUSE_OK);
    assert_int_equal(keep(&in, &received), REFUSE_OK);
    assert_null(in);
    assert_int_equal(received, n);
    return g;
}

static inline void goes_on(struct fixture *f, const struct grant *g, int64_t at)
{
    struct incoming *in;
    assert_int_equal(resume(f, g, at, 0, &in), REFUSE_OK);
    assert_int_equal(incoming_received(in), at);
    assert_int_equal(incoming_write(in, data + at, (size_t)(SIZE - at)), REFUSE_OK);
    struct incoming_end end = {.has_sha256 = true};
    EVP_Digest(data, SIZE, end.sha256, NULL, EVP_sha256(), NULL);
    assert_int_equal(commit(&in, &end), REFUSE_OK);
}

static inline void assert_stored(struct fixture *f, const struct grant *g)
{
    static char back[SIZE];
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    int fd;
    assert_int_equal(transfer_lookup(f->st, &g->id, arena, &t), REFUSE_OK);
    assert_int_equal(transfer_open(f->st, &t, &fd), REFUSE_OK);
    assert_int_equal(pread(fd, back, SIZE, 0), SIZE);
    assert_memory_equal(data, back, SIZE);
    close(fd);
    arena_put(arena);
    assert_int_equal(files_in(f, "tmp"), 0);
    assert_int_equal(totals(f).bytes, SIZE);
    assert_clean(f);
}

#endif
