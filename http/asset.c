/* asset.c: GET /w/NAME: style sheet, script and picture of our pages, from the binary. */
#include <stdio.h>
#include <string.h>

#include "http/problem.h"
#include "http/reply.h"
#include "http/route.h"
#include "web/web.h"

int asset_end(struct request *rq)
{
    const char *name = "";
    const struct web_asset *a;
    struct MHD_Response *r;
    char etag[24];

    if (rq->uri.n != 2 || uri_segment(&rq->uri, 1, rq->arena, &name) != REFUSE_OK ||
        !(a = web_asset_find(name)))
        return problem_send(rq, REFUSE_NOT_FOUND, NULL);
    snprintf(etag, sizeof etag, "\"%s\"", a->version);
    bool same = rq->f.if_none_match && strcmp(rq->f.if_none_match, etag) == 0;
    r = MHD_create_response_from_buffer(same ? 0 : a->len, (void *)(uintptr_t)a->data,
                                        MHD_RESPMEM_PERSISTENT);
    FERRY_ASSERT(r != NULL);
    reply_header(r, "Content-Type", a->type);
    reply_header(r, "ETag", etag);
    reply_header(r, "Cache-Control", "public, max-age=31536000, immutable");
    reply_header(r, "Cross-Origin-Resource-Policy", "same-origin");
    return reply_send(rq, same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, REPLY_DATA, r);
}
