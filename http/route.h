/* route.h: the static table of URLs: {first path segment, methods, where it is served, steps}. One endpoint
 * is one file; finding the code for a URL takes no grep. The steps return what a libmicrohttpd handler
 * returns: MHD_YES, or MHD_NO to end the connection.
 */
#ifndef FERRY_HTTP_ROUTE_H
#define FERRY_HTTP_ROUTE_H

#include "http/request.h"
#include "storage/transfer.h"

enum { ON_PUBLIC = 1, ON_ADMIN = 2, ON_SOCKET = 4, ON_ALL = 7 };

struct route {
    const char *first; /* first path segment; "": the root itself; NULL: below [external] path */
    int methods;       /* of enum http_method */
    int where;
    bool cors;
    int (*begin)(struct request *rq);                            /* NULL: nothing to refuse early */
    int (*body)(struct request *rq, const char *data, size_t n); /* NULL: no body is taken */
    int (*end)(struct request *rq);
    /* What OPTIONS tells beside the methods; one route of a path has it. NULL: nothing. */
    void (*options)(struct request *rq, struct MHD_Response *r);
};

/* REFUSE_OK: rq->route is set. Else NOT_FOUND, METHOD (rq may then ask route_allow) or METHOD_UNKNOWN. */
enum refuse route_find(struct request *rq);
/* "GET, HEAD, OPTIONS": what the path takes. */
void route_allow(const struct request *rq, struct buf *out, bool *cors);
/* Adds what the path's OPTIONS tells. */
void route_options(struct request *rq, struct MHD_Response *r);
enum http_method route_method(const char *name);

int get_end(struct request *rq);
/* The answer to a GET or HEAD of this id, whatever the address it was asked by; NULL: a forged id. */
int get_id(struct request *rq, const struct ferry_id *id);
/* What GET answers of a file that cannot be had, to programs and to people. */
int get_refused(struct request *rq, enum refuse why, const struct transfer *t);
int post_begin(struct request *rq); /* POST /f/ID/NAME: the button of a one-time link, the owner's wishes */
int post_end(struct request *rq);
int post_id(struct request *rq, const struct ferry_id *id); /* called again after the wake */
int delete_end(struct request *rq);
int delete_id(struct request *rq, const struct ferry_id *id); /* called again after the wake */
int put_begin(struct request *rq); /* called again (after a wake), it goes on with any upload */
/* Begins an upload into a grant, whose texts live as long as the request. place: the path that the file will
 * be fetched from, percent-encoded, as long-lived; NULL: /f/ID/NAME. Then put_begin, upload_body, upload_end.
 */
int put_begin_grant(struct request *rq, const struct grant *g, const char *place);
int resume_begin(struct request *rq);
int upload_body(struct request *rq, const char *data, size_t n);
int upload_end(struct request *rq);
int resume_look(struct request *rq);
int resume_cancel(struct request *rq);
void upload_options(struct request *rq, struct MHD_Response *r);
int external_put_begin(struct request *rq);
int external_end(struct request *rq); /* of all but PUT */
int api_begin(struct request *rq);
int api_end(struct request *rq);
int admin_begin(struct request *rq);
int admin_end(struct request *rq);
int health_end(struct request *rq);
int metrics_end(struct request *rq);
int asset_end(struct request *rq);
int root_end(struct request *rq);
int small_body(struct request *rq, const char *data, size_t n); /* gathers into rq->body */

#endif
