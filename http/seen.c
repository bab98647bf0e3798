/* seen.c: see seen.h. Rows 77 to 83, and the table in doc/HTTP.md. */
#include "http/seen.h"

#include <string.h>

#include "http/head.h"
#include "http/route.h"
#include "storage/grant.h"

struct seen {
    struct request *rq;
    int fields, hosts, lengths, codings;
    bool bad_name;
};

/* A value without the blanks behind it, which libmicrohttpd leaves (RFC 9112 section 5.1). */
static const char *trimmed(struct request *rq, const char *value, size_t n)
{
    if (!value)
        return "";
    if (n == 0 || (value[n - 1] != ' ' && value[n - 1] != '\t'))
        return value;
    while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
        n--;
    return arena_strndup(rq->arena, value, n);
}

static enum MHD_Result see_field(void *cls, enum MHD_ValueKind kind, const char *name, size_t nn,
                                 const char *value, size_t nv)
{
    static const struct {
        const char *name;
        size_t at;
    } known[] = {
#define X(id, text) {text, offsetof(struct request_fields, id)},
        REQUEST_FIELDS(X)
#undef X
    };
    struct seen *seen = cls;

    seen->fields++;
    if (!head_is_token(name, nn))
        seen->bad_name = true;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (head_is(name, nn, known[i].name)) {
            const char **slot = (const char **)(void *)((char *)&seen->rq->f + known[i].at);
            if (!*slot && slot == &seen->rq->f.transfer_encoding) /* as libmicrohttpd took it */
                *slot = value ? value : "";
            else if (!*slot)
                *slot = trimmed(seen->rq, value, nv);
            else if (strncmp(known[i].name, "Upload-", 7) == 0)
                *slot = ""; /* an Item said twice is faulty as a whole (RFC 9651) */
            else if (slot == &seen->rq->f.forwarded_for && value) /* some proxies add a line of their own */
                *slot = arena_printf(seen->rq->arena, "%s,%s", *slot, value);
            seen->hosts += slot == &seen->rq->f.host;
            seen->lengths += slot == &seen->rq->f.content_length;
            seen->codings += slot == &seen->rq->f.transfer_encoding;
            break;
        }
    return MHD_YES;
}

static enum refuse check_framing(struct request *rq, const struct seen *seen, const char **detail)
{
    const struct request_fields *f = &rq->f;

    if (seen->fields > HEAD_FIELDS_MAX)
        return REFUSE_HEAD_TOO_LARGE;
    if (strlen(rq->target) > HEAD_URI_MAX)
        return REFUSE_URI_TOO_LONG;
    *detail = "The request's head is not well formed.";
    if (seen->bad_name || seen->hosts != 1 || seen->lengths > 1 || seen->codings > 1 ||
        (seen->lengths && seen->codings) || head_host_ok(f->host, strlen(f->host)) < 0)
        return REFUSE_BAD_REQUEST;
    if (f->transfer_encoding) {
        *detail = NULL;
        if (rq->http10)
            return REFUSE_BAD_REQUEST;
        if (!head_is(f->transfer_encoding, strlen(f->transfer_encoding), "chunked"))
            return REFUSE_CODING;
        rq->body_size = -1;
    }
    if (f->content_length) {
        enum refuse r = head_length(f->content_length, strlen(f->content_length), &rq->body_size);
        if (r != REFUSE_OK)
            return r;
    }
    *detail = NULL;
    if (f->expect && !head_is(f->expect, strlen(f->expect), "100-continue"))
        return REFUSE_EXPECT;
    return REFUSE_OK;
}

/* A body that comes past libmicrohttpd, which was not shown its length. */
static void see_bypass(struct seen *seen)
{
    struct request *rq = seen->rq;
    int64_t size = bypass_size(rq->conn);

    if (size == 0)
        return;
    rq->f.content_length = arena_printf(rq->arena, "%lld", (long long)size);
    rq->body_by = BODY_OFFERED;
    seen->lengths++;
}

enum refuse seen_check(struct request *rq, const char *method, const char **detail)
{
    struct seen seen = {.rq = rq};
    enum refuse r;

    *detail = NULL;
    rq->method = route_method(method);
    rq->method_name = arena_strdup(rq->arena, method);
    MHD_get_connection_values_n(rq->mhd, MHD_HEADER_KIND, see_field, &seen);
    see_bypass(&seen);
    r = check_framing(rq, &seen, detail);
    if (r == REFUSE_OK)
        r = uri_parse(rq->target, &rq->uri);
    if (r == REFUSE_OK && rq->conn->kind == LISTEN_PUBLIC)
        uri_strip(&rq->uri, link_path());
    if (r == REFUSE_OK && rq->uri.host && head_host_ok(rq->uri.host, rq->uri.host_len) < 0)
        r = REFUSE_BAD_REQUEST;
    return r;
}
