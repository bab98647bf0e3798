/* route.c: the table of URLs; see route.h. */
#include "http/route.h"

#include <string.h>

#include "http/external.h"

#define GET_HEAD (METHOD_GET | METHOD_HEAD)

static const struct route table[] = {
    {"f", GET_HEAD, ON_ALL, true, NULL, NULL, get_end},
    {"f", METHOD_POST, ON_ALL, true, post_begin, small_body, post_end},
    {"f", METHOD_DELETE, ON_ALL, true, NULL, NULL, delete_end},
    {"d", GET_HEAD, ON_ALL, true, NULL, NULL, get_end},
    {"d", METHOD_POST, ON_ALL, true, post_begin, small_body, post_end},
    {"u", METHOD_PUT | METHOD_POST, ON_ALL, true, put_begin, upload_body, upload_end, upload_options},
    {"u", METHOD_PATCH, ON_ALL, true, resume_begin, upload_body, upload_end},
    {"u", METHOD_HEAD, ON_ALL, true, NULL, NULL, resume_look},
    {"u", METHOD_DELETE, ON_ALL, true, NULL, NULL, resume_cancel},
    {"w", GET_HEAD, ON_PUBLIC | ON_ADMIN, false, NULL, NULL, asset_end},
    {"livez", GET_HEAD, ON_ALL, false, NULL, NULL, health_end},
    {"readyz", GET_HEAD, ON_ALL, false, NULL, NULL, health_end},
    {"metrics", GET_HEAD, ON_ADMIN | ON_SOCKET, false, NULL, NULL, metrics_end},
    {"api", GET_HEAD, ON_ADMIN | ON_SOCKET, false, api_begin, NULL, api_end},
    {"api", METHOD_POST, ON_ADMIN | ON_SOCKET, false, api_begin, small_body, api_end},
    {"admin", GET_HEAD, ON_ADMIN, false, admin_begin, NULL, admin_end},
    {"admin", METHOD_POST, ON_ADMIN, false, admin_begin, small_body, admin_end},
    {"", GET_HEAD, ON_PUBLIC | ON_ADMIN, false, NULL, NULL, root_end},
    {NULL, GET_HEAD | METHOD_DELETE, ON_ALL, true, NULL, NULL, external_end},
    {NULL, METHOD_POST, ON_ALL, true, post_begin, small_body, external_end},
    {NULL, METHOD_PUT, ON_ALL, true, external_put_begin, upload_body, upload_end},
};

static const struct {
    const char *name;
    enum http_method method;
} methods[] = {
    {"GET", METHOD_GET},     {"HEAD", METHOD_HEAD},     {"PUT", METHOD_PUT},
    {"POST", METHOD_POST},   {"DELETE", METHOD_DELETE}, {"OPTIONS", METHOD_OPTIONS},
    {"PATCH", METHOD_PATCH}, {"TRACE", METHOD_KNOWN},   {"CONNECT", METHOD_KNOWN},
};

enum http_method route_method(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (strcmp(name, methods[i].name) == 0)
            return methods[i].method;
    return METHOD_UNKNOWN;
}

static int where_of(const struct request *rq)
{
    return 1 << rq->conn->kind;
}

static bool serves(const struct route *r, const struct request *rq)
{
    if (!(r->where & where_of(rq)) || rq->uri.too_deep)
        return false;
    if (!r->first)
        return external_serves(rq);
    return r->first[0] == 0 ? rq->uri.n == 0 : uri_is(&rq->uri, 0, r->first);
}

enum refuse route_find(struct request *rq)
{
    bool seen = rq->uri.asterisk;

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (!serves(&table[i], rq))
            continue;
        seen = true;
        if (table[i].methods & rq->method) {
            rq->route = &table[i];
            return REFUSE_OK;
        }
    }
    if (rq->method == METHOD_UNKNOWN)
        return REFUSE_METHOD_UNKNOWN;
    return seen || rq->method == METHOD_KNOWN ? REFUSE_METHOD : REFUSE_NOT_FOUND;
}

void route_allow(const struct request *rq, struct buf *out, bool *cors)
{
    int mask = METHOD_OPTIONS;

    *cors = false;
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (rq->uri.asterisk || serves(&table[i], rq)) {
            mask |= table[i].methods;
            *cors |= table[i].cors && !rq->uri.asterisk;
        }
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (methods[i].method & mask & ~METHOD_KNOWN)
            buf_addf(out, "%s%s", out->len ? ", " : "", methods[i].name);
}

void route_options(struct request *rq, struct MHD_Response *r)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].options && serves(&table[i], rq) && !rq->uri.asterisk)
            table[i].options(rq, r);
}
