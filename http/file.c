/* file.c: see file.h. C38, rows 92 and 93. */
#include "http/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "http/disposition.h"
#include "http/reply.h"

#define CACHE_MOST (24 * 3600)

/* A small part is read and leaves together with the head in one segment; a large one leaves by sendfile. */
struct MHD_Response *file_body(int fd, const struct range *part)
{
    size_t n = (size_t)(part->last - part->first + 1);
    struct MHD_Response *r;
    char *data;
    ssize_t got;

    if (n > FILE_SMALL) {
        r = MHD_create_response_from_fd_at_offset64(n, fd, (uint64_t)part->first);
        FERRY_ASSERT(r != NULL);
        return r;
    }
    data = xmalloc(n ? n : 1);
    do
        got = pread(fd, data, n, part->first);
    while (got < 0 && errno == EINTR);
    close(fd);
    if (got != (ssize_t)n) {
        free(data);
        return NULL;
    }
    r = MHD_create_response_from_buffer(n, data, MHD_RESPMEM_MUST_FREE);
    FERRY_ASSERT(r != NULL);
    return r;
}

int64_t file_life(const struct transfer *t)
{
    int64_t life = t->expires ? (t->expires * 1000 - clock_wall_ms()) / 1000 : CACHE_MOST;

    if (t->purpose == PURPOSE_EPHEMERAL || t->once || life <= 0)
        return 0;
    return life > CACHE_MOST ? CACHE_MOST : life;
}

void file_cache(struct MHD_Response *r, const struct transfer *t)
{
    int64_t life = file_life(t);

    if (life == 0)
        reply_header(r, "Cache-Control", "no-store");
    else /* private: a removed file must not live on in a cache that many share */
        reply_headerf(r, "Cache-Control", "private, max-age=%lld, immutable", (long long)life);
}

/* Plain text is shown in the browser, which guesses an old encoding unless it is told: the beginning decides.
 */
static bool begins_as_utf8(int fd)
{
    char text[4096];
    ssize_t n = pread(fd, text, sizeof text, 0);

    if (n == (ssize_t)sizeof text) /* the last character may be cut */
        while (n > (ssize_t)sizeof text - 4 && ((unsigned char)text[n - 1] & 0xc0) == 0x80)
            n--;
    if (n > 0 && (unsigned char)text[n - 1] >= 0xc0)
        n--;
    return n > 0 && utf8_valid(text, (size_t)n);
}

const char *file_type(const struct transfer *t, int fd)
{
    const char *type = transfer_type(t);

    return strcmp(type, "text/plain") == 0 && begins_as_utf8(fd) ? "text/plain; charset=utf-8" : type;
}

void file_describe(struct MHD_Response *r, const struct transfer *t, const char *type, bool may_show)
{
    struct buf disposition = {0};

    disposition_header(&disposition, !may_show || !disposition_inline(type), t->name);
    reply_header(r, "Content-Disposition", disposition.data);
    reply_header(r, "Content-Type", type);
    buf_free(&disposition);
}

void file_deadline(struct request *rq, const struct transfer *t)
{
    int64_t left = t->expires * 1000 - clock_wall_ms();

    if (t->purpose == PURPOSE_EPHEMERAL && t->expires)
        conn_until(rq->conn, clock_mono_ms() + (left > 0 ? left : 0));
}
